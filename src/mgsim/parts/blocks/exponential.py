"""The form that most published laws share: half-block falls exponentially with voltage."""

from __future__ import annotations

from typing import Any

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

#: The exponent is held within +-80, where the block is complete or gone in any precision.
UNBLOCKED = "unblocked = 1/(1 + mg_out/mg_k*exp(clip(-mg_slope*{}, -80, 80))) : 1  # unblocked"
EQUATIONS = UNBLOCKED.format("(v - mg_v_ref)")


def exponential(
    name: str, *, k: float, slope: float, v_ref: float, source: str, **about: Any
) -> Component:
    """A block law ``1/(1 + [Mg]/k exp(-slope (v - v_ref)))`` with k in mM, slope in 1/mV."""
    return Component(
        name=name,
        slot="block",
        equations=EQUATIONS,
        parameters=(
            Parameter(
                "mg_k",
                k,
                "mM",
                "magnesium that blocks half the conductance at mg_v_ref",
                source,
                (0.2 * k, 5 * k),
            ),
            Parameter(
                "mg_slope",
                slope,
                "1/mV",
                "steepness of magnesium block with voltage",
                source,
                (0.5 * slope, 1.5 * slope),
            ),
            Parameter(
                "mg_v_ref",
                v_ref,
                "mV",
                "potential at which mg_k holds; moves the law along "
                "the voltage axis (junction potential)",
                source,
                (v_ref - 15, v_ref + 15),
            ),
        ),
        **about,
    )
