"""What a user asked for, checked and sorted before anything runs."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import expressions, seeing, units
from mgsim.catalog import unknown
from mgsim.changes import RECORDING
from mgsim.component import Component
from mgsim.engines.contract import Batch, Trains
from mgsim.engines.timeline import Timeline
from mgsim.events import EVENTS
from mgsim.files import sha256
from mgsim.joining import Joined
from mgsim.measure import Measure
from mgsim.model import Model
from mgsim.parameter import RESERVED, Parameter, PartError, check_word
from mgsim.parts import differences, every, find
from mgsim.places import at
from mgsim.ports import PORTS, ExtrapolationWarning
from mgsim.priors import Prior
from mgsim.protocol import Protocol
from mgsim.sweeps import derived, designs
from mgsim.sweeps.chances import chances
from mgsim.sweeps.designs import AxisError, Design, Grid, Product, Sampled, Zipped
from mgsim.sweeps.search import Search
from mgsim.sweeps.start import Kept, Start, kept
from mgsim.system import System, lower
from mgsim.window import RUN_START, WINDOW, Edge, edge_at

#: Extrapolations that a warning spells out.
_SPELT = 2
#: Points at most whose values and windows are tried before a run.
_MOST_TRIED = 1_000_000


#: What a run takes besides parameters, and an error may offer.
OPTIONS = frozenset(
    {"seed", "dt", "method", "engine", "precision", "threads", "design", "follow", "arms"}
    | {"start", "fresh", "keep_state"}
)


class IdlePartWarning(UserWarning):
    """A part of a model of which nothing is read."""


class MissedStimulusWarning(UserWarning):
    """A stimulus that lies wholly outside the run."""


class RangeWarning(UserWarning):
    """A value outside the plausible range of its parameter."""


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
    labels. ``start``: where points begin, if not where the model says, and ``origin``: when, in ms
    on the clock of the first run. ``keep_state``: the end of each point is kept.
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
    origin: float = 0.0
    keep_state: bool = False

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
        return kept([v.system for v in self.variants], self.origin + self.protocol.duration)

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
        points = np.arange(min(size, _MOST_TRIED))
        if size > _MOST_TRIED:
            more = np.linspace(0, size - 1, _MOST_TRIED).astype(np.int64)
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
                    reached = self.reached(variant, name)
                    if reached.size and not span.holds(reached):
                        values = reached if values is None else [*np.ravel(values), *reached]
                    if values is not None and not span.holds(values):
                        found[
                            f"{part.name} at {_amounts(span.name, values)}, measured at {span}"
                        ] = None
        return list(found)

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
            for part in variant.model.parts:
                found |= {
                    f"{part.name}: {d}": None for d in differences(part) if d not in part.differs
                }
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
        swept = design.columns(np.arange(min(designs.size(design), _MOST_TRIED)))
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
        trains = {event: self.trains(variant, event, swept) for event in self.protocol.events}
        recordings = {
            one.name: change.recording.pieces(one.unit)
            for one in variant.system.driven
            for n, change in self.protocol.changes.items()
            if one.name == f"{n}_{RECORDING}" and change.recording
        }
        if RUN_START in variant.system.parameters:
            columns[RUN_START.name] = np.asarray(self.origin * 1e-3)
        made = Batch(len(points), columns, trains, recordings)
        if self.start is None:
            return made
        new = self.start.new(variant.model, variant.system)
        rows = self.start.rows(self._telling(variant, swept), len(points))
        initial = self.start.initial(variant.system, new, rows, self.origin)
        return replace(made, initial=initial, jumped=self.start.jumps(rows, self.origin))

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
        for variant in self.variants if self.start else ():
            assert self.start is not None
            self.start.new(variant.model, variant.system)
            keys = {k for d in self.start.dims for k in d.keys}
            own = designs.along(self.design, keys | derived.behind(keys, variant.rules))
            points = np.arange(min(designs.size(own), _MOST_TRIED))
            swept = own.columns(points)
            here = np.ones(len(points), dtype=bool)
            for name in self.labelled:
                if name in swept:
                    here &= swept[name] == variant.labels[name]
            some = {n: x[here] for n, x in swept.items()}
            self.start.rows(self._telling(variant, some), int(here.sum()))

    def trains(self, variant: Variant, event: str, swept: Mapping[str, np.ndarray]) -> Trains:
        """One train for each different (seed, parameters); none depends on the point's place."""
        names = [p.name for p in self.protocol.events[event].parameters]
        values = self.values(variant, swept, names)
        size = max((len(x) for x in swept.values()), default=1)
        seeds = np.broadcast_to(swept.get("seed", np.asarray(self.seed)), size)
        given = [np.broadcast_to(values[n], len(seeds)) for n in names]
        rows, of_point = np.unique(
            np.column_stack([seeds, *given]).astype(float), axis=0, return_inverse=True
        )
        times = [
            self._train(event, int(row[0]), dict(zip(names, row[1:].tolist(), strict=True)))
            for row in rows
        ]
        offsets = np.concatenate([[0], np.cumsum([len(t) for t in times])])
        dice = [c.dice for c in variant.system.chances.get(event, ())]
        drawn = [chances(int(r[0]), event, dice, len(t)) for r, t in zip(rows, times, strict=True)]
        of_point = np.asarray(of_point).reshape(-1)
        return Trains(np.concatenate(times), offsets, of_point, np.concatenate(drawn))

    def _train(self, event: str, seed: int, values: Mapping[str, float]) -> np.ndarray:
        """Event times in seconds, sorted."""
        # By its name, so that no other event sent beside it changes a train.
        known = list(EVENTS)
        place = known.index(event) if event in known else int(sha256(event.encode())[:8], 16)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(place,)))
        drawn = self.protocol.events[event].times(values, self.protocol.duration, rng)
        wanted = (
            f"protocol '{self.protocol.name}': the times of '{event}' must be a list of "
            "finite numbers in ms"
        )
        try:
            times = units.read(drawn, "ms", "a time")
        except units.UnitError as error:
            raise PartError(f"{wanted}; {error}") from None
        if times.ndim != 1 or not np.all(np.isfinite(times)):
            raise PartError(wanted)
        return (np.sort(times) + self.origin) * 1e-3


