"""Parameters: a number with its unit, meaning, source and plausible range."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.equations import expressions
from mgsim.units import magnesium

_NAME = re.compile(r"^[a-z][a-z0-9_]*$", re.IGNORECASE)


#: What no parameter may be called: what a run takes besides parameters, and what a result holds.
RESERVED = frozenset(
    {
        "model",
        "protocol",
        "measures",
        "design",
        "follow",
        "arms",
        "arm",
        "engine",
        "start",
        "fresh",
        "keep_state",
        "seed",
        "dt",
        "method",
        "precision",
        "threads",
        "progress",
        "record",
        "every",
        "out",
        "overwrite",
        "large",
        "client",
        "converge",
        "rerun_failed",
        "single_writer",
        "batch",
        "point",
        "time",
        "spike",
        "spike_time",
        "status",
        "failed_at",
    }
)


#: The source of a number whose source nobody gave.
NOT_STATED = "assumed: not stated"
#: Units of what cannot be negative.
AMOUNTS = ("mM", "uM", "nS")


class PartError(ValueError):
    """A part, or a set of parts, that is not well formed."""


def check_word(name: str, what: str) -> None:
    """Refuse a name that is no word: a catalog's name, which no equation holds."""
    if not _NAME.match(name) or name.startswith("_"):
        raise PartError(f"{what} '{name}': a name is letters, digits and '_', a letter first")


def check_name(name: str, what: str) -> None:
    """Refuse a name that equations could not hold apart from a unit, function or constant."""
    check_word(name, what)
    if name in expressions.FUNCTIONS or expressions.is_known(name):
        raise PartError(
            f"{what} '{name}' has the name of a unit, constant or function; "
            f"say which, as in '{name}_nmda'"
        )
    if expressions.is_taken(name):
        raise PartError(
            f"{what} '{name}': an engine or Python has that word for something else; "
            f"give it another, such as '{name}_nmda'"
        )


