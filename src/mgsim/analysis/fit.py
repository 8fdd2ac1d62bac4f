"""Fit a block law to measurements: constants with intervals, and which law fits better."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.analysis.measured import Data, DataError
from mgsim.catalog import unknown
from mgsim.component import PORTS, Component, Parameter

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray
#: A parameter whose effect is this close (relative) to that of others cannot be told from them.
_ALIKE = 1e-5
_G = Parameter("g", 1.0, "nS", "conductance without block", "assumed: found by the fit",
               (0, 1e9))  # fmt: skip
_E = Parameter("e_nmda", 0.0, "mV", "reversal potential", "assumed: found by the fit", (-50, 50))


@dataclass(frozen=True)
class Estimate:
    """A constant with its interval, and the law's published value."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    published: float | None


@dataclass(frozen=True)
class Fit:
    """A law fitted to data.

    ``aicc`` compares laws on the same data: lower is better, by 10 decisively.
    """

    law: Component
    data: Data
    estimates: tuple[Estimate, ...]
    fitted: Array
    rss: float
    aicc: float
    level: float

    @property
    def residuals(self) -> Array:
        """Measured less fitted."""
        found: Array = self.data.y - self.fitted
        return found

    @property
    def values(self) -> dict[str, float]:
        """The constants by name."""
        return {e.name: e.value for e in self.estimates}

    @property
    def component(self) -> Component:
        """The law with its fitted constants, to be swapped into a model."""
        own = {p.name for p in self.law.parameters}
        return self.law.with_values(**{n: x for n, x in self.values.items() if n in own})

    def __str__(self) -> str:
        rows = [f"{self.law.name}: {self.data.size} points, AICc {self.aicc:.2f}, RMS residual "
                f"{math.sqrt(float(np.mean(self.residuals**2))):.3g}"]
        for e in self.estimates:
            unit = "" if e.unit == "1" else f" {e.unit}"
            known = f"   published {e.published:g}" if e.published is not None else ""
            rows.append(f"  {e.name:<10} {e.value:.4g}{unit}   {100 * self.level:g} % interval "
                        f"{e.low:.4g} to {e.high:.4g}{known}")
        return "\n".join(rows)


# ---- the law as a function of coordinates --------------------------------------------------------
@dataclass(frozen=True)
class _Problem:
    law: Component
    data: Data
    free: tuple[Parameter, ...]
    given: Mapping[str, float]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.free)

    def value(self, i: int, x: float) -> float:
        p = self.free[i]
        return math.exp(min(x, 500.0)) if _logarithmic(p) else x * _scale(p)

    def coordinate(self, i: int, value: float) -> float:
        p = self.free[i]
        return math.log(value) if _logarithmic(p) else value / _scale(p)

    def model(self, x: Array) -> Array:
        found = {p.name: self.value(i, float(x[i])) for i, p in enumerate(self.free)}
        g, e = found.pop("g", 1.0), found.pop("e_nmda", 0.0)
        b = self.law.evaluate("unblocked", v=self.data.v, mg_out=self.data.mg,
                              **{**self.given, **found})  # fmt: skip
        result: Array = g * b * (self.data.v - e) if self.data.kind == "current" else b
        return result

    def residuals(self, x: Array) -> Array:
        off: Array = self.model(x) - self.data.y
        if self.data.sd is not None:
            off = off / self.data.sd * float(np.exp(np.mean(np.log(self.data.sd))))
        return off

    def start(self) -> Array:
        b = self.law.evaluate("unblocked", v=self.data.v, mg_out=self.data.mg, **self.given)
        drive = b * self.data.v
        slope = float(np.dot(drive, self.data.y) / max(float(np.dot(drive, drive)), 1e-300))
        values = {"g": slope if slope > 0 else 1.0}
        return np.array([self.coordinate(i, values.get(p.name, p.value))
                         for i, p in enumerate(self.free)])


def _logarithmic(p: Parameter) -> bool:
    return p.value > 0 and (p.range[0] > 0 or p.name == "g")


def _scale(p: Parameter) -> float:
    return max(abs(p.value), 0.1 * (p.range[1] - p.range[0]))


def _jacobian(f: Callable[[Array], Array], x: Array) -> Array:
    columns = []
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = 1e-5
        columns.append((f(x + step) - f(x - step)) / 2e-5)
    return np.array(columns).T


def _independent(jacobian: Array) -> list[bool]:
    """For each column, whether it can be told from those before it."""
    basis: list[Array] = []
    found = []
    top = max((float(np.linalg.norm(c)) for c in jacobian.T), default=0.0)
    for column in jacobian.T:
        rest = column.copy()
        for _ in range(2):
            for b in basis:
                rest = rest - b * float(b @ rest)
        size = float(np.linalg.norm(rest))
        good = size > _ALIKE * max(float(np.linalg.norm(column)), 1e-3 * top) and size > 0
        found.append(good)
        if good:
            basis.append(rest / size)
    return found


