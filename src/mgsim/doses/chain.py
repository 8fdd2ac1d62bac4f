"""The stages as one linear system, solved exactly from event to event by matrix exponentials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from mgsim.declare.component import Component
from mgsim.doses.given import Given
from mgsim.equations import expressions
from mgsim.units import UnitError, unit

Array = np.ndarray
_HOUR = 3600.0
#: Where each route comes in: the state, and what part of the amount does.
_ENTRY = {"vein": ("mg_central", ""), "muscle": ("mg_depot", "im_fraction")}
_INPUT = "mg_infusion"
#: The norm to which a matrix is scaled, and the terms of the series that leave 1e-18 there.
_NEAR, _TERMS = 0.5, 14


def join(stages: Sequence[Component]) -> Component:
    """Stages side by side as one part, whose units are checked together."""
    known = {p.name: p for s in stages for p in s.parameters}
    computed = {n for s in stages for n in s.provides}
    return Component(
        name="body",
        slot="body",
        meaning="from a dose to the fluid of the brain",
        equations="\n".join(s.equations for s in stages),
        parameters=tuple(p for p in known.values() if p.name not in computed),
        references=tuple(dict.fromkeys(k for s in stages for k in s.references)),
    )


class Chain:
    """Linear stages with parameters of n people.

    Parameters
    ----------
    body : of :func:`join`.
    values : each parameter in its own unit, a number a person.
    """

    def __init__(self, body: Component, values: Mapping[str, Array]) -> None:
        self.body = body
        self.n = max(len(v) for v in values.values())
        self.si = {
            p.name: np.broadcast_to(values[p.name], self.n) * unit(p.unit).factor
            for p in body.parameters
        }
        self.states = [e.name for e in body.lines if e.differential]
        self._definitions = {e.name: e.text for e in body.lines if not e.differential}
        self._rates = [e.text for e in body.lines if e.differential]
        self._unit = {e.name: unit(e.unit).factor for e in body.lines}

    def rates(self, states: Array, **held: Array) -> Array:
        """The time derivative of states (people, states), all in SI."""
        found = self._read(states, held)
        return np.stack(
            [np.broadcast_to(found(text), states.shape[:-1]) for text in self._rates], axis=-1
        )

    def value(self, name: str, states: Array) -> Array:
        """An algebraic variable in its own unit; ``states`` (..., people, states) in SI."""
        found = self._read(states, {})(name)
        return np.broadcast_to(found, states.shape[:-1]) / self._unit[name]

    def _read(self, states: Array, held: Mapping[str, Array]):  # type: ignore[no-untyped-def]
        values = {**self.si, **{n: states[..., i] for i, n in enumerate(self.states)}, **held}
        return expressions.follow(
            {n: t for n, t in self._definitions.items() if n not in values}, values
        )

    def matrices(self) -> tuple[Array, Array]:
        """``A`` (people, states, states) and ``b`` (people, states): rates = A x + b infusion."""
        none = np.zeros((self.n, len(self.states)))
        still = self.rates(none, **{_INPUT: np.zeros(self.n)})
        columns = [
            self.rates(none + np.eye(len(self.states))[i], **{_INPUT: np.zeros(self.n)}) - still
            for i in range(len(self.states))
        ]
        return np.stack(columns, axis=-1), self.rates(none, **{_INPUT: np.ones(self.n)}) - still

    def at(self, given: Sequence[Given], hours: Sequence[float]) -> Array:
        """States (times, people, states) in SI at times in hours; exact up to rounding.

        At the moment of an injection it is what was there just before it.
        """
        matrix, infused = self.matrices()
        size = len(self.states)
        edges = {*hours, 0.0}
        for one in given:
            edges |= {one.start, one.start + one.hours}
        last = max(hours)
        order = sorted(e for e in edges if e <= last)
        now = np.zeros((self.n, size))
        found: dict[float, Array] = {}
        grown: dict[tuple[float, float], Array] = {}
        for start, end in zip(order, [*order[1:], None], strict=True):
            found[start] = now.copy()
            if end is None:
                break
            for one in given:
                if one.start == start and one.hours == 0:
                    now = now + self._jump(one)
            runs = sum(g.rate for g in given if g.start <= start < g.start + g.hours)
            # Steps of one length, but for rounding, share an exponential.
            step = round((end - start) * _HOUR, 9), runs
            if step not in grown:
                grown[step] = _grown(matrix, infused * (runs * 1e-3 / _HOUR), step[0])
            now = _carried(grown[step], now)
        return np.stack([found[t] for t in hours])

    def _jump(self, one: Given) -> Array:
        state, part = _ENTRY[one.route]
        amount = np.full(self.n, one.mmol * 1e-3)
        if part:
            amount = amount * self.si[part]
        found = np.zeros((self.n, len(self.states)))
        found[:, self.states.index(state)] = amount
        return found

    def held(self, serum_rise: Array, hours: Sequence[float]) -> Array:
        """States (times, people, states) in SI while serum stays higher by so many mM.

        An infinite time is that at which all has settled.

        Raises
        ------
        UnitError
            For what never settles; it names the parameter whose 0 is why.
        """
        rise = np.broadcast_to(serum_rise, self.n) * unit("mM").factor
        behind = [i for i, n in enumerate(self.states) if not n.startswith("mg_")]
        none = np.zeros((self.n, len(self.states)))
        for state, volume in (("mg_central", "v_central"), ("mg_peripheral", "v_peripheral")):
            if state in self.states:
                none[:, self.states.index(state)] = rise * self.si[volume]
        given = {"serum_rise": rise, _INPUT: np.zeros(self.n)}
        still = self.rates(none, **given)
        matrix = np.stack(
            [self.rates(none + np.eye(len(self.states))[i], **given) - still for i in behind],
            axis=-1,
        )[:, behind]
        if np.isinf(hours).any():
            for place, i in enumerate(behind):
                if not np.all(matrix[:, place, place]):
                    raise self._never_settles(i, none, given)
        found = np.repeat(none[None], len(hours), axis=0)
        for place, time in enumerate(hours):
            found[place][:, behind] = (
                np.linalg.solve(matrix, -still[:, behind, None])[..., 0]
                if np.isinf(time)
                else _carried(_grown(matrix, still[:, behind], time * _HOUR), none[:, behind])
            )
        return found

    def _never_settles(self, i: int, none: Array, given: Mapping[str, Array]) -> UnitError:
        """The error for a state that does not leave by itself, with the parameters that are why."""
        one = none + np.eye(len(self.states))[i]

        def leaves(held: Mapping[str, Array]) -> bool:
            away = (self.rates(one, **held) - self.rates(none, **held))[:, i]
            return bool(np.all(away))

        why = [
            n
            for n in sorted(expressions.behind([self._rates[i]], self._definitions))
            if n in self.si
            and not np.all(self.si[n])
            and leaves({**given, n: np.where(self.si[n] == 0, 1.0, self.si[n])})
        ]
        words = " and ".join(f"{n} = 0" for n in why) or self.body.name
        return UnitError(f"{words}: {self.states[i]} would never settle; give a value above 0")


def _grown(matrix: Array, constant: Array, seconds: float) -> Array:
    """The exponential that carries dx/dt = A x + c over a time, with c as a last column."""
    n, size = constant.shape
    whole = np.zeros((n, size + 1, size + 1))
    whole[:, :size, :size] = matrix * seconds
    whole[:, :size, size] = constant * seconds
    return _exponential(whole)


def _exponential(matrices: Array) -> Array:
    """The exponentials of a stack of small matrices: scaled, by their series, and squared again.

    All at once, which for small matrices is some hundred times as fast as one by one.
    """
    norm = float(np.abs(matrices).sum(axis=-2).max(initial=0.0))
    halvings = max(0, math.ceil(math.log2(norm / _NEAR))) if norm > 0 else 0
    small = matrices / 2.0**halvings
    found = term = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape)
    for k in range(1, _TERMS + 1):
        term = term @ small / k
        found = found + term
    for _ in range(halvings):
        found = found @ found
    return found


def _carried(grown: Array, now: Array) -> Array:
    """What :func:`_grown` makes of states."""
    size = now.shape[1]
    found: Array = np.einsum("nij,nj->ni", grown[:, :size, :size], now) + grown[:, :size, size]
    return found
