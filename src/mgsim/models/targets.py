"""Cells with magnesium's other targets, with ions at rest or moving."""

from __future__ import annotations

import math

from mgsim.compose.assembly import having
from mgsim.compose.model import Model
from mgsim.compose.places import at
from mgsim.models.cells import standard
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.calcium.summed import fractional_summed
from mgsim.parts.channels.calcium import ca_l_type
from mgsim.parts.channels.calcium_gated import k_ca
from mgsim.parts.channels.hubel import cl_leak
from mgsim.parts.channels.kir import kir
from mgsim.parts.homeostasis.energy import atp_pool, counted_exchanging, pool_atp, pump_atp
from mgsim.parts.homeostasis.further import nmda_ions_further
from mgsim.parts.homeostasis.reversal import ampa_ions, leak_ions, nernst, nmda_ions
from mgsim.parts.homeostasis.salts import exchange_salts
from mgsim.parts.homeostasis.surroundings import glia
from mgsim.parts.homeostasis.tissue import tissue_glutamate, uptake_counted
from mgsim.parts.homeostasis.volumes import osmotic
from mgsim.parts.mechanisms.calcium_block import ca_channel_block
from mgsim.parts.mechanisms.release import depressing_release
from mgsim.parts.mechanisms.release_laws import dodge_rahamimoff_central
from mgsim.parts.mechanisms.surface_charge import grahame
from mgsim.parts.neurons.pospischil_2008 import pospischil_2008_rs
from mgsim.parts.receptors.ambient_gating import ambient_gating
from mgsim.parts.receptors.gaba_a import gaba_a
from mgsim.parts.receptors.nmda import nmda
from mgsim.parts.receptors.tissue import ampa_tissue, dual_exponential_tissue

full = Model(
    "full",
    (
        *standard.parts,
        *(
            at(part, copy="extra")
            for part in (
                ambient_gating,
                jahr_stevens_1990,
                having(nmda, "assumed: a third of that of synapses", g_nmda=10.0),
                fractional,
            )
        ),
        ca_l_type,
        ca_channel_block,
        k_ca,
        having(kir, "assumed: moves the rest by less than 2 mV", g_kir=0.02),
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

_ZERO = "assumed: no net flux of any ion at the rest of 'full', with its reversal potentials"
_SIZE = "assumed: shares of volumes as in Huebel et al. 2017, of a cell of 29000 um2"
_EXTRA = tuple(p for p in full.parts if p.copy)
_OTHERS = {
    "pospischil_2008_rs": having(
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
            having(
                having(
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
            having(pump_atp, _ZERO, pump_max=10.56, pump_na=22.04),
            having(
                having(glia, _SIZE, vol_glia_rest=20000.0, glia_capacity=930.0),
                "assumed: as much back as is taken up at the rest",
                glia_give=0.0144 / (1 + math.exp(0.8)),
            ),
            having(
                having(exchange_salts, "assumed: as outside at the rest", k_bath=3.5),
                "assumed: three times the published; whether the cell comes back from energy "
                "failure hangs on it, so sweep it",
                bath_rate=3e-4,
            ),
            tissue_glutamate,
            uptake_counted,
            atp_pool,
            having(leak_ions, _ZERO, share_k_leak=0.7025),
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