def determinable(law: Component, **given: float) -> tuple[str, ...]:
    """The law's parameters that measurements of any kind could tell apart, in its own order.

    Raises
    ------
    DataError
        For a part that has no algebraic ``unblocked`` that depends on magnesium.
    """
    v, mg = (a.ravel() for a in np.meshgrid(np.linspace(-100, 60, 33), np.geomspace(1e-3, 10, 9)))
    lines = {e.name for e in law.lines if not e.differential}
    if "unblocked" not in lines or "mg_out" not in law.requires:
        raise DataError(f"'{law.name}' is no block law that gives an unblocked fraction from the "
                        "potential and magnesium, so it cannot be fitted")
    candidates = tuple(p for p in law.parameters if p.name not in PORTS and p.name not in given)
    dummy = Data(v, mg, np.zeros(len(v)), "unblocked", name="grid")
    problem = _Problem(law, dummy, candidates, given)
    good = _independent(_jacobian(lambda x: _logit(problem.model(x)), problem.start()))
    return tuple(p.name for p, g in zip(candidates, good, strict=True) if g)


def _logit(b: Array) -> Array:
    b = np.clip(b, 1e-12, 1 - 1e-12)
    result: Array = np.log(b / (1 - b))
    return result


# ---- the fit -------------------------------------------------------------------------------------
def fit(law: Component, data: Data, *, free: Sequence[str] | None = None, level: float = 0.95,
        **given: float) -> Fit:
    """Fit the constants of a block law by least squares.

    Parameters
    ----------
    law : a part with an algebraic ``unblocked``.
    data : from :func:`mgsim.analysis.measured.read`; for currents a conductance ``g`` and
        ``e_nmda`` are fitted besides.
    free : the law's parameters to find; by default all that measurements could tell apart.
    level : of the intervals, which follow the profile of the sum of squares.
    given : values held, by name, such as ``celsius`` or ``e_nmda``.

    Raises
    ------
    DataError
        Too few points, or a parameter that these data cannot determine.
    UnknownName
        For a parameter that the law does not have.

    Examples
    --------
    >>> import numpy as np, mgsim as mg
    >>> v, m = np.meshgrid(np.arange(-80.0, 41.0, 10), [0.1, 1.0])
    >>> b = mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=v, mg_out=m)
    >>> found = fit(mg.blocks["jahr_stevens_1990"], Data(v.ravel(), m.ravel(), b.ravel(),
    ...                                                  "unblocked"))
    >>> [round(x, 4) for x in found.values.values()]
    [3.57, 0.062]
    """
    problem = _problem(law, data, free, given)
    _refuse(problem)
    x, rss = _solve(problem)
    if not all(_independent(_jacobian(problem.residuals, x))):
        _refuse(problem, x)
    spans = _intervals(problem, x, rss, level)
    own = {p.name: p for p in law.parameters}
    estimates = []
    for i, p in enumerate(problem.free):
        low, high = spans[i]
        estimates.append(Estimate(p.name, problem.value(i, float(x[i])), problem.value(i, low),
                                  problem.value(i, high), p.unit,
                                  own[p.name].value if p.name in own else None))
    n, k = data.size, len(x) + 1
    aicc = n * math.log(max(rss, 1e-300) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    return Fit(law, data, tuple(estimates), problem.model(x), rss, aicc, level)


def compare(laws: Iterable[Component], data: Data, **options: Any) -> list[Fit]:
    """Several laws fitted to the same data, the best (least AICc) first."""
    fits = []
    for law in laws:
        own = {p.name for p in law.parameters} | set(law.requires) | {"e_nmda"}
        kept = {n: x for n, x in options.items() if n in own or n in ("level", "free")}
        fits.append(fit(law, data, **kept))
    return sorted(fits, key=lambda f: f.aicc)


def _problem(law: Component, data: Data, free: Sequence[str] | None,
             given: Mapping[str, float]) -> _Problem:
    known = {p.name: p for p in law.parameters}
    for name in given:
        if name not in known and name not in law.requires and name != "e_nmda":
            raise unknown("parameter", name, {*known, *law.requires, "e_nmda"}, f"'{law.name}'")
    held = {n: float(x) for n, x in given.items() if n != "e_nmda"}
    able = determinable(law, **held)
    for name in free or ():
        if name not in known:
            raise unknown("parameter", name, known, f"'{law.name}'")
        if name in given:
            raise DataError(f"'{name}' is both held and free")
    chosen = [known[n] for n in (able if free is None else free)]
    if free is not None:
        start = _Problem(law, Data(*_grid(), "unblocked", name="grid"), tuple(chosen), held)
        good = _independent(_jacobian(lambda x: _logit(start.model(x)), start.start()))
        if not all(good):
            name = chosen[good.index(False)].name
            raise DataError(f"no measurement can determine '{name}' of '{law.name}' beside "
                            f"{', '.join(p.name for p in chosen if p.name != name)}: a change of "
                            "one undoes that of the others; leave it out of --free")
    if data.kind == "current":
        chosen.append(_G)
        if "e_nmda" not in given:
            chosen.append(_E)
        elif given["e_nmda"] != 0:
            shifted = Data(data.v, data.mg, data.y, data.kind, data.sd, data.name)
            return _Held(law, shifted, tuple(chosen), held, float(given["e_nmda"]))
    return _Problem(law, data, tuple(chosen), held)


class _Held(_Problem):
    """A problem in which the reversal potential is held away from 0."""

    def __init__(self, law: Component, data: Data, free: tuple[Parameter, ...],
                 given: Mapping[str, float], e_nmda: float) -> None:
        super().__init__(law, data, free, given)
        object.__setattr__(self, "_e", e_nmda)
