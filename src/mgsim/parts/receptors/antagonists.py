"""Antagonists: competitive at the glutamate site; trapping blockers of the open channel."""

from __future__ import annotations

from typing import Any

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.parts.receptors import five_state, warming


def competitive(
    name: str, drug: str, *, amount: float, k: float, k_source: str, **about: Any
) -> Component:
    """A competitive antagonist: glutamate acts as if divided by 1 + [drug]/K (Gaddum 1937)."""
    return Component(
        name=name,
        slot=f"competitor_{drug}",
        equations=f"bound_{drug} = {drug}_out/{drug}_k : 1  # over its dissociation constant",
        adds={"competitor": f"bound_{drug}"},
        parameters=(
            Parameter(
                f"{drug}_out",
                amount,
                "uM",
                f"concentration of {name}",
                "assumed: the usual dose in slices",
                (0, 200),
            ),
            Parameter(
                f"{drug}_k", k, "uM", f"dissociation constant of {name}", k_source, (0.2 * k, 5 * k)
            ),
        ),
        **about,
    )


_COMPETITIVE = (
    "Treats the antagonist as in equilibrium at every moment. A slow one is not "
    "displaced within a brief pulse of glutamate, so that it blocks more than is said "
    "here; with lasting glutamate the shift is right. No effect on AMPA "
    "receptors."
)

d_apv = competitive(
    "d_apv",
    "apv",
    amount=50.0,
    k=1.4,
    k_source="unverified: about 1 to 2 uM for D-AP5 at native receptors",
    meaning="D-AP5 (APV), competitive at the glutamate site",
    deviations=_COMPETITIVE,
    conditions="Saturating doses in slices are 25 to 100 uM.",
)
cpp = competitive(
    "cpp",
    "cpp",
    amount=10.0,
    k=0.3,
    k_source="unverified: about 0.2 to 0.5 uM for CPP at native receptors",
    meaning="CPP, competitive at the glutamate site",
    deviations=_COMPETITIVE,
    conditions="Usual doses in slices are 5 to 20 uM.",
)

#: Steady open probability of the gating used below, at saturating glutamate.
_PO = 0.27647


def trapping_blocker(
    name: str,
    drug: str,
    *,
    on: float,
    off: float,
    delta: float,
    delta_source: str,
    source: str,
    **about: Any,
) -> Component:
    """Five-state gating and its mirror with a drug in the channel.

    The drug enters and leaves the open channel only, and stays inside when it closes. It cannot
    enter where magnesium sits, so its binding is slowed by the block law's ``unblocked``: any block
    law can stand beside it. ``on`` (1/uM/s) and ``off`` (1/s) are those seen in lasting agonist at
    -70 mV; the channel is open part of that time, so the rates of the open channel are larger.
    """
    mirror = tuple(f"{s}_{drug}" for s in five_state.STATES)
    return Component(
        name=name,
        slot="nmda_gating",
        equations=f"""
open_nmda = o_nmda : 1  # open fraction of NMDA receptors, drug apart
{drug}_binding = {drug}_out*{drug}_on*unblocked*warm_nmda : 1/ms  # binding rate of the drug
{drug}_unbinding = {drug}_off*warm_nmda*exp(clip({drug}_delta*(v - {drug}_v)*faraday_constant
                   /(gas_constant*(celsius + zero_celsius)), -80, 80)) : 1/ms  # unbinding rate
"""
        + warming.GATING,
        kinetics=(
            Scheme(
                (*five_state.STATES, *mirror),
                (
                    *five_state.transitions(),
                    *five_state.transitions(arm=f"_{drug}"),
                    ("o_nmda", f"o_nmda_{drug}", f"{drug}_binding", f"{drug}_unbinding"),
                ),
            ),
        ),
        parameters=(
            *five_state.parameters(five_state.LESTER_JAHR, five_state.LESTER_JAHR_SOURCE),
            Parameter(
                f"{drug}_out",
                10.0,
                "uM",
                f"concentration of {name}",
                "assumed: choice of the experimenter",
                (0, 200),
            ),
            Parameter(
                f"{drug}_on",
                on / _PO * 1e-3,
                "1/uM/ms",
                f"binding rate of {name} to the open channel",
                f"{source}, over the open probability 0.276 of this gating",
                (0.2 * on / _PO * 1e-3, 5 * on / _PO * 1e-3),
            ),
            Parameter(
                f"{drug}_off",
                off / _PO * 1e-3,
                "1/ms",
                f"unbinding rate of {name} from the open channel",
                f"{source}, over the open probability 0.276 of this gating",
                (0.2 * off / _PO * 1e-3, 5 * off / _PO * 1e-3),
            ),
            Parameter(
                f"{drug}_delta",
                delta,
                "1",
                f"voltage dependence of {name}, one charge",
                delta_source,
                (0.3, 1),
            ),
            Parameter(
                f"{drug}_v",
                -70.0,
                "mV",
                f"potential at which the rates of {name} hold",
                source,
                (-90, -50),
            ),
        ),
        references=("gilling_2009", "lester_1992", "hestrin_1990", *about.pop("more", ())),
        conditions="Human GluN1/GluN2A receptors in HEK 293 cells, -70 mV, saturating glutamate, "
        "room temperature (unverified). Gating: cultured rat hippocampal neurons.",
        **about,
    )


_WHOLE = (
    " All of the voltage dependence is put in unbinding. Gating with the drug inside is that "
    "without it, so that the dose for half block is off/on."
)

memantine = trapping_blocker(
    "memantine",
    "memantine",
    on=0.32,
    off=0.53,
    delta=0.9,
    delta_source="unverified: about 0.9, stated only to exceed the 0.79 of ketamine",
    source="gilling_2009: k_on 0.32 /uM/s, k_off 0.53 /s (abstract)",
    meaning="five-state gating with memantine, trapped when the channel closes",
    more=("blanpied_1997",),
    reproduces="Onset of block in lasting agonist with k_on [drug] + k_off, up to about 3 uM; the "
    "gating limits what is faster.",
    deviations="The abstract gives the rates 'following normalization', so that dividing them by "
    "the open probability may correct twice. It finds two exponentials for memantine; here is one. "
    "Full trapping; one sixth of the blocked channels release memantine instead (Blanpied et al. "
    "1997, native receptors, half block at 1.4 uM). The half block of 1.66 uM is k_off/k_on; about "
    "1 uM was measured." + _WHOLE,
)
ketamine = trapping_blocker(
    "ketamine",
    "ketamine",
    on=0.15,
    off=0.22,
    delta=0.79,
    delta_source="gilling_2009: 0.79 +- 0.04 (abstract)",
    source="gilling_2009: k_on 0.15 /uM/s, k_off 0.22 /s (abstract)",
    meaning="five-state gating with ketamine, trapped when the channel closes",
    reproduces="Onset of block in lasting agonist with k_on [drug] + k_off, up to about 3 uM; full "
    "trapping.",
    deviations="The half block of 1.47 uM is k_off/k_on; 0.71 uM was measured." + _WHOLE,
)
