"""Which points a sweep has: a grid, paired values, a sample, a table. Points by number, no list.

Each design gives the columns of any of its points from their numbers, so that a sweep of a hundred
million points costs no more memory than its current batch.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare import priors
from mgsim.declare.priors import Prior
from mgsim.files import textfile

#: Points above which a sweep runs only when it is said to be meant, and above which it never does.
MANY, MOST = 100_000_000, 100_000_000_000
#: Points of a batch at most: they are in memory at once.
MOST_OF_BATCH = 10_000_000
#: Points of a Sobol' sequence at most, and rounds of the permutation of a Latin hypercube.
SOBOL_MOST, _ROUNDS = 2**30, 8
#: Rows of a table of draws at most, and those that are made at a time.
DRAWS_MOST, _ROWS = 2**20, 4096
#: How far from 0 and 1 a share of a prior stays: half a cell of a Sobol' sequence.
NEAREST = 2.0**-31


#: Up to so many draws it is looked whether two priors go together, and from which correlation on it
#: is said: with 1024 it is never above 0.2 for any two columns.
_FEW, TOGETHER = 1024, 0.35


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
        raise AxisError(
            f"{points:,} points: more than {MANY:,} run only with large=True "
            "(--large); plan them first"
        )


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
                raise AxisError(f"paired axis '{name}' must be a list of values, not {values!r}")
        lengths = {n: len(v) for n, v in self.axes.items()}
        if not lengths:
            raise AxisError("paired values need at least one axis")
        if len(set(lengths.values())) != 1:
            raise AxisError(
                "paired axes must have one length: "
                + ", ".join(f"{n} has {k}" for n, k in lengths.items())
            )

    @property
    def dims(self) -> dict[str, int]:
        return {"point": len(next(iter(self.axes.values())))}

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        return {n: np.asarray(v)[points] for n, v in self.axes.items()}


@dataclass(frozen=True)
class Sampled:
    """``n`` points of a Sobol' sequence, a Latin hypercube or the table of draws.

    ``axes`` holds for each name ``(low, high)``, numbers or quantities, or a
    :class:`mgsim.Prior`; ranges named in ``log`` are spread evenly in their logarithm.
    ``columns``: of the table of draws, one for each name. The same seed gives the same points.
    """

    method: Literal["sobol", "latin_hypercube", "draws"]
    n: int
    axes: Mapping[str, Any]
    seed: int = 0
    log: tuple[str, ...] = ()
    drawn_at: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not units.is_whole(self.n):
            raise AxisError(f"a sample has a whole number of points, not {self.n!r}")
        if self.n < 1 or not self.axes:
            raise AxisError("a sample needs at least one point and one axis")
        for name, given in self.axes.items():
            if not isinstance(given, Prior):
                self._check_range(name, given)
        for name in self.log:
            if name not in self.ranges:
                raise unknown("range", name, self.ranges, "the axes of a sample")
        if self.method == "sobol" and self.n > SOBOL_MOST:
            raise AxisError(
                f"{self.n:,} points: a Sobol' sequence ends at 2^30 = {SOBOL_MOST:,}; "
                "a Latin hypercube has no such limit"
            )
        if self.method == "draws":
            self._check_draws()

    def _check_range(self, name: str, bounds: Any) -> None:
        if _length(bounds) != 2:
            raise AxisError(f"axis '{name}' of a sample needs (low, high), not {bounds!r}")
        if not all(units.is_real(b) for b in bounds):
            return  # quantities: compared, and others refused, in the parameter's unit
        if not bounds[0] < bounds[1]:
            raise AxisError(f"axis '{name}' of a sample needs (low, high), not {bounds!r}")
        if name in self.log and bounds[0] <= 0:
            raise AxisError(f"axis '{name}' cannot be logarithmic from {bounds[0]}")

    def _check_draws(self) -> None:
        for name in self.ranges:
            raise AxisError(f"'{name}': a draw is from a Prior, which has a source, not a range")
        if self.n > DRAWS_MOST:
            raise AxisError(f"{self.n:,} draws; the table has at most {DRAWS_MOST:,} rows")
        if len(set(self.drawn_at)) != len(self.axes) or not all(
            0 <= c < priors.WIDTH for c in self.drawn_at
        ):
            raise AxisError(f"each prior needs its own of {priors.WIDTH} columns")

    def together(self) -> tuple[str, str, float] | None:
        """Of few draws the two priors that go together most, and how they correlate, if by much.

        A Sobol' set this wide is balanced in each column, but its first rows not in each pair.
        """
        if self.method != "draws" or not 2 < self.n <= _FEW or len(self.axes) < 2:
            return None
        rows = table_of_draws(self.seed, np.arange(self.n))[:, list(self.drawn_at)]
        found = np.triu(np.corrcoef(rows.T), 1)
        first, second = np.unravel_index(np.abs(found).argmax(), found.shape)
        most = float(found[first, second])
        names = list(self.axes)
        chance = 4 / math.sqrt(self.n)
        return (names[first], names[second], most) if abs(most) > max(TOGETHER, chance) else None

    @property
    def dims(self) -> dict[str, int]:
        return {"point": self.n}

    @property
    def ranges(self) -> dict[str, Any]:
        return {n: x for n, x in self.axes.items() if not isinstance(x, Prior)}

    @property
    def priors(self) -> dict[str, Prior]:
        return {n: x for n, x in self.axes.items() if isinstance(x, Prior)}

    def columns(self, points: np.ndarray) -> dict[str, np.ndarray]:
        shares = self._shares(points)
        return {n: self._scaled(n, share) for n, share in zip(self.axes, shares, strict=True)}

    def _shares(self, points: np.ndarray) -> list[np.ndarray]:
        """For each axis the points' places between 0 and 1."""
        if self.method == "latin_hypercube":
            columns = self.drawn_at or range(len(self.axes))
            keys = (np.random.SeedSequence(self.seed, spawn_key=(c,)) for c in columns)
            return [_stratified(points, self.n, key) for key in keys]
        if self.method == "draws":
            rows = table_of_draws(self.seed, points)
            return [rows[:, column] for column in self.drawn_at]
        first, last = int(points.min()), int(points.max())
        return list(_sobol(len(self.axes), self.seed, first, last)[points - first].T)

    def _scaled(self, name: str, share: np.ndarray) -> np.ndarray:
        given = self.axes[name]
        if isinstance(given, Prior):
            return given.quantile(np.clip(share, NEAREST, 1 - NEAREST))
        low, high = given
        if name in self.log:
            return np.exp(np.log(low) + share * (np.log(high) - np.log(low)))
        return low + share * (high - low)


