"""Lester & Jahr (1992): five-state NMDA gating with two identical sites."""

from mgsim.receptors.five_state import five_state

lester_jahr_1992 = five_state(
    "lester_jahr_1992",
    rates=(5.0, 6.7e-3, 83.8e-3, 83.8e-3, 15.2e-3, 9.4e-3),
    two_sites=True,
    source="lester_1992: constants as listed in ModelDB 18198 nmda5.mod",
    meaning="five-state NMDA gating, two identical glutamate sites",
    references=("lester_1992",),
    reproduces="The decay of about 130 ms after a brief pulse of glutamate.",
    conditions="Cultured rat hippocampal neurons, outside-out patches, room temperature.",
    deviations="With the statistical factors 2 of two identical independent sites, which the "
    "widely copied NEURON file leaves out.",
)  # fmt: skip
