"""What a user asked for, checked and sorted before anything runs."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalog import unknown
from mgsim.component import Component, Parameter, PartError
from mgsim.engines.contract import Batch, Trains
from mgsim.model import Measure, Model, Protocol
from mgsim.system import WINDOW, System, lower


class AxisError(ValueError):
    """An axis that cannot be swept."""


class RangeWarning(UserWarning):
    """A value outside the plausible range of its parameter."""


@dataclass(frozen=True)
class Variant:
    """One system of a request: its labels on the string axes, and its model."""

    labels: Mapping[str, str]
    model: Model
    system: System


@dataclass(frozen=True)
class Request:
    """Everything that a run needs, resolved.

    ``axes`` holds the swept values by name in the order given, in display units; ``fixed`` the
    values given as single numbers; ``variants`` one system for each point of the string axes.
    """

    protocol: Protocol
    variants: tuple[Variant, ...]
    axes: Mapping[str, np.ndarray]
    fixed: Mapping[str, float]
    labelled: tuple[str, ...]
    seed: int

    @cached_property
    def numeric(self) -> dict[str, np.ndarray]:
        """The axes that are columns (and the seed), not choices of a system."""
        return {n: v for n, v in self.axes.items() if n not in self.labelled}

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(v) for v in self.numeric.values())

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    def parameters(self, variant: Variant) -> dict[str, Parameter]:
        """Every parameter of a variant, those of its event trains among them."""
        own = {p.name: p for p in variant.system.parameters}
        window = {p.name for p in WINDOW}
        trains = {p.name: p for t in self.protocol.events.values() for p in t.parameters}
        return {n: p for n, p in {**own, **trains}.items() if n not in window}

    def values(self, variant: Variant) -> dict[str, np.ndarray]:
        """Each parameter in display units: one number, or one a point (flat)."""
        grids = np.meshgrid(*self.numeric.values(), indexing="ij") if self.numeric else []
        flat = {n: g.ravel() for n, g in zip(self.numeric, grids, strict=True)}
        return {
            n: flat.get(n, np.asarray(self.fixed.get(n, p.value)))
            for n, p in self.parameters(variant).items()
        } | ({"seed": flat["seed"]} if "seed" in flat else {})

    def batch(self, variant: Variant) -> Batch:
        """The columns and event trains of a variant."""
        values = self.values(variant)
        columns = {
            p.name: values[p.name] * units.unit(p.unit).factor
            for p in variant.system.parameters if p.name in values
        }  # fmt: skip
        start, stop = self.protocol.measured()
        columns["window_start"] = np.asarray(start * 1e-3)
        columns["window_stop"] = np.asarray(stop * 1e-3)
        trains = {event: self._trains(event, values) for event in self.protocol.events}
        return Batch(self.size, columns, trains)

    def _trains(self, event: str, values: Mapping[str, np.ndarray]) -> Trains:
        """One train for each different (seed, parameters); none depends on the point's place."""
        train = self.protocol.events[event]
        names = [p.name for p in train.parameters]
        seeds = np.broadcast_to(values.get("seed", np.asarray(self.seed)), self.size)
        table = np.column_stack(
            [seeds, *(np.broadcast_to(values[n], self.size) for n in names)]).astype(float)
        rows, of_point = np.unique(table, axis=0, return_inverse=True)
        place = sorted(self.protocol.events).index(event)
        times = []
        for row in rows:
            rng = np.random.default_rng(np.random.SeedSequence(int(row[0]), spawn_key=(place,)))
            given = dict(zip(names, row[1:].tolist(), strict=True))
            times.append(np.sort(train.times(given, self.protocol.duration, rng)) * 1e-3)
        offsets = np.concatenate([[0], np.cumsum([len(t) for t in times])])
        joined = np.concatenate(times) if times else np.empty(0)
        return Trains(joined, offsets, np.asarray(of_point).reshape(-1))


def resolve(model: Model, protocol: Protocol, measures: Iterable[Measure], seed: int,
            given: Mapping[str, Any]) -> Request:
    """Check names, values, units and parts; raise before anything runs.

    Raises
    ------
    AxisError
        An empty axis, or one that some of the swept models lack.
    UnknownName, UnitError, PartError, EquationError
        As :func:`mgsim.system.lower` and :meth:`mgsim.Parameter.check`.
    """
    measures = tuple(measures)
    choices, numbers = _split(model, given)
    labelled = tuple(n for n, v in choices.items() if len(v) > 1 or _is_many(given[n]))
    variants = []
    for picks in itertools.product(*choices.values()):
        chosen = model
        for name, (_, entry) in zip(choices, picks, strict=True):
            if name == "model":
                chosen = entry
        for name, (_, entry) in zip(choices, picks, strict=True):
            if name != "model":
                chosen = chosen.swap(entry)
        labels = {n: label for n, (label, _) in zip(choices, picks, strict=True)}
        variants.append(Variant(labels, chosen, lower(chosen, protocol, measures)))
    request = Request(protocol, tuple(variants), {}, {}, labelled, seed)
    axes: dict[str, np.ndarray] = {}
    fixed: dict[str, float] = {}
    for name in given:
        if name in choices:
            if name in labelled:
                axes[name] = np.array([label for label, _ in choices[name]], dtype=object)
            continue
        checked = _numbers(name, numbers[name], request)
        if checked.ndim == 0:
            fixed[name] = float(checked)
        else:
            axes[name] = checked
    if "seed" in fixed:
        seed = int(fixed.pop("seed"))
    return Request(protocol, tuple(variants), axes, fixed, labelled, seed)


