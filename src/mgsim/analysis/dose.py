"""How a response follows a dose: a Hill curve with intervals, refused where it has no plateau."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import units
from mgsim.analysis.fitted import Estimate
from mgsim.analysis.measured import DataError
from mgsim.analysis.profile import ROUNDING, Open, intervals, minimise
from mgsim.catalogs.catalog import unknown

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray
#: The constants of a Hill curve; those that are found as logarithms are above 0.
CONSTANTS = ("start", "plateau", "half", "slope")
_LOGARITHMS = ("half", "slope")
#: The part of the way to a plateau that the curve goes within the doses, at least.
_SEEN = 0.8


def hill(dose: Any, start: Any, plateau: Any, half: Any, slope: Any) -> Array:
    """``start + (plateau - start)/(1 + (half/dose)**slope)``: exactly ``start`` at dose 0."""
    share = _share(np.asarray(dose, dtype=float), half, slope)
    return np.asarray(start + (plateau - start) * share)


def _share(dose: Array, half: Any, slope: Any) -> Array:
    """The part of the way from the start to the plateau."""
    with np.errstate(all="ignore"):
        return np.asarray(1 / (1 + (half / dose) ** slope))


@dataclass(frozen=True)
class DoseResponse:
    """A Hill curve fitted to responses at doses.

    ``estimates`` holds ``start`` (the response at dose 0), ``plateau`` (at endless dose), ``half``
    (the dose half-way between them) and ``slope`` (the Hill exponent), each with its interval, but
    those that were ``held``.
    """

    name: str
    dose: Array
    response: Array
    estimates: tuple[Estimate, ...]
    fitted: Array
    rss: float
    level: float
    held: Mapping[str, float]
    units: tuple[str, str]

    @property
    def values(self) -> dict[str, float]:
        """The four constants, found or held."""
        found = {**self.held, **{e.name: e.value for e in self.estimates}}
        return {n: found[n] for n in CONSTANTS}

    @property
    def residuals(self) -> Array:
        """Measured less fitted."""
        found: Array = self.response - self.fitted
        return found

    def curve(self, dose: Any) -> Array:
        """The fitted response at any doses."""
        return hill(dose, **self.values)

    def __getitem__(self, name: str) -> Estimate:
        known = {e.name: e for e in self.estimates}
        if name not in known:
            raise unknown("estimate", name, known, "the fit")
        return known[name]

    def __str__(self) -> str:
        rms = math.sqrt(float(np.mean(self.residuals**2)))
        rows = [f"{self.name}: {self.dose.size} points, RMS residual {rms:.3g}"]
        for e in self.estimates:
            unit = "" if e.unit == "1" else f" {e.unit}"
            rows.append(
                f"  {e.name:<8} {e.value:.4g}{unit}   {100 * self.level:g} % interval "
                f"{e.low:.4g} to {e.high:.4g}"
            )
        rows += [f"  {n:<8} {x:.4g}   held" for n, x in self.held.items()]
        return "\n".join(rows)


def dose_response(
    response: Any | xr.DataArray,
    dose: Any = None,
    *,
    sd: Any = None,
    level: float = 0.95,
    unit: str = "mM",
    **held: float,
) -> DoseResponse:
    """Fit a Hill curve by least squares, dose 0 being an ordinary dose.

    Parameters
    ----------
    response : one number a point; or a variable of a result along one axis, which is the dose.
    dose : one a point, in ``unit``, or with units.
    sd : standard deviations, one a point, that weigh the points.
    level : of the intervals, which follow the profile of the sum of squares.
    unit : of the dose.
    held : any of ``start``, ``plateau``, ``half`` and ``slope`` that is known, such as
        ``plateau=0``.

    Raises
    ------
    DataError
        For too few doses; for a curve that is not seen to level off within the doses, at either
        end, so that what it goes to is a guess; for a response that does not change, and for a
        constant that the data do not determine, however well a curve fits.
    UnknownName
        For what a Hill curve does not have.

    Examples
    --------
    >>> import mgsim as mg
    >>> ds = mg.experiments["block_curves"].run(
    ...     v=-60, block="jahr_stevens_1990", mg_out=[0, 0.01, 0.03, 0.1, 0.3, 1, 3])
    >>> found = dose_response(ds.unblocked)
    >>> {n: round(abs(x), 4) for n, x in found.values.items()}
    {'start': 1.0, 'plateau': 0.0, 'half': 0.0865, 'slope': 1.0}
    """
    problem = _problem(response, dose, sd, unit, held)
    level = units.one(level, "1", "level")
    if not 0 < level < 1:
        raise DataError(f"level = {level:g}: an interval's level lies between 0 and 1")
    x, rss = problem.solved()
    problem.check_plateaus(x)
    try:
        spans = intervals(problem.residuals, x, rss, level, problem.scale, problem.slopes)
    except Open as error:
        raise problem.undetermined(problem.free[error.coordinate]) from None
    values, own = problem.values(x), problem.units[0]
    estimates = []
    for name, (low, high) in zip(problem.free, spans, strict=True):
        if name in _LOGARITHMS:
            low, high = math.exp(low), math.exp(high)
        else:
            low, high = low * problem.size, high * problem.size
        estimates.append(Estimate(name, values[name], low, high, problem.unit_of(name), None))
        if name == "half" and not problem.inside(low, high):
            raise DataError(
                f"{problem.name}: the dose of half the effect is {values[name]:.3g} {own} "
                f"({100 * level:g} % interval {low:.3g} to {high:.3g}), which leaves the doses, so "
                "that no plateau is seen; give further doses, or hold one that is known "
                "(plateau=...)"
            )
    fitted = hill(problem.dose, **values)
    return DoseResponse(
        problem.name,
        problem.dose,
        problem.response,
        tuple(estimates),
        fitted,
        float(np.sum((problem.response - fitted) ** 2)),
        level,
        problem.held,
        problem.units,
    )


@dataclass(frozen=True)
class _Problem:
    name: str
    dose: Array
    response: Array
    weight: Array
    held: Mapping[str, float]
    units: tuple[str, str]

    @property
    def free(self) -> list[str]:
        return [n for n in CONSTANTS if n not in self.held]

    @property
    def size(self) -> float:
        """What responses are measured in while they are fitted."""
        return float(np.abs(self.response).max()) or 1.0

    @property
    def scale(self) -> float:
        return float(np.sum((self.weight * self.response / self.size) ** 2))

    def unit_of(self, name: str) -> str:
        return {"half": self.units[0], "slope": "1"}.get(name, self.units[1])

    def values(self, x: Array) -> dict[str, float]:
        found = dict(self.held)
        for name, c in zip(self.free, x, strict=True):
            found[name] = math.exp(min(c, 500.0)) if name in _LOGARITHMS else float(c) * self.size
        return found

    def residuals(self, x: Array) -> Array:
        off = (hill(self.dose, **self.values(x)) - self.response) / self.size
        return np.asarray(np.nan_to_num(self.weight * off, nan=1e9, posinf=1e9, neginf=-1e9))

    def slopes(self, x: Array) -> Array:
        """The derivatives of the residuals, one column a coordinate."""
        v = self.values(x)
        share = _share(self.dose, v["half"], v["slope"])
        step = (v["plateau"] - v["start"]) / self.size * share * (1 - share)
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.where(self.dose > 0, np.log(self.dose / v["half"]), 0.0)
        by = {
            "start": 1 - share,
            "plateau": share,
            "half": -v["slope"] * step,
            "slope": v["slope"] * log * step,
        }
        return np.nan_to_num(np.array([self.weight * by[n] for n in self.free]).T)

    def solved(self) -> tuple[Array, float]:
        """The least sum of squares from several starts."""
        seen = self.dose[self.dose > 0]
        order = np.argsort(self.dose)
        first, last = (float(self.response[order[i]]) for i in (0, -1))
        guess = {"start": first / self.size, "plateau": last / self.size}
        best: tuple[Array, float] | None = None
        for half in np.geomspace(seen.min(), seen.max(), 5):
            for slope in (1.0, 3.0):
                start = {**guess, "half": math.log(half), "slope": math.log(slope)}
                x, rss = minimise(
                    self.residuals, np.array([start[n] for n in self.free]), slopes=self.slopes
                )
                if best is None or rss < best[1] * (1 - 1e-9):
                    best = x, rss
        assert best is not None
        return best

    def check_plateaus(self, x: Array) -> None:
        """Refuse a curve that does not level off within the doses."""
        v = self.values(x)
        share = _share(self.dose, v["half"], v["slope"])
        told = []
        if "plateau" not in self.held and share.max() < _SEEN:
            told.append(("highest", share.max(), "plateau"))
        if "start" not in self.held and share.min() > 1 - _SEEN:
            told.append(("lowest", 1 - share.min(), "start"))
        for end, part, name in told:
            at = float(self.dose.max() if end == "highest" else self.dose.min())
            raise DataError(
                f"{self.name}: no plateau is seen: at the {end} dose, {at:g} {self.units[0]}, the "
                f"curve has gone {100 * float(part):.0f} % of the way to it, and {100 * _SEEN:.0f} "
                f"% are needed; give further doses, or hold what is known ({name}=...)"
            )

    def inside(self, low: float, high: float) -> bool:
        """Whether an interval of the half dose lies within the doses."""
        seen = self.dose[self.dose > 0]
        first = 0.0 if (self.dose == 0).any() or "start" in self.held else float(seen.min())
        last = math.inf if "plateau" in self.held else float(seen.max())
        return first <= low and high <= last

    def undetermined(self, name: str) -> DataError:
        return DataError(
            f"{self.name}: these {len(np.unique(self.dose))} doses do not determine '{name}'; give "
            f"further ones, where the response changes, or hold it ({name}=...)"
        )


def _problem(response: Any, dose: Any, sd: Any, unit: str, held: Mapping[str, float]) -> _Problem:
    name, of = "data", "1"
    if hasattr(response, "dims"):
        if dose is None:
            if len(response.dims) != 1:
                raise DataError(
                    f"a dose-response lies along one axis, not along ({', '.join(response.dims)}); "
                    "choose one value of the others, as in ds.sel(...)"
                )
            dose = response[response.dims[0]]
            unit = str(dose.attrs.get("units", unit))
        name, of = str(response.name), str(response.attrs.get("units", "1"))
    if dose is None:
        raise DataError("give the doses: dose_response(response, dose)")
    x = units.read(getattr(dose, "values", dose), unit, "dose")
    y = units.read(getattr(response, "values", response), of, "response")
    weight = np.ones_like(y)
    for what, given in (("dose", x), ("response", y)):
        if given.ndim != 1 or len(given) != len(x) or not np.all(np.isfinite(given)):
            raise DataError(f"{name}: {what} must be finite numbers, one a point")
    if np.any(x < 0):
        raise DataError(f"{name}: a dose cannot be negative: {float(x.min()):g} {unit}")
    if sd is not None:
        spread = units.read(sd, of, "sd")
        if spread.shape != y.shape or not np.all(np.isfinite(spread) & (spread > 0)):
            raise DataError(f"{name}: sd must be finite numbers above 0, one a point")
        weight = float(np.exp(np.mean(np.log(spread)))) / spread
    for key in held:
        if key not in CONSTANTS:
            raise unknown("constant", key, CONSTANTS, "a Hill curve")
    known = {n: units.one(v, {"half": unit, "slope": "1"}.get(n, of), n) for n, v in held.items()}
    for key in _LOGARITHMS:
        if not known.get(key, 1.0) > 0:
            raise DataError(f"{name}: '{key}' of a Hill curve is above 0, not {known[key]:g}")
    if np.ptp(y) <= ROUNDING * np.abs(y).max() and not known.keys() >= set(_LOGARITHMS):
        raise DataError(
            f"{name}: the response is {y[0]:g} at every dose, so that none is that of half a change"
        )
    free = len(CONSTANTS) - len(known)
    if free == 0:
        raise DataError(f"{name}: every constant is held, so that nothing is left to find")
    if len(np.unique(x)) < free + 1 or np.unique(x[x > 0]).size < 2:
        raise DataError(
            f"{name}: {len(np.unique(x))} doses are too few for {free} constants with intervals; "
            f"at least {free + 1}"
        )
    return _Problem(name, x, y, weight, known, (unit, of))
