"""Least squares, and intervals that follow the profile of the sum of squares."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
#: Residuals, or their derivatives by coordinate as columns, at a place.
Of = Callable[[Array], Array]
#: Residuals this small beside what was measured are rounding: a fit is never known better.
ROUNDING = 1e-10


class Open(Exception):
    """The sum of squares never rises enough along a coordinate: the data do not determine it."""

    def __init__(self, coordinate: int) -> None:
        super().__init__(coordinate)
        self.coordinate = coordinate


def floored(rss: float, scale: float) -> float:
    """A sum of squares, or what rounding may leave where the sum of what was measured is so."""
    return max(rss, ROUNDING**2 * scale)


def jacobian(f: Of, x: Array) -> Array:
    """The derivatives of ``f`` by each coordinate, as columns, from central differences."""
    columns = []
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = 1e-5
        columns.append((f(x + step) - f(x - step)) / 2e-5)
    return np.array(columns).T


def minimise(
    residuals: Of, x: Array, held: tuple[int, float] | None = None, slopes: Of | None = None
) -> tuple[Array, float]:
    """Least squares from ``x``: the place and the sum, with one coordinate held if asked for.

    ``slopes``: the derivatives of the residuals, which finite differences give otherwise.
    """
    from scipy.optimize import least_squares

    moving = [i for i in range(len(x)) if held is None or i != held[0]]

    def whole(part: Array) -> Array:
        full = x.copy()
        full[moving] = part
        if held is not None:
            full[held[0]] = held[1]
        return full

    first = whole(x[moving])
    off = residuals(first)
    if not moving or not np.any(off):
        return first, float(off @ off)
    unit = min(1.0, float(np.linalg.norm(off)))  # small residuals would have too small a gradient
    found = least_squares(
        lambda part: residuals(whole(part)) / unit,
        x[moving],
        jac="2-point" if slopes is None else lambda part: slopes(whole(part))[:, moving] / unit,
        method="trf",
        x_scale="jac",
        xtol=1e-12,
        ftol=1e-12,
        gtol=1e-12,
        max_nfev=400,
    )
    return whole(found.x), float(2 * found.cost) * unit**2


def intervals(
    residuals: Of, x: Array, rss: float, level: float, scale: float, slopes: Of | None = None
) -> list[tuple[float, float]]:
    """Where the profile of the sum of squares has risen by what chance allows.

    Parameters
    ----------
    x, rss : the place of the least sum of squares, and that sum.
    scale : the sum of squares of what was measured. Beside it a fit without residuals is exact, and
        determined where it stops being exact.

    Raises
    ------
    Open
        For a coordinate that the residuals do not determine to both sides.
    """
    from scipy.optimize import brentq
    from scipy.stats import t as student

    dof = residuals(x).size - len(x)
    rss = floored(rss, scale)
    limit = rss * (1 + float(student.ppf((1 + level) / 2, dof)) ** 2 / dof)
    slope = jacobian(residuals, x) if slopes is None else slopes(x)
    variances = np.diag(np.linalg.pinv(slope.T @ slope)) * rss / dof
    if not np.all(variances > 0):
        raise Open(int(np.argmin(variances)))
    errors = np.sqrt(variances)
    spans = []
    for i in range(len(x)):
        ends = []
        for side in (-1.0, 1.0):
            state = x.copy()

            def over(c: float, i: int = i, state: Array = state) -> float:
                found, value = minimise(residuals, state, (i, c), slopes)
                if value <= limit:  # a minimum far off would be a bad start for the next
                    state[:] = found
                return value - limit

            inner, step = float(x[i]), 2.0 * float(errors[i])
            for _ in range(12):
                outer = inner + side * step
                if over(outer) > 0:
                    break
                inner, step = outer, 1.7 * step
            else:
                raise Open(i)
            try:
                end = brentq(over, inner, outer, xtol=5e-3 * float(errors[i]) + 1e-14)
            except ValueError:  # the profile has no single crossing there
                raise Open(i) from None
            ends.append(float(end))
        spans.append((ends[0], ends[1]))
    return spans
