"""Chances of events: drawn from a seed, the input, whose dice they are and the event's number.

Never from a point: so every magnesium meets the same dice, in whatever batch, thread or engine. The
generator counts (Philox), so that an event's chance does not depend on how many follow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np


def chances(seed: int, event: str, dice: Iterable[str], n: int) -> np.ndarray:
    """(n, dice) numbers between 0 and 1, neither of them among these, for the first n events."""
    columns = [_column(f"{seed}/{event}/{one}", n) for one in dice]
    return np.stack(columns, axis=1) if columns else np.empty((0, 0))


def _column(key: str, n: int) -> np.ndarray:
    words = np.frombuffer(hashlib.sha256(key.encode()).digest()[:16], dtype="<u8")
    raw = np.random.Philox(key=words.astype(np.uint64)).random_raw(n)
    return ((raw >> np.uint64(12)) + 0.5) * 2.0**-52  # the middles of 2**52 equal parts
