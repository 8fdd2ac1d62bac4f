"""Section B: what gating schemes answer to glutamate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import curve_fit

from mgsim import models, protocols
from mgsim.analysis import schemes, traces
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.parts import blocks, receptors
from mgsim.runs.simulate import simulate
from mgsim.validation.rows import finds

_END = 4000.0
_PULSE = 10.0  # ms, when the pulse begins


def _clamp() -> Component:
    """A holding potential, and glutamate held or stepped."""

    def number(name: str, value: float, unit: str, range: tuple[float, float]) -> Parameter:
        return Parameter(name, value, unit, name, "assumed: choice of the experimenter", range)

    return Component(
        "clamp_with_glutamate",
        "stimulus",
        "a holding potential with applied glutamate",
        equations="""
v_command = v_hold : mV
glu_applied = glu_amp*int(t > pulse_start)*int(t < pulse_start + pulse_width) : mM
""",
        parameters=(
            number("v_hold", -60.0, "mV", (-120, 80)),
            number("glu_amp", 1.0, "mM", (0, 1000)),
            number("pulse_start", _PULSE, "ms", (0, 1e6)),
            number("pulse_width", 1.0, "ms", (0.01, 1e6)),
        ),
        adds={"glu_ambient": "glu_applied"},
    )


#: Glutamate at the receptor is what is applied, and nothing else.
_APPLIED = Component(
    "applied_glutamate",
    "cleft",
    "glutamate as applied",
    "glu = glu_ambient : mM  # glutamate at the receptor",
)


def _one_site(scheme: Scheme) -> Scheme:
    return replace(
        scheme,
        transitions=tuple(
            (a, b, forward.removeprefix("2*"), backward.removeprefix("2*"))
            for a, b, forward, backward in scheme.transitions
        ),
    )


#: How a scheme of the catalog is changed, by the end of its name: without the factors 2 of two
#: identical sites, and with every receptor free at the start.
_CHANGES: dict[str, Callable[[Scheme], Scheme]] = {
    "_as_coded": _one_site,
    "_free": lambda scheme: replace(scheme, start="first"),
}


def scheme(name: str) -> Component:
    """A gating scheme of the catalog, or one changed as the end of its name says."""
    for end, change in _CHANGES.items():
        if name.endswith(end):
            part: Component = receptors[name.removesuffix(end)]
            return replace(part, name=name, kinetics=tuple(change(s) for s in part.kinetics))
    whole: Component = receptors[name]
    return whole


def held(gating: Component) -> tuple[Model, dict[str, Any]]:
    """A patch with this gating and applied glutamate, and what takes magnesium out of it."""
    model = models["patch"].without("ca_entry").swap(gating).swap(_APPLIED)
    if "block" in gating.slots:
        return model, {"mg_out": 0.0}
    return model.swap(blocks["none"]), {}


def protocol(duration: float) -> Protocol:
    """A clamp with a pulse of glutamate."""
    return Protocol("clamp_and_glutamate", "", duration, (_clamp(),))


@cache
def response(
    gating: str,
    end: float = _END,
    width: float = 1.0,
    v: float = -60.0,
    mg: float = 0.0,
    dt: float = 0.01,
    wait: float = _PULSE,
) -> tuple[np.ndarray, np.ndarray]:
    """Time after a 1 mM pulse (ms), which comes after ``wait``, and fraction that conducts."""
    model, values = held(scheme(gating))
    if values:
        values = {"mg_out": mg}
    ds = simulate(
        model,
        protocol(wait + end),
        record=("g_conducting",),
        dt=dt,
        g_nmda=1.0,
        v_hold=v,
        pulse_start=wait,
        pulse_width=width,
        progress=False,
        **values,
    )
    t = ds.time.values - wait
    return t[t >= 0], ds.g_conducting.values[t >= 0]


@finds(
    "TB1.B1.pulse",
    "TB1.B1.as_coded.pulse",
    "TB1.B2.pulse",
    "TB1.B2.as_coded.pulse",
    "TB1.B3.pulse",
    "TB1.B3.as_coded.pulse",
    "TB1.B4.pulse",
    "TB1.B4.as_coded.pulse",
    "TB1.B5.pulse",
    "TB1.B5.as_coded.pulse",
    "TB1.B7.+40mV",
    "TB1.B7.-60mV",
    "TB1.B7.free-60mV",
    "TB1.B7.free+40mV",
    "TB1.B8.pulse",
    "TB1.B8.mg-60mV",
    "TB1.B8.mg+40mV",
    "TB1.B8.as_coded.pulse",
    "TB1.B8.as_coded.mg-60mV",
    "TB1.B8.as_coded.mg+40mV",
    "TB1.B8.corrected.pulse",
    "TB1.B8.corrected.mg-60mV",
    "TB1.B8.corrected.mg+40mV",
)
def pulse_numbers(scheme: str, **given: float) -> list[float]:
    """Peak, its time, 10-90 % rise, time to 1/e, and charge after the peak over the peak."""
    found = traces.pulse(*response(scheme, **given))
    return [found.peak, found.t_peak, found.rise, found.decay, found.charge]


@cache
def steady(gating: str) -> tuple[float, float]:
    """(EC50 in uM, open fraction when saturated) of the steady response."""
    levels = np.append(np.geomspace(1e-5, 1e-1, 161), 1000.0)
    model, values = held(scheme(gating))
    ds = simulate(
        model,
        protocol(40000.0),
        record=("g_conducting",),
        dt=1.0,
        every=100,
        glu_amp=levels,
        pulse_start=0.0,
        pulse_width=1e6,
        g_nmda=1.0,
        progress=False,
        **values,
    )
    end = ds.g_conducting.isel(time=-1).transpose("glu_amp").values
    half = traces.crossing(np.log(levels[:-1]), end[:-1], end[-1] / 2)
    return float(np.exp(half)) * 1e3, float(end[-1])


def two_parts(t: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """A decay as a sum of two exponentials: faster time constant, its share, slower time constant.

    Fitted from where it has fallen to 95 % of the peak; the share is that at the peak.
    """
    top = int(np.argmax(y))
    start = top + int(np.argmax(y[top:] <= 0.95 * y[top]))
    x, rest = t[start:] - t[top], y[start:] / y[top]
    whole = float(np.sum((rest[1:] + rest[:-1]) / 2 * np.diff(x)))

    def falling(x: np.ndarray, a: float, fast: float, b: float, slow: float) -> np.ndarray:
        decay: np.ndarray = a * np.exp(-x / fast) + b * np.exp(-x / slow)
        return decay

    (a, fast, b, slow), _ = curve_fit(
        falling, x, rest, (0.6, whole / 2, 0.4, 2 * whole), bounds=(0, np.inf), max_nfev=20000
    )
    (fast, a), (slow, b) = sorted([(fast, a), (slow, b)])
    return float(fast), float(a / (a + b)), float(slow)


def _absorbing(gating: str) -> tuple[np.ndarray, np.ndarray]:
    """Rates (1/ms) of a scheme in 1 mM glutamate out of which no open receptor closes.

    With them the occupancies at the start; the open state is the last one.
    """
    part = receptors[gating]
    rates = schemes.generator(part, part.kinetics[0], glu=1.0, celsius=22.0) * 1e-3
    rates[-1] = 0.0
    return rates, np.eye(len(rates))[0]


@finds("TB3.latency_mean")
def _mean_latencies(schemes: list[str]) -> list[float]:
    """Mean time to the first opening in lasting glutamate (ms)."""
    found = []
    for name in schemes:
        rates, start = _absorbing(name)
        inside = rates[:-1, :-1]
        found.append(float(start[:-1] @ np.linalg.solve(-inside, np.ones(len(inside)))))
    return found


@finds("TB3.latency_median.lester_jahr_1992", "TB3.latency_median.destexhe_1998")
def _median_latency(scheme: str) -> list[float]:
    """Time by which half the receptors have opened for the first time in lasting glutamate (ms)."""
    rates, start = _absorbing(scheme)
    t = np.linspace(0.0, 200.0, 20001)
    return [traces.crossing(t, schemes.propagated(rates, start, t)[:, -1], 0.5)]


@finds(
    "TB1.B1.steady",
    "TB1.B1.as_coded.steady",
    "TB1.B2.steady",
    "TB1.B2.as_coded.steady",
    "TB1.B3.steady",
    "TB1.B3.as_coded.steady",
    "TB1.B4.steady",
    "TB1.B4.as_coded.steady",
    "TB1.B5.steady",
    "TB1.B5.as_coded.steady",
    "TB1.B8.steady",
    "TB1.B8.as_coded.steady",
    "TB1.B8.corrected.steady",
)
def _steady(scheme: str) -> list[float]:
    return list(steady(scheme))


@finds("TB9.native", "TB9.2A", "TB9.2B", "TB9.2C", "TB9.2D")
def _ec50(scheme: str) -> list[float]:
    return [steady(scheme)[0]]


@finds("TB3")
def _peaks(schemes: list[str]) -> list[float]:
    return [pulse_numbers(name)[0] for name in schemes]


@finds("TB1.B6.pulse")
def _two_state(scheme: str) -> list[float]:
    """Largest open fraction, and the time constant (ms) with which it falls."""
    t, y = response(scheme)
    late = (t > 10) & (t < 500)
    return [float(y.max()), -1 / float(np.polyfit(t[late], np.log(y[late]), 1)[0])]


@finds("TB2")
def _cleft() -> list[float]:
    model = models["clamped_synapse"].without("ampa").without("ca_entry")
    model = model.swap(receptors["lester_jahr_1992"]).swap(receptors["cleft_decay"])
    clamp, pulse = protocols["voltage_clamp"], protocols["single_pulse"]
    ds = simulate(
        model,
        Protocol("p", "", 60.0, clamp.stimuli, pulse.events),
        record=("glu",),
        dt=0.01,
        progress=False,
    )
    t, glu = ds.time.values, ds.glu.values
    fall = (t > 50.1) & (t < 56)
    slope, start = np.polyfit(t[fall] - 50, np.log(glu[fall]), 1)
    return [float(np.exp(start)), -1 / float(slope)]
