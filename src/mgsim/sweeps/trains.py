"""Trains of events: their times, and the chances that each event brings, drawn from a seed.

Never from a point: so every magnesium meets the same dice, in whatever batch, thread or engine. The
generator counts (Philox), so that an event's chance does not depend on how many follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from mgsim import units
from mgsim.compose.protocol import Protocol
from mgsim.declare.events import EVENTS
from mgsim.declare.parameter import PartError
from mgsim.files import sha256


def times(
    protocol: Protocol, event: str, seed: int, values: Mapping[str, float], origin: float = 0.0
) -> np.ndarray:
    """Times of an event in seconds, sorted; ``values`` of the train's parameters as displayed.

    ``origin``: when the protocol begins, in ms.
    """
    # By its name, so that no other event sent beside it changes a train.
    known = list(EVENTS)
    place = known.index(event) if event in known else int(sha256(event.encode())[:8], 16)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(place,)))
    drawn = protocol.events[event].times(values, protocol.duration, rng)
    wanted = (
        f"protocol '{protocol.name}': the times of '{event}' must be a list of finite numbers in ms"
    )
    try:
        found = units.read(drawn, "ms", "a time")
    except units.UnitError as error:
        raise PartError(f"{wanted}; {error}") from None
    if found.ndim != 1 or not np.all(np.isfinite(found)):
        raise PartError(wanted)
    return (np.sort(found) + origin) * 1e-3


def chances(seed: int, event: str, dice: Iterable[str], n: int) -> np.ndarray:
    """(n, dice) numbers between 0 and 1, neither of them among these, for the first n events."""
    columns = [_column(f"{seed}/{event}/{one}", n) for one in dice]
    return np.stack(columns, axis=1) if columns else np.empty((0, 0))


def _column(key: str, n: int) -> np.ndarray:
    words = np.frombuffer(bytes.fromhex(sha256(key.encode())[:32]), dtype="<u8")
    raw = np.random.Philox(key=words.astype(np.uint64)).random_raw(n)
    return ((raw >> np.uint64(12)) + 0.5) * 2.0**-52  # the middles of 2**52 equal parts
