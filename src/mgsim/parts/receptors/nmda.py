"""The NMDA receptor current: gating times block times driving force."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

nmda = Component(
    name="nmda",
    slot="nmda_current",
    meaning="NMDA receptor current of all ions together",
    equations="""
g_conducting = g_nmda*open_nmda*unblocked*modulation_nmda : nS  # conducting NMDA conductance
i_nmda = g_conducting*(v - e_nmda) : pA  # NMDA receptor current
""",
    parameters=(
        Parameter(
            "g_nmda",
            30.0,
            "nS",
            "NMDA conductance with every receptor open and unblocked",
            "assumed: about 0.1 mS/cm2 of a 29000 um2 cell, where the standard cell's tonic "
            "firing depends on magnesium",
            (0, 200),
        ),
        Parameter(
            "e_nmda",
            0.0,
            "mV",
            "reversal potential of the NMDA current",
            "ascher_1988: close to 0 mV, unchanged by magnesium",
            (-10, 10),
        ),
    ),
    currents={"i_nmda": ""},
    references=("ascher_1988",),
    conditions="An ohmic current of all permeant ions; calcium's part is split off, not added, by "
    "a part in the slot ca_entry.",
)
