"""Binomial numbers from a chance: the quantile of the binomial law, in numpy.

``engines/binomial.h`` has the same arithmetic in the same order, and no sum of a product, which a
compiler could round once instead of twice: both give the same numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: What is left out of the law, beside its likeliest number; how far from whole and from 0 to 1 a
#: rounded argument may lie; and how many may be drawn among.
TINY, SLACK, MOST = 1e-60, 1e-9, 1e6


def quantile(n: Any, p: Any, chance: Any) -> Any:
    """The smallest number whose binomial distribution function reaches ``chance``.

    With ``chance`` uniform from 0 to 1 it is a number of successes among ``n``, each of
    probability ``p``; with one chance for several ``p`` it never falls as ``p`` rises. It is 0 at
    chance 0 and ``n`` at chance 1, unless ``p`` is 0 or 1.

    Parameters
    ----------
    n : whole numbers from 0 to a million; p, chance : 0 to 1. They broadcast.

    Returns
    -------
    ndarray, NaN where an argument lies elsewhere by more than rounding.
    """
    n, p, chance = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (n, p, chance)))
    with np.errstate(all="ignore"):
        whole = np.floor(n + 0.5)
        good = (np.abs(n - whole) <= SLACK) & (whole >= 0) & (whole <= MOST)
        good &= (p >= -SLACK) & (p <= 1 + SLACK) & (chance >= 0) & (chance <= 1)
        n, p = np.where(good, whole, 0.0), np.clip(p, 0.0, 1.0)
        certain = (n == 0) | (p == 0) | (p == 1) | (chance == 0) | (chance == 1) | ~good
        found = np.where((n == 0) | (p == 0) | ((chance == 0) & (p < 1)), 0.0, n)
        if not certain.all():
            drawn = _walk(n, np.where(certain, 0.5, p), np.where(certain, 0.5, chance), ~certain)
            found = np.where(certain, found, drawn)
        return np.where(good, found, np.nan)[()]


def _walk(n: np.ndarray, p: np.ndarray, chance: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Sums from the end of the law that is nearer to the chance, so that none loses digits."""
    above = chance > 0.5
    a, b = np.where(above, 1 - p, p), np.where(above, p, 1 - p)
    odds = a / b
    mode = low = np.where(on, np.minimum(np.floor((n + 1) * a), n), 0.0)
    w = np.ones(n.shape)
    while (here := on & (low > 0) & (w > TINY)).any():
        w = np.where(here, w * low / (n - low + 1) / odds, w)
        low = low - here
    k, total, first = low, w, w
    while (here := on & (k < n) & ((k < mode) | (w > TINY))).any():
        w = np.where(here, w * (n - k) * odds / (k + 1), w)
        k = k + here
        total = np.where(here, total + w, total)
    wanted = np.where(above, 1 - chance, chance) * total
    k, reached, w = low, first, first
    while (here := on & (k < n) & ((reached < wanted) | (above & (reached == wanted)))).any():
        w = np.where(here, w * (n - k) * odds / (k + 1), w)
        k = k + here
        reached = np.where(here, reached + w, reached)
    return np.where(above, n - k, k)
