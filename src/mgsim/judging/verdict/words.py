"""Results in words: what a reading's word rests on, and a range's."""

from __future__ import annotations

from collections.abc import Sequence

from mgsim.judging.statistics import (
    CONDITIONAL,
    FAILING,
    FAILS,
    HOLDING,
    HOLDS,
    INVALID,
    UNDECIDED,
    Share,
    either,
)
from mgsim.judging.verdict.result import WIDER, ReadingResult

#: Draws of a law below which a divider that is there may not be seen; claims fix as many or more.
FEW = 256


def percent(share: float) -> str:
    """A share as one reads it: ``97.2 %``.

    >>> percent(0.9717), percent(1.0)
    ('97.2 %', '100 %')
    """
    return f"{100 * share:.3g} %"


def between(low: float, high: float) -> str:
    """Two shares, or one where they are alike."""
    one, other = percent(low), percent(high)
    return one if one == other else f"{one[:-2]} to {other}"


def sentence(
    r: ReadingResult,
    unit: str,
    scrambled: Sequence[str] = (),
    cells: Sequence[str] = (),
    *,
    quick: bool = False,
) -> str:
    """What the word of a reading rests on."""
    if not r.laws:
        return ""
    passing = _passing(r)
    if r.word == INVALID:
        return "; ".join(_faults(r))
    if r.word == UNDECIDED:
        if scrambled:
            return f"{passing}; a second scramble says {scrambled[0]}"
        return f"{passing}; {_open(r)}"
    if r.word in (HOLDS, FAILS):
        return passing + _unshown([r])
    if cells:
        return f"{passing}; the word depends on the cell: {', '.join(cells)}"
    if quick:
        return f"{passing}; a first look does not ask what divides them{_sure(r)}"
    return f"{passing}; {divides(r, unit)}{_sure(r)}"


def _passing(r: ReadingResult) -> str:
    """How many draws pass, under which laws the least and the most, and the runs that failed."""
    failed = f"; {r.failed} runs failed" if r.failed else ""
    asked = [law for law in r.laws if law.draws]
    if not asked:
        return "no draw is one that it is about"
    least, most = (f(asked, key=lambda law: law.share) for f in (min, max))
    if percent(least.share) == percent(most.share):
        return f"{percent(least.share)} of the draws pass under each law{failed}"
    return (
        f"{percent(least.share)} ({least.law}) to {percent(most.share)} ({most.law}) of the draws "
        f"pass{failed}"
    )


def _open(r: ReadingResult) -> str:
    """Why neither HOLDS nor FAILS nor CONDITIONAL is sure."""
    missing = [law.missing for law in r.laws]
    fail, passing = either([Share(law.passes, law.draws) for law in r.laws], missing)
    odd = f"up to {max(missing)} draws of a law have no number" if any(missing) else ""
    if fail != passing and UNDECIDED not in (fail, passing):
        return f"{odd}: {fail} if they fail, {passing} if they pass"
    return "; ".join(["more draws could still decide it", *([odd] if odd else [])])


def _unshown(readings: Sequence[ReadingResult]) -> str:
    """The cells, and the width of priors, in which a word that is sure here is not."""
    open_ = [f for r in readings for f in r.flips if f.word == UNDECIDED]
    cells = dict.fromkeys(f.name for f in open_ if f.kind == "cell")
    many = "cells" if len(cells) > 1 else "cell"
    found = [f"in {many} {', '.join(cells)}"] if cells else []
    if any(f.kind == "width" and f.by == WIDER for f in open_):
        found.append(f"with priors {WIDER:g} times as wide")
    return f"; not shown {' nor '.join(found)}" if found else ""


def _sure(r: ReadingResult) -> str:
    """The laws under which it surely fails, or holds, though not under all."""
    failing = [law.law for law in r.laws if law.high <= FAILING]
    holding = [law.law for law in r.laws if law.low >= HOLDING]
    found = [f"it fails under {', '.join(failing)}"] if failing else []
    found += [f"it holds under {', '.join(holding)}"] if holding else []
    return "".join(f"; {x}" for x in found)


def _faults(r: ReadingResult) -> list[str]:
    found = []
    if not r.control.good:
        sets = ", ".join(f"{n} = {v}" for n, v in r.control.sets.items())
        found.append(
            f"the control ({sets}) passes in {r.control.passes} of {r.control.draws} draws"
            if r.control.passes
            else f"the control ({sets}) shows nothing"
        )
    if not r.step.good:
        found.append(
            f"half the step changes the statistic by {percent(r.step.median_change)} (median) and "
            f"the side of {r.step.flips} of {r.step.draws} draws"
        )
    return found


def divides(r: ReadingResult, unit: str) -> str:
    """What tells passing draws from failing ones, and where half pass."""
    if not r.divider:
        if max((law.draws for law in r.laws), default=0) < FEW:
            return "too few draws to tell what divides them"
        return "no single parameter divides them"
    d = next(d for d in r.dividers if d.name == r.divider)
    if d.name == "law":
        return f"the law divides: {percent(d.share)} of pass and fail"
    low, high = d.interval or (d.share, d.share)
    words = (
        f"{d.name} divides: {percent(d.share)} [{100 * low:.0f}, {100 * high:.0f}] of pass and fail"
    )
    if d.bent:
        return f"{words}; passes come and go along it, so that there is no one place"
    halves = [p["0.5"].at for p in d.places.values() if "0.5" in p]
    there = [x for x in halves if x is not None]
    if not there:  # a law without its place was not asked for it
        return words if len(halves) < len(d.places) else f"{words}; half pass beyond the prior"
    amount = "" if unit == "1" else f" {unit}"
    ends = " to ".join(dict.fromkeys(f"{x:.3g}" for x in (min(there), max(there))))
    some = "" if len(there) == len(d.places) else f", under {len(there)} of {len(d.places)} laws"
    law = next((x for x in r.dividers if x.name == "law"), None)
    also = f"; the law: {percent(law.share)}" if law and law.share > d.share else ""
    return f"{words}; half pass at {ends}{amount}{some}{also}"


def because_of_range(readings: Sequence[ReadingResult]) -> str:
    """What the verdict of a range rests on: the word of each reading, or of all."""
    words = list(dict.fromkeys(r.told for r in readings))
    if len(readings) == 1:
        return readings[0].because
    unshown = _unshown(readings) if readings[0].word in (HOLDS, FAILS) else ""
    if len({r.word for r in readings}) == 1 and readings[0].word != CONDITIONAL:
        return f"all {len(readings)} readings: {', '.join(words)}{unshown}"
    return "; ".join(f"{r.name}: {r.told}, {r.because}" for r in readings)
