"""The head of a spine, alone and on a dendrite."""

from __future__ import annotations

from mgsim.compose.assembly import having
from mgsim.compose.model import Model
from mgsim.compose.places import at
from mgsim.declare.parameter import Parameter
from mgsim.parts.baths import dish_normal, person
from mgsim.parts.blocks.chindemi_2022 import chindemi_2022
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.calcium.pool import pool
from mgsim.parts.calcium.presets import pool_spine
from mgsim.parts.channels.calcium import ca_r_type
from mgsim.parts.compartments.axial import axial
from mgsim.parts.compartments.diffusing_calcium import diffusing_calcium
from mgsim.parts.compartments.passive import dendrite, spine_head
from mgsim.parts.neurons.clamped import clamped
from mgsim.parts.neurons.pospischil_2008 import pospischil_2008_rs
from mgsim.parts.receptors.ampa import ampa_exponential
from mgsim.parts.receptors.biexponential import biexponential
from mgsim.parts.receptors.nmda import nmda

_HEAD = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"

#: The head of a spine as published: NMDA receptors, R-type channels and calcium.
_SPINE_HEAD = (
    biexponential,
    having(chindemi_2022, f"{_HEAD}, rounded there", mg_k=2.552, mg_slope=0.072),
    having(nmda, f"{_HEAD}, 0.55 nS reversing at -3 mV", g_nmda=0.55, e_nmda=-3.0),
    fractional,
    ca_r_type,
    pool_spine,
)

clamped_spine = Model(
    "clamped_spine",
    (dish_normal, clamped, *_SPINE_HEAD),
    "the head of a spine with NMDA receptors, R-type calcium channels and calcium, under voltage "
    "clamp",
    shared=(
        spine_head["area"],
        Parameter(
            "celsius",
            34.0,
            "degC",
            "temperature of the preparation",
            "assumed: that of the slices of which the published spine is a model",
            (0, 45),
        ),
    ),
)

spine = Model(
    "spine",
    (
        person,
        pospischil_2008_rs,
        at(dendrite, "dendrite"),
        at(
            having(axial, "assumed: half of 200 um by 2 um at 150 Ohm cm", r_axial=48.0), "dendrite"
        ),
        at(spine_head, "spine"),
        at(
            having(axial, "assumed: amid the usual 50 to 500 MOhm", r_axial=200.0),
            "spine",
            parent="dendrite",
        ),
        *(at(part, "spine") for part in _SPINE_HEAD),
        at(having(ampa_exponential, "assumed: about that of NMDA receptors", g_ampa=0.5), "spine"),
        at(pool, "dendrite"),
        at(
            having(
                diffusing_calcium,
                "assumed: none, as the spine's 12 ms hold for all that takes its calcium away; "
                "0.22 for free diffusion",
                d_ca=0.0,
            ),
            "spine",
            parent="dendrite",
        ),
    ),
    "regular spiking soma, a dendrite, and a spine on it with AMPA and NMDA receptors, R-type "
    "calcium channels and calcium",
)
