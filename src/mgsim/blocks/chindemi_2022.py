"""Chindemi et al. (2022): refit to the cortical data of Vargas-Caballero & Robinson (2003)."""

from mgsim.blocks.exponential import exponential

chindemi_2022 = exponential(
    "chindemi_2022",
    k=2.5522415, slope=0.07207477, v_ref=0.0,
    source="chindemi_2022: as coded in BlueBrain/neurodamus-models neocortex ProbAMPANMDA_EMS.mod",
    meaning="Chindemi et al. 2022 (BBP), refit to Vargas-Caballero & Robinson 2003",
    references=("chindemi_2022", "vargas-caballero_2003"),
    reproduces="The I-V at 1 mM Mg of Vargas-Caballero & Robinson 2003, by inspection.",
    conditions="Rat cortical pyramidal neurons, junction potential corrected; the range of Mg that "
    "was fitted is not known (probably 1 mM only); used at 34 degC.",
    deviations="Some public copies credit these constants to Jahr & Stevens, which is wrong. The "
    "published current reverses at -3 mV; set e_nmda for that.",
)  # fmt: skip