def resolve(
    model: Model,
    protocol: Protocol,
    measures: Iterable[Measure],
    seed: int | Iterable[int],
    given: Mapping[str, Any],
    design: Design | None = None,
    ways: Mapping[str, Sequence[Any]] | None = None,
    follow: Mapping[str, str] | None = None,
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    start: Start | None = None,
    origin: float = 0.0,
) -> Request:
    """Check names, values, units and parts; raise before anything runs.

    ``seed``: one, or an axis of them; ``given``: numbers and axes of a grid by name; ``design``:
    further points, which every combination of the grid gets; ``ways``: axes of how it is run
    (``dt``, ``method``), whose values are checked already; ``follow``, ``arms``: as for
    :func:`mgsim.sweep`; ``start``, ``origin``: see :class:`Request`.

    Raises
    ------
    AxisError
        An empty axis, one given twice, or one that some of the swept models lack.
    UnknownName, UnitError, PartError, EquationError
        As :func:`mgsim.system.lower` and :meth:`mgsim.Parameter.check`.
    """
    measures, given = tuple(measures), {n: _named(v) for n, v in given.items()}
    if np.ndim(seed):  # type: ignore[arg-type]
        given, seed = {**given, "seed": seed}, 0
    one_seed = int(_seeds(seed))
    ways = ways or {}
    variants = tuple(
        replace(made, labels={**made.labels, **dict(zip(ways, picks, strict=True))})
        for made in (
            _variant(one, protocol, measures, origin > 0)
            for one in assemblies(model, given, design, arms, (*(follow or {}), *protocol.changes))
        )
        for picks in itertools.product(*ways.values())
    )
    given = {**given, **({"arm": list(arms)} if arms else {}), **ways}
    labels = {n: list(dict.fromkeys(v.labels[n] for v in variants)) for n in variants[0].labels}
    inner = [n for n in labels if n not in given]
    labelled = (*(n for n in labels if n in given and _is_many(given[n])), *inner)
    bare = Request(protocol, variants, Grid({}), {}, labelled, one_seed)
    whence: dict[str, Any] = {"start": start, "origin": origin}
    axes: dict[str, Any] = {}
    fixed: dict[str, float] = {}
    for name, value in given.items():
        if name in labels:
            if name in labelled:
                axes[name] = np.array(labels[name], dtype=object)
            continue
        if isinstance(value, Prior):
            raise AxisError(
                f"'{name}' has a prior, which is drawn by a design: design=mg.designs.draws(256, "
                f"{name}=...)"
            )
        checked = _numbers(name, value, bare)
        if checked.ndim:
            if len(np.unique(checked)) < checked.size:
                raise AxisError(f"axis '{name}' holds a value twice")
            axes[name] = checked
        elif name == "seed":
            one_seed = int(checked)
        else:
            fixed[name] = float(checked)
    grid: Design = Grid(axes)
    if design is not None:
        twice = set(given) & set(design.axes)
        if twice:
            raise AxisError(f"axis '{min(twice)}' is given twice")
        checked_design = _checked(design, bare, inner)
        grid = Product(grid, checked_design) if axes else checked_design
    request = Request(protocol, variants, grid, fixed, labelled, one_seed, **whence)
    request = _ruled(request, follow or {})
    _check_worked(request)
    request.check_start()
    if measures:
        request.check_window()
    _warn_outside(request)
    _warn_idle(request)
    _warn_missed(request)
    beyond = request.extrapolations(asked=True)
    if beyond:
        words = "; ".join(beyond)
        if len(beyond) > _SPELT:
            words = ", ".join(dict.fromkeys(b.partition(" ")[0] for b in beyond))
            words += " (the result's attribute 'extrapolates' says where)"
        warnings.warn(
            f"outside what was measured, so extrapolated: {words}",
            ExtrapolationWarning,
            stacklevel=4,
        )
    return request


