"""Lester & Jahr (1992): five-state NMDA gating with two identical sites."""

from mgsim.parts.receptors.five_state import LESTER_JAHR, LESTER_JAHR_SOURCE, five_state

lester_jahr_1992 = five_state(
    "lester_jahr_1992",
    rates=LESTER_JAHR,
    two_sites=True,
    source=LESTER_JAHR_SOURCE,
    meaning="five-state NMDA gating, two identical glutamate sites",
    references=("lester_1992",),
    reproduces="The decay of about 130 ms after a brief pulse of glutamate.",
    conditions="Cultured rat hippocampal neurons, outside-out patches, room temperature.",
    deviations="With the statistical factors 2 of two identical independent sites, which the "
    "widely copied NEURON file leaves out.",
)
