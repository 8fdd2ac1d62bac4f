"""What a sweep is, as plain data, and the sha256 of it: the same numbers from the same identity.

Left out is what changes no number: threads, batches, the folder, the machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.declare.priors import Prior
from mgsim.engines.contract import Engine, EngineError
from mgsim.engines.updates.stepping import TOLERANCES
from mgsim.files import sha256
from mgsim.store import source_digest
from mgsim.sweeps import derived
from mgsim.sweeps.designs import AxisError, Design, Grid, Product, Sampled, Zipped, along, size
from mgsim.sweeps.labels import timing
from mgsim.version import __version__

if TYPE_CHECKING:
    from mgsim.compose.protocol import Protocol
    from mgsim.sweeps.prepare import Job
    from mgsim.sweeps.resolving.request import Request

#: Axes of more values than this are described by their digest.
_LISTED = 1000
_SHOWN = 8
#: Event trains at most that are drawn to tell a sweep from another.
_MOST_TRAINS = 1_000_000


class OtherSweep(ValueError):
    """A folder that holds another sweep than the one asked for."""


def describe(job: Job) -> dict[str, Any]:
    """Everything that the numbers of a sweep depend on, as JSON holds it."""
    request, options = job.request, job.options
    protocol = request.protocol
    return {
        "mgsim": __version__,
        "code": source_digest.digests(job.engines),
        "engine": {
            v.model.name if not v.labels else ", ".join(map(str, v.labels.values())): e.name
            for v, e in zip(request.variants, job.engines, strict=True)
        },
        **_settings(job.engines),
        **timing(job.each),
        "tolerances": list(TOLERANCES),
        "precision": options.precision,
        "seed": request.seed,
        "protocol": {
            "name": protocol.name,
            "duration_ms": protocol.duration,
            "window_ms": list(protocol.edges),
            "events": {n: _train(request, n) for n in protocol.events},
            **_recordings(protocol),
        },
        "measures": {m.name: m.unit for m in request.measures},
        "variants": [
            {
                "labels": dict(v.labels),
                "model": v.model.name,
                "parts": [p.name for p in v.model.parts],
                "system": v.system.digest,
                "parameters": {
                    n: f"{p.value!r} {p.unit}" for n, p in sorted(request.parameters(v).items())
                },
                "rules": dict(v.rules),
            }
            for v in request.variants
        ],
        "fixed": dict(sorted(request.fixed.items())),
        "design": _described(request.design),
        **({"start": request.start.digest} if request.start else {}),
        **({"search": asdict(request.search)} if request.search else {}),
    }


def _settings(engines: Iterable[Engine]) -> dict[str, Any]:
    """What engines of one's own are set to: all attributes but fields that are not compared."""
    found = {}
    for engine in source_digest.foreign(engines):
        state: Any = object.__getstate__(engine)  # of the class's own words nothing
        parts = state if isinstance(state, tuple) else (state,)  # attributes, and slots
        known = {n: x for part in parts for n, x in (part or {}).items()}
        if is_dataclass(engine):
            for one in fields(engine):
                if not one.compare:
                    known.pop(one.name, None)
        for name, value in known.items():
            if _told(value) is None:
                raise EngineError(
                    f"'{name}' of engine '{engine.name}' is a {type(value).__name__}, which a "
                    "folder cannot tell from another one, as it can numbers, texts, arrays, lists "
                    "and dicts; what changes no number may be a dataclass's field(compare=False)"
                )
        found[engine.name] = {n: _told(x) for n, x in sorted(known.items())}
    return {"engine_settings": found} if any(found.values()) else {}


def _told(value: Any) -> str | None:
    """A setting as text, the same of equal ones alone; None of what has no such text."""
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return None
        if value.ndim:
            return f"{value.dtype.str}{value.shape} {sha256(value.tobytes())}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        pairs = [_told([name, x]) for name, x in value.items()]
        return None if None in pairs else f"{{{', '.join(sorted(map(str, pairs)))}}}"
    if isinstance(value, tuple | list | set | frozenset):
        inside = [_told(x) for x in value]
        if None in inside:
            return None
        words = [str(x) for x in inside]
        return f"[{', '.join(sorted(words) if isinstance(value, set | frozenset) else words)}]"
    plain = value is None or isinstance(value, str | bytes | int | float | complex)
    return repr(value) if plain else None


def identity(description: Mapping[str, Any]) -> str:
    """sha256 of a description's canonical text."""
    text = json.dumps(description, sort_keys=True, separators=(",", ":"))
    return sha256(text)


