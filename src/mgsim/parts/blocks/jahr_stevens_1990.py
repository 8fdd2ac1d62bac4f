"""Jahr & Stevens (1990): the block law that most models use."""

from mgsim.declare.ports import Measured
from mgsim.parts.blocks.exponential import exponential

#: Where the macroscopic conductance was measured.
MEASURED = (
    Measured("mg_out", 1e-3, 10.0, "jahr_1990: abstract, 1 uM to 10 mM"),
    Measured("v", -100.0, 60.0, "unverified: the usual range of such ramps"),
    Measured("celsius", 20.0, 25.0, "unverified: room temperature"),
)

jahr_stevens_1990 = exponential(
    "jahr_stevens_1990",
    k=3.57,
    slope=0.062,
    v_ref=0.0,
    source="jahr_1990: macroscopic conductance; as coded in ModelDB 18500 nmda.mod",
    meaning="Jahr & Stevens 1990, macroscopic conductance",
    references=("jahr_1990",),
    reproduces="The voltage dependence of the macroscopic NMDA conductance at 1 uM to 10 mM Mg.",
    conditions="Cultured rat hippocampal neurons, whole cell.",
    measured=MEASURED,
    deviations="The paper adds a flicker block that does not need magnesium, and this usual short "
    "form leaves it out; 'jahr_stevens_1990_flicker' holds the whole function. By that, the "
    "flicker takes 44 % of the conductance at -80 mV without magnesium, 33 % at -60 mV, and the "
    "short form says 30 to 42 % too much there at 0.1 mM; from 1 mM up the two agree within 11 % "
    "from -80 to -40 mV. No junction potential correction; mg_v_ref states one.",
)
