"""What a reading's draws say, and what would make its word another one, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mgsim.judging.conditions import Condition
from mgsim.judging.statistics import UNDECIDED
from mgsim.judging.verdict.result import Flip, ReadingResult
from mgsim.judging.verdict.words import between


def short(r: ReadingResult) -> str:
    """The name of a reading beside those of its range."""
    return r.name.removeprefix(f"{r.range}, ")


def shares(r: ReadingResult) -> str:
    """The shares that pass, least and most of the laws."""
    shares = [law.share for law in r.laws if law.draws]
    return between(min(shares), max(shares)) if shares else "none"


def spread(r: ReadingResult) -> str:
    """The distribution of a reading's draws in words."""
    told = [f"{short(r)}: {r.told}. {shares(r)} of the draws pass"]
    if between(*r.about) != "100 %":
        told[0] += f", of the {between(*r.about)} that it is about"
    ends = [[law.quantiles.get(q) for law in r.laws] for q in ("0.05", "0.5", "0.95")]
    low, middle, high = ([x for x in some if x is not None] for some in ends)
    if low and middle and high:
        told.append(
            f"The statistic passes {r.direction} {r.threshold:g}; nine tenths of the draws have "
            f"{min(low):.3g} to {max(high):.3g}, the middle one {_span(middle)}"
        )
    return ". ".join(told) + "."


def _span(values: Sequence[float]) -> str:
    return " to ".join(dict.fromkeys(f"{x:.3g}" for x in (min(values), max(values))))


def thresholds(r: ReadingResult) -> list[Flip]:
    """The word at other thresholds, of those that a draw can be on either side of."""
    found = [f for f in r.flips if f.kind == "threshold" and math.isfinite(f.share[0])]
    least = [law.quantiles["0.01"] for law in r.laws if "0.01" in law.quantiles]
    ratio = bool(least) and min(least) >= 0  # none of which is below nothing
    return [f for f in found if f.to > 0 or f.by == 1 or not ratio]


def listed(words: Sequence[str], last: str) -> str:
    """Words as one says them.

    >>> listed(["1", "2", "3"], "or")
    '1, 2 or 3'
    """
    return f" {last} ".join(", ".join(words).rsplit(", ", 1))


def turns(r: ReadingResult) -> str:
    """What would make the word another one, in words.

    UNDECIDED with a prior known better is none: of half of the draws it only says that they are
    too few.
    """
    fixed = next((f for f in r.flips if f.kind == "threshold" and f.by == 1), None)
    if fixed is None:
        return "Nothing else was tried."
    lines: dict[str, list[str]] = {}
    for f in thresholds(r):
        lines.setdefault(f.word, []).append(f"{f.to:.4g}")
    found = {w: [f"the line at {listed(x, 'or')}"] for w, x in lines.items() if w != fixed.word}
    told = {
        "width": lambda f: f"all priors {f.by:g} times as wide",
        "prior": lambda f: f"{f.name} known to its middle half",
        "cell": lambda f: f"cell {f.name}",
        "scramble": lambda f: "other draws",
    }
    for f in r.flips:
        fewer = f.kind == "prior" and f.word == UNDECIDED
        if f.word != fixed.word and f.kind in told and not fewer:
            found.setdefault(f.word, []).append(told[f.kind](f))
    if not found:
        return f"{fixed.word} whatever was tried."
    return (
        f"{fixed.word}, but "
        + "; ".join(f"{w} with {', '.join(x)}" for w, x in found.items())
        + "."
    )


def sets(control: Mapping[str, Any], conditions: Mapping[str, Condition]) -> str:
    """What a control sets that a reading's conditions do not."""
    told = []
    for name, value in control.items():
        if isinstance(value, Mapping):
            usual = conditions[name].values if name in conditions else {}
            other = [f"{n} = {v}" for n, v in value.items() if usual.get(n) != v]
            told.append(f"{name} at {', '.join(other)}")
        else:
            told.append(f"{name} = {value if isinstance(value, str) else f'{value:g}'}")
    return ", ".join(told)
