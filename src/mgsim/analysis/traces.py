"""Features of sampled curves, between the samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


def extremum(x: Array, y: Array) -> tuple[float, float]:
    """Place and height of the largest ``y``, by a parabola through the highest three samples.

    At an end, where nothing says how ``y`` goes on, it is the sample.
    """
    k = int(np.argmax(y))
    if k in (0, len(y) - 1):
        return float(x[k]), float(y[k])
    (left, right), (rise, fall) = np.diff(x[k - 1 : k + 2]), np.diff(y[k - 1 : k + 2])
    rise, fall = rise / left, fall / right
    slope = (rise * right + fall * left) / (left + right)
    shift = 0.5 * slope * (left + right) / (rise - fall)
    return float(x[k] + shift), float(y[k] + 0.5 * slope * shift)


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

    The area is that after the peak. Times are in the unit of the time axis, NaN where the samples
    hold no such rise or fall.
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