def _is_many(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


def _split(model: Model, given: Mapping[str, Any]) -> tuple[dict[str, list[tuple[str, Any]]],
                                                            dict[str, Any]]:
    """Choices of model and parts (label, object) on one side, numbers on the other."""
    choices: dict[str, list[tuple[str, Any]]] = {}
    numbers: dict[str, Any] = {}
    for name, value in given.items():
        if name != "model" and name not in model.slots:
            numbers[name] = value
            continue
        entries = list(value) if _is_many(value) else [value]
        if not entries:
            raise AxisError(f"axis '{name}' is empty")
        choices[name] = [_entry(name, e) for e in entries]
        labels = [label for label, _ in choices[name]]
        if len(set(labels)) < len(labels):
            raise AxisError(f"axis '{name}' holds a name twice: {', '.join(labels)}")
    return choices, numbers


def _entry(slot: str, entry: Any) -> tuple[str, Any]:
    kind = Model if slot == "model" else Component
    if isinstance(entry, str):
        entry = find(slot, entry)
    if not isinstance(entry, kind):
        raise PartError(f"{slot}: {entry!r} is neither a {kind.__name__} nor the name of one")
    if isinstance(entry, Component) and slot not in entry.slots:
        raise PartError(f"'{entry.name}' fills the slot '{entry.slot}', not '{slot}'")
    return entry.name, entry


def find(slot: str, name: str) -> Model | Component:
    """A model (``slot="model"``) or the part of that name that fills a slot."""
    import mgsim

    if slot == "model":
        found: Model = mgsim.models[name]
        return found
    parts = {p.name: p for catalog in (mgsim.blocks, mgsim.receptors, mgsim.neurons,
                                       mgsim.calcium, mgsim.baths)
             for p in catalog.values() if slot in p.slots}
    if name not in parts:
        raise unknown(slot, name, parts)
    return parts[name]


def _numbers(name: str, value: Any, request: Request) -> np.ndarray:
    if name == "seed":
        seeds = np.asarray(value)
        if seeds.size == 0:
            raise AxisError("axis 'seed' is empty")
        if seeds.dtype.kind not in "iu" and not np.all(seeds == np.floor(seeds.astype(float))):
            raise units.UnitError("seed must be whole numbers")
        return seeds.astype(int)
    tables = [request.parameters(v) for v in request.variants]
    known = {n for table in tables for n in table}
    if name not in known:
        _explain_absent(name, request)
        raise unknown("parameter", name, known | set(request.variants[0].model.slots),
                      f"model '{request.variants[0].model.name}' under protocol "
                      f"'{request.protocol.name}'")
    lacking = [v for v, t in zip(request.variants, tables, strict=True) if name not in t]
    if lacking:
        raise AxisError(f"'{name}' is no parameter of {lacking[0].labels}")
    parameter = next(t[name] for t in tables if name in t)
    checked = parameter.check(value)
    if checked.ndim > 1:
        raise AxisError(f"axis '{name}' must be one-dimensional, not of shape {checked.shape}")
    if checked.size == 0:
        raise AxisError(f"axis '{name}' is empty")
    if checked.ndim and len(np.unique(checked)) < checked.size:
        raise AxisError(f"axis '{name}' holds a value twice")
    low, high = parameter.range
    outside = checked[(checked < low) | (checked > high)] if checked.ndim else (
        checked if not low <= checked <= high else np.empty(0))
    if np.size(outside):
        warnings.warn(f"{name} = {float(np.ravel(outside)[0]):g} {parameter.unit} lies outside the "
                      f"plausible range {low:g} to {high:g} {parameter.unit} "
                      f"({parameter.source})", RangeWarning, stacklevel=4)
    return checked


def _explain_absent(name: str, request: Request) -> None:
    """A parameter that some part has but no equation reads, or that the stimulus computes."""
    for variant in request.variants:
        for part in variant.model.parts:
            if name in {p.name for p in part.parameters}:
                if name in variant.system.recordable:
                    raise AxisError(
                        f"'{name}' is computed here, by protocol '{request.protocol.name}' or "
                        f"another part, so it cannot be set; that part's own parameters can")
                raise AxisError(
                    f"model '{variant.model.name}' does not use '{name}': no equation reads it")
