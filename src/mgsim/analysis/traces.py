"""Features of sampled curves, between the samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


def extremum(x: Array, y: Array) -> tuple[float, float]:
    """Place and height of the largest ``y``, by a parabola through the highest three samples."""
    k = int(np.clip(np.argmax(y), 1, len(y) - 2))
    left, middle, right = (float(y[k + i]) for i in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = 0.0 if bend == 0 else 0.5 * (left - right) / bend
    return float(x[k] + shift * (x[k + 1] - x[k])), middle - 0.25 * (left - right) * shift


def crossing(x: Array, y: Array, level: float) -> float:
    """The first ``x`` at which ``y`` passes ``level``; NaN when it never does."""
    above = y >= level
    turns = np.flatnonzero(above[1:] != above[:-1])
    if not turns.size:
        return float("nan")
    k = int(turns[0])
    return float(x[k] + (level - y[k]) / (y[k + 1] - y[k]) * (x[k + 1] - x[k]))


@dataclass(frozen=True)
class Pulse:
    """A response: its peak, when, its 10-90 % rise, the time from the peak to 1/e, and area/peak.

    The area is that after the peak. Times are in the unit of the time axis.
    """

    peak: float
    t_peak: float
    rise: float
    decay: float
    charge: float


def pulse(t: Array, y: Array) -> Pulse:
    """Features of a response that rises once and falls; ``t`` counts from its cause."""
    t_peak, peak = extremum(t, y)
    before, after = t <= t_peak, t >= t_peak
    ten, ninety = (crossing(t[before], y[before], f * peak) for f in (0.1, 0.9))
    fall = crossing(t[after], y[after], peak / np.e) - t_peak
    times, values = np.append(t_peak, t[after]), np.append(peak, y[after])
    area = float(np.sum((values[1:] + values[:-1]) / 2 * np.diff(times)))
    return Pulse(peak, t_peak, ninety - ten, fall, area / peak)
