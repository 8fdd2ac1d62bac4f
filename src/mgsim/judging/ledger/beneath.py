"""What stands beneath a word: on what a CONDITIONAL hangs, and the words of its readings."""

from __future__ import annotations

from collections.abc import Iterable

from mgsim.declare.priors import DUMMIES
from mgsim.judging.claim import Claim
from mgsim.judging.ledger.otherwise import listed
from mgsim.judging.statistics import CONDITIONAL, FAILS, HOLDS, WORDS
from mgsim.judging.verdict.result import Judged, ReadingResult
from mgsim.judging.verdict.words import between

_SURE = tuple(f"{word}{less}" for word in (HOLDS, FAILS) for less in ("", ", fragile"))


def divided(result: Judged | None, which: str) -> list[str]:
    """What the readings of a CONDITIONAL verdict depend on, what is named most often first."""
    if result is None or result.verdicts.get(which) != CONDITIONAL:
        return []
    some = _headline(result, which)
    named = [f"the {r.divider}" if r.divider == "law" else r.divider for r in some if r.divider]
    named += ["the cell" for r in some if "depends on the cell" in r.because]
    return sorted(dict.fromkeys(named), key=lambda name: -named.count(name))


def hangs(result: Judged | None, which: str, tick: str = "") -> str:
    """:func:`divided`, each with the place where half pass: ``g_ampa (more pass below 88 nS)``."""
    told = []
    for name in divided(result, which):
        place = _place(result, which, name)
        word = name if name.startswith("the ") else f"{tick}{name}{tick}"
        told.append(f"{word} ({place})" if place else word)
    return ", ".join(told)


def hangs_in_words(claim: Claim, result: Judged | None, which: str, tick: str = "") -> str:
    """:func:`hangs` with what each is: ``AMPA conductance (g_ampa; more pass below 88 nS)``."""
    told = []
    for name in divided(result, which):
        words, place = in_words(claim, name, tick), _place(result, which, name)
        told.append(f"{words[:-1]}; {place})" if place and words.endswith(")") else words)
    return ", ".join(told)


def in_words(claim: Claim, name: str, tick: str = "") -> str:
    """What a name of :func:`divided` is, with the name of a prior after it."""
    if name.startswith("the "):
        return name
    return f"{meaning(claim, name)} ({tick}{name}{tick})"


def meaning(claim: Claim, name: str) -> str:
    """What a prior is, as the first bench that draws it has it."""
    own = name.partition(",")[0]  # a prior may be of a range alone
    if own in DUMMIES:
        return "nothing, to see what chance explains"
    told = (r.bench.meaning(own) for r in claim.readings)
    return next((words for words in told if words), "")


def levels(claim: Claim, which: str) -> str:
    """The magnesium of the conditions that count."""
    own = (r for r in claim.readings if r.range == which and r.headline)
    found = {c.mg_out for r in own for c in r.conditions.values()}
    return f"magnesium at {listed([f'{x:g}' for x in sorted(found)], 'and')} mM"


def _place(result: Judged | None, which: str, name: str) -> str:
    """Where half pass, least to most of the readings and laws, and on which side more do.

    No side where readings, or laws of one, are of two minds.
    """
    some = [d for r in _headline(result, which) for d in r.dividers if d.name == name == r.divider]
    there = [p["0.5"].at for d in some if not d.bent for p in d.places.values() if "0.5" in p]
    halves = [x for x in there if x is not None]
    if result is None or not halves:
        return ""
    ends = " to ".join(dict.fromkeys(f"{x:.3g}" for x in (min(halves), max(halves))))
    unit = str(result.priors.get(name, {}).get("unit", "1")).replace("**2", "²")
    profiles = (y for d in some if not d.bent for _, y in d.profile.values())
    sides = {y[-1] > y[0] for y in profiles if y[-1] != y[0]}  # a level one has no side
    side = {True: "above ", False: "below "}[sides.pop()] if len(sides) == 1 else "beyond "
    return f"more pass {side}{ends}{'' if unit == '1' else f' {unit}'}"


def readings(result: Judged | None, which: str) -> str:
    """The words of the readings with the shares that pass, where there are several.

    Those that count come first; the others are said to stand beside.
    """
    if result is None or which not in result.verdicts:
        return ""
    own = _headline(result, which)
    others = [r for r in result.readings if r.range == which and not r.headline]
    if len(own) + len(others) < 2:
        return ""
    beside = f"; beside it {_grouped(others)}" if others else ""
    return _grouped(own) + beside


def sure(result: Judged | None, which: str) -> str:
    """The readings that hold or fail where the verdict is another word."""
    if result is None or result.verdicts.get(which) in (None, HOLDS, FAILS):
        return ""
    by = {w: [r for r in result.readings if r.range == which and r.told == w] for w in _SURE}
    return "; ".join(f"{w}: {_names(some)}" for w, some in by.items() if some)


def _grouped(some: Iterable[ReadingResult]) -> str:
    by: dict[str, list[ReadingResult]] = {}
    for r in some:
        by.setdefault(r.told, []).append(r)
    told = sorted(by, key=lambda word: WORDS.index(word.partition(",")[0]))
    return "; ".join(f"{w}: {_names(by[w])} ({_shares(by[w])})" for w in told)


def _names(some: Iterable[ReadingResult]) -> str:
    return " / ".join(r.name.removeprefix(f"{r.range}, ") for r in some)


def _shares(some: Iterable[ReadingResult]) -> str:
    """Of draws that pass, least to most of readings and laws, and the ends of their intervals."""
    laws = [law for r in some for law in r.laws if law.draws]
    if not laws:
        return "no draw asked"
    shares = [law.share for law in laws]
    low, high = 100 * min(law.low for law in laws), 100 * max(law.high for law in laws)
    return f"{between(min(shares), max(shares))} pass [{low:.3g}, {high:.3g}]"


def _headline(result: Judged | None, which: str) -> list[ReadingResult]:
    return [r for r in result.readings if r.headline and r.range == which] if result else []
