"""Currents and conductances that fluctuate, by the seed."""

from __future__ import annotations

from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port
from mgsim.protocols.chosen import Ticks, chosen


def _drawn(name: str) -> tuple[Parameter, tuple[Event, ...], dict[str, Train]]:
    """How long noise keeps a value, the event at which it takes the next, and its train."""
    step = chosen(
        f"{name}_step",
        0.1,
        "ms",
        "how long the noise keeps a value, whatever the step is",
        (0.01, 10),
    )
    draw = Port(f"{name}_draw", "1", "a number between 0 and 1, drawn for each value")
    event = Event(name, "the noise takes its next value", carries=(draw,))
    return step, (event,), {name: Train((step,), Ticks(step.name), goes_on=True)}


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
                chosen("noise_mean", 0.0, "pA", "mean of the current", (-2000, 5000)),
                chosen("noise_sd", 100.0, "pA", "standard deviation of the current", (0, 2000)),
                chosen("noise_tau", 3.0, "ms", "correlation time of the current", (0.1, 1000)),
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
