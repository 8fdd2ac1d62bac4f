"""Command potentials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.protocols.chosen import chosen
from mgsim.protocols.trains import single_pulse

voltage_clamp = Protocol(
    "voltage_clamp",
    "a constant command potential",
    500.0,
    window=(-100.0, np.inf),
    stimuli=(
        Component(
            "voltage_clamp",
            "stimulus",
            "a constant command potential",
            equations="v_command = v_hold : mV  # command potential",
            parameters=(chosen("v_hold", -60.0, "mV", "command potential", (-120, 80)),),
        ),
    ),
)

voltage_step = Protocol(
    "voltage_step",
    "a step of the command potential",
    500.0,
    window=("step_start", np.inf),
    stimuli=(
        Component(
            "voltage_step",
            "stimulus",
            "a step of the command potential",
            equations="v_command = v_hold + (v_step - v_hold)*int(t > step_start)"
            "*int(t < step_stop) : mV  # command potential",
            parameters=(
                chosen("v_hold", -60.0, "mV", "command potential outside the step", (-120, 80)),
                chosen("v_step", 40.0, "mV", "command potential during the step", (-120, 80)),
                chosen("step_start", 100.0, "ms", "start of the voltage step", (0, 1e6)),
                chosen("step_stop", 300.0, "ms", "end of the voltage step", (0, 1e6)),
            ),
        ),
    ),
)

clamped_release = replace(
    voltage_step,
    name="clamped_release",
    events=single_pulse.events,
    meaning="one presynaptic spike, and a step of the command potential",
    window=("clip(train_start, 0*ms, step_start)", np.inf),
)

voltage_ramp = Protocol(
    "voltage_ramp",
    "a linear ramp of the command potential (I-V)",
    2000.0,
    stimuli=(
        Component(
            "voltage_ramp",
            "stimulus",
            "a linear ramp of the command potential",
            equations="v_command = v_from + (v_to - v_from)*clip(t/ramp_time, 0, 1) : mV"
            "  # command potential",
            parameters=(
                chosen("v_from", -100.0, "mV", "potential at the start of the ramp", (-120, 80)),
                chosen("v_to", 60.0, "mV", "potential at the end of the ramp", (-120, 80)),
                chosen("ramp_time", 2000.0, "ms", "duration of the ramp", (1, 1e6)),
            ),
        ),
    ),
)
