"""A request: everything that a run needs, resolved; the values, trains and window of its points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.compose.finding import unmarked
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.changes import RECORDING, check_order
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import PORTS
from mgsim.declare.priors import Prior
from mgsim.declare.window import RUN_START, WINDOW, Edge, edge_at
from mgsim.engines.contract import Batch, Trains
from mgsim.equations import expressions
from mgsim.sweeps import derived, designs
from mgsim.sweeps.designs import AxisError, Design
from mgsim.sweeps.search import Search
from mgsim.sweeps.start import Kept, Sent, Start, kept, told
from mgsim.sweeps.trains import (
    BEGAN,
    NUMBER,
    RUN,
    THEN,
    TOLD,
    Course,
    carried,
    chances,
    named,
    times,
)
from mgsim.system.lowering import System

#: Points at most whose values and windows are tried before a run.
MOST_TRIED = 1_000_000


@dataclass(frozen=True)
class Variant:
    """One system of a request: its labels on the string axes, its model, and what its arm sets.

    ``parts``: the names of parts and models that its arm chooses; ``rules``: of values that are
    neither an axis nor fixed, see :mod:`mgsim.sweeps.derived`.
    """

    labels: Mapping[str, Any]
    model: Model
    system: System
    arm: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    rules: derived.Rules = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """Everything that a run needs, resolved.

    ``design`` says which points, in display units; ``fixed`` holds the values given as single
    numbers; ``variants`` one system for each combination of labels; ``labelled`` the axes of
    labels. ``start``: where points begin, if not where the model says. ``keep_state``: the end of
    each point is kept.
    """

    protocol: Protocol
    variants: tuple[Variant, ...]
    design: Design
    fixed: Mapping[str, float]
    labelled: tuple[str, ...]
    seed: int
    search: Search | None = None
    unit_of: Mapping[str, str] = field(default_factory=dict)
    start: Start | None = None
    keep_state: bool = False

    @property
    def origin(self) -> float:
        """When the run begins, in ms on the clock of the first."""
        return self.start.origin if self.start else 0.0

    @property
    def axes(self) -> Mapping[str, Any]:
        return self.design.axes

    @property
    def size(self) -> int:
        return designs.size(self.design)

    def parameters(self, variant: Variant) -> dict[str, Parameter]:
        """Every parameter of a variant, those of its event trains among them."""
        own = {p.name: p for p in variant.system.parameters}
        window = {p.name for p in (*WINDOW, RUN_START)}
        trains = {p.name: p for t in self.protocol.events.values() for p in t.parameters}
        return {n: p for n, p in {**own, **trains}.items() if n not in window}

    @property
    def ends(self) -> tuple[Kept, ...]:
        """The states whose end is kept."""
        if not self.keep_state:
            return ()
        return kept(
            [(v.model, v.system) for v in self.variants],
            self.protocol.stimuli,
            self.origin + self.protocol.duration,
            self.sent,
            self.runs + 1,
        )

    @property
    def runs(self) -> int:
        """How many runs have been before."""
        return self.start.runs if self.start else 0

    @property
    def sent(self) -> dict[str, Sent]:
        """What the end of the run is to tell of trains, by event, those of earlier runs too."""
        found = dict((self.start and self.start.sent) or {})
        for event, train in self.protocol.events.items():
            if train.goes_on:
                lasting = {f"{n}{THEN}": unit for n, unit in carried(train).items()}
                found[event] = Sent({**TOLD, **lasting}, named(train))
            else:
                found.setdefault(event, Sent({NUMBER: TOLD[NUMBER]}))
        return found

    @property
    def measures(self) -> tuple[Measure | Kept, ...]:
        """What is kept of each point: the threshold, where one is looked for."""
        if self.search is None:
            return (*self.variants[0].system.asked, *self.ends)
        p = self.parameters(self.variants[0])[self.search.axis]
        return (self.search.found(p),)

    @property
    def priors(self) -> dict[str, Prior]:
        return {n: x for n, x in self.axes.items() if isinstance(x, Prior)}

    def values(
        self, variant: Variant, swept: Mapping[str, np.ndarray], names: Iterable[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Parameters of a variant, all or some, in display units, at some values of the axes."""
        own = self.parameters(variant)
        wanted = own.keys() if names is None else set(names) & own.keys()
        needed = derived.behind(wanted, variant.rules)
        base = {n: np.asarray(self.fixed.get(n, own[n].value), dtype=float) for n in wanted}
        numbers = {n: x for n, x in swept.items() if n in needed and n not in self.labelled}
        base |= {n: np.asarray(x, dtype=float) for n, x in numbers.items()}
        rules = {n: rule for n, rule in variant.rules.items() if n in needed}
        found = derived.work_out(rules, self.unit_of, base)
        return {n: found[n] for n in own if n in wanted}

    def tried(self, variant: Variant, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Values of some parameters of a variant, at all points that tell them apart.

        Of more points than can be tried, the first and some spread over all.
        """
        names = tuple(names)
        own = designs.along(self.design, derived.behind(names, variant.rules))
        size = designs.size(own)
        points = np.arange(min(size, MOST_TRIED))
        if size > MOST_TRIED:
            more = np.linspace(0, size - 1, MOST_TRIED).astype(np.int64)
            points = np.unique(np.concatenate([points, more]))
        return self.values(variant, own.columns(points), names)

    def ruled(self, variant: Variant) -> list[str]:
        """Parameters of a variant that are drawn, worked out or set by its arm."""
        names = {**self.priors, **variant.rules}
        return [n for n in names if n in self.parameters(variant)]

    def extrapolations(self, *, asked: bool = False) -> list[str]:
        """Inputs outside the range in which a part was measured, in words, each once.

        ``asked``: those alone that were given, not defaults.
        """
        found: dict[str, None] = {}
        for variant in self.variants:
            # What a part states counts even where no equation reads it, as a cell's temperature.
            stated = {p.name: p.value for part in variant.model.parts for p in part.parameters}
            stated |= {p.name: p.value for p in variant.model.shared}
            stated |= {n: p.value for n, p in self.parameters(variant).items()}
            ruled = self.tried(variant, self.ruled(variant))
            for part in variant.model.parts:
                for span in part.measured:
                    name = part.called(span.name)
                    given = self.axes.get(name, self.fixed.get(name))
                    given = ruled.get(name, None if isinstance(given, Prior) else given)
                    values = stated.get(name) if given is None and not asked else given
                    if name in part.adds:
                        values = self.brought(variant, part, name, asked)
                    reached = self.reached(variant, name)
                    if reached.size and not span.holds(reached):
                        values = reached if values is None else [*np.ravel(values), *reached]
                    if values is not None and not span.holds(values):
                        found[
                            f"{part.name} at {_amounts(span.name, values)}, measured at {span}"
                        ] = None
        return list(found)

    def brought(
        self, variant: Variant, part: Component, name: str, asked: bool
    ) -> np.ndarray | None:
        """What a part gives to a port, with the bath that the protocol changes at its ends too.

        None where it follows from more than parameters, or, of those asked for, from none.
        """
        inputs = (part.reads | {*part}) & self.parameters(variant).keys()
        changed = inputs & self.protocol.changes.keys()
        if asked and not inputs & {*self.axes, *self.fixed, *variant.rules, *changed}:
            return None
        here = self.tried(variant, inputs)
        there = [{**here, n: self.reached(variant, n)[:, None]} for n in sorted(changed)]
        try:
            found = [part.calculate([part.adds[name]], **given)[0] for given in (here, *there)]
        except PartError:
            return None
        return np.concatenate([np.ravel(x) for x in found])

    def reached(self, variant: Variant, name: str) -> np.ndarray:
        """The values to which the protocol changes a parameter of a variant, in its unit."""
        change = self.protocol.changes.get(name)
        own = self.parameters(variant)
        if change is None or name not in own:
            return np.empty(0)
        after = self.tried(variant, change.values)
        return np.concatenate([change.reached(own[name]), *map(np.ravel, after.values())])

    def differences(self) -> list[str]:
        """What is not as its source has it, in words, each once; axes and assumed values apart."""
        found: dict[str, None] = {}
        for variant in self.variants:
            owners = {p.name: part.name for part in variant.model.parts for p in part.parameters}
            for name, p in self.parameters(variant).items():
                now = self.stated(variant, name, p)
                if (
                    now
                    and name not in self.axes
                    and now.original
                    and (not now.original.source.startswith("assumed:"))
                ):
                    found[f"{owners.get(name, variant.model.name)}: {now.differs}"] = None
        parts = {id(p): p for v in self.variants for p in v.model.parts}
        for part in parts.values():
            found |= {f"{part.name}: {d}": None for d in unmarked(part)}
        return list(found)

    def stated(self, variant: Variant, name: str, parameter: Parameter) -> Parameter | None:
        """A parameter with its one value in a variant; None where it is worked out from others."""
        rule = variant.rules.get(name, self.fixed.get(name))
        if rule is None:
            return parameter
        return parameter.set_to(rule) if isinstance(rule, float) else None

    @property
    def bounds(self) -> dict[str, Edge]:
        """The ends of the measuring window by the names that equations give them."""
        return dict(zip((p.name for p in WINDOW), self.protocol.edges, strict=True))

    @property
    def given(self) -> dict[str, Parameter]:
        """The protocol's parameters, with the values given as single numbers as their defaults."""
        return {
            p.name: p.set_to(self.fixed[p.name]) if p.name in self.fixed else p
            for p in self.protocol.parameters
        }

    def varied(self, variant: Variant) -> frozenset[str]:
        """Parameters that differ between points, the ends of the window among them."""
        moved = {n for n, edge in self.bounds.items() if reads(edge) & self.axes.keys()}
        one = {n for n, rule in variant.rules.items() if isinstance(rule, float)}
        return (frozenset(self.axes) | moved | variant.rules.keys()) - one

    def window(self, swept: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The ends of the window in SI, at some values of the axes (display units)."""
        values = {
            n: np.asarray(swept.get(n, p.value), dtype=float) * units.unit(p.unit).factor
            for n, p in self.given.items()
        }
        return {n: edge_at(edge, self.protocol.duration, values) for n, edge in self.bounds.items()}

    def check_window(self) -> None:
        """Refuse a window that some point has outside its run."""
        used = frozenset().union(*map(reads, self.bounds.values()))
        design = designs.along(self.design, used)
        swept = design.columns(np.arange(min(designs.size(design), MOST_TRIED)))
        start, stop = np.broadcast_arrays(*self.window(swept).values())
        bad = np.flatnonzero(~(start < stop))
        if not bad.size:
            return
        at = {
            n: float(swept[n][bad[0]] if n in swept else self.given[n].value) for n in sorted(used)
        }
        edges = " to ".join(e if isinstance(e, str) else f"{e:g} ms" for e in self.bounds.values())
        raise PartError(
            f"protocol '{self.protocol.name}' measures from {edges}, and at "
            f"{', '.join(f'{n} {x:g}' for n, x in at.items())} nothing of that lies in its run of "
            f"{self.protocol.duration:g} ms; for another window: protocol.lasting(duration, "
            "window)"
        )

    def check_order(self) -> None:
        """Refuse a change or stimulus that at some point stops before it starts.

        A stimulus may last no time at all, as the first of several widths.
        """
        changes = {f"{name}_start" for name in self.protocol.changes}
        timed = {p.name for p in self.protocol.parameters if p.unit == "ms"}
        for start in sorted(n for n in timed if n.endswith("_start")):
            stop = f"{start.removesuffix('_start')}_stop"
            for variant in self.variants if stop in timed else ():
                at = self.tried(variant, (start, stop))
                if len(at) == 2:
                    what = f"protocol '{self.protocol.name}', {start} and {stop}: it"
                    check_order(at[start], at[stop], what, start not in changes)

    def split(self, points: np.ndarray) -> list[tuple[Variant, np.ndarray]]:
        """Points by their variant, as (variant, places in ``points``)."""
        if not self.labelled:
            return [(self.variants[0], np.arange(len(points)))]
        columns = self.design.columns(points)
        found = []
        for variant in self.variants:
            here = np.ones(len(points), dtype=bool)
            for name in self.labelled:
                here &= columns[name] == variant.labels[name]
            if here.any():
                found.append((variant, np.flatnonzero(here)))
        return found

    def batch(self, variant: Variant, points: np.ndarray | None = None) -> Batch:
        """The columns (SI) and event trains of some points, which are of one variant."""
        if points is None:
            points = np.arange(self.size)
        swept = self.design.columns(points)
        values = self.values(variant, swept)
        columns = {
            p.name: values[p.name] * units.unit(p.unit).factor
            for p in variant.system.parameters
            if p.name in values
        }
        columns |= self.window(swept)
        rows = self._rows(variant, swept, len(points))
        trains = {event: self.trains(variant, event, swept, rows) for event in self.protocol.events}
        recordings = {
            one.name: change.recording.pieces(one.unit)
            for one in variant.system.driven
            for n, change in self.protocol.changes.items()
            if one.name == f"{n}_{RECORDING}" and change.recording
        }
        if RUN_START in variant.system.parameters:
            columns[RUN_START.name] = np.asarray(self.origin * 1e-3)
        made = Batch(len(points), columns, trains, recordings)
        if self.start is None or rows is None:
            return made
        initial = self._initial(variant, rows)
        slopes = self.start.moving(rows)
        return replace(made, initial=initial, jumped=self.start.jumps(rows), slopes=slopes)

    def sent_by(self, variant: Variant, points: np.ndarray) -> dict[str, np.ndarray]:
        """What the ends of some points, which are of one variant, tell of trains."""
        swept = self.design.columns(points)
        rows = self._rows(variant, swept, len(points))
        found = {}
        for event, one in self.sent.items():
            if event in self.protocol.events:
                _, tells = self._train(variant, event, swept, rows)
                columns = np.column_stack(
                    [np.broadcast_to(tells[n], len(points)) for n in one.units]
                )
            else:
                assert self.start is not None
                assert rows is not None
                past = self.start.past(event, rows)
                assert past is not None
                columns = past.told
            found[event] = replace(one, told=np.where(np.isfinite(columns), columns, np.nan))
        return told(found)

    def _rows(
        self, variant: Variant, swept: Mapping[str, np.ndarray], size: int
    ) -> np.ndarray | None:
        """The saved points that some points go on from."""
        return None if self.start is None else self.start.rows(self._telling(variant, swept), size)

    def _initial(self, variant: Variant, rows: np.ndarray) -> dict[str, Any]:
        """The states (SI) of a variant that begin as the saved points ``rows`` ended."""
        assert self.start is not None
        model, system, stimuli = variant.model, variant.system, self.protocol.stimuli
        new = self.start.new(model, stimuli, system)
        return self.start.initial((*model.parts, *stimuli), system, new, rows)

    def _telling(
        self, variant: Variant, swept: Mapping[str, np.ndarray]
    ) -> Callable[[str], np.ndarray]:
        """What gives the values by which points are told apart, at some values of the axes."""

        def value(name: str) -> np.ndarray:
            slots = variant.model.slots
            single = {"seed": self.seed, "model": variant.model.name, **variant.labels}
            if name in swept and name not in single.keys() - {"seed"}:
                return swept[name]
            if name in single:
                return np.asarray(single[name])
            if name in slots:
                return np.asarray(slots[name].plain_name)
            if name in self.parameters(variant):
                return self.values(variant, swept, [name])[name]
            raise AxisError(
                f"start has the axis '{name}', which this run lacks; choose one of its values: "
                f"start=ds.sel({name}=...)"
            )

        return value

    def check_start(self) -> None:
        """Refuse a start that some point does not find its state in."""
        if self.start and self.start.sent is None:
            self._refuse_uncounted()
        for variant in self.variants if self.start else ():
            assert self.start is not None
            self.start.new(variant.model, self.protocol.stimuli, variant.system)
            keys = {k for d in self.start.dims for k in d.keys}
            own = designs.along(self.design, keys | derived.behind(keys, variant.rules))
            swept = own.columns(np.arange(min(designs.size(own), MOST_TRIED)))
            size = max((len(x) for x in swept.values()), default=1)
            here = np.ones(size, dtype=bool)
            for name in self.labelled:
                if name in swept:
                    here &= swept[name] == variant.labels[name]
            some = {n: x[here] for n, x in swept.items()}
            rows = self.start.rows(self._telling(variant, some), int(here.sum()))
            self._initial(variant, rows)

    def _refuse_uncounted(self) -> None:
        """Refuse what chance brings where a start does not say how far that had come."""
        for event, train in self.protocol.events.items():
            if train.goes_on or any(event in v.system.chances for v in self.variants):
                raise AxisError(
                    f"start does not say how many '{event}' events had come, as an end that an "
                    "earlier version of mgsim saved; chance would bring the same again: run that "
                    "anew with keep_state=True"
                )

    def trains(
        self,
        variant: Variant,
        event: str,
        swept: Mapping[str, np.ndarray],
        rows: np.ndarray | None = None,
    ) -> Trains:
        """One train for each different (seed, parameters); none depends on the point's place.

        ``rows``: the saved points that these go on from; without, all trains begin now.
        """
        return self._train(variant, event, swept, rows)[0]

    def _train(
        self, variant: Variant, event: str, swept: Mapping[str, np.ndarray], rows: np.ndarray | None
    ) -> tuple[Trains, dict[str, np.ndarray]]:
        """The trains of an event, and what the end tells of them, by its name, for each point."""
        train = self.protocol.events[event]
        names = [p.name for p in train.parameters]
        values = self.values(variant, swept, names)
        size = max((len(x) for x in swept.values()), default=1)
        seeds = np.broadcast_to(swept.get("seed", np.asarray(self.seed)), size)
        given = [np.broadcast_to(values[n], len(seeds)) for n in names]
        past = self.start.past(event, rows) if self.start and rows is not None else None
        before = [] if past is None else list(past.told.T)
        table, of_point = np.unique(
            np.column_stack([seeds, *given, *before]).astype(float), axis=0, return_inverse=True
        )
        of_point = np.asarray(of_point).reshape(-1)
        dice = [c.dice for c in variant.system.chances.get(event, ())]
        end = (self.origin + self.protocol.duration) * 1e-3 * (1 - 1e-12)
        sent, drawn, tells = [], [], []
        for row in table.tolist():
            seed, now = int(row[0]), dict(zip(names, row[1:], strict=False))
            then = dict(zip(past.units, row[1 + len(names) :], strict=True)) if past else {}
            course = self._course(train, now, past, then)
            slack = 1e-12 * self.start.clock if self.start else 0.0
            found = times(self.protocol, event, seed, now, self.origin, course, slack)
            first = int(max(0.0, then.get(NUMBER, 0.0)))
            sent.append(found)
            drawn.append(chances(seed, event, dice, len(found), first))
            tells.append({**then, NUMBER: first + np.count_nonzero(found < end)})
            if train.goes_on:
                tells[-1] |= {BEGAN: course.began, RUN: course.run}
                tells[-1] |= {f"{n}{THEN}": course.values[n] for n in carried(train)}
        offsets = np.concatenate([[0], np.cumsum([len(t) for t in sent])])
        made = Trains(np.concatenate(sent), offsets, of_point, np.concatenate(drawn))
        return made, {n: np.array([t[n] for t in tells])[of_point] for n in tells[0]}

    def _course(
        self,
        train: Train,
        values: Mapping[str, float],
        past: Sent | None,
        then: Mapping[str, float],
    ) -> Course:
        """What a train is drawn from: what it was, if it goes on, or what begins now."""
        if past is None:
            return Course(self.origin, 0, values)
        if train.goes_on and past.train == named(train) and np.isfinite(then[BEGAN]):
            known = {n.removesuffix(THEN): x for n, x in then.items() if n not in TOLD}
            course = Course(then[BEGAN], int(then[RUN]), known)
            if course.serves(train, values):
                return course
        return Course(self.origin, self.runs, values)


def apart(request: Request) -> list[Variant]:
    """The variants whose values differ, or may: one, where all that was given is in each."""
    ruled = request.priors or any(v.rules or "arm" in v.labels for v in request.variants)
    return list(request.variants if ruled else request.variants[:1])


def reads(edge: Edge) -> frozenset[str]:
    """The parameters that an end of a window follows."""
    return expressions.variables(edge) if isinstance(edge, str) else frozenset()


def _amounts(name: str, values: Any) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    shown = f"{name} {low:g}" if low == high else f"{name} {low:g} to {high:g}"
    return shown if PORTS[name].unit == "1" else f"{shown} {PORTS[name].unit}"
