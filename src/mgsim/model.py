"""What a user composes: models of parts, protocols, measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalog import expect, unknown
from mgsim.component import Component, Parameter, PartError, check_name, pick
from mgsim.equations import read_statements


@dataclass(frozen=True)
class Model:
    """Parts that together close a set of equations. No slot is compulsory.

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

    def __post_init__(self) -> None:
        taken: dict[str, str] = {}
        for part in self.parts:
            for slot in part.slots:
                if slot in taken:
                    raise PartError(f"model '{self.name}': '{taken[slot]}' and '{part.name}' both "
                                    f"fill the slot '{slot}'; use swap() to replace one")
                taken[slot] = part.name

    def __repr__(self) -> str:
        parts = ", ".join(f"{' and '.join(p.slots)} {p.name}" for p in self.parts)
        return f"<Model {self.name}: {parts}>"

    @property
    def slots(self) -> dict[str, Component]:
        return {slot: part for part in self.parts for slot in part.slots}

    def __getitem__(self, slot: str) -> Component:
        if slot not in self.slots:
            raise unknown("slot", slot, self.slots, f"model '{self.name}'")
        return self.slots[slot]

    def swap(self, part: Component) -> Model:
        """A new model with ``part`` in its slot; parts that it replaces are gone.

        Raises
        ------
        TypeError
            For a name or a module in place of a part.
        """
        part = expect(Component, part, "mg.blocks['kampa_2004']")
        kept = [p for p in self.parts if not set(p.slots) & set(part.slots)]
        gone = [i for i, p in enumerate(self.parts) if set(p.slots) & set(part.slots)]
        kept.insert(gone[0] if gone else len(kept), part)
        return replace(self, parts=tuple(kept))

    def without(self, slot: str) -> Model:
        """A new model with nothing in ``slot``.

        Raises
        ------
        UnknownName
            For a slot that the model does not have.
        """
        removed = self[slot]
        return replace(self, parts=tuple(p for p in self.parts if p is not removed))

    def with_values(self, **values: Any) -> Model:
        """A new model with other parameter defaults: display units, or texts with a unit.

        Raises
        ------
        UnknownName, UnitError
            As :meth:`Component.with_values`.
        """
        parts = self.parts
        for name, value in values.items():
            owners = [p for p in parts if name in {q.name for q in p.parameters}]
            if not owners:
                known = {q.name for p in parts for q in p.parameters}
                raise unknown("parameter", name, known, f"model '{self.name}'")
            parts = tuple(p.with_values(**{name: value}) if p in owners else p for p in parts)
        return replace(self, parts=parts)

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


@dataclass(frozen=True)
class Protocol:
    """What is done to a model: a stimulus, event trains, how long, and when to measure.

    Parameters
    ----------
    stimulus : a part with the equations of the stimulus; time is ``t``.
    events : trains by input name; ``"pre"`` is presynaptic spikes.
    duration : in ms, or with a unit.
    window : when measures count, likewise; a negative start counts from the end, a stop after the
        end is the end. All of it by default.
    """

    name: str
    meaning: str
    duration: float
    stimulus: Component | None = None
    events: Mapping[str, Train] = field(default_factory=dict)
    window: tuple[float, float] | None = None
    references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        what = f"protocol '{self.name}'"
        object.__setattr__(self, "duration", units.one(self.duration, "ms", f"{what}: duration"))
        if self.window is not None:
            window = units.read(self.window, "ms", f"{what}: window")
            if window.shape != (2,):
                raise PartError(f"{what}: a window is (start, stop) in ms, not {self.window!r}")
            object.__setattr__(self, "window", tuple(window.tolist()))
        if not 0 < self.duration < np.inf:
            raise PartError(f"protocol '{self.name}': duration must be positive, in ms")
        start, stop = self.measured()
        if not 0 <= start < stop <= self.duration:
            raise PartError(f"protocol '{self.name}': the window {start:g} to {stop:g} ms does not "
                            f"lie within its duration of {self.duration:g} ms")

    def __repr__(self) -> str:
        return f"<Protocol {self.name}, {self.duration:g} ms: {self.meaning}>"

    def measured(self) -> tuple[float, float]:
        """Start and stop of the measuring window in ms."""
        if self.window is None:
            return 0.0, self.duration
        start, stop = self.window
        first = max(0.0, self.duration + start) if start < 0 else start
        return first, min(stop, self.duration)

    def lasting(self, duration: Any, window: Any = None) -> Protocol:
        """The same protocol with another duration and, if given, another window.

        Both in ms, or with a unit (``"2 s"``). ``window=(0, np.inf)`` is all of it.

        Examples
        --------
        >>> import numpy as np, mgsim as mg
        >>> mg.protocols["rest"].lasting(2000, (0, np.inf)).measured()
        (0.0, 2000.0)
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
                key: replace(train, parameters=tuple(
                    p.set_to(value) if p.name == name else p
                    for p in train.parameters))
                for key, train in events.items()
            }
        return replace(self, stimulus=stimulus, events=events)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        trains = [p for train in self.events.values() for p in train.parameters]
        return (*(self.stimulus.parameters if self.stimulus else ()), *trains)


@dataclass(frozen=True)
class Measure:
    """A number kept per run, found while it runs. Give exactly one of the four ways.

    Parameters
    ----------
    rate : an expression whose time integral over the window is the measure; solved by the
        integrator as a state, so it has the integrator's order.
    peak : an expression whose largest value in the window is the measure; NaN where no step ended
        in the window.
    on_spike : statements at each spike; ``t_spike`` is its interpolated time.
    every_step : statements at each step in the window.
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
            raise PartError(f"measure '{self.name}': give exactly one of rate, peak, on_spike, "
                            "every_step")
        for statement in self.statements:
            if statement.name != self.name:
                raise PartError(f"measure '{self.name}' may not change '{statement.name}'")

    def __repr__(self) -> str:
        return f"<Measure {self.name} [{self.unit}]: {self.meaning}>"

    @property
    def statements(self) -> tuple[Any, ...]:
        return read_statements(self.on_spike or self.every_step or "")

    @property
    def texts(self) -> tuple[str, ...]:
        """The expressions that the measure reads."""
        if self.statements:
            return tuple(s.right for s in self.statements)
        return (self.rate or self.peak or "",)
