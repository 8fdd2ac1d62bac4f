"""Named assemblies of parts."""

from __future__ import annotations

import math
from dataclasses import replace

from mgsim.compose.assembly import stating
from mgsim.compose.model import Model
from mgsim.compose.places import at
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.baths import dish_normal, dish_zero, person, serum
from mgsim.parts.blocks.chindemi_2022 import chindemi_2022
from mgsim.parts.blocks.golomb_2006 import golomb_2006
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.blocks.traub_1991 import traub_1991
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.calcium.pool import pool
from mgsim.parts.calcium.presets import pool_spine
from mgsim.parts.calcium.summed import fractional_summed
from mgsim.parts.channels.calcium import ca_l_type, ca_r_type
from mgsim.parts.channels.calcium_gated import k_ca
from mgsim.parts.channels.hubel import cl_leak
from mgsim.parts.channels.kir import kir
from mgsim.parts.compartments.axial import axial
from mgsim.parts.compartments.diffusing_calcium import diffusing_calcium
from mgsim.parts.compartments.passive import dendrite, spine_head
from mgsim.parts.homeostasis.amounts import counted, neutral
from mgsim.parts.homeostasis.cotransport import kcc2, nkcc1
from mgsim.parts.homeostasis.energy import atp_pool, counted_exchanging, pool_atp, pump_atp
from mgsim.parts.homeostasis.further import nmda_ions_further
from mgsim.parts.homeostasis.glutamate import glutamate, uptake
from mgsim.parts.homeostasis.oxygen import exchange_oxygen, glia_oxygen, oxygen, pump_oxygen
from mgsim.parts.homeostasis.pump import pump
from mgsim.parts.homeostasis.reversal import ampa_ions, leak_ions, nernst, nmda_ions
from mgsim.parts.homeostasis.salts import exchange_salts
from mgsim.parts.homeostasis.surroundings import exchange_k, glia, k_buffer
from mgsim.parts.homeostasis.tissue import tissue_glutamate, uptake_counted
from mgsim.parts.homeostasis.volumes import fixed, gradual, osmotic
from mgsim.parts.mechanisms.calcium_block import ca_channel_block
from mgsim.parts.mechanisms.endplate import endplate
from mgsim.parts.mechanisms.release import constant_release, depressing_release
from mgsim.parts.mechanisms.release_laws import dodge_rahamimoff_1967, dodge_rahamimoff_central
from mgsim.parts.mechanisms.surface_charge import grahame
from mgsim.parts.neurons.clamped import clamped
from mgsim.parts.neurons.golomb_2006 import golomb_2006_cell
from mgsim.parts.neurons.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mgsim.parts.neurons.hubel_2014 import hubel_2014_cell
from mgsim.parts.neurons.hubel_2016 import hubel_2016_cell
from mgsim.parts.neurons.hubel_2017 import hubel_2017_cell
from mgsim.parts.neurons.pospischil_2008 import pospischil_2008_rs
from mgsim.parts.neurons.wei_2014 import wei_2014_cell
from mgsim.parts.receptors.ambient_gating import ambient_gating
from mgsim.parts.receptors.ampa import ampa_destexhe_1994, ampa_exponential
from mgsim.parts.receptors.biexponential import biexponential
from mgsim.parts.receptors.cleft import cleft_decay
from mgsim.parts.receptors.destexhe_1994 import destexhe_1994
from mgsim.parts.receptors.dual_exponential import dual_exponential
from mgsim.parts.receptors.fully_open import fully_open
from mgsim.parts.receptors.gaba_a import gaba_a
from mgsim.parts.receptors.golomb_2006 import golomb_2006_ampa, golomb_2006_nmda, self_coupled
from mgsim.parts.receptors.lester_jahr_1992 import lester_jahr_1992
from mgsim.parts.receptors.nmda import nmda
from mgsim.parts.receptors.tissue import ampa_tissue, dual_exponential_tissue

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

_HEAD = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"


def _having(part: Component, source: str, **values: float) -> Component:
    """A part with other defaults, which have a source of their own."""
    key = source.partition(":")[0]
    cited = () if key in ("assumed", "unverified") else (key,)
    return replace(
        part,
        parameters=tuple(
            stating(p, values[p.name], source) if p.name in values else p for p in part.parameters
        ),
        references=tuple(dict.fromkeys((*part.references, *cited))),
    )