def differences(there: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Where two descriptions differ, in words."""
    old, new = (dict(_leaves({n: v for n, v in d.items() if n != "code"})) for d in (there, asked))
    found = [
        f"{name} is {old.get(name, 'absent')} there, {new.get(name, 'absent')} here"
        for name in [*old, *(n for n in new if n not in old)]
        if old.get(name) != new.get(name)
    ]
    if not found and there.get("code") != asked.get("code"):
        return (
            f"it was begun with other source of mgsim {asked['mgsim']} than is here, and "
            "numbers of both must not stand side by side; go on with the source that it was "
            "begun with, or give another folder"
        )
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inside in value.items():
            yield from _leaves(inside, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(x, Mapping) for x in value):
        for i, inside in enumerate(value):
            yield from _leaves(inside, f"{path}[{i}]")
    else:
        text = json.dumps(value)
        yield path, text if len(text) <= 80 else f"{text[:60]} ... ({len(value)} values)"


def _recordings(protocol: Protocol) -> dict[str, Any]:
    """Recordings by a digest of all their points."""
    found = {
        n: sha256(np.array([c.recording.times, c.recording.values]).tobytes())
        for n, c in protocol.changes.items()
        if c.recording
    }
    return {"recordings": found} if found else {}


def _train(request: Request, event: str) -> str:
    """A train of mgsim's own by its name, in whatever file; any other by all its events' times."""
    train = request.protocol.events[event]
    if request.start and train.goes_on:
        alone = replace(request, start=None)
        return f"{_train(alone, event)}, going on"
    module, name = (getattr(train.times, n, "") for n in ("__module__", "__qualname__"))
    if str(module).startswith("mgsim.") and (
        getattr(sys.modules.get(module), name, None) is train.times
    ):
        return f"{'.'.join(module.split('.')[:2])}.{name}"
    found = b""
    names = {p.name for p in train.parameters}
    variants = [v for v in request.variants if derived.behind(names, v.rules) & v.rules.keys()]
    for variant in variants or request.variants[:1]:
        design = along(request.design, {"seed", *derived.behind(names, variant.rules)})
        if request.search and request.search.axis in names:
            design = Product(design, Grid({request.search.axis: request.search.scan}))
        if size(design) > _MOST_TRAINS:
            raise AxisError(
                f"'{event}' of protocol '{request.protocol.name}': {size(design):,} trains "
                "of one's own cannot be told from others in a folder; at most "
                f"{_MOST_TRAINS:,}"
            )
        drawn = request.trains(variant, event, design.columns(np.arange(size(design))))
        found += drawn.offsets.tobytes() + drawn.times.tobytes()
    return sha256(found)


# ------------------------------------------------------------------------------------- designs


def _described(design: Design) -> dict[str, Any]:
    """A design by its values, long axes by their digest."""
    if isinstance(design, Product):
        return {"outer": _described(design.outer), "inner": _described(design.inner)}
    if isinstance(design, Sampled):
        found = structure(design)
        for prior in found["priors"].values():
            del prior["source"], prior["scales"]  # words; and part of the rules
        if design.method == "draws":  # in any order
            found["drawn_at"] = dict(zip(found.pop("axes"), found["drawn_at"], strict=True))
        return found
    return {structure(design)["kind"]: {n: _values(v) for n, v in design.axes.items()}}


def _values(axis: Any) -> Any:
    values = np.asarray(axis).tolist()
    if len(values) <= _LISTED:
        return values
    digest = sha256(json.dumps(values))
    return {"length": len(values), "first": values[0], "last": values[-1], "sha256": digest}


def structure(design: Design) -> dict[str, Any]:
    """A design without the values of its axes: with those, :func:`rebuilt` makes it again."""
    if isinstance(design, Product):
        return {
            "kind": "product",
            "outer": structure(design.outer),
            "inner": structure(design.inner),
        }
    if isinstance(design, Sampled):
        return {
            "kind": "sampled",
            "method": design.method,
            "n": design.n,
            "seed": design.seed,
            "log": list(design.log),
            "axes": list(design.axes),
            "ranges": {n: list(map(float, b)) for n, b in design.ranges.items()},
            "priors": {n: prior.plain() for n, prior in design.priors.items()},
            "drawn_at": list(design.drawn_at),
            "first": first(design),
        }
    kind = {Grid: "grid", Zipped: "zip"}[type(design)]  # type: ignore[index]
    return {"kind": kind, "axes": list(design.axes)}


def first(design: Sampled) -> dict[str, str]:
    """The first point of a sample in nine digits: it tells whether other software draws others."""
    return {n: f"{x[0]:.9g}" for n, x in design.columns(np.zeros(1, dtype=np.int64)).items()}


def rebuilt(structure: Mapping[str, Any], axes: Mapping[str, Any]) -> Design:
    """The design of a structure and the values of its axes."""
    kind = structure["kind"]
    if kind == "product":
        return Product(rebuilt(structure["outer"], axes), rebuilt(structure["inner"], axes))
    if kind == "sampled":
        if sorted(structure["axes"]) != sorted([*structure["ranges"], *structure["priors"]]):
            raise AxisError("its sample has other axes than it has ranges and priors")
        given = {n: (low, high) for n, (low, high) in structure["ranges"].items()}
        given |= {n: Prior(**prior) for n, prior in structure["priors"].items()}
        made = Sampled(
            structure["method"],
            structure["n"],
            {n: given[n] for n in structure["axes"]},
            structure["seed"],
            tuple(structure["log"]),
            tuple(structure["drawn_at"]),
        )
        if first(made) != structure["first"]:
            raise AxisError("its points are not those that this version of scipy draws")
        return made
    given = {n: axes[n] for n in structure["axes"]}
    return Grid(given) if kind == "grid" else Zipped(given)


def listed(design: Design) -> dict[str, Any]:
    """The axes of a design that are given by their values, not by a range."""
    if isinstance(design, Product):
        return {**listed(design.outer), **listed(design.inner)}
    return {} if isinstance(design, Sampled) else dict(design.axes)
