"""The least glutamate that does harm, looked for in every draw. Which charge does is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mgsim.claims.bench import CELL, with_l_type
from mgsim.compose.model import Model
from mgsim.declare.priors import Prior
from mgsim.experiments.least_toxic_glutamate import over_line
from mgsim.judging.reading import Bench
from mgsim.models.cells import kinetic, standard
from mgsim.parts.neurons import pospischil_2008 as cells
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.runs.experiment import Experiment

#: The most glutamate that is looked at, mM.
MOST = 1.0


def _on(model: Model, laws: tuple[str, ...] = (), without: str = "") -> Bench:
    priors = CELL | {
        "ca_line": Prior(
            "loguniform", (0.3, 30), "assumed: nobody knows it; two decades of charge in 0.3 s"
        )
    }
    bench = Bench(
        "least_harmful",
        Experiment(
            "least_harmful",
            "What is the least glutamate that lets a stated calcium charge in?",
            (model,),
            tonic_glutamate.lasting(350, (50, np.inf)),
            (over_line,),
            search={
                "axis": "glu_tonic",
                "level": 1.0,
                "between": (1e-4, MOST),
                "to": 0.006,
                "spacing": "log",
                "looks": 8,
            },
        ),
        {n: p for n, p in priors.items() if n != without},
    )
    return replace(bench, laws=laws) if laws else bench


least_harmful = replace(
    _on(with_l_type(standard)),
    cells={
        "fast spiking": _on(with_l_type(standard, cells.pospischil_2008_fs)),
        "kinetic, trapping block": _on(
            with_l_type(kinetic), ("kampa_2004_trapping",), "tau_decay_nmda"
        ),
    },
)
