"""Glycine as the co-agonist, and the NMDA current that needs it."""

from dataclasses import replace

from mgsim.component import Component, Parameter
from mgsim.receptors.nmda import nmda

glycine_site = Component(
    name="glycine_site",
    slot="coagonist",
    meaning="glycine site of NMDA receptors, by Hill's law",
    equations="""
glycine_ratio = (glycine/glycine_k)**glycine_n : 1
coagonist = glycine_ratio/(1 + glycine_ratio) : 1  # receptors with their glycine site occupied
""",
    parameters=(
        Parameter("glycine", 10.0, "uM", "extracellular glycine",
                  "assumed: as added in recordings from cultures", (0, 100)),
        Parameter("glycine_k", 1.0, "uM", "glycine that occupies half the sites",
                  "unverified: 1.1-1.7 uM for GluN2A, 0.4-0.7 uM for GluN2B, 0.1-0.2 uM for GluN2D",
                  (0.1, 3)),
        Parameter("glycine_n", 1.0, "1", "Hill coefficient of glycine",
                  "assumed: one site of one kind", (0.8, 2)),
    ),
    deviations="A factor on the conductance, in equilibrium at every moment: no change of "
    "desensitisation or of the affinity for glutamate with glycine. Needs the NMDA current "
    "'nmda_with_coagonist'.",
)  # fmt: skip

nmda_with_coagonist = replace(
    nmda,
    name="nmda_with_coagonist",
    meaning="NMDA receptor current that needs glycine",
    equations=nmda.equations.replace("*unblocked", "*unblocked*coagonist"),
    deviations="As 'nmda', times the fraction of receptors with glycine bound.",
)