def _sobol(width: int, seed: int, first: int, last: int) -> np.ndarray:
    """Points of a scrambled Sobol' sequence from one to another, both included, as rows."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(width, scramble=True, rng=np.random.default_rng(seed))
    if first:
        sampler.fast_forward(first)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a batch is no balanced sample
        return sampler.random(last - first + 1)


@lru_cache(maxsize=8)
def _rows(seed: int, block: int) -> np.ndarray:
    found = _sobol(priors.WIDTH, seed, block * _ROWS, (block + 1) * _ROWS - 1)
    found.setflags(write=False)
    return found


def table_of_draws(seed: int, points: np.ndarray) -> np.ndarray:
    """Rows of the table of draws: one scrambled Sobol' set of fixed width, shares of 0 to 1.

    A name is drawn at the column that :mod:`mgsim.declare.priors` gives it, whatever else is drawn,
    so that every sweep with the same seed meets the same draws.
    """
    found = np.empty((len(points), priors.WIDTH))
    blocks = np.asarray(points) // _ROWS
    for block in np.unique(blocks):
        here = blocks == block
        found[here] = _rows(seed, int(block))[points[here] - block * _ROWS]
    return found


def _stratified(points: np.ndarray, n: int, key: np.random.SeedSequence) -> np.ndarray:
    """One coordinate of a Latin hypercube of ``n`` points: each of ``n`` strata holds one.

    The order of the strata is a Feistel permutation, walked until it lands among the ``n``, so that
    any point is known without the others.
    """
    words = key.generate_state(_ROUNDS + 1, np.uint64)
    half = np.uint64(max(2, (int(n - 1).bit_length() + 1) // 2))
    mask = (np.uint64(1) << half) - np.uint64(1)

    def permuted(x: np.ndarray) -> np.ndarray:
        left, right = x >> half, x & mask
        for word in words[:_ROUNDS]:
            left, right = right, left ^ (_mixed(right + word) & mask)
        return (left << half) | right

    start = points.astype(np.uint64)
    strata = permuted(start)
    while (outside := strata >= n).any():
        strata[outside] = permuted(strata[outside])
    inside = (_mixed(start ^ words[_ROUNDS]) >> np.uint64(11)) * 2.0**-53
    return (strata + inside) / n


def _mixed(x: np.ndarray) -> np.ndarray:
    """Each number's 64 bits, mixed by splitmix64 (Steele, Lea and Flood 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


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


