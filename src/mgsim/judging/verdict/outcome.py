"""A reading's statistic over laws and draws, and what stands beside its word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mgsim.judging import statistics
from mgsim.judging.conditions import Condition
from mgsim.judging.reading import Reading
from mgsim.judging.statistics import CONDITIONAL, FAILS, HOLDS, quantiles
from mgsim.judging.verdict.result import DOUBT, ControlResult, Flip, LawResult, StepResult
from mgsim.judging.verdict.runs import Arm, Table, Take, abreast, laws_of
from mgsim.judging.verdict.widths import middle

#: By how much the effect that a threshold asks for is made larger or smaller.
EFFECTS = (0.25, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 4.0)
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_BINS = 40


@dataclass(frozen=True)
class Outcome:
    """Arrays over laws and draws: the statistic, whether it passes, and whether it is asked of."""

    reading: Reading
    laws: tuple[str, ...]
    values: np.ndarray
    inside: np.ndarray

    @property
    def passes(self) -> np.ndarray:
        return self.reading.passes(self.values)

    @property
    def missing(self) -> np.ndarray:
        return np.isnan(self.values)

    @property
    def shares(self) -> tuple[statistics.Share, ...]:
        return statistics.counted(self.passes, self.missing, self.inside)

    @property
    def word(self) -> str:
        return statistics.decided(self.passes, self.missing, self.inside)

    @property
    def spread(self) -> tuple[float, float]:
        """The share that passes, least and most of the laws."""
        shares = [s.share for s in self.shares]
        return min(shares), max(shares)

    def only(self, draws: np.ndarray) -> Outcome:
        """Some of the draws."""
        return Outcome(self.reading, self.laws, self.values[:, draws], self.inside[:, draws])

    def at(self, threshold: float) -> tuple[str, tuple[float, float]]:
        """The word, and the share that passes, with another threshold."""
        passes = self.reading.passes(self.values, threshold)
        shares = [s.share for s in statistics.counted(passes, self.missing, self.inside)]
        word = statistics.decided(passes, self.missing, self.inside)
        return word, (min(shares), max(shares))


def arms(reading: Reading, take: Take, conditions: Mapping[str, Condition]) -> dict[str, Arm]:
    """What a reading needs run, by condition."""
    return abreast({n: Arm(reading.bench, c, take) for n, c in conditions.items()})


def outcome(reading: Reading, needed: Mapping[str, Arm], tables: Mapping[str, Table]) -> Outcome:
    """The statistic of what was run. An arm without laws of its own is that of every law."""
    laws = laws_of(needed)
    kept = {n: tables[arm.key].measures for n, arm in needed.items()}
    shape = (len(laws), next(iter(needed.values())).take.draws)
    about, unknown = reading.inside(kept)
    values = np.broadcast_to(np.where(unknown, np.nan, reading.value(kept)), shape)
    inside = np.broadcast_to(np.asarray(about, dtype=bool), shape)
    return Outcome(reading, laws, values, inside)


def laws(found: Outcome) -> list[LawResult]:
    """Each law's share and the statistic's distribution."""
    results = []
    for at, (law, share) in enumerate(zip(found.laws, found.shares, strict=True)):
        inside = found.values[at][found.inside[at]]
        numbers = inside[~np.isnan(inside)]
        low, high = share.interval
        edges, counts = _histogram(numbers)
        results.append(
            LawResult(
                law,
                share.passes,
                share.draws,
                share.share,
                low,
                high,
                len(inside) - len(numbers),
                quantiles(numbers, _QUANTILES),
                edges,
                counts,
            )
        )
    return results


def _histogram(numbers: np.ndarray) -> tuple[list[float], list[int]]:
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return [], []
    low, high = np.quantile(finite, [0.005, 0.995])
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(numbers, low, high), bins=_BINS, range=(low, high))
    return edges.tolist(), counts.tolist()


def controlled(reading: Reading, found: Outcome, control: Outcome) -> ControlResult:
    """Whether the negative control abolishes what the reading sees.

    A draw without a number shows nothing abolished, and counts as passing.
    """
    n = control.values.shape[1]
    before = (found.passes & found.inside)[:, :n]
    passing = (control.passes | control.missing) & control.inside
    after = np.broadcast_to(passing, before.shape)
    turned = float((before & ~after).sum() / before.sum()) if before.any() else float("nan")
    passes = int(passing.sum())
    draws = int(control.inside.sum())
    same = np.array_equal(
        np.broadcast_to(control.values, before.shape), found.values[:, :n], equal_nan=True
    )
    good = draws > 0 and passes <= statistics.CONTROL * draws and not same
    return ControlResult(reading.told_control, passes, draws, turned, good)


def stepped(found: Outcome, half: Outcome) -> StepResult:
    """What half the step changes, on the first draws."""
    n = half.values.shape[1]
    asked = found.inside[:, :n] | half.inside
    numerics = statistics.compared(
        found.values[:, :n][asked],
        half.values[asked],
        (found.passes & found.inside)[:, :n][asked],
        (half.passes & half.inside)[asked],
    )
    flips = numerics.flips
    return StepResult(numerics.median, flips.passes, flips.draws, numerics.good)


def thresholds(found: Outcome) -> list[Flip]:
    """The word where the threshold asked for more or less of an effect."""
    line = _line(found)
    return [Flip("threshold", *found.at(line(by)), by=by, to=line(by)) for by in EFFECTS]


def _line(found: Outcome) -> Callable[[float], float]:
    """The threshold that asks for so many times the effect.

    An effect is a difference from the neutral value; where twice that is more than a ratio can
    fall, it is a fold, so that twice the effect of ``below 0.5`` is ``below 0.25``.
    """
    neutral, line = found.reading.neutral, found.reading.threshold
    ratio = not (found.values[found.inside] < 0).any()
    if ratio and neutral > 0 and 0 < line <= neutral / max(DOUBT):
        return lambda by: neutral * (line / neutral) ** by
    return lambda by: neutral + (line - neutral) * by


def narrowed(found: Outcome, arm: Arm) -> list[Flip]:
    """The word where one prior is narrowed to its middle half, of the draws that lie there."""
    flips = []
    for name, there in middle(arm.priors, arm.drawn()).items():
        some = found.only(there)
        flips.append(Flip("prior", some.word, some.spread, name=name))
    return flips


def by_cell(word: str, flips: Sequence[Flip]) -> list[str]:
    """The cells in which a HOLDS or a FAILS is another word."""
    sure = (HOLDS, FAILS, CONDITIONAL)
    return [
        f"{f.name} ({f.word})"
        for f in flips
        if f.kind == "cell" and word in (HOLDS, FAILS) and f.word in sure and f.word != word
    ]
