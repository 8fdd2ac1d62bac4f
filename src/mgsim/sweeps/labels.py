"""What a result says besides its numbers: units, labels, sources, coordinates, attributes.

A frame is plain data, so that a sweep in memory and one on disk are dressed by the same code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.compose.measure import Measure
from mgsim.declare.changes import told
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import Prior, columns
from mgsim.declare.window import WINDOW, Edge, edge_at
from mgsim.engines.asked import why_undefined
from mgsim.engines.contract import LOCAL, OK, STATUS, Options
from mgsim.sweeps import derived
from mgsim.sweeps.designs import Design, along
from mgsim.sweeps.resolving.request import Request, Variant, reads
from mgsim.sweeps.start import Kept
from mgsim.version import __version__

#: ``spread(dims, values_of)``: an array over ``dims`` (name -> length) from the values of any
#: points, given by number.
Spread = Callable[[Mapping[str, int], Callable[[np.ndarray], np.ndarray]], Any]

#: What ``status`` says of itself.
FLAGS = {
    "flag_values": list(STATUS),
    "flag_meanings": " ".join(STATUS.values()),
    "long_name": "how the run ended",
}


@dataclass(frozen=True)
class Frame:
    """Plain data: numbers, text, lists and mappings only.

    ``measures``: name -> its attributes. ``coordinates``: name -> its attributes and, for what is
    no axis, its value in each variant (None where a variant lacks it), or ``worked``, for what the
    rules give. ``variants``: the labels of each variant on the axes of labels. ``window``: where
    something is measured, the ends of the measuring window by name, ``duration`` (ms), and
    ``values``: of the parameters that they follow, as numbers and units. ``rules``: where there are
    any, those of each variant (see :mod:`mgsim.sweeps.derived`), and ``units`` the names' units.
    ``asked``: parameters that were given as single values.
    """

    measures: dict[str, dict[str, str]]
    coordinates: dict[str, dict[str, Any]]
    variants: list[dict[str, str]]
    attrs: dict[str, Any]
    window: dict[str, Any] = field(default_factory=dict)
    rules: list[dict[str, Any]] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The frame as JSON holds it."""
        return asdict(self)


def frame(request: Request, each: Sequence[Options], engine: str) -> Frame:
    """The frame of a request's result."""
    attrs = {
        "model": ", ".join(dict.fromkeys(v.model.name for v in request.variants)),
        "parts": ", ".join(dict.fromkeys(p.name for v in request.variants for p in v.model.parts)),
        "protocol": request.protocol.name,
        "duration_ms": request.protocol.duration,
        "engine": engine,
        "precision": each[0].precision,
        **timing(each),
        "seed": request.seed,
        "mgsim_version": __version__,
        "system_digest": ", ".join(v.system.digest for v in request.variants),
        "extrapolates": "\n".join(request.extrapolations()),
        "differs": "\n".join(request.differences()),
        **_changes(request),
        **_begun(request),
        **drawn(request),
    }
    measures = {m.name: _measure(m) for m in request.measures}
    variants = [{n: str(v.labels[n]) for n in request.labelled} for v in request.variants]
    window = _window(request) if measures else {}
    found = Frame(
        measures, _described(request), variants, attrs, window, asked=sorted(request.fixed)
    )
    if not any("worked" in c for c in found.coordinates.values()):
        return found
    rules = [dict(v.rules) for v in request.variants]
    return replace(found, rules=rules, units=dict(request.unit_of))


def drawn(request: Request) -> dict[str, str]:
    """Priors, what follows from them, and arms, in words, a line each."""
    follow = {
        n: rule for v in request.variants for n, rule in v.rules.items() if isinstance(rule, str)
    }
    arms = {str(v.labels["arm"]): v for v in request.variants if "arm" in v.labels}
    lines = {
        "priors": [
            f"{n}: {prior.told(request.unit_of[n])} ({prior.source})" + _fits(request, n, prior)
            for n, prior in request.priors.items()
        ],
        "follows": [f"{n} follows {text}" for n, text in follow.items()],
        "arms": [f"{name}: {_sets(request, v)}" for name, v in arms.items()],
    }
    return {what: "\n".join(words) for what, words in lines.items() if words}


