"""What has to hold before a verdict is believed, in words: gates G0 to G3."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from mgsim.judging import kept
from mgsim.judging.verdict.comparison import AGREES, GATES, Compared
from mgsim.judging.verdict.result import Judged
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


def toxicity(found: Sequence[Compared]) -> str:
    """Whether a published shift of toxicity is reproduced, from comparisons that decide it."""
    told = [f"{c.name}, measured {c.measured}: {c.told}" for c in found]
    if not told:
        return "does not hold: it was not run. Words on injury wait for that"
    word = "holds" if held(found) else "does not hold"
    waits = "" if word == "holds" else ". Words on injury wait for one that does"
    return f"{word}: {'; '.join(told)}{waits}"


def held(found: Sequence[Compared]) -> bool:
    """Whether comparisons that decide a gate were run, and all agree."""
    return bool(found) and all(c.word == AGREES for c in found)


def awaited(gate: str) -> str:
    """What words that wait for a gate say of it: nothing where it holds, or where there is none."""
    return f"gate {gate} does not hold" if gate and not held(kept.deciding(gate)) else ""


def gates(results: Iterable[Judged]) -> dict[str, str]:
    """Each gate and whether it holds; the one that does not says so.

    Parameters
    ----------
    results : those that are kept, in whose comparisons gates are decided.
    """
    shifts = [c for r in results for c in r.comparisons if c.gate == "G2"]
    distance = closed_form()
    word = "holds" if distance < 1e-6 else "FAILS"
    return {
        "G0, block in closed form": f"{word}: largest distance {distance:.1g}",
        "G1, the step": "holds reading by reading: a step that changes one makes it INVALID",
        f"G2, {GATES['G2']}": toxicity(shifts),
        "G3, negative controls": "hold reading by reading: one that passes, or has no number, "
        "makes it INVALID",
    }
