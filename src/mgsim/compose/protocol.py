"""What is done to a model: stimuli, trains of events, changes, how long, and when to measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import expect, unknown
from mgsim.declare import events
from mgsim.declare.changes import Change
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import Parameter, PartError, pick
from mgsim.declare.window import Edge, edge_at
from mgsim.equations import dimensions, expressions


@dataclass(frozen=True)
class Train:
    """Event times drawn from parameters and a seed; they do not depend on the step.

    A protocol also takes a plain list or array of times in ms in place of one.

    ``times(values, duration, rng)`` gets the parameters by name in display units, the duration in
    ms and a generator, and returns times in ms.

    ``goes_on``: in a run that goes on from another (``start=``) the times are those that the run in
    one would have from there on, while the parameters are the same; of these, ``<name>_start`` and
    ``<name>_stop`` in ms count from the start of each run. What comes before a time must not depend
    on the duration. Any other train begins anew with each run, and its generator is another's.
    """

    parameters: tuple[Parameter, ...]
    times: Callable[[Mapping[str, float], float, np.random.Generator], np.ndarray]
    goes_on: bool = False

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
        changes : how, by the name of a parameter of the model: :func:`mgsim.declare.changes.step`,
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
        if dimensions.dimension(given, known) != units.unit("ms").dimension:
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
