"""Edmonds & Colquhoun (1992): five-state NMDA gating, long bursts of openings."""

from mgsim.parts.receptors.five_state import five_state

edmonds_colquhoun_1992 = five_state(
    "edmonds_colquhoun_1992",
    rates=(5.0, 0.0047, 0.0465, 0.0916, 0.0084, 0.0018),
    two_sites=True,
    source="destexhe_1998: constants listed under that name in ModelDB 18198 nmda5.mod",
    meaning="five-state NMDA gating, long bursts of openings",
    references=("edmonds_1992", "destexhe_1998"),
    reproduces="Peak open probability 0.257 and a decay to 1/e in 104 ms after 1 ms of 1 mM "
    "glutamate.",
    conditions="Hippocampal granule cell patches, room temperature (unverified); pulse of 1 mM "
    "for 1 ms.",
    deviations="Rates from a comment of public code, not from the paper. With the statistical "
    "factors 2 of two identical sites, which that file leaves out.",
)
