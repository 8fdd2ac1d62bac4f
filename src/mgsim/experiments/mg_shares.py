"""How much of an effect of magnesium goes by the NMDA block, and how much by its other actions.

Magnesium goes from a low to a high level as each of five actions sees it, in every combination:
the block of NMDA receptors (in synapses and outside), release, surface charge, the block of
calcium channels, GABA-A. The shares are Shapley's, which sum to the whole effect. Ranges: of dishes
(0.2 to 1.2 mM) and of a person (0.72 to 0.92 mM). First a train of synaptic inputs, excitatory and
inhibitory, on a steady current; then silence, and a slow ramp of current until the cell fires.

What is uncertain is drawn. The gain of GABA-A has no law behind it and the block of calcium
channels no constant measured at physiological calcium: their shares are those of their priors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from mgsim.analysis.shapley import Shapley, spread
from mgsim.compose.measure import Measure
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import Prior
from mgsim.models.targets import full
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.protocols.trains import inhibition_20hz, train_20hz
from mgsim.runs.experiment import Experiment
from mgsim.sweeps import designs

if TYPE_CHECKING:
    import xarray as xr

#: What sees magnesium, by action.
_SEEN = {
    "nmda_block": ("mg_out_block", "mg_out_block_extra"),
    "release": ("mg_out_release_law",),
    "charge": ("mg_out_surface_charge",),
    "calcium_channels": ("mg_out_ca_channel_block",),
    "gaba": ("mg_out_gaba",),
}
#: Magnesium of each range in mM, low and high.
RANGES = {"dish": (0.2, 1.2), "person": (0.72, 0.92)}
GAMES = {
    name: Shapley({action: dict.fromkeys(seen, ends) for action, seen in _SEEN.items()}, name)
    for name, ends in RANGES.items()
}
#: What actions and readouts are called, and the level of the intervals.
ACTIONS = {
    "nmda_block": "NMDA block",
    "release": "release",
    "charge": "surface charge",
    "calcium_channels": "calcium channels",
    "gaba": "GABA-A",
}
READOUTS = {
    "spikes_driven": "spikes",
    "nmda_calcium": "NMDA calcium",
    "all_calcium": "all calcium",
    "ramp_threshold": "threshold",
}
LEVEL = 0.95
_CHOICE = "assumed: choice of the experimenter"

_RAMP = Component(
    "current_ramp",
    "stimulus",
    "a steady current, then none, then a slow ramp",
    equations="""
i_electrode = -(i_steady*int(t < ramp_start - ramp_pause)
                + ramp_slope*clip(t - ramp_start, 0*ms, 1e6*ms)) : pA
