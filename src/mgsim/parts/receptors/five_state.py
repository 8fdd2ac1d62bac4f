"""The five-state NMDA scheme: two binding steps, desensitised, open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.parts.receptors import warming

_WORDS = (
    ("k_on_nmda", "1/mM/ms", "glutamate binding rate of one site"),
    ("k_off_nmda", "1/ms", "glutamate unbinding rate of one site"),
    ("k_open_nmda", "1/ms", "opening rate"),
    ("k_close_nmda", "1/ms", "closing rate"),
    ("k_des_nmda", "1/ms", "desensitisation rate"),
    ("k_res_nmda", "1/ms", "recovery rate from desensitisation"),
)
#: Rates of Lester & Jahr (1992), on which other parts build too.
LESTER_JAHR = (5.0, 6.7e-3, 83.8e-3, 83.8e-3, 15.2e-3, 9.4e-3)
LESTER_JAHR_SOURCE = "lester_1992: constants as listed in ModelDB 18198 nmda5.mod"
STATES = ("c0_nmda", "c1_nmda", "c2_nmda", "d_nmda", "o_nmda")


def transitions(two_sites: bool = True, arm: str = "") -> tuple[tuple[str, str, str, str], ...]:
    """Gating: C0 - C1 - C2, C2 - D, C2 - O. ``arm`` ends the names of the states."""
    two = "2*" if two_sites else ""
    c0, c1, c2, d, o = (f"{s}{arm}" for s in STATES)
    return (
        (c0, c1, f"{two}k_on_nmda*glu*warm_nmda/(1 + competitor)", "k_off_nmda*warm_nmda"),
        (c1, c2, "k_on_nmda*glu*warm_nmda/(1 + competitor)", f"{two}k_off_nmda*warm_nmda"),
        (c2, d, "k_des_nmda*warm_nmda", "k_res_nmda*warm_nmda"),
        (c2, o, "k_open_nmda*warm_nmda", "k_close_nmda*warm_nmda"),
    )


def parameters(rates: Sequence[float], source: str, celsius: float = 22.0) -> tuple[Parameter, ...]:
    """The six rates, the experiment's temperature and the Q10."""
    measured = tuple(
        Parameter(word, value, unit, meaning, source, (0.2 * value, 5 * value))
        for (word, unit, meaning), value in zip(_WORDS, rates, strict=True)
    )
    return (*measured, *warming.gating(celsius, "assumed: room temperature, taken as 22 degC"))


def five_state(
    name: str, *, rates: Sequence[float], source: str, two_sites: bool, **about: Any
) -> Component:
    """A scheme C0 - C1 - C2, C2 - D, C2 - O.

    ``rates``: k_on (1/mM/ms), then k_off, open, close, desensitise, resensitise (1/ms).
    ``two_sites``: two identical sites, so that the first binding and the second unbinding step
    run at twice the rate of one site.
    """
    about["references"] = (*about["references"], "hestrin_1990")
    return Component(
        name=name,
        slot="nmda_gating",
        equations=f"""
open_nmda = o_nmda : 1  # open fraction of NMDA receptors
{warming.GATING}
""",
        kinetics=(Scheme(STATES, transitions(two_sites)),),
        parameters=parameters(rates, source),
        **about,
    )
