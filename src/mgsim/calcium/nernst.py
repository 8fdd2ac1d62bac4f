"""The calcium reversal potential from the concentrations."""

from mgsim.component import Component

nernst_ca = Component(
    name="nernst_ca",
    slot="e_ca",
    meaning="calcium reversal potential from the concentrations on both sides",
    equations="""
e_ca = (gas_constant*(celsius + zero_celsius)/(2*faraday_constant)
        *log(clip(ca_out, 1e-4*uM, 1*M)/clip(ca, 1e-4*uM, 1*M))) : mV  # calcium reversal
""",
    deviations="Concentrations, not activities; below 0.1 nM, where the logarithm would have no "
    "value, they count as that. Replaces the fixed 120 mV for every channel that "
    "reads e_ca; needs a calcium pool.",
)
