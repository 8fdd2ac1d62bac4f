"""Changes: how a parameter of the model goes to other values while the model runs.

A change is given by :meth:`mgsim.Protocol.changing`. The parameter's own value, which may be an
axis, is where it starts from; where it goes to and when are parameters of the run as well.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.recordings import Recording, from_file, of_points
from mgsim.equations import expressions

#: What the text of a change calls the parameter's own value, and its recording.
BEFORE, RECORDING = "before", "recording"
#: No end of a run comes later, in ms.
_NEVER = 1e9
#: Points of a time course that its words name.
_SHOWN = 6
#: What the times of a change are called before it is known what changes.
_OF_CHANGE = "change_"
_CHOICE = "assumed: choice of the experimenter"


@dataclass(frozen=True)
class Change:
    """The value of a parameter as an expression in time.

    Parameters
    ----------
    text : an expression in ``t``, ``before`` (the parameter's own value), ``recording`` and the
        names below.
    values : other values of the parameter by name, in its own unit or as texts with a unit. The
        run has them as ``<parameter>_<name>``.
    times : parameters with units of their own, ``change_<name>``, such as when the change begins;
        the text has ``<name>``, and the run ``<parameter>_<name>``.
    recording : what ``recording`` is, from ``<parameter>_start`` on, which is then among ``times``.
    words : the change in words, for whoever reads a result.
    only_whole : whether a parameter that counts something stays whole.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    times: tuple[Parameter, ...] = ()
    recording: Recording | None = None
    words: str = ""
    only_whole: bool = False

    def of(self, name: str) -> Change:
        """The same change with its parameters named after the parameter that it changes."""
        if BEFORE not in expressions.names(self.text):
            return self  # named already
        times = {p.name.removeprefix(_OF_CHANGE): p for p in self.times}
        own = {n: f"{name}_{n}" for n in (*self.values, *times, RECORDING)}
        return replace(
            self,
            text=expressions.substitute(self.text, {**own, BEFORE: name}),
            values={own[n]: x for n, x in self.values.items()},
            times=tuple(replace(p, name=own[n]) for n, p in times.items()),
        )

    def with_value(self, name: str, value: Any) -> Change:
        """The same change with another value or time, if it has one of that name."""
        if name in self.values:
            return replace(self, values={**self.values, name: value})
        times = tuple(p.set_to(value) if p.name == name else p for p in self.times)
        return replace(self, times=times)

    def check(self, changed: Parameter) -> None:
        """Refuse what ``changed`` cannot be.

        Raises
        ------
        UnitError
            For a value of the recording that the parameter cannot have.
        PartError
            For a count that would not stay whole.
        """
        if changed.whole and not self.only_whole:
            raise PartError(
                f"'{changed.name}' counts something and stays whole: it may change by step or "
                "steps, not in between"
            )
        changed.check(self.reached(changed))

    def reached(self, changed: Parameter) -> np.ndarray:
        """The values of the recording in the unit of the parameter."""
        if self.recording is None:
            return np.empty(0)
        own = units.unit(changed.unit)
        given = units.unit(self.recording.unit or changed.unit)
        if own.dimension != given.dimension:
            raise units.UnitError(
                f"a change of {changed.name} has values in {self.recording.unit}; they must be in "
                f"{changed.unit}"
            )
        return np.asarray(self.recording.values) * (given.factor / own.factor)

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


def told(changes: Mapping[str, Change]) -> dict[str, str]:
    """Changes in words, by the parameter that each changes."""
    return {n: c.words.replace("<>", n) or c.text for n, c in changes.items()}


def _time(name: str, value: Any, meaning: str) -> Parameter:
    given = units.one(value, "ms", name)
    if not 0 <= given < np.inf:
        raise PartError(f"{name} = {value} ({meaning}): a time from 0 ms on, within the run")
    range = (0, max(_NEVER, given))
    return Parameter(f"{_OF_CHANGE}{name}", given, "ms", meaning, _CHOICE, range)


def _lasting(name: str, value: Any, meaning: str) -> Parameter:
    given = units.one(value, "ms", name)
    if not 0 < given < np.inf:
        raise PartError(f"{meaning} is above 0 ms, not {given:g}")
    why = "the change is divided by it"
    range = (0, max(_NEVER, given))
    return Parameter(f"{_OF_CHANGE}{name}", given, "ms", meaning, _CHOICE, range, why)


def _between(start: Any, stop: Any, first: str, last: str) -> tuple[Parameter, Parameter]:
    """When a change begins and when it ends, which is later."""
    begins, ends = _time("start", start, first), _time("stop", stop, last)
    check_order(begins.value, ends.value)
    return begins, ends


def check_order(start: Any, stop: Any, what: str = "a change", empty: bool = False) -> None:
    """Refuse what stops before it starts, in ms, or, if not ``empty``, at once: nothing happens.

    Raises
    ------
    PartError
    """
    first, last = (np.ravel(x) for x in np.broadcast_arrays(start, stop))
    wrong = last < first if empty else last <= first
    if wrong.any():
        k = np.argmax(wrong)
        raise PartError(
            f"{what} would start at {first[k]:g} ms and stop at {last[k]:g} ms; it stops later "
            "than it starts"
        )


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
        _between(start, stop, "start of the change", "end of the change"),
        words="steps to <>_after from <>_start to <>_stop",
        only_whole=True,
    )


