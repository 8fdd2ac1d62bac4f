"""Parts in which magnesium binds to states of the scheme itself: gating and block at once.

Such a part fills the slots ``nmda_gating`` and ``block``. ``open_nmda`` is then the fraction of
receptors in an open state, with or without magnesium, and ``unblocked`` the fraction of those
without it, so that their product is the conducting fraction, whatever reads the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.parts.blocks.ascher_nowak_1988 import RATES
from mgsim.parts.receptors import five_state, warming

#: What a part with an open state ``o_nmda`` and a blocked open state ``ob_nmda`` provides. Before
#: anything has opened, nothing is blocked either: ``unblocked`` is 1 there, not 0/0. Without
#: magnesium it is exactly 1.
PROVIDED = f"""
idle_nmda = int(o_nmda + ob_nmda < 1e-12) : 1  # no receptor is open, blocked or not
open_nmda = o_nmda + ob_nmda : 1  # open fraction of NMDA receptors, blocked or not
unblocked = 1 - ob_nmda/(o_nmda + ob_nmda + idle_nmda) : 1  # unblocked fraction
{warming.GATING}
{warming.MAGNESIUM}
"""
#: Rates of Ascher & Nowak (1988).
ASCHER_NOWAK = """
mg_binding = mg_out*mg_on*warm_mg*exp(clip(-v/mg_on_v, -80, 80)) : 1/ms  # magnesium binding
mg_unbinding = mg_off*warm_mg*exp(clip(v/mg_off_v, -80, 80)) : 1/ms  # magnesium unbinding
"""
_BOUND = (
    ("k_off_mg_nmda", "glutamate unbinding rate of one site, magnesium bound"),
    ("k_open_mg_nmda", "opening rate, magnesium bound"),
    ("k_close_mg_nmda", "closing rate, magnesium bound"),
    ("k_des_mg_nmda", "desensitisation rate, magnesium bound"),
    ("k_res_mg_nmda", "recovery rate from desensitisation, magnesium bound"),
)


def in_order(free: Sequence[str], bound: Sequence[str]) -> tuple[str, ...]:
    """The resting state first and the open one last, which takes up the rounding of a step.

    So states with magnesium stay exactly empty without any.
    """
    return (free[0], *bound, *free[1:])


def ascher_nowak_rates() -> tuple[Parameter, ...]:
    """Binding and unbinding of magnesium at the open channel."""
    return (*RATES, *warming.magnesium())


def asymmetric(
    name: str, *, free: Sequence[float], bound: Sequence[float], source: str, **about: Any
) -> Component:
    """Five states free and five with magnesium, joined at the open state only.

    ``free``: k_on (1/mM/ms), k_off, open, close, desensitise, resensitise (1/ms), two identical
    sites. ``bound``: the last five with magnesium in the channel.
    """
    c0, c1, c2, d, o = (f"{s.removesuffix('_nmda')}b_nmda" for s in five_state.STATES)
    states = in_order(five_state.STATES, (c0, c1, c2, d, o))
    binding = "k_on_nmda*glu*warm_nmda/(1 + competitor)"
    transitions = (
        *five_state.transitions(),
        ("o_nmda", o, "mg_binding", "mg_unbinding"),
        (c0, c1, f"2*{binding}", "k_off_mg_nmda*warm_nmda"),
        (c1, c2, binding, "2*k_off_mg_nmda*warm_nmda"),
        (c2, d, "k_des_mg_nmda*warm_nmda", "k_res_mg_nmda*warm_nmda"),
        (c2, o, "k_open_mg_nmda*warm_nmda", "k_close_mg_nmda*warm_nmda"),
    )
    return Component(
        name=name,
        slot="nmda_gating",
        fills=("block",),
        equations=PROVIDED + ASCHER_NOWAK,
        kinetics=(Scheme(states, transitions),),
        parameters=(
            *five_state.parameters(free, source),
            *(
                Parameter(word, value, "1/ms", meaning, source, (0.2 * value, 5 * value))
                for (word, meaning), value in zip(_BOUND, bound, strict=True)
            ),
            *ascher_nowak_rates(),
        ),
        **about,
    )
