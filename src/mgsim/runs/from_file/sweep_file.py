"""A sweep written down in a TOML file: names and numbers only, no equations, no code."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mgsim import models as known
from mgsim import protocols
from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import RESERVED
from mgsim.declare.priors import Prior
from mgsim.files import textfile
from mgsim.runs.from_file import schema as schema
from mgsim.runs.saved import saved
from mgsim.sweeps import designs
from mgsim.sweeps.designs import check_size
from mgsim.sweeps.prepare import Job, named, prepare, sought

#: Bytes of a sweep file, and parts of a key with dots, at most.
_LARGEST, _PARTS = 10_000_000, 16
#: Characters of a table on the command line at most.
_TYPED = 10_000
#: Strings and comments of TOML, and a key of too many parts. No start is tried twice, so that both
#: take a time that grows with the length alone.
_STRINGS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"""|"(?:[^"\\\n]|\\.)*+"|'
    r"'''(?:[^']|'(?!''))*+'''|'[^'\n]*+'|#[^\n]*+",
    re.DOTALL,
)
_CHAIN = re.compile(rf'(?<![\w.-])(?:(?:[\w-]++|"")[ \t]*+\.[ \t]*+){{{_PARTS},}}')


class BadFile(ValueError):
    """A sweep file that cannot be meant."""


def read(path: Path, *, large: bool = False, **options: Any) -> Job:
    """The job of a sweep file; ``options`` (``engine``, ``threads``, ...) go before its own.

    Raises
    ------
    BadFile, UnknownName
        For what cannot be meant, with the key, and the nearest names for an unknown one.
    AxisError, UnitError, PartError
        As :func:`mgsim.sweep`.
    """
    asked = parsed(path)
    _check_points(asked, large)
    folder = path.resolve().parent
    protocol = protocols.read(
        asked.protocol, asked.changes, lambda name: _beside(folder, name, f"{path}: changes")
    )
    window = None if asked.window is None else (asked.window[0], asked.window[1])
    if asked.duration is not None or window:
        lasts = protocol.duration if asked.duration is None else asked.duration
        protocol = protocol.lasting(lasts, window)
    names = [asked.model] if isinstance(asked.model, str) else asked.model
    models = [known[n] for n in names]
    measures = None if asked.measures is None else named(asked.measures, models)
    for name in (*asked.set, *asked.axes, *(asked.design.columns() if asked.design else ())):
        if name in RESERVED or (asked.threshold and name in schema.Threshold.model_fields):
            raise BadFile(f"{path}: '{name}' is no parameter")
    given: dict[str, Any] = {**asked.set}
    if not isinstance(asked.model, str):
        given["model"] = models
    for name, axis in asked.axes.items():
        if name in given:
            raise BadFile(f"{path}: '{name}' is given twice")
        given[name] = (
            axis
            if isinstance(axis, list)
            else designs.spread(axis.start, axis.stop, axis.count, log=axis.spacing == "log")
        )
    run = {
        "engine": asked.engine,
        "seed": asked.seed,
        "dt": asked.dt,
        "method": asked.method,
        "precision": asked.precision,
        "start": asked.start and _beside(folder, asked.start, f"{path}: start"),
        "fresh": asked.fresh or None,
        "keep_state": asked.keep_state or None,
        **options,
    }
    run["start"] = saved(run["start"])
    common: dict[str, Any] = {
        "design": _design(asked.design, folder, str(path)),
        "follow": asked.follow,
        "arms": asked.arms or None,
        **{k: v for k, v in run.items() if v is not None},
        **given,
    }
    if asked.threshold is None:
        return prepare(models[0], protocol, measures, **common)
    if measures is not None:
        raise BadFile(f"{path}: a threshold keeps itself alone; leave 'measures' out")
    return sought(models[0], protocol, **asked.threshold.model_dump(), **common)


def typed(
    design: str | None,
    priors: Mapping[str, str],
    follow: Mapping[str, str],
    arms: Mapping[str, str],
) -> dict[str, Any]:
    """What the tables of a sweep file would mean that a command line spells: keywords of a run.

    ``design``, and each of ``priors`` and ``arms``, is the inside of an inline table; a file that
    they name lies in the working folder.

    Raises
    ------
    BadFile, UnknownName
        As :func:`read`.
    """
    content: dict[str, Any] = {"model": "any", "protocol": "any"}
    if design is not None:
        content["design"] = _inside(design, "--design")
    if priors:
        if design is None:
            raise BadFile("--prior needs a design: --design 'kind=\"draws\", points=256'")
        tables = {n: _inside(text, f"--prior {n}") for n, text in priors.items()}
        content["design"]["priors"] = {**content["design"].get("priors", {}), **tables}
    if follow:
        content["follow"] = dict(follow)
    if arms:
        content["arms"] = {n: _inside(text, f"--arm {n}") for n, text in arms.items()}
    try:
        asked = schema.Sweep.model_validate(content)
    except RecursionError:
        raise BadFile("what was typed is nested too deep") from None
    except ValidationError as error:
        raise _plain(error, content, "the command line") from None
    found = {
        "design": _design(asked.design, Path.cwd(), "--design"),
        "follow": asked.follow,
        "arms": asked.arms,
    }
    return {n: x for n, x in found.items() if x}


