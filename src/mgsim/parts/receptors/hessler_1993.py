"""Hessler, Shirke & Malinow (1993): five-state NMDA gating, fitted to hippocampal slices."""

from mgsim.parts.receptors.five_state import five_state

hessler_1993 = five_state(
    "hessler_1993",
    rates=(5.0, 0.0095, 0.025, 0.059, 0.016, 0.013),
    two_sites=True,
    source="destexhe_1998: constants listed under that name in ModelDB 18198 nmda5.mod",
    meaning="five-state NMDA gating, fitted to hippocampal slices",
    references=("hessler_1993", "clements_1992", "destexhe_1998"),
    reproduces="Peak open probability 0.170 and a decay to 1/e in 88 ms after 1 ms of 1 mM "
    "glutamate.",
    conditions="Rat hippocampal slices and cultures, room temperature (unverified).",
    deviations="The public list credits Clements et al. 1992 and Hessler et al. 1993 together. "
    "Rates from a comment of public code, not from the paper. With the statistical "
    "factors 2 of two identical sites, which that file leaves out.",
)
