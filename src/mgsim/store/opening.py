"""A sweep on disk as the labelled data set that it would have been in memory."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.engines.contract import PENDING, REASONED, STATUS
from mgsim.store import repair
from mgsim.store.folder import Store
from mgsim.sweeps.labels import FLAGS, about, at_once, coordinates, shown
from mgsim.sweeps.point_rows import Rows, libraries
from mgsim.sweeps.result.dataset import dead_axes, with_half_step
from mgsim.sweeps.result.outputs import path_of
from mgsim.sweeps.result.parameters import put_away

if TYPE_CHECKING:
    import xarray as xr

#: Bytes of results above which they are read when used, and values in a lazy piece.
_LAZY, _PIECE = 64_000_000, 1_000_000
_LISTED = 20


def open_sweep(folder: str | Path, *, lazy: bool | None = None) -> xr.Dataset:
    """The sweep in a folder, whole or as far as it is.

    Points that have not run have the status ``pending`` (-1) and NaN, and a
    ``PendingPointsWarning`` tells how many; so have those whose batch is missing or damaged, of
    which a ``DamagedWarning`` tells. A failed point's reason stands in the attribute ``failures``.

    Parameters
    ----------
    folder : the ``out`` of :func:`mgsim.sweep`, or ``--out`` of ``mgsim sweep run``.
    lazy : read values when they are used, by dask; by default where it is installed and the
        sweep is large.

    Raises
    ------
    NotASweep, Damaged
        When the folder holds no sweep, or one whose description or axes were damaged.

    Examples
    --------
    >>> import mgsim as mg, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> ds = mg.sweep(mg.models["tonic"], mg.protocols["rest"], mg.measures["mean_v"],
    ...               mg_out=[0, 1], g_nmda=10, out=folder)
    >>> mg.open_sweep(folder).identical(ds)
    True
    """
    return opened(Store.open(path_of(folder, "open_sweep")), lazy=lazy)


def opened(store: Store, *, lazy: bool | None = None) -> xr.Dataset:
    """The data set of a store; warnings for what has not run, and what is missing or damaged."""
    done = store.done()
    result = looked(store, lazy, done)[0]
    tell(store, done, stacklevel=5)
    return result


def tell(store: Store, done: np.ndarray, stacklevel: int = 4) -> bool:
    """Warn of what has not run, is missing or damaged, as far as was read; whether all is whole."""
    pending = store.tell_pending(done, stacklevel)
    whole = bool(done.all()) and not store.noticed
    faults = {
        **store.faults(),
        **repair.summary_fault(store, whole),
        **repair.half_step_fault(store),
    }
    store.tell(faults, stacklevel)
    return not (pending or store.noticed or faults)


def looked(
    store: Store, lazy: bool | None = None, done: np.ndarray | None = None
) -> tuple[xr.Dataset, dict[str, Any] | None, dict[str, str]]:
    """The data set of a store, what the end of its run has found, and what is wrong with that.

    What the end of the run should have kept and has not is found again, unless the sweep is lazy.
    """
    libraries()
    import xarray as xr

    if lazy is None:
        lazy = large(store)
    done = store.done() if done is None else done
    design, frame = store.design, store.frame
    dims = tuple(design.dims)
    variables: dict[str, Any] = {}
    if lazy:

        def rows_of(points: np.ndarray) -> Rows:
            seen = len(store.noticed)
            rows = store.read(int(points[0]), int(points[-1]) + 1, done)
            if len(store.noticed) > seen:
                store.tell()
            return rows

        def values_of(place: int) -> Callable[[np.ndarray], np.ndarray]:
            return lambda points: rows_of(points).values[:, place]

        arrays = [_by_pieces(design.dims, values_of(i)) for i in range(len(frame.measures))]
        status = _by_pieces(design.dims, lambda points: rows_of(points).status)
        failed_at = _by_pieces(design.dims, lambda points: rows_of(points).failed_at)
    else:
        rows = store.read(0, store.n_points, done)
        shape = tuple(design.dims.values())
        arrays = [np.ascontiguousarray(column).reshape(shape) for column in rows.values.T]
        status, failed_at = rows.status.reshape(shape), rows.failed_at.reshape(shape)
    for (name, known), values in zip(frame.measures.items(), arrays, strict=True):
        variables[name] = (dims, values, known)
    variables["status"] = (dims, status, FLAGS)
    variables["failed_at"] = (dims, failed_at, about("ms", "time at which the run failed"))
    result = xr.Dataset(
        variables, coords=coordinates(frame, design, _by_pieces if lazy else at_once)
    )
    result.attrs = dict(frame.attrs)
    result = put_away(result, frame.asked)
    whole = bool(done.all()) and not store.noticed
    found = repair.summary(store)
    faults = repair.summary_fault(store, whole)
    kept = None if isinstance(found, str) else found
    if kept is None and whole and not lazy:
        kept = ended(store, done, result)
    if kept is not None:
        result.attrs |= facts(kept)
    half = repair.half_step(store)
    if not isinstance(half, str):
        result = with_half_step(result, half)
    return result, kept, faults


def facts(kept: Mapping[str, Any]) -> dict[str, str]:
    """The attributes that tell what the end of a run has found."""
    listed = {"failures": kept["failures"]} if kept["failures"] else {}
    return {"dead_axes": kept["dead_axes"], **listed}


def large(store: Store) -> bool:
    """Whether a sweep's results are read only when they are used."""
    size = 8 * store.n_points * len(store.frame.measures)
    return size > _LAZY and importlib.util.find_spec("dask") is not None


