"""The block of the synapse nmda_kin3 (ModelDB 225080)."""

from mgsim.parts.blocks.exponential import exponential

nmda_kin3 = exponential(
    "nmda_kin3",
    k=7.51,
    slope=0.1,
    v_ref=0.0,
    source="unverified: as coded in neurosutras/CA1Sim nmda_kin3.mod (ModelDB 225080); its comment "
    "says 'from Jahr & Stevens', whose constants it does not hold",
    meaning="nmda_kin3 (ModelDB 225080), steepest of the public forms",
    reproduces="The public file's unblocked fraction of 0.0068 at -70 mV and 1 mM.",
    conditions="A constant of a model of CA1 pyramidal cells, used at 1 mM Mg; no measurement "
    "named.",
    deviations="Earlier and later versions of the author's file hold 3.57 mM with 0.062 /mV, 7.65 "
    "mM with 0.100 and 9.98 mM with 0.101: numbers tuned in a model, it seems, not measured. The "
    "file's voltage-dependent decay is left out. It widens the band of the laws towards strong "
    "block.",
)
