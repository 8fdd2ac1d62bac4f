"""Ascher & Nowak (1988): open-channel block as a state of its own, without trapping."""

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.parts.blocks.ascher_nowak_1988 import MEASURED
from mgsim.parts.receptors import five_state, trapping

ascher_nowak_kinetic = Component(
    name="ascher_nowak_kinetic",
    slot="nmda_gating",
    fills=("block",),
    meaning="five-state gating with open-channel block as a sixth state (no trapping)",
    equations=trapping.PROVIDED + trapping.ASCHER_NOWAK,
    kinetics=(
        Scheme(
            trapping.in_order(five_state.STATES, ("ob_nmda",)),
            (*five_state.transitions(), ("o_nmda", "ob_nmda", "mg_binding", "mg_unbinding")),
        ),
    ),
    parameters=(
        *five_state.parameters(five_state.LESTER_JAHR, five_state.LESTER_JAHR_SOURCE),
        *trapping.ascher_nowak_rates(),
    ),
    references=("ascher_1988", "lester_1992", "hestrin_1990"),
    reproduces="The relaxation of the block in 0.015 ms at -80 mV and 0.166 ms at 0 mV, 1 mM Mg.",
    conditions="Block: cultured mouse central neurons, outside-out patches. Gating: cultured rat "
    "hippocampal neurons.",
    measured=MEASURED,
    deviations="Two papers joined: the block of the first, the gating of the second. A blocked "
    "channel cannot close, so block only delays the charge of a response and in the end takes none "
    "away; in real receptors magnesium is trapped. For the speed of block, not for its depth.",
)
