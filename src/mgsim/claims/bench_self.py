"""A cell that excites itself, on which claims on seizures are tried. It is no network."""

from __future__ import annotations

from dataclasses import replace

from mgsim import measures
from mgsim.claims.bench import BLOCK
from mgsim.compose.model import Model
from mgsim.declare.priors import Prior
from mgsim.judging.reading import Bench
from mgsim.models.cells import bursting
from mgsim.parts.neurons import pospischil_2008 as cells
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

_PRIORS = BLOCK | {
    "g_nmda": Prior("loguniform", (20, 60), "assumed: amid what bursts at 0.05 mM, and beyond"),
    "g_ampa": Prior("loguniform", (8, 32), "golomb_2006: 16 nS, a half to twice"),
    "tau_decay_nmda": Prior("uniform", (60, 150), "golomb_2006: 100 ms, about it"),
    "e_k": Prior("uniform", (-100, -80), "assumed: 3.3 to 7 mM of potassium outside, 140 inside"),
    "leak_factor": Prior("lognormal", (1, 0.35), "assumed: half to twice the cell's", ("g_leak",)),
}


def _on(model: Model) -> Bench:
    active = model.with_values(active_start=1.0)
    return Bench(
        "self_excited",
        Experiment(
            "self_excited",
            "Does activity that has begun go on?",
            (active,),
            rest.lasting(2000, (1000, 2000)),
            (measures.spike_count,),
        ),
        _PRIORS,
    )


#: From the active start: what goes on by itself a second later, or has died out.
self_excited = replace(
    _on(bursting),
    cells={
        word: _on(bursting.swap(neuron).with_values(area=20000.0))
        for word, neuron in (
            ("regular spiking", cells.pospischil_2008_rs),
            ("fast spiking", cells.pospischil_2008_fs),
            ("low-threshold spiking", cells.pospischil_2008_lts),
        )
    },
)
