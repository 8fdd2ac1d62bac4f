"""Does magnesium prevent spreading depolarisation? One cell in high potassium, as published.

Magnesium at three levels, with all receptors, without AMPA receptors, and without AMPA and NMDA
receptors. What is asked is when the cell depolarises, if it does: before that no glutamate is
released, so that magnesium has little to act on, and potassium ignites it. How long it lasts is not
asked, for that is set by the smallest push. One cell in a closed space: nothing spreads. The block
law was used at 1.2 mM alone, so that at other levels it is extrapolated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.engines.contract import OK
from mgsim.models.published import hubel_2017
from mgsim.protocols.energy import potassium_bath
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

#: mM: extracellular potassium above which the cell counts as depolarised for good, amid the 15 that
#: the bath alone gives and the 90 that follow.
IGNITED = 30.0
_G_NMDA, _G_AMPA = hubel_2017["nmda_current"]["g_nmda"].value, hubel_2017["ampa"]["g_ampa"].value


def ignited(ds: xr.Dataset) -> xr.Dataset:
    """Add ``onset`` (s), when potassium outside first exceeds 30 mM.

    NaN where it does not, and where the run failed.
    """
    over = ds.k_out > IGNITED
    first = (over.idxmax("time") / 1000).where(over.any("time"))
    ran = ds.status == OK
    first.attrs = {"units": "s", "long_name": "onset of spreading depolarisation"}
    ds = ds.assign(onset=first)
    told = []
    others = [str(d) for d in first.dims if d != "mg_out"]
    for at in np.ndindex(*(ds.sizes[d] for d in others)):
        here = dict(zip(others, at, strict=True))
        one, known = first.isel(here), ran.isel(here)
        case = ", ".join(f"{one[d].item()}" for d in others)
        each = [
            f"{(f'{x:.1f} s' if np.isfinite(x) else 'never') if k else 'not known'} at {mg:g} mM"
            for mg, x, k in zip(*map(np.atleast_1d, (one.mg_out, one, known)), strict=True)
        ]
        told.append(f"{case + ': ' if case else ''}{', '.join(each)}")
    end = float(ds.time.max()) / 1000
    return ds.assign_attrs(
        found=f"Found in {end:.0f} s, onset of spreading depolarisation; {'; '.join(told)}."
    )


spreading_depolarisation = Experiment(
    "spreading_depolarisation",
    "Does magnesium prevent spreading depolarisation in high potassium, or do receptors decide?",
    (hubel_2017,),
    potassium_bath.lasting(110_000.0),
    record=("v", "k_out", "vol_out", "glu", "unblocked"),
    every=1000,
    dt=0.1,
    arms={
        "all": {"g_nmda": _G_NMDA, "g_ampa": _G_AMPA},
        "no_ampa": {"g_nmda": _G_NMDA, "g_ampa": 0.0},
        "neither": {"g_nmda": 0.0, "g_ampa": 0.0},
    },
    axes={"mg_out": [0.0, 1.2, 4.0]},
    derive=ignited,
    small={"mg_out": [0.0, 4.0]},
)
