"""The magnesium above which a cell that excites itself falls silent, by block law and by cell.

Searched from the active start: the largest magnesium at which it still fires three seconds later.
Below it, activity that has begun goes on; above it, none lasts. One self-coupled cell for all is no
network: nothing here says how often activity begins, spreads, or is kept down by inhibition.
"Silent at a person's magnesium" is said of a law, a conductance and a cell, not of tissue.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from mgsim.engines.contract import ALWAYS, NEVER, OK, STATUS
from mgsim.measures import spike_count
from mgsim.models.cells import bursting
from mgsim.parts import blocks
from mgsim.parts.baths import RANGES
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

_LASTS = {NEVER: "lasts at no magnesium", ALWAYS: "lasts at every magnesium searched"}


def said(ds: xr.Dataset) -> xr.Dataset:
    """Add in words how far the limit depends on what was varied."""
    along = [str(d) for d in ds.mg_out_threshold.dims if d != "g_nmda"]
    low = RANGES["person"][0]
    words = []
    for g in np.atleast_1d(ds.g_nmda.values):
        here = ds.sel(g_nmda=g) if "g_nmda" in ds.dims else ds
        limit = here.mg_out_threshold.values.ravel()
        status = here.status.values.ravel()
        cases = [", ".join(map(str, case)) for case in product(*(here[d].values for d in along))]
        order = [i for i in np.argsort(limit) if np.isfinite(limit[i])]
        text = []
        if order:
            ends = [f"{limit[i]:.3g} mM ({cases[i]})" for i in (order[0], order[-1])]
            text.append(f"ends between {' and '.join(ends)}")
        for code, word in STATUS.items():
            if code != OK and (
                some := [c for c, x in zip(cases, status, strict=True) if x == code]
            ):
                what = _LASTS.get(code, f"is not known ({word.replace('_', ' ')})")
                text.append(f"{what} with {'; '.join(some)}")
        lasting = int(np.sum((limit >= low) | (status == ALWAYS)))
        known = int(np.sum(np.isin(status, (OK, *_LASTS))))
        text.append(f"lasts at {low:g} mM in {lasting} of {known}")
        words.append(f"At g_nmda {g:g} nS activity {', '.join(text)}")
    return ds.assign_attrs(found=f"Found: {'. '.join(words)}.")


burst_limit = Experiment(
    "burst_limit",
    "Up to which magnesium does a cell that excites itself burst on, under which block law?",
    (bursting.with_values(active_start=1.0),),
    rest.lasting(5000.0, (3000.0, 5000.0)),
    measures=(spike_count,),
    search={"axis": "mg_out", "level": 1, "between": (0.0, 2.0), "to": 1e-3, "looks": 11},
    axes={
        "block": [law for law in blocks.own.values() if law.name != "none"],
        "g_nmda": [20.0, 30.0, 40.0, 60.0],
    },
    derive=said,
    small={"block": ["golomb_2006", "jahr_stevens_1990"], "g_nmda": [30.0, 60.0]},
)

burst_limit_cells = replace(
    burst_limit,
    name="burst_limit_cells",
    question="Up to which magnesium is the same self-excitation kept up by other cells?",
    axes={
        "neuron": [
            "golomb_2006_cell",
            *(f"pospischil_2008_{name}" for name in ("rs", "fs", "lts", "ib")),
        ],
        "block": ["golomb_2006", "jahr_stevens_1990", "chindemi_2022"],
        "g_nmda": [20.0, 40.0],
        "area": 20000.0,  # one size, so that synapses per area are the same
    },
    small={"neuron": ["golomb_2006_cell", "pospischil_2008_fs"], "block": ["golomb_2006"]},
)
