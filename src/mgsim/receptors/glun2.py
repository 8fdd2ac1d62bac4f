"""NMDA receptors of GluN1 with one kind of GluN2: gating and magnesium block together.

The rates are fitted here to four numbers for each subunit (peak open probability and rise after
4 ms of 1 mM glutamate, decay as the area after the peak over the peak, half-maximal glutamate); the
scheme is the simplest that holds them, not the subunit's own mechanism.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mgsim.component import Component, Parameter, Scheme
from mgsim.receptors import five_state, warming

_MG = "unverified: IC50 at -100 mV of Kuner & Schoepfer 1996, recalled"


def _glun2(letter: str, rates: Sequence[float], ic50: float, source: str,
           references: tuple[str, ...], po: str, decay: str, rest: str) -> Component:
    """``rates`` as for the five-state scheme; ``ic50``: half-blocking magnesium at -100 mV, uM."""
    k = ic50 * 1e-3 * math.exp(6.2)
    return Component(
        name=f"glun2{letter}",
        slot="nmda_gating",
        fills=("block",),
        meaning=f"GluN1/GluN2{letter.upper()} receptors, gating and magnesium block",
        equations=f"""
open_nmda = o_nmda : 1  # open fraction of NMDA receptors
unblocked = 1/(1 + mg_out/mg_k*exp(clip(-mg_slope*v, -80, 80))) : 1  # unblocked fraction
{warming.GATING}
""",
        kinetics=(Scheme(five_state.STATES, five_state.transitions()),),
        parameters=(
            *five_state.parameters(rates, source),
            Parameter("mg_k", k, "mM", "magnesium that blocks half the conductance at 0 mV",
                      f"{_MG} as {ic50:g} uM; moved to 0 mV by mg_slope", (0.2 * k, 5 * k)),
            Parameter("mg_slope", 0.062, "1/mV", "steepness of magnesium block with voltage",
                      "assumed: that of Jahr & Stevens 1990, the same for every subunit",
                      (0.03, 0.09)),
        ),
        references=(*references, "kuner_1996", "qian_2005", "hestrin_1990"),
        reproduces=f"Peak open probability {po}; decay {decay} (area over peak).",
        conditions="Recombinant rat receptors, saturating glycine, room temperature; 1 mM "
        "glutamate "
        "for a few ms.",
        deviations=f"{rest} With one steepness for all subunits 2C and 2D are blocked at least "
        f"four "
        "times less than 2A and 2B at every voltage, as Qian et al. 2005 found for 2D against 2A; "
        "Kuner & Schoepfer put most of the difference in the voltage dependence. Glycine, "
        "protons and zinc are left out.",
    )  # fmt: skip


_FITTED = "assumed: fitted here to the open probability ({}), the decay ({}) and an EC50 of {} uM"

glun2a = _glun2(
    "a", (3.43, 0.0144, 0.245, 0.195, 0.01, 0.00523), 2.4,
    _FITTED.format("0.50, Erreger et al. 2005", "87 ms, PMC6858497 table 1", "3.3, unverified"),
    ("erreger_2005", "gielen_2009"), "0.50", "87 ms",
    "How far it desensitises (to 0.6 of the peak) is assumed.",
)  # fmt: skip
glun2b = _glun2(
    "b", (0.481, 0.00161, 0.0192, 0.0627, 0.013, 0.00559), 2.1,
    _FITTED.format("0.12, Erreger et al. 2005", "weighted 548 ms, PMC6858497 table 1",
                   "2.9, unverified"),
    ("erreger_2005", "gielen_2009"), "0.12", "560 ms, with a fast and a slow part",
    "How far it desensitises (to 0.7 of the peak) is assumed.",
)  # fmt: skip
glun2c = _glun2(
    "c", (2.44, 0.00186, 0.00372, 0.316, 0.0014, 0.0163), 14.2,
    _FITTED.format("about 0.01, Gielen et al. 2009", "280 ms, unverified", "1.7, unverified"),
    ("gielen_2009",), "0.011", "280 ms",
    "The decay is recalled, the rise of 6 ms assumed.",
)  # fmt: skip
glun2d = _glun2(
    "d", (0.419, 8.94e-05, 0.00661, 0.387, 3e-4, 1.5e-2), 10.2,
    _FITTED.format("about 0.01, Gielen et al. 2009", "5714 ms with GluN1-1a, PMC6858497 table 1",
                   "0.5, unverified"),
    ("gielen_2009",), "0.011", "5700 ms",
    "With another splice form of GluN1 the decay is 992 ms.",
)  # fmt: skip