def check_source(source: str, what: str) -> None:
    """Refuse a source that does not say whence a number is."""
    kind, _, locator = source.partition(":")
    if not kind.strip() or not locator.strip():
        raise PartError(
            f"{what} needs a source: 'key: where', 'assumed: why' or 'unverified: "
            "what was remembered'"
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a model needs, with what a reader must know of it.

    Parameters
    ----------
    name : one spelling everywhere: equation, keyword, coordinate, command-line flag.
    value : the default, in ``unit``.
    unit : unit text, ``"1"`` for none.
    meaning : what it is, in words; becomes an axis label. A part that is published states it, and
        the two that follow; one for a notebook need not.
    source : ``"key: where"`` with a key of references.bib, ``"assumed: why"`` or
        ``"unverified: what was remembered"``.
    range : the plausible range, in ``unit``. Outside it a warning is given; a range that does not
        go below zero says that the quantity cannot be negative. Where it is not stated, only
        concentrations and conductances (mM, uM, nS) cannot.
    nonzero : why it cannot be zero, where it cannot; a part fills it in for what it divides by.
    whole : it counts something, so that no value between whole numbers makes sense.
    original : the parameter that this one stands in place of, as its source has it.
    """

    name: str
    value: float
    unit: str
    meaning: str = "not stated"
    source: str = NOT_STATED
    range: tuple[float, float] = (-math.inf, math.inf)
    nonzero: str = ""
    whole: bool = False
    original: Parameter | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "parameter")
        if self.name in RESERVED:
            raise PartError(
                f"parameter '{self.name}': every run has something of that name; give "
                f"it another, such as '{self.name}_nmda'"
            )
        units.unit(self.unit)
        check_source(self.source, f"parameter '{self.name}'")
        low, high = (plain(x, self.unit, f"range of parameter '{self.name}'") for x in self.range)
        if low == -math.inf and self.unit in AMOUNTS:
            low = 0.0
        object.__setattr__(self, "range", (low, high))
        object.__setattr__(self, "value", plain(self.value, self.unit, f"parameter '{self.name}'"))
        if not math.isfinite(self.value) or not low <= self.value <= high:
            raise PartError(
                f"parameter '{self.name}' = {self.value} lies outside its own "
                f"plausible range {low} to {high} {self.unit}"
            )

    def __repr__(self) -> str:
        return f"<Parameter {self.name} = {self.value:g}{_spaced(self.unit)}: {self.meaning}>"

    @property
    def bounded(self) -> bool:
        """Whether a plausible range is stated on both sides."""
        return all(map(math.isfinite, self.range))

    @property
    def si(self) -> float:
        """The default in SI."""
        return self.value * units.unit(self.unit).factor

    def set_to(self, value: Any, found: str = "set:") -> Parameter:
        """The same parameter with another default (display units), which its source says.

        ``found``: how it was found, such as ``"fitted: to iv.csv,"``.
        """
        given = units.one(self.check(value), self.unit, self.name)
        first = self.original or self
        for known in (self, first):
            if found == "set:" and math.isclose(given, known.value, rel_tol=1e-12):
                return known
        low, high = self.range
        return replace(
            self,
            value=given,
            source=self.chosen.replace("set:", found, 1),
            range=(min(low, given), max(high, given)),
            original=first,
        )

    def at(self, place: str) -> Parameter:
        """The same parameter of a place or of a copy: ``g_nmda_spine``."""
        return replace(
            self,
            name=f"{self.name}_{place}",
            meaning=f"{self.meaning} ({place})",
            original=self.original and self.original.at(place),
        )

    @property
    def chosen(self) -> str:
        """The source of a value that was chosen in place of the default."""
        first = self.original or self
        return f"set: in place of {first.value:g}{_spaced(first.unit)} ({first.source})"

    @property
    def differs(self) -> str:
        """What stands in place of the source's value, in words; empty where nothing does."""
        if self.original is None:
            return ""
        kind, _, words = self.source.partition(":")
        return f"{self.name} = {self.value:.6g}{_spaced(self.unit)}, {kind}{words}"

    def check(self, value: Any) -> np.ndarray:
        """What a user gave, in ``unit``; a clear error for what it cannot be, such as NaN."""
        given = checked(value, self.name, self.unit, self.meaning, self.range[0] >= 0)
        if self.nonzero and np.any(given == 0):
            raise units.UnitError(f"{self.name} ({self.meaning}) cannot be 0: {self.nonzero}")
        if self.whole and np.any(given != np.floor(given)):
            odd = float(np.ravel(given)[np.ravel(given != np.floor(given))][0])
            raise units.UnitError(f"{self.name} ({self.meaning}) is a whole number, not {odd:g}")
        return given


def ending(place: str, copy: str = "") -> str:
    """What names end in at a place, of a copy, or both: ``_extra_spine``."""
    return "".join(f"_{word}" for word in (copy, place) if word)


def _spaced(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"


def plain(value: Any, unit: str, name: str) -> float:
    """A declared number as it is, or read as any quantity."""
    whole = type(value) is int and abs(value) < 2**63
    return value if whole or type(value) is float else units.one(value, unit, name)


def _ionised(value: Any, name: str) -> Any:
    """What was given of magnesium, where texts may say that it is ionised."""
    if isinstance(value, str):
        return magnesium.ionised(value, name)
    return [_ionised(x, name) for x in value] if isinstance(value, list | tuple) else value


def checked(value: Any, name: str, unit: str, meaning: str, positive: bool) -> np.ndarray:
    """A finite quantity in its unit, not negative where ``positive``."""
    if unit == "mM" and name.startswith(magnesium.OUTSIDE):
        value = _ionised(value, name)
    given = units.read(value, unit, name)
    if not np.all(np.isfinite(given)):
        raise units.UnitError(f"{name} must be a finite number in {unit}")
    if positive and np.any(given < 0):
        raise units.UnitError(
            f"{name} ({meaning}) cannot be negative: {float(given.min()):g} {unit}"
        )
    return given


def pick(parameters: Iterable[Parameter], name: str, where: str) -> Parameter:
    """The parameter of that name; the error offers the nearest."""
    known = {p.name: p for p in parameters}
    if name not in known:
        raise unknown("parameter", name, known, where)
    return known[name]
