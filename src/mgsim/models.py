"""Named assemblies of parts."""

from __future__ import annotations

from dataclasses import replace

from mgsim.baths import dish_normal, person, serum
from mgsim.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.calcium.fractional import fractional
from mgsim.calcium.pool import pool
from mgsim.calcium.presets import pool_spine
from mgsim.channels.calcium import ca_l_type
from mgsim.channels.calcium_gated import k_ca
from mgsim.channels.kir import kir
from mgsim.compartments.axial import axial
from mgsim.compartments.passive import dendrite, spine_head
from mgsim.component import Component
from mgsim.mechanisms.calcium_block import ca_channel_block
from mgsim.mechanisms.endplate import endplate
from mgsim.mechanisms.release import constant_release, depressing_release
from mgsim.mechanisms.release_laws import dodge_rahamimoff_1967, dodge_rahamimoff_central
from mgsim.mechanisms.surface_charge import grahame
from mgsim.model import Model
from mgsim.neurons.clamped import clamped
from mgsim.neurons.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mgsim.neurons.pospischil_2008 import pospischil_2008_rs
from mgsim.parameter import Parameter
from mgsim.places import at
from mgsim.receptors.ambient_gating import ambient_gating
from mgsim.receptors.ampa import ampa_exponential
from mgsim.receptors.cleft import cleft_decay
from mgsim.receptors.dual_exponential import dual_exponential
from mgsim.receptors.fully_open import fully_open
from mgsim.receptors.gaba_a import gaba_a
from mgsim.receptors.lester_jahr_1992 import lester_jahr_1992
from mgsim.receptors.nmda import nmda

_ROOM = Parameter(
    "celsius",
    22.0,
    "degC",
    "temperature of the preparation",
    "assumed: room temperature, as in most receptor experiments",
    (0, 45),
)

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

patch = Model(
    "patch",
    (dish_normal, clamped, fully_open, jahr_stevens_1990, nmda, fractional),
    "NMDA receptors, all open, under voltage clamp",
    shared=(_ROOM,),
)

clamped_synapse = Model(
    "clamped_synapse",
    (dish_normal, clamped, dual_exponential, jahr_stevens_1990, nmda, ampa_exponential, fractional),
    "AMPA and NMDA receptors of a synapse under voltage clamp",
    shared=(_ROOM,),
)

kinetic_synapse = Model(
    "kinetic_synapse",
    (dish_normal, clamped, cleft_decay, lester_jahr_1992, jahr_stevens_1990, nmda, fractional),
    "NMDA receptors of a synapse, given as a kinetic scheme, under voltage clamp",
    shared=(_ROOM,),
)

_SYNAPSE = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"


def _having(part: Component, name: str, value: float, source: str) -> Component:
    """A part with another default, which has a source of its own."""
    key = source.partition(":")[0]
    cited = () if key in ("assumed", "unverified") else (key,)
    return replace(
        part,
        parameters=tuple(
            replace(p, value=value, source=source) if p.name == name else p for p in part.parameters
        ),
        references=tuple(dict.fromkeys((*part.references, *cited))),
    )


spine = Model(
    "spine",
    (
        person,
        pospischil_2008_rs,
        at(dendrite, "dendrite"),
        at(
            _having(axial, "r_axial", 48.0, "assumed: half of 200 um by 2 um at 150 Ohm cm"),
            "dendrite",
        ),
        at(spine_head, "spine"),
        at(
            _having(axial, "r_axial", 200.0, "assumed: amid the usual 50 to 500 MOhm"),
            "spine",
            parent="dendrite",
        ),
        *(
            at(part, "spine")
            for part in (
                dual_exponential,
                jahr_stevens_1990,
                _having(nmda, "g_nmda", 0.55, f"{_SYNAPSE}, 0.55 nS"),
                _having(ampa_exponential, "g_ampa", 0.5, "assumed: about that of NMDA receptors"),
                fractional,
                pool_spine,
            )
        ),
    ),
    "regular spiking soma, a dendrite, and a spine on it with AMPA and NMDA receptors and calcium",
)

full = Model(
    "full",
    (
        *standard.parts,
        *(
            at(part, copy="extra")
            for part in (
                ambient_gating,
                jahr_stevens_1990,
                _having(nmda, "g_nmda", 10.0, "assumed: a third of that of synapses"),
                fractional,
            )
        ),
        ca_l_type,
        ca_channel_block,
        k_ca,
        _having(kir, "g_kir", 0.02, "assumed: moves the rest by less than 2 mV"),
        gaba_a,
        depressing_release,
        dodge_rahamimoff_central,
        grahame,
    ),
    "the standard cell with magnesium's other targets: release with depression, surface charge, "
    "L-type calcium channels that it blocks, GABA-A, and NMDA receptors outside synapses; with KCa "
    "and Kir. Conductances are of a release at every site. Left out: networks and glia, energy and "
    "ions that move, dendrites, CAN, GABA-B, how GABA is released, magnesium inside the cell",
)

cell = Model("cell", (pospischil_2008_rs,), "regular spiking cortical cell without synapses")

squid_axon = Model(
    "squid_axon", (hodgkin_huxley_1952,), "giant axon of the squid at 6.3 degC, without a bath"
)

_SERUM = "assumed: serum is its normal bath"

neuromuscular_junction = Model(
    "neuromuscular_junction",
    (
        serum,
        _having(constant_release, "u_rel", 0.2, "assumed: four times what the endplate needs"),
        _having(
            _having(dodge_rahamimoff_1967, "ca_recorded", 1.2, _SERUM), "mg_recorded", 0.55, _SERUM
        ),
        endplate,
    ),
    "single nerve impulses in serum: what is released against what fires the muscle fibre",
)
