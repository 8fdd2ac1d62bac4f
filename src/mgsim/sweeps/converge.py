"""How far a sweep's measures lie from those at half the step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.engines.contract import OK, PENDING
from mgsim.sweeps import sealed
from mgsim.sweeps.frame import displayed
from mgsim.sweeps.job import Job
from mgsim.sweeps.store import HALF_STEP

if TYPE_CHECKING:
    import xarray as xr

#: Points that are run again at most.
_MOST = 32


def finer(job: Job) -> Job:
    """The same job at half the step, and half the parts."""
    return replace(job, each=tuple(replace(o, dt=o.dt / 2, part=o.dt / o.parts / 2)
                                   for o in job.each))


def compare(job: Job, result: xr.Dataset) -> dict[str, Any]:
    """Run some points, spread evenly over all, at half the step.

    Returns
    -------
    ``points``, how many were compared; ``distance``, the largest for each measure, in its unit;
    ``other_counts``, the points with another number of spikes, where that is a measure, and
    ``other_status``, those that ended otherwise.
    """
    size = job.request.size
    points = np.unique(np.linspace(0, size - 1, min(size, _MOST)).round().astype(np.int64))
    outcome = finer(job).run(points, lambda _: None)
    dims = tuple(job.request.design.dims.items())
    places = np.unravel_index(points, [n for _, n in dims]) if dims else ()
    at = {name: ("compared", place) for (name, _), place in zip(dims, places, strict=True)}

    def there(name: str) -> np.ndarray:
        return np.atleast_1d(result[name].isel(at).values)

    both = (there("status") == OK) & (outcome.status == OK)
    found: dict[str, Any] = {"points": len(points), "distance": {}}
    for measure in job.measures:
        ours = there(measure.name)
        new = displayed(measure, outcome.measures[measure.name], outcome.status)
        apart = np.abs(new - ours)[both & ~(np.isnan(new) & np.isnan(ours))]
        found["distance"][measure.name] = float(apart.max(initial=0.0))
        if measure.on_spike and measure.unit == "1":
            found["other_counts"] = int((new != ours)[both].sum())
    found["other_status"] = int((there("status") != outcome.status).sum())
    return found


def told(job: Job, result: xr.Dataset, folder: Path | None = None) -> xr.Dataset:
    """The result, if it is whole, with what :func:`compare` finds; kept in the folder too."""
    if bool((result.status == PENDING).any()):
        return result
    found = compare(job, result)
    if folder is not None:
        sealed.write(folder / HALF_STEP, "half step", found)
    return tell(result, found)


def kept(folder: Path) -> dict[str, Any] | None:
    """What a folder says of half the step, if anything."""
    try:
        return sealed.read(folder / HALF_STEP, "half step")
    except (OSError, sealed.Damaged):
        return None


def tell(result: xr.Dataset, found: dict[str, Any]) -> xr.Dataset:
    """Say in the result what was found."""
    for name, distance in found["distance"].items():
        result[name].attrs["half_step_distance"] = distance
    for name in ("points", "other_counts", "other_status"):
        if name in found:
            result.attrs[f"half_step_{name}"] = found[name]
    return result