def _warn_idle(request: Request) -> None:
    """Parts that are in every model and do nothing in one."""
    for variant in request.variants:
        for name, ports in Joined(variant.model, request.protocol).idle.items():
            warnings.warn(
                f"part '{name}' does nothing in model '{variant.model.name}': nothing "
                f"reads {' or '.join(ports)}",
                IdlePartWarning,
                stacklevel=5,
            )


def _warn_missed(request: Request) -> None:
    """A stimulus, train or change that is over before the run begins, or comes after its end."""
    protocol, system = request.protocol, request.variants[0].system
    known = {p.name: p for p in system.parameters}
    own = {p.name for s in protocol.stimuli for p in s.parameters}
    edges = [
        e.time
        for e in Timeline(system).edges
        if e.jump
        and expressions.variables(e.time) & own
        and expressions.variables(e.time) <= known.keys()
    ]
    groups = [edges] if edges else []
    known |= {p.name: p for p in protocol.parameters}
    groups += [
        [p.name]
        for p in protocol.parameters
        if p.name.endswith("_start") and p.name not in own and p.unit == "ms"
    ]
    told = set()
    for texts, variant in itertools.product(map(tuple, groups), _apart(request)):
        if texts in told:
            continue
        used = frozenset().union(*map(expressions.variables, texts))
        shown = dict(sorted(request.tried(variant, used).items()))
        columns = {n: x * units.unit(known[n].unit).factor for n, x in shown.items()}
        columns[RUN_START.name] = np.asarray(0.0)
        times = np.stack(
            np.broadcast_arrays(*(np.asarray(expressions.evaluate(t, columns)) for t in texts))
        )
        missed = (times >= protocol.duration * 1e-3).all(axis=0)
        if len(texts) > 1:
            missed |= (times <= 0).all(axis=0)
        if missed.any():
            place = np.flatnonzero(np.atleast_1d(missed))[0]
            at = ", ".join(
                f"{n} {np.atleast_1d(np.broadcast_to(x, missed.shape))[place]:g} {known[n].unit}"
                for n, x in shown.items()
            )
            what = texts[0].removesuffix("_start")
            what = f"the change of {what}" if what in protocol.changes else "all of its stimulus"
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and at {at} "
                f"{what} lies outside",
                MissedStimulusWarning,
                stacklevel=5,
            )
            told.add(texts)
    for name, change in protocol.changes.items():
        begins = request.given[f"{name}_start"].value if change.recording else 0.0
        if change.recording and begins < protocol.duration <= begins + change.recording.times[0]:
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and the recording of "
                f"{name} lies outside",
                MissedStimulusWarning,
                stacklevel=5,
            )
    for event, train in protocol.events.items():
        late = [x for x in train.listed if x >= protocol.duration]
        if late:
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and {len(late)} of "
                f"its {len(train.listed)} '{event}' events lie outside",
                MissedStimulusWarning,
                stacklevel=5,
            )


def _apart(request: Request) -> list[Variant]:
    """The variants whose values differ, or may: one, where all that was given is in each."""
    ruled = request.priors or any(v.rules or "arm" in v.labels for v in request.variants)
    return list(request.variants if ruled else request.variants[:1])


