"""A sweep in a folder as one file for others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mgsim.engines.contract import STATUS
from mgsim.store.folder import Store
from mgsim.store.opening import looked, tell
from mgsim.sweeps.labels import shown
from mgsim.sweeps.result.file import file_of, write_as

#: Rows that are formed at a time.
_ROWS = 100_000


def export(store: Store, path: Path, overwrite: bool = False) -> bool:
    """Write a sweep as ``.nc``, ``.csv`` or ``.parquet``, by the name's ending; whether it is all.

    Every point is a row of a table: one that has not run, or is damaged, has the status ``pending``
    and no values, and a warning tells how many.

    Raises
    ------
    ValueError
        For another ending, where pyarrow is lacking for Parquet, or for a file that is not as
        mgsim wrote it, unless it is to be ``overwrite``-n.
    """
    target = file_of(path, overwrite)
    if target is None:
        raise ValueError(f"{path}: give a name that ends with .nc, .csv or .parquet")
    done = store.done()
    write_as(target, lambda: looked(store, done=done)[0], lambda: _tables(store, done), again=False)
    return tell(store, done)


def _tables(store: Store, done: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    """All points as columns: axes, measures, status, time of failure."""
    names = list(store.frame.measures)
    words = np.array([STATUS[code] for code in sorted(STATUS)])
    codes = np.array(sorted(STATUS))
    for first in range(0, store.n_points, _ROWS):
        stop = min(first + _ROWS, store.n_points)
        rows = store.read(first, stop, done)
        points = np.arange(first, stop)
        found: dict[str, np.ndarray] = {"point": points}
        found |= shown(store.frame, store.design, points)
        found |= {n: rows.values[:, i] for i, n in enumerate(names)}
        found["status"] = words[np.searchsorted(codes, rows.status)]
        found["failed_at"] = rows.failed_at
        yield found
