"""Presynaptic spikes paired with postsynaptic ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import Parameter, PartError
from mgsim.parts.mechanisms.calcium_rule import POST_SPIKE
from mgsim.protocols.chosen import APART, chosen


def _paired(number: float, rate: float, start: float) -> tuple[Parameter, ...]:
    return (
        chosen("pair_number", number, "1", "number of pairings", (0, 1000), whole=True),
        chosen("pair_rate", rate, "Hz", "pairings a second", (0.01, 100), nonzero=APART),
        chosen("pair_start", start, "ms", "time of the first presynaptic spike", (0, 1e6)),
    )


_DELAY = chosen(
    "post_delay",
    10.0,
    "ms",
    "from a presynaptic spike to the postsynaptic pulse; below 0 the pulse comes first",
    (-200, 200),
)
_PAIRS = _paired(5.0, 10.0, 100.0)
_PULSE = (
    *_PAIRS,
    _DELAY,
    chosen("post_width", 2.0, "ms", "duration of the postsynaptic pulse", (0.05, 100)),
)


def _starts(values: Mapping[str, float]) -> np.ndarray:
    pairs = np.arange(round(values["pair_number"])) * (1000 / values["pair_rate"])
    return pairs + values["pair_start"]


def _pre(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    times = _starts(values)
    return times[times < duration]


def _post(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    times = _starts(values) + values["post_delay"]
    if np.any(times < 0):
        raise PartError(
            f"a postsynaptic pulse would come at {times.min():g} ms, before the run begins: "
            "pair_start + post_delay is at least 0"
        )
    return times[times < duration]


def _post_end(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    times = _post(values, duration, rng) + values["post_width"]
    return times[times < duration]


_PULSES = (
    Event("post", "a postsynaptic pulse begins"),
    Event("post_end", "a postsynaptic pulse ends"),
)

pairing = Protocol(
    "pairing",
    "presynaptic spikes, each paired with a short pulse of current at a stated interval",
    1000.0,
    window=("pair_start + clip(post_delay, -1*s, 0*s)", np.inf),
    stimuli=(
        Component(
            "pairing",
            "stimulus",
            "short pulses of injected current",
            equations="dpost_on/dt = 0/s : 1  # pulses that are on\n"
            "i_pairing = -i_pulse*int(post_on > 0.5) : pA  # injected current, outward positive",
            parameters=(
                chosen("i_pulse", 4000.0, "pA", "current of the postsynaptic pulse", (0, 20000)),
            ),
            currents={"i_pairing": "k"},
            on_event={"post": "post_on += 1", "post_end": "post_on -= 1"},
            events=_PULSES,
        ),
    ),
    events={
        "pre": Train(_PAIRS, _pre),
        "post": Train(_PULSE, _post),
        "post_end": Train(_PULSE, _post_end),
    },
    inputs=_PULSES,
)


def _spikes(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    return _post(values, duration, rng)


_ONE_PAIR = _paired(1.0, 1.0, 300.0)

clamped_pairing = Protocol(
    "clamped_pairing",
    "presynaptic spikes, each paired with a back-propagating action potential as the command "
    "potential",
    600.0,
    window=("pair_start + clip(post_delay, -1*s, 0*s)", np.inf),
    stimuli=(
        Component(
            "clamped_pairing",
            "stimulus",
            "a command potential with the shape of action potentials",
            equations="""
dbap_fast/dt = -bap_fast/tau_bap_fast : 1  # fast part of the action potentials
dbap_slow/dt = -bap_slow/tau_bap_slow : 1  # slow part of the action potentials
v_command = v_hold + bap_height*(bap_fast + bap_slow) : mV  # command potential
""",
            parameters=(
                chosen("v_hold", -70.0, "mV", "command potential at rest", (-120, 80)),
                chosen("bap_height", 100.0, "mV", "height of an action potential", (0, 130)),
                chosen(
                    "bap_fast_share",
                    0.75,
                    "1",
                    "share of an action potential that falls fast",
                    (0, 1),
                ),
                chosen("tau_bap_fast", 3.0, "ms", "time constant of the fast fall", (0.3, 20)),
                chosen("tau_bap_slow", 25.0, "ms", "time constant of the slow fall", (1, 200)),
            ),
            on_event={"post_spike": "bap_fast += bap_fast_share; bap_slow += 1 - bap_fast_share"},
            events=(POST_SPIKE,),
        ),
    ),
    events={"pre": Train(_ONE_PAIR, _pre), "post_spike": Train((*_ONE_PAIR, _DELAY), _spikes)},
    inputs=(POST_SPIKE,),
)
