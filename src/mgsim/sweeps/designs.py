"""Which points a sweep has: a grid, paired values, a sample, a table. Points by number, no list.

Each design gives the columns of any of its points from their numbers, so that a sweep of a hundred
million points costs no more memory than its current batch.
"""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from mgsim import units
from mgsim.catalog import unknown

#: Points above which a sweep runs only when it is said to be meant, and above which it never does.
MANY, MOST = 100_000_000, 100_000_000_000


class AxisError(ValueError):
    """An axis that cannot be swept."""


def _length(values: Any) -> int | None:
    """How many values an axis has; None for what is one."""
    try:
        return None if isinstance(values, str) else len(values)
    except TypeError:
        return None


class Design(Protocol):
    """Points by number.

    ``axes`` holds the values as given, by name; ``dims`` the dimensions of the result and their
    lengths, the last running fastest; ``columns`` the values of some points.
    """

    @property
    def axes(self) -> Mapping[str, Any]: ...

    @property
    def dims(self) -> Mapping[str, int]: ...

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]: ...


def size(design: Design) -> int:
    """How many points a design has."""
    return math.prod(design.dims.values())


def check_size(points: int, large: bool = False) -> None:
    """Refuse what cannot be meant, or what must be said to be meant.

    Raises
    ------
    AxisError
    """
    if points > MOST:
        raise AxisError(f"{points:,} points cannot be meant; at most {MOST:,}")
    if points > MANY and not large:
        raise AxisError(f"{points:,} points: more than {MANY:,} run only with large=True "
                        "(--large); plan them first")


@dataclass(frozen=True)
class Grid:
    """Every combination of the axes' values."""

    axes: Mapping[str, Any]

    @property
    def dims(self) -> dict[str, int]:
        return {n: len(v) for n, v in self.axes.items()}

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        if not self.axes:
            return {}
        places = np.unravel_index(points, tuple(self.dims.values()))
        return {n: np.asarray(v)[i] for (n, v), i in zip(self.axes.items(), places, strict=True)}


@dataclass(frozen=True)
class Zipped:
    """The axes' values side by side: the first of each, the second of each, ..."""

    axes: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, values in self.axes.items():
            if _length(values) is None:
                raise AxisError(f"axis '{name}' holds one value; paired axes need a list each")
        lengths = {n: len(v) for n, v in self.axes.items()}
        if len(set(lengths.values())) != 1:
            raise AxisError("paired axes must have one length: "
                            + ", ".join(f"{n} has {k}" for n, k in lengths.items()))

    @property
    def dims(self) -> dict[str, int]:
        return {"point": len(next(iter(self.axes.values())))}

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        return {n: np.asarray(v)[points] for n, v in self.axes.items()}


@dataclass(frozen=True)
class Sampled:
    """``n`` points of a Sobol' sequence or a Latin hypercube in a box.

    ``axes`` holds ``(low, high)`` for each parameter, numbers or quantities; those named in ``log``
    are spread evenly in their logarithm. The same seed gives the same points.
    """

    method: Literal["sobol", "latin_hypercube"]
    n: int
    axes: Mapping[str, tuple[Any, Any]]
    seed: int = 0
    log: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.n, bool) or not isinstance(self.n, int | np.integer):
            raise AxisError(f"a sample has a whole number of points, not {self.n!r}")
        if self.n < 1 or not self.axes:
            raise AxisError("a sample needs at least one point and one axis")
        for name, bounds in self.axes.items():
            if _length(bounds) != 2:
                raise AxisError(f"axis '{name}' of a sample needs (low, high), not {bounds!r}")
            if not all(isinstance(b, int | float | np.number) for b in bounds):
                continue  # quantities: compared when they are read in the parameter's unit
            if not bounds[0] < bounds[1]:
                raise AxisError(f"axis '{name}' of a sample needs (low, high), not {bounds!r}")
            if name in self.log and bounds[0] <= 0:
                raise AxisError(f"axis '{name}' cannot be logarithmic from {bounds[0]}")
        for name in self.log:
            if name not in self.axes:
                raise unknown("axis", name, self.axes)
        if self.method == "latin_hypercube" and self.n > 10_000_000:
            raise AxisError("a Latin hypercube is made whole: at most 10 million points; "
                            "a Sobol' design has no such limit")

    @property
    def dims(self) -> dict[str, int]:
        return {"point": self.n}

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        from scipy.stats import qmc

        if self.method == "sobol":
            first, last = int(points.min()), int(points.max())
            sampler = qmc.Sobol(len(self.axes), scramble=True, rng=np.random.default_rng(self.seed))
            if first:
                sampler.fast_forward(first)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # a batch is no balanced sample
                unit = sampler.random(last - first + 1)[points - first]
        else:
            sampler = qmc.LatinHypercube(len(self.axes), rng=np.random.default_rng(self.seed))
            unit = sampler.random(self.n)[points]
        return {n: self._scaled(n, unit[:, i]) for i, n in enumerate(self.axes)}

    def _scaled(self, name: str, unit: np.ndarray) -> np.ndarray:
        low, high = self.axes[name]
        if name in self.log:
            return np.exp(np.log(low) + unit * (np.log(high) - np.log(low)))
        return low + unit * (high - low)


