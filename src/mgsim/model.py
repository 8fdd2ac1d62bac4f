"""What a user composes: models of parts, protocols, measures."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import events, expressions, seeing, units
from mgsim.catalog import expect, unknown
from mgsim.changes import Change
from mgsim.component import Component
from mgsim.equations import Statement, read_statements, renamed
from mgsim.events import EVENTS, Event
from mgsim.ions import CONCENTRATIONS
from mgsim.parameter import Parameter, PartError, check_name, check_word, ending, pick
from mgsim.parts import every
from mgsim.ports import PORTS

#: Of the preparation, one for all parts: a swap leaves it as the model has it.
_PREPARATION = {"celsius"}
#: Of the cell: who swaps the cell means its membrane.
_CELL = {"area"}
#: What every system has besides its parts' parameters: the measuring window.
WINDOW = (
    Parameter(
        "window_start",
        0.0,
        "ms",
        "start of the measuring window",
        "assumed: set by the protocol",
        (0, 1e12),
    ),
    Parameter(
        "window_stop",
        0.0,
        "ms",
        "end of the measuring window",
        "assumed: set by the protocol",
        (0, 1e12),
    ),
)


class SharedValueWarning(UserWarning):
    """A swap that changes a value which other parts of the model read too."""


@dataclass(frozen=True)
class Model:
    """Parts that together close a set of equations. No slot is compulsory.

    Parameters
    ----------
    shared : values of ports that the model itself states, such as the temperature of its
        preparation; they go before those that a part brings.

    Examples
    --------
    >>> import mgsim as mg
    >>> other = mg.models["standard"].swap(mg.blocks["kampa_2004"])
    >>> other["block"].name
    'kampa_2004'
    """

    name: str
    parts: tuple[Component, ...]
    meaning: str = ""
    shared: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        taken: dict[str, str] = {}
        for part in self.parts:
            for slot in part.slots:
                if slot in taken:
                    raise PartError(
                        f"model '{self.name}': '{taken[slot]}' and '{part.name}' both "
                        f"fill the slot '{slot}'; use swap() to replace one"
                    )
                taken[slot] = part.name
        events.known((e for p in self.parts for e in p.events), f"model '{self.name}'")

    def __repr__(self) -> str:
        parts = ", ".join(f"{' and '.join(p.slots)} {p.plain_name}" for p in self.parts)
        return f"<Model {self.name}: {parts}>"

    @property
    def slots(self) -> dict[str, Component]:
        return {slot: part for part in self.parts for slot in part.slots}

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Where parts stand beside the soma: ``(place, copy)``, either of them empty."""
        return tuple(dict.fromkeys((p.place, p.copy) for p in self.parts if p.place or p.copy))

    def __getitem__(self, slot: str) -> Component:
        if slot not in self.slots:
            raise unknown("slot", slot, self.slots, f"model '{self.name}'")
        return self.slots[slot]

    def swap(self, part: Component) -> Model:
        """A new model with ``part`` in its slot; parts that it replaces are gone.

        What a part stated for all (the temperature, a reversal potential) stays when it goes, and
        the temperature stays whatever the new part states.

        Raises
        ------
        TypeError
            For a name or a module in place of a part.

        Warns
        -----
        SharedValueWarning
            Where the new part brings another value that other parts read.
        """
        part = expect(Component, part, "mg.blocks['kampa_2004']")
        kept = [p for p in self.parts if not set(p.slots) & set(part.slots)]
        gone = [i for i, p in enumerate(self.parts) if set(p.slots) & set(part.slots)]
        part = seeing.as_before(part, [self.parts[i] for i in gone])
        kept.insert(gone[0] if gone else len(kept), part)
        return replace(self, parts=tuple(kept), shared=self._kept(kept, part))

    def without(self, slot: str) -> Model:
        """A new model with nothing in ``slot``.

        Raises
        ------
        UnknownName
            For a slot that the model does not have.
        """
        removed = self[slot]
        parts = tuple(p for p in self.parts if p is not removed)
        return replace(self, parts=parts, shared=self._kept(parts))

    def stated(self, name: str) -> Parameter | None:
        """What the model itself, or else one of its parts, states for a port."""
        brought = (p for part in self.parts for p in part.parameters)
        return next((p for p in (*self.shared, *brought) if p.name == name), None)

    def computed(self, name: str) -> str:
        """Which part computes a name, and from what, in words; empty where none does."""
        for part in self.parts:
            for line in part.lines:
                if line.name == name and not line.differential:
                    read = sorted(expressions.variables(line.text))
                    levels = [n for n in read if n in CONCENTRATIONS]
                    origin = ", ".join(read) or "a constant"
                    origin = f"the concentrations {' and '.join(levels)}" if levels else origin
                    return (
                        f"'{name}' follows from {origin} in model "
                        f"'{self.name}', where part '{part.name}' computes it, so it cannot be set"
                    )
        return ""

    def apart(self, name: str) -> Model:
        """A model in which one slot sees a value of its own, where it saw a shared one.

        Parameters
        ----------
        name : the port and the slot, such as ``"mg_out_block"`` or ``"v_block"``. It is a
            parameter of what fills the slot, and of what is swapped into it, and starts from what
            the model states for the port. The model itself, where it has something of that name.

        Raises
        ------
        UnknownName
            For what is no port of what fills one of the slots.
        PartError
            For a sum of currents, and for a port that the part gives, or acts on.

        Examples
        --------
        >>> import mgsim as mg
        >>> low = mg.models["tonic"].with_values(mg_out_block=0.2)
        >>> low["block"]["mg_out_block"].value, low["bath"]["mg_out"].value
        (0.2, 0.8)
        """
        if any(name in (*part.keys(), *part.provides) for part in self.parts):
            return self
        found = seeing.split(name, self.slots)
        if found is None:
            raise unknown("value of one slot", name, seeing.names(self.slots), f"'{self.name}'")
        part, port = found
        slot = name.removeprefix(f"{port}_")
        if why := self._unseen(part, port, slot):
            raise PartError(f"'{name}': {why}")
        own = seeing.own(name, slot, part.words[port], self._states(port, part))
        made = seeing.see(part, port, own)
        return replace(self, parts=tuple(made if p is part else p for p in self.parts))

    def _unseen(self, part: Component, port: str, slot: str) -> str:
        """Why what fills a slot cannot see another value of a port; empty where it can.

        A part that does not read the port can where others of the slot do, such as the control
        ``none`` among block laws.
        """
        able = seeing.visible(part)
        if port in able:
            return ""
        if port in part.reads | part.provides:
            return f"part '{part.name}' does more to '{port}' than read it"
        plain, root = slot.removesuffix(ending(part.place, part.copy)), part.words[port].root
        if any(plain in p.slots and root in seeing.visible(p) for p in every()):
            return ""
        return f"part '{part.name}' does not read '{port}', but {', '.join(able) or 'nothing'}"

    def _states(self, port: str, part: Component) -> Parameter | None:
        """What a port starts from: what the model states, else its default."""
        return None if self.computed(port) else self.stated(port) or part.words[port].default

    def _kept(
        self, parts: Iterable[Component], new: Component | None = None
    ) -> tuple[Parameter, ...]:
        """What the model states once it has these parts, so that a swap changes nothing unsaid."""
        staying = [p for p in parts if p is not new]
        shared = {p.name: p for p in self.shared}
        ports = PORTS.values() if new is None else (*PORTS.values(), *new.ports)
        for port in (p for p in ports if p.default):
            name = port.name
            before = self.stated(name)
            brought = next((p for p in new.parameters if p.name == name), None) if new else None
            if brought is None:
                if before and not any(name in {q.name for q in p.parameters} for p in staying):
                    shared[name] = before
                continue
            if before and name in _PREPARATION:
                if before.si != brought.si:
                    shared[name] = before
                continue
            shared.pop(name, None)
            old = before or port.default
            readers = [p.name for p in staying if name in p.requires]
            if old and old.si != brought.si and readers and name not in _CELL:
                warnings.warn(
                    f"model '{self.name}': {name} is {brought.value:g} {brought.unit} with "
                    f"'{new.name if new else ''}', in place of {old.value:g} {old.unit}, and "
                    f"{', '.join(readers)} read it too",
                    SharedValueWarning,
                    stacklevel=3,
                )
        return tuple(shared.values())

    def with_values(self, **values: Any) -> Model:
        """A new model with other parameter defaults: display units, or texts with a unit.

        Raises
        ------
        UnknownName, UnitError
            As :meth:`Component.with_values`.
        PartError
            For what a part of the model computes, such as a reversal potential that follows from
            the concentrations.
        """
        parts, shared = self.parts, {p.name: p for p in self.shared}
        read = {n for p in parts for n in p.requires}
        for name, value in values.items():
            if why := self.computed(name):
                raise PartError(why)
            default = PORTS[name].default if name in PORTS and name in read else None
            owners = [p for p in parts if name in {q.name for q in p.parameters}]
            if name in shared or (default and not owners):
                shared[name] = (shared.get(name) or default).set_to(value)  # type: ignore[union-attr]
                continue
            if not owners and seeing.split(name, self.slots):
                made = replace(self, parts=parts).apart(name)
                parts = tuple(made.parts)
                owners = [p for p in parts if name in p]
            if not owners:
                known = {q.name for p in parts for q in p.parameters} | shared.keys()
                known |= set(seeing.names(self.slots))
                raise unknown("parameter", name, known, f"model '{self.name}'")
            parts = tuple(p.with_values(**{name: value}) if p in owners else p for p in parts)
        return replace(self, parts=parts, shared=tuple(shared.values()))

    def named(self, name: str, meaning: str = "") -> Model:
        """The same model under another name."""
        return replace(self, name=name, meaning=meaning or self.meaning)


