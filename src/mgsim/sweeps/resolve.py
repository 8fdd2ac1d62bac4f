"""What a user asked for, checked and sorted before anything runs."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mgsim import expressions, units
from mgsim.catalog import unknown
from mgsim.component import Component
from mgsim.engines.contract import Batch, Trains
from mgsim.engines.timeline import Timeline
from mgsim.joining import Joined
from mgsim.model import Edge, Measure, Model, Protocol, edge_at
from mgsim.parameter import Parameter, PartError
from mgsim.parts import differences, every, find
from mgsim.places import at
from mgsim.ports import PORTS, ExtrapolationWarning
from mgsim.sweeps import designs
from mgsim.sweeps.designs import AxisError, Design, Grid, Product, Sampled, Zipped
from mgsim.system import WINDOW, System, lower

#: Extrapolations that a warning spells out.
_SPELT = 2
#: Points at most whose windows are tried before a run.
_MOST_WINDOWS = 1_000_000


#: What a run takes besides parameters, and an error may offer.
OPTIONS = frozenset({"seed", "dt", "method", "engine", "precision", "threads"})


class IdlePartWarning(UserWarning):
    """A part of a model of which nothing is read."""


class MissedStimulusWarning(UserWarning):
    """A stimulus that lies wholly outside the run."""


class RangeWarning(UserWarning):
    """A value outside the plausible range of its parameter."""


@dataclass(frozen=True)
class Variant:
    """One system of a request: its labels on the string axes, and its model."""

    labels: Mapping[str, Any]
    model: Model
    system: System


@dataclass(frozen=True)
class Request:
    """Everything that a run needs, resolved.

    ``design`` says which points, in display units; ``fixed`` holds the values given as single
    numbers; ``variants`` one system for each combination of labels; ``labelled`` the axes of
    labels.
    """

    protocol: Protocol
    variants: tuple[Variant, ...]
    design: Design
    fixed: Mapping[str, float]
    labelled: tuple[str, ...]
    seed: int

    @property
    def axes(self) -> Mapping[str, Any]:
        return self.design.axes

    @property
    def size(self) -> int:
        return designs.size(self.design)

    def parameters(self, variant: Variant) -> dict[str, Parameter]:
        """Every parameter of a variant, those of its event trains among them."""
        own = {p.name: p for p in variant.system.parameters}
        window = {p.name for p in WINDOW}
        trains = {p.name: p for t in self.protocol.events.values() for p in t.parameters}
        return {n: p for n, p in {**own, **trains}.items() if n not in window}

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
            for part in variant.model.parts:
                for span in part.measured:
                    name = part.called(span.name)
                    given = self.axes.get(name, self.fixed.get(name))
                    values = stated.get(name) if given is None and not asked else given
                    if values is not None and not span.holds(values):
                        found[
                            f"{part.name} at {_amounts(span.name, values)}, measured at {span}"
                        ] = None
        return list(found)

    def differences(self) -> list[str]:
        """What is not as its source has it, in words, each once; axes and assumed values apart."""
        found: dict[str, None] = {}
        for variant in self.variants:
            owners = {p.name: part.name for part in variant.model.parts for p in part.parameters}
            for name, p in self.parameters(variant).items():
                now = p.set_to(self.fixed[name]) if name in self.fixed else p
                if (
                    name not in self.axes
                    and now.original
                    and (not now.original.source.startswith("assumed:"))
                ):
                    found[f"{owners.get(name, variant.model.name)}: {now.differs}"] = None
            for part in variant.model.parts:
                found |= {
                    f"{part.name}: {d}": None for d in differences(part) if d not in part.differs
                }
        return list(found)

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

    @property
    def varied(self) -> frozenset[str]:
        """Parameters that differ between points, the ends of the window among them."""
        moved = {n for n, edge in self.bounds.items() if reads(edge) & self.axes.keys()}
        return frozenset(self.axes) | moved

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
        swept = design.columns(np.arange(min(designs.size(design), _MOST_WINDOWS)))
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
        values = {
            n: np.asarray(swept.get(n, self.fixed.get(n, p.value)), dtype=float)
            for n, p in self.parameters(variant).items()
        }
        columns = {
            p.name: values[p.name] * units.unit(p.unit).factor
            for p in variant.system.parameters
            if p.name in values
        }
        columns |= self.window(swept)
        seeds = np.broadcast_to(swept.get("seed", np.asarray(self.seed)), len(points))
        trains = {event: self._trains(event, values, seeds) for event in self.protocol.events}
        return Batch(len(points), columns, trains)

    def _trains(self, event: str, values: Mapping[str, np.ndarray], seeds: np.ndarray) -> Trains:
        """One train for each different (seed, parameters); none depends on the point's place."""
        names = [p.name for p in self.protocol.events[event].parameters]
        given = [np.broadcast_to(values[n], len(seeds)) for n in names]
        rows, of_point = np.unique(
            np.column_stack([seeds, *given]).astype(float), axis=0, return_inverse=True
        )
        times = [
            self._train(event, int(row[0]), dict(zip(names, row[1:].tolist(), strict=True)))
            for row in rows
        ]
        offsets = np.concatenate([[0], np.cumsum([len(t) for t in times])])
        return Trains(np.concatenate(times), offsets, np.asarray(of_point).reshape(-1))

    def _train(self, event: str, seed: int, values: Mapping[str, float]) -> np.ndarray:
        """Event times in seconds, sorted."""
        place = sorted(self.protocol.events).index(event)
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
        return np.sort(times) * 1e-3


