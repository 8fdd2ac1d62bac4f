"""What claims on thresholds are tried on: a slow ramp of current, a held cell, inhibition.

Priors that other benches have too are theirs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mgsim import measures
from mgsim.claims.bench import CELL, CHARGE, SYNAPSE, with_l_type
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare import changes
from mgsim.declare.component import Component
from mgsim.declare.priors import Prior
from mgsim.judging.reading import Bench
from mgsim.models.cells import standard
from mgsim.parts.baths import person as person_bath
from mgsim.parts.channels.calcium_gated import can, k_ca
from mgsim.parts.mechanisms.surface_charge import grahame
from mgsim.parts.neurons import pospischil_2008 as cells
from mgsim.parts.receptors.gaba_a import gaba_a
from mgsim.protocols.currents import current
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.protocols.trains import inhibition_20hz, train_20hz
from mgsim.runs.experiment import Experiment

#: A slow ramp from no current: when it begins and how long it lasts (ms), and its slope (pA/ms).
RAMP_START, RAMP_LASTING, RAMP_SLOPE = 500.0, 500.0, 4.0
_RAMP = current.changing(
    i_hold=changes.ramp(RAMP_SLOPE * RAMP_LASTING, RAMP_START, RAMP_LASTING)
).lasting(RAMP_START + RAMP_LASTING, (RAMP_START / 2, np.inf))
NEURONS = {
    "fast spiking": cells.pospischil_2008_fs,
    "low-threshold spiking": cells.pospischil_2008_lts,
    "bursting": cells.pospischil_2008_ib,
}
AMBIENT = {
    "glu_tonic": Prior(
        "loguniform", ("0.3 uM", "10 uM"), "assumed: an eighth to four times the half-effect"
    ).within("mM", "glu_tonic")
}


def threshold(arm):
    """The current (pA) at which a slow ramp makes a cell fire first."""
    return RAMP_SLOPE * (arm.first_spike_time - RAMP_START)


def silent(usual):
    """Cells that do not fire before there is current."""
    return ~(usual.first_spike_time < RAMP_START)


def _cells(
    name: str,
    question: str,
    protocol: Protocol,
    kept: tuple[Measure, ...],
    priors: dict[str, Prior],
    *parts: Component,
) -> Bench:
    """The regular spiking cell with further parts, and others on which it is repeated."""

    def on(model: Model) -> Bench:
        whole = replace(model, parts=(*model.parts, *parts))
        return Bench(name, Experiment(name, question, (whole,), protocol, kept), priors)

    others = {word: on(with_l_type(standard, neuron)) for word, neuron in NEURONS.items()}
    return replace(on(with_l_type(standard)), cells=others)


_GATED = CELL | {
    "g_kca": Prior(
        "loguniform", (0.02, 1), "aguiar_2010: 0.1 in the soma, 1 in the dendrite, widened"
    ),
    "g_can": Prior(
        "loguniform", (0.005, 0.2), "aguiar_2010: none in the soma, 0.07 in the dendrite, widened"
    ),
    "ca_kappa": Prior("loguniform", (20, 150), "maravall_2000: 44 to 80, widened"),
    "tau_ca": Prior("loguniform", (40, 400), "assumed: 80 ms, a half to five times"),
}
#: A cell with both currents that calcium opens, in ambient glutamate and under a train.
gated_ramp = _cells(
    "gated_ramp",
    "At which current does a cell with currents that calcium opens fire?",
    _RAMP + tonic_glutamate,
    (measures.first_spike_time,),
    _GATED | AMBIENT,
    k_ca,
    can,
)
gated_train = _cells(
    "gated_train",
    "How often does a cell with currents that calcium opens fire?",
    train_20hz.lasting(800),
    (measures.spike_count,),
    _GATED | SYNAPSE,
    k_ca,
    can,
)
#: Trains of excitatory and inhibitory spikes, and a tonic inhibition, whose gain magnesium sets.
inhibited = _cells(
    "inhibited",
    "How often does a cell fire that is inhibited too?",
    (train_20hz + inhibition_20hz).lasting(550, (50, np.inf)),
    (measures.spike_count,),
    CELL
    | SYNAPSE
    | {
        "gaba_gain": Prior(
            "uniform",
            (0, 1),
            "assumed: none to all of itself; its sign is reported, no size was found",
            ("mg_slope_gaba",),
        ),
        "gaba_strength": Prior(
            "loguniform", (0.3, 10), "assumed: as of AMPA receptors", ("g_gaba",)
        ),
        "g_gaba_tonic": Prior(
            "loguniform", (1, 20), "assumed: some percent of the leak to most of it"
        ),
        "e_cl": Prior("uniform", (-90, -50), "assumed: adult cells to immature ones"),
    },
    gaba_a.with_values(mg_slope_gaba=1.0),
)


def _charged(neuron: Component) -> Bench:
    """A cell without glutamate whose gates feel surface charge."""
    experiment = Experiment(
        "charged",
        "At which current does a cell without glutamate fire?",
        (Model("charged", (person_bath, neuron, grahame)),),
        _RAMP,
        (measures.first_spike_time,),
    )
    priors = {n: CELL[n] for n in ("leak_factor", "v_t")} | CHARGE
    return Bench(
        "charged", experiment, priors, laws=("grahame", "log_shift"), slot="surface_charge"
    )


charged = replace(
    _charged(cells.pospischil_2008_rs), cells={w: _charged(n) for w, n in NEURONS.items()}
)
#: A cell without sodium channels in ambient glutamate, under a small current.
held = _cells(
    "held",
    "At which potential does a cell without sodium channels stay?",
    (current + tonic_glutamate).lasting(1000, (800, np.inf)),
    (measures.mean_v, measures.peak_v),
    CELL | AMBIENT | {"g_kca": _GATED["g_kca"]},
    k_ca,
)
