"""Parts and models that were chosen by name, along axes, by arms: the models that they make."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import models
from mgsim.compose import seeing
from mgsim.compose.finding import every, find
from mgsim.compose.model import Model
from mgsim.compose.places import Spots, fitting
from mgsim.declare.component import Component
from mgsim.declare.parameter import RESERVED, PartError, check_word
from mgsim.sweeps.designs import AxisError, Design, Sampled


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
    given = {n: plain(v) for n, v in given.items()}
    spots = _spots(model, given.get("model", ()))
    choices = {n: _choices(n, v, spots) for n, v in given.items() if _is_choice(n, v, model, spots)}
    for name, value in (design.axes if design else {}).items():
        if name not in given and _is_choice(name, value := plain(value), model, spots):
            if isinstance(design, Sampled):
                raise AxisError(f"axis '{name}' of a sample has names; a sample is of numbers")
            choices[name] = _choices(name, list(dict.fromkeys(value)), spots)
    numbers = list(dict.fromkeys((*given, *(design.axes if design else ()), *also)))
    found = []
    for picks in itertools.product(*choices.values()):
        chosen = dict(zip(choices, picks, strict=True))
        plain_one = _assembly(model, chosen)
        if arms is None:
            found.append(_seeing(plain_one, numbers))
            continue
        known: dict[tuple[str, ...], Assembly] = {}  # arms that set the same numbers are one model
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
            own = {n: v for n, v in sets.items() if n not in parts}
            made = known.get(tuple(own)) if not parts else None
            if made is None:
                made = _assembly(model, {**chosen, **parts}) if parts else plain_one
                made = _seeing(made, [*numbers, *own])
            if not parts:
                known[tuple(own)] = made
            labels = {**{n: made.labels[n] for n in chosen}, "arm": name}
            names = tuple(p.name for p in parts.values())
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


def _spots(model: Model, others: Any) -> Spots:
    """Where parts stand in the models of a request, the soma first."""
    chosen = others if is_many(others) else [others]
    others = [models[m] if isinstance(m, str) else m for m in chosen]
    there = [spot for m in (model, *others) if isinstance(m, Model) for spot in m.places]
    return [("", ""), *dict.fromkeys(there)]


def _end(place: str, copy: str) -> str:
    """What the slots of a place end in."""
    return "".join(f"_{word}" for word in (copy, place) if word)


def _plain_slot(slot: str, spots: Spots) -> str | None:
    """The slot of the catalogs that this one is at a place: ``block`` of ``block_spine``."""
    plain = (slot.removesuffix(_end(*s)) for s in spots if slot.endswith(_end(*s)))
    return next((p for p in plain if p in slots()), None)


def _is_choice(name: str, value: Any, model: Model, spots: Spots) -> bool:
    """Whether a value chooses a model or part: also for a slot that the model has empty."""
    first = value[0] if is_many(value) and len(value) else value
    if name == "model" or name in model.slots:
        # A slot may be named after what its part computes, such as e_ca.
        if not isinstance(first, str | Component | Model) and (why := model.computed(name)):
            raise AxisError(why)
        return True
    return isinstance(first, Component) or (
        isinstance(first, str) and _plain_slot(name, spots) is not None
    )


def label(entry: Model | Component) -> str:
    """What an axis calls a part or model: of a part at a place, the name that the catalog has."""
    return entry.plain_name if isinstance(entry, Component) else entry.name


def _choices(name: str, value: Any, spots: Spots) -> list[Model | Component]:
    """The models or parts that an axis of labels names, each once."""
    entries = list(value) if is_many(value) else [value]
    if not entries:
        raise AxisError(f"axis '{name}' is empty")
    found = [_entry(name, e, spots) for e in entries]
    labels = [label(e) for e in found]
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
    return Assembly({n: label(e) for n, e in picks.items()}, start, made)


def _entry(slot: str, entry: Any, spots: Spots) -> Model | Component:
    kind = Model if slot == "model" else Component
    if isinstance(entry, str) and slot == "model":
        entry = models[entry]
    elif isinstance(entry, str):
        entry = find(_plain_slot(slot, spots) or slot, entry)
    if not isinstance(entry, kind):
        raise PartError(f"{slot}: {entry!r} is neither a {kind.__name__} nor the name of one")
    return fitting(slot, entry, spots) if isinstance(entry, Component) else entry


def slots() -> set[str]:
    """Every slot that some part of the catalogs fills."""
    return {slot for part in every() for slot in part.slots}


def plain(value: Any) -> Any:
    """Names in an array or a result's coordinate as plain text; everything else as it is."""
    array = value.values if hasattr(value, "attrs") and hasattr(value, "values") else value
    if isinstance(array, np.ndarray) and array.dtype.kind in "OU":
        return array.tolist()
    return value


def is_many(value: Any) -> bool:
    """Whether a value is an axis: a list or an array, no text."""
    return (isinstance(value, Sequence) and not isinstance(value, str)) or (
        isinstance(value, np.ndarray) and value.ndim > 0
    )
