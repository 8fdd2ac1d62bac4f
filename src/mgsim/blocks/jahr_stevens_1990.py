"""Jahr & Stevens (1990): the block law that most models use."""

from mgsim.blocks.exponential import exponential

jahr_stevens_1990 = exponential(
    "jahr_stevens_1990",
    k=3.57, slope=0.062, v_ref=0.0,
    source="jahr_1990: macroscopic conductance; as coded in ModelDB 18500 nmda.mod",
    meaning="Jahr & Stevens 1990, macroscopic conductance",
    references=("jahr_1990",),
    reproduces="The voltage dependence of the macroscopic NMDA conductance at 1 uM to 10 mM Mg.",
    conditions="Cultured rat hippocampal neurons, whole cell and outside-out, room temperature; "
    "1 uM-10 mM Mg, about -100 to +60 mV.",
    deviations="The paper adds a second, voltage-dependent flicker block that is seen at very low "
    "Mg, so below about 10 uM and -60 mV the law overstates the conductance. No junction potential "
    "correction; mg_v_ref states one.",
)  # fmt: skip
