"""Energy failure at two magnesium levels, by what fails: pump, glia, bath, uptake, or all.

The supply of one consumer after another, of pump and glia, and of all, falls to nothing from 20 to
35 s; the others are supplied. Asked is whether and when the cell depolarises, and how much block
its NMDA receptors have left at the worst. Some cells come back by themselves; how soon is not
asked, for the smallest push may set it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.declare import changes
from mgsim.experiments.spreading_depolarisation import ignited
from mgsim.models.published import hubel_2017
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

#: Who spends energy, by the parameter that each failing supply has.
_SUPPLIES = ("supply_pump", "supply_glia", "supply_bath_exchange", "supply_uptake")
_FAILS = {
    "pump": ("supply_pump",),
    "glia": ("supply_glia",),
    "bath": ("supply_bath_exchange",),
    "uptake": ("supply_uptake",),
    "pump_glia": ("supply_pump", "supply_glia"),
    "everything": _SUPPLIES,
}


def left(ds: xr.Dataset) -> xr.Dataset:
    """Add the onset, as in ``spreading_depolarisation``, and what is unblocked at the worst.

    ``unblocked_worst``: the unblocked share where potassium outside is at its highest.
    """
    ds = ignited(ds)
    worst = ds.unblocked.isel(time=ds.k_out.fillna(-np.inf).argmax("time")).drop_vars("time")
    worst.attrs = {"units": "1", "long_name": "unblocked share at the highest potassium"}
    return ds.assign(unblocked_worst=worst)


energy_failure = Experiment(
    "energy_failure",
    "Which failure of the energy supply depolarises a cell, and does magnesium change it?",
    (hubel_2017,),
    rest.changing(**{name: changes.ramp(1.0, "20 s", "15 s") for name in _SUPPLIES}).lasting(
        75_000.0
    ),
    record=("v", "k_out", "vol_out", "glu", "unblocked"),
    every=1000,
    dt=0.1,
    arms={
        what: {f"{name}_after": float(name not in failing) for name in _SUPPLIES}
        for what, failing in _FAILS.items()
    },
    axes={"mg_out": [0.8, 4.0], **dict.fromkeys(_SUPPLIES, 1.0)},
    derive=left,
    small={"mg_out": [4.0]},
)