def _inside(text: str, what: str) -> dict[str, Any]:
    """What stands between the braces of an inline table."""
    if len(text) > _TYPED or not text.isprintable():
        raise BadFile(f"{what}: one line of at most {_TYPED:,} characters")
    _check_keys(text, what)
    try:
        return dict(tomllib.loads(f"x = {{{text}}}")["x"])
    except RecursionError:
        raise BadFile(f"{what} is nested too deep") from None
    except (ValueError, TypeError) as error:
        raise BadFile(
            f'{what}: write it as in a sweep file, mg_out=0.2, block="none": {error}'
        ) from None


def parsed(path: Path) -> schema.Sweep:
    """The checked content of a sweep file."""
    text = textfile.read(path, _LARGEST)
    _check_keys(text, path)
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise BadFile(f"{path} is nested too deep") from None
    except ValueError as error:
        raise BadFile(f"{path} is no TOML file: {error}") from None
    tables: list[tuple[str, Any]] = [("the file", content)]
    for name, entries in tables:  # grows: a table in a table is looked at too
        if len(entries) > schema.MOST_NAMES:
            most = f"at most {schema.MOST_NAMES:,}"
            raise BadFile(f"{path}: {name} holds {len(entries):,} entries; {most}")
        tables += [(str(n)[:100], x) for n, x in entries.items() if isinstance(x, dict)]
    try:
        return schema.Sweep.model_validate(content)
    except RecursionError:
        raise BadFile(f"{path} is nested too deep") from None
    except ValidationError as error:
        raise _plain(error, content, path) from None


def _check_keys(text: str, path: Path | str) -> None:
    """Refuse keys of very many parts, which would cost the reader of TOML minutes and gigabytes."""
    bare = _STRINGS.sub('""', text)
    found = _CHAIN.search(bare)
    if found:
        line = bare[: found.start()].count("\n") + 1
        raise BadFile(f"{path}, about line {line}: a key of more than {_PARTS} parts")


def _plain(error: Any, content: Mapping[str, Any], path: Path | str) -> Exception:
    """The fault of the most particular place in words; the nearest names for an unknown key."""
    faults = error.errors(include_url=False)
    extra = next((f for f in faults if f["type"] == "extra_forbidden"), None)
    if extra:
        (*inside, last), _ = _place(extra["loc"], content)
        table = f" [{'.'.join(str(x)[:100] for x in inside)}]" if inside else ""
        kind: Any = {0: schema.Sweep, 1: schema.Design}.get(len(inside), schema.Prior)
        kind = schema.Axis if inside[:1] == ["axes"] else kind
        return unknown("key", str(last)[:100], kind.model_fields, f"{path}{table}")
    fault = max(faults, key=lambda f: len(_place(f["loc"], content)[0]))
    place, value = _place(fault["loc"], content)
    name = (
        place[0] + "".join(f"[{x}]" if isinstance(x, int) else f".{x[:100]}" for x in place[1:])
        if place
        else ""
    )
    if fault["type"] == "missing":
        return BadFile(f"{path}: {name or 'it'} needs '{fault['loc'][-1]}'")
    if fault["loc"][-1] == "[key]":
        return BadFile(f"{path}: {name}: a name is letters, digits and '_', a letter first")
    try:
        shown = json.dumps(value, default=str)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or too many brackets
        shown = "..."
    if fault["type"] == "too_long":
        return BadFile(
            f"{path}: {name} holds {len(value):,} entries; at most {fault['ctx']['max_length']:,}"
        )
    return BadFile(
        f"{path}: {name} = {shown[:60]}{' ...' if len(shown) > 60 else ''}: give " + _wanted(place)
    )


def _place(loc: Sequence[Any], content: Any) -> tuple[list[Any], Any]:
    """The keys and indices of a fault, without the names of what it might have been; its value."""
    found: list[Any] = []
    for step in loc:
        if (isinstance(content, dict) and step in content) or (
            isinstance(content, list) and isinstance(step, int)
        ):
            content = content[step]
            found.append(step)
    return found, content


