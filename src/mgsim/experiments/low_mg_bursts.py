"""Bursts of a cell that excites itself, against magnesium; without NMDA receptors as the control.

From the active start: what goes on by itself afterwards, and what dies out, is what is asked. From
the quiet start the cell stays silent at every magnesium. The cell stands for a network whose cells
burst together; it is no network, has no inhibition and no noise, and says nothing of how often
activity would begin.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from mgsim.analysis.bursts import bursts
from mgsim.models.cells import bursting
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

#: ms: what came before is the start's.
SETTLED = 1000.0


def counted(ds: xr.Dataset) -> xr.Dataset:
    """Add bursts of the time after the first second, and what was found in words."""
    ds = ds.assign(bursts(ds, between=(SETTLED, float(ds.time.max()))).data_vars)
    found = ds.expand_dims([n for n in ("g_nmda", "mg_out") if n not in ds.dims])
    others = [str(d) for d in found.activity.dims if d != "mg_out"]
    words = []
    for case in product(*(found[d].values.tolist() for d in others)):
        here = found.sel(dict(zip(others, case, strict=True)))
        told = []
        for kind in ("regular", "bursting", "irregular", "unknown"):
            at = here.mg_out.values[here.activity.values == kind]
            if len(at):
                told.append(f"{kind} at {', '.join(f'{x:g}' for x in at)} mM")
        where = ", ".join(
            f"{d} {x:g} {found[d].attrs.get('units', '')}" if isinstance(x, float) else str(x)
            for d, x in zip(others, case, strict=True)
        )
        words.append(f"{where}: {'; '.join(told) or 'silent at every magnesium'}")
    rate = found.burst_frequency.where(found.activity == "bursting")
    if bool(rate.notnull().any()):
        words.append(f"bursts come at {float(rate.min()):.3g} to {float(rate.max()):.3g} Hz")
    return ds.assign_attrs(found=f"Found after the first second: {'. '.join(words)}.")


low_mg_bursts = Experiment(
    "low_mg_bursts",
    "How does magnesium change the activity of a cell that excites itself?",
    (bursting.with_values(active_start=1.0),),
    rest.lasting(2000.0),
    record=("v",),
    every=4,
    axes={"g_nmda": [0.0, 40.0], "mg_out": [0.0, 0.02, 0.05, 0.1, 0.2, 0.8]},
    derive=counted,
)
