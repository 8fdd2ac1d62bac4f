"""A result as one file: netCDF, or a tidy table as CSV or Parquet, a row a point."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.engines.contract import STATUS
from mgsim.sweeps.result import outputs
from mgsim.sweeps.result.parameters import numbered

if TYPE_CHECKING:
    import xarray as xr

#: Endings of names of files, and those that no folder should have.
ENDINGS = (".nc", ".csv", ".parquet")
_OTHERS = (".json", ".toml", ".txt", ".tsv", ".xlsx", ".h5", ".hdf5", ".npz", ".feather")


def write(ds: xr.Dataset, target: outputs.Target) -> None:
    """Write a result that is in memory, by the name's ending; whole or not at all."""
    write_as(target, lambda: ds, lambda: [_table(ds)])


def write_as(
    target: outputs.Target,
    whole: Callable[[], xr.Dataset],
    tables: Callable[[], Iterable[dict[str, np.ndarray]]],
    *,
    again: bool = True,
) -> None:
    """Write what ``whole`` gives as ``.nc``, or the columns of ``tables``, by the name's ending.

    ``again`` and what is raised: as of :func:`mgsim.sweeps.result.outputs.put`.
    """
    ending = target.path.suffix.lower()

    def work(part: Path) -> None:
        if ending == ".nc":
            ds = whole()
            of = {n: {"fletcher32": True} for n, x in ds.variables.items() if _summed(x)}
            ds.to_netcdf(part, engine="h5netcdf", encoding=of)
        else:
            (_csv if ending == ".csv" else _parquet)(tables(), part)

    outputs.put({target: work}, again=again)


def _summed(one: xr.Variable) -> bool:
    """Whether a variable of a file can bear checksums, which whatever reads it compares."""
    return bool(one.size and one.dims) and one.dtype.kind in "biuf"


def read(path: Path) -> xr.Dataset:
    """The result in a netCDF file, all of it in memory.

    Raises
    ------
    ValueError
        For no such file, another kind of file, or one that is damaged.
    """
    import xarray as xr

    if not path.is_file():
        raise ValueError(f"{path}: there is no file of that name")
    outputs.tell_changed(path)
    try:
        with xr.open_dataset(path, engine="h5netcdf") as there:
            return there.load()
    except Exception as error:  # HDF5 tells of damage in many ways
        raise ValueError(f"{path} is damaged, or no netCDF file ({error})") from None


def file_of(out: str | Path | None, overwrite: bool = False) -> outputs.Target | None:
    """The file that ``out`` names, checked before anything runs; None for a folder, or nothing.

    A name that ends with .nc, .csv or .parquet is a file, any other a folder.

    Raises
    ------
    TypeError
        For what is no name.
    ValueError
        For a file that cannot be written, or is not mgsim's to replace
        (:mod:`mgsim.sweeps.result.outputs`), or the ending of another kind of file; for a
        folder whose name something else has; for ``overwrite`` without a file.
    """
    path = outputs.path_of(out) if out is not None else Path()
    ending = path.suffix.lower()
    if ending in _OTHERS or path.name.lower() in ENDINGS:
        raise ValueError(
            f"{out}: a name that ends with .nc, .csv or .parquet is a file; any other "
            f"is a folder, which should not end with '{ending or path.name}'"
        )
    if ending not in ENDINGS:
        if overwrite:
            raise ValueError("overwrite is for a file; a folder keeps what is finished in it")
        if out is not None:
            outputs.check_folder(path)
        return None
    if ending == ".parquet" and not find_spec("pyarrow"):
        raise ValueError("Parquet needs pyarrow: pip install pyarrow")
    return outputs.check(path, overwrite)


def _table(ds: xr.Dataset) -> dict[str, np.ndarray]:
    """A result as columns: its axes and what arms set, then its variables over all of them.

    Spike times are left out.
    """
    ds = ds.drop_dims(numbered(ds))
    dims = tuple(map(str, ds.dims))
    axes = [
        n
        for n, c in ds.coords.items()
        if n in dims or c.dims == ("point",) or "worked" in c.attrs or _differs_by_arm(c)
    ]
    columns = {} if "time" in dims else {"point": np.arange(math.prod(ds.sizes.values()))}
    for name in (*axes, *ds.data_vars):
        one = ds[name].variable
        columns[str(name)] = one.set_dims(dict(ds.sizes)).transpose(*dims).values.ravel()
    if "status" in columns:
        codes = sorted(STATUS)
        columns["status"] = np.array([STATUS[c] for c in codes])[
            np.searchsorted(codes, columns["status"])
        ]
    return columns


def _differs_by_arm(coordinate: xr.DataArray) -> bool:
    if "arm" not in coordinate.dims or coordinate.dtype.kind not in "iuf":
        return False
    values = coordinate.transpose("arm", ...).values
    return not np.array_equal(values, np.broadcast_to(values[:1], values.shape), equal_nan=True)


def _csv(tables: Iterable[dict[str, np.ndarray]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for place, table in enumerate(tables):
            if place == 0:
                writer.writerow(table)
            columns = [[_cell(x) for x in column.tolist()] for column in table.values()]
            writer.writerows(zip(*columns, strict=True))


def _cell(value: Any) -> Any:
    """A number as text that reads back as the same number; nothing for NaN."""
    return "" if value != value else repr(value) if isinstance(value, float) else value


def _parquet(tables: Iterable[dict[str, np.ndarray]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for table in tables:
            made = pa.table(
                {
                    n: column.astype(str) if column.dtype.kind in "OU" else column
                    for n, column in table.items()
                }
            )
            if writer is None:
                writer = pq.ParquetWriter(path, made.schema)
            writer.write_table(made)
    finally:
        if writer is not None:
            writer.close()