@dataclass(frozen=True)
class Train:
    """Event times drawn from parameters and a seed; they do not depend on the step.

    A protocol also takes a plain list or array of times in ms in place of one.

    ``times(values, duration, rng)`` gets the parameters by name in display units, the duration in
    ms and a generator, and returns times in ms.
    """

    parameters: tuple[Parameter, ...]
    times: Callable[[Mapping[str, float], float, np.random.Generator], np.ndarray]

    @property
    def listed(self) -> tuple[float, ...]:
        """The times (ms) of a train that was given as plain times; none of any other."""
        return self.times.at if isinstance(self.times, _Listed) else ()


@dataclass(frozen=True)
class _Listed:
    """The same times whatever the parameters and the seed."""

    at: tuple[float, ...]

    def __call__(self, values: Any, duration: float, rng: Any) -> np.ndarray:
        return np.array(self.at)


def train_of(given: Any, what: str) -> Train:
    """A train as it is, or one of plain times (ms, or with a unit).

    Raises
    ------
    PartError
        For what is no list of times.
    """
    if isinstance(given, Train):
        return given
    try:
        times = units.read(given, "ms", "a time")
    except (units.UnitError, TypeError) as error:
        raise PartError(f"{what} are a Train or a list of times in ms; {error}") from None
    if times.ndim != 1 or not np.all(np.isfinite(times)) or np.any(times < 0):
        raise PartError(f"{what} are a Train or a list of times in ms, none before 0")
    return Train((), _Listed(tuple(np.sort(times).tolist())))


