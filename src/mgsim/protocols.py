"""What is done to a model: clamps, currents, trains, glutamate, magnesium steps.

A step of current is measured while it lasts, what holds still late in the run, and everything else
from its onset to the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mgsim.catalogs import look_up
from mgsim.compose.protocol import Protocol, Train
from mgsim.declare import changes
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import Port
from mgsim.parts.mechanisms.calcium_rule import POST_SPIKE


def _parameter(
    name: str, value: float, unit: str, meaning: str, range: tuple[float, float], **more: Any
) -> Parameter:
    source = "assumed: choice of the experimenter"
    return Parameter(name, value, unit, meaning, source, range, **more)


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


def _inhibitory(values: Mapping[str, float], duration: float, rng: Any) -> np.ndarray:
    of = {name.replace("inhibition", "train"): value for name, value in values.items()}
    return _regular(of, duration, rng)


inhibition_20hz = Protocol(
    "inhibition_20hz",
    "regular train of inhibitory spikes at 20 Hz, to be added to one of excitatory spikes",
    1000.0,
    events={
        "inhibition": Train(
            (
                _parameter("inhibition_rate", 20.0, "Hz", "rate of inhibitory spikes", (0, 200)),
                _parameter(
                    "inhibition_start", 53.0, "ms", "time of the first inhibitory spike", (0, 1e6)
                ),
                _parameter("inhibition_stop", 1e6, "ms", "end of the inhibitory train", (0, 1e6)),
            ),
            _inhibitory,
        )
    },
    window=("inhibition_start", np.inf),
)
single_pulse = Protocol(
    "single_pulse",
    "one presynaptic spike",
    500.0,
    events={"pre": Train((_start(50.0, "time of the presynaptic spike"),), _single)},
    window=("train_start", np.inf),
)


#: Why a rate cannot be 0.
_APART = "events would never come; give a number of 0 for none"


def _bursts(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    starts = np.arange(round(values["burst_number"])) * (1000 / values["burst_rate"])
    inside = np.arange(round(values["burst_spikes"])) * (1000 / values["burst_within"])
    times = np.sort(np.add.outer(starts, inside).ravel()) + values["burst_start"]
    return times[times < duration]


theta_burst = Protocol(
    "theta_burst",
    "theta bursts: short presynaptic bursts at the theta rhythm",
    2500.0,
    window=("burst_start", np.inf),
    events={
        "pre": Train(
            (
                _parameter("burst_rate", 5.0, "Hz", "bursts a second", (0.1, 20), nonzero=_APART),
                _parameter("burst_number", 10.0, "1", "number of bursts", (0, 1000), whole=True),
                _parameter(
                    "burst_spikes", 4.0, "1", "presynaptic spikes in a burst", (0, 100), whole=True
                ),
                _parameter(
                    "burst_within",
                    100.0,
                    "Hz",
                    "rate of spikes in a burst",
                    (10, 500),
                    nonzero=_APART,
                ),
                _parameter("burst_start", 100.0, "ms", "start of the first burst", (0, 1e6)),
            ),
            _bursts,
        )
    },
)


def _paired(number: float, rate: float, start: float) -> tuple[Parameter, ...]:
    return (
        _parameter("pair_number", number, "1", "number of pairings", (0, 1000), whole=True),
        _parameter("pair_rate", rate, "Hz", "pairings a second", (0.01, 100), nonzero=_APART),
        _parameter("pair_start", start, "ms", "time of the first presynaptic spike", (0, 1e6)),
    )


_DELAY = _parameter(
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
    _parameter("post_width", 2.0, "ms", "duration of the postsynaptic pulse", (0.05, 100)),
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
                _parameter(
                    "i_pulse", 4000.0, "pA", "current of the postsynaptic pulse", (0, 20000)
                ),
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
                _parameter("v_hold", -70.0, "mV", "command potential at rest", (-120, 80)),
                _parameter("bap_height", 100.0, "mV", "height of an action potential", (0, 130)),
                _parameter(
                    "bap_fast_share",
                    0.75,
                    "1",
                    "share of an action potential that falls fast",
                    (0, 1),
                ),
                _parameter("tau_bap_fast", 3.0, "ms", "time constant of the fast fall", (0.3, 20)),
                _parameter("tau_bap_slow", 25.0, "ms", "time constant of the slow fall", (1, 200)),
            ),
            on_event={"post_spike": "bap_fast += bap_fast_share; bap_slow += 1 - bap_fast_share"},
            events=(POST_SPIKE,),
        ),
    ),
    events={"pre": Train(_ONE_PAIR, _pre), "post_spike": Train((*_ONE_PAIR, _DELAY), _spikes)},
    inputs=(POST_SPIKE,),
)

rest = Protocol("rest", "nothing is done", 1000.0, window=(-500.0, np.inf))

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
                _parameter("i_amp", 750.0, "pA", "amplitude of the current step", (-2000, 5000)),
                _parameter("step_start", 300.0, "ms", "start of the current step", (0, 1e6)),
                _parameter("step_stop", 700.0, "ms", "end of the current step", (0, 1e6)),
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
            parameters=(
                _parameter("i_hold", 0.0, "pA", "constant injected current", (-2000, 5000)),
            ),
            currents={"i_holding": "k"},
        ),
    ),
)


@dataclass(frozen=True)
class _Ticks:
    """Equal times; ``apart``: the parameter that says how far."""

    apart: str

    def __call__(self, values: Mapping[str, float], duration: float, rng: Any) -> np.ndarray:
        step = values[self.apart]
        return np.arange(np.ceil(duration / step)) * step


def _drawn(name: str) -> tuple[Parameter, tuple[Event, ...], dict[str, Train]]:
    """How long noise keeps a value, the event at which it takes the next, and its train."""
    step = _parameter(
        f"{name}_step",
        0.1,
        "ms",
        "how long the noise keeps a value, whatever the step is",
        (0.01, 10),
    )
    draw = Port(f"{name}_draw", "1", "a number between 0 and 1, drawn for each value")
    event = Event(name, "the noise takes its next value", carries=(draw,))
    return step, (event,), {name: Train((step,), _Ticks(step.name))}


def _next(x: str, noise: str, tau: str, wave: str) -> str:
    """An Ornstein-Uhlenbeck process of variance 1 at its next time: exact, whatever lies between.

    ``wave`` is cos or sin: the two of one pair of chances are independent.
    """
    kept = f"{noise}_step/{tau}"
    return (
        f"{x} = {x}*{noise}_begun*exp(-{kept}) + sqrt(1 - {noise}_begun*exp(-2*{kept}))"
        f"*sqrt(-2*log({noise}_draw_1))*{wave}(2*pi*{noise}_draw_2)"
    )


_STEP, _NOISE, _TRAIN = _drawn("noise")

noise = Protocol(
    "noise",
    "an injected current that fluctuates: a mean and Ornstein-Uhlenbeck noise, by the seed",
    2000.0,
    stimuli=(
        Component(
            "noise",
            "noise",
            "Ornstein-Uhlenbeck current",
            equations="dx_noise/dt = 0/s : 1  # noise over its standard deviation\n"
            "dnoise_begun/dt = 0/s : 1  # whether the noise has a value\n"
            "i_noise = -(noise_mean + noise_sd*x_noise) : pA  # injected current, outward positive",
            parameters=(
                _parameter("noise_mean", 0.0, "pA", "mean of the current", (-2000, 5000)),
                _parameter("noise_sd", 100.0, "pA", "standard deviation of the current", (0, 2000)),
                _parameter("noise_tau", 3.0, "ms", "correlation time of the current", (0.1, 1000)),
                _STEP,
            ),
            currents={"i_noise": "k"},
            on_event={"noise": f"{_next('x_noise', 'noise', 'noise_tau', 'cos')}; noise_begun = 1"},
            chances={"noise": 2},
            events=_NOISE,
        ),
    ),
    events=_TRAIN,
    inputs=_NOISE,
)

_GSTEP, _GNOISE, _GTRAIN = _drawn("background")


def _background(
    name: str, value: float, unit: str, meaning: str, range: tuple[float, float]
) -> Parameter:
    source = "destexhe_2001: point-conductance model, as the authors' file Gfluct.mod has it"
    return Parameter(name, value, unit, meaning, source, range)


conductance_noise = Protocol(
    "conductance_noise",
    "synaptic background: excitatory and inhibitory conductances that fluctuate, by the seed",
    2000.0,
    stimuli=(
        Component(
            "conductance_noise",
            "background",
            "Ornstein-Uhlenbeck conductances, cut at 0",
            equations="dx_excitation/dt = 0/s : 1  # excitation off its mean, in its sd\n"
            "dx_inhibition/dt = 0/s : 1  # inhibition off its mean, in its sd\n"
            "dbackground_begun/dt = 0/s : 1  # whether the noise has a value\n"
            "g_excitation = clip(exc_mean + exc_sd*x_excitation, 0*nS, 1e9*nS) : nS"
            "  # excitatory background conductance\n"
            "g_inhibition = clip(inh_mean + inh_sd*x_inhibition, 0*nS, 1e9*nS) : nS"
            "  # inhibitory background conductance\n"
            "i_excitation = g_excitation*(v - exc_e) : pA  # excitatory background current\n"
            "i_inhibition = g_inhibition*(v - inh_e) : pA  # inhibitory background current",
            parameters=(
                _background("exc_mean", 12.1, "nS", "mean excitation, were it not cut", (0, 200)),
                _background("exc_sd", 3.0, "nS", "its standard deviation, likewise", (0, 100)),
                _background("exc_tau", 2.728, "ms", "correlation time of excitation", (0.1, 1000)),
                _background("exc_e", 0.0, "mV", "reversal potential of excitation", (-20, 20)),
                _background("inh_mean", 57.3, "nS", "mean inhibition, were it not cut", (0, 500)),
                _background("inh_sd", 6.6, "nS", "its standard deviation, likewise", (0, 200)),
                _background("inh_tau", 10.49, "ms", "correlation time of inhibition", (0.1, 1000)),
                _background("inh_e", -75.0, "mV", "reversal potential of inhibition", (-95, -50)),
                _GSTEP,
            ),
            currents={"i_excitation": "", "i_inhibition": "cl"},
            on_event={
                "background": f"{_next('x_excitation', 'background', 'exc_tau', 'cos')}; "
                f"{_next('x_inhibition', 'background', 'inh_tau', 'sin')}; background_begun = 1"
            },
            chances={"background": 2},
            events=_GNOISE,
            references=("destexhe_2001",),
            deviations="The means are those of a cell of 34636 um2: scale them with the membrane.",
        ),
    ),
    events=_GTRAIN,
    inputs=_GNOISE,
    references=("destexhe_2001",),
)

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
            parameters=(_parameter("v_hold", -60.0, "mV", "command potential", (-120, 80)),),
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
                _parameter("v_hold", -60.0, "mV", "command potential outside the step", (-120, 80)),
                _parameter("v_step", 40.0, "mV", "command potential during the step", (-120, 80)),
                _parameter("step_start", 100.0, "ms", "start of the voltage step", (0, 1e6)),
                _parameter("step_stop", 300.0, "ms", "end of the voltage step", (0, 1e6)),
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
                _parameter(
                    "v_from", -100.0, "mV", "potential at the start of the ramp", (-120, 80)
                ),
                _parameter("v_to", 60.0, "mV", "potential at the end of the ramp", (-120, 80)),
                _parameter("ramp_time", 2000.0, "ms", "duration of the ramp", (1, 1e6)),
            ),
        ),
    ),
)

tonic_glutamate = Protocol(
    "tonic_glutamate",
    "a constant concentration of glutamate",
    2000.0,
    window=(-1000.0, np.inf),
    stimuli=(
        Component(
            "tonic_glutamate",
            "stimulus",
            "ambient glutamate",
            parameters=(_parameter("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),),
            adds={"glu_ambient": "glu_tonic"},
        ),
    ),
)


def _applied(
    name: str, meaning: str, values: tuple[float, float, float], duration: float
) -> Protocol:
    """Glutamate applied from a start (ms) on, for a width (ms): amplitude (mM), start, width."""
    amp, start, width = values
    return Protocol(
        name,
        meaning,
        duration,
        window=("pulse_start", np.inf),
        stimuli=(
            Component(
                name,
                "stimulus",
                "applied glutamate",
                equations="glu_applied = glu_amp*int(t > pulse_start)"
                "*int(t < pulse_start + pulse_width) : mM  # applied glutamate",
                parameters=(
                    _parameter("glu_amp", amp, "mM", "glutamate during the pulse", (0, 10)),
                    _parameter(
                        "pulse_start", start, "ms", "start of the glutamate pulse", (0, 1e6)
                    ),
                    _parameter(
                        "pulse_width", width, "ms", "duration of the glutamate pulse", (0.1, 1e6)
                    ),
                ),
                adds={"glu_ambient": "glu_applied"},
            ),
        ),
    )


glutamate_pulse = _applied(
    "glutamate_pulse", "a square pulse of glutamate applied to the cell", (1.0, 50.0, 1.0), 1000.0
)
glutamate_exposure = _applied(
    "glutamate_exposure",
    "exposure to glutamate for a minute, held by a bath as in cultures",
    (0.1, 10_000.0, 60_000.0),
    90_000.0,
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
    stimuli=(
        Component(
            "mg_step",
            "stimulus",
            "a step of magnesium under tonic glutamate",
            equations="mg_out = mg_before + (mg_after - mg_before)*int(t > mg_start) : mM"
            "  # extracellular free magnesium",
            parameters=(
                *_MG_STEP,
                _parameter("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),
            ),
            adds={"glu_ambient": "glu_tonic"},
        ),
    ),
)

potassium_bath = replace(
    rest.changing(k_bath=changes.step(15.0, "0 s")),
    name="potassium_bath",
    meaning="high potassium in the bath, for a cell whose ions move: spreading depolarisation",
    duration=100_000.0,
    window=None,
)

_KICK = Event(
    "kick",
    "the potential is kicked up or down",
    carries=(Port("kick_draw", "1", "a number between 0 and 1, drawn for each kick"),),
)
_EVERY = _parameter("kick_every", 100.0, "ms", "time between kicks", (1, 1e5), nonzero=_APART)

kicks = Protocol(
    "kicks",
    "small kicks of the potential, up or down by the seed, to be added to what is done: without "
    "any, how long a cell stays depolarised is set by rounding",
    1000.0,
    stimuli=(
        Component(
            "kicks",
            "kicks",
            "jumps of the potential",
            parameters=(_parameter("kick_size", 0.01, "mV", "size of a kick", (0, 5)), _EVERY),
            on_event={"kick": "v += kick_size*(1 - 2*int(kick_draw > 0.5))"},
            events=(_KICK,),
            deviations="The charge of a kick is that of no ion.",
        ),
    ),
    events={"kick": Train((_EVERY,), _Ticks(_EVERY.name))},
    inputs=(_KICK,),
)

energy_failure = replace(
    rest.changing(supply=changes.ramp(0.0, "20 s", "15 s", "75 s")),
    name="energy_failure",
    meaning="the energy supply fails within 15 s, for a minute: oxygen and glucose deprivation of "
    "a cell whose ions move",
    duration=100_000.0,
    window=None,
    references=("hubel_2017",),
)

supply_off = replace(
    rest.changing(supply=changes.step(0.0, "20 s", "29.5 s")),
    name="supply_off",
    meaning="all that spends energy stops at once and comes back, for a cell whose ions move: its "
    "pump, and the exchange with a bath or blood where it has one",
    duration=130_000.0,
    window=None,
    references=("hubel_2014", "hubel_2016"),
)

anoxia = replace(
    rest.changing(o2_bath=changes.step(0.0, "0 s")),
    name="anoxia",
    meaning="the bath loses its oxygen, for a cell with oxygen of its own",
    duration=20_000.0,
    window=None,
    references=("wei_2014",),
)

mg_ramp = Protocol(
    "mg_ramp",
    "tonic glutamate while magnesium goes linearly to another level",
    3000.0,
    window=("mg_start", np.inf),
    stimuli=(
        Component(
            "mg_ramp",
            "stimulus",
            "a ramp of magnesium under tonic glutamate",
            equations="mg_out = mg_before + (mg_after - mg_before)"
            "*clip((t - mg_start)/mg_time, 0, 1) : mM  # extracellular free magnesium",
            parameters=(
                *_MG_STEP,
                _parameter("mg_time", 1000.0, "ms", "duration of the change", (1, 1e6)),
                _parameter("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),
            ),
            adds={"glu_ambient": "glu_tonic"},
        ),
    ),
)


def read(
    text: str | Protocol,
    changed: Mapping[str, str] | None = None,
    file: Callable[[str], Path] = Path,
) -> Protocol:
    """Protocols by name, ``"train_20hz + mg_step"``, and changes as :func:`mg.changes.read`.

    Raises
    ------
    UnknownName, PartError
        For an unknown protocol, and for protocols that do not go together.
    """
    if isinstance(text, str):
        made, *others = (look_up(Protocol, name.strip()) for name in text.split("+"))
        for other in others:
            made += other
    else:
        made = look_up(Protocol, text)
    hows = {n: changes.read(how, file) for n, how in (changed or {}).items()}
    return made.changing(**hows) if hows else made
