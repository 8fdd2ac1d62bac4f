"""What a run goes on from, wherever it lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mgsim.store.opening import open_sweep
from mgsim.sweeps.result.file import read
from mgsim.sweeps.result.outputs import path_of

if TYPE_CHECKING:
    import xarray as xr


def saved(start: xr.Dataset | str | Path | None) -> xr.Dataset | None:
    """The result that a run goes on from: itself, or what a netCDF file or a folder holds.

    Raises
    ------
    NotASweep, Damaged
        As :func:`mgsim.open_sweep`.
    ValueError
        For a file of another kind, or one that is damaged.
    """
    if start is None or not isinstance(start, str | Path):
        return start
    path = path_of(start, "start")
    if path.suffix != ".nc":
        return open_sweep(path)
    return read(path)
