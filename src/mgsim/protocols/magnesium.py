"""Magnesium that changes under tonic glutamate."""

from __future__ import annotations

import numpy as np

from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.protocols.chosen import chosen

_MG_STEP = (
    chosen("mg_before", 0.8, "mM", "magnesium before the change", (0, 10)),
    chosen("mg_after", 0.05, "mM", "magnesium after the change", (0, 10)),
    chosen("mg_start", 1000.0, "ms", "time at which magnesium changes", (0, 1e6)),
)

mg_step = Protocol(
    "mg_step",
    "tonic glutamate while magnesium steps to another level",
    3000.0,
    window=("mg_start", np.inf),
    stimuli=(
        Component(
            "mg_step",
            "stimulus",
            "a step of magnesium under tonic glutamate",
            equations="mg_out = mg_before + (mg_after - mg_before)*int(t > mg_start) : mM"
            "  # extracellular free magnesium",
            parameters=(*_MG_STEP, chosen("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10))),
            adds={"glu_ambient": "glu_tonic"},
        ),
    ),
)

mg_ramp = Protocol(
    "mg_ramp",
    "tonic glutamate while magnesium goes linearly to another level",
    3000.0,
    window=("mg_start", np.inf),
    stimuli=(
        Component(
            "mg_ramp",
            "stimulus",
            "a ramp of magnesium under tonic glutamate",
            equations="mg_out = mg_before + (mg_after - mg_before)"
            "*clip((t - mg_start)/mg_time, 0, 1) : mM  # extracellular free magnesium",
            parameters=(
                *_MG_STEP,
                chosen("mg_time", 1000.0, "ms", "duration of the change", (1, 1e6)),
                chosen("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),
            ),
            adds={"glu_ambient": "glu_tonic"},
        ),
    ),
)
