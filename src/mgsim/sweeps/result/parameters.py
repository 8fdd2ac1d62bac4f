"""Parameters of a result: those that were asked for are coordinates, the rest an attribute.

A plot of xarray has every coordinate of one value in its title, so only what was asked for is one.
"""

from __future__ import annotations

import json
from collections.abc import Container
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

#: The attribute that holds the others, as JSON.
ATTRIBUTE = "parameters"


def put_away(ds: xr.Dataset, asked: Container[str]) -> xr.Dataset:
    """The result with its parameters of one value that were not asked for in the attribute."""
    away = [
        str(n)
        for n, c in ds.coords.items()
        if not c.dims and "source" in c.attrs and str(n) not in asked
    ]
    told = {n: {"value": float(ds[n]), **ds[n].attrs} for n in away}
    return ds.drop_vars(away).assign_attrs({ATTRIBUTE: json.dumps(told)})


def numbered(ds: xr.Dataset) -> list[str]:
    """Dimensions that count spikes or events, whose times are ``<dimension>_time``."""
    return [str(d) for d in ds.dims if f"{d}_time" in ds.data_vars]


def parameters(ds: xr.Dataset) -> xr.Dataset:
    """Every parameter of a result, whether or not it was asked for.

    Parameters
    ----------
    ds : what :func:`mgsim.sweep`, :func:`mgsim.simulate`, an experiment or
        :func:`mgsim.open_sweep` gives, or what one of them wrote to a netCDF file.

    Returns
    -------
    xarray.Dataset in which each parameter is a variable with ``units``, ``long_name`` and
    ``source``, along the axes that it follows; the axes themselves are its coordinates, and the
    ends of the measuring window are among the variables.

    Examples
    --------
    >>> import mgsim as mg
    >>> ds = mg.sweep(mg.models["tonic"], mg.protocols["rest"], mg.measures["mean_v"], g_nmda=10)
    >>> list(ds.coords), float(mg.parameters(ds).mg_out), mg.parameters(ds).mg_out.units
    (['g_nmda'], 0.8, 'mM')
    """
    if not hasattr(ds, "data_vars"):
        raise TypeError(
            f"parameters stand with a whole result, and a {type(ds).__name__} is none: give the "
            "data set rather than one of its variables"
        )
    shown = [str(n) for n in ds.coords if n not in ds.dims]
    away: dict[str, dict[str, Any]] = json.loads(ds.attrs.get(ATTRIBUTE, "{}"))
    others = [str(n) for n in ds.variables if str(n) not in shown and n not in ds.dims]
    made = ds.drop_vars(others).reset_coords(shown)
    made.attrs = {}
    return made.assign(
        {n: ((), p["value"], {k: x for k, x in p.items() if k != "value"}) for n, p in away.items()}
    )


def described(ds: xr.Dataset) -> dict[str, xr.DataArray]:
    """Axes and parameters of a result by name."""
    found = parameters(ds)
    return {str(n): found[n] for n in (*found.coords, *found.data_vars)}
