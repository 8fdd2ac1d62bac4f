"""Section S2: ions, pump and glutamate in energy failure and spreading depolarisation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mgsim import models, protocols
from mgsim.analysis.stability import eigenvalues
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.runs.simulate import simulate
from mgsim.sweeps.designs import zipped
from mgsim.system.lowering import lower
from mgsim.validation.rows import crossing, finds

if TYPE_CHECKING:
    import xarray as xr

#: The step of every run (ms), and how many of them a sample takes.
DT, _EVERY = 0.1, 100
_TRACES = ("v", "k_out", "na_in", "cl_in", "vol_out", "glu", "unblocked", "i_nmda")
#: Where (mV) the cell counts as depolarised.
_DEPOLARISED = -40.0
_KICKS = protocols["kicks"]


def _model() -> Model:
    model: Model = models["hubel_2017"]
    return model


def _potassium(seconds: float, *, kicked: bool = False) -> Protocol:
    made: Protocol = protocols["potassium_bath"].lasting(1e3 * seconds)
    return made + _KICKS if kicked else made


def _failure(seconds: float) -> Protocol:
    made: Protocol = protocols["energy_failure"].lasting(1e3 * seconds)
    return made


def _run(
    protocol: Protocol, record: Sequence[str] = _TRACES, **columns: Sequence[float]
) -> xr.Dataset:
    """Traces every 10 ms, one point for each set of values."""
    return simulate(
        _model(),
        protocol,
        record=record,
        dt=DT,
        every=_EVERY,
        design=zipped(**columns),
        progress=False,
    )


@cache
def _bath() -> xr.Dataset:
    """15 mM potassium."""
    return _run(_potassium(101.0), k_bath_after=[15.0]).isel(point=0)


@cache
def _rests() -> xr.Dataset:
    """The resting bath, and three that fire late."""
    return _run(_potassium(310.0), k_bath_after=[4.0, 8.0, 10.0, 12.0])


@cache
def _kicked() -> xr.Dataset:
    """15 mM potassium, with kicks of three sizes, and uptake with the sign of transporters."""
    return _run(
        _potassium(400.0, kicked=True),
        kick_size=[0.001, 0.01, 0.05, 0.01],
        co_transport=[-1.0, -1.0, -1.0, 1.0],
    )


#: Magnesium (mM), NMDA and AMPA conductance (nS) of the runs that are compared.
_RECEPTORS = {
    "mg 0": (0.0, 50.0, 175.0),
    "mg 1.2": (1.2, 50.0, 175.0),
    "mg 4": (4.0, 50.0, 175.0),
    "no NMDA": (1.2, 0.0, 175.0),
    "no AMPA": (1.2, 50.0, 0.0),
    "neither": (1.2, 0.0, 0.0),
    "no AMPA, mg 0": (0.0, 50.0, 0.0),
    "no AMPA, mg 4": (4.0, 50.0, 0.0),
}


@cache
def _receptors() -> xr.Dataset:
    """Magnesium and receptors, 15 mM potassium, kicked."""
    mg, g_nmda, g_ampa = map(list, zip(*_RECEPTORS.values(), strict=True))
    return _run(_potassium(200.0, kicked=True), mg_out=mg, g_nmda=g_nmda, g_ampa=g_ampa)


@cache
def _deprived() -> xr.Dataset:
    """Energy failure, with and without receptors."""
    return _run(_failure(101.0), g_nmda=[50.0, 0.0], g_ampa=[175.0, 0.0])


@cache
def _pumps() -> xr.Dataset:
    """A pump that is slower, with all else supplied."""
    return _run(_REST, supply_pump=[0.5, 0.2, 0.1, 0.05])


_REST = protocols["rest"].lasting(400_000)


def _at(ds: xr.Dataset, names: Iterable[str], seconds: Iterable[float]) -> list[float]:
    return [float(ds[n].sel(time=1e3 * s)) for s in seconds for n in names]


def _first(ds: xr.Dataset) -> float:
    """The first spike (s)."""
    return float(ds.spike_time.isel(spike=0)) / 1e3


def _stays(ds: xr.Dataset) -> list[tuple[float, float]]:
    """From when to when (s) the cell is depolarised for a second or longer."""
    up = np.concatenate([[0], (ds.v.values > _DEPOLARISED).astype(int), [0]])
    time = np.append(ds.time.values, ds.time.values[-1]) / 1e3
    begins, ends = np.flatnonzero(np.diff(up) == 1), np.flatnonzero(np.diff(up) == -1)
    return [
        (float(time[a]), float(time[b]))
        for a, b in zip(begins, ends, strict=True)
        if time[b] - time[a] >= 1.0
    ]


def _of(name: str) -> xr.Dataset:
    return _receptors().isel(point=list(_RECEPTORS).index(name))


def _long(*protocols: Protocol) -> list[tuple[Model, Protocol]]:
    return [(_model(), p) for p in protocols]


# ---- rows that take seconds


@finds("TS2b")
def _before(names: list[str], seconds: list[float]) -> list[float]:
    return _at(_bath(), names, seconds)


@finds("TS2c.onset")
def _onset() -> list[float]:
    return [_first(_bath())]


@finds("TS2c.early", "TS2c.late")
def _during(names: list[str], seconds: list[float]) -> list[float]:
    return _at(_bath(), names, seconds)


@finds("TS2c.peak")
def _peak() -> list[float]:
    return [float(_bath().k_out.max())]


@finds("TS2i.onset")
def _fails() -> list[float]:
    return [_first(_deprived().isel(point=0))]


@finds("TS2i.from")
def _failed() -> list[float]:
    return [_stays(_deprived().isel(point=0))[0][0]]


@finds("TS2i.until")
def _recovers() -> list[float]:
    return [_stays(_deprived().isel(point=0))[0][1]]


@finds("TS2i.at")
def _failing() -> list[float]:
    ds = _deprived().isel(point=0).sel(time=40e3)
    density = float(ds.i_nmda) / 18_000e-8 * 1e-6
    return [float(ds.v), float(ds.unblocked), density]


@finds("TS2i.extremes")
def _extremes() -> list[float]:
    ds = _deprived().isel(point=0)
    return [float(ds.k_out.max()), float(ds.vol_out.min())]


@finds("TS2i.glutamate")
def _glutamate() -> list[float]:
    return [float(_deprived().isel(point=0).glu.max())]


@finds("TS2j")
def _without() -> list[float]:
    return [_stays(_deprived().isel(point=1))[0][0]]


# ---- rows that take longer


@finds("TS2a", long=lambda: _long(_potassium(310.0)))
def _rest(names: list[str], seconds: list[float]) -> list[float]:
    return _at(_rests().isel(point=0), names, seconds)


@finds("TS2k", long=lambda: _long(_potassium(310.0)))
def _late() -> list[float]:
    return [_first(_rests().isel(point=k)) for k in (1, 2, 3)]


def _kicked_bath(seconds: float) -> list[tuple[Model, Protocol]]:
    return _long(_potassium(seconds, kicked=True))


@finds("TS2e.first", long=lambda: _kicked_bath(400.0))
def _one() -> list[float]:
    return [x for k in range(3) for x in _stays(_kicked().isel(point=k))[0]]


@finds("TS2e.second", long=lambda: _kicked_bath(400.0))
def _two() -> list[float]:
    return [x for k in range(3) for x in _stays(_kicked().isel(point=k))[1]]


@finds("TS2e.spikes", long=lambda: _kicked_bath(400.0))
def _spikes() -> list[float]:
    return [float(np.isfinite(_kicked().spike_time.isel(point=k)).sum()) for k in range(3)]


@finds("TS2e.sign", long=lambda: _kicked_bath(400.0))
def _sign() -> list[float]:
    ds = _kicked().isel(point=3)
    first = ds.sel(time=slice(None, 200e3))
    return [_first(ds), _stays(ds)[0][1], float(first.vol_out.min())]


@finds("TS2c.volume", long=lambda: _kicked_bath(400.0))
def _smallest() -> list[float]:
    return [float(_kicked().isel(point=1).sel(time=slice(None, 200e3)).vol_out.min())]


@finds("TS2f.onset", long=lambda: _kicked_bath(200.0))
def _onsets(points: list[str]) -> list[float]:
    return [_first(_of(p)) for p in points]


@finds("TS2f.peak", "TS2g.peak", long=lambda: _kicked_bath(200.0))
def _peaks(points: list[str]) -> list[float]:
    return [float(_of(p).k_out.max()) for p in points]


@finds("TS2f.charge", long=lambda: _kicked_bath(200.0))
def _charges(points: list[str]) -> list[float]:
    """What flows in through NMDA receptors (nC/cm2)."""
    found = [float(_of(p).i_nmda.sum()) * DT * _EVERY for p in points]  # pA ms
    return [-x * 1e-6 / 18_000e-8 for x in found]


@finds("TS2g.from", "TS2h", long=lambda: _kicked_bath(200.0))
def _begins(points: list[str]) -> list[float]:
    return [_stays(_of(p))[0][0] for p in points]


@finds("TS2g.none", long=lambda: _kicked_bath(200.0))
def _stays_away(points: list[str]) -> list[float]:
    return [float(len(_stays(_of(p)))) for p in points]


@finds("TS2g.spikes", long=lambda: _kicked_bath(200.0))
def _counts(points: list[str]) -> list[float]:
    return [float(np.isfinite(_of(p).spike_time).sum()) for p in points]


@finds("TS2l", long=lambda: _long(_REST))
def _slower() -> list[float]:
    ends = [_pumps().isel(point=k).sel(time=1e3 * s) for k, s in enumerate((300, 400, 400))]
    return [float(x.v) for x in ends] + [float(x.k_out) for x in ends]


@finds("TS2l.limits", long=lambda: _long(_REST))
def _limiting() -> list[float]:
    return list(_stays(_pumps().isel(point=3))[0])


@cache
def _pairs() -> tuple[np.ndarray, np.ndarray, xr.Dataset]:
    """Of the depolarised state, times (s) and the eigenvalues of its fast pair (1/s)."""
    protocol = _potassium(145.0)
    names = lower(_model(), protocol, ()).state_names
    ds = _run(protocol, (*names, "k_out"), k_bath_after=[15.0]).isel(point=0)
    times = [139.0 + 0.25 * k for k in range(13)]
    found = []
    for s in times:
        now = ds.sel(time=1e3 * s)
        values = eigenvalues(_model(), protocol, {n: float(now[n]) for n in names}, time=1e3 * s)
        fast = values[np.abs(values.imag) > 500]
        found.append(fast[np.argmax(fast.real)])
    return np.array(times), np.array(found), ds


@finds("TS2d.time", long=lambda: _long(_potassium(145.0)))
def _loses() -> list[float]:
    times, pair, _ = _pairs()
    return [crossing(0.0, pair.real, times)]


@finds("TS2d.pair", long=lambda: _long(_potassium(145.0)))
def _pair() -> list[float]:
    times, pair, _ = _pairs()
    before = crossing(140.0, times, pair.real)
    return [before, crossing(0.0, pair.real, np.abs(pair.imag))]


@finds("TS2d.there", long=lambda: _long(_potassium(145.0)))
def _there() -> list[float]:
    ds = _pairs()[2].sel(time=141_200)
    return [float(ds.v), float(ds.k_out)]


# ---- simpler cells


def _off(start: float, stop: float, seconds: float) -> Protocol:
    """No supply from ``start`` to ``stop`` (s), kicked."""
    off = protocols["supply_off"].with_values(supply_start=1e3 * start, supply_stop=1e3 * stop)
    made: Protocol = off.lasting(1e3 * seconds)
    return made + _KICKS


_OFF = {"hubel_2014": _off(20.0, 29.5, 500.0), "hubel_2016": _off(50.0, 250.0, 1000.0)}


@cache
def _simple(model: str, seconds: float | None = None) -> xr.Dataset:
    """Traces of a simpler cell without supply, to the end or for so long."""
    protocol = _OFF[model] if seconds is None else _OFF[model].lasting(1e3 * seconds)
    names = ("v", "k_out", "na_in")
    return simulate(models[model], protocol, record=names, dt=DT, every=_EVERY, progress=False)


def _runs_simple(model: str) -> list[tuple[Model, Protocol]]:
    return [(models[model], _OFF[model])]


@finds("TS2m.onset")
def _stops() -> list[float]:
    return [_first(_simple("hubel_2014", 25.0))]


@finds("TS2m.peak", long=lambda: _runs_simple("hubel_2014"))
def _highest() -> list[float]:
    ds = _simple("hubel_2014")
    return [float(ds.k_out.max()), float(ds.na_in.max())]


@finds("TS2m.from", long=lambda: _runs_simple("hubel_2014"))
def _buffered_from() -> list[float]:
    return [_stays(_simple("hubel_2014"))[0][0]]


@finds("TS2m.until", long=lambda: _runs_simple("hubel_2014"))
def _buffered_until() -> list[float]:
    return [_stays(_simple("hubel_2014"))[0][1]]


@finds("TS2m.after", long=lambda: _runs_simple("hubel_2014"))
def _buffered_after() -> list[float]:
    return _at(_simple("hubel_2014"), ("v", "k_out"), (500.0,))


@finds("TS2n.stay", long=lambda: _runs_simple("hubel_2016"))
def _anoxic() -> list[float]:
    return list(_stays(_simple("hubel_2016"))[0])


@finds("TS2n.peak", long=lambda: _runs_simple("hubel_2016"))
def _anoxic_peak() -> list[float]:
    return [float(_simple("hubel_2016").k_out.max())]


@finds("TS2n.after", long=lambda: _runs_simple("hubel_2016"))
def _anoxic_after() -> list[float]:
    return _at(_simple("hubel_2016"), ("v",), (1000.0,))


# ---- oxygen

_OXYGEN = protocols["rest"].lasting(100_000)


@cache
def _oxygen() -> xr.Dataset:
    """Rest, seizure-like firing, spreading depression and anoxia."""
    return simulate(
        models["wei_2014"],
        _OXYGEN,
        record=("v", "k_out", "na_in", "o2"),
        dt=DT,
        every=_EVERY,
        design=zipped(k_bath=[4.0, 8.5, 20.0, 4.0], o2_bath=[32.0, 32.0, 32.0, 0.0]),
        progress=False,
    )


def _runs_oxygen() -> list[tuple[Model, Protocol]]:
    return [(models["wei_2014"], _OXYGEN)]


@finds("TS2o.rest", long=_runs_oxygen)
def _supplied() -> list[float]:
    return _at(_oxygen().isel(point=0), ("v", "k_out", "na_in", "o2"), (100.0,))


@finds("TS2o.seizure", long=_runs_oxygen)
def _seizes() -> list[float]:
    ds = _oxygen().isel(point=1)
    return [float(np.isfinite(ds.spike_time).sum()), _first(ds), float(ds.k_out.max())]


@finds("TS2o.depression", long=_runs_oxygen)
def _depressed() -> list[float]:
    ds = _oxygen().isel(point=2)
    stays = _stays(ds)
    return [stays[0][0], stays[-1][1], float(ds.k_out.max()), float(ds.o2.min())]


@finds("TS2o.anoxia", long=_runs_oxygen)
def _without_oxygen() -> list[float]:
    ds = _oxygen().isel(point=3)
    return [_first(ds), *_stays(ds)[-1], float(ds.k_out.max())]
