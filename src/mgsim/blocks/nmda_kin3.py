"""The block of the synapse nmda_kin3 (ModelDB 225080)."""

from mgsim.blocks.exponential import exponential

nmda_kin3 = exponential(
    "nmda_kin3",
    k=7.51, slope=0.1, v_ref=0.0,
    source="unverified: ModelDB 225080 nmda_kin3.mod, read in a stripped copy "
    "(ion-channel-genealogy)"
    " that names no paper",
    meaning="nmda_kin3 (ModelDB 225080), steepest of the public forms",
    reproduces="The public file's unblocked fraction of 0.0068 at -70 mV and 1 mM.",
    conditions="Not stated in the copy that was read: no preparation, no temperature.",
    deviations="Only a secondary copy was read, without the data that the law was fitted to. It "
    "widens the band of the laws towards strong block.",
)