def ended(store: Store, done: np.ndarray, result: xr.Dataset) -> dict[str, Any]:
    """What the end of a run keeps: points by status, failures, axes without effect."""
    return {
        "counts": counts(store, done),
        "failures": "\n".join(failure_line(f) for f in failures(store, done)),
        "dead_axes": ", ".join(dead_axes(result)),
    }


def _by_pieces(dims: Mapping[str, int], values_of: Callable[[np.ndarray], np.ndarray]) -> Any:
    """A dask array whose pieces are stretches of successive points; small ones are made at once."""
    shape = tuple(dims.values())
    if math.prod(shape) <= _PIECE:
        return at_once(dims, values_of)
    import dask.array as da

    chunks: list[tuple[int, ...]] = []
    for place, length in enumerate(shape):
        inner = math.prod(shape[place + 1 :])
        step = min(length, max(1, _PIECE // inner))
        chunks.append((*[step] * (length // step), *([length % step] if length % step else [])))

    def piece(block_info: Any = None) -> np.ndarray:
        where = block_info[None]["array-location"]
        first = int(np.ravel_multi_index([a for a, _ in where], shape))
        size = [b - a for a, b in where]
        return values_of(np.arange(first, first + math.prod(size))).reshape(size)

    sample = values_of(np.arange(1))
    return da.map_blocks(
        piece,
        chunks=tuple(chunks),
        dtype=sample.dtype,
        meta=np.empty((0,) * len(shape), dtype=sample.dtype),
    )


# ------------------------------------------------------------------------------------- counting


def counts(store: Store, done: np.ndarray) -> dict[str, int]:
    """How many points have each status, by its name."""
    found = dict.fromkeys(STATUS, 0)
    for _, status in store.statuses(done):
        for code, number in zip(*np.unique(status, return_counts=True), strict=True):
            found[int(code)] += int(number)
    found[PENDING] = store.n_points - sum(n for c, n in found.items() if c != PENDING)
    return {STATUS[code]: number for code, number in found.items()}


def failures(store: Store, done: np.ndarray, most: int = _LISTED) -> list[dict[str, Any]]:
    """The first failed points: number, status, values of the axes, time and reason."""
    found: list[dict[str, Any]] = []
    for first, status in store.statuses(done):
        for point in first + np.flatnonzero((status != 0) & (status != PENDING)):
            rows = store.read(int(point), int(point) + 1, done)
            code = int(rows.status[0])
            reason = f"left all bounds at {rows.failed_at[0]:g} ms"
            if code in REASONED:
                reason = store.reasons(int(point) // store.batch).get(int(point), "reason unknown")
            here = shown(store.frame, store.design, np.array([point]))
            at = {n: v[0] for n, v in here.items()}
            found.append({"point": int(point), "status": STATUS[code], "at": at, "reason": reason})
            if len(found) == most:
                return found
    return found


def failure_line(failure: Mapping[str, Any]) -> str:
    """A failed point in words."""
    at = ", ".join(
        f"{n}={v:g}" if isinstance(v, float) else f"{n}={v}" for n, v in failure["at"].items()
    )
    return f"point {failure['point']} ({at}): {failure['status']}: {failure['reason']}"