def without(design: Design, names: Collection[str]) -> Design | None:
    """A sample that leaves some names alone, the others drawn as they were; None for none left.

    Any other design is as it is.
    """
    if not isinstance(design, Sampled):
        return design
    if not design.axes.keys() - set(names):
        return None
    kept = [i for i, n in enumerate(design.axes) if n not in names]
    axes = {n: design.axes[n] for i, n in enumerate(design.axes) if i in kept}
    columns = tuple(c for i, c in enumerate(design.drawn_at) if i in kept)
    return replace(
        design, axes=axes, drawn_at=columns, log=tuple(n for n in design.log if n in axes)
    )


def first(design: Design, points: int) -> Design:
    """The first points of a sample; any other design as it is."""
    if isinstance(design, Sampled) and design.n > points:
        return replace(design, n=points)
    return design


def spread(start: Any, stop: Any, count: int, *, log: bool = False) -> list[Any]:
    """``count`` values from ``start`` to ``stop``, both included: numbers, or texts with a unit.

    >>> spread("0 uM", "1 mM", 3)
    ['0.0 mM', '0.5 mM', '1.0 mM']

    Raises
    ------
    AxisError, UnitError
        For ends that cannot be meant together.
    """
    words = [units.word(end) for end in (start, stop)]
    if bool(words[0]) != bool(words[1]):
        raise AxisError(f"an axis from {start} to {stop}: give both ends a unit, or neither")
    low, high = (units.one(end, words[1] or "1", "end of an axis") for end in (start, stop))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise AxisError(f"an axis from {start} to {stop} has no end")
    if log and min(low, high) <= 0:
        raise AxisError(f"an axis from {start} to {stop} cannot be logarithmic")
    values = (np.geomspace if log else np.linspace)(low, high, count).tolist()
    return [f"{x!r} {words[1]}" for x in values] if words[1] else values


def zipped(**axes: Sequence[Any]) -> Zipped:
    """Points from values side by side, of one length.

    >>> zipped(mg_out=[0, 0.8], g_nmda=[10, 20]).dims
    {'point': 2}
    """
    return Zipped(axes)


def sobol(n: int, *, seed: int = 0, log: Sequence[str] = (), **axes: Any) -> Sampled:
    """``n`` points of a scrambled Sobol' sequence; a power of two is balanced best.

    ``axes``: ``(low, high)`` or a :class:`mgsim.Prior` by name.
    """
    return Sampled("sobol", n, axes, seed, tuple(log))


