"""Spruston, Jonas & Sakmann (1995): Woodhull block with temperature."""

from mgsim.component import Component, Parameter

_SOURCE = "spruston_1995: as coded in ModelDB 145836 SynExp2NMDA.mod"

spruston_1995 = Component(
    name="spruston_1995",
    slot="block",
    meaning="Spruston et al. 1995, Woodhull site with temperature",
    equations="""
mg_slope = 2*mg_delta*faraday_constant/(gas_constant*(celsius + zero_celsius)) : 1/mV
unblocked = 1/(1 + mg_out/mg_k*exp(clip(-mg_slope*v, -80, 80))) : 1  # unblocked fraction
""",
    parameters=(
        Parameter("mg_k", 4.1, "mM", "magnesium that blocks half the conductance at 0 mV",
                  _SOURCE, (0.8, 20)),
        Parameter("mg_delta", 0.8, "1", "electrical distance of the blocking site from outside",
                  _SOURCE, (0.4, 1.1)),
    ),
    references=("spruston_1995", "woodhull_1973"),
    reproduces="The I-V of dendritic NMDA receptors of CA1 and CA3 pyramidal cells at 1 mM Mg, "
    "with a region of negative slope.",
    conditions="Dendritic patches, rat hippocampal slices, room temperature; measured at 1 mM Mg, "
    "so other concentrations extrapolate. Temperature enters by RT/F only; k and delta are held.",
    deviations="The published current reverses at -0.7 mV; set e_nmda for that.",
)  # fmt: skip
