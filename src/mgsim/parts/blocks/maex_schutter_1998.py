"""Maex & De Schutter (1998): Jahr & Stevens moved by 10 mV, as used for granule cells."""

from mgsim.declare.ports import Measured
from mgsim.parts.blocks.exponential import exponential

maex_schutter_1998 = exponential(
    "maex_schutter_1998",
    k=3.57,
    slope=0.062,
    v_ref=10.0,
    source="maex_1998: as coded in NeuroML2 NML2_SynapseTypes.nml (1.9205 mM at 0 mV)",
    meaning="Maex & De Schutter 1998, Jahr-Stevens moved by +10 mV",
    references=("maex_1998", "jahr_1990"),
    reproduces="The granule cell synapse of the cerebellar network model, at 1.2 mM Mg.",
    conditions="Model of the cerebellar granular layer.",
    measured=(Measured("mg_out", 1.2, 1.2, "maex_1998: used at 1.2 mM in its public copies"),),
    deviations="That the paper means a +10 mV shift is unverified. Written with the constants of "
    "Jahr & Stevens and an explicit +10 mV; the NeuroML "
    "copy folds the shift into 1.9205 mM without saying so.",
)