def ramp(to: Any, start: Any, lasting: Any, stop: Any = _NEVER) -> Change:
    """Linearly to another value, from ``start`` and for the time ``lasting``, and stay there.

    From ``stop`` on it goes back, in the same time. In the run they are ``<parameter>_after``,
    ``<parameter>_start``, ``<parameter>_lasting`` and ``<parameter>_stop``.
    """
    begins, ends = _between(start, stop, "start of the change", "start of the way back")
    return Change(
        f"{BEFORE} + (after - {BEFORE})"
        "*(clip((t - start)/lasting, 0, 1) - clip((t - stop)/lasting, 0, 1))",
        {"after": to},
        (begins, _lasting("lasting", lasting, "duration of the change"), ends),
        words="goes linearly to <>_after, from <>_start and for <>_lasting, and back from <>_stop "
        "on",
    )


def wash(to: Any, start: Any, tau: Any, stop: Any = _NEVER) -> Change:
    """Exponentially towards another value from ``start`` on, and back from ``stop`` on.

    A drug that is washed in and out of a well-stirred bath. In the run: ``<parameter>_after``,
    ``<parameter>_start``, ``<parameter>_tau`` and ``<parameter>_stop``.
    """
    begins, ends = _between(start, stop, "start of the wash-in", "start of the wash-out")
    return Change(
        f"{BEFORE} + (after - {BEFORE})"
        "*(1 - exp(-clip(t - start, 0*ms, clip(stop - start, 0*ms, 1e12*ms))/tau))"
        "*exp(-clip(t - stop, 0*ms, 1e12*ms)/tau)",
        {"after": to},
        (begins, _lasting("tau", tau, "time constant of the exchange"), ends),
        words="goes to <>_after from <>_start with <>_tau, and back from <>_stop on",
    )


def steps(
    times: Sequence[Any], values: Sequence[Any], unit: str | None = None, start: Any = 0.0
) -> Change:
    """One value after another: ``values[k]`` from ``times[k]`` (ms) on, the last to the end.

    Before the first time the parameter has its own value. The numbers are parameters of no run.
    ``unit`` is that of ``values``, the parameter's own where it is not given; ``start``
    (``<parameter>_start`` in the run) delays all of it.
    """
    made = of_points(times, values, unit, linear=False)
    return _recorded(made, start, "hold", "has one value after another")


def course(
    times: Sequence[Any],
    values: Sequence[Any],
    unit: str | None = None,
    start: Any = 0.0,
    then: Literal["hold", "back"] = "hold",
) -> Change:
    """A time course from data, linear between its points (ms); of any number of points.

    Before the first point the parameter has its own value. After the last it stays there, or, with
    ``then="back"``, has its own value again. ``unit`` and ``start`` as for :func:`steps`.
    """
    made = of_points(times, values, unit, linear=True)
    return _recorded(made, start, then, "follows a time course")


def recorded(
    file: str | Path,
    unit: str | None = None,
    every: Any = None,
    start: Any = 0.0,
    then: Literal["hold", "back"] = "hold",
) -> Change:
    """A time course (:func:`course`) from a file: a recorded command, current or concentration.

    Parameters
    ----------
    file : columns of times and values, or of values alone, ``every`` so many ms from 0 on. A
        ``.csv`` file has names in its first line, with units if they are others than ms and the
        parameter's, ``t [s], v [V]``; a ``.txt`` file has numbers alone, an ``.npy`` file numbers
        in the shape (points, 2) or (points,).
    unit : of the values, in place of the file's.

    Raises
    ------
    PartError
        For what is no such file, with the line.
    """
    times, values, own = from_file(Path(file), every)
    made = of_points(times, values, unit or own, linear=True)
    return _recorded(made, start, then, f"follows {Path(file).name}")


def _recorded(made: Recording, start: Any, then: str, words: str) -> Change:
    if then not in ("hold", "back"):
        raise unknown("end of a recording", str(then), ("hold", "back"))
    first, last = (f"start + {k!r}*ms" for k in (made.times[0], made.times[-1]))
    unit = f" {made.unit}" if made.unit else ""
    n = len(made.times)
    named = range(n) if n <= _SHOWN else (0, n - 1)
    shown = [f"{made.values[k]:g}{unit} at {made.times[k]:g} ms" for k in named]
    told = ", ".join(shown) if n <= _SHOWN else f"{n} points from {' to '.join(shown)}"
    end = "" if then == "hold" else f"*int(t < {last})"
    text = f"{BEFORE}*int(t < {first}) + {RECORDING}{end}"
    if then == "back":
        text += f" + {BEFORE}*int(t > {last})"
    end = "its last value" if then == "hold" else "its own value"
    return Change(
        text,
        {},
        (_time("start", start, "start of the recording"),),
        made,
        f"{words}, from <>_start on: {told}; {end} after that",
        only_whole=not made.linear,
    )


#: Kinds of changes by name.
KINDS: Mapping[str, Callable[..., Change]] = {
    f.__name__: f for f in (step, ramp, wash, steps, course, recorded)
}
_CALL = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*", re.DOTALL)
_ITEM = re.compile(r"\s*(?:([A-Za-z_]+)\s*=)?\s*(\[[^][]*\]|[^][,=]+)\s*(?:,|$)")
#: Characters of a change at most.
_LONGEST = 20_000


def read(text: str, file: Callable[[str], Path] = Path) -> Change:
    """A change as it is written in Python, of numbers, quantities and the name of a file alone.

    ``file``: the file that a name means.

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
    if "file" in bound.arguments:
        bound.arguments["file"] = file(str(bound.arguments["file"]))
    return KINDS[kind](*bound.args, **bound.kwargs)


def _read(text: str, what: str) -> Any:
    text = text.strip()
    if text.startswith("["):
        return [units.number(x, what) for x in text[1:-1].split(",") if x.strip()]
    try:
        return units.number(text, what)
    except units.UnitError:
        return text.strip("'\"")
