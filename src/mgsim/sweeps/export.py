"""A sweep as one file for others: netCDF, or a tidy table as CSV or Parquet, a row a point."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mgsim.engines.contract import STATUS
from mgsim.sweeps.opened import opened
from mgsim.sweeps.store import Store

#: Rows that are formed at a time.
_ROWS = 100_000


def export(store: Store, path: Path) -> None:
    """Write a sweep as ``.nc``, ``.csv`` or ``.parquet``, by the name's ending.

    The file is written under another name and renamed, so it is there whole or not at all. Points
    that have not run, or are damaged, are left out of a table.

    Raises
    ------
    ValueError
        For another ending, or where pyarrow is lacking for Parquet.
    """
    write = {".nc": _netcdf, ".csv": _csv, ".parquet": _parquet}.get(path.suffix)
    if write is None:
        raise ValueError(f"{path}: give a name that ends with .nc, .csv or .parquet")
    part = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        write(store, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def tables(store: Store) -> Iterator[dict[str, np.ndarray]]:
    """The points that have run as columns: axes, measures, status, time of failure."""
    done = store.done()
    names = list(store.frame.measures)
    words = np.array([STATUS[code] for code in sorted(STATUS)])
    codes = np.array(sorted(STATUS))
    for first in range(0, store.n_points, _ROWS):
        stop = min(first + _ROWS, store.n_points)
        rows = store.read(first, stop, done)
        ran = rows.status >= 0
        if not ran.any():
            continue
        points = np.arange(first, stop)[ran]
        found: dict[str, np.ndarray] = {"point": points, **store.design.columns(points)}
        found |= {n: rows.values[ran, i] for i, n in enumerate(names)}
        found["status"] = words[np.searchsorted(codes, rows.status[ran])]
        found["failed_at"] = rows.failed_at[ran]
        yield found
    store.tell(store.faults())


def _netcdf(store: Store, path: Path) -> None:
    opened(store).to_netcdf(path, engine="h5netcdf")


def _csv(store: Store, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for place, table in enumerate(tables(store)):
            if place == 0:
                writer.writerow(table)
            columns = [[_cell(x) for x in column.tolist()] for column in table.values()]
            writer.writerows(zip(*columns, strict=True))


def _cell(value: Any) -> Any:
    """A number as text that reads back as the same number; nothing for NaN."""
    return "" if value != value else repr(value) if isinstance(value, float) else value


def _parquet(store: Store, path: Path) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ValueError("Parquet needs pyarrow: pip install pyarrow") from None
    writer = None
    try:
        for table in tables(store):
            made = pa.table({n: column.astype(str) if column.dtype.kind in "OU" else column
                             for n, column in table.items()})  # fmt: skip
            if writer is None:
                writer = pq.ParquetWriter(path, made.schema)
            writer.write_table(made)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise ValueError("no point has run yet")
