"""Receptors of a patch or of a synapse under voltage clamp."""

from __future__ import annotations

from mgsim.compose.model import Model
from mgsim.models.temperatures import ROOM
from mgsim.parts.baths import dish_normal
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.neurons.clamped import clamped
from mgsim.parts.receptors.ampa import ampa_exponential
from mgsim.parts.receptors.cleft import cleft_decay
from mgsim.parts.receptors.dual_exponential import dual_exponential
from mgsim.parts.receptors.fully_open import fully_open
from mgsim.parts.receptors.lester_jahr_1992 import lester_jahr_1992
from mgsim.parts.receptors.nmda import nmda

patch = Model(
    "patch",
    (dish_normal, clamped, fully_open, jahr_stevens_1990, nmda, fractional),
    "NMDA receptors, all open, under voltage clamp",
    shared=(ROOM,),
)

clamped_synapse = Model(
    "clamped_synapse",
    (dish_normal, clamped, dual_exponential, jahr_stevens_1990, nmda, ampa_exponential, fractional),
    "AMPA and NMDA receptors of a synapse under voltage clamp",
    shared=(ROOM,),
)

kinetic_synapse = Model(
    "kinetic_synapse",
    (dish_normal, clamped, cleft_decay, lester_jahr_1992, jahr_stevens_1990, nmda, fractional),
    "NMDA receptors of a synapse, given as a kinetic scheme, under voltage clamp",
    shared=(ROOM,),
)