def _fits(request: Request, name: str, prior: Prior) -> str:
    """What a factor is on, by the part that has it."""
    if not prior.scales:
        return ""
    found: dict[str, list[str]] = {}
    for variant in request.variants:
        rules = variant.rules
        for part in variant.model.parts:
            for p in part.parameters:
                rule = rules.get(p.name)
                if isinstance(rule, Mapping) and name in rule["times"]:
                    power = rule["times"][name]
                    words = p.name if power == 1 else f"{p.name}**{power:g}"
                    found.setdefault(part.name, []).append(words)
    fits = "; ".join(f"{', '.join(dict.fromkeys(w))} of {part}" for part, w in found.items())
    left = [
        v for v in request.variants if not any(name in derived.reads(r) for r in v.rules.values())
    ]
    named = dict.fromkeys(", ".join(map(str, v.labels.values())) or v.model.name for v in left)
    return f": a factor on {fits}" + (f"; on nothing with {'; '.join(named)}" if named else "")


def _sets(request: Request, variant: Variant) -> str:
    sets = [f"{n} {variant.rules[n]:g} {request.unit_of[n]}" for n in variant.arm]
    return ", ".join([*(w.removesuffix(" 1") for w in sets), *variant.parts]) or "as it is"


def _window(request: Request) -> dict[str, Any]:
    followed = frozenset().union(*map(reads, request.bounds.values()))
    return {
        **request.bounds,
        "duration": request.protocol.duration,
        "values": {n: (p.value, p.unit) for n, p in request.given.items() if n in followed},
    }


def timing(each: Sequence[Options]) -> dict[str, Any]:
    """Method, step and, where the method makes any, parts in ms; in words where they differ."""
    found: dict[str, list[Any]] = {
        "method": [o.method for o in each],
        "dt_ms": [decimal(o.dt) for o in each],
        "part_ms": [decimal(o.dt / o.parts) for o in each if o.method == LOCAL],
    }
    return {
        n: v[0] if len(set(v)) == 1 else ", ".join(map(str, dict.fromkeys(v)))
        for n, v in found.items()
        if v
    }


def decimal(seconds: float) -> float:
    """A step in ms, without the rounding of its conversion."""
    return float(f"{seconds * 1e3:.12g}")


def about(unit: str, meaning: str, **more: str) -> dict[str, str]:
    """The attributes that every variable has."""
    return {"units": unit, "long_name": meaning, **more}


def _changes(request: Request) -> dict[str, str]:
    """What changes while the model runs, in words, a line each."""
    words = [f"{n} {how}" for n, how in told(request.protocol.changes).items()]
    return {"changes": "\n".join(words)} if words else {}


def _begun(request: Request) -> dict[str, str]:
    """Where a run goes on from another, in words."""
    start = request.start
    if start is None:
        return {}
    fresh = f"; anew: {', '.join(start.fresh)}" if start.fresh else ""
    held = set().union(*(v.system.state_names for v in request.variants))
    unused = sorted(start.states.keys() - held)
    left = f"; not in this model: {', '.join(unused)}" if unused else ""
    return {"start": f"the end of a run, {start.clock:g} ms after the first began{fresh}{left}"}


def _measure(measure: Measure | Kept) -> dict[str, str]:
    if isinstance(measure, Kept):
        return about(measure.unit, measure.meaning, **measure.attributes)
    why = why_undefined(measure)
    more = {"nan_where": why} if why else {}
    return about(measure.unit, measure.meaning, **more)


def displayed(measure: Measure | Kept, values: np.ndarray, status: np.ndarray) -> np.ndarray:
    """A measure in its own unit; NaN where the point failed or the measure is not defined."""
    factor = 1.0 if isinstance(measure, Kept) else units.unit(measure.unit).factor
    return np.where(status == OK, values / factor, np.nan)


