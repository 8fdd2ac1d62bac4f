"""Free calcium under the membrane: entry, buffer and extrusion."""

from mgsim.component import Component, Parameter

pool = Component(
    name="pool",
    slot="ca_pool",
    meaning="one compartment with a fast linear buffer and linear extrusion",
    equations="""
dca/dt = -i_ca/(2*faraday_constant*area*ca_depth*(1 + ca_kappa)) - (ca - ca_rest)/tau_ca : uM  # free calcium
""",
    parameters=(
        Parameter("ca_depth", 0.1, "um", "depth of the shell under the membrane",
                  "assumed: usual shell of single-compartment models", (0.05, 5)),
        Parameter("ca_kappa", 20.0, "1", "calcium binding ratio of the buffer",
                  "assumed: low endogenous buffering, as measured in pyramidal cell spines", (0, 300)),
        Parameter("tau_ca", 80.0, "ms", "time constant of calcium extrusion, buffer included",
                  "assumed: order of decay in pyramidal dendrites", (10, 500)),
        Parameter("ca_rest", 0.07, "uM", "resting free calcium",
                  "assumed: 70 +- 29 nM, as measured in pyramidal cell spines", (0.02, 0.2)),
    ),
    initial={"ca": "ca_rest"},
    references=("sabatini_2002",),
    conditions="Small signals: the buffer does not saturate and extrusion stays linear. A high load "
    "leaves that range, and the concentration is then too low an estimate.",
)  # fmt: skip