def reads(edge: Edge) -> frozenset[str]:
    """The parameters that an end of a window follows."""
    return expressions.variables(edge) if isinstance(edge, str) else frozenset()


def _amounts(name: str, values: Any) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    return (f"{name} {low:g}" if low == high else f"{name} {low:g} to {high:g}") + (
        f" {PORTS[name].unit}"
    )


def _is_many(value: Any) -> bool:
    return (isinstance(value, Sequence) and not isinstance(value, str)) or (
        isinstance(value, np.ndarray) and value.ndim > 0
    )


def _named(value: Any) -> Any:
    """Names in an array or a result's coordinate as plain text; everything else as it is."""
    array = value.values if hasattr(value, "attrs") and hasattr(value, "values") else value
    if isinstance(array, np.ndarray) and array.dtype.kind in "OU":
        return array.tolist()
    return value


@dataclass(frozen=True)
class Assembly:
    """A model made by choosing parts: the names chosen, what they went into, and the result.

    ``arm``: the values that its arm sets; ``parts``: the names of parts that it chooses.
    """

    labels: Mapping[str, str]
    start: Model
    model: Model
    arm: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()


def assemblies(
    model: Model,
    given: Mapping[str, Any],
    design: Design | None = None,
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    also: Iterable[str] = (),
) -> list[Assembly]:
    """Every model that the parts and models among the values make; the numbers are left alone.

    ``also``: further names that get a value. One that is a port and a slot, such as
    ``mg_out_block``, lets the slot see a value of its own.

    Raises
    ------
    AxisError, UnknownName, PartError
        For a choice that cannot be meant.
    """
    given = {n: _named(v) for n, v in given.items()}
    spots = _spots(model, given.get("model", ()))
    choices = {n: _choices(n, v, spots) for n, v in given.items() if _is_choice(n, v, model, spots)}
    for name, value in (design.axes if design else {}).items():
        if name not in given and _is_choice(name, value := _named(value), model, spots):
            if isinstance(design, Sampled):
                raise AxisError(f"axis '{name}' of a sample has names; a sample is of numbers")
            choices[name] = _choices(name, list(dict.fromkeys(value)), spots)
    numbers = list(dict.fromkeys((*given, *(design.axes if design else ()), *also)))
    found = []
    for picks in itertools.product(*choices.values()):
        chosen = dict(zip(choices, picks, strict=True))
        if arms is None:
            found.append(_seeing(_assembly(model, chosen), numbers))
            continue
        for name, sets in _arms(arms).items():
            parts = {
                n: _choices(n, [v], spots)[0]
                for n, v in sets.items()
                if _is_choice(n, v, model, spots)
            }
            for slot in sorted(parts.keys() & choices.keys()):
                raise AxisError(
                    f"'{slot}' is given, and arm '{name}' sets it; leave one of the two"
                )
            made = _assembly(model, {**chosen, **parts})
            labels = {**{n: made.labels[n] for n in chosen}, "arm": name}
            own = {n: v for n, v in sets.items() if n not in parts}
            names = tuple(p.name for p in parts.values())
            made = _seeing(made, [*numbers, *own])
            found.append(replace(made, labels=labels, arm=own, parts=names))
    return found


def _seeing(one: Assembly, names: Iterable[str]) -> Assembly:
    """The assembly in which slots see values of their own, of names that say so."""
    made = one.model
    for name in names:
        if name not in made.slots and seeing.split(name, made.slots):
            made = made.apart(name)
    return replace(one, model=made)


def _arms(arms: Any) -> Mapping[str, Mapping[str, Any]]:
    """What was given as arms, if it can be meant."""
    if not isinstance(arms, Mapping) or not arms:
        raise AxisError("arms are values by name, by the arm's name: {'low': {'mg_out': 0.2}}")
    for name, sets in arms.items():
        check_word(str(name), "arm")
        if not isinstance(sets, Mapping):
            raise AxisError(f"arm '{name}' holds values by name, not {sets!r}")
        for key in sets:
            if key in RESERVED - {"model"}:
                raise AxisError(
                    f"arm '{name}': '{key}' is no parameter; it is the same in every arm"
                )
    return arms


