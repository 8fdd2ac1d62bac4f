"""What was measured, beside the model: data to which nothing was fitted, agreeing or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import check_source
from mgsim.judging.conditions import ClaimError, Condition
from mgsim.judging.reading import Bench, asked_of, check_statistic, valued
from mgsim.judging.statistics import quantiles
from mgsim.judging.verdict.runs import Arm, Table, Take

#: Draws of a comparison, and the share of them that the model's range holds.
DRAWS, RANGE = 128, 0.9
#: What a comparison can decide, and what claims can wait for.
GATES = {"G2": "a published shift of toxicity"}
#: Words of a comparison.
AGREES, IN_PART, DISAGREES, NO_NUMBER = (
    "agrees",
    "agrees in part",
    "does not agree",
    "has no number",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A number that somebody measured, and how the model gives it.

    Parameters
    ----------
    name : what was measured, in words.
    bench, conditions : what is run, as of a :class:`mgsim.judging.reading.Reading`.
    statistic : a plain function of the conditions, as of a reading.
    measured : what was found, in words.
    within : the least and the most that agrees, in ``unit``; infinite where there is no such end.
    why : the reason of these two.
    source : where it was measured.
    caveat : what the model does otherwise than who measured.
    gate : of :data:`GATES`, that it decides; none if empty.

    Raises
    ------
    ClaimError
        For what cannot be compared, when it is read.
    """

    name: str
    bench: Bench
    conditions: Mapping[str, Condition]
    statistic: Callable[..., Any]
    measured: str
    within: tuple[float, float]
    why: str
    source: str
    unit: str = "1"
    caveat: str = ""
    gate: str = ""

    def __post_init__(self) -> None:
        what = f"comparison '{self.name}'"
        check_statistic(what, self.statistic, self.conditions)
        low, high = self.within
        if not low < high:
            raise ClaimError(f"{what}: {low:g} to {high:g} holds no number")
        for told in (self.measured, self.why):
            if not told.strip():
                raise ClaimError(f"{what} says what was measured, and why so much of it agrees")
        check_source(self.source, what)
        if self.gate and self.gate not in GATES:
            raise unknown(f"gate of {what}", self.gate, GATES)

    def arms(self, draws: int, seed: int) -> dict[str, Arm]:
        """What is run, by condition."""
        take = Take(min(DRAWS, draws), seed)
        return {n: Arm(self.bench, c, take) for n, c in self.conditions.items()}

    def result(self, draws: int, seed: int, tables: Mapping[str, Table]) -> Compared:
        """The model's number over laws and draws, beside what was measured."""
        arms = self.arms(draws, seed)
        found = valued(self.statistic, {n: tables[a.key].measures for n, a in arms.items()})
        numbers = found[~np.isnan(found)]
        tail = (1 - RANGE) / 2
        ends = quantiles(numbers, [tail, 0.5, 1 - tail]).values()
        low, middle, high = ends or [float("nan")] * 3
        least, most = self.within
        inside = (found >= least) & (found <= most)
        return Compared(
            name=self.name,
            asks=asked_of(self.statistic),
            measured=self.measured,
            within=(least, most),
            why=self.why,
            source=self.source,
            unit=self.unit,
            caveat=self.caveat,
            gate=self.gate,
            word=judged((low, middle, high), self.within, 2 * len(numbers) > found.size),
            model=(low, middle, high),
            share=float(inside.mean()),
            missing=int(found.size - len(numbers)),
            runs=int(found.size),
        )


def judged(model: Sequence[float], within: tuple[float, float], numbers: bool = True) -> str:
    """Whether a model's range and its middle agree with what was measured.

    Parameters
    ----------
    model : the low end of the range, the middle, the high end.
    numbers : whether more than half of the runs have one.

    Examples
    --------
    >>> [judged(model, (2.5, 10)) for model in ((2, 4, 9), (2, 12, 20), (11, 12, 20))]
    ['agrees', 'agrees in part', 'does not agree']
    """
    low, middle, high = model
    least, most = within
    if not numbers:
        return NO_NUMBER
    if least <= middle <= most:
        return AGREES
    return IN_PART if low <= most and high >= least else DISAGREES


@dataclass(frozen=True)
class Compared:
    """A comparison as it came out.

    Attributes
    ----------
    name, asks, measured, within, why, source, unit, caveat, gate : as it was declared.
    word : :data:`AGREES` where the middle of the draws lies within what was measured,
        :data:`IN_PART` where nine tenths of them reach it, :data:`DISAGREES`, or
        :data:`NO_NUMBER` where half of the runs have none.
    model : 5 % below, the median and 5 % above, of all laws and draws that have a number.
    share : of the runs that lie within what was measured.
    missing, runs : runs without a number, of all laws and draws.
    """

    name: str
    asks: str
    measured: str
    within: tuple[float, float]
    why: str
    source: str
    unit: str
    caveat: str
    gate: str
    word: str
    model: tuple[float, float, float]
    share: float
    missing: int
    runs: int

    @property
    def told(self) -> str:
        """The model's number and the word, in a line."""
        if self.word == NO_NUMBER:
            return f"{self.missing} of {self.runs} runs have no number"
        low, middle, high = (f"{x:.3g}" for x in self.model)
        unit = "" if self.unit == "1" else f" {self.unit}"
        least, most = self.within
        agrees = f"{least:g} to {most:g}" if np.isfinite(most) else f"{least:g} or more"
        none = f"; {self.missing} of {self.runs} runs have no number" if self.missing else ""
        return (
            f"the model {self.word}: {middle}{unit}, nine tenths of the runs {low} to {high}; "
            f"{agrees}{unit} agrees, where {100 * self.share:.3g} % of the runs lie{none}"
        )
