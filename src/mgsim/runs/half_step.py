"""How far a sweep's measures lie from those at half the step."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.engines.contract import OK, PENDING
from mgsim.store import checked_json
from mgsim.store.folder import HALF_STEP, Moved, Store
from mgsim.sweeps.point_rows import rows_of
from mgsim.sweeps.prepare import Job
from mgsim.sweeps.result.dataset import with_half_step

if TYPE_CHECKING:
    import xarray as xr

#: Points that are run again at most.
_MOST = 32


def finer(job: Job) -> Job:
    """The same job at half the step, and half the parts."""
    return stepped(job, 0.5)


def stepped(job: Job, by: float) -> Job:
    """The same job at so many times the step, and the parts."""
    return replace(
        job, each=tuple(replace(o, dt=o.dt * by, part=o.dt / o.parts * by) for o in job.each)
    )


def compare(job: Job, result: xr.Dataset) -> dict[str, Any]:
    """Run some points, spread evenly over all, at half the step.

    Returns
    -------
    ``points``, how many were compared; ``distance``, the largest for each measure, in its unit, or
    None where no point has a value at both steps; ``other_values``, the points at which a measure
    has a value at one step alone; ``other_counts``, the points with another number of spikes, where
    that is a measure, and ``other_status``, those that ended otherwise.
    """
    size = job.request.size
    points = np.unique(np.linspace(0, size - 1, min(size, _MOST)).round().astype(np.int64))
    rows = rows_of(finer(job), points)
    dims = tuple(job.request.design.dims.items())
    places = np.unravel_index(points, [n for _, n in dims]) if dims else ()
    at = {name: ("compared", place) for (name, _), place in zip(dims, places, strict=True)}

    def there(name: str) -> np.ndarray:
        return np.atleast_1d(result[name].isel(at).values)

    both = (there("status") == OK) & (rows.status == OK)
    found: dict[str, Any] = {"points": len(points), "distance": {}}
    alone = np.zeros(len(points), dtype=bool)
    for place, measure in enumerate(job.measures):
        ours = there(measure.name)
        new = rows.values[:, place]
        there_too = both & ~np.isnan(new) & ~np.isnan(ours)
        alone |= both & (np.isnan(new) != np.isnan(ours))
        apart = np.abs(new - ours)[there_too]
        found["distance"][measure.name] = float(apart.max()) if len(apart) else None
        if "spike" in measure.on and measure.unit == "1":
            found["other_counts"] = int((new != ours)[there_too].sum())
    found["other_values"] = int(alone.sum())
    found["other_status"] = int((there("status") != rows.status).sum())
    return found


def told(job: Job, result: xr.Dataset, folder: Path | None = None) -> xr.Dataset:
    """The result, if it is whole, with what :func:`compare` finds; kept in the folder too.

    What the folder has told already is not computed again.
    """
    if "half_step_points" in result.attrs or bool((result.status == PENDING).any()):
        return result
    store = None if folder is None else Store.open(folder)
    if store is not None:
        store.done()
    found = compare(job, result)
    if store is not None:
        content = {"sweep": store.identity, "results": store.results or None, **found}
        try:
            store.stays()
            checked_json.write(store.folder / HALF_STEP, "half step", content)
        except (OSError, Moved) as error:
            warnings.warn(f"how far it is from half the step is not kept: {error}", stacklevel=3)
    return with_half_step(result, found)