def changed(model: Model, given: Mapping[str, Any]) -> Model:
    """The model with the parts (by slot) and the values (by parameter) that a run would take.

    Raises
    ------
    AxisError, UnknownName, UnitError, PartError
        For what cannot be meant.
    """
    (one,) = assemblies(model, given)
    return one.model.with_values(**{n: v for n, v in given.items() if n not in one.labels})


#: Where parts of a model stand: ``(place, copy)``.
Spots = Sequence[tuple[str, str]]


def _spots(model: Model, others: Any) -> Spots:
    """Where parts stand in the models of a request, the soma first."""
    import mgsim

    chosen = others if _is_many(others) else [others]
    models = [mgsim.models[m] if isinstance(m, str) else m for m in chosen]
    there = [spot for m in (model, *models) if isinstance(m, Model) for spot in m.places]
    return [("", ""), *dict.fromkeys(there)]


def _end(place: str, copy: str) -> str:
    """What the slots of a place end in."""
    return "".join(f"_{word}" for word in (copy, place) if word)


def _plain_slot(slot: str, spots: Spots) -> str | None:
    """The slot of the catalogs that this one is at a place: ``block`` of ``block_spine``."""
    plain = (slot.removesuffix(_end(*s)) for s in spots if slot.endswith(_end(*s)))
    return next((p for p in plain if p in _slots()), None)


def _is_choice(name: str, value: Any, model: Model, spots: Spots) -> bool:
    """Whether a value chooses a model or part: also for a slot that the model has empty."""
    first = value[0] if _is_many(value) and len(value) else value
    if name == "model" or name in model.slots:
        # A slot may be named after what its part computes, such as e_ca.
        if not isinstance(first, str | Component | Model) and (why := model.computed(name)):
            raise AxisError(why)
        return True
    return isinstance(first, Component) or (
        isinstance(first, str) and _plain_slot(name, spots) is not None
    )


def _label(entry: Model | Component) -> str:
    """What an axis calls a part or model: of a part at a place, the name that the catalog has."""
    return entry.plain_name if isinstance(entry, Component) else entry.name


def _choices(name: str, value: Any, spots: Spots) -> list[Model | Component]:
    """The models or parts that an axis of labels names, each once."""
    entries = list(value) if _is_many(value) else [value]
    if not entries:
        raise AxisError(f"axis '{name}' is empty")
    found = [_entry(name, e, spots) for e in entries]
    labels = [_label(e) for e in found]
    if len(set(labels)) < len(labels):
        others = len({id(e) for e in found}) > len(set(labels))
        hint = "; name one of them otherwise: .named('...')" if others else ""
        raise AxisError(f"axis '{name}' holds a name twice: {', '.join(labels)}{hint}")
    return found


def _assembly(model: Model, picks: Mapping[str, Model | Component]) -> Assembly:
    start = picks.get("model", model)
    assert isinstance(start, Model)
    made = start
    for entry in picks.values():
        if isinstance(entry, Component):
            made = made.swap(entry)
    return Assembly({n: _label(e) for n, e in picks.items()}, start, made)


def _variant(
    one: Assembly, protocol: Protocol, measures: tuple[Measure, ...], later: bool
) -> Variant:
    try:
        system = lower(one.model, protocol, measures, later=later)
        return Variant(one.labels, one.model, system, one.arm, one.parts)
    except PartError as error:
        gone = {p.name: p for s, p in one.start.slots.items() if s not in one.model.slots}
        if not gone:
            raise
        raise PartError(
            "; ".join(
                [
                    str(error),
                    *(
                        f"'{p.name}' filled {' and '.join(p.slots)} and is gone as a whole"
                        for p in gone.values()
                    ),
                ]
            )
        ) from None


def _entry(slot: str, entry: Any, spots: Spots) -> Model | Component:
    import mgsim

    kind = Model if slot == "model" else Component
    if isinstance(entry, str) and slot == "model":
        entry = mgsim.models[entry]
    elif isinstance(entry, str):
        entry = find(_plain_slot(slot, spots) or slot, entry)
    if not isinstance(entry, kind):
        raise PartError(f"{slot}: {entry!r} is neither a {kind.__name__} nor the name of one")
    if isinstance(entry, Component) and slot not in entry.slots:
        there = (s for s in spots if slot in {f"{plain}{_end(*s)}" for plain in entry.slots})
        if spot := next(there, None):
            entry = at(entry, spot[0], copy=spot[1])
    if isinstance(entry, Component) and slot not in entry.slots:
        raise PartError(f"'{entry.name}' fills the slot '{entry.slot}', not '{slot}'")
    return entry


