"""What an answer can be: a number, a count, a choice, several numbers, a function.

Each kind reads what a student wrote and says how far two answers lie apart; an exercise does the
rest alike for all.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from mgsim.lessons.tools.reply import number_in, plain


class Unreadable(ValueError):
    """What was given is no answer of the kind that is asked for; the message says what is."""


class Kind(Protocol):
    """A kind of answer."""

    #: What is not there when an answer cannot be read, as a title.
    lacking: ClassVar[str]
    #: What to write in place of None.
    wanted: ClassVar[str]

    @property
    def tolerance(self) -> float:
        """Answers no farther apart than this are the same."""

    def read(self, given: Any) -> Any:
        """What was given as a value of this kind, or :class:`Unreadable`."""

    def apart(self, one: Any, other: Any) -> float:
        """How far apart two values are: 0 for the same, relative for numbers."""

    def beyond(self, value: Any) -> str:
        """Why a value cannot be an answer at all; empty where it can."""

    def said(self, value: Any) -> str:
        """A value in words."""

    def part(self, value: Any, right: Any) -> str:
        """What of a wrong value is right, or where it is most wrong; may be empty."""


@dataclass(frozen=True)
class Number:
    """A number.

    Parameters
    ----------
    limits : above the first and up to the second an answer can lie.
    outside : why not elsewhere.
    tolerance : relative; 0.01 lets three digits pass, 0.05 what was read off a figure.
    """

    limits: tuple[float, float] = (-math.inf, math.inf)
    outside: str = ""
    tolerance: float = 0.01
    lacking: ClassVar[str] = "Not a number"
    wanted: ClassVar[str] = "your number"

    def read(self, given: Any) -> float:
        """One finite number."""
        number = number_in(given)
        if isinstance(number, str):
            raise Unreadable(number)
        return number

    def apart(self, one: float, other: float) -> float:
        """Relative to the larger."""
        return abs(one - other) / max(abs(one), abs(other)) if one != other else 0.0

    def beyond(self, value: float) -> str:
        """``outside`` where the limits are passed."""
        return "" if self.limits[0] < value <= self.limits[1] else self.outside

    def said(self, value: float) -> str:
        """Four digits."""
        return f"{value:.4g}"

    def part(self, value: float, right: float) -> str:
        """Nothing: a number has no parts."""
        return ""


@dataclass(frozen=True)
class Count(Number):
    """A whole number, exactly."""

    tolerance: float = 0.0
    wanted: ClassVar[str] = "your count"

    def read(self, given: Any) -> float:
        """One whole number."""
        number = super().read(given)
        if number != round(number):
            raise Unreadable(f"{number:g} is no count: give a whole number.")
        return number

    def apart(self, one: float, other: float) -> float:
        """Equal or not."""
        return 0.0 if one == other else math.inf


@dataclass(frozen=True)
class Choice:
    """One of some words or numbers, however it is typed."""

    options: tuple[str | float, ...]
    tolerance: ClassVar[float] = 0.0
    lacking: ClassVar[str] = "Not one of the choices"
    wanted: ClassVar[str] = "your choice"

    def read(self, given: Any) -> str | float:
        """The option that is meant."""
        for option in self.options:
            if isinstance(option, str):
                same = isinstance(given, str) and plain(given) == plain(option)
            else:
                number = number_in(given)
                same = isinstance(number, float) and math.isclose(number, option, rel_tol=1e-9)
            if same:
                return option
        near = difflib.get_close_matches(str(given), [str(o) for o in self.options], n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise Unreadable(
            f"{given!r} is none of them: {', '.join(self.said(o) for o in self.options)}.{hint}"
        )

    def apart(self, one: str | float, other: str | float) -> float:
        """Equal or not."""
        return 0.0 if one == other else math.inf

    def beyond(self, value: str | float) -> str:
        """Nothing: an option can always be an answer."""
        return ""

    def said(self, value: str | float) -> str:
        """As it is written in Python."""
        return f'"{value}"' if isinstance(value, str) else f"{value:g}"

    def part(self, value: str | float, right: str | float) -> str:
        """Nothing."""
        return ""


@dataclass(frozen=True)
class Numbers:
    """Several numbers in a given order, such as a pair.

    Parameters
    ----------
    names : what each is.
    number : what each has to be like.
    """

    names: tuple[str, ...]
    number: Number = Number()
    lacking: ClassVar[str] = "Not the numbers asked for"
    wanted: ClassVar[str] = "your numbers"

    @property
    def tolerance(self) -> float:
        """That of each."""
        return self.number.tolerance

    def read(self, given: Any) -> tuple[float, ...]:
        """As many numbers as names."""
        names = ", ".join(self.names)
        if isinstance(given, str) or not hasattr(given, "__len__") or isinstance(given, dict):
            raise Unreadable(f"Give {len(self.names)} numbers in brackets: ({names}).")
        if len(given) != len(self.names):
            raise Unreadable(f"You gave {len(given)}; give {len(self.names)}: ({names}).")
        read = []
        for name, one in zip(self.names, given, strict=True):
            try:
                read.append(self.number.read(one))
            except Unreadable as error:
                raise Unreadable(f"{name}: {error}") from None
        return tuple(read)

    def apart(self, one: Sequence[float], other: Sequence[float]) -> float:
        """That of the two that are farthest apart."""
        return max(self.number.apart(a, b) for a, b in zip(one, other, strict=True))

    def beyond(self, value: Sequence[float]) -> str:
        """Of the first that cannot be."""
        found = zip(self.names, map(self.number.beyond, value), strict=True)
        return next((f"{name}: {why}" for name, why in found if why), "")

    def said(self, value: Sequence[float]) -> str:
        """In brackets."""
        return f"({', '.join(map(self.number.said, value))})"

    def part(self, value: Sequence[float], right: Sequence[float]) -> str:
        """Those that are right."""
        good = [
            name
            for name, a, b in zip(self.names, value, right, strict=True)
            if self.number.apart(a, b) <= self.tolerance
        ]
        return f"Right already: {', '.join(good)}. " if good else ""


@dataclass(frozen=True)
class Function:
    """A function of the student's own, judged by what it returns for some arguments.

    Parameters
    ----------
    takes : the names of its arguments.
    probes : arguments to call it with, in that order; one tuple for each call.
    tolerance : relative, of each result.
    """

    takes: tuple[str, ...]
    probes: tuple[tuple[float, ...], ...]
    tolerance: float = 0.01
    lacking: ClassVar[str] = "Not a function that can be called"
    wanted: ClassVar[str] = "your function"

    def read(self, given: Callable[..., Any]) -> tuple[float, ...]:
        """What it returns at each probe."""
        if not callable(given):
            raise Unreadable(f"Give the function itself, of ({', '.join(self.takes)}).")
        results = []
        for probe in self.probes:
            try:
                number = number_in(given(*probe))
            except Exception as error:
                raise Unreadable(
                    f"For {self._at(probe)} it stops with {type(error).__name__}: {error}"
                ) from None
            if isinstance(number, str):
                raise Unreadable(f"For {self._at(probe)} it returns no number. {number}")
            results.append(number)
        return tuple(results)

    def _at(self, probe: tuple[float, ...]) -> str:
        return ", ".join(f"{n} = {x:g}" for n, x in zip(self.takes, probe, strict=True))

    def apart(self, one: Sequence[float], other: Sequence[float]) -> float:
        """Where the results are farthest apart."""
        return max(Number().apart(a, b) for a, b in zip(one, other, strict=True))

    def beyond(self, value: Sequence[float]) -> str:
        """Nothing."""
        return ""

    def said(self, value: Sequence[float]) -> str:
        """The result at the first probe."""
        return f"{value[0]:.4g} for {self._at(self.probes[0])}"

    def part(self, value: Sequence[float], right: Sequence[float]) -> str:
        """The probe where it is most wrong."""
        off = [Number().apart(a, b) for a, b in zip(value, right, strict=True)]
        worst = off.index(max(off))
        return f"It is farthest off for {self._at(self.probes[worst])}: {value[worst]:.4g}. "
