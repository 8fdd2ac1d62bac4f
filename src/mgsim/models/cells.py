"""Cortical cells with receptors or without, one that bursts, and the axon of the squid."""

from __future__ import annotations

from dataclasses import replace

from mgsim.compose.assembly import having
from mgsim.compose.model import Model
from mgsim.models.temperatures import ROOM
from mgsim.parts.baths import dish_zero, person
from mgsim.parts.blocks.golomb_2006 import golomb_2006
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.calcium.pool import pool
from mgsim.parts.neurons.golomb_2006 import golomb_2006_cell
from mgsim.parts.neurons.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mgsim.parts.neurons.pospischil_2008 import pospischil_2008_rs
from mgsim.parts.receptors.ampa import ampa_exponential
from mgsim.parts.receptors.cleft import cleft_decay
from mgsim.parts.receptors.dual_exponential import dual_exponential
from mgsim.parts.receptors.fully_open import fully_open
from mgsim.parts.receptors.golomb_2006 import golomb_2006_ampa, golomb_2006_nmda, self_coupled
from mgsim.parts.receptors.lester_jahr_1992 import lester_jahr_1992
from mgsim.parts.receptors.nmda import nmda

standard = Model(
    "standard",
    (
        person,
        pospischil_2008_rs,
        dual_exponential,
        jahr_stevens_1990,
        nmda,
        ampa_exponential,
        fractional,
        pool,
    ),
    "regular spiking cortical cell with AMPA and NMDA receptors and a calcium pool",
)

kinetic = Model(
    "kinetic",
    (
        person,
        pospischil_2008_rs,
        cleft_decay,
        lester_jahr_1992,
        jahr_stevens_1990,
        nmda,
        ampa_exponential,
        fractional,
        pool,
    ),
    "the standard cell with glutamate in the cleft, for NMDA receptors given as kinetic schemes",
)

tonic = Model(
    "tonic",
    (person, pospischil_2008_rs, fully_open, jahr_stevens_1990, nmda, fractional, pool),
    "regular spiking cell with every NMDA receptor open",
)

cell = Model("cell", (pospischil_2008_rs,), "regular spiking cortical cell without synapses")

squid_axon = Model(
    "squid_axon", (hodgkin_huxley_1952,), "giant axon of the squid at 6.3 degC, without a bath"
)

bursting = Model(
    "bursting",
    (
        dish_zero,
        golomb_2006_cell,
        self_coupled,
        golomb_2006_nmda,
        golomb_2006,
        having(
            nmda,
            "assumed: 0.2 mS/cm2 of 20000 um2, amid the conductances that burst at 0.05 mM",
            g_nmda=40.0,
        ),
        golomb_2006_ampa,
    ),
    "conditionally bursting cell that is its own presynaptic cell, for a network at low magnesium",
    shared=(
        replace(ROOM, value=36.0, source="assumed: body temperature; the source read states none"),
    ),
)
