"""What is done to a model: clamps, currents, trains, glutamate, magnesium steps.

A step of current is measured while it lasts, what holds still late in the run, and everything else
from its onset to the end of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mgsim.component import Component
from mgsim.model import Protocol, Train
from mgsim.parameter import Parameter


def _parameter(
    name: str, value: float, unit: str, meaning: str, range: tuple[float, float]
) -> Parameter:
    return Parameter(name, value, unit, meaning, "assumed: choice of the experimenter", range)


def _regular(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    if values["train_rate"] == 0:
        return np.empty(0)
    interval = 1000 / values["train_rate"]
    times = values["train_start"] + interval * np.arange(np.ceil(duration / interval) + 1)
    return times[times < min(duration, values["train_stop"])]


def _poisson(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    rate = values["train_rate"] / 1000
    stop = min(duration, values["train_stop"])
    times: list[float] = []
    now = values["train_start"]
    while rate > 0:
        now += rng.exponential(1 / rate)
        if now >= stop:
            break
        times.append(now)
    return np.array(times)


def _single(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    return np.array([t for t in (values["train_start"],) if t < duration])


def _start(value: float, meaning: str) -> Parameter:
    return _parameter("train_start", value, "ms", meaning, (0, 1e6))


def train(
    name: str,
    meaning: str,
    rate: float,
    duration: float,
    *,
    poisson: bool = False,
    start: float = 50.0,
) -> Protocol:
    """Presynaptic spikes at ``rate`` Hz from ``start`` ms, regular or Poisson."""
    parameters = (
        _parameter("train_rate", rate, "Hz", "rate of presynaptic spikes", (0, 200)),
        _start(
            start,
            "start of the presynaptic train" if poisson else "time of the first presynaptic spike",
        ),
        _parameter("train_stop", 1e6, "ms", "end of the presynaptic train", (0, 1e6)),
    )
    times = _poisson if poisson else _regular
    return Protocol(
        name,
        meaning,
        duration,
        events={"pre": Train(parameters, times)},
        window=("train_start", np.inf),
    )


train_20hz = train("train_20hz", "regular presynaptic train at 20 Hz", 20.0, 1000.0)
train_80hz = train("train_80hz", "regular presynaptic train at 80 Hz", 80.0, 1000.0)
poisson_20hz = train(
    "poisson_20hz",
    "Poisson presynaptic train at 20 Hz, one train a seed",
    20.0,
    1000.0,
    poisson=True,
)
single_pulse = Protocol(
    "single_pulse",
    "one presynaptic spike",
    500.0,
    events={"pre": Train((_start(50.0, "time of the presynaptic spike"),), _single)},
    window=("train_start", np.inf),
)

rest = Protocol("rest", "nothing is done", 1000.0, window=(-500.0, np.inf))

current_step = Protocol(
    "current_step",
    "a step of injected current",
    1000.0,
    window=("step_start", "step_stop"),
    stimulus=Component(
        "current_step",
        "stimulus",
        "a step of injected current",
        equations="i_step = i_amp*int(t > step_start)*int(t < step_stop) : pA  # injected current",
        parameters=(
            _parameter("i_amp", 750.0, "pA", "amplitude of the current step", (-2000, 5000)),
            _parameter("step_start", 300.0, "ms", "start of the current step", (0, 1e6)),
            _parameter("step_stop", 700.0, "ms", "end of the current step", (0, 1e6)),
        ),
        adds={"i_stim": "i_step"},
    ),
)

voltage_clamp = Protocol(
    "voltage_clamp",
    "a constant command potential",
    500.0,
    window=(-100.0, np.inf),
    stimulus=Component(
        "voltage_clamp",
        "stimulus",
        "a constant command potential",
        equations="v_command = v_hold : mV  # command potential",
        parameters=(_parameter("v_hold", -60.0, "mV", "command potential", (-120, 80)),),
    ),
)

voltage_step = Protocol(
    "voltage_step",
    "a step of the command potential",
    500.0,
    window=("step_start", np.inf),
    stimulus=Component(
        "voltage_step",
        "stimulus",
        "a step of the command potential",
        equations="v_command = v_hold + (v_step - v_hold)*int(t > step_start)*int(t < step_stop)"
        " : mV  # command potential",
        parameters=(
            _parameter("v_hold", -60.0, "mV", "command potential outside the step", (-120, 80)),
            _parameter("v_step", 40.0, "mV", "command potential during the step", (-120, 80)),
            _parameter("step_start", 100.0, "ms", "start of the voltage step", (0, 1e6)),
            _parameter("step_stop", 300.0, "ms", "end of the voltage step", (0, 1e6)),
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
    stimulus=Component(
        "voltage_ramp",
        "stimulus",
        "a linear ramp of the command potential",
        equations="v_command = v_from + (v_to - v_from)*clip(t/ramp_time, 0, 1) : mV"
        "  # command potential",
        parameters=(
            _parameter("v_from", -100.0, "mV", "potential at the start of the ramp", (-120, 80)),
            _parameter("v_to", 60.0, "mV", "potential at the end of the ramp", (-120, 80)),
            _parameter("ramp_time", 2000.0, "ms", "duration of the ramp", (1, 1e6)),
        ),
    ),
)

tonic_glutamate = Protocol(
    "tonic_glutamate",
    "a constant concentration of glutamate",
    2000.0,
    window=(-1000.0, np.inf),
    stimulus=Component(
        "tonic_glutamate",
        "stimulus",
        "ambient glutamate",
        parameters=(_parameter("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),),
        adds={"glu_ambient": "glu_tonic"},
    ),
)

glutamate_pulse = Protocol(
    "glutamate_pulse",
    "a square pulse of glutamate applied to the cell",
    1000.0,
    window=("pulse_start", np.inf),
    stimulus=Component(
        "glutamate_pulse",
        "stimulus",
        "applied glutamate",
        equations="glu_applied = glu_amp*int(t > pulse_start)*int(t < pulse_start + pulse_width)"
        " : mM  # applied glutamate",
        parameters=(
            _parameter("glu_amp", 1.0, "mM", "glutamate during the pulse", (0, 10)),
            _parameter("pulse_start", 50.0, "ms", "start of the glutamate pulse", (0, 1e6)),
            _parameter("pulse_width", 1.0, "ms", "duration of the glutamate pulse", (0.1, 1e5)),
        ),
        adds={"glu_ambient": "glu_applied"},
    ),
)

_MG_STEP = (
    _parameter("mg_before", 0.8, "mM", "magnesium before the change", (0, 10)),
    _parameter("mg_after", 0.05, "mM", "magnesium after the change", (0, 10)),
    _parameter("mg_start", 1000.0, "ms", "time at which magnesium changes", (0, 1e6)),
)

mg_step = Protocol(
    "mg_step",
    "tonic glutamate while magnesium steps to another level",
    3000.0,
    window=("mg_start", np.inf),
    stimulus=Component(
        "mg_step",
        "stimulus",
        "a step of magnesium under tonic glutamate",
        equations="mg_out = mg_before + (mg_after - mg_before)*int(t > mg_start) : mM"
        "  # extracellular free magnesium",
        parameters=(*_MG_STEP, _parameter("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10))),
        adds={"glu_ambient": "glu_tonic"},
    ),
)

mg_ramp = Protocol(
    "mg_ramp",
    "tonic glutamate while magnesium goes linearly to another level",
    3000.0,
    window=("mg_start", np.inf),
    stimulus=Component(
        "mg_ramp",
        "stimulus",
        "a ramp of magnesium under tonic glutamate",
        equations="mg_out = mg_before + (mg_after - mg_before)*clip((t - mg_start)/mg_time, 0, 1)"
        " : mM  # extracellular free magnesium",
        parameters=(
            *_MG_STEP,
            _parameter("mg_time", 1000.0, "ms", "duration of the change", (1, 1e6)),
            _parameter("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),
        ),
        adds={"glu_ambient": "glu_tonic"},
    ),
)
