"""Transmission from nerve to muscle: what is released, against what fires the muscle fibre."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

endplate = Component(
    name="endplate",
    slot="endplate",
    meaning="endplate potential, over the one that fires the muscle fibre",
    equations="depp/dt = -epp/tau_epp : 1  # endplate potential over the one that fires",
    parameters=(
        Parameter(
            "quanta_needed",
            0.05,
            "1",
            "amount released that just fires the muscle fibre",
            "assumed: a quarter of u_rel 0.2, so a safety factor of 4; mammals have about 2 to 6",
            (0.01, 0.2),
        ),
        Parameter(
            "tau_epp", 5.0, "ms", "decay of the endplate potential", "assumed: some ms", (1, 20)
        ),
    ),
    on_event={"release": "epp += quanta/quanta_needed"},
    deviations="The endplate potential is proportional to what is released, without saturation, "
    "and its receptors do not feel magnesium, though their sensitivity falls too (del Castillo & "
    "Engbaek 1954): no usable law was found. So block comes at less magnesium than here.",
)
