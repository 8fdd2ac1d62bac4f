"""What divides passing from failing draws: a monotone profile, and where along it half pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mgsim.declare.priors import DUMMIES

#: Resamples of whole draws, the level of what they give, and the parameters that get intervals.
RESAMPLES, LEVEL, FIRST = 200, 0.95, 3
#: Shares of passing draws whose place along a profile is looked for.
MARKS = (0.95, 0.5, 0.05)
#: Draws that a place needs on each side: beyond it the profile must be seen, not one stray draw.
SIDE = 20
#: Groups of neighbours whose means are free to rise and fall, and by how much more of pass and fail
#: they explain than the monotone profile where that is not the whole of it.
_GROUPS, _BENT = 10, 0.1
#: Places of a profile that are kept.
_POINTS = 17


@dataclass(frozen=True)
class Place:
    """Where along a parameter a share of draws passes, with its interval.

    ``at`` is None where the prior does not reach it with :data:`SIDE` draws on each side.
    """

    at: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Divider:
    """What a parameter, or the law, explains of pass and fail.

    ``share`` of the variance by a monotone profile, with ``interval`` (None where it was not
    resampled); ``again``: on an independent Latin hypercube. ``profile``: values and the share of
    draws that pass, by law; ``places``: by law, for each of :data:`MARKS`; ``bent``: passes come
    and go along it, so that no monotone profile says where (None: not looked at).
    """

    name: str
    share: float
    interval: tuple[float, float] | None = None
    again: float | None = None
    profile: Mapping[str, tuple[Sequence[float], Sequence[float]]] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    bent: bool | None = None


@dataclass(frozen=True)
class Fit:
    """Values in order, the monotone profile of passes nearest to them, and what it explains.

    ``explained`` and ``spread``: sums of squares about the mean.
    """

    x: np.ndarray
    y: np.ndarray
    explained: float
    spread: float
    rising: bool

    @property
    def share(self) -> float:
        return self.explained / self.spread if self.spread else 0.0


def monotone(
    values: np.ndarray,
    passes: np.ndarray,
    weights: np.ndarray | None = None,
    rising: bool | None = None,
) -> Fit:
    """The rising or falling profile, whichever is nearer unless it is said."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(values, kind="stable")
    x, y = values[order], passes[order].astype(float)
    w = np.ones(len(y)) if weights is None else weights[order].astype(float)
    x, y, w = x[w > 0], y[w > 0], w[w > 0]
    mean = float(w @ y / w.sum()) if len(y) else 0.0
    spread = float(w @ (y - mean) ** 2) if len(y) else 0.0
    if spread == 0:
        return Fit(x, y, 0.0, 0.0, bool(rising))
    fits = []
    for up in (True, False) if rising is None else (rising,):
        fit = isotonic_regression(y, weights=w, increasing=up).x
        fits.append(Fit(x, fit, float(w @ (fit - mean) ** 2), spread, up))
    return max(fits, key=lambda f: f.explained)


def place(x: np.ndarray, fit: np.ndarray, mark: float) -> float | None:
    """Where a monotone profile crosses a share, midway between the draws beside it.

    None where it does not, or with fewer than :data:`SIDE` draws to one side.
    """
    above = fit >= mark
    if not len(fit) or above.all() or not above.any():
        return None
    at = int(np.flatnonzero(np.diff(above.astype(int)))[0])
    if min(at + 1, len(x) - at - 1) < SIDE:
        return None
    return float((x[at] + x[at + 1]) / 2)


def _pooled(fits: Sequence[Fit]) -> float:
    """The share over all laws, each with a profile of its own."""
    spread = sum(f.spread for f in fits)
    return sum(f.explained for f in fits) / spread if spread else 0.0


def _bent(values: np.ndarray, passes: np.ndarray, inside: np.ndarray, share: float) -> bool:
    """Whether means of neighbours explain more than a monotone profile does."""
    within = spread = 0.0
    for p, i in zip(passes, inside, strict=True):
        y = p[i][np.argsort(values[i], kind="stable")].astype(float)
        if len(y) < _GROUPS * SIDE:
            return False
        within += sum(float(((g - g.mean()) ** 2).sum()) for g in np.array_split(y, _GROUPS))
        spread += float(((y - y.mean()) ** 2).sum())
    return spread > 0 and 1 - within / spread > share + _BENT


