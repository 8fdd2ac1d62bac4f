"""A sweep written down in a TOML file: names and numbers only, no equations, no code."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgsim import protocols, textfile
from mgsim.catalog import unknown
from mgsim.parameter import RESERVED
from mgsim.sweeps import designs
from mgsim.sweeps.designs import check_size
from mgsim.sweeps.job import Job, named, prepare

if TYPE_CHECKING:
    from mgsim.sweeps import shape

#: Bytes of a sweep file, and parts of a key with dots, at most.
_LARGEST, _PARTS = 10_000_000, 16
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
    import mgsim

    asked = parsed(path)
    _check_points(asked, large)
    protocol = protocols.read(asked.protocol, asked.changes)
    window = None if asked.window is None else (asked.window[0], asked.window[1])
    if asked.duration is not None or window:
        protocol = protocol.lasting(asked.duration or protocol.duration, window)
    names = [asked.model] if isinstance(asked.model, str) else asked.model
    models = [mgsim.models[n] for n in names]
    measures = None if asked.measures is None else named(asked.measures, models)
    for name in (*asked.set, *asked.axes, *(asked.design.columns() if asked.design else ())):
        if name in RESERVED:
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
        **options,
    }
    return prepare(
        models[0],
        protocol,
        measures,
        design=_design(asked.design, path),
        **{k: v for k, v in run.items() if v is not None},
        **given,
    )


def parsed(path: Path) -> shape.Sweep:
    """The checked content of a sweep file."""
    from pydantic import ValidationError

    from mgsim.sweeps.shape import MOST_NAMES, Sweep

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
        if len(entries) > MOST_NAMES:
            raise BadFile(f"{path}: {name} holds {len(entries):,} entries; at most {MOST_NAMES:,}")
        tables += [(str(n)[:100], x) for n, x in entries.items() if isinstance(x, dict)]
    try:
        return Sweep.model_validate(content)
    except RecursionError:
        raise BadFile(f"{path} is nested too deep") from None
    except ValidationError as error:
        raise _plain(error, content, path) from None


def _check_keys(text: str, path: Path) -> None:
    """Refuse keys of very many parts, which would cost the reader of TOML minutes and gigabytes."""
    bare = _STRINGS.sub('""', text)
    found = _CHAIN.search(bare)
    if found:
        line = bare[: found.start()].count("\n") + 1
        raise BadFile(f"{path}, about line {line}: a key of more than {_PARTS} parts")


def _plain(error: Any, content: Mapping[str, Any], path: Path) -> Exception:
    """The fault of the most particular place in words; the nearest names for an unknown key."""
    from mgsim.sweeps.shape import Axis, Design, Sweep

    faults = error.errors(include_url=False)
    extra = next((f for f in faults if f["type"] == "extra_forbidden"), None)
    if extra:
        (*inside, last), _ = _place(extra["loc"], content)
        table = f" [{'.'.join(map(str, inside))}]" if inside else ""
        kind = Sweep if not inside else Design if inside[0] == "design" else Axis
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
        case ["axes" | "set" | "design" | "values" | "ranges"] | ["design", "ranges" | "values"]:
            return "a table"
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
            return "'zip', 'table', 'sobol' or 'latin_hypercube'"
        case ["design", "file"]:
            return "the name of a CSV file beside this one"
        case ["model"]:
            return "a name, or a list of names"
        case ["measures"] | ["design", "log"]:
            return "a list of names"
    return name


def _check_points(asked: shape.Sweep, large: bool) -> None:
    """Count the points before any are made."""
    axes = math.prod(len(a) if isinstance(a, list) else a.count for a in asked.axes.values())
    models = 1 if isinstance(asked.model, str) else len(asked.model)
    seeds = len(asked.seed) if isinstance(asked.seed, list) else 1
    inner = (asked.design.points or 1) if asked.design else 1
    check_size(axes * models * seeds * inner, large)


#: What each kind of design takes besides ``kind``.
_TAKES = {
    "zip": {"values"},
    "table": {"file"},
    "sobol": {"points", "ranges", "seed", "log"},
    "latin_hypercube": {"points", "ranges", "seed", "log"},
}


def _design(asked: shape.Design | None, path: Path) -> designs.Design | None:
    if asked is None:
        return None
    takes = _TAKES[asked.kind]
    for name in sorted(asked.model_fields_set - {"kind"} - takes):
        raise BadFile(
            f"{path}: a design of kind '{asked.kind}' takes no '{name}', but "
            + ", ".join(sorted(takes))
        )
    for name in sorted(takes - {"seed", "log"}):
        if not getattr(asked, name):
            raise BadFile(f"{path}: a design of kind '{asked.kind}' needs '{name}'")
    if asked.kind == "zip":
        return designs.Zipped(asked.values)
    if asked.kind == "table":
        return designs.table(_beside(path, asked.file or ""))
    ranges = {n: (low, high) for n, (low, high) in asked.ranges.items()}
    return designs.Sampled(asked.kind, asked.points or 0, ranges, asked.seed, tuple(asked.log))


def _beside(path: Path, name: str) -> Path:
    """A file in the sweep file's folder or below it, wherever links lead."""
    folder = path.resolve().parent
    if not name.isprintable() or Path(name).is_absolute():
        raise BadFile(f"{path}: design.file: give a name relative to the sweep file")
    found = (folder / name).resolve()
    if not found.is_relative_to(folder):
        raise BadFile(f"{path}: design.file: '{name}' lies outside {folder}")
    if not found.is_file():
        raise BadFile(f"{path}: design.file: there is no file '{name}'")
    return found
