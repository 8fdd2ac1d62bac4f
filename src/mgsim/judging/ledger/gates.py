"""What has to hold before a verdict is believed, in words: gates G0 to G3."""

from __future__ import annotations

import math

from mgsim.parts import blocks


def closed_form() -> float:
    """The largest distance of the first block law from its printed equation."""
    law = blocks["jahr_stevens_1990"]
    apart = [
        abs(
            float(law.evaluate("unblocked", v=v, mg_out=mg))
            - 1 / (1 + mg / 3.57 * math.exp(-0.062 * v))
        )
        for v in (-100, -65, -20, 0, 40)
        for mg in (0, 0.2, 1.2, 10)
    ]
    return max(apart)


def gates() -> dict[str, str]:
    """Each gate and whether it holds; the one that does not says so."""
    distance = closed_form()
    word = "holds" if distance < 1e-6 else "FAILS"
    return {
        "G0, block in closed form": f"{word}: largest distance {distance:.1g}",
        "G1, the step": "holds reading by reading: a step that changes one makes it INVALID",
        "G2, a published shift of toxicity": "does not hold: the shift of the least toxic dose of "
        "NMDA in the chick retina, 25 to 5 uM from 1.2 mM magnesium to none, is not reproduced, as "
        "nothing here dies. Words on injury wait for that",
        "G3, negative controls": "hold reading by reading: one that passes, or has no number, "
        "makes it INVALID",
    }