def _fits(values: np.ndarray, passes: np.ndarray, inside: np.ndarray) -> list[Fit]:
    return [monotone(values[i], p[i]) for p, i in zip(passes, inside, strict=True)]


def of_law(passes: np.ndarray, inside: np.ndarray) -> float:
    """The share of the variance of pass and fail that lies between laws."""
    everything = passes[inside].astype(float)
    if not len(everything) or everything.var() == 0:
        return 0.0
    n = inside.sum(axis=1)
    means = np.where(n > 0, (passes & inside).sum(axis=1) / np.maximum(n, 1), 0.0)
    between = np.average((means - everything.mean()) ** 2, weights=n)
    return float(between / everything.var())


def shares(
    draws: Mapping[str, np.ndarray], passes: np.ndarray, inside: np.ndarray
) -> dict[str, float]:
    """What each parameter, and the law, explains of pass and fail."""
    found = {n: _pooled(_fits(x, passes, inside)) for n, x in draws.items()}
    return found | {"law": of_law(passes, inside)}


def dividers(
    draws: Mapping[str, np.ndarray],
    laws: Sequence[str],
    passes: np.ndarray,
    inside: np.ndarray,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Divider]:
    """Every parameter and the law, from what explains most.

    Parameters
    ----------
    draws : the values of each parameter, dummies among them.
    passes, inside : arrays over laws and draws.
    resamples : how many resamples of whole draws give the first their intervals and places; with 0
        they have a profile alone.
    """
    by = shares(draws, passes, inside)
    ranked = sorted(draws, key=lambda n: -by[n])
    first = [n for n in ranked if n not in DUMMIES][:FIRST]
    rng = np.random.default_rng(seed)
    n = passes.shape[1]
    weights = [np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(resamples)]
    found = [
        _resampled(n, draws[n], laws, passes, inside, weights) if n in first else Divider(n, by[n])
        for n in ranked
    ]
    found.append(Divider("law", by["law"]))
    return sorted(found, key=lambda d: -d.share)


def _resampled(
    name: str,
    values: np.ndarray,
    laws: Sequence[str],
    passes: np.ndarray,
    inside: np.ndarray,
    weights: Sequence[np.ndarray],
) -> Divider:
    tails = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]
    fits = _fits(values, passes, inside)
    tried = [
        [
            monotone(values[i], p[i], w[i], fit.rising)
            for fit, p, i in zip(fits, passes, inside, strict=True)
        ]
        for w in weights
    ]
    profile, places = {}, {}
    for at, (law, fit) in enumerate(zip(laws, fits, strict=True)):
        if len(fit.x) > 1:
            points = np.unique(np.linspace(0, len(fit.x) - 1, _POINTS).astype(int))
            profile[law] = (fit.x[points].tolist(), fit.y[points].tolist())
            again = [one[at] for one in tried]
            places[law] = {f"{mark:g}": _placed(fit, mark, again, tails) for mark in MARKS}
    interval, share = None, _pooled(fits)
    if tried:
        # A resample fits itself as the sample does the world, and so explains too much by as much.
        low, high = 2 * share - np.percentile([_pooled(one) for one in tried], tails[::-1])
        interval = (max(0.0, float(low)), min(1.0, float(high)))
    bent = _bent(values, passes, inside, share)
    return Divider(name, share, interval, None, profile, places, bent)


def _placed(fit: Fit, mark: float, tried: Sequence[Fit], tails: Sequence[float]) -> Place:
    there = [p for p in (place(one.x, one.y, mark) for one in tried) if p is not None]
    if (at := place(fit.x, fit.y, mark)) is None or 2 * len(there) <= len(tried):
        return Place(at)
    low, high = np.percentile(there, tails)
    return Place(at, float(low), float(high))


def chance(found: Sequence[Divider]) -> float:
    """The largest share that a dummy seems to explain."""
    return max((d.share for d in found if d.name in DUMMIES), default=0.0)
