"""Injected currents."""

from __future__ import annotations

import numpy as np

from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.protocols.chosen import chosen

current_step = Protocol(
    "current_step",
    "a step of injected current",
    1000.0,
    window=("step_start", "step_stop"),
    stimuli=(
        Component(
            "current_step",
            "stimulus",
            "a step of injected current",
            equations="i_electrode = -i_amp*int(t > step_start)*int(t < step_stop) : pA"
            "  # injected current, outward positive",
            parameters=(
                chosen("i_amp", 750.0, "pA", "amplitude of the current step", (-2000, 5000)),
                chosen("step_start", 300.0, "ms", "start of the current step", (0, 1e6)),
                chosen("step_stop", 700.0, "ms", "end of the current step", (0, 1e6)),
            ),
            currents={"i_electrode": "k"},
        ),
    ),
)

current = Protocol(
    "current",
    "a constant injected current",
    1000.0,
    window=(-500.0, np.inf),
    stimuli=(
        Component(
            "current",
            "stimulus",
            "a constant injected current",
            equations="i_holding = -i_hold : pA  # injected current, outward positive",
            parameters=(chosen("i_hold", 0.0, "pA", "constant injected current", (-2000, 5000)),),
            currents={"i_holding": "k"},
        ),
    ),
)
