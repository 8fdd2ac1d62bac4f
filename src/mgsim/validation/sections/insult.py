"""Sections F and S7: glutamate, calcium and injury of a cell whose ions move."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mgsim import measures, models, protocols
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.parts import blocks, calcium, homeostasis
from mgsim.runs.simulate import simulate
from mgsim.runs.sweep import sweep
from mgsim.sweeps.designs import zipped
from mgsim.validation.rows import crossing, finds

if TYPE_CHECKING:
    import xarray as xr

#: The step (ms) of every run here.
_DT = 0.2
#: Glutamate (mM), magnesium (mM) and duration (s) of the exposures that are compared.
_LEVELS = (0.003, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.3, 1.0)
_POINTS = (
    *((glu, 0.8, 300.0) for glu in _LEVELS),
    *((0.1, 0.8, s) for s in (60.0, 180.0, 240.0)),
    *((glu, mg, 300.0) for glu in (0.01, 0.1, 1.0) for mg in (0.1, 4.0)),
)


def _cell() -> Model:
    made: Model = models["full_moving"]
    return made


def _exposure() -> Protocol:
    made: Protocol = protocols["glutamate_exposure"].with_values(pulse_start=100.0)
    return made.lasting(301_000.0)


def _exposures() -> list[tuple[Model, Protocol]]:
    return [(_cell(), _exposure())]


@cache
def _charges() -> dict[tuple[float, float, float], float]:
    """Calcium through NMDA receptors (pC) of each exposure."""
    glu, mg, seconds = zip(*_POINTS, strict=True)
    ds = sweep(
        _cell(),
        _exposure(),
        measures["ca_charge_receptors"],
        dt=_DT,
        progress=False,
        design=zipped(glu_amp=glu, mg_out=mg, pulse_width=[1e3 * s for s in seconds]),
    )
    return dict(zip(_POINTS, map(float, ds.ca_charge_receptors.values), strict=True))


@finds("TF1.dose", long=_exposures)
def _dose() -> list[float]:
    """Glutamate (uM) that in 5 min does what 100 uM does in 4 min: TF3 calibrates, TF1 is left."""
    found = _charges()
    doses = [found[glu, 0.8, 300.0] for glu in _LEVELS]
    return [1e3 * crossing(found[0.1, 0.8, 240.0], doses, _LEVELS)]


@finds("TF1.half", long=_exposures)
def _half() -> list[float]:
    half = measures["injury_index"].parameters[0].value
    return [half / _charges()[0.07, 0.8, 300.0]]


@finds("TF3", long=_exposures)
def _duration() -> list[float]:
    """Minutes at 100 uM that do what 70 uM do in 5: TF1 calibrates, TF3 is left."""
    found = _charges()
    seconds = (60.0, 180.0, 240.0, 300.0)
    charges = [found[0.1, 0.8, s] for s in seconds]
    half = found[0.07, 0.8, 300.0]
    return [crossing(half, charges, seconds) / 60]


@finds("TF8", long=_exposures)
def _protection() -> list[float]:
    """By how much 4 mM in place of 0.1 mM lowers the charge, at 0.01, 0.1 and 1 mM glutamate."""
    found = _charges()
    return [found[glu, 0.1, 300.0] / found[glu, 4.0, 300.0] for glu in (0.01, 0.1, 1.0)]


@finds("TF8.escape", long=_exposures)
def _escape() -> list[float]:
    """How much of the protection at 0.01 mM glutamate is left at 1 mM."""
    low, _, high = _protection()
    return [high / low]


@finds("TF5")
def _routes() -> list[float]:
    """NMDA share of the calcium with receptors open, over that with channels alone."""
    cell = _cell().with_values(mg_out=0.05)
    kept = [measures[n] for n in ("ca_charge_receptors", "ca_charge")]
    done = protocols["glutamate_exposure"].with_values(pulse_start=100.0).lasting(400.0)
    driven = protocols["current_step"].with_values(i_amp=2000.0).lasting(400.0)
    shares = []
    for protocol in (done, driven.with_values(step_start=100.0)):
        ds = sweep(cell, protocol, kept, dt=_DT, progress=False)
        shares.append(float(ds.ca_charge_receptors) / float(ds.ca_charge))
    return [shares[0] / max(shares[1], 1e-9)]


@finds("TF9.block")
def _block() -> list[float]:
    law = blocks["jahr_stevens_1990"]
    return [float(law.evaluate("unblocked", v=v, mg_out=1.0)) for v in (-70, -20)]


@finds("TF9.calcium")
def _relieved() -> list[float]:
    """NMDA conductance and NMDA calcium current at -20 over those at -70 mV."""
    low, high = _block()
    part = calcium["fractional"]
    flow = [
        float(part.evaluate("i_ca_nmda", v=v, ca_out=2.0, g_conducting=b))
        for v, b in ((-70, low), (-20, high))
    ]
    return [high / low, flow[1] / flow[0]]


@cache
def _rest() -> xr.Dataset:
    ds = simulate(
        _cell(),
        protocols["rest"].lasting(2000.0),
        record=("i_nmda", "i_nmda_extra", "glu_around"),
        dt=_DT,
        every=1000,
        progress=False,
    )
    return ds.isel(time=-1).squeeze()


@finds("TF10.level")
def _ambient() -> list[float]:
    return [1e6 * float(_rest().glu_around)]


@finds("TF10.current")
def _small() -> list[float]:
    """NMDA current at rest over 300 pA, which does not fire the cell."""
    return [abs(float(_rest().i_nmda + _rest().i_nmda_extra)) / 300.0]


def _failing() -> list[tuple[Model, Protocol]]:
    return [(_cell(), protocols["energy_failure"].lasting(75_000.0))]


@finds("TF11", long=_failing)
def _released() -> list[float]:
    """Highest extracellular glutamate (mM) in a minute without energy."""
    ((cell, failing),) = _failing()
    ds = simulate(cell, failing, record=("glu_around",), dt=_DT, every=500, progress=False)
    return [float(ds.glu_around.max())]


def _largest(part: str) -> float:
    """Vmax of an uptake in the extracellular space, mM/s."""
    law = homeostasis[part]
    share = law["neuron_around"].value + law["glia_factor"].value * law["glia_around"].value
    return 1e3 * float(law["uptake_max"].value * share)


@finds("TS7a")
def _leak(km: list[float]) -> list[float]:
    """The leak (uM/s) that holds 25 nM, by the uptake's own equations."""
    law = homeostasis["uptake_counted"]
    found = []
    for k in km:
        given = {"glu": 25e-6, "glu_around": 25e-6, "synapses": 1.0, "vol_cleft": 1e-9}
        given |= {"vol_out_rest": 1000.0, "uptake_km": 1e-3 * k, "mg_out": 1.0, "supply": 1.0}
        pull = float(law.evaluate("pull_around", **given))  # fmol/ms in 1000 um3
        share = law["neuron_around"].value + law["glia_factor"].value * law["glia_around"].value
        found.append(1e6 * share * pull / 1000.0 * 1e3)
    return found


@finds("TS7a.rest")
def _held() -> list[float]:
    return _ambient()


@finds("TS7b")
def _conflict() -> list[float]:
    fast = _largest("uptake_fast")
    law = homeostasis["uptake_fast"]
    cleft = 1e3 * law["uptake_max"].value * (1 + law["glia_factor"].value)
    return [fast, cleft, fast / _largest("uptake_counted")]
