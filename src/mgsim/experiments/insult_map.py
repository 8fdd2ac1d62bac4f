"""Glutamate applied to a cell: how much calcium enters, by level, duration and magnesium.

Five arms: nothing left out; and in turn without NMDA receptors, AMPA receptors, L-type calcium
channels and sodium channels. What enters through NMDA receptors and what enters in all are kept
apart, because they disagree. Within a second the cell has settled, so that charge then grows in
proportion to duration: nothing here knows minutes or hours, or whether a cell dies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mgsim.compose.model import Model
from mgsim.measures import ca_charge, ca_charge_nmda
from mgsim.models.cells import standard
from mgsim.parts.channels.calcium import ca_l_type
from mgsim.parts.mechanisms.calcium_block import ca_channel_block
from mgsim.parts.neurons.pospischil_2008 import pospischil_2008_rs
from mgsim.parts.receptors.ampa import ampa_destexhe_1994
from mgsim.parts.receptors.cleft import cleft_decay
from mgsim.protocols.glutamate import glutamate_pulse
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

#: What may lie beyond its usual range: tetrodotoxin blocks sodium channels, gradients run down.
_WIDER = {"g_na": (0.0, 120.0), "e_k": (-120.0, 0.0), "e_leak": (-100.0, 20.0)}
_NEURON = replace(
    pospischil_2008_rs,
    parameters=tuple(
        replace(p, range=_WIDER.get(p.name, p.range)) for p in pospischil_2008_rs.parameters
    ),
)
#: Every NMDA conductance here is of all receptors, those outside synapses among them. Assumed.
G_NMDA = 100.0
exposed = Model(
    "exposed",
    (
        _NEURON,
        *(p for p in standard.parts if p.name not in (_NEURON.name, "ampa_exponential")),
        cleft_decay,
        ampa_destexhe_1994,
        ca_l_type,
        ca_channel_block,
    ),
    "the standard cell in lasting glutamate, with L-type calcium channels; g_ampa is what "
    "desensitisation leaves",
)
#: Glutamate in mM.
GLUTAMATE = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
#: The magnesium of a person, mM.
PERSON = 0.8
ARMS = {
    "all": {"g_nmda": G_NMDA},
    "no_nmda": {"g_nmda": 0.0},
    "no_ampa": {"g_nmda": G_NMDA, "g_ampa": 0.0},
    "no_l_type": {"g_nmda": G_NMDA, "g_ca_l": 0.0},
    "no_sodium": {"g_nmda": G_NMDA, "g_na": 0.0},
}
_WHOLE = {"g_ampa": exposed["ampa"]["g_ampa"].value, "g_ca_l": ca_l_type["g_ca_l"].value}
_WHOLE["g_na"] = exposed["neuron"]["g_na"].value


def shares(ds: xr.Dataset) -> xr.Dataset:
    """Add in words what each arm leaves of the charges at the strongest insult."""
    if "arm" not in ds.dims or "all" not in ds.arm:
        return ds
    worst = {d: ds[d].max() for d in ("glu_amp", "pulse_width") if d in ds.dims}
    here = ds.sel(worst)
    if "mg_out" in ds.dims:
        here = here.sel(mg_out=PERSON, method="nearest")
    told = []
    for arm in here.arm.values:
        words = []
        for word, name in (("NMDA", "ca_charge_nmda"), ("all", "ca_charge")):
            if here[name].dims != ("arm",):
                return ds
            words.append(f"{word} {float(here[name].sel(arm=arm)):.3g} pC")
        told.append(f"{arm}: {', '.join(words)}")
    level = float(np.max(here.mg_out))
    return ds.assign_attrs(
        found=f"Found at the strongest insult and {level:g} mM, calcium charge through NMDA "
        f"receptors and in all: {'; '.join(told)}."
    )


insult_map = Experiment(
    "insult_map",
    "How much calcium does glutamate let in, by level, duration, magnesium, and what is left out?",
    (exposed,),
    glutamate_pulse.lasting(3500.0),
    measures=(ca_charge_nmda, ca_charge),
    arms={name: {**_WHOLE, **sets} for name, sets in ARMS.items()},
    axes={
        "mg_out": [0.05, PERSON, 1.2, 4.0],
        "glu_amp": GLUTAMATE,
        "pulse_width": [30.0, 100.0, 300.0, 1000.0, 3000.0],
    },
    derive=shares,
    small={
        "mg_out": [PERSON, 4.0],
        "glu_amp": [0.0001, 0.001, 0.01, 0.1, 1.0],
        "pulse_width": [30.0, 300.0, 3000.0],
    },
)
