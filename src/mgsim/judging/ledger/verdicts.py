"""The word of a claim for a dish and for a person: made here, and printed everywhere."""

from __future__ import annotations

from mgsim.judging import kept
from mgsim.judging.claim import Claim
from mgsim.judging.ledger.gates import awaited
from mgsim.judging.statistics import NOT_YET
from mgsim.judging.verdict.result import Judged

RANGES = ("dish", "person")


def verdicts(claim: Claim, result: Judged | None) -> dict[str, str]:
    """The word for a dish and for a person, and what makes it less.

    Empty where the claim has no reading of one.
    """
    if claim.unrun:
        return dict.fromkeys(RANGES, claim.unrun)
    if result is None:
        word = ", ".join(x for x in (NOT_YET, kept.harm(claim.name)) if x)
        return {x: word if x in claim.ranges else "" for x in RANGES}
    return {x: _told(claim, result, x) for x in RANGES}


def _told(claim: Claim, result: Judged, which: str) -> str:
    if not (word := result.told(which)):
        return ""
    return ", ".join(x for x in (word, awaited(claim.gate), kept.fewer(claim, result)) if x)


def parted(told: str) -> tuple[str, str]:
    """A word with its "fragile", and the rest of what makes it less.

    >>> parted("HOLDS, fragile, gate G2 does not hold")
    ('HOLDS, fragile', 'gate G2 does not hold')
    >>> parted("CONDITIONAL, fewer draws than fixed: 64 of 256")
    ('CONDITIONAL', 'fewer draws than fixed: 64 of 256')
    """
    word, _, less = told.partition(", ")
    if less.partition(", ")[0] == "fragile":
        return f"{word}, fragile", less.partition(", ")[2]
    return word, less
