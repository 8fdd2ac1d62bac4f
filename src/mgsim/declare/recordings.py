"""Recordings: values at times that a run follows, of numbers or from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mgsim import units
from mgsim.declare.parameter import PartError
from mgsim.files import textfile

#: Points of a recording at most, and bytes of its file.
_MOST_POINTS, _LARGEST = 10_000_000, 1_000_000_000
#: The unit in the head of a column, in brackets.
_HEAD = re.compile(r"[^\[(]*[\[(]([^\])]+)[\])]\s*")


@dataclass(frozen=True)
class Recording:
    """Values at times, of which a kernel reads the piece that it is in: any number of them.

    Parameters
    ----------
    times, values : in ms after the start of the change, and in ``unit``; 0 before the first, and
        the last value after the last.
    unit : ``""`` for that of the parameter.
    linear : between two times on the line through them, else the first value until the second.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]
    unit: str = ""
    linear: bool = True

    def pieces(self, unit: str) -> np.ndarray:
        """Rows of times (s), values and slopes (per s) in SI, for a parameter in ``unit``."""
        at = np.array(self.times) * 1e-3
        x = np.array(self.values) * units.unit(self.unit or unit).factor
        slopes = np.zeros_like(x)
        if self.linear:
            slopes[:-1] = np.diff(x) / np.diff(at)
        return np.array([at, x, slopes])


def of_points(times: Any, values: Any, unit: str | None, linear: bool) -> Recording:
    """The recording of values at times, in ms.

    Raises
    ------
    PartError
        For what is none.
    """
    at = units.read(times, "ms", "times of a change")
    try:
        to = units.read(values, unit or "1", "values of a change")
    except units.UnitError as error:
        raise PartError(f"{error}; with unit= the values may have units of their own") from None
    if at.ndim != 1 or at.shape != to.shape or not at.size:
        raise PartError(
            f"a change takes as many times as values, not {np.size(times)} and {np.size(values)}"
        )
    if at.size > _MOST_POINTS:
        raise PartError(f"a recording has {at.size:,} points; at most {_MOST_POINTS:,}")
    if not (np.all(np.isfinite(at)) and np.all(np.isfinite(to))):
        raise PartError("times and values of a change must be finite")
    if np.any(np.diff(at) <= 0) or at[0] < 0:
        raise PartError("times of a change must rise, from 0 ms or later")
    if unit is not None:
        units.unit(unit)
    return Recording(tuple(at.tolist()), tuple(to.tolist()), unit or "", linear)


def from_file(path: Path, every: Any) -> tuple[np.ndarray, np.ndarray, str | None]:
    """Times in ms, values, and the unit of the values where the file says one.

    Raises
    ------
    PartError
        For what is no such file, with the line.
    """
    heads: list[str] = []
    try:
        if path.suffix == ".csv":
            table = textfile.table(path)
            heads = list(table.head)
            if all(textfile.number(h) is not None for h in heads):
                raise PartError(f"{path}: a .csv file has names in its first line")
            columns = np.array([table.numbers(k) for k in range(len(heads))])
        elif path.suffix == ".txt":
            columns = _numbers(path)
        elif path.suffix == ".npy":
            columns = _array(path)
        else:
            raise PartError(f"{path}: a recording is a file .csv, .txt or .npy")
    except textfile.BadText as error:
        raise PartError(str(error)) from None
    if len(columns) not in (1, 2):
        raise PartError(f"{path} has {len(columns)} columns; a recording has times and values")
    said = [found[1].strip() if (found := _HEAD.fullmatch(h)) else None for h in heads]
    if len(columns) == 2:
        if every is not None:
            raise PartError(f"{path} has times of its own, so it takes no 'every'")
        unit = (said or [None])[0] or "ms"
        factor = units.unit(unit).factor / units.unit("ms").factor
        if units.unit(unit).dimension != units.unit("ms").dimension:
            raise PartError(f"{path}: the first column is of times, not in {unit}")
        return columns[0] * factor, columns[1], said[-1] if said else None
    if every is None:
        raise PartError(f"{path} has values alone; say how far apart: every='0.05 ms'")
    apart = units.one(every, "ms", "every")
    if not 0 < apart < np.inf:
        raise PartError(f"'every' is a time above 0 ms, not {apart:g}")
    n = columns.shape[1]
    # As decimals are written, so that no sample is off its step by rounding.
    per = round(1 / apart) if apart < 1 else 0
    at = np.arange(n) / per if per and abs(per * apart - 1) < 1e-12 else np.arange(n) * apart
    return at, columns[0], said[-1] if said else None


def _numbers(path: Path) -> np.ndarray:
    """The columns of a text of numbers, between blanks, tabs, commas or ``;``."""
    rows: list[list[float]] = []
    for line, text in enumerate(textfile.read(path, _LARGEST).split("\n"), 1):
        words = re.split(r"[\s,;]+", text.partition("#")[0].strip())
        if words == [""]:
            continue
        row = [textfile.number(w) for w in words if w]
        if None in row or (rows and len(row) != len(rows[0])):
            raise textfile.BadText(f"{path}, line {line}: '{text[:60]}' is no row of numbers")
        rows.append([x for x in row if x is not None])
    if not rows:
        raise textfile.BadText(f"{path} has no numbers")
    return np.array(rows).T


def _array(path: Path) -> np.ndarray:
    """The columns of an array in a file; nothing in it is executed."""
    if not path.is_file():
        raise textfile.BadText(f"there is no file {path}")
    try:
        found = np.load(path, allow_pickle=False, mmap_mode="r")
    except (ValueError, OSError, EOFError) as error:
        raise PartError(f"{path} is no array of numbers: {str(error).splitlines()[0]}") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iuf":
        raise PartError(f"{path} is no array of numbers")
    if found.ndim not in (1, 2) or (found.ndim == 2 and found.shape[1] > 2):
        raise PartError(f"{path} has the shape {found.shape}; a recording has (points, 2)")
    return np.atleast_2d(np.array(found, dtype=float).T)
