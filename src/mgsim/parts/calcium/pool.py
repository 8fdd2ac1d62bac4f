"""Free calcium under the membrane: entry, buffer and extrusion."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

pool = Component(
    name="pool",
    slot="ca_pool",
    meaning="one compartment with a fast linear buffer and linear extrusion",
    equations="""
dca/dt = (-i_ca/(2*faraday_constant*area*ca_depth*(1 + ca_kappa))
          - (ca - ca_rest)/tau_ca) : uM  # free calcium
""",
    parameters=(
        Parameter(
            "ca_depth",
            0.1,
            "um",
            "depth of the shell under the membrane",
            "assumed: usual shell of single-compartment models",
            (0.05, 5),
        ),
        Parameter(
            "ca_kappa",
            60.0,
            "1",
            "calcium binding ratio of the buffer",
            "maravall_2000: 44-80, apical dendrite of CA1 pyramidal cells",
            (0, 300),
        ),
        Parameter(
            "tau_ca",
            80.0,
            "ms",
            "time constant of calcium extrusion, buffer included",
            "assumed: below 100 ms at 37 degC in pyramidal cell dendrites",
            (10, 500),
        ),
        Parameter(
            "ca_rest",
            0.05,
            "uM",
            "resting free calcium",
            "maravall_2000: 32-59 nM, proximal apical dendrite of CA1 pyramidal cells",
            (0.02, 0.2),
        ),
    ),
    capacity={"ca": "area*ca_depth*(1 + ca_kappa)"},
    initial={"ca": "ca_rest"},
    references=("maravall_2000",),
    conditions="Small signals: the buffer does not saturate and extrusion stays linear. A high "
    "load leaves that range, and the concentration is then an underestimate.",
)
