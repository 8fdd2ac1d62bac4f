"""What a user composes: models of parts, protocols, measures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import expressions, units
from mgsim.catalog import expect, unknown
from mgsim.component import Component
from mgsim.equations import read_statements, renamed
from mgsim.parameter import Parameter, PartError, check_name, check_word, pick
from mgsim.ports import PORTS

#: Of the preparation, one for all parts: a swap leaves it as the model has it.
_PREPARATION = {"celsius"}
#: What the expressions of a measure may read of the run.
_OF_THE_RUN = {"window_start", "window_stop", "t_spike"}
#: Of the cell: who swaps the cell means its membrane.
_CELL = {"area"}


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

    def __repr__(self) -> str:
        parts = ", ".join(f"{' and '.join(p.slots)} {p.name}" for p in self.parts)
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
        """
        parts, shared = self.parts, {p.name: p for p in self.shared}
        read = {n for p in parts for n in p.requires}
        for name, value in values.items():
            default = PORTS[name].default if name in PORTS and name in read else None
            owners = [p for p in parts if name in {q.name for q in p.parameters}]
            if name in shared or (default and not owners):
                shared[name] = (shared.get(name) or default).set_to(value)  # type: ignore[union-attr]
                continue
            if not owners:
                known = {q.name for p in parts for q in p.parameters} | shared.keys()
                raise unknown("parameter", name, known, f"model '{self.name}'")
            parts = tuple(p.with_values(**{name: value}) if p in owners else p for p in parts)
        return replace(self, parts=parts, shared=tuple(shared.values()))

    def named(self, name: str, meaning: str = "") -> Model:
        """The same model under another name."""
        return replace(self, name=name, meaning=meaning or self.meaning)


@dataclass(frozen=True)
class Train:
    """Event times drawn from parameters and a seed; they do not depend on the step.

    ``times(values, duration, rng)`` gets the parameters by name in display units, the duration in
    ms and a generator, and returns times in ms.
    """

    parameters: tuple[Parameter, ...]
    times: Callable[[Mapping[str, float], float, np.random.Generator], np.ndarray]


#: One end of a measuring window: ms, or an expression in the protocol's parameters.
Edge = float | str


@dataclass(frozen=True)
class Protocol:
    """What is done to a model: a stimulus, event trains, how long, and when to measure.

    Parameters
    ----------
    stimulus : a part with the equations of the stimulus; time is ``t``.
    events : trains by input name; ``"pre"`` is presynaptic spikes.
    duration : in ms, or with a unit.
    window : when measures count: two times, each in ms, with a unit or, as a text, an expression
        in the protocol's own parameters, which it follows where they are set or swept:
        ``("step_start", "step_stop")``, ``("train_start + 100*ms", np.inf)``. A number below zero
        counts from the end; what lies outside the run is cut off. All of it by default.
    """

    name: str
    meaning: str
    duration: float
    stimulus: Component | None = None
    events: Mapping[str, Train] = field(default_factory=dict)
    window: tuple[Edge, Edge] | None = None
    references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        what = f"protocol '{self.name}'"
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
        stimulus, events = self.stimulus, dict(self.events)
        for name, value in values.items():
            self[name]
            if stimulus and name in {p.name for p in stimulus.parameters}:
                stimulus = stimulus.with_values(**{name: value})
            events = {
                key: replace(
                    train,
                    parameters=tuple(
                        p.set_to(value) if p.name == name else p for p in train.parameters
                    ),
                )
                for key, train in events.items()
            }
        return replace(self, stimulus=stimulus, events=events)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        trains = [p for train in self.events.values() for p in train.parameters]
        return (*(self.stimulus.parameters if self.stimulus else ()), *trains)


def edge_at(edge: Edge, duration: float, values: Mapping[str, Any]) -> np.ndarray:
    """One end of a window in seconds, cut to a run of ``duration`` ms; ``values`` in SI."""
    at = expressions.evaluate(edge, values) if isinstance(edge, str) else edge * 1e-3
    return np.clip(at, 0.0, duration * 1e-3)


@dataclass(frozen=True)
class Measure:
    """A number kept per run, found while it runs. Give exactly one of the four ways.

    Parameters
    ----------
    rate : an expression whose time integral over the window is the measure; solved by the
        integrator as a state, so it has the integrator's order.
    peak : an expression whose largest value in the window is the measure; NaN where the
        window never comes.
    on_spike : statements at each spike; ``t_spike`` is its interpolated time.
    every_step : statements at each substep in the window; ``dt`` in them is its width.
    parameters : numbers that the expressions need, such as a level; each can be an axis.
    initial : start value, in ``unit``.
    undefined_below : a final value below this becomes NaN (a time that never came).
    """

    name: str
    unit: str
    meaning: str
    rate: str | None = None
    peak: str | None = None
    on_spike: str | None = None
    every_step: str | None = None
    parameters: tuple[Parameter, ...] = ()
    initial: float = 0.0
    undefined_below: float | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "measure")
        object.__setattr__(self, "initial", units.one(self.initial, self.unit, self.name))
        if self.undefined_below is not None:
            below = units.one(self.undefined_below, self.unit, self.name)
            object.__setattr__(self, "undefined_below", below)
        ways = [w for w in (self.rate, self.peak, self.on_spike, self.every_step) if w is not None]
        if len(ways) != 1:
            raise PartError(
                f"measure '{self.name}': give exactly one of rate, peak, on_spike, every_step"
            )
        for statement in self.statements:
            if statement.name != self.name:
                raise PartError(f"measure '{self.name}' may not change '{statement.name}'")

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
        if self.on_spike:
            raise PartError(f"measure '{self.name}' is of spikes, which no place has of its own")
        own = {self.name, *(p.name for p in self.parameters)}
        read = frozenset().union(*(expressions.variables(t) for t in self.texts)) | own
        by = {
            n: PORTS[n].at(place, copy=copy).name if n in PORTS else f"{n}_{word}"
            for n in read - _OF_THE_RUN
        }

        def there(text: str | None) -> str | None:
            return text and expressions.substitute(text, by)

        return replace(
            self,
            name=by[self.name],
            meaning=f"{self.meaning} ({word})",
            rate=there(self.rate),
            peak=there(self.peak),
            every_step=self.every_step and renamed(self.every_step, by),
            parameters=tuple(p.at(word) for p in self.parameters),
        )

    @property
    def statements(self) -> tuple[Any, ...]:
        return read_statements(self.on_spike or self.every_step or "")

    @property
    def texts(self) -> tuple[str, ...]:
        """The expressions that the measure reads."""
        if self.statements:
            return tuple(s.right for s in self.statements)
        return (self.rate or self.peak or "",)
