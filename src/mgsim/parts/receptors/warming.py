"""How the rates of a kinetic scheme follow the temperature of the preparation."""

from __future__ import annotations

from mgsim.declare.parameter import Parameter

#: Factor on every gating rate; 1 at the temperature of the experiment.
GATING = "warm_nmda = q10_nmda**((celsius - celsius_nmda)/(10*K)) : 1  # gating rates over measured"
#: Factor on the rates of magnesium.
MAGNESIUM = "warm_mg = q10_mg**((celsius - celsius_nmda)/(10*K)) : 1  # Mg rates over measured"

_KINETICS = (
    "hestrin_1990: 3.5 +- 0.9 for the fast decay and 2.2 +- 0.5 for the rise, as quoted "
    "in ModelDB 145836 SynExp5NMDA.mod; here 3 for every rate"
)


def gating(celsius: float, source: str) -> tuple[Parameter, ...]:
    """The experiment's temperature, and the Q10 of the gating rates."""
    return (
        Parameter(
            "celsius_nmda",
            celsius,
            "degC",
            "temperature at which the NMDA rates hold",
            source,
            (15, 37),
        ),
        Parameter(
            "q10_nmda", 3.0, "1", "factor on NMDA gating rates for 10 degrees", _KINETICS, (1, 4.5)
        ),
    )


def magnesium() -> tuple[Parameter, ...]:
    """The Q10 of the rates of magnesium, binding and unbinding alike."""
    return (
        Parameter(
            "q10_mg",
            1.0,
            "1",
            "factor on magnesium binding and unbinding for 10 degrees",
            "assumed: no value found for the binding itself (1.52 was fitted to the slow "
            "unblock, as coded in dervinism/thalamocortical2 SynExp5NMDA.mod); binding and "
            "unbinding alike, so that the block at equilibrium stays",
            (1, 4),
        ),
    )
