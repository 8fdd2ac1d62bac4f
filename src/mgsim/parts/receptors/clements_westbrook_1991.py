"""Clements & Westbrook (1991): five-state NMDA gating, low open probability."""

from mgsim.parts.receptors.five_state import five_state

clements_westbrook_1991 = five_state(
    "clements_westbrook_1991",
    rates=(5.0, 0.005, 0.01, 0.322, 0.004, 0.0003),
    two_sites=True,
    source="destexhe_1998: constants listed under that name in ModelDB 18198 nmda5.mod",
    meaning="five-state NMDA gating, low open probability",
    references=("clements_1991", "destexhe_1998"),
    reproduces="The set of that name in the public list; no figure compared.",
    conditions="Cultured mouse hippocampal neurons, outside-out patches, room temperature "
    "(unverified).",
    deviations="Rates from a comment of public code, not from the paper. With the statistical "
    "factors 2 of two identical sites, which that file leaves out.",
)
