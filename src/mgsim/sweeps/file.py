"""A sweep written down in a TOML file: names and numbers only, no equations, no code."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.catalog import unknown
from mgsim.component import RESERVED
from mgsim.sweeps import designs
from mgsim.sweeps.designs import check_size
from mgsim.sweeps.job import Job, prepare

if TYPE_CHECKING:
    from mgsim.sweeps import shape

#: Bytes of a sweep file at most.
_LARGEST = 10_000_000


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
    protocol = mgsim.protocols[asked.protocol]
    window = None if asked.window is None else (asked.window[0], asked.window[1])
    if asked.duration is not None or window:
        protocol = protocol.lasting(asked.duration or protocol.duration, window)
    measures = None if asked.measures is None else [mgsim.measures[n] for n in asked.measures]
    names = [asked.model] if isinstance(asked.model, str) else asked.model
    models = [mgsim.models[n] for n in names]
    for name in (*asked.set, *asked.axes, *(asked.design.columns() if asked.design else ())):
        if name in RESERVED:
            raise BadFile(f"{path}: '{name}' is no parameter")
    given: dict[str, Any] = {**asked.set}
    if not isinstance(asked.model, str):
        given["model"] = models
    for name, axis in asked.axes.items():
        if name in given:
            raise BadFile(f"{path}: '{name}' is given twice")
        given[name] = axis if isinstance(axis, list) else _spread(axis)
    run = {"engine": asked.engine, "seed": asked.seed, "dt": asked.dt, "method": asked.method,
           "precision": asked.precision, **options}  # fmt: skip
    return prepare(models[0], protocol, measures, design=_design(asked.design, path),
                   **{k: v for k, v in run.items() if v is not None}, **given)


def parsed(path: Path) -> shape.Sweep:
    """The checked content of a sweep file."""
    from pydantic import ValidationError

    from mgsim.sweeps.shape import Sweep

    if not path.is_file():
        raise BadFile(f"there is no file {path}")
    if path.stat().st_size > _LARGEST:
        raise BadFile(f"{path} is too large for a sweep file; put long lists of points in a table")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} is no TOML file: {error}") from None
    try:
        return Sweep.model_validate(content)
    except RecursionError:
        raise BadFile(f"{path} is nested too deep") from None
    except ValidationError as error:
        raise _plain(error, path) from None


def _plain(error: Any, path: Path) -> Exception:
    """The first fault in words, with the nearest names for an unknown key."""
    from mgsim.sweeps.shape import Axis, Design, Sweep

    faults = error.errors(include_url=False, include_input=False, include_context=False)
    fault = next((f for f in faults if f["type"] == "extra_forbidden"),
                 max(faults, key=lambda f: len(f["loc"])))
    *inside, last = [str(x)[:100] for x in fault["loc"] if not _KINDS.search(str(x))]
    if fault["type"] == "extra_forbidden":
        table = f" [{'.'.join(inside)}]" if inside else ""
        kind = Sweep if not inside else Design if inside[0] == "design" else Axis
        return unknown("key", last, kind.model_fields, f"{path}{table}")
    return BadFile(f"{path}: {'.'.join([*inside, last])}: {fault['msg']}")


def _check_points(asked: shape.Sweep, large: bool) -> None:
    """Count the points before any are made."""
    axes = math.prod(len(a) if isinstance(a, list) else a.count for a in asked.axes.values())
    models = 1 if isinstance(asked.model, str) else len(asked.model)
    seeds = len(asked.seed) if isinstance(asked.seed, list) else 1
    inner = (asked.design.points or 1) if asked.design else 1
    check_size(axes * models * seeds * inner, large)


def _spread(axis: shape.Axis) -> list[float]:
    if axis.spacing == "linear":
        return designs.linear(axis.start, axis.stop, axis.count)
    if min(axis.start, axis.stop) <= 0:
        raise BadFile(f"an axis from {axis.start:g} to {axis.stop:g} cannot be logarithmic")
    return [float(x) for x in np.geomspace(axis.start, axis.stop, axis.count)]


#: What pydantic puts into the place of a fault besides keys.
_KINDS = re.compile(r"^(Axis|str|int|float|constrained-\w+|list\[.*)$")
#: What each kind of design takes besides ``kind``.
_TAKES = {"zip": {"values"}, "table": {"file"}, "sobol": {"points", "ranges", "seed", "log"},
          "latin_hypercube": {"points", "ranges", "seed", "log"}}  # fmt: skip


def _design(asked: shape.Design | None, path: Path) -> designs.Design | None:
    if asked is None:
        return None
    takes = _TAKES[asked.kind]
    for name in sorted(asked.model_fields_set - {"kind"} - takes):
        raise BadFile(f"{path}: a design of kind '{asked.kind}' takes no '{name}', but "
                      + ", ".join(sorted(takes)))
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