def _described(request: Request) -> dict[str, dict[str, Any]]:
    """Every axis, and every parameter with its value in each variant."""
    tables = [request.parameters(v) for v in request.variants]
    known: dict[str, Parameter] = {}
    for table in tables:
        for name, parameter in table.items():
            known.setdefault(name, parameter)
    found: dict[str, dict[str, Any]] = {}
    for name in request.axes:
        if name == "dt":
            found[name] = {"about": about("ms", "step")}
        elif name in request.labelled:
            found[name] = {"about": {"long_name": name}}
        elif name == "seed":
            found[name] = {"about": {"long_name": "seed of random trains"}}
        elif name not in known:
            prior = request.priors[name]
            meaning = columns().get(name, name)
            found[name] = {"about": about(request.unit_of[name], meaning, source=prior.source)}
        elif name in request.priors:
            p, prior = known[name], request.priors[name]
            source = f"{prior.source} | {prior.told(p.unit)}"
            found[name] = {"about": about(p.unit, p.meaning, source=source)}
        else:
            p = known[name]
            found[name] = {"about": about(p.unit, p.meaning, source=p.chosen)}
    for name, p in known.items():
        rules = [v.rules.get(name) for v in request.variants]
        told = " | ".join(dict.fromkeys(derived.told(r) for r in rules if r is not None))
        if name in request.axes:
            if told:
                found[name]["about"] |= {"worked": told}
                found[name]["worked"] = True
            continue
        stated = [
            request.stated(v, name, t[name]) if name in t else None
            for v, t in zip(request.variants, tables, strict=True)
        ]
        sources = " | ".join(
            dict.fromkeys(
                (now or t[name]).source for now, t in zip(stated, tables, strict=True) if name in t
            )
        )
        found[name] = {"about": about(p.unit, p.meaning, source=sources)}
        if any(r is not None and not isinstance(r, float) for r in rules):
            found[name]["about"] |= {"worked": told}
            found[name]["worked"] = True
        else:
            found[name]["values"] = [now.value if now else None for now in stated]
    return found


