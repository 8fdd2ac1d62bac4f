"""One reading of a claim: what is run, one number of it, one threshold, and a control."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from mgsim.catalogs.catalog import UnknownName, unknown
from mgsim.compose import finding as parts
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import EFFECTS, Prior, column, columns
from mgsim.equations import expressions
from mgsim.judging.conditions import ClaimError, Condition
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.search import Search

#: Block laws of different papers, all spread by effect; the last holds a flicker without magnesium.
LAWS = (
    "jahr_stevens_1990",
    "kampa_2004",
    "spruston_1995",
    "chindemi_2022",
    "jahr_stevens_1990_flicker",
)
#: What a prior that scales an effect is a factor on.
_FACTORS = {"block_strength": "strength of the block", "block_slope": "steepness of the block"}


@dataclass(frozen=True, eq=False)
class Bench:
    """An experiment, and what is uncertain in it.

    Parameters
    ----------
    priors : by the names of :func:`mgsim.declare.priors.columns`, each with its source.
    experiment : what is run; of one that looks for a threshold, readings have that alone, as
        ``<axis>_threshold``: infinite where the level is never reached, the first value looked at
        where it is always, and no number where it is crossed more than once.
    follow : what follows from others, as for :func:`mgsim.sweep`.
    laws : names of parts that fill ``slot``; a word is that of all of them.
    own : laws that no catalog holds.
    cells : the same of other cells, or of another kind of block, on which the headline is
        repeated.

    Raises
    ------
    UnknownName
        For a law that is no part of that slot, and a prior that has no column.
    """

    name: str
    experiment: Experiment
    priors: Mapping[str, Prior]
    follow: Mapping[str, str] = field(default_factory=dict)
    laws: tuple[str, ...] = LAWS
    slot: str = "block"
    cells: Mapping[str, Bench] = field(default_factory=dict)
    own: tuple[Component, ...] = ()

    def __post_init__(self) -> None:
        for name in self.laws:
            self.law(name)
        for name in self.priors:
            try:
                column(name)
            except UnknownName as error:
                raise UnknownName(f"a prior of bench '{self.name}': {error}") from None

    @property
    def seconds(self) -> float:
        """Model-seconds of one run, of a search all of its runs."""
        runs = self.search.runs if self.search else 1
        return runs * self.experiment.protocol.duration / 1e3

    @cached_property
    def search(self) -> Search | None:
        """The threshold that is looked for, if there is one."""
        given = dict(self.experiment.search)
        if not given:
            return None
        low, high = given.pop("between")
        return Search(measure=self.experiment.measures[0].name, low=low, high=high, **given)

    @property
    def keeps(self) -> tuple[str, ...]:
        """The names of what a reading can ask for: measures, or the threshold looked for."""
        if self.search:
            return (self.search.name,)
        return tuple(m.name for m in self.experiment.measures)

    @cached_property
    def apart(self) -> frozenset[str]:
        """The parameters of all but the law, and what others follow from."""
        model, protocol = self.experiment.models[0], self.experiment.protocol
        others = [p for part in model.parts if self.slot not in part.slots for p in part.parameters]
        own = {p.name for p in (*others, *model.shared, *protocol.parameters, *self._asked)}
        return frozenset(own.union(*map(expressions.variables, self.follow.values())))

    @cached_property
    def _parameters(self) -> dict[str, Parameter]:
        model, protocol = self.experiment.models[0], self.experiment.protocol
        of_parts = [p for part in model.parts for p in part.parameters]
        of_laws = [p for law in self.laws for p in self.law(law).parameters]
        others = (*model.shared, *protocol.parameters, *self._asked)
        return {p.name: p for p in (*of_laws, *of_parts, *others)}

    @property
    def _asked(self) -> tuple[Parameter, ...]:
        """The parameters of what is measured."""
        behind = [b for m in self.experiment.measures for b in m.behind]
        return tuple(p for b in behind for p in b.parameters)

    def unit(self, name: str) -> str:
        """The unit in which a prior of this name is drawn."""
        return self._parameters[name].unit if name in self._parameters else "1"

    def usual(self, name: str) -> float | None:
        """The value of what a prior of this name is, in the model as it is."""
        return self._parameters[name].value if name in self._parameters else None

    def meaning(self, name: str) -> str:
        """What a prior of this name is: a parameter, a factor on some, or what others follow."""
        if name in self._parameters:
            return self._parameters[name].meaning
        powers = self.priors[name].powers if name in self.priors else {}
        effect = next((w for e, w in _FACTORS.items() if powers.keys() <= self._scaled(e)), "")
        if powers:
            known = [self._parameters[n].meaning for n in powers if n in self._parameters]
            return f"{effect or ', '.join(dict.fromkeys(known or powers))}, as a factor"
        return columns().get(name, "") if name in self.priors else ""

    def _scaled(self, effect: str) -> set[str]:
        """The parameters on which an effect is, at every place of the block that there is."""
        slots = {self.slot, *(x for p in self.experiment.models[0].parts for x in p.slots)}
        places = {x.removeprefix("block") for x in slots if x.startswith("block")}
        return {f"{n}{place}" for n in EFFECTS[effect] for place in {"", *places}}

    def law(self, name: str) -> Component:
        """The law of a name, which may stand at a place of its own."""
        if name not in self._laws:
            raise unknown(f"law of '{self.slot}'", name, self._laws, f"bench '{self.name}'")
        return self._laws[name]

    @cached_property
    def _laws(self) -> dict[str, Component]:
        every = (*parts.every(), *self.own)
        return {p.name: p for p in every if self.slot.startswith(p.slots)}

    @cached_property
    def digest(self) -> str:
        """What it is known by."""
        text = json.dumps(self.plain(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def plain(self) -> dict[str, Any]:
        """What is fixed beforehand, as JSON holds it: no versions, no wording of sources."""
        model, protocol = self.experiment.models[0], self.experiment.protocol
        search = {"search": asdict(self.search)} if self.search else {}
        return search | {
            "parts": [part.name for part in model.parts],
            "values": _of_model(model),
            "law_values": {n: _values(self.law(n).parameters) for n in sorted(self.laws)},
            "protocol": protocol.name,
            "protocol_values": _of_protocol(protocol),
            "duration_ms": protocol.duration,
            "window": [str(x) for x in protocol.edges],
            "measures": sorted(m.name for m in self.experiment.measures),
            "priors": _of_priors(self.priors),
            "follow": dict(self.follow),
            "laws": sorted(self.laws),
            "cells": {n: b.plain() for n, b in sorted(self.cells.items())},
        }


def _values(parameters: Iterable[Parameter]) -> dict[str, str]:
    return {p.name: f"{p.value!r} {p.unit}" for p in parameters}


def _of_model(model: Model) -> dict[str, dict[str, str]]:
    """Every value, by part."""
    found = {"shared": _values(model.shared)}
    for part in model.parts:
        found[part.name] = found.get(part.name, {}) | _values(part.parameters)
    return found


def _of_protocol(protocol: Protocol) -> dict[str, Any]:
    """Every value, when its events come at these, and what it changes."""
    at = {p.name: p.value for p in protocol.parameters}
    found: dict[str, Any] = dict(_values(protocol.parameters))
    for name, train in protocol.events.items():
        own = {p.name: at[p.name] for p in train.parameters}
        times = train.times(own, protocol.duration, np.random.default_rng(0))
        found[f"events {name}"] = [round(float(x), 6) for x in times]
    for name, change in protocol.changes.items():
        values = {n: str(x) for n, x in change.values.items()}
        found[f"change of {name}"] = {"text": change.text, **values}
    return found


def _of_priors(priors: Mapping[str, Prior]) -> dict[str, dict[str, Any]]:
    """Shapes and numbers; not the wording of sources."""
    return {
        n: {k: v for k, v in p.plain().items() if k != "source"} for n, p in sorted(priors.items())
    }


class Kept:
    """The measures of a condition as attributes, arrays over laws and draws.

    ``asked``: the names of those that were read.
    """

    def __init__(self, measures: Mapping[str, np.ndarray]) -> None:
        self._measures = measures
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._measures:
            raise unknown("measure", name, self._measures, "what the reading's experiment keeps")
        self.asked.add(name)
        return self._measures[name]


def check_statistic(
    what: str, statistic: Callable[..., Any], conditions: Mapping[str, Condition]
) -> None:
    """Refuse conditions of two ranges, and a statistic that is no plain function of them."""
    if len({type(c) for c in conditions.values()}) != 1:
        raise ClaimError(f"{what} mixes a dish and a person, or has no condition")
    names = tuple(inspect.signature(statistic).parameters)
    if statistic.__name__ == "<lambda>" or set(names) != set(conditions):
        raise ClaimError(
            f"{what}: the statistic is a named function of {', '.join(conditions)}, not of "
            f"{', '.join(names)}"
        )


def valued(
    statistic: Callable[..., Any], kept: Mapping[str, Mapping[str, np.ndarray]]
) -> np.ndarray:
    """A statistic of measures by condition, NaN where it is no number; an infinite one is one."""
    with np.errstate(all="ignore"):
        found = statistic(**{n: Kept(x) for n, x in kept.items()})
    return np.asarray(found, dtype=float)


def asked_of(statistic: Callable[..., Any]) -> str:
    """What a statistic is, in words."""
    return " ".join((statistic.__doc__ or "").split())


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read a claim as a number with a threshold.

    Parameters
    ----------
    conditions : by name, all of a dish or all of a person.
    statistic : a plain function of the conditions, whose arguments are their names; it reads
        measures (``low.ca_charge/usual.ca_charge``) and gives an array.
    at_least, below : the threshold, one of the two.
    why : its reason.
    where : the draws that the reading is about, from the condition ``usual`` alone.
    control : what is set in every condition so that the effect must vanish; by default the block
        is taken out. Or, by its name, another condition in place of one. It keeps the conditions
        apart from one another.
    neutral : what the statistic is where there is no effect.
    headline : whether it counts for the verdict.
    crosses : a plain function of one condition, ``here``: whether a run is past a threshold of the
        model's own, such as depolarised for good. How far the draws lie from it is then reported.

    Raises
    ------
    ClaimError
        For what cannot be judged, when it is read.
    """

    name: str
    bench: Bench
    conditions: Mapping[str, Condition]
    statistic: Callable[..., Any]
    why: str
    at_least: float | None = None
    below: float | None = None
    where: Callable[..., Any] | None = None
    control: Mapping[str, float | str | Condition] = field(default_factory=dict)
    neutral: float = 1.0
    headline: bool = True
    crosses: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        what = f"reading '{self.name}'"
        if not self.control:
            object.__setattr__(self, "control", {self.bench.slot: "none"})
        check_statistic(what, self.statistic, self.conditions)
        if (self.at_least is None) == (self.below is None):
            raise ClaimError(f"{what}: give one threshold, at_least or below")
        if not self.why.strip():
            raise ClaimError(f"{what}: a threshold has a reason")
        if self.where is not None:
            seen = tuple(inspect.signature(self.where).parameters)
            if seen != ("usual",) or "usual" not in self.conditions:
                raise ClaimError(
                    f"{what}: which draws it is about is found from the condition 'usual' alone, "
                    f"not from {', '.join(seen)}"
                )
        if self.crosses is not None:
            seen = tuple(inspect.signature(self.crosses).parameters)
            if seen != ("here",) or not (self.crosses.__doc__ or "").strip():
                raise ClaimError(
                    f"{what}: what crosses a threshold is a function of 'here' with a sentence on "
                    f"it, not of {', '.join(seen)}"
                )
        self._check_control(what)

    def _check_control(self, what: str) -> None:
        own = [c.values for c in self.conditions.values()]
        controlled = [c.values for c in self.controlled.values()]
        for i, one in enumerate(controlled):
            if one in controlled[:i]:
                raise ClaimError(
                    f"{what}: its control makes two conditions the same, and so shows nothing; "
                    "it has to keep them apart"
                )
        if own == controlled:
            raise ClaimError(f"{what}: its control changes nothing")
        for name, given in self.control.items():
            if isinstance(given, Condition) and (
                name not in self.conditions or given.range != self.range
            ):
                raise ClaimError(f"{what}: its control has '{name}', which is no condition of it")

    @property
    def range(self) -> str:
        """``"dish"`` or ``"person"``."""
        return next(iter(self.conditions.values())).range

    @property
    def controlled(self) -> dict[str, Condition]:
        """The conditions of the negative control."""
        instead = {n: c for n, c in self.control.items() if isinstance(c, Condition)}
        sets = {n: v for n, v in self.control.items() if not isinstance(v, Condition)}
        return {n: instead.get(n, c).but(**sets) for n, c in self.conditions.items()}

    @property
    def told_control(self) -> dict[str, Any]:
        """What the control sets, as JSON holds it."""
        return {n: c.values if isinstance(c, Condition) else c for n, c in self.control.items()}

    @property
    def threshold(self) -> float:
        """The number that decides."""
        return float(self.at_least if self.at_least is not None else self.below or 0.0)

    @property
    def told(self) -> str:
        """The threshold in words."""
        word = "at least" if self.at_least is not None else "below"
        return f"{word} {self.threshold:g}"

    def passes(self, statistic: np.ndarray, threshold: float | None = None) -> np.ndarray:
        """Where the statistic passes; never where it has no number."""
        line = self.threshold if threshold is None else threshold
        return statistic >= line if self.at_least is not None else statistic < line

    def value(self, kept: Mapping[str, Mapping[str, np.ndarray]]) -> np.ndarray:
        """The statistic of measures by condition, as :func:`valued` has it."""
        return valued(self.statistic, {n: kept[n] for n in self.conditions})

    def inside(
        self, kept: Mapping[str, Mapping[str, np.ndarray]]
    ) -> tuple[np.ndarray | bool, np.ndarray | bool]:
        """The draws that the reading is about, and those of which this is not known.

        The latter, whose usual condition has no number, are inside: none leaves without a word.
        """
        if self.where is None:
            return True, False
        usual = Kept(kept["usual"])
        inside = np.asarray(self.where(usual), dtype=bool)
        unknown = np.zeros(inside.shape, dtype=bool)
        for name in usual.asked:
            unknown = unknown | np.isnan(kept["usual"][name])
        return inside | unknown, unknown

    def plain(self) -> dict[str, Any]:
        """What is fixed beforehand, but for its functions."""
        return {
            "bench": self.bench.name,
            "range": self.range,
            "range_priors": _of_priors(next(iter(self.conditions.values())).priors),
            "conditions": {n: c.values for n, c in sorted(self.conditions.items())},
            "at_least": self.at_least,
            "below": self.below,
            "control": self.told_control,
            "neutral": self.neutral,
            "headline": self.headline,
        }
