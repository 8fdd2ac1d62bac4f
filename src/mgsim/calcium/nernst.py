"""The calcium reversal potential from the concentrations."""

from mgsim.component import Component, Parameter

nernst_ca = Component(
    name="nernst_ca",
    slot="e_ca",
    meaning="calcium reversal potential from the concentrations on both sides",
    equations="""
e_ca = (gas_constant*(celsius + zero_celsius)/(2*faraday_constant)
        *log(clip(ca_out, ca_least, 1*M)/clip(ca, ca_least, 1*M))) : mV  # calcium reversal
""",
    parameters=(
        Parameter("ca_least", 1e-4, "uM", "concentration below which calcium counts as this much",
                  "assumed: the logarithm has no value at zero; far below any real concentration",
                  (1e-6, 1e-2)),
    ),
    deviations="Concentrations, not activities. Replaces the fixed 120 mV for every channel that "
    "reads e_ca; needs a calcium pool.",
)  # fmt: skip
