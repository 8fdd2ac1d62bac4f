"""Major et al. (2008): a steeper block, for NMDA spikes in basal dendrites."""

from mgsim.parts.blocks.exponential import exponential

major_2008 = exponential(
    "major_2008",
    k=5.0,
    slope=0.08,
    v_ref=0.0,
    source="unverified: constants of Major et al. 2008 read in a comment of public code, "
    "not in the paper",
    meaning="Major et al. 2008, layer 5 basal dendrites",
    references=("major_2008",),
    reproduces="No figure compared.",
    conditions="Model of layer 5 pyramidal basal dendrites, rat cortex.",
    deviations="Only a list of laws in comments of public dendrite models was read, which gives "
    "other papers several constants each. The law is suspect: at 1 mM it equals Ascher & Nowak "
    "1988 at 1.8 mM within 3 % from -80 to +20 mV, so 1.8 mM may be folded into the 5 mM. Do not "
    "read its magnesium axis as measured.",
)
