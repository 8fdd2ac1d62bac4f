"""NMDA receptors of GluN1 with one kind of GluN2: gating and magnesium block together.

The rates are fitted here to what was measured of each subunit: the peak open probability in lasting
and brief (4 ms of 1 mM) glutamate, the time constants of the decay after it, its rise, and
half-maximal glutamate. The scheme is the simplest that holds them, not the subunit's own mechanism.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.parts.blocks.exponential import UNBLOCKED
from mgsim.parts.receptors import five_state, warming

_MG = "unverified: IC50 at -100 mV of Kuner & Schoepfer 1996, recalled"


def _glun2(
    letter: str,
    rates: Sequence[float],
    ic50: float,
    source: str,
    references: tuple[str, ...],
    po: str,
    decay: str,
    rest: str,
) -> Component:
    """``rates`` as for the five-state scheme; ``ic50``: half-blocking magnesium at -100 mV, uM."""
    k = ic50 * 1e-3 * math.exp(6.2)
    return Component(
        name=f"glun2{letter}",
        slot="nmda_gating",
        fills=("block",),
        meaning=f"GluN1/GluN2{letter.upper()} receptors, gating and magnesium block",
        equations=f"""
open_nmda = o_nmda : 1  # open fraction of NMDA receptors
{UNBLOCKED.format("v")}
{warming.GATING}
""",
        kinetics=(Scheme(five_state.STATES, five_state.transitions()),),
        parameters=(
            *five_state.parameters(rates, source),
            Parameter(
                "mg_k",
                k,
                "mM",
                "magnesium that blocks half the conductance at 0 mV",
                f"{_MG} as {ic50:g} uM; moved to 0 mV by mg_slope",
                (0.2 * k, 5 * k),
            ),
            Parameter(
                "mg_slope",
                0.062,
                "1/mV",
                "steepness of magnesium block with voltage",
                "assumed: that of Jahr & Stevens 1990, the same for every subunit",
                (0.03, 0.09),
            ),
        ),
        references=(*references, "kuner_1996", "qian_2005", "hestrin_1990"),
        reproduces=f"Peak open probability {po}; decay {decay} (area over peak).",
        conditions="Recombinant rat receptors, saturating glycine, room temperature; 1 mM "
        "glutamate for a few ms.",
        deviations=f"{rest} With one steepness for all subunits 2C and 2D are blocked at least "
        "four times less than 2A and 2B at every voltage, as Qian et al. 2005 found for 2D against "
        "2A; Kuner & Schoepfer put most of the difference in the voltage dependence. Glycine, "
        "protons and zinc are left out.",
    )


_FITTED = "assumed: fitted here to the open probability ({}), the decay ({}) and an EC50 of {} uM"

glun2a = _glun2(
    "a",
    (3.12, 0.0127, 0.281, 0.253, 0.000818, 0.000583),
    2.4,
    _FITTED.format("0.50, Erreger et al. 2005", "87 ms, PMC6858497 table 1", "3.3, unverified"),
    ("erreger_2005", "gielen_2009"),
    "0.50",
    "87 ms",
    "How far it desensitises (to 0.6 of the peak) and how fast (1 s) is assumed.",
)
glun2b = _glun2(
    "b",
    (0.872, 0.00111, 0.0169, 0.111, 0.00121, 0.00224),
    2.1,
    _FITTED.format(
        "0.12, Erreger et al. 2005",
        "240 ms, 59 %, and 1020 ms, PMC6858497 table 1",
        "2.0, between 1.4 of human receptors and a recalled 2.9",
    ),
    ("erreger_2005", "gielen_2009", "kellner_2021"),
    "0.12",
    "weighted 548 ms, in two parts",
    "Human GluN2B in oocytes had a glutamate EC50 of 1.4 uM and an IC50 of magnesium of 31 uM at "
    "-60 mV (Kellner et al. 2021, table 2); here it is 25 uM.",
)
glun2c = _glun2(
    "c",
    (2.5, 0.00185, 0.00335, 0.321, 0.001, 0.0143),
    14.2,
    _FITTED.format("about 0.01, Gielen et al. 2009", "280 ms, unverified", "1.7, unverified"),
    ("gielen_2009",),
    "0.010",
    "280 ms",
    "The decay is recalled, the rise of 6 ms assumed.",
)
glun2d = _glun2(
    "d",
    (0.55, 9.36e-05, 0.00472, 0.401, 0.003, 0.0408),
    10.2,
    _FITTED.format(
        "about 0.01, Gielen et al. 2009",
        "5714 ms with GluN1-1a, PMC6858497 table 1",
        "0.5, unverified",
    ),
    ("gielen_2009",),
    "0.010",
    "5.6 s",
    "A glutamate EC50 of 0.38 uM is the price of this decay with peaks alike in brief and lasting "
    "glutamate. With another splice form of GluN1 the decay is 992 ms.",
)
