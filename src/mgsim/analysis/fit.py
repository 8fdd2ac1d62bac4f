"""Fit a block law or scheme to measurements: constants with intervals, and which fits better."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.analysis.fitted import Estimate, Fit
from mgsim.analysis.fraction import fraction, surroundings
from mgsim.analysis.measured import Data, DataError
from mgsim.analysis.profile import Open, floored, intervals, jacobian, minimise
from mgsim.catalogs import look_up
from mgsim.catalogs.catalog import expect, unknown
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import PORTS, Port
from mgsim.sweeps.resolving.run_warnings import RangeWarning, outside

Array = np.ndarray
#: A parameter whose effect is this close (relative) to that of others cannot be told from them.
_ALIKE = 1e-6
#: The same over every potential and magnesium concentration, for what is free by default. The many
#: rates of a scheme have to differ more in what they do before noisy data can tell them apart.
_ANY, _ANY_OF_SCHEME = 1e-3, 0.2
_G = Parameter(
    "g_nmda", 1.0, "nS", "conductance without block", "assumed: found by the fit", (0, 1e9)
)
_E = Parameter("e_nmda", 0.0, "mV", "reversal potential", "assumed: found by the fit", (-50, 50))


# ---- the law as a function of coordinates --------------------------------------------------------
@dataclass(frozen=True)
class _Problem:
    law: Component
    data: Data
    free: tuple[Parameter, ...]
    given: Mapping[str, float]
    e_nmda: float = 0.0

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
        g, e = found.pop("g_nmda", 1.0), found.pop("e_nmda", self.e_nmda)
        with np.errstate(all="ignore"):
            try:
                b = fraction(self.law, self.data, {**self.given, **found})
            except (PartError, units.UnitError, np.linalg.LinAlgError):  # far from the answer
                b = np.full(self.data.size, np.nan)
            result: Array = g * b * (self.data.v - e) if self.data.kind == "current" else b
        return np.nan_to_num(result, nan=1e9, posinf=1e9, neginf=-1e9)

    def residuals(self, x: Array) -> Array:
        off: Array = self.model(x) - self.data.y
        if self.data.sd is not None:
            off = off / self.data.sd * float(np.exp(np.mean(np.log(self.data.sd))))
        return off

    def start(self) -> Array:
        b = fraction(self.law, self.data, self.given)
        drive = b * (self.data.v - self.e_nmda)
        slope = float(np.dot(drive, self.data.y) / max(float(np.dot(drive, drive)), 1e-300))
        values = {"g_nmda": slope if slope > 0 else 1.0}
        return np.array(
            [self.coordinate(i, values.get(p.name, p.value)) for i, p in enumerate(self.free)]
        )


def _logarithmic(p: Parameter) -> bool:
    return p.value > 0 and (p.range[0] > 0 or p.name == "g_nmda")


def _scale(p: Parameter) -> float:
    return max(abs(p.value), 0.1 * (p.range[1] - p.range[0]) if p.bounded else 0.0) or 1.0


def _independent(jacobian: Array, alike: float = _ALIKE) -> list[bool]:
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
        good = size > alike * max(float(np.linalg.norm(column)), 1e-3 * top) and size > 0
        found.append(good)
        if good:
            basis.append(rest / size)
    return found


def determinable(law: Component, *, timed: bool = False, **given: float) -> tuple[str, ...]:
    """The law's parameters that measurements of any kind could tell apart, in its own order.

    ``timed``: the measurements follow the block in time after steps of the potential.

    Raises
    ------
    DataError
        For a part whose unblocked fraction does not follow from potential and magnesium.
    """
    given = {**given, **surroundings(law, given)}
    candidates = tuple(p for p in law.parameters if p.name not in PORTS and p.name not in given)
    ours = tuple(p for p in candidates if p.name.startswith("mg_"))  # not ions of the solutions
    candidates = ours or candidates
    problem = _Problem(law, _grid(timed), candidates, given)
    good = _independent(
        jacobian(lambda x: _logit(problem.model(x)), problem.start()),
        _ANY_OF_SCHEME if law.kinetics else _ANY,
    )
    return tuple(p.name for p, g in zip(candidates, good, strict=True) if g)


def _logit(b: Array) -> Array:
    b = np.clip(b, 1e-12, 1 - 1e-12)
    result: Array = np.log(b / (1 - b))
    return result


# ---- the fit -------------------------------------------------------------------------------------
def fit(
    law: Component | str,
    data: Data,
    *,
    free: Sequence[str] | None = None,
    level: float = 0.95,
    **given: Any,
) -> Fit:
    """Fit the constants of a block law by least squares.

    Parameters
    ----------
    law : a part with ``unblocked``, itself or by name: an algebraic law, or a scheme in which
        magnesium binds. A scheme is compared with measurements in lasting agonist, at 1 mM
        glutamate and the temperature of its rates unless ``given`` says otherwise. At equilibrium
        only ratios of rates show; rates need data with times.
    data : from :func:`mgsim.read_data`; for currents a conductance ``g_nmda``
        and ``e_nmda`` are fitted besides.
    free : the law's parameters to find; by default all that measurements could tell apart.
    level : of the intervals, which follow the profile of the sum of squares.
    given : values held, by name, such as ``celsius`` or ``e_nmda``; a text may have a unit.

    Raises
    ------
    DataError
        Too few points, or a parameter that these data cannot determine.
    UnknownName
        For a parameter that the law does not have.

    Warns
    -----
    RangeWarning
        For a constant outside its plausible range, found or held.

    Examples
    --------
    >>> import numpy as np, mgsim as mg
    >>> v, m = np.meshgrid(np.arange(-80.0, 41.0, 10), [0.1, 1.0])
    >>> b = mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=v, mg_out=m)
    >>> found = fit(mg.blocks["jahr_stevens_1990"], Data(v.ravel(), m.ravel(), b.ravel(),
    ...                                                  "unblocked"))
    >>> [round(e.value, 4) for e in found.estimates]
    [3.57, 0.062]
    >>> model = mg.models["patch"].swap(found.law)
    """
    law = look_up(Component, law)
    expect(Data, data, "mg.read_data('iv.csv')")
    level = units.one(level, "1", "level")
    if not 0 < level < 1:
        raise DataError(f"level = {level:g}: an interval's level lies between 0 and 1")
    problem = _problem(law, data, free, given)
    _refuse(problem)
    x, rss = _solve(problem)
    scale = float(np.sum(data.y**2))
    if not all(_independent(jacobian(problem.residuals, x))):
        _refuse(problem, x)
    try:
        spans = intervals(problem.residuals, x, rss, level, scale)
    except Open as error:
        raise _undetermined(problem, problem.names[error.coordinate]) from None
    own = {p.name for p in law.parameters}
    estimates, beyond = [], []
    for i, p in enumerate(problem.free):
        first = p.original or p
        value, low, high = (problem.value(i, float(c)) for c in (x[i], *spans[i]))
        published = first.value if p.name in own else None
        estimates.append(Estimate(p.name, value, low, high, p.unit, published, first.range))
        beyond += outside(first, np.array(value))
    for name, port in _takes(law).items():
        if name in given and isinstance(port, Parameter):
            beyond += outside(port.original or port, np.array(port.check(given[name])))
    if beyond:
        words = f"'{law.name}' fitted to {data.name}: {'; '.join(beyond)}"
        warnings.warn(words, RangeWarning, stacklevel=2)
    n, k = data.size, len(x) + 1
    aicc = n * math.log(floored(rss, scale) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    held = {"e_nmda": problem.e_nmda} if data.kind == "current" and _E not in problem.free else {}
    return Fit(
        _fitted(law, data, estimates, level, problem.given),
        data,
        tuple(estimates),
        problem.model(x),
        rss,
        aicc,
        level,
        {**held, **problem.given},
    )


def _fitted(
    law: Component,
    data: Data,
    estimates: Iterable[Estimate],
    level: float,
    held: Mapping[str, float],
) -> Component:
    """The law with what was found and held, whose sources say so."""
    found = {e.name: e for e in estimates}

    def after(p: Parameter) -> Parameter:
        if p.name not in found:
            return p.set_to(held[p.name]) if p.name in held else p
        e = found[p.name]
        return p.set_to(
            e.value,
            f"fitted: to {data.name}, {100 * level:g} % interval {e.low:.4g} "
            f"to {e.high:.4g}{'' if p.unit == '1' else f' {p.unit}'},",
        )

    return replace(law, parameters=tuple(map(after, law.parameters)))


def compare(
    laws: Iterable[Component], data: Data, **options: Any
) -> tuple[list[Fit], dict[str, str]]:
    """Several laws fitted to the same data.

    Returns
    -------
    The fits, the best (least AICc) first, and by name why other laws could not be fitted.

    Raises
    ------
    DataError
        When none could be.
    UnknownName
        For a parameter that none of the laws has.
    """
    fits, refused = [], {}
    of = [(law, _takes(law).keys() | {"level", "free"}) for law in laws]
    takes = {n for _, own in of for n in own}
    for name in options:
        if name not in takes:
            raise unknown("parameter", name, takes)
    for law, own in of:
        try:
            fits.append(fit(law, data, **{n: x for n, x in options.items() if n in own}))
        except DataError as error:
            refused[law.name] = str(error)
    if not fits:
        raise DataError("; ".join(refused.values()) or "no law to fit")
    return sorted(fits, key=lambda f: f.aicc), refused


def _problem(
    law: Component, data: Data, free: Sequence[str] | None, given: Mapping[str, Any]
) -> _Problem:
    known, takes = {p.name: p for p in law.parameters}, _takes(law)
    for name in given:
        if name not in takes:
            raise unknown("parameter", name, takes, f"'{law.name}'")
    held = {n: float(takes[n].check(x)) for n, x in given.items()}
    e_nmda = held.pop("e_nmda", 0.0)
    held |= surroundings(law, held)
    timed = data.t is not None
    able = determinable(law, timed=timed, **held)
    for name in free or ():
        if name not in known:
            raise unknown("parameter", name, known, f"'{law.name}'")
        if name in given:
            raise DataError(f"'{name}' is both held and free")
    chosen = [known[n] for n in (able if free is None else free)]
    if free is not None:
        start = _Problem(law, _grid(timed), tuple(chosen), held)
        good = _independent(jacobian(lambda x: _logit(start.model(x)), start.start()), _ANY)
        if not all(good):
            name = chosen[good.index(False)].name
            raise DataError(
                f"no measurement can determine '{name}' of '{law.name}' beside "
                f"{', '.join(p.name for p in chosen if p.name != name)}: a change of "
                "one undoes that of the others; leave it out of --free"
            )
    if data.kind == "current":
        chosen.append(_G)
        if "e_nmda" not in given:
            chosen.append(_E)
    return _Problem(law, data, tuple(chosen), held, e_nmda)


def _takes(law: Component) -> dict[str, Parameter | Port]:
    """What can be held in a fit: inputs of the law, the reversal potential, its parameters."""
    inputs: dict[str, Parameter | Port] = {
        n: PORTS[n] for n in law.requires if n in PORTS and n not in ("v", "mg_out")
    }
    return inputs | {"e_nmda": _E} | {p.name: p for p in law.parameters}


def _grid(timed: bool) -> Data:
    """Potentials and magnesium concentrations of every kind, and nothing measured."""
    v, mg = (a.ravel() for a in np.meshgrid(np.linspace(-80, 40, 31), np.geomspace(1e-2, 10, 7)))
    if not timed:
        return Data(v, mg, np.zeros(len(v)), "unblocked", name="grid")
    t, v, mg = (
        a.ravel()
        for a in np.meshgrid(np.geomspace(0.02, 20, 12), [-60.0, -20, 20, 40], [0.1, 1.0, 10.0])
    )
    before = np.where(v < 0, 40.0, -60.0)
    return Data(v, mg, np.zeros(len(v)), "unblocked", name="grid", t=t, v_before=before)


def _refuse(problem: _Problem, x: Array | None = None) -> None:
    """Too few points, or a parameter that these data say nothing of."""
    data, count = problem.data, len(problem.free)
    if data.size < count + 3:
        raise DataError(
            f"{data.name}: {data.size} points are too few for the {count} constants "
            f"{', '.join(problem.names)} with intervals; at least {count + 3}"
        )
    good = _independent(jacobian(problem.residuals, problem.start() if x is None else x))
    if not all(good):
        name = problem.names[good.index(False)]
        raise _undetermined(problem, name)


def _undetermined(problem: _Problem, name: str) -> DataError:
    data = problem.data
    others = [n for n in problem.names if n != name]
    return DataError(
        f"{data.name}: these data cannot determine '{name}' of '{problem.law.name}'"
        + (f" beside {', '.join(others)}" if others else "")
        + f"; they hold {_many(len(np.unique(data.v)), 'potential')} and "
        f"{_many(len(np.unique(data.mg)), 'magnesium concentration')}; measure at more, or hold it "
        f"({name}=...)"
    )


def _many(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"


def _solve(problem: _Problem) -> tuple[Array, float]:
    start = problem.start()
    best: tuple[Array, float] | None = None
    for shift in (0.0, 1.0, -1.0):
        first = start.copy()
        first[0] += shift
        try:
            x, rss = minimise(problem.residuals, first)
        except ValueError:  # left the numbers
            continue
        if best is None or rss < best[1] * (1 - 1e-9):
            best = x, rss
    if best is None:
        raise DataError(f"{problem.data.name}: the fit of '{problem.law.name}' does not converge")
    return best