def _slots() -> set[str]:
    """Every slot that some part of the catalogs fills."""
    return {slot for part in every() for slot in part.slots}


def _checked(design: Design, request: Request, labels: Iterable[str]) -> Design:
    """The design with its numbers checked and in display units."""
    axes: dict[str, Any] = {}
    for name, value in design.axes.items():
        if name in labels:
            names = [e if isinstance(e, str) else _label(e) for e in _named(value)]
            axes[name] = np.array(names, dtype=object)
        elif isinstance(value, Prior):
            axes[name] = _prior(name, value, request)
        elif isinstance(design, Sampled):
            if _parameter(name, request).whole:
                raise AxisError(
                    f"axis '{name}' of a sample counts something; a sample is not whole"
                )
            low, high = map(float, _numbers(name, value, request))
            axes[name] = (low, high)
        else:
            axes[name] = _numbers(name, value, request)
    if isinstance(design, Sampled):
        return replace(design, axes=axes)
    if isinstance(design, Zipped):
        return Zipped(axes)
    raise AxisError(f"{type(design).__name__} is no design; see mgsim.sweeps.designs")


def _numbers(name: str, value: Any, request: Request) -> np.ndarray:
    """Checked values of a parameter in display units, or seeds: one number or an axis."""
    checked = _seeds(value) if name == "seed" else _parameter(name, request).check(value)
    if checked.ndim > 1:
        raise AxisError(f"axis '{name}' must be one-dimensional, not of shape {checked.shape}")
    if checked.size == 0:
        raise AxisError(f"axis '{name}' is empty")
    return checked


def _prior(name: str, prior: Prior, request: Request) -> Prior:
    """A prior with its arguments in the parameter's unit; in none, where it is of no parameter."""
    if name in RESERVED:
        raise AxisError(f"'{name}' is no parameter, so it can have no prior")
    check_word(name, "prior")
    known = {n for v in request.variants for n in request.parameters(v)}
    if name in known and not prior.scales:
        return prior.within(_parameter(name, request, anywhere=True).unit, name)
    return prior.within("1", name)


def _ruled(request: Request, follow: Mapping[str, str]) -> Request:
    """The request with the rules of each variant."""
    variants = request.variants
    arms: list[dict[str, float]] = []
    for v in variants:
        same = replace(
            request,
            variants=tuple(o for o in variants if o.labels.get("arm") == v.labels.get("arm")),
        )
        arms.append({n: _set_by_arm(n, x, same) for n, x in v.arm.items()})
    axes = {n: x for n, x in request.axes.items() if n not in request.labelled}
    setting = derived.Setting(
        [request.parameters(v) for v in variants],
        arms,
        axes,
        request.fixed,
        follow,
        lambda: {p.name for part in every() for p in part.parameters},
    )
    rules = setting.checked()
    timed = frozenset().union(*map(reads, request.bounds.values()))
    for name in sorted(timed):
        if any(name in r for r in rules):
            raise AxisError(
                f"the measuring window of protocol '{request.protocol.name}' follows '{name}', "
                "which must then be one number or an axis"
            )
    return replace(
        request,
        variants=tuple(replace(v, rules=r) for v, r in zip(variants, rules, strict=True)),
        unit_of=setting.unit_of(),
    )


def _set_by_arm(name: str, value: Any, request: Request) -> float:
    """The number that an arm sets a parameter to; of a request of that arm alone."""
    if name in request.axes and name not in request.priors:
        raise AxisError(f"'{name}' is an axis, and an arm sets it; leave one of the two")
    checked = _numbers(name, value, request)
    if checked.ndim:
        raise AxisError(f"an arm sets '{name}' to one number, not to {checked.size}")
    return float(checked)


def _check_worked(request: Request) -> None:
    """Refuse what is drawn or worked out where some point could not have it."""
    for name, prior in request.priors.items():
        drawn = designs.along(request.design, {name})
        points = np.arange(min(designs.size(drawn), _MOST_TRIED))
        values = drawn.columns(points)[name]
        bad = ~np.isfinite(values) | ((values <= 0) & bool(prior.scales))
        if bad.any():
            value = values[np.argmax(bad)]
            why = "a factor must be above 0" if prior.scales else "it must be finite"
            raise AxisError(
                f"'{name}' ({prior.told()}) is {value:g} and the like in {bad.sum():,} of "
                f"{len(values):,} points; {why}"
            )
    for variant in _apart(request):
        own = request.parameters(variant)
        for name, values in request.tried(variant, request.ruled(variant)).items():
            try:
                own[name].check(values)
            except units.UnitError as error:
                raise AxisError(f"{error} ({_how(variant, name)})") from None


