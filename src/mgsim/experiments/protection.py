"""How much of the calcium load extra magnesium takes away, against how severe the insult is.

Protection is 1 less the load at a raised magnesium over the load at the lowest of the axis. The
insult is glutamate that stays, in a cell whose potassium gradient has run down to the stated
reversal potential; the leak's follows it. The load is that of two seconds once the cell has
settled. With its gradients whole the cell stays below -45 mV in any glutamate, where block holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.experiments.insult_map import G_NMDA, PERSON, exposed
from mgsim.measures import ca_charge_nmda, mean_v
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.designs import AxisError

if TYPE_CHECKING:
    import xarray as xr


def protected(ds: xr.Dataset) -> xr.Dataset:
    """Add ``protection`` against the lowest magnesium, and where half of it is lost.

    ``v_lost`` and ``e_k_lost`` (mV): the mean potential in the lowest magnesium, and the reversal
    potential of potassium, above which protection stays below half of the most that it is; NaN
    where it never does, and where not all of it is known.
    """
    import xarray as xr

    for name in ("mg_out", "e_k"):
        if ds.sizes.get(name, 1) < 2:
            raise AxisError(f"'{name}' needs several values: protection is between them")
    ds = ds.sortby(["mg_out", "e_k"])
    low = ds.isel(mg_out=0)
    saved = 1 - ds.ca_charge_nmda / low.ca_charge_nmda
    found = saved.transpose(..., "e_k")
    e_k = ds.e_k.values
    v = low.mean_v.broadcast_like(found).transpose(*found.dims).values
    lost = np.full((2, *found.shape[:-1]), np.nan)
    for at in np.ndindex(found.shape[:-1]):
        y = found.values[at]
        if not np.all(np.isfinite(y)):
            continue
        over = y - 0.5 * np.max(y)
        k = int(np.flatnonzero(over >= 0)[-1])
        if k + 1 < len(over) and np.max(y) > 0:
            share = over[k] / (over[k] - over[k + 1])
            lost[0][at] = v[at][k] + share * (v[at][k + 1] - v[at][k])
            lost[1][at] = e_k[k] + share * (e_k[k + 1] - e_k[k])
    dims = found.dims[:-1]
    added = ds.assign(
        protection=saved.assign_attrs(
            units="1", long_name="share of the NMDA calcium load that extra magnesium takes away"
        ),
        v_lost=xr.DataArray(
            lost[0],
            dims=dims,
            attrs={"units": "mV", "long_name": "potential at which half of the protection is lost"},
        ),
        e_k_lost=xr.DataArray(
            lost[1],
            dims=dims,
            attrs={"units": "mV", "long_name": "potassium reversal at which half of it is lost"},
        ),
    )
    return added.assign_attrs(found=_words(added))


def _words(ds: xr.Dataset) -> str:
    from itertools import product

    raised = ds.isel(mg_out=slice(1, None))
    dims = [str(d) for d in raised.v_lost.dims]
    told = []
    for case in product(*(raised[d].values.tolist() for d in dims)):
        one = raised.sel(dict(zip(dims, case, strict=True)))
        where = ", ".join(
            f"{d} {x:g} {raised[d].attrs.get('units', '')}" if isinstance(x, float) else str(x)
            for d, x in zip(dims, case, strict=True)
        )
        unknown = one.e_k.values[one.protection.isnull().values]
        if unknown.size:
            told.append(f"{where}: not known at {', '.join(f'{x:g}' for x in unknown)} mV")
            continue
        ends = [float(one.protection.isel(e_k=i)) for i in (0, -1)]
        text = f"{where}: {ends[0]:.0%} in the mildest and {ends[1]:.0%} in the most severe"
        if np.isfinite(float(one.v_lost)):
            text += f", half lost at {float(one.v_lost):.0f} mV"
        else:
            text += ", half never lost"
        told.append(text)
    low = float(ds.mg_out[0])
    return f"Found: NMDA calcium taken away, over {low:g} mM; {'; '.join(told)}."


protection = Experiment(
    "protection",
    "How much of the calcium load does extra magnesium take away, and in which insult is it lost?",
    (exposed,),
    tonic_glutamate.lasting(3000.0, (1000.0, 3000.0)),
    measures=(ca_charge_nmda, mean_v),
    axes={
        "g_nmda": G_NMDA,
        "glu_tonic": [0.001, 0.01, 0.1],
        "mg_out": [PERSON, 0.97, 1.5, 4.0],
        "e_k": np.linspace(-100.0, -10.0, 37),
    },
    follow={"e_leak": "e_k + 30*mV"},
    derive=protected,
    small={
        "glu_tonic": [0.001, 0.1],
        "mg_out": [PERSON, 4.0],
        "e_k": [-100.0, -80.0, -60.0, -30.0, -10.0],
    },
)