def latin_hypercube(n: int, *, seed: int = 0, log: Sequence[str] = (), **axes: Any) -> Sampled:
    """``n`` points of a Latin hypercube; ``axes`` as for :func:`sobol`."""
    return Sampled("latin_hypercube", n, axes, seed, tuple(log))


def draws(n: int, /, *, seed: int = 0, own: Sequence[str] = (), **axes: Prior) -> Sampled:
    """The first ``n`` rows of the table of draws; a power of two, 1024 or more, is balanced best.

    What is drawn for a name depends on the seed and the name alone, not on ``n``, on what else is
    drawn or on the order: sweeps of several models, conditions or laws meet the same draws.

    Each prior is drawn evenly whatever ``n``. Two may go together in fewer than 1024 rows, up to a
    correlation of 0.94 in 64 and 0.42 in 256, so that the spread of what both act on is wrong: a
    sweep warns of them. A :func:`latin_hypercube` has no such pairs.

    Rows of two seeds are balanced alike, and so not independent of one another, row by row: where
    two independent samples are wanted in one analysis (as for indices of sensitivity), give the
    second one names, and so columns, of its own, and take 1024 rows of both.

    Parameters
    ----------
    own : names that ``mgsim/columns.txt`` lacks, at most 32, in an order that stays: a name keeps
        its place for good, further ones come at the end.
    axes : priors by name.

    Raises
    ------
    UnknownName
        For a name without a column; the message says how to give it one.
    AxisError, PriorError

    Examples
    --------
    >>> import numpy as np, mgsim as mg
    >>> wide = mg.Prior("uniform", (5, 50), "assumed: for show")
    >>> alone = draws(4, g_nmda=wide).columns(np.arange(4))["g_nmda"]
    >>> other = draws(64, g_ampa=wide, g_nmda=wide).columns(np.arange(4))["g_nmda"]
    >>> bool((alone == other).all())
    True
    """
    return drawn(n, axes, seed, own)


def drawn(n: int, axes: Mapping[str, Prior], seed: int, own: Sequence[str]) -> Sampled:
    """As :func:`draws`, for names that may be any word."""
    if isinstance(own, str):
        raise AxisError(f"own takes a list of names, not '{own}'")
    columns = tuple(priors.column(name, own) for name in axes)
    return Sampled("draws", n, axes, seed, (), columns)


def apart(n: int, axes: Mapping[str, Prior], seed: int) -> Sampled:
    """``n`` draws whose columns are independent of one another, for any ``n``: a Latin hypercube.

    What is drawn for a name depends on the name, the seed and ``n``.
    """
    columns = tuple(priors.column(name, ()) for name in axes)
    return Sampled("latin_hypercube", n, axes, seed, (), columns)


def table(path: str | Path) -> Zipped:
    """Points from a CSV file: a column a parameter, named in the first row.

    A cell is a number, a number with its unit, or the name of a part. What spreadsheets write is
    read: see :func:`mgsim.files.textfile.table`.

    Raises
    ------
    BadText
        For what is no table, with the line.
    AxisError
        For a column without a name, or two of one name.
    """
    read = textfile.table(path)
    seen: set[str] = set()
    for place, name in enumerate(read.head, start=1):
        if not name or name in seen:
            raise AxisError(
                f"{path} names a column twice: {name}"
                if name
                else f"{path}: column {place} has no name"
            )
        seen.add(name)
    return Zipped(
        {
            name: [_cell(read, row, place) for row in read.rows]
            for place, name in enumerate(read.head)
        }
    )


def _cell(read: textfile.Table, row: textfile.Row, place: int) -> float | str:
    text = row.cells[place]
    value = textfile.number(text)
    if value is None and not text[:1].isalpha() and not text[-1:].isalpha():
        raise AxisError(
            f"{read.path}, line {row.line}: '{text}' in column {read.head[place]} is "
            "neither a finite number nor a name"
        )
    return text if value is None else value
