"""What magnesium does to excitability: by NMDA receptors under ambient glutamate, and by charge.

Two ways, each of which can be left out: without ambient glutamate no NMDA receptor is open, and
without surface charge no gate feels magnesium; without both nothing is left that magnesium acts on
in this cell, and rheobase and rate are the same at every level. And a reason to say what excitable
means: under strong input a cell without magnesium may stop firing in depolarisation block, while
calcium goes on rising.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.lacking import lacking
from mgsim.measures import ca_charge_nmda, spike_count, spike_rate
from mgsim.models.cells import standard
from mgsim.parts.mechanisms.surface_charge import grahame
from mgsim.protocols.currents import current_step
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

_WITHOUT = standard.named("without_charge", "the standard cell")
_WITH = replace(standard, parts=(*standard.parts, grahame)).named(
    "with_charge", "the standard cell, whose gates surface charge shifts"
)
_STEP = current_step + tonic_glutamate.lasting(1000.0)
_LEVELS = [0.0, 0.05, 0.1, 0.2, 0.4, 0.72, 0.92, 1.2, 2.0, 4.0]
#: Ambient glutamate in mM: none, and two levels that open 12 and 30 % of the receptors.
_TONE = [0.0, 0.0003, 0.001]


def _changes(ds: xr.Dataset) -> xr.Dataset:
    """Add in words how far the rheobase goes with magnesium, by glutamate and charge."""
    told = []
    value = ds.i_amp_threshold
    if ds.sizes.get("mg_out", 1) < 2:
        return ds
    others = [d for d in value.dims if d != "mg_out"]
    for at in np.ndindex(*(ds.sizes[d] for d in others)):
        here = dict(zip(others, at, strict=True))
        one = value.isel(here)
        lost = lacking(one, ds.status.isel(here))
        case = ", ".join(
            f"{d} {x:g} mM" if d == "glu_tonic" else str(x)
            for d, x in ((d, one[d].item()) for d in others)
        )
        known = one.dropna("mg_out").sortby("mg_out")
        if known.size > 1 and float(known.max() - known.min()) > 0:
            low, high = (float(x) for x in known.mg_out[[0, -1]])
            lost.insert(0, f"{float(known[-1] - known[0]):+.0f} pA from {low:g} to {high:g} mM")
        elif known.size:
            at_levels = ", ".join(f"{x:g}" for x in known.mg_out.values)
            lost.insert(0, f"the same at {f'{at_levels} mM' if lost else 'every magnesium'}")
        told.append(f"{case}: {', '.join(lost)}")
    return ds.assign_attrs(found=f"Found: rheobase, {'; '.join(told)}.")


rheobase_mg = Experiment(
    "rheobase_mg",
    "How does the current that just fires the cell change with magnesium, and by which way?",
    (_WITHOUT, _WITH),
    _STEP,
    measures=(spike_count,),
    search={"axis": "i_amp", "level": 1, "between": (-1500.0, 2500.0), "to": 1.0},
    axes={"glu_tonic": _TONE, "mg_out": _LEVELS},
    derive=_changes,
    small={"glu_tonic": [0.0, 0.001], "mg_out": [0.0, 0.2, 1.2]},
)

fi_mg = Experiment(
    "fi_mg",
    "How does magnesium move the firing that injected current evokes, and by which way?",
    (_WITHOUT, _WITH),
    _STEP,
    measures=(spike_rate,),
    axes={
        "glu_tonic": [0.0, 0.001],
        "mg_out": [0.2, 0.8, 1.2],
        "i_amp": np.arange(0.0, 1501.0, 75.0),
    },
    small={"i_amp": [0.0, 400.0, 800.0, 1200.0]},
)


def _shape(ds: xr.Dataset) -> xr.Dataset:
    """Add in words where firing and where calcium are largest."""
    told = []
    for g in np.atleast_1d(ds.g_nmda.values):
        one = ds.sel(g_nmda=g) if "g_nmda" in ds.dims else ds
        if "mg_out" not in one.spike_rate.dims:
            return ds
        lost = "".join(f", {x}" for x in lacking(one.spike_rate, one.status))
        one = one.dropna("mg_out", subset=["spike_rate"]).sortby("mg_out")
        if not one.sizes["mg_out"]:
            told.append(f"at {g:g} nS{lost}")
            continue
        rate, load = one.spike_rate, one.ca_charge_nmda
        most = float(one.mg_out[int(rate.argmax("mg_out"))])
        falls = bool((load.diff("mg_out") < 0).all())
        told.append(
            f"at {g:g} nS firing is largest at {most:g} mM ({float(rate.max()):.0f} Hz, "
            f"{float(rate[0]):.0f} Hz at {float(one.mg_out[0]):g} mM) "
            f"and calcium {'falls' if falls else 'does not only fall'} with magnesium{lost}"
        )
    return ds.assign_attrs(found=f"Found: {'; '.join(told)}.")


spikes_mg = Experiment(
    "spikes_mg",
    "Is a cell in less magnesium always the more excitable, as its calcium load would say?",
    (
        standard.with_values(g_nmda=500.0).named(
            "strong_input", "the standard cell, strongly driven"
        ),
    ),
    tonic_glutamate.lasting(1000.0, (300.0, 1000.0)),
    measures=(spike_rate, ca_charge_nmda),
    axes={"g_nmda": [100.0, 200.0, 500.0], "mg_out": [0.0, *np.geomspace(0.01, 4.0, 20).round(4)]},
    derive=_shape,
    small={"mg_out": [0.0, 0.05, 0.2, 0.4, 0.8, 2.0]},
)
