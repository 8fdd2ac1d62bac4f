"""Which points of a result have no number, and why, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.engines.contract import OK, STATUS

if TYPE_CHECKING:
    import xarray as xr


def lacking(values: xr.DataArray, status: xr.DataArray, unit: str = "mM") -> list[str]:
    """Where values along one axis are NaN or their run did not end, one text a reason.

    Parameters
    ----------
    values, status : along the same axis of numbers, in ``unit``.

    Returns
    -------
    Such as ``["always reached at 0, 0.05 mM", "diverged at 4 mM"]``; none where all is known.
    """
    (axis,) = values.dims
    lost: dict[str, list[str]] = {}
    for x, value, code in zip(values[axis].values, values.values, status.values, strict=True):
        if code != OK or not np.isfinite(value):
            why = "not defined" if code == OK else STATUS[int(code)].replace("_", " ")
            lost.setdefault(why, []).append(f"{x:g}")
    return [f"{why} at {', '.join(at)} {unit}" for why, at in lost.items()]