def _wanted(place: Sequence[Any]) -> str:
    """What a place of a sweep file takes."""
    name = "a name: letters, digits and '_', a letter first"
    match place:
        case ["axes" | "set" | "design" | "follow" | "arms"] | ["arms", _]:
            return "a table"
        case ["design", "ranges" | "values" | "priors"] | ["design", "priors", _]:
            return "a table"
        case ["follow", _]:
            return "an expression in other names, such as 'ampa_nmda_ratio*g_nmda'"
        case ["arms", _, _]:
            return "a number, one with its unit ('0.8 mM'), or the name of a part"
        case ["design", "priors", _, "arguments", *_]:
            return "a list of numbers, or of numbers with their units ('5 nS')"
        case ["design", "priors", _, "source"]:
            return "a text of one line, at most 1000 characters: 'key: where' or 'assumed: why'"
        case ["design", "priors", _, "scales", *_]:
            return "a list of parameters, {mg_k = -1, mg_on = 1}, or the name of an effect"
        case ["axes", _, "count"]:
            return "a whole number from 1 to 1,000,000"
        case ["axes", _, "spacing"]:
            return "'linear' or 'log'"
        case ["axes", _, "start" | "stop"] | ["design", "ranges", _, _]:
            return "a number, or one with its unit ('0.8 mM')"
        case ["axes", _]:
            return "a list of values, 'start:stop:count', or {start = .., stop = .., count = ..}"
        case ["axes", _, _] | ["set", _] | ["design", "values", _, _]:
            return "a number, one with its unit ('0.8 mM'), or the name of a part"
        case ["design", "values", _]:
            return "a list of values"
        case ["window"] | ["design", "ranges", _]:
            return "two numbers, [from, to]; or texts with units"
        case ["duration" | "dt"] | ["window", _]:
            return "a time in ms, or with its unit ('2 s')"
        case ["seed", *_] | ["design", "seed"]:
            return "a whole number from 0" + (", or a list of them" if place == ["seed"] else "")
        case ["design", "points"]:
            return "a whole number from 1"
        case ["design", "kind"]:
            return "'zip', 'table', 'sobol', 'latin_hypercube' or 'draws'"
        case ["start"]:
            return "the name of a .nc file or a folder beside this one"
        case ["fresh"]:
            return "a list of slots and states"
        case ["keep_state"]:
            return "true or false"
        case ["design", "file"]:
            return "the name of a CSV file beside this one"
        case ["model"]:
            return "a name, or a list of names"
        case ["measures"] | ["design", "log" | "own"]:
            return "a list of names"
    return name


def _check_points(asked: schema.Sweep, large: bool) -> None:
    """Count the points before any are made."""
    axes = math.prod(len(a) if isinstance(a, list) else a.count for a in asked.axes.values())
    models = 1 if isinstance(asked.model, str) else len(asked.model)
    seeds = len(asked.seed) if isinstance(asked.seed, list) else 1
    inner = (asked.design.points or 1) if asked.design else 1
    check_size(axes * models * seeds * inner * max(1, len(asked.arms)), large)


#: What each kind of design takes besides ``kind``.
_TAKES = {
    "zip": {"values"},
    "table": {"file"},
    "sobol": {"points", "ranges", "priors", "seed", "log"},
    "latin_hypercube": {"points", "ranges", "priors", "seed", "log"},
    "draws": {"points", "priors", "seed", "own"},
}


def _design(asked: schema.Design | None, folder: Path, what: str) -> designs.Design | None:
    """The design of a table, whose file lies in ``folder``; ``what`` is for errors."""
    if asked is None:
        return None
    takes = _TAKES[asked.kind]
    for name in sorted(asked.model_fields_set - {"kind"} - takes):
        raise BadFile(
            f"{what}: a design of kind '{asked.kind}' takes no '{name}', but "
            + ", ".join(sorted(takes))
        )
    samples = takes >= {"ranges", "priors"}
    for name in sorted(
        takes - {"seed", "log", "own"} - ({"ranges", "priors"} if samples else set())
    ):
        if not getattr(asked, name):
            raise BadFile(f"{what}: a design of kind '{asked.kind}' needs '{name}'")
    if samples and not (asked.ranges or asked.priors):
        raise BadFile(f"{what}: a design of kind '{asked.kind}' needs 'ranges' or 'priors'")
    if asked.kind == "zip":
        return designs.Zipped(asked.values)
    if asked.kind == "table":
        return designs.table(_beside(folder, asked.file or "", f"{what}: design.file"))
    priors = {n: _prior(n, p, what) for n, p in asked.priors.items()}
    if asked.kind == "draws":
        return designs.drawn(asked.points or 0, priors, asked.seed, asked.own)
    axes: dict[str, Any] = {n: (low, high) for n, (low, high) in asked.ranges.items()}
    if twice := axes.keys() & priors.keys():
        raise BadFile(f"{what}: '{min(twice)}' has a range and a prior")
    return designs.Sampled(
        asked.kind, asked.points or 0, {**axes, **priors}, asked.seed, tuple(asked.log)
    )


def _prior(name: str, asked: schema.Prior, what: str) -> Prior:
    try:
        return Prior(**asked.model_dump())
    except ValueError as error:
        raise BadFile(f"{what}: design.priors.{name}: {error}") from None


def _beside(folder: Path, name: str, what: str) -> Path:
    """A file in a folder or below it, wherever links lead."""
    if not name.isprintable() or Path(name).is_absolute():
        raise BadFile(f"{what}: give a name relative to the sweep file")
    found = (folder / name).resolve()
    if not found.is_relative_to(folder):
        raise BadFile(f"{what}: '{name}' lies outside {folder}")
    if not found.exists():
        raise BadFile(f"{what}: there is no file '{name}'")
    return found
