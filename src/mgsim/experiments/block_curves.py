"""The unblocked fraction against voltage and magnesium, for the published laws whose
constants have a source.

No single law is "the" block of NMDA receptors: at -70 mV and 1 mM the laws leave between 1.6 and
4.8 % of the channels open. What holds for one law only is a property of that law. The curves are
those of Jahr & Stevens (1990) and of the papers that the other laws are named after.
"""

from __future__ import annotations

import numpy as np

from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.baths import dish_normal
from mgsim.parts.blocks import sourced
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

ROOM = Parameter(
    "celsius",
    22.0,
    "degC",
    "temperature of the preparation",
    "assumed: room temperature, at which the laws were measured",
    (0, 45),
)
_HELD = Component(
    name="held",
    slot="neuron",
    meaning="a membrane potential that is given",
    parameters=(
        Parameter(
            "v",
            -65.0,
            "mV",
            "membrane potential",
            "assumed: choice of the experimenter",
            (-120, 80),
        ),
        ROOM,
    ),
)

block_curves = Experiment(
    "block_curves",
    "How much of the NMDA conductance does magnesium leave, and how far do published laws differ?",
    (
        Model(
            "block_alone",
            (dish_normal, _HELD, jahr_stevens_1990),
            "a block law at a given potential",
        ),
    ),
    rest,
    record=("unblocked",),
    algebraic=True,
    axes={
        "block": sourced(),
        "v": np.arange(-100.0, 61.0, 2.5),
        "mg_out": [0.0, *np.geomspace(0.001, 10.0, 25).round(6)],
    },
    small={"block": ["jahr_stevens_1990", "chindemi_2022", "kampa_2004", "none"]},
)
