"""Otmakhova, Otmakhov & Lisman (2002): a steep block, read at second hand."""

from mgsim.parts.blocks.exponential import exponential

otmakhova_2002 = exponential(
    "otmakhova_2002",
    k=15.0,
    slope=0.1,
    v_ref=0.0,
    source="unverified: constants of Otmakhova et al. 2002 read in a comment of public code, not "
    "in the paper",
    meaning="Otmakhova et al. 2002, CA1 (second hand)",
    references=("otmakhova_2002",),
    reproduces="No figure compared.",
    conditions="CA1 pyramidal cells, rat hippocampal slices.",
    deviations="Only a secondary source was read. The paper compares two pathways of which one "
    "rectifies without magnesium too, so that one law for both says less than it seems.",
)
