"""What claims are tried on: a cell with synapses, a clamp and a spine, and what is uncertain.

Priors stand here once, so that claims that share a bench share its runs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mgsim import measures
from mgsim.compose.model import Model
from mgsim.compose.places import at
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.priors import Prior
from mgsim.judging.reading import LAWS, Bench
from mgsim.models.cells import kinetic, standard
from mgsim.models.receptors import patch
from mgsim.models.spines import clamped_spine, spine
from mgsim.parts import blocks
from mgsim.parts.baths import dish_normal, serum
from mgsim.parts.channels.calcium import ca_l_type, ca_t_type
from mgsim.parts.mechanisms.calcium_block import ca_channel_block
from mgsim.parts.mechanisms.release import depressing_release
from mgsim.parts.mechanisms.release_laws import dodge_rahamimoff_1967
from mgsim.parts.mechanisms.surface_charge import grahame
from mgsim.parts.neurons import pospischil_2008 as cells
from mgsim.parts.neurons.clamped import clamped
from mgsim.parts.neurons.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mgsim.parts.receptors.cleft import cleft_decay
from mgsim.protocols.clamps import voltage_clamp, voltage_step
from mgsim.protocols.currents import current_step
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.protocols.pairings import pairing
from mgsim.protocols.trains import train_20hz
from mgsim.runs.experiment import Experiment

#: Of every claim that was fixed before what is fixed covered all of this.
COVERS_MORE = (
    "what is fixed covers more: every value of model, laws and protocol, the priors of dish and "
    "person, and what functions answer at values of every size. Nothing in the claim changed, and "
    "no word did."
)
#: Of claims some of whose words this made fragile.
OPEN_TURNS = (
    "a line at which the same draws no longer give a word turns it, be the other word UNDECIDED; "
    "seen after the run."
)
#: The block, about each law's own constants.
BLOCK = {
    "block_strength": Prior(
        "lognormal", (1, 0.25), "assumed: twice the spread of the fitted laws", "block_strength"
    ),
    "block_slope": Prior(
        "truncated_normal", (1, 0.1, 0.7, 1.3), "assumed: a tenth of the slope", "block_slope"
    ),
    "block_warming": Prior(
        "loguniform",
        (0.4, 1.0),
        "unverified: laws are of about 22 degC, the cell of 36; a Q10 of the affinity of 1 to 1.9",
        "block_strength",
    ),
}
#: The cell and its synapses.
CELL = BLOCK | {
    "g_nmda": Prior("loguniform", (6, 290), "assumed: 0.02 to 1 mS/cm2 of the standard cell"),
    "tau_decay_nmda": Prior("uniform", (40, 150), "assumed: by subunit and temperature"),
    "pf_scale": Prior(
        "uniform", (0.5, 1.0), "schneggenburger_1993: 6 to 11 % of the current at -60 mV, widened"
    ),
    "g_ca_l": Prior("loguniform", (0.02, 0.5), "assumed: about 0.1 to 0.2 of cortical cells"),
    "leak_factor": Prior("lognormal", (1, 0.35), "assumed: half to twice the cell's", ("g_leak",)),
    "v_t": Prior("uniform", (-60, -50), "assumed: 5 mV to either side of the cells'"),
}
SYNAPSE = {
    "g_ampa": Prior(
        "loguniform", (3, 300), "assumed: from too weak to fire the cell alone to ten times enough"
    )
}

KEPT = (
    measures.spike_count,
    measures.ca_charge,
    measures.ca_charge_nmda,
    measures.ca_charge_l_type,
    measures.time_depolarised,
)


def with_l_type(model: Model, neuron: Component | None = None) -> Model:
    """A model with L-type calcium channels, of another cell if it is given."""
    made = model if neuron is None else model.swap(neuron)
    has = any("i_ca_l" in part.currents for part in made.parts)
    return made if has else replace(made, parts=(*made.parts, ca_l_type))


def _cells(name: str, protocol: Protocol, priors: dict[str, Prior]) -> Bench:
    """The regular spiking cell, with others and a kinetic block on which it is repeated.

    Under the kinetic block the same ``g_nmda`` is less current, as fewer receptors are open at
    once: it is a cell of weak NMDA receptors as much as one of another block.
    """

    def on(model: Model) -> Experiment:
        return Experiment(name, "What comes in and what goes out?", (model,), protocol, KEPT)

    bench = Bench(name, on(with_l_type(standard)), priors)
    neurons = {
        "fast spiking": cells.pospischil_2008_fs,
        "low-threshold spiking": cells.pospischil_2008_lts,
        "bursting": cells.pospischil_2008_ib,
    }
    others = {
        word: replace(bench, experiment=on(with_l_type(standard, neuron)))
        for word, neuron in neurons.items()
    }
    others["kinetic, trapping block"] = replace(
        bench,
        experiment=on(with_l_type(kinetic)),
        laws=("kampa_2004_trapping",),
        priors={n: p for n, p in priors.items() if n != "tau_decay_nmda"},
    )
    return replace(bench, cells=others)


#: Trains of presynaptic spikes, 5 to 80 a second; half a second of them.
train = _cells("train", train_20hz.lasting(550), CELL | SYNAPSE)
#: Ambient glutamate, which opens NMDA receptors alone.
tonic = _cells(
    "tonic",
    tonic_glutamate.lasting(500, (100, np.inf)),
    CELL
    | {
        "glu_tonic": Prior(
            "loguniform", ("0.5 uM", "50 uM"), "assumed: a fifth to twenty times the half-effect"
        ).within("mM", "glu_tonic")
    },
)
#: NMDA receptors alone, at a fixed potential.
clamp = Bench(
    "clamp",
    Experiment(
        "clamp",
        "What passes at a fixed potential?",
        (patch,),
        voltage_clamp.lasting(2, (1, np.inf)),
        (measures.ca_charge_nmda, measures.nmda_charge),
    ),
    BLOCK | {"v_hold": Prior("uniform", (-65, 0), "assumed: rest to depolarised")},
)


#: Laws of the spine: one traps magnesium, for there it is about time.
_SPINE_LAWS = (*LAWS, "kampa_2004_trapping")
_HAD = {p.name for law in _SPINE_LAWS for p in blocks[law].parameters}


#: What a train of 40 a second releases, from a synapse between a depressing and a facilitating one.
released = Bench(
    "released",
    Experiment(
        "released",
        "What do the first and the last spike of a train release?",
        (Model("terminal", (dish_normal, depressing_release, dodge_rahamimoff_1967)),),
        train_20hz.lasting(550).with_values(train_rate=40),
        (measures.release_first, measures.release_last),
    ),
    {
        "release_power": Prior(
            "uniform", (1.5, 4.5), "assumed: from central synapses, about 2, to the endplate, 4"
        ),
        "ca_release_k": Prior("lognormal", (1.1, 0.3), "assumed: a third about the law's"),
        "mg_release_k": Prior("lognormal", (2.97, 0.3), "assumed: a third about the law's"),
        "u_rel": Prior("uniform", (0.1, 0.6), "assumed: facilitating to depressing"),
        "tau_rec": Prior("loguniform", (100, 1000), "assumed: facilitating to depressing"),
        "tau_facil": Prior("loguniform", (10, 700), "assumed: depressing to facilitating"),
    },
    laws=("dodge_rahamimoff_1967",),
    slot="release_law",
)


def _there(prior: Prior) -> Prior:
    """A prior of the block, of one at the spine."""
    return replace(prior, scales={f"{n}_spine": p for n, p in prior.powers.items() if n in _HAD})


#: The charge that divalent ions screen, by two laws.
CHARGE = {
    "sigma": Prior("uniform", (-0.24, -0.02), "hille_1975: nerve to nearly no charge"),
    "shift_slope": Prior("uniform", (5, 13), "hille_1975: 8.7 to 10.9 mV, widened"),
    "mg_screening": Prior("uniform", (1, 2.5), "isaev_2012: 1.4; from charge alone to more"),
}
#: Calcium channels alone, under a step of the command potential.
channels = Bench(
    "channels",
    Experiment(
        "channels",
        "What passes calcium channels during a step?",
        (
            Model(
                "calcium_channels",
                (dish_normal, clamped, ca_l_type, ca_t_type, ca_channel_block, grahame),
                shared=clamped_spine.shared,
            ),
        ),
        voltage_step.lasting(80).with_values(v_hold=-90, step_start=20, step_stop=70),
        (measures.ca_charge_l_type, measures.ca_charge_t_type),
    ),
    {
        "mg_k_ca": Prior(
            "loguniform", (3, 30), "assumed: no measurement at usual calcium was found"
        ),
        "v_step": Prior("uniform", (-50, 20), "assumed: the foot of activation to its top"),
    }
    | CHARGE,
    laws=("grahame", "log_shift"),
    slot="surface_charge",
)

#: An axon under a steady current, as its gates are in serum.
axon = Bench(
    "axon",
    Experiment(
        "axon",
        "Does an axon fire under a steady current?",
        (Model("axon", (serum, hodgkin_huxley_1952, grahame)),),
        current_step.lasting(600).with_values(step_start=50, step_stop=550),
        (measures.spike_count,),
    ),
    {"i_amp": Prior("uniform", (0, 700), "assumed: none to what it fires on at")} | CHARGE,
    laws=("grahame", "log_shift"),
    slot="surface_charge",
)

_head = replace(spine, parts=(*spine.parts, at(cleft_decay, "spine")))
#: A spine whose synapse is used while its cell is made to spike, in time or out of it.
paired = Bench(
    "paired",
    Experiment(
        "paired",
        "Does the spine tell spikes in time from spikes out of it?",
        (_head,),
        pairing.lasting(520, ("pair_start", 520)).with_values(pair_number=4, pair_start=50),
        (measures.ca_charge_nmda.at("spine"), measures.spike_count),
    ),
    {n: _there(p) for n, p in BLOCK.items()}
    | {
        "g_nmda_spine": Prior("loguniform", (0.1, 2), "assumed: about the 0.55 nS of one synapse"),
        "g_ampa_spine": Prior("loguniform", (0.1, 2), "assumed: about that of NMDA receptors"),
        "tau_decay_nmda_spine": Prior("uniform", (40, 150), "assumed: by subunit and temperature"),
        "r_axial_spine": Prior("loguniform", (50, 500), "assumed: the usual necks, in MOhm"),
        "i_pulse": Prior("uniform", (6000, 12000), "assumed: each makes the cell spike"),
    },
    laws=_SPINE_LAWS,
    slot="block_spine",
)
