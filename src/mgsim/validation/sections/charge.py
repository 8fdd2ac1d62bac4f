"""Sections S1, S9 and H: surface charge, and the axon whose gates it shifts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mgsim import models, protocols
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.measures import mean_v, spike_count
from mgsim.parts import baths, mechanisms
from mgsim.runs.sweep import sweep, threshold
from mgsim.validation.rows import crossing, finds

#: The bath in which the gates are taken to be measured: calcium and magnesium.
_PERSON = (1.2, 0.8)
#: The myelinated nerve of Hille, Woodhull & Shapiro.
_NODE = {"mono_out": 120.0, "celsius": 18.0}
#: Laws of the charge that the axon is tried under.
_LAWS: tuple[tuple[str, dict[str, float]], ...] = (
    ("log_shift", {}),
    ("grahame", {"sigma": -0.16}),
    ("grahame", {"sigma": -0.24}),
)


@finds("TS1l.dense", "TS1l.sparse", "TS1m", "TH7.dish", "TH7.person")
def shifts(
    part: str,
    values: dict[str, float],
    ca: list[float],
    mg: list[float],
    unshifted: list[float] | tuple[float, float] = _PERSON,
) -> list[float]:
    """Shift of the gates (mV, positive towards depolarisation) against another bath."""
    law = mechanisms[part]
    own = {"celsius": 36.0} if "sigma" in values else {}
    found = law.evaluate(
        "gate_shift",
        ca_out=np.array(ca)[:, None],
        mg_out=np.array(mg),
        ca_unshifted=unshifted[0],
        mg_unshifted=unshifted[1],
        **{**own, **values},
    )
    return [float(x) for x in found.ravel()]


@finds("TS1k")
def _surface(sigma: list[float]) -> list[float]:
    found = mechanisms["grahame"].evaluate(
        "v_surface", sigma=np.array(sigma), celsius=36.0, ca_out=1.2, mg_out=0.8
    )
    return [float(x) for x in found]


def _node(sigma: float) -> tuple[float, float]:
    """Shift by ten times the calcium, and without divalents, against 2 mM."""
    values = {"sigma": sigma, **_NODE}
    ten, none = shifts("grahame", values, [20.0, 0.0], [0.0], [2.0, 0.0])
    return ten, none


@finds("TS1n")
def _nodes(sigma: list[float]) -> list[float]:
    return [x for s in sigma for x in _node(s)]


@finds("TS1n.measured")
def _without_divalents(sigma: list[float]) -> list[float]:
    return [_node(s)[1] for s in sigma]


@finds("TS1o")
def _by_a_person(sigma: list[float]) -> list[float]:
    return [
        max(map(abs, shifts("grahame", {"sigma": s}, [1.2], [0.8 * 0.85, 0.8 * 1.15])))
        for s in sigma
    ]


@finds("TH5.slope")
def _tenfold() -> list[float]:
    return [*shifts("log_shift", {}, [20.0], [0.0], [2.0, 0.0]), _node(-0.20)[0]]


@finds("TH5.none")
def _none() -> list[float]:
    return [_node(-0.24)[1]]


@finds("TH6")
def _potency() -> list[float]:
    (by_mg,) = shifts("log_shift", {}, [1.2], [1.0], [1.2, 0.0])
    more = np.linspace(0.0, 2.0, 20001)
    by_ca = shifts("log_shift", {}, list(1.2 + more), [0.0], [1.2, 0.0])
    return [crossing(by_mg, by_ca, more)]


# ---------------------------------------------------------------------------------------- the axon

_SHIFT = Parameter(
    "gate_shift", 0.0, "mV", "shift of all gates", "assumed: set by the row", (-20, 20)
)
_AXON: Model = models["squid_axon"]
_GIVEN = _AXON.swap(
    Component(
        "given_shift",
        "surface_charge",
        "a given shift of all gates",
        parameters=(_SHIFT,),
        adds={"v_shift": "-gate_shift"},
    )
)
_STEP = protocols["current_step"]
_KICK = replace(_STEP, duration=1000.0, window=(800.0, 1000.0)).with_values(
    step_start=100.0, step_stop=101.0
)
_DT = 0.02


def _pa(density: float) -> float:
    """A density of current (uA/cm2) over the patch, in pA."""
    return density * 1e-2 * float(_AXON["neuron"]["area"].value)


@finds("TS9a.rest")
def _rests(shifts: list[float]) -> list[float]:
    ds = sweep(
        _GIVEN, protocols["rest"].lasting(1500), mean_v, gate_shift=shifts, dt=_DT, progress=False
    )
    return [float(x) for x in ds.mean_v]


@finds("TS9a.rheobase")
def _rheobases(shifts: list[float]) -> list[float]:
    ds = threshold(
        _GIVEN,
        replace(_STEP, duration=800.0, window=(300.0, 800.0)),
        axis="i_amp",
        measure=spike_count,
        level=1,
        between=(_pa(1.0), _pa(5.0)),
        to=_pa(0.002),
        gate_shift=shifts,
        step_start=300.0,
        step_stop=800.0,
        dt=_DT,
        progress=False,
    )
    return [float(x) / _pa(1.0) for x in ds.i_amp_threshold]


@finds("TS9b")
def _fires_on() -> list[float]:
    ds = threshold(
        _GIVEN,
        _KICK,
        axis="gate_shift",
        measure=spike_count,
        level=1,
        between=(-8.0, -4.0),
        to=0.01,
        i_amp=_pa(20.0),
        dt=_DT,
        progress=False,
    )
    return [float(ds.gate_shift_threshold)]


@finds("TS9c.shift")
def _reached() -> list[float]:
    return [
        x
        for part, values in _LAWS
        for ca, mg in ((1.2, 0.0), (0.6, 0.4))
        for x in shifts(part, values, [ca], [mg])
    ]


@finds("TS9c.alone", "TS9c.both")
def _late_spikes(bath: list[float], counted: bool = True) -> list[float]:
    """Spikes long after the kick, or 1 where there are any, in a bath (calcium, magnesium)."""
    found = []
    for part, values in _LAWS:
        given: dict[str, Any] = {"ca_out": bath[0], "mg_out": bath[1], **values}
        ds = sweep(
            _AXON.swap(baths["person"]).swap(mechanisms[part]),
            _KICK,
            spike_count,
            ca_unshifted=_PERSON[0],
            mg_unshifted=_PERSON[1],
            i_amp=_pa(20.0),
            dt=_DT,
            progress=False,
            **given,
        )
        spikes = float(ds.spike_count)
        found.append(spikes if counted else float(spikes > 0))
    return found