@dataclass(frozen=True)
class Product:
    """Every point of one design with every point of another; the second runs faster."""

    outer: Design
    inner: Design

    def __post_init__(self) -> None:
        twice = set(self.outer.axes) & set(self.inner.axes)
        twice |= set(self.outer.dims) & set(self.inner.dims)
        if twice:
            raise AxisError(f"axis '{min(twice)}' is given twice")

    @property
    def axes(self) -> dict[str, Any]:
        return {**self.outer.axes, **self.inner.axes}

    @property
    def dims(self) -> dict[str, int]:
        return {**self.outer.dims, **self.inner.dims}

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        outer, inner = np.divmod(points, size(self.inner))
        return {**self.outer.columns(outer), **self.inner.columns(inner)}


def along(design: Design, names: Collection[str]) -> Design:
    """The points of a design as far as some of its axes tell them apart, and perhaps further."""
    if isinstance(design, Product):
        return Product(along(design.outer, names), along(design.inner, names))
    kept = {n: v for n, v in design.axes.items() if n in names}
    if kept and isinstance(design, Sampled):
        return design
    return Zipped(kept) if kept and isinstance(design, Zipped) else Grid(kept)


def linear(start: float, stop: float, count: int) -> list[float]:
    """``count`` evenly spaced values, both ends included, as ``numpy.linspace`` has them."""
    return [float(x) for x in np.linspace(start, stop, count)]


def zipped(**axes: Sequence[Any]) -> Zipped:
    """Points from values side by side, of one length.

    >>> zipped(mg_out=[0, 0.8], g_nmda=[10, 20]).dims
    {'point': 2}
    """
    return Zipped(axes)


def sobol(n: int, *, seed: int = 0, log: Sequence[str] = (),
          **ranges: tuple[Any, Any]) -> Sampled:
    """``n`` points of a scrambled Sobol' sequence; a power of two is balanced best."""
    return Sampled("sobol", n, ranges, seed, tuple(log))


def latin_hypercube(n: int, *, seed: int = 0, log: Sequence[str] = (),
                    **ranges: tuple[Any, Any]) -> Sampled:
    """``n`` points of a Latin hypercube."""
    return Sampled("latin_hypercube", n, ranges, seed, tuple(log))


def table(path: str | Path) -> Zipped:
    """Points from a CSV file: a column a parameter, named in the first row.

    Raises
    ------
    AxisError
        For an empty file, a row of another length, or a name given twice.
    """
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
    if len(rows) < 2:
        raise AxisError(f"{path} has no points: it needs a row of names and rows of values")
    names = [name.strip() for name in rows[0]]
    if len(set(names)) < len(names):
        raise AxisError(f"{path} names a column twice: {', '.join(names)}")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise AxisError(f"{path}, line {number}: {len(row)} values for {len(names)} columns")
    return Zipped({name: [_cell(row[i]) for row in rows[1:]] for i, name in enumerate(names)})


def _cell(text: str) -> float | str:
    try:
        return units.number(text, "cell")
    except units.UnitError:
        return text.strip()
