"""Bursts in spike times: how often they come, of how many spikes, or regular firing, or silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.catalogs.catalog import unknown
from mgsim.engines.contract import OK

if TYPE_CHECKING:
    import xarray as xr

#: Firing whose longest interval is below this many times its shortest is regular.
REGULAR = 1.3


def bursts(
    ds: xr.Dataset, *, gap: float = 20.0, between: tuple[float, float] = (0.0, np.inf)
) -> xr.Dataset:
    """What spike times say of bursts, for each run of a result of :func:`mgsim.simulate`.

    A burst begins with a spike that no other precedes within ``gap``, and ends before the next one
    begins; the last, whose end is not known, is left out.

    Parameters
    ----------
    ds : with ``spike_time``. The first spike in it counts as the beginning of a burst.
    gap : silence between bursts, ms.
    between : two times, ms: spikes in between are taken, and bursts and intervals from one of
        them to another.

    Returns
    -------
    xarray.Dataset over the axes of ``ds``: ``spike_rate`` (Hz, to the end of the run or of
    ``between``), ``burst_frequency`` (Hz) and ``spikes_per_burst`` (NaN with fewer than two
    beginnings), ``interval_ratio`` (longest over shortest interval, NaN with fewer than two) and
    ``activity``: ``"silent"``, ``"regular"`` where that ratio is below 1.3, else ``"bursting"``
    where bursts have two spikes or more, else ``"irregular"``. Of a run that failed all is NaN, and
    its activity ``"unknown"``.

    Raises
    ------
    UnknownName
        For a result without spike times.
    ValueError
        For a gap or times that cannot be meant.

    Examples
    --------
    >>> import mgsim as mg
    >>> from mgsim.analysis.bursts import bursts
    >>> ds = mg.simulate(mg.models["bursting"], mg.protocols["rest"], active_start=1)
    >>> found = bursts(ds, between=(500, 1000))
    >>> str(found.activity.values), round(float(found.burst_frequency))
    ('bursting', 17)
    """
    import xarray as xr

    if "spike_time" not in ds:
        raise unknown("variable", "spike_time", map(str, ds.data_vars), "this result")
    start, stop = between
    stop = min(stop, float(ds.time.max())) if "time" in ds else stop
    if not 0 <= start < stop < np.inf:
        raise ValueError(f"between={between}: give two times in ms, the second one later")
    if not 0 < gap < np.inf:
        raise ValueError(f"gap={gap} is no time in ms above 0")

    def one(times: np.ndarray) -> tuple[float, float, float, float, str]:
        return _statistics(times[np.isfinite(times)], gap, start, stop)

    found = xr.apply_ufunc(
        one,
        ds.spike_time,
        input_core_dims=[["spike"]],
        output_core_dims=[[]] * 5,
        vectorize=True,
        output_dtypes=[float] * 4 + [object],
    )
    about = {
        "spike_rate": ("Hz", "firing rate"),
        "burst_frequency": ("Hz", "frequency of bursts"),
        "spikes_per_burst": ("1", "spikes in a burst"),
        "interval_ratio": ("1", "longest over shortest interval of spikes"),
        "activity": ("1", "silent, regular, bursting or irregular"),
    }
    variables = {}
    for (name, (unit, meaning)), values in zip(about.items(), found, strict=True):
        if "status" in ds:  # a run that failed has no spikes, which is no silence
            values = values.where(ds.status == OK, "unknown" if name == "activity" else np.nan)
        variables[name] = values.astype(str) if name == "activity" else values
        variables[name].attrs = {"units": unit, "long_name": meaning}
    return xr.Dataset(variables)


def _statistics(
    times: np.ndarray, gap: float, start: float, stop: float
) -> tuple[float, float, float, float, str]:
    begins = np.r_[True, np.diff(times) >= gap][: len(times)]
    inside = (times >= start) & (times < stop)
    rate = 1e3 * int(inside.sum()) / (stop - start)
    places = np.flatnonzero(begins & inside)
    frequency = spikes = ratio = np.nan
    if len(places) > 1:
        frequency = 1e3 * (len(places) - 1) / (times[places[-1]] - times[places[0]])
        spikes = (places[-1] - places[0]) / (len(places) - 1)
    intervals = np.diff(times[inside])
    if len(intervals) > 1:
        ratio = intervals.max() / intervals.min()
    if not inside.any():
        activity = "silent"
    elif ratio < REGULAR:
        activity = "regular"
    else:
        activity = "bursting" if spikes >= 2 else "irregular"
    return rate, frequency, spikes, ratio, activity