""",
    parameters=(
        Parameter("i_steady", 250.0, "pA", "steady current under the train", _CHOICE, (0, 2000)),
        Parameter("ramp_start", 1200.0, "ms", "start of the ramp", _CHOICE, (0, 1e5)),
        Parameter("ramp_pause", 200.0, "ms", "silence before the ramp", _CHOICE, (0, 1e4)),
        Parameter("ramp_slope", 1.5, "pA/ms", "slope of the ramp", _CHOICE, (0.01, 100)),
    ),
    currents={"i_electrode": "k"},
)
_DURING = "int(t < ramp_start - ramp_pause)"

spikes_driven = Measure(
    "spikes_driven",
    "1",
    "spikes during the train",
    on={"spike": "spikes_driven += int(t_spike < ramp_start - ramp_pause)"},
)
_ramped = Measure(
    "spikes_ramped",
    "1",
    "spikes during the ramp",
    on={"spike": "spikes_ramped += int(t_spike > ramp_start)"},
)
ramp_threshold = Measure(
    "ramp_threshold",
    "pA",
    "current at the first spike of a slow ramp",
    on={
        "spike": "ramp_threshold += int(t_spike > ramp_start)*int(spikes_ramped < 1)"
        "*ramp_slope*(t_spike - ramp_start)"
    },
    needs=(_ramped,),
    defined="spikes_ramped > 0",
    undefined="no spike during the ramp",
)
nmda_calcium = Measure(
    "nmda_calcium",
    "pC",
    "calcium charge through NMDA receptors during the train",
    rate=f"-(i_ca_nmda + i_ca_nmda_extra)*{_DURING}",
)
all_calcium = Measure(
    "all_calcium", "pC", "calcium charge during the train", rate=f"-i_ca*{_DURING}"
)
#: The scale on which effects on each readout are split. Counts and currents differ; calcium, which
#: spans decades, by ratios.
SCALES: dict[str, Literal["linear", "log"]] = {
    "spikes_driven": "linear",
    "nmda_calcium": "log",
    "all_calcium": "log",
    "ramp_threshold": "linear",
}


def shares(ds: xr.Dataset) -> xr.Dataset:
    """Add the shares of each action in each effect, along ``range``, ``readout`` and ``factor``.

    ``share``, ``value``, ``total``, ``lowest``, ``highest``, ``interaction``: as of
    :meth:`mgsim.Shapley.shares`, each readout on its scale (see ``scale``); and ``other_share``,
    on the other scale.
    """
    import xarray as xr

    of = {"linear": "log", "log": "linear"}
    found, others = [], []
    for game in GAMES.values():
        split = {n: game.shares(ds[n], scale=scale) for n, scale in SCALES.items()}
        turned = [game.shares(ds[n], scale=of[scale]).share for n, scale in SCALES.items()]  # type: ignore[arg-type]
        found.append(xr.concat(split.values(), "readout", combine_attrs="drop"))
        others.append(xr.concat(turned, "readout", combine_attrs="drop"))
    whole = xr.concat(found, "range", combine_attrs="drop").assign(
        other_share=xr.concat(others, "range", combine_attrs="drop")
    )
    about = {
        "share": ("1", "share of the action in the effect of magnesium"),
        "other_share": ("1", "share of the action, on the other scale"),
        "total": ("", "effect of magnesium by all actions, on the scale of the readout"),
        "value": ("", "Shapley value of the action, on the scale of the readout"),
        "lowest": ("", "least that the action adds, on the scale of the readout"),
        "highest": ("", "most that the action adds, on the scale of the readout"),
        "interaction": ("", "Shapley interaction, on the scale of the readout"),
    }
    for name, (unit, meaning) in about.items():
        whole[name].attrs = {"long_name": meaning} | ({"units": unit} if unit else {})
    made = ds.merge(
        whole.assign_coords(
            range=list(RANGES), readout=list(SCALES), scale=("readout", list(SCALES.values()))
        ),
        combine_attrs="override",
    )
    return made.assign_attrs(found=survival(made))


def _first(shares: xr.DataArray) -> xr.DataArray:
    """The action with the largest median share, by name; empty where no draw has a share."""
    middle = shares.median("point", skipna=True)
    known = middle.notnull().any("factor")
    at = middle.fillna(-np.inf).argmax("factor")
    return shares.factor[at].drop_vars("factor").where(known, "")


def survival(ds: xr.Dataset) -> str:
    """Which action leads each effect, and whether it does under the other laws, cells and scale."""
    for name in ("release_law", "neuron"):
        ds = ds if name in ds.dims else ds.expand_dims(name)
    own = {"range", "readout", "point", "release_law", "neuron"}
    for name in (n for n in ds.total.dims if n not in own):
        at = [ds.isel({name: i}) for i in range(ds.sizes[name])]
        return " ".join(f"At {name} = {one[name].item()}: {survival(one)}" for one in at)
    base = {n: ds[n].values[0] for n in ("release_law", "neuron")}
    first = _first(ds.share)
    led = first.sel(base)
    turned = _first(ds.other_share).sel(base)
    stands = spread(ds.sel(base), level=LEVEL)
    told = []
    for place in ds.range.values:
        lines: dict[str, list[str]] = {}
        for readout in ds.readout.values:
            here = {"range": place, "readout": readout}
            leader = str(led.sel(here).item())
            what = READOUTS.get(str(readout), str(readout))
            if not leader:
                lines.setdefault("no draw has a share", []).append(what)
                continue
            share = stands.sel({**here, "factor": leader})
            shared = ds.share.sel({**base, **here, "factor": leader}).notnull()
            some = f"{int(shared.sum())} of {shared.size} draws that have shares"
            against = [
                f"{ACTIONS[other]} under {why}"
                for other, why in _others(first.sel(here), base, turned.sel(here).item())
                if other and other != leader
            ]
            lines.setdefault(ACTIONS[leader], []).append(
                f"{what} {100 * float(share.share):.0f} % (first in "
                f"{100 * float(share['first']):.0f} % of the {some}; "
                + (f"but {', '.join(against)})" if against else "under every variant)")
            )
        words = "; ".join(f"{leader} leads {', '.join(what)}" for leader, what in lines.items())
        one = len(lines) == 1
        told.append(f"{place}: {words}" + ("" if one else "; so no action leads every effect"))
    return (
        "Leading actions (median share; variants are the other release law, the other cell and the "
        "other scale). " + ". ".join(told) + "."
    )


def _others(
    first: xr.DataArray, base: dict[str, object], turned: object
) -> Iterator[tuple[str, str]]:
    """The leader under every other law or cell, one changed at a time, and on the other scale."""
    for name in base:
        for other in first[name].values:
            if other != base[name]:
                yield str(first.sel({**base, name: other}).item()), str(other)
    yield str(turned), "the other scale"


def _prior(shape: str, *arguments: float, why: str) -> Prior:
    return Prior(shape, arguments, f"assumed: {why}")


_DRAWS = designs.draws(
    48,
    own=("charge_density", "mg_slope_gaba", "i_steady", "g_gaba"),
    block_strength=Prior(
        "lognormal", (1, 0.25), "assumed: a quarter to either side", "block_strength"
    ),
    block_slope=Prior("normal", (1, 0.1), "assumed: a tenth to either side", "block_slope"),
    charge_density=_prior("loguniform", 0.02, 0.24, why="the range of published densities, C/m2"),
    mg_k_ca=_prior("loguniform", 3, 30, why="no measurement at physiological calcium"),
    mg_slope_gaba=_prior("uniform", 0, 0.5, why="a sign without a law"),
    g_nmda=_prior("loguniform", 20, 80, why="twofold about a synaptic input that fires the cell"),
    g_ampa=_prior("loguniform", 10, 40, why="twofold about a synaptic input that fires the cell"),
    g_nmda_extra=_prior("loguniform", 3, 30, why="a tenth to all of those in synapses"),
    g_gaba=_prior("loguniform", 3, 30, why="a third to three times that of excitation"),
    i_steady=_prior("uniform", 200, 800, why="a third to over the threshold"),
)

mg_shares = Experiment(
    "mg_shares",
    "How much of the effect of magnesium goes by each of its actions?",
    (full,),
    Protocol(
        "synapses_then_ramp",
        "excitatory and inhibitory trains on a steady current, then a slow ramp of current",
        2000.0,
        stimuli=(_RAMP,),
    )
    + train_20hz.with_values(train_stop=1000.0)
    + inhibition_20hz.with_values(inhibition_stop=1000.0)
    + tonic_glutamate.with_values(glu_tonic=0.0001).lasting(2000.0),
    measures=(spikes_driven, nmda_calcium, all_calcium, ramp_threshold),
    axes={
        "release_law": ["dodge_rahamimoff_central", "dodge_rahamimoff_1967"],
        "neuron": ["pospischil_2008_rs", "pospischil_2008_fs"],
    },
    arms={n: sets for game in GAMES.values() for n, sets in game.arms.items()},
    design=_DRAWS,
    follow={"sigma": "-charge_density*C/m**2"},
    derive=shares,
)
