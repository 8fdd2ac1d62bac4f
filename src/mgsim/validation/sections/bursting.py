"""Section S3 and bursts of section E: the bursting cell, and what magnesium takes from an EPSP."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mgsim import models, protocols
from mgsim.analysis.bursts import bursts
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.measures import mean_v, spike_count
from mgsim.parts import blocks
from mgsim.runs.simulate import simulate
from mgsim.runs.sweep import sweep, threshold
from mgsim.validation.rows import finds

if TYPE_CHECKING:
    import xarray as xr

_AREA = 20000.0  # um2
#: What the runs elsewhere lasted, and from when they were looked at.
_FOR, _FROM = 5000.0, 3000.0
_RUN = Protocol("five_seconds", "", _FOR, window=(_FROM, _FOR))
DT = 0.05


def _nano(densities: float | Sequence[float]) -> list[float]:
    """mS/cm2 to nS on this cell."""
    return [float(x) * _AREA * 1e-2 for x in np.atleast_1d(densities)]


def _model(law: str = "golomb_2006", **values: float) -> Model:
    made: Model = models["bursting"].swap(blocks[law])
    return made.with_values(**values)


@cache
def _found(density: float, mg: tuple[float, ...], tau: float, g_k: float) -> xr.Dataset:
    """From the active start, bursts of the spikes after three seconds, a burst cut there whole."""
    ds = simulate(
        _model(active_start=1.0),
        _RUN,
        record=("v",),
        dt=DT,
        every=1000,
        g_nmda=_nano(density)[0],
        mg_out=list(mg),
        tau_decay_nmda=tau,
        g_k=g_k,
        progress=False,
    )
    late = ds.assign(spike_time=ds.spike_time.where(ds.spike_time > _FROM))
    return bursts(late, between=(_FROM, _FOR))


def _of(
    what: str,
    density: float | list[float],
    mg: list[float],
    tau: float | list[float] = 100.0,
    g_k: float = 6.0,
) -> list[float]:
    """A statistic for every density, time constant and magnesium."""
    return [
        float(x)
        for d in np.atleast_1d(density)
        for t in np.atleast_1d(tau)
        for x in np.ravel(_found(float(d), tuple(mg), float(t), g_k)[what].values)
    ]


@finds(
    "TS3a1.frequency",
    "TS3a2.frequency",
    "TS3a3.frequency",
    "TS3a4.frequency",
    "TS3a7.frequency",
    "TE1.frequency",
)
def _frequency(
    density: float | list[float], mg: list[float], tau: float | list[float] = 100.0
) -> list[float]:
    return _of("burst_frequency", density, mg, tau)


@finds("TS3a1.spikes", "TS3a2.spikes", "TS3a3.spikes", "TS3a4.spikes", "TS3a7.spikes")
def _spikes(density: float, mg: list[float], tau: float | list[float] = 100.0) -> list[float]:
    return _of("spikes_per_burst", density, mg, tau)


@finds("TS3a2.regular", "TS3a3.regular", "TS3a4.regular", "TS3a7.regular", "TE1.regular")
def _regular_rate(density: float, mg: list[float], tau: float = 100.0) -> list[float]:
    """Firing rate where firing is regular; NaN where it is not."""
    regular = [x == "regular" for x in np.ravel(_found(density, tuple(mg), tau, 6.0).activity)]
    return np.where(regular, _of("spike_rate", density, mg, tau), np.nan).tolist()


@finds(
    "TS3a1.silent",
    "TS3a2.silent",
    "TS3a3.silent",
    "TS3a4.silent",
    "TS3a5",
    "TS3a7.silent",
    "TE1.silent",
)
def _rates(density: float | list[float], mg: list[float], tau: float = 100.0) -> list[float]:
    return _of("spike_rate", density, mg, tau)


@finds("TS3a.conductance")
def _other_rectifier(density: float, mg: list[float], g_k: float) -> list[float]:
    return _of("spike_rate", density, mg, 100.0, g_k)


@finds("TE1.falls")
def _ratios(density: float, mg: list[float]) -> list[float]:
    """Burst frequency at each magnesium over that at the one before."""
    found = _frequency(density, mg)
    return [b / a for a, b in pairwise(found)]


@finds("TS3a6.quiet", "TS3a6.ignites", "TE1.coexists")
def _fires(density: float, mg: list[float], pulse: float, active: list[float]) -> list[float]:
    """1 where it fires three seconds later, after a pulse (uA/cm2) of 10 ms at 50 ms."""
    protocol = protocols["current_step"].lasting(_FOR, (_FROM, _FOR))
    ds = sweep(
        _model(),
        protocol,
        spike_count,
        dt=DT,
        g_nmda=_nano(density)[0],
        active_start=active,
        mg_out=mg,
        i_amp=pulse * _AREA * 1e-2,
        step_start=50.0,
        step_stop=60.0,
        progress=False,
    )
    return [float(x > 0) for x in np.ravel(ds.spike_count.values)]


@finds("TS3a8", "TS3a9")
def _critical_mg(law: str, density: list[float]) -> list[float]:
    """The magnesium (mM) above which firing from the active start has ended after three seconds."""
    found = threshold(
        _model(law, active_start=1.0),
        _RUN,
        axis="mg_out",
        measure=spike_count,
        level=1,
        between=(0.0, 0.4),
        to=1e-3,
        dt=DT,
        g_nmda=_nano(density),
        progress=False,
    )
    return [float(x) for x in found.mg_out_threshold.values]


@finds("TE8.late", "TE8.each")
def _late_area(mg: list[float], g_nmda: float) -> list[float]:
    """Area under an EPSP from 60 ms on that an NMDA antagonist takes away, over that at the last.

    At each magnesium but the last.
    """
    late = protocols["single_pulse"].lasting(1000.0, ("train_start + 60*ms", np.inf))
    ds = sweep(models["standard"], late, mean_v, g_nmda=[0.0, g_nmda], mg_out=mg, progress=False)
    area = (ds.mean_v.isel(g_nmda=1) - ds.mean_v.isel(g_nmda=0)).values
    return [float(x) for x in area[:-1] / area[-1]]