#: One end of a measuring window: ms, or an expression in the protocol's parameters.
Edge = float | str


@dataclass(frozen=True)
class Protocol:
    """What is done to a model: stimuli, event trains, changes, how long, and when to measure.

    Two protocols are done together by ``a + b``: it has the stimuli, trains and changes of both,
    lasts as long as the longer one, and measures in the window of ``a``, of which what counts from
    the end counts from the end of the longer.

    Parameters
    ----------
    stimuli : a part with the equations of a stimulus, or several; time is ``t``.
    events : trains by the event that they are of, or plain times in ms; ``"pre"`` is presynaptic
        spikes.
    inputs : events of its own that it sends, to parts that declare them too.
    duration : in ms, or with a unit.
    window : when measures count: two times, each in ms, with a unit or, as a text, an expression
        in the protocol's own parameters, which it follows where they are set or swept:
        ``("step_start", "step_stop")``, ``("train_start + 100*ms", np.inf)``. A number below zero
        counts from the end; what lies outside the run is cut off. All of it by default.
    changes : how parameters of the model change while it runs; see :meth:`changing`.

    Examples
    --------
    >>> import mgsim as mg
    >>> both = mg.protocols["train_20hz"] + mg.protocols["current_step"]
    >>> both.name, sorted(both.events), [part.name for part in both.stimuli]
    ('train_20hz + current_step', ['pre'], ['current_step'])
    """

    name: str
    meaning: str
    duration: float
    stimuli: tuple[Component, ...] = ()
    events: Mapping[str, Train] = field(default_factory=dict)
    window: tuple[Edge, Edge] | None = None
    references: tuple[str, ...] = ()
    inputs: tuple[Event, ...] = ()
    changes: Mapping[str, Change] = field(default_factory=dict)

    def __post_init__(self) -> None:
        what = f"protocol '{self.name}'"
        given: Any = self.stimuli
        stimuli = (given,) if isinstance(given, Component) else tuple(given or ())
        for part in stimuli:
            expect(Component, part, "mgsim.Component('my_stimulus', 'stimulus', ...)")
        object.__setattr__(self, "stimuli", stimuli)
        trains = {n: train_of(x, f"{what}: events '{n}'") for n, x in self.events.items()}
        object.__setattr__(self, "events", trains)
        self._check_events()
        self._check_names()
        object.__setattr__(self, "duration", units.one(self.duration, "ms", f"{what}: duration"))
        if not 0 < self.duration < np.inf:
            raise PartError(f"{what}: duration must be positive, in ms")
        if self.window is not None:
            try:
                start, stop = self.window
            except (TypeError, ValueError):
                raise PartError(
                    f"{what}: a window is (start, stop) in ms, not {self.window!r}"
                ) from None
            object.__setattr__(self, "window", (self._edge(start), self._edge(stop)))
        first, last = self.edges
        if isinstance(first, str) or isinstance(last, str):
            return
        if not 0 <= first < last <= self.duration:
            raise PartError(
                f"protocol '{self.name}': the window {first:g} to {last:g} ms does not "
                f"lie within its duration of {self.duration:g} ms"
            )

    def _check_events(self) -> None:
        """Refuse what is no event, or none that a protocol sends."""
        what = f"protocol '{self.name}'"
        known = events.known(self.inputs, what)
        for event in self.events:
            if event not in known:
                raise unknown("event", event, known, what)
            if not known[event].sent:
                by = events.root(event, known)
                why = f"it sends '{by}', and {event} follows" if by != event else "a part raises it"
                raise PartError(f"{what} sends '{event}' events: {why}")

    def _check_names(self) -> None:
        """Each parameter's name is had once; a train may share one with others."""
        seen: set[str] = set()
        for p in self.parameters:
            if p.name in seen:
                raise PartError(
                    f"protocol '{self.name}' has '{p.name}' ({p.meaning}) twice: each stimulus, "
                    "train and change needs parameters of names of its own"
                )
            seen.add(p.name)

    def __add__(self, other: Protocol) -> Protocol:
        if not isinstance(other, Protocol):
            return NotImplemented
        name = f"{self.name} + {other.name}"
        for kind, mine, theirs in (
            ("events", self.events, other.events),
            ("a change of", self.changes, other.changes),
        ):
            for twice in sorted(mine.keys() & theirs.keys()):
                raise PartError(
                    f"protocol '{name}': both have {kind} '{twice}'; give them in one protocol"
                )
        return Protocol(
            name,
            f"{self.meaning}; and {other.meaning}",
            max(self.duration, other.duration),
            (*self.stimuli, *other.stimuli),
            {**self.events, **other.events},
            self.window,
            tuple(dict.fromkeys((*self.references, *other.references))),
            tuple(dict.fromkeys((*self.inputs, *other.inputs))),
            {**self.changes, **other.changes},
        )

    def changing(self, **changes: Change) -> Protocol:
        """The same protocol, while parameters of the model change.

        Parameters
        ----------
        changes : how, by the name of a parameter of the model: :func:`mgsim.changes.step`,
            ``ramp``, ``wash``, ``steps`` or ``course``. The value that the model, or the run, has
            for the parameter is the one before the change. What it is at each time can be recorded
            as ``<parameter>_now``.

        Raises
        ------
        PartError
            For a parameter that changes already. One that the model lacks is refused with the run.

        Examples
        --------
        >>> import mgsim as mg
        >>> washed = mg.protocols["rest"].changing(
        ...     mg_out=mg.changes.wash("2 mM", start="500 ms", tau="300 ms"))
        >>> ds = mg.simulate(mg.models["tonic"], washed, record=("mg_out_now",))
        >>> ds.mg_out_now.sel(time=[0, 500, 800]).round(4).values.tolist()
        [0.8, 0.8, 1.5585]
        """
        for name, change in changes.items():
            expect(Change, change, "mg.changes.step(2, start=1000)")
            if name in self.changes:
                raise PartError(f"protocol '{self.name}' changes '{name}' already")
        return replace(self, changes={**self.changes, **{n: c.of(n) for n, c in changes.items()}})

    def _edge(self, given: Any) -> Edge:
        """A time in ms, or an expression that has the unit of a time."""
        if not isinstance(given, str) or units.is_amount(given):
            return units.one(given, "ms", f"window of protocol '{self.name}'")
        known = {p.name: units.unit(p.unit).dimension for p in self.parameters}
        for name in sorted(expressions.variables(given) - known.keys()):
            raise unknown("parameter", name, known, f"the window of protocol '{self.name}'")
        if expressions.dimension(given, known) != units.unit("ms").dimension:
            raise PartError(f"protocol '{self.name}': the window '{given}' is no time")
        return given

    def __repr__(self) -> str:
        return f"<Protocol {self.name}, {self.duration:g} ms: {self.meaning}>"

    @property
    def edges(self) -> tuple[Edge, Edge]:
        """Both ends of the window: in ms from the start of the run, or as an expression."""
        start, stop = self.window or (0.0, np.inf)
        if not isinstance(start, str):
            start = max(0.0, self.duration + start) if start < 0 else start
        return start, stop if isinstance(stop, str) else min(stop, self.duration)

    def measured(self) -> tuple[float, float]:
        """Start and stop of the measuring window in ms, at the protocol's own parameters."""
        values = {p.name: p.si for p in self.parameters}
        start, stop = (round(float(edge_at(e, self.duration, values)) * 1e3, 9) for e in self.edges)
        return start, stop

    def lasting(self, duration: Any, window: tuple[Edge, Edge] | None = None) -> Protocol:
        """The same protocol with another duration and, if given, another window.

        Both in ms, or with a unit (``"2 s"``). ``window=(0, np.inf)`` is all of it.

        Raises
        ------
        UnitError
            For what is no time.
        PartError
            For a duration that is not positive, or a window outside it.

        Examples
        --------
        >>> import numpy as np, mgsim as mg
        >>> mg.protocols["rest"].lasting(2000, (0, np.inf)).measured()
        (0.0, 2000.0)
        >>> mg.protocols["current_step"].lasting(2000).measured()
        (300.0, 700.0)
        """
        return replace(self, duration=duration, window=self.window if window is None else window)

    def __getitem__(self, name: str) -> Parameter:
        return pick(self.parameters, name, f"protocol '{self.name}'")

    def with_values(self, **values: Any) -> Protocol:
        """A new protocol with other parameter defaults: display units, or texts with a unit.

        Raises
        ------
        UnknownName, UnitError
            As :meth:`Component.with_values`.
        """
        stimuli, trains, changes = self.stimuli, dict(self.events), dict(self.changes)
        for name, value in values.items():
            if not any(name in c.values for c in changes.values()):
                self[name]
            stimuli = tuple(
                s.with_values(**{name: value}) if name in {p.name for p in s.parameters} else s
                for s in stimuli
            )
            changes = {n: c.with_value(name, value) for n, c in changes.items()}
            trains = {
                key: replace(
                    train,
                    parameters=tuple(
                        p.set_to(value) if p.name == name else p for p in train.parameters
                    ),
                )
                for key, train in trains.items()
            }
        return replace(self, stimuli=stimuli, events=trains, changes=changes)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        stimuli = [p for part in self.stimuli for p in part.parameters]
        trained = dict.fromkeys(p for train in self.events.values() for p in train.parameters)
        trains = [p for p in trained if p not in stimuli]
        changes = [p for change in self.changes.values() for p in change.times]
        return (*stimuli, *trains, *changes)


