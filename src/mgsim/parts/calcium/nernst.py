"""The calcium reversal potential from the concentrations."""

from mgsim.declare.component import Component
from mgsim.parts.channels.reversal import CALCIUM

nernst_ca = Component(
    name="nernst_ca",
    slot="e_ca",
    meaning="calcium reversal potential from the concentrations on both sides",
    equations=f"e_ca = {CALCIUM} : mV  # calcium reversal",
    deviations="Concentrations, not activities; below 0.1 nM, where the logarithm would have no "
    "value, they count as that. Replaces the fixed 120 mV for every channel that "
    "reads e_ca; needs a calcium pool.",
)