#: The head of a spine as published: NMDA receptors, R-type channels and calcium.
_SPINE_HEAD = (
    biexponential,
    _having(chindemi_2022, f"{_HEAD}, rounded there", mg_k=2.552, mg_slope=0.072),
    _having(nmda, f"{_HEAD}, 0.55 nS reversing at -3 mV", g_nmda=0.55, e_nmda=-3.0),
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
            _having(axial, "assumed: half of 200 um by 2 um at 150 Ohm cm", r_axial=48.0),
            "dendrite",
        ),
        at(spine_head, "spine"),
        at(
            _having(axial, "assumed: amid the usual 50 to 500 MOhm", r_axial=200.0),
            "spine",
            parent="dendrite",
        ),
        *(at(part, "spine") for part in _SPINE_HEAD),
        at(_having(ampa_exponential, "assumed: about that of NMDA receptors", g_ampa=0.5), "spine"),
        at(pool, "dendrite"),
        at(
            _having(
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

full = Model(
    "full",
    (
        *standard.parts,
        *(
            at(part, copy="extra")
            for part in (
                ambient_gating,
                jahr_stevens_1990,
                _having(nmda, "assumed: a third of that of synapses", g_nmda=10.0),
                fractional,
            )
        ),
        ca_l_type,
        ca_channel_block,
        k_ca,
        _having(kir, "assumed: moves the rest by less than 2 mV", g_kir=0.02),
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
        _having(constant_release, "assumed: four times what the endplate needs", u_rel=0.2),
        _having(dodge_rahamimoff_1967, _SERUM, ca_recorded=1.2, mg_recorded=0.55),
        endplate,
    ),
    "single nerve impulses in serum: what is released against what fires the muscle fibre",
)

bursting = Model(
    "bursting",
    (
        dish_zero,
        golomb_2006_cell,
        self_coupled,
        golomb_2006_nmda,
        golomb_2006,
        _having(
            nmda,
            "assumed: 0.2 mS/cm2 of 20000 um2, amid the conductances that burst at 0.05 mM",
            g_nmda=40.0,
        ),
        golomb_2006_ampa,
    ),
    "conditionally bursting cell that is its own presynaptic cell, for a network at low magnesium",
    shared=(
        replace(_ROOM, value=36.0, source="assumed: body temperature; the source read states none"),
    ),
)

_SD = "hubel_2017: as coded in ModelDB 235774 SD.ode"
_BOTH = f"{_SD}, for sodium and for potassium together, 5000 synapses"
#: The temperature at which RT/F is 26.64 mV.
_BODY = 0.02664 * 96485.33212331001 / 8.31446261815324 - 273.15

hubel_2017 = Model(
    "hubel_2017",
    (
        _having(dish_normal, _SD, mg_out=1.2),
        hubel_2017_cell,
        neutral,
        osmotic,
        nernst,
        pump,
        glia,
        exchange_k,
        glutamate,
        _having(uptake, f"{_SD}: the reverse of what its comments say", co_transport=-1.0),
        _having(
            destexhe_1994,
            f"{_SD}: its rates as they are at the temperature of the model",
            celsius_nmda=_BODY,
        ),
        replace(
            _having(traub_1991, f"{_SD}, 0.33 per mM there", mg_k=1 / 0.33),
            measured=tuple(m for m in traub_1991.measured if m.name != "celsius"),  # 36, as here
        ),
        _having(nmda, _BOTH, g_nmda=50.0),
        _having(ampa_destexhe_1994, _BOTH, g_ampa=175.0),
        nmda_ions,
        ampa_ions,
    ),
    "neuron, extracellular space and glia whose ions, volumes and glutamate move: spreading "
    "depolarisation and energy failure, as published",
    shared=(replace(_ROOM, value=_BODY, source=f"{_SD}: so that RT/F is the 26.64 mV there"),),
)

_2014 = "hubel_2014: as coded in ModelDB 167714 spreading-depression.ode"
_2016 = "hubel_2016: as coded in ModelDB 187213 time_series.ode"


def _rest(
    source: str, na: tuple[float, float], k: tuple[float, float], cl: tuple[float, float]
) -> Component:
    """Amounts of a cell of 2160 um3 in 720 um3; concentrations (mM) inside and outside."""
    values = {
        f"{ion}_{side}_rest": value
        for ion, both in (("na", na), ("k", k), ("cl", cl))
        for side, value in zip(("in", "out"), both, strict=True)
    }
    return _having(neutral, source, vol_in_rest=2160.0, vol_out_rest=720.0, **values)


hubel_2014 = Model(
    "hubel_2014",
    (
        hubel_2014_cell,
        _rest(_2014, (25.231485, 125.30555), (129.25764, 4.0), (9.900239, 123.2716)),
        fixed,
        nernst,
        _having(pump, _2014, pump_max=6.8, pump_na=25.0),
        k_buffer,
    ),
    "neuron, extracellular space and a potassium buffer, five states: spreading depolarisation, as "
    "published",
    shared=(replace(_ROOM, value=_BODY, source=f"{_2014}: so that RT/F is the 26.64 mV there"),),
)

hubel_2016 = Model(
    "hubel_2016",
    (
        hubel_2016_cell,
        _rest(_2016, (25.279156, 126.84917), (128.56935, 3.9962559), (10.055541, 124.71021)),
        fixed,
        nernst,
        _having(pump, _2016, pump_max=6.8, pump_na=25.0),
        _having(exchange_k, _2016, bath_rate=3e-5),
    ),
    "neuron and extracellular space that blood supplies, six states: anoxic depolarisation, as "
    "published",
    shared=(replace(_ROOM, value=_BODY, source=f"{_2016}: so that RT/F is the 26.64 mV there"),),
)

_WEI = "wei_2014: as coded in class Wei of jakobes/xalbrain"

wei_2014 = Model(
    "wei_2014",
    (
        wei_2014_cell,
        _having(
            counted,
            _WEI,
            na_in_rest=18.0,
            na_out_rest=144.0,
            k_in_rest=140.0,
            k_out_rest=4.0,
            cl_in_rest=6.0,
            cl_out_rest=130.0,
            vol_in_rest=1436.8,
            vol_out_rest=1436.8 / 7,
        ),
        gradual,
        nernst,
        oxygen,
        pump_oxygen,
        glia_oxygen,
        exchange_oxygen,
        kcc2,
        nkcc1,
    ),
    "neuron, extracellular space and glia whose ions, volumes and oxygen move: rest, seizure-like "
    "firing, spreading depolarisation and anoxia, as published",
    shared=(replace(_ROOM, value=_BODY, source=f"{_WEI}: so that RT/F is the 26.64 mV there"),),
)

_ZERO = "assumed: no net flux of any ion at the rest of 'full', with its reversal potentials"
_SIZE = "assumed: shares of volumes as in Huebel et al. 2017, of a cell of 29000 um2"
_EXTRA = tuple(p for p in full.parts if p.copy)
_OTHERS = {
    "pospischil_2008_rs": _having(
        pospischil_2008_rs, "assumed: half of it, the other is chloride's ('cl_leak')", g_leak=0.05
    ),
    "dual_exponential": dual_exponential_tissue,
    "ampa_exponential": ampa_tissue,
    "fractional": fractional_summed,
    "pool": pool_atp,
}

full_moving = (
    Model(
        "full_moving",
        (
            *(_OTHERS.get(p.name, p) for p in full.parts if not p.copy),
            *(
                at(fractional_summed, copy="extra") if "ca_entry" in p.slots[0] else p
                for p in _EXTRA
            ),
            _having(
                _having(
                    counted_exchanging,
                    _ZERO,
                    na_in_rest=22.04,
                    k_in_rest=149.36,
                    k_out_rest=3.5,
                    cl_in_rest=8.606,
                ),
                _SIZE,
                vol_in_rest=20000.0,
                vol_out_rest=6700.0,
            ),
            cl_leak,
            osmotic,
            nernst,
            _having(pump_atp, _ZERO, pump_max=10.56, pump_na=22.04),
            _having(
                _having(glia, _SIZE, vol_glia_rest=20000.0, glia_capacity=930.0),
                "assumed: as much back as is taken up at the rest",
                glia_give=0.0144 / (1 + math.exp(0.8)),
            ),
            _having(
                _having(exchange_salts, "assumed: as outside at the rest", k_bath=3.5),
                "assumed: three times the published; whether the cell comes back from energy "
                "failure hangs on it, so sweep it",
                bath_rate=3e-4,
            ),
            tissue_glutamate,
            uptake_counted,
            atp_pool,
            _having(leak_ions, _ZERO, share_k_leak=0.7025),
            nmda_ions,
            at(nmda_ions_further, copy="extra"),
            ampa_ions,
        ),
        "the cell of 'full' on ions that move, with volumes, glia, bath, glutamate of a tissue and "
        "an energy supply that fails in parts: energy failure and exposure to glutamate",
    )
    .apart("supply_pump")
    .apart("supply_ca_pool")
)
