"""Priors made wider or narrower, and draws taken from their middle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mgsim.declare.priors import DUMMIES, Prior

#: The quantiles between which a prior is narrowed: its middle half.
MIDDLE = (0.25, 0.75)


def widened(prior: Prior, by: float) -> Prior:
    """The same prior, so many times as wide about its middle: in logarithms where it is of them.

    A gamma is about its mean. What ends at 0 or above still does, and so is cut below: its median
    then moves up. A normal has no end.

    >>> from mgsim.declare.priors import Prior
    >>> widened(Prior("uniform", (1, 3), "assumed: for show"), 0.5).arguments
    (1.5, 2.5)
    >>> widened(Prior("uniform", (1, 9), "assumed: for show"), 1.5).arguments
    (0.5, 11.0)
    >>> widened(Prior("uniform", (0, 2), "assumed: for show"), 1.5).arguments
    (0.0, 2.5)
    >>> round(widened(Prior("loguniform", (1, 100), "assumed: for show"), 0.5).arguments[0] ** 2, 9)
    10.0
    """
    a = [float(x) for x in prior.arguments]
    made: tuple[float, ...]
    match prior.shape:
        case "uniform":
            made = _ends(a[0], a[1], by)
        case "loguniform":
            low, high = _apart(np.log(a[0]), np.log(a[1]), by)
            made = (float(np.exp(low)), float(np.exp(high)))
        case "triangular" | "beta":
            ends = (a[0], a[2]) if prior.shape == "triangular" else (a[0], a[1])
            low, high = _ends(*ends, by)
            mode = low + (a[1] - ends[0]) / (ends[1] - ends[0]) * (high - low)
            made = (low, mode, high) if prior.shape == "triangular" else (low, high, a[2], a[3])
        case "truncated_normal":
            low, high = (a[0] + (end - a[0]) * by for end in a[2:])
            made = (a[0], a[1] * by, _above(low, a[2]), high)
        case "constant":
            made = (a[0],)
        case _:
            made = (a[0], a[1] * by)
    return replace(prior, arguments=made)


def _apart(low: float, high: float, by: float) -> tuple[float, float]:
    middle, half = (low + high) / 2, (high - low) / 2 * by
    return middle - half, middle + half


def _ends(low: float, high: float, by: float) -> tuple[float, float]:
    least, most = _apart(low, high, by)
    return _above(least, low), most


def _above(least: float, low: float) -> float:
    """What is never below 0 stays so: no nearer to it than half way."""
    return max(least, low / 2) if low >= 0 else least


def middle(priors: dict[str, Prior], draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """By prior, the draws that lie in its middle half; of all priors but constants and dummies."""
    found = {}
    for name, prior in priors.items():
        if name in DUMMIES or prior.shape == "constant" or name not in draws:
            continue
        low, high = prior.quantile(MIDDLE)
        found[name] = (draws[name] >= low) & (draws[name] <= high)
    return found
