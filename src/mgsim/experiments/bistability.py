"""When tonic NMDA receptors give a passive cell two resting potentials.

With a leak and NMDA receptors that stay open, ``v`` is a steady state where
``g_NMDA/g_leak = (v - E_L)/(B (E - v))``. Where that ratio falls with ``v`` the state is unstable,
so two folds of the curve bound the conductances with two stable potentials. At a fold
``d ln B/dv = 1/(v - E_L) + 1/(E - v)``. Where a single magnesium ion blocks and nothing else does,
``B = 1/(1 + [Mg] f(v))``, ``1/B`` is a straight line over magnesium, so each potential has one
magnesium at which it is a fold, and the folds are followed along ``v`` without any search. For
another law the line is one between each two of the magnesium levels, its own value at zero among
them. Jahr & Stevens' law has no fold below 4.39 mM with a leak to -70 mV: under it NMDA receptors
and a leak alone make no plateau at any conductance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.experiments.block_curves import ROOM
from mgsim.parts.baths import dish_normal
from mgsim.parts.blocks import sourced
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.receptors.nmda import nmda
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr

_STEADY = Component(
    name="steady_state",
    slot="neuron",
    meaning="a leak and open NMDA receptors in balance at a given potential",
    equations="""
g_ratio = (v - e_leak)/(unblocked*(e_nmda - v)) : 1  # NMDA over leak conductance in balance
left_without_mg = unblocked_without_mg : 1  # unblocked fraction at zero magnesium
""",
    parameters=(
        Parameter(
            "v",
            -50.0,
            "mV",
            "membrane potential",
            "assumed: choice of the experimenter",
            (-120, 80),
        ),
        Parameter(
            "e_leak",
            -70.0,
            "mV",
            "leak reversal potential",
            "assumed: that of the standard cell",
            (-95, -50),
        ),
        nmda["e_nmda"],
        ROOM,
    ),
)


def folds(ds: xr.Dataset) -> xr.Dataset:
    """Add the folds, the smallest magnesium that has them, and the window between them.

    ``fold_mg`` and ``fold_ratio`` along ``v``: the magnesium at which that potential is a fold, and
    the conductance ratio there. ``mg_onset``: the smallest such magnesium. ``window_low`` and
    ``window_high``: the ratios between which two potentials are stable, by magnesium.
    """
    import xarray as xr

    if "mg_out" not in ds.dims:
        ds = ds.expand_dims("mg_out")
    if not float(ds.mg_out.max()) > 0:
        raise AxisError(
            "mg_out: give a magnesium above 0 too; without any, a law shows no block to follow"
        )
    fold_mg, resistance = _folds(ds.sel(mg_out=ds.mg_out > 0).sortby("mg_out"))
    own = parameters(ds)
    ratio = (ds.v - own.e_leak) / (own.e_nmda - ds.v) * resistance
    curve = ds.g_ratio
    falls = curve.diff("v") < 0
    edge = curve.isel(v=slice(None, -1)).where(falls)  # upper ends of the falling limb
    other = curve.shift(v=-1).isel(v=slice(None, -1)).where(falls)
    about = {
        "fold_mg": (fold_mg, "mM", "magnesium at which the potential is a fold"),
        "fold_ratio": (ratio, "1", "NMDA over leak conductance at the fold"),
        "mg_onset": (fold_mg.min("v"), "mM", "smallest magnesium with two stable potentials"),
        "window_low": (
            other.min("v"),
            "1",
            "smallest NMDA over leak conductance with two stable potentials",
        ),
        "window_high": (
            edge.max("v"),
            "1",
            "largest NMDA over leak conductance with two stable potentials",
        ),
    }
    return ds.assign(
        {
            name: xr.DataArray(values, attrs={"units": unit, "long_name": meaning})
            for name, (values, unit, meaning) in about.items()
        }
    )


def _folds(ds: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """The smallest magnesium at which each potential is a fold, and 1/unblocked there."""
    import xarray as xr

    free = 1 / ds.left_without_mg
    if "mg_out" in free.dims:
        free = free.isel(mg_out=0, drop=True)
    if bool((1 / ds.unblocked < free * (1 - 1e-9)).any()):
        raise AxisError(
            "unblocked_without_mg: the law leaves more than that with magnesium; it "
            "states the value itself, so leave it out"
        )
    bound = 1 / ds.unblocked - free
    bound = bound.where(bound > 0)  # none for a law that never blocks
    rise = bound * np.log(bound).differentiate("v", edge_order=2)  # an exponential's is exact
    own = parameters(ds)
    needed = 1 / (ds.v - own.e_leak) + 1 / (own.e_nmda - ds.v)
    start = needed * free + free.differentiate("v", edge_order=2)
    excess = start + needed * bound + rise  # 0 at a fold, positive at no magnesium
    fold_mg = resistance = xr.full_like(start, np.nan)
    before = (0.0, start, free)
    for k, level in enumerate(ds.mg_out.values):
        after = (
            float(level),
            excess.isel(mg_out=k, drop=True),
            (free + bound).isel(mg_out=k, drop=True),
        )
        share = before[1] / (before[1] - after[1])
        last = k == ds.sizes["mg_out"] - 1  # followed further along the last line
        here = (before[1] > 0) & ((before[1] > after[1]) if last else (after[1] <= 0))
        here = here & np.isnan(fold_mg)
        fold_mg = xr.where(here, before[0] + share * (after[0] - before[0]), fold_mg)
        resistance = xr.where(here, before[2] + share * (after[2] - before[2]), resistance)
        before = after
    return fold_mg, resistance


bistability = Experiment(
    "bistability",
    "At which magnesium and conductance has a leaky cell with NMDA receptors two stable "
    "potentials?",
    (
        Model(
            "leak_and_nmda",
            (dish_normal, _STEADY, jahr_stevens_1990),
            "a leak and open NMDA receptors at a given potential",
        ),
    ),
    rest,
    record=("g_ratio", "unblocked", "left_without_mg"),
    algebraic=True,
    axes={
        "block": [law for law in sourced() if law.name != "none"],
        "mg_out": [0.1, 0.2, 0.5, 0.8, 1.0, 1.2, 2.0],
        "v": np.arange(-69.98, -0.015, 0.02).round(2),
    },
    derive=folds,
    small={
        "block": ["jahr_stevens_1990", "chindemi_2022", "kampa_2004"],
        "v": np.arange(-69.5, 0.0, 0.5),
    },
)
