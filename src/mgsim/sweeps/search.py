"""Thresholds: where a measure reaches a level along one parameter, by bisection at every point.

All points of a batch are searched side by side: one run for each look along the axis, and one for
each halving. A point's answer depends on no other point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mgsim.compose.measure import Measure
from mgsim.declare.parameter import Parameter
from mgsim.engines.contract import ALWAYS, NEVER, OK, SEVERAL, Outcome
from mgsim.sweeps.designs import AxisError, Design

#: Halvings at most: beyond, the bracket is as narrow as numbers are.
_MOST_HALVINGS = 60
#: Crossings that a reason names.
_NAMED = 4


@dataclass(frozen=True)
class Search:
    """What is looked for.

    Attributes
    ----------
    axis : the parameter along which it is looked for.
    measure : the measure that reaches ``level`` (in the measure's unit).
    low, high : where it is looked for, in the parameter's unit.
    to : how wide the last bracket is at most, in the parameter's unit.
    spacing : of the looks.
    looks : values, both ends among them, that tell how often the level is crossed.
    """

    axis: str
    measure: str
    level: float
    low: float
    high: float
    to: float
    spacing: Literal["linear", "log"] = "linear"
    looks: int = 9

    def __post_init__(self) -> None:
        what = f"threshold along '{self.axis}'"
        if not all(map(math.isfinite, (self.level, self.low, self.high, self.to))):
            raise AxisError(f"{what}: level, between and to are finite numbers")
        if not self.low < self.high:
            raise AxisError(f"{what}: between={self.low:g}, {self.high:g} is no range")
        if not self.to > 0:
            raise AxisError(f"{what}: to={self.to:g} is not above 0")
        if self.spacing not in ("linear", "log"):
            raise AxisError(f"{what}: spacing is 'linear' or 'log', not '{self.spacing}'")
        if self.spacing == "log" and not self.low > 0:
            raise AxisError(f"{what}: with spacing='log' it begins above 0")
        if self.looks < 2 or self.looks != int(self.looks):
            raise AxisError(f"{what}: looks is a whole number, 2 or more")

    @property
    def name(self) -> str:
        """What the result calls the threshold."""
        return f"{self.axis}_threshold"

    def found(self, parameter: Parameter) -> Measure:
        """The threshold as what a result keeps."""
        said = f"{parameter.meaning} at which {self.measure} reaches {self.level:g}"
        return Measure(self.name, parameter.unit, said, every_step=f"{self.name} = {self.axis}")

    @property
    def scan(self) -> np.ndarray:
        """The values that are looked at first."""
        make = np.geomspace if self.spacing == "log" else np.linspace
        found: np.ndarray = make(self.low, self.high, self.looks)
        return found

    @property
    def halvings(self) -> int:
        """How often a bracket between two looks is halved."""
        widest = float(np.diff(self.scan).max())
        return min(_MOST_HALVINGS, max(0, math.ceil(math.log2(widest / self.to) - 1e-9)))

    @property
    def runs(self) -> int:
        """How many runs of all points it takes."""
        return self.looks + self.halvings


@dataclass(frozen=True)
class Tried:
    """A design whose points each have one value of a further parameter."""

    design: Design
    axis: str
    points: np.ndarray
    values: np.ndarray

    @property
    def axes(self) -> Mapping[str, Any]:
        return {**self.design.axes, self.axis: self.values}

    @property
    def dims(self) -> Mapping[str, int]:
        return self.design.dims

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        places = np.searchsorted(self.points, points)
        return {**self.design.columns(points), self.axis: self.values[places]}


#: ``measured(points, values, run)``: the measure in its unit, and how the run ended, for points at
#: values of the axis, in the run of that number.
Measured = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, Outcome]]


def searched(search: Search, points: np.ndarray, measured: Measured) -> Outcome:
    """The thresholds of some points (in the axis' unit): the middles of their last brackets.

    A point at which some run fails has the status of that run; one whose level is crossed nowhere,
    or more than once at the looks, has a status that says so, and where.
    """
    n = len(points)
    scan = search.scan
    status = np.zeros(n, dtype=int)
    failed_at = np.full(n, np.nan)
    reasons: dict[int, str] = {}
    above = np.empty((len(scan), n), dtype=bool)

    def note(outcome: Outcome, asked: np.ndarray, at: np.ndarray) -> None:
        new = asked[(outcome.status != OK) & (status[asked] == OK)]
        for i in np.flatnonzero(outcome.status != OK):
            place = int(asked[i])
            if place in new:
                status[place], failed_at[place] = outcome.status[i], outcome.failed_at[i]
                reason = outcome.reasons.get(int(i), "")
                reasons[place] = f"at {search.axis} {at[i]:g}" + (f": {reason}" if reason else "")

    everything = np.arange(n)
    for k, x in enumerate(scan):
        values, outcome = measured(points, np.full(n, x), k)
        note(outcome, everything, np.full(n, x))
        above[k] = values >= search.level  # NaN, an undefined measure, does not reach it
    crossed = above[1:] != above[:-1]
    count = crossed.sum(axis=0)
    for place in np.flatnonzero((count != 1) & (status == OK)):
        if count[place] == 0:
            status[place] = ALWAYS if above[0, place] else NEVER
            side = "reached everywhere" if above[0, place] else "reached nowhere"
            reasons[int(place)] = f"{search.measure} {search.level:g} is {side} that was looked"
        else:
            status[place] = SEVERAL
            between = [
                f"{scan[k]:g} and {scan[k + 1]:g}" for k in np.flatnonzero(crossed[:, place])
            ]
            more = f", and {len(between) - _NAMED} more" if len(between) > _NAMED else ""
            reasons[int(place)] = f"crossed between {', '.join(between[:_NAMED])}{more}"
    first = np.where(count > 0, crossed.argmax(axis=0), 0)
    low, high = scan[first], scan[first + 1]
    rises = above[first + 1, everything]
    for k in range(search.halvings):
        asked = np.flatnonzero(status == OK)
        if not len(asked):
            break
        middle = (low[asked] + high[asked]) / 2
        values, outcome = measured(points[asked], middle, len(scan) + k)
        note(outcome, asked, middle)
        beyond = (values >= search.level) == rises[asked]
        high[asked] = np.where(beyond, middle, high[asked])
        low[asked] = np.where(beyond, low[asked], middle)
    found = np.where(status == OK, (low + high) / 2, np.nan)
    return Outcome({search.name: found}, status, failed_at, reasons=reasons)