def at_once(dims: Mapping[str, int], values_of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The :data:`Spread` of a result that is held in memory."""
    return values_of(np.arange(math.prod(dims.values()))).reshape(tuple(dims.values()))


def coordinates(frame: Frame, design: Design, spread: Spread = at_once) -> dict[str, Any]:
    """Every coordinate as xarray takes it: (dims, values, attributes)."""
    dims = design.dims
    widths = {n: np.array([v[n] for v in frame.variants]).dtype for n in frame.variants[0]}
    if "dt" in widths:  # the one axis of numbers that make variants
        widths["dt"] = np.dtype(float)
    found: dict[str, Any] = {}
    for name, known in frame.coordinates.items():
        if known.get("worked"):
            found[name] = (*_worked(frame, design, name, spread), known["about"])
        elif known.get("values") is not None:
            values = np.array([math.nan if x is None else x for x in known["values"]])
            found[name] = (*_fixed(frame, design, values, spread), known["about"])
        elif name in dims:
            axis = np.asarray(design.axes[name])
            found[name] = ((name,), axis.astype(widths.get(name, axis.dtype)), known["about"])
        else:

            def column(points: np.ndarray, name: str = name) -> np.ndarray:
                values = design.columns(points)[name]
                return values.astype(widths.get(name, values.dtype))

            found[name] = (("point",), spread({"point": dims["point"]}, column), known["about"])
    return {**found, **_edges(frame, design, spread)}


def _worked(frame: Frame, design: Design, name: str, spread: Spread) -> tuple[Any, Any]:
    """A parameter that the rules give, over the axes and labels that tell its values apart."""
    behind = frozenset().union(*(derived.behind({name}, rules) for rules in frame.rules))
    own = along(design, behind | _labels_behind(frame, name))

    def at(points: np.ndarray) -> np.ndarray:
        return worked_columns(frame, own, points, [name])[name]

    return (tuple(own.dims), spread(own.dims, at)) if own.dims else ((), at(np.zeros(1, int))[0])


def _labels_behind(frame: Frame, name: str) -> set[str]:
    """The axes of labels along which the rules of a name differ."""
    found = set()
    for label in frame.variants[0]:
        groups: dict[tuple[str, ...], Any] = {}
        for labels, rules in zip(frame.variants, frame.rules, strict=True):
            others = tuple(x for n, x in labels.items() if n != label)
            own = {n: rules.get(n) for n in derived.behind({name}, rules)}
            if groups.setdefault(others, own) != own:
                found.add(label)
    return found


def worked_columns(
    frame: Frame, design: Design, points: np.ndarray, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """What the rules give at some points of a design, NaN where a variant lacks it."""
    columns = design.columns(points)
    found = {name: np.full(len(points), math.nan) for name in names}
    for labels, rules in zip(frame.variants, frame.rules, strict=True):
        here = np.ones(len(points), dtype=bool)
        for label in labels.keys() & columns.keys():
            here &= columns[label].astype(str) == labels[label]
        for name in names:
            needed = derived.behind({name}, rules)
            swept = {n: x[here] for n, x in columns.items() if n in needed and n not in labels}
            some = {n: rule for n, rule in rules.items() if n in needed}
            given = derived.work_out(some, frame.units, swept)
            if name in given:
                found[name][here] = given[name]
    return found


def shown(frame: Frame, design: Design, points: np.ndarray) -> dict[str, np.ndarray]:
    """The axes, what arms set, and what the rules give at some points."""
    found = design.columns(points)
    names = [n for n, c in frame.coordinates.items() if c.get("worked")]
    worked = worked_columns(frame, design, points, names) if names else {}
    armed = {n: _by_label(frame, found, frame.coordinates[n]["values"]) for n in _armed(frame)}
    more = {**armed, **worked}
    return {**found, **{n: more[n] for n in frame.coordinates if n in more}}


def _armed(frame: Frame) -> list[str]:
    """What differs between arms that are alike in all other labels: what they set."""
    if "arm" not in frame.variants[0]:
        return []
    others = [tuple(x for n, x in v.items() if n != "arm") for v in frame.variants]
    found = []
    for name, known in frame.coordinates.items():
        groups: dict[tuple[str, ...], set[float | None]] = {}
        for key, value in zip(others, known.get("values") or (), strict=False):
            groups.setdefault(key, set()).add(value)
        if any(len(values) > 1 for values in groups.values()):
            found.append(name)
    return found


def _by_label(
    frame: Frame, columns: Mapping[str, np.ndarray], values: Sequence[float | None]
) -> np.ndarray:
    """A number of each variant at the points of that variant; NaN where it has none."""
    found = np.full(len(next(iter(columns.values()))), math.nan)
    for labels, value in zip(frame.variants, values, strict=True):
        same = [columns[n].astype(str) == label for n, label in labels.items() if n in columns]
        found[np.logical_and.reduce(same)] = math.nan if value is None else value
    return found


def _edges(frame: Frame, design: Design, spread: Spread) -> dict[str, Any]:
    """The ends of the measuring window, along the axes that they follow."""
    found: dict[str, Any] = {}
    for p in WINDOW if frame.window else ():
        edge = frame.window[p.name]
        own = along(design, reads(edge))

        def at(points: np.ndarray, edge: Edge = edge, own: Design = own) -> np.ndarray:
            swept = own.columns(points)
            si = {
                n: np.asarray(swept.get(n, value), dtype=float) * units.unit(unit).factor
                for n, (value, unit) in frame.window["values"].items()
            }
            seconds = edge_at(edge, frame.window["duration"], si)
            return np.broadcast_to(np.round(seconds * 1e3, 9), points.shape)

        text = edge if isinstance(edge, str) else "a time"
        source = f"set: {text} of protocol {frame.attrs['protocol']}"
        values = spread(own.dims, at) if own.dims else at(np.zeros(1, dtype=int))[0]
        found[p.name] = (tuple(own.dims), values, about(p.unit, p.meaning, source=source))
    return found


def _fixed(frame: Frame, design: Design, values: np.ndarray, spread: Spread) -> tuple[Any, Any]:
    """A parameter that is no axis: one number, or one a label where the variants differ."""
    labelled = tuple(frame.variants[0])
    if not labelled or np.all(values == values[0]):
        return (), values[0]
    dims = tuple(n for n in labelled if n in design.dims)
    if len(dims) == len(labelled):
        return dims, values.reshape([design.dims[n] for n in dims])

    def of_points(points: np.ndarray) -> np.ndarray:
        return _by_label(frame, design.columns(points), values.tolist())

    return tuple(design.dims), spread(design.dims, of_points)