def _seeds(value: Any) -> np.ndarray:
    given = np.asarray(value)
    if given.dtype.kind not in "iuf" or np.any(
        (given != np.floor(given)) | (given < 0) | (given > 2**53)
    ):
        raise units.UnitError(f"seed must be a whole number from 0 to 2**53, not {value}")
    return given.astype(int)


def _parameter(name: str, request: Request, *, anywhere: bool = False) -> Parameter:
    """The parameter of that name, which every variant must have, apart from whole arms.

    ``anywhere``: one variant is enough.
    """
    tables = [request.parameters(v) for v in request.variants]
    known = {n for table in tables for n in table}
    if name not in known:
        if name in ("duration", "window"):
            raise AxisError(
                f"'{name}' is the protocol's, not a parameter: run it under "
                "protocol.lasting(duration, window)"
            )
        _explain_absent(name, request)
        model = request.variants[0].model
        raise unknown(
            "parameter",
            name,
            known | set(model.slots) | _slots() | OPTIONS,
            f"model '{model.name}' under protocol '{request.protocol.name}'",
        )
    having = {
        v.labels.get("arm") for v, t in zip(request.variants, tables, strict=True) if name in t
    }
    for variant, table in zip(request.variants, tables, strict=True):
        if name not in table and not anywhere and variant.labels.get("arm") in having:
            which = ", ".join(f"{k}={v}" for k, v in variant.labels.items())
            raise AxisError(f"'{name}' is no parameter of the model with {which}")
    found = [table[name] for table in tables if name in table]
    units_of = {p.unit for p in found}
    if len(units_of) > 1:
        raise AxisError(f"'{name}' is in {' and in '.join(sorted(units_of))} in the swept models")
    return found[0]


def _warn_outside(request: Request) -> None:
    """Say once what lies outside the plausible ranges, of all that was given or drawn."""
    words: dict[str, None] = {}
    for variant in _apart(request):
        own = request.parameters(variant)
        ruled = request.tried(variant, request.ruled(variant))
        for name, parameter in own.items():
            given = ruled.get(name, request.axes.get(name, request.fixed.get(name)))
            if given is not None:
                how = _how(variant, name) if name in ruled else ""
                words |= dict.fromkeys(_outside(parameter, np.asarray(given), how))
            reached = request.reached(variant, name)
            words |= dict.fromkeys(_outside(parameter, reached, "the protocol changes it"))
    if words:
        warnings.warn("; ".join(words), RangeWarning, stacklevel=5)


def _how(variant: Variant, name: str) -> str:
    return derived.told(variant.rules[name]) if name in variant.rules else "drawn"


def _outside(parameter: Parameter, values: np.ndarray, how: str) -> list[str]:
    low, high = parameter.range
    flat = np.ravel(values)
    outside = flat[(flat < low) | (flat > high)]
    if not outside.size:
        return []
    value, unit = float(outside[0]), parameter.unit
    small = abs(value) > 10 * max(-low, high) and low <= value / 1000 <= high
    meant = f"; did you mean {value / 1000:g} {unit}?" if small else ""
    if how and flat.size > 1:
        shown = f"{parameter.name} ({how}) is {flat.min():g} to {flat.max():g} {unit} and"
        meant = f", at {outside.size:,} of {flat.size:,} values"
    else:
        shown = f"{parameter.name} = {value:g} {unit}"
    return [
        f"{shown} lies outside the plausible range {low:g} to {high:g} {unit} (the default: "
        f"{parameter.source}){meant}"
    ]


def _explain_absent(name: str, request: Request) -> None:
    """A parameter that some part has but no equation reads, or that the stimulus computes."""
    for variant in request.variants:
        if why := variant.model.computed(name):
            raise AxisError(why)
        if variant.model.stated(name):
            if name in variant.system.recordable:
                raise AxisError(
                    f"'{name}' is computed here, by protocol '{request.protocol.name}' or another "
                    "part, so it cannot be set; that part's own parameters can"
                )
            raise AxisError(
                f"model '{variant.model.name}' does not use '{name}': no equation reads it"
            )
