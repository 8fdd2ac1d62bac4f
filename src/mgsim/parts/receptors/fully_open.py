"""Receptors that are all open: the tonic limit, for clamps and steady states."""

from mgsim.declare.component import Component

fully_open = Component(
    name="fully_open",
    slot="nmda_gating",
    meaning="every NMDA receptor open (limit of saturating agonist, no desensitisation)",
    equations="open_nmda = 1 : 1  # open fraction of NMDA receptors",
    deviations="No gating at all: g_nmda is then the tonic conductance before block.",
)
