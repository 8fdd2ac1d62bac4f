"""Changes: how a parameter of the model goes to other values while the model runs.

A change is given by :meth:`mgsim.Protocol.changing`. The parameter's own value, which may be an
axis, is where it starts from; where it goes to and when are parameters of the run as well.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import expressions, units
from mgsim.catalog import unknown
from mgsim.parameter import Parameter, PartError

#: What the text of a change calls the parameter's own value.
BEFORE = "before"
#: No end of a run comes later, in ms.
_NEVER = 1e9
#: Knots of a time course at most: each costs time in every step of every point.
_MOST_KNOTS = 400
#: Points of a time course that its words name.
_SHOWN = 6
#: What stands in a text for one of the parameter's unit.
_ONE = "one_unit"
_CHOICE = "assumed: choice of the experimenter"


@dataclass(frozen=True)
class Change:
    """The value of a parameter as an expression in time.

    Parameters
    ----------
    text : an expression in ``t``, ``before`` (the parameter's own value) and the names below;
        ``one_unit`` is 1 in the parameter's unit.
    values : other values of the parameter by name, in its own unit or as texts with a unit. The
        run has them as ``<parameter>_<name>``.
    times : parameters with units of their own, such as when the change begins; the run has them as
        ``<parameter>_<name>``.
    levels, unit : further values that the parameter takes, which stand in the text, and their
        unit, ``""`` for the parameter's own.
    words : the change in words, for whoever reads a result.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    times: tuple[Parameter, ...] = ()
    levels: tuple[float, ...] = ()
    unit: str = ""
    words: str = ""

    def of(self, name: str) -> Change:
        """The same change with its parameters named after the parameter that it changes."""
        if BEFORE not in expressions.names(self.text):
            return self  # named already
        own = {n: f"{name}_{n}" for n in (*self.values, *(p.name for p in self.times))}
        return replace(
            self,
            text=expressions.substitute(self.text, {**own, BEFORE: name}),
            values={own[n]: x for n, x in self.values.items()},
            times=tuple(replace(p, name=own[p.name]) for p in self.times),
        )

    def with_value(self, name: str, value: Any) -> Change:
        """The same change with another value or time, if it has one of that name."""
        if name in self.values:
            return replace(self, values={**self.values, name: value})
        times = tuple(p.set_to(value) if p.name == name else p for p in self.times)
        return replace(self, times=times)

    def formula(self, changed: Parameter) -> str:
        """The text where it changes ``changed``.

        Raises
        ------
        UnitError
            For a level that the parameter cannot have.
        """
        changed.check(self.reached(changed))
        return expressions.substitute(self.text, {_ONE: f"1*{changed.unit}"})

    def reached(self, changed: Parameter) -> np.ndarray:
        """The levels in the unit of the parameter."""
        own, given = units.unit(changed.unit), units.unit(self.unit or changed.unit)
        if own.dimension != given.dimension:
            raise units.UnitError(
                f"a change of {changed.name} has values in {self.unit}; they must be in "
                f"{changed.unit}"
            )
        return np.asarray(self.levels) * (given.factor / own.factor)

    def stated(self, changed: Parameter) -> tuple[Parameter, ...]:
        """Its values as parameters, where it changes ``changed``, and its times."""
        made = []
        for name, value in self.values.items():
            own = changed.set_to(value)
            made.append(
                replace(
                    own,
                    name=name,
                    meaning=f"{changed.meaning}, after the change",
                    source=_CHOICE,
                    original=None,
                )
            )
        return (*made, *self.times)


def _time(name: str, value: Any, meaning: str) -> Parameter:
    given = units.one(value, "ms", name)
    return Parameter(name, given, "ms", meaning, _CHOICE, (min(0, given), max(_NEVER, given)))


def _lasting(name: str, value: Any, meaning: str) -> Parameter:
    given = units.one(value, "ms", name)
    if not 0 < given < np.inf:
        raise PartError(f"{meaning} is above 0 ms, not {given:g}")
    why = "the change is divided by it"
    return Parameter(name, given, "ms", meaning, _CHOICE, (0, max(_NEVER, given)), why)


def step(to: Any, start: Any, stop: Any = _NEVER) -> Change:
    """Another value from ``start`` on, until ``stop``.

    Parameters
    ----------
    to : in the unit of the parameter, or a text with a unit; ``<parameter>_after`` in the run.
    start, stop : in ms, or texts with a unit; ``<parameter>_start`` and ``<parameter>_stop``.

    Examples
    --------
    >>> import mgsim as mg
    >>> raised = mg.protocols["tonic_glutamate"].changing(mg_out=mg.changes.step(2, "1 s"))
    >>> [p.name for p in raised.parameters]
    ['glu_tonic', 'mg_out_start', 'mg_out_stop']
    """
    return Change(
        f"{BEFORE} + (after - {BEFORE})*int(t > start)*int(t < stop)",
        {"after": to},
        (_time("start", start, "start of the change"), _time("stop", stop, "end of the change")),
        words="steps to <>_after from <>_start to <>_stop",
    )


def ramp(to: Any, start: Any, lasting: Any) -> Change:
    """Linearly to another value, from ``start`` and for the time ``lasting``, and stay there.

    In the run they are ``<parameter>_after``, ``<parameter>_start`` and ``<parameter>_lasting``.
    """
    return Change(
        f"{BEFORE} + (after - {BEFORE})*clip((t - start)/lasting, 0, 1)",
        {"after": to},
        (
            _time("start", start, "start of the change"),
            _lasting("lasting", lasting, "duration of the change"),
        ),
        words="goes linearly to <>_after, from <>_start and for <>_lasting",
    )


def wash(to: Any, start: Any, tau: Any, stop: Any = _NEVER) -> Change:
    """Exponentially towards another value from ``start`` on, and back from ``stop`` on.

    A drug that is washed in and out of a well-stirred bath. In the run: ``<parameter>_after``,
    ``<parameter>_start``, ``<parameter>_tau`` and ``<parameter>_stop``.
    """
    return Change(
        f"{BEFORE} + (after - {BEFORE})"
        "*(1 - exp(-clip(t - start, 0*ms, clip(stop - start, 0*ms, 1e12*ms))/tau))"
        "*exp(-clip(t - stop, 0*ms, 1e12*ms)/tau)",
        {"after": to},
        (
            _time("start", start, "start of the wash-in"),
            _lasting("tau", tau, "time constant of the exchange"),
            _time("stop", stop, "start of the wash-out"),
        ),
        words="goes to <>_after from <>_start with <>_tau, and back from <>_stop on",
    )


def steps(times: Sequence[Any], values: Sequence[Any], unit: str | None = None) -> Change:
    """One value after another: ``values[k]`` from ``times[k]`` (ms) on, the last to the end.

    Before the first time the parameter has its own value. The numbers are parameters of no run.
    ``unit`` is that of ``values``, the parameter's own where it is not given.
    """
    at, to, one = _course(times, values, unit)
    ends = [f"*int(t < {k!r}*ms)" for k in at[1:]] + [""]
    pieces = [f"{x!r}*{one}*int(t > {k!r}*ms){end}" for k, x, end in zip(at, to, ends, strict=True)]
    return _pieces(at, to, one, pieces, "has one value after another")


def course(times: Sequence[Any], values: Sequence[Any], unit: str | None = None) -> Change:
    """A time course from data, linear between its points (ms) and held after the last.

    Before the first point the parameter has its own value. ``unit`` as for :func:`steps`.
    """
    at, to, one = _course(times, values, unit)
    pieces = [
        f"({a!r} + {(b - a) / (m - k)!r}*(t - {k!r}*ms)/ms)*{one}"
        f"*int(t > {k!r}*ms)*int(t < {m!r}*ms)"
        for k, m, a, b in zip(at, at[1:], to, to[1:], strict=False)
    ]
    pieces.append(f"{to[-1]!r}*{one}*int(t > {at[-1]!r}*ms)")
    return _pieces(at, to, one, pieces, "follows a time course")


def _pieces(at: list[float], to: list[float], one: str, pieces: list[str], words: str) -> Change:
    text = _sum([f"{BEFORE}*int(t < {at[0]!r}*ms)", *pieces])
    unit = "" if one == _ONE else f" {one}"
    shown = [f"{x:g}{unit} at {k:g} ms" for k, x in zip(at, to, strict=True)]
    if len(shown) > _SHOWN:
        shown = [*shown[:_SHOWN], f"... {len(shown)} points to {shown[-1]}"]
    return Change(
        text, {}, (), tuple(to), "" if one == _ONE else one, f"{words}: {', '.join(shown)}"
    )


#: Kinds of changes by name.
KINDS: Mapping[str, Callable[..., Change]] = {
    f.__name__: f for f in (step, ramp, wash, steps, course)
}
_CALL = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*", re.DOTALL)
_ITEM = re.compile(r"\s*(?:([A-Za-z_]+)\s*=)?\s*(\[[^][]*\]|[^][,=]+)\s*(?:,|$)")
#: Characters of a change at most.
_LONGEST = 20_000


def read(text: str) -> Change:
    """A change as it is written in Python, of numbers and quantities alone.

    Raises
    ------
    PartError, UnknownName
        For what is none, with its form or the nearest kind.

    Examples
    --------
    >>> from mgsim import changes
    >>> changes.read("ramp(2 mM, start=500, lasting=1 s)") == changes.ramp("2 mM", 500, "1 s")
    True
    """
    found = _CALL.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        raise PartError(
            f"'{text[:60]}' is no change; write one as in 'step(2 mM, start=500 ms)': "
            f"{', '.join(KINDS)}"
        )
    kind, inside = found[1], found[2]
    if kind not in KINDS:
        raise unknown("change", kind, KINDS)
    form = f"{kind}({', '.join(inspect.signature(KINDS[kind]).parameters)})"
    given: list[Any] = []
    named: dict[str, Any] = {}
    at = 0
    while at < len(inside.rstrip()):
        item = _ITEM.match(inside, at)
        if not item or (named and not item[1]) or item[1] in named:
            raise PartError(f"'{text[:60]}' is not of the form {form}")
        value = _read(item[2], f"{kind} in '{text[:60]}'")
        if item[1]:
            named[item[1]] = value
        else:
            given.append(value)
        at = item.end()
    try:
        bound = inspect.signature(KINDS[kind]).bind(*given, **named)
    except TypeError as error:
        raise PartError(f"'{text[:60]}': {error}; the form is {form}") from None
    return KINDS[kind](*bound.args, **bound.kwargs)


def _read(text: str, what: str) -> Any:
    text = text.strip()
    if text.startswith("["):
        return [units.number(x, what) for x in text[1:-1].split(",") if x.strip()]
    try:
        return units.number(text, what)
    except units.UnitError:
        return text.strip("'\"")


def _course(
    times: Sequence[Any], values: Sequence[Any], unit: str | None
) -> tuple[list[float], list[float], str]:
    at = units.read(times, "ms", "times of a change")
    try:
        to = units.read(values, unit or "1", "values of a change")
    except units.UnitError as error:
        raise PartError(f"{error}; with unit= the values may have units of their own") from None
    if at.ndim != 1 or at.shape != to.shape or not at.size:
        raise PartError(
            f"a change takes as many times as values, not {np.size(times)} and {np.size(values)}"
        )
    if at.size > _MOST_KNOTS:
        raise PartError(
            f"a change has {at.size} points; at most {_MOST_KNOTS}, for each costs time in every "
            "step: give fewer, such as every tenth"
        )
    if not (np.all(np.isfinite(at)) and np.all(np.isfinite(to))):
        raise PartError("times and values of a change must be finite")
    if np.any(np.diff(at) <= 0) or at[0] < 0:
        raise PartError("times of a change must rise, from 0 ms or later")
    if unit is not None:
        units.unit(unit)
    return at.tolist(), to.tolist(), _ONE if unit is None else unit


def _sum(terms: list[str]) -> str:
    """A sum as a balanced tree, so that no expression grows deep."""
    while len(terms) > 1:
        last = terms[-1:] if len(terms) % 2 else []
        pairs = zip(terms[::2], terms[1::2], strict=False)
        terms = [f"({a} + {b})" for a, b in pairs] + last
    return terms[0]
