"""Sodium and potassium of receptors that stand beside others."""

from mgsim.declare.component import Component
from mgsim.declare.ports import Port
from mgsim.parts.homeostasis.reversal import nmda_ions

nmda_ions_further = Component(
    "nmda_ions_further",
    "nmda_ions",
    "sodium and potassium that carry the current of further NMDA receptors, as that of the first",
    "i_k_nmda = share_k_nmda*g_conducting*(v - e_k) : pA  # what potassium carries",
    parameters=nmda_ions.parameters,
    currents={"i_k_nmda": "k of i_nmda", "i_nmda_rest": "na of i_nmda"},
    ports=(
        Port("share_k_nmda", "1", "share of potassium in the NMDA conductance", everywhere=True),
    ),
    references=("hubel_2017",),
    deviations="None known: the published cell has receptors of one population.",
    conditions="For a copy of the receptors (mg.at), beside 'nmda_ions', whose share and reversal "
    "potential hold for both.",
)