def resolve(
    model: Model,
    protocol: Protocol,
    measures: Iterable[Measure],
    seed: int | Iterable[int],
    given: Mapping[str, Any],
    design: Design | None = None,
    ways: Mapping[str, Sequence[Any]] | None = None,
) -> Request:
    """Check names, values, units and parts; raise before anything runs.

    ``seed``: one, or an axis of them; ``given``: numbers and axes of a grid by name; ``design``:
    further points, which every combination of the grid gets; ``ways``: axes of how it is run
    (``dt``, ``method``), whose values are checked already.

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
        for made in (_variant(one, protocol, measures) for one in assemblies(model, given, design))
        for picks in itertools.product(*ways.values())
    )
    given = {**given, **ways}
    labels = {n: list(dict.fromkeys(v.labels[n] for v in variants)) for n in variants[0].labels}
    inner = [n for n in labels if n not in given]
    labelled = (*(n for n in labels if n in given and _is_many(given[n])), *inner)
    bare = Request(protocol, variants, Grid({}), {}, labelled, one_seed)
    axes: dict[str, Any] = {}
    fixed: dict[str, float] = {}
    for name, value in given.items():
        if name in labels:
            if name in labelled:
                axes[name] = np.array(labels[name], dtype=object)
            continue
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
    request = Request(protocol, variants, grid, fixed, labelled, one_seed)
    if measures:
        request.check_window()
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
    """A stimulus that is over before the run begins, or comes after its end."""
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
        ["train_start"]
        for t in protocol.events.values()
        if "train_start" in {p.name for p in t.parameters}
    ]
    for texts in groups:
        used = frozenset().union(*map(expressions.variables, texts))
        design = designs.along(request.design, used)
        swept = design.columns(np.arange(min(designs.size(design), _MOST_WINDOWS)))
        shown = {
            n: np.asarray(swept.get(n, request.fixed.get(n, known[n].value)), dtype=float)
            for n in sorted(used)
        }
        columns = {n: x * units.unit(known[n].unit).factor for n, x in shown.items()}
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
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and at {at} "
                "all of its stimulus lies outside",
                MissedStimulusWarning,
                stacklevel=5,
            )


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
    """A model made by choosing parts: the names chosen, what they went into, and the result."""

    labels: Mapping[str, str]
    start: Model
    model: Model


def assemblies(
    model: Model, given: Mapping[str, Any], design: Design | None = None
) -> list[Assembly]:
    """Every model that the parts and models among the values make; the numbers are left alone.

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
    return [
        _assembly(model, dict(zip(choices, picks, strict=True)))
        for picks in itertools.product(*choices.values())
    ]


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


def _variant(one: Assembly, protocol: Protocol, measures: tuple[Measure, ...]) -> Variant:
    try:
        return Variant(one.labels, one.model, lower(one.model, protocol, measures))
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
        else:
            axes[name] = _numbers(name, value, request)
    if isinstance(design, Sampled):
        bounds = {n: (float(v[0]), float(v[1])) for n, v in axes.items()}
        return Sampled(design.method, design.n, bounds, design.seed, design.log)
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
    if name != "seed":
        _warn_outside(_parameter(name, request), checked)
    return checked


def _seeds(value: Any) -> np.ndarray:
    given = np.asarray(value)
    if given.dtype.kind not in "iuf" or np.any(
        (given != np.floor(given)) | (given < 0) | (given > 2**53)
    ):
        raise units.UnitError(f"seed must be a whole number from 0 to 2**53, not {value}")
    return given.astype(int)


def _parameter(name: str, request: Request) -> Parameter:
    """The parameter of that name, which every variant must have."""
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
    for variant, table in zip(request.variants, tables, strict=True):
        if name not in table:
            which = ", ".join(f"{k}={v}" for k, v in variant.labels.items())
            raise AxisError(f"'{name}' is no parameter of the model with {which}")
    units_of = {table[name].unit for table in tables}
    if len(units_of) > 1:
        raise AxisError(f"'{name}' is in {' and in '.join(sorted(units_of))} in the swept models")
    return tables[0][name]


def _warn_outside(parameter: Parameter, values: np.ndarray) -> None:
    low, high = parameter.range
    flat = np.ravel(values)
    outside = flat[(flat < low) | (flat > high)]
    if outside.size:
        value, unit = float(outside[0]), parameter.unit
        small = abs(value) > 10 * max(-low, high) and low <= value / 1000 <= high
        meant = f"; did you mean {value / 1000:g} {unit}?" if small else ""
        warnings.warn(
            f"{parameter.name} = {value:g} {unit} lies outside the plausible range {low:g} to "
            f"{high:g} {unit} (the default: {parameter.source}){meant}",
            RangeWarning,
            stacklevel=6,
        )


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