def edge_at(edge: Edge, duration: float, values: Mapping[str, Any]) -> np.ndarray:
    """One end of a window in seconds, cut to a run of ``duration`` ms; ``values`` in SI."""
    at = expressions.evaluate(edge, values) if isinstance(edge, str) else edge * 1e-3
    return np.clip(at, 0.0, duration * 1e-3)


@dataclass(frozen=True)
class Measure:
    """A number kept per run, found while it runs, or one that follows from others.

    Give exactly one of the five ways.

    Parameters
    ----------
    rate : an expression whose time integral over the window is the measure; solved by the
        integrator as a state, so it has the integrator's order.
    peak : an expression whose largest value in the window, at the ends of steps and just after
        events, is the measure; NaN where the window never comes.
    on : statements by event, ``{"spike": "n_last = t_spike"}``, at each one in the window. They
        read what the event carries (:data:`mgsim.events.EVENTS`), and what the measures in
        ``needs`` held before it.
    every_step : statements at each substep in the window; ``dt`` in them is its width.
    value : an expression in the measures in ``needs``, evaluated at the end of the run.
    needs : other measures that it reads. They are kept too, and shown where they are asked for.
    parameters : numbers that the expressions need, such as a level; each can be an axis.
    initial : start value, in ``unit``.
    defined : a condition on the measures in ``needs``; where it does not hold at the end of the
        run, or one that is read is not defined itself, the measure is NaN.
    undefined : what that means, in words: ``"no spike in the window"``.

    Examples
    --------
    >>> import mgsim as mg
    >>> mean = mg.Measure("mean_interval", "ms", "mean interval of spikes",
    ...     value="(last_spike_time - first_spike_time)/(spike_count - 1)",
    ...     needs=tuple(mg.measures[n] for n in
    ...                 ("last_spike_time", "first_spike_time", "spike_count")),
    ...     defined="spike_count > 1", undefined="fewer than two spikes in the window")
    >>> ds = mg.sweep(mg.models["cell"], mg.protocols["current_step"], mean)
    >>> list(ds.data_vars)[0]
    'mean_interval'
    """

    name: str
    unit: str
    meaning: str
    rate: str | None = None
    peak: str | None = None
    on: Mapping[str, str] = field(default_factory=dict)
    every_step: str | None = None
    value: str | None = None
    needs: tuple[Measure, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    initial: float = 0.0
    defined: str | None = None
    undefined: str = ""

    def __post_init__(self) -> None:
        what = f"measure '{self.name}'"
        check_name(self.name, "measure")
        object.__setattr__(self, "initial", units.one(self.initial, self.unit, self.name))
        ways = [w for w in (self.rate, self.peak, self.every_step, self.value) if w is not None]
        if len(ways) + bool(self.on) != 1:
            raise PartError(f"{what}: give exactly one of rate, peak, on, every_step, value")
        for text in (*self.on.values(), self.every_step or ""):
            for statement in read_statements(text):
                if statement.name != self.name:
                    raise PartError(f"{what} may not change '{statement.name}'")
        names = [m.name for m in self.needs]
        if len({*names, self.name}) <= len(names):
            raise PartError(f"{what} needs a measure twice, or itself")
        if (self.defined is None) != (not self.undefined):
            raise PartError(f"{what}: 'defined' is a condition, 'undefined' what it means in words")
        self._check_result()

    def _check_result(self) -> None:
        """Refuse what is evaluated at the end where it reads others, or its unit does not fit."""
        what = f"measure '{self.name}'"
        known = {m.name: m.unit for m in self.needs} | {p.name: p.unit for p in WINDOW}
        known |= {p.name: p.unit for m in self.behind for p in m.parameters}
        if self.value is None:
            known[self.name] = self.unit
        of = {n: units.unit(u).dimension for n, u in known.items()}
        for text, unit in ((self.value, self.unit), (self.defined, "1")):
            if text is None:
                continue
            for name in sorted(expressions.names(text) - known.keys()):
                if not expressions.is_known(name) or name in ("t", "dt"):
                    raise unknown("measure that it needs", name, known, what)
            expressions.check_unit(text, unit, of, what)
        if self.defined is not None and not expressions.is_condition(self.defined):
            raise PartError(f"{what}: '{self.defined}' is no condition, such as spike_count > 0")
        own = (*self.on.values(), self.every_step or "")
        read = frozenset().union(
            *(expressions.names(s.right) for t in own for s in read_statements(t))
        )
        for m in self.needs:
            if m.value is not None and m.name in read:
                raise PartError(f"{what} reads '{m.name}' in a run, which is there at its end only")

    def __repr__(self) -> str:
        return f"<Measure {self.name} [{self.unit}]: {self.meaning}>"

    def at(self, place: str = "", *, copy: str = "") -> Measure:
        """The same measure at a place, or of a copy of receptors: ``peak_v_spine``.

        Raises
        ------
        PartError
            For a word that is no name, and a measure of spikes, which are the whole model's.

        Examples
        --------
        >>> import mgsim as mg
        >>> mg.measures["peak_ca"].at("spine").peak
        'ca_spine'
        """
        if place and copy:
            return self.at(copy=copy).at(place)
        word = place or copy
        check_word(word, "copy" if copy else "place")
        if any("spike" in m.on for m in self.behind):
            raise PartError(f"measure '{self.name}' is of spikes, which no place has of its own")
        said = [self.rate, self.peak, self.value, self.defined]
        said += [s.right for event in (None, *self.on) for s in self.statements(event)]
        own = {self.name, *(p.name for m in self.behind for p in m.parameters)}
        read = own.union(*(expressions.variables(text) for text in said if text))
        carried = {p.name for event in EVENTS.values() for p in event.carries}
        by = {
            n: PORTS[n].at(place, copy=copy).name if n in PORTS else f"{n}_{word}"
            for n in read - carried - {p.name for p in WINDOW}
        }

        def there(text: str | None) -> str | None:
            return text and expressions.substitute(text, by)

        return replace(
            self,
            name=by[self.name],
            meaning=f"{self.meaning} ({word})",
            rate=there(self.rate),
            peak=there(self.peak),
            on={event: renamed(text, by) for event, text in self.on.items()},
            every_step=self.every_step and renamed(self.every_step, by),
            value=there(self.value),
            defined=there(self.defined),
            needs=tuple(m.at(place, copy=copy) for m in self.needs),
            parameters=tuple(p.at(word) for p in self.parameters),
        )

    @property
    def behind(self) -> tuple[Measure, ...]:
        """The measure itself and all that it needs, and those need."""
        return tuple(
            {m.name: m for m in (self, *(x for n in self.needs for x in n.behind))}.values()
        )

    def statements(self, event: str | None = None) -> tuple[Statement, ...]:
        """What it does on an event, or at each step."""
        return read_statements((self.every_step if event is None else self.on.get(event)) or "")

    def renamed(self, names: Mapping[str, str]) -> Measure:
        """The same measure of variables of other names."""
        word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")

        def text(old: str) -> str:
            return word.sub(lambda m: names[m[1]], old)

        ways = ("rate", "peak", "every_step")
        texts: dict[str, Any] = {w: text(getattr(self, w)) for w in ways if getattr(self, w)}
        return replace(self, on={e: text(t) for e, t in self.on.items()}, **texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """The expressions that the measure reads in a run."""
        rights = [s.right for event in (None, *self.on) for s in self.statements(event)]
        return tuple(t for t in (self.rate, self.peak, *rights) if t is not None)


def kept(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures that a run has to keep for those that are asked for.

    One whose statements read another comes before it, and so reads what that held before the event.

    Raises
    ------
    PartError
        For two different ones of one name.
    """
    found: dict[str, Measure] = {}
    for m in (b for measure in measures for b in measure.behind):
        if found.setdefault(m.name, m) != m:
            raise PartError(f"two different measures are called '{m.name}'")
    running = [m for m in found.values() if m.value is None]
    order: dict[str, Measure] = {}

    def place(m: Measure) -> None:
        for other in running:
            if other is not m and m.name in {n for t in other.texts for n in expressions.names(t)}:
                place(other)
        order.setdefault(m.name, m)

    for m in running:
        place(m)
    return tuple(order.values())
