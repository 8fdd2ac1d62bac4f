"""Trains of events: their times, and the chances that each event brings, drawn from a seed.

Never from a point: so every magnesium meets the same dice, in whatever batch, thread or engine. The
generator counts (Philox), so that an event's chance does not depend on how many follow. A run that
goes on from another has the times and chances that the run in one would have from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mgsim import units
from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.events import EVENTS
from mgsim.declare.parameter import PartError
from mgsim.files import sha256

#: What an end tells of a train beside the values of its parameters, and the unit: how many events
#: have come; when the course began that it is drawn from, and how many runs had been before that.
NUMBER, BEGAN, RUN = "number", "began", "run"
TOLD = {NUMBER: "1", BEGAN: "ms", RUN: "1"}
#: What the name of a parameter ends in there.
THEN = "_then"


@dataclass(frozen=True)
class Course:
    """What the times of a train are drawn from, maybe over several runs.

    ``began``: when, in ms on the clock; ``run``: how many runs had been before; ``values`` of the
    train's parameters then, as displayed.
    """

    began: float
    run: int
    values: Mapping[str, float]

    def serves(self, train: Train, values: Mapping[str, float]) -> bool:
        """Whether a train with such values goes on with it: they differ in its bounds at most."""
        free = {*_bounds(train, "start"), *_bounds(train, "stop")}
        return {n: x for n, x in values.items() if n not in free} == {
            n: x for n, x in self.values.items() if n not in free
        }


def named(train: Train) -> str:
    """What tells a train that goes on from others in the end of a run, its parameters apart."""
    kind = train.times if hasattr(train.times, "__qualname__") else type(train.times)
    return f"{kind.__module__}.{kind.__qualname__}"


def carried(train: Train) -> dict[str, str]:
    """The parameters that times are drawn from, with their units: not those of where it stops."""
    stops = _bounds(train, "stop")
    return {p.name: p.unit for p in train.parameters if p.name not in stops}


def times(
    protocol: Protocol,
    event: str,
    seed: int,
    values: Mapping[str, float],
    origin: float = 0.0,
    course: Course | None = None,
    slack: float = 0.0,
) -> np.ndarray:
    """Times of an event in seconds, sorted; ``values`` of the train's parameters as displayed.

    ``origin``: when the protocol begins, in ms; ``course``: what the train is drawn from, if it did
    not begin now. ``slack``: an event nearer than this (ms) before the origin was not in the run
    that ended there.
    """
    train = protocol.events[event]
    if course is None or course.began == origin:
        run = course.run if course else 0
        return (_drawn(protocol, event, seed, values, protocol.duration, run) + origin) * 1e-3
    span = origin + protocol.duration - course.began
    whole = {**course.values, **dict.fromkeys(_bounds(train, "stop"), span)}
    found = _drawn(protocol, event, seed, whole, span, course.run) + course.began
    first = origin + max((values[n] for n in _bounds(train, "start")), default=0.0)
    last = origin + min((values[n] for n in _bounds(train, "stop")), default=np.inf)
    inside = (found >= first - slack) & (found < last)
    return np.maximum(found[inside] * 1e-3, origin * 1e-3)


def _bounds(train: Train, end: str) -> list[str]:
    """The parameters that say where a train starts, or stops, on the clock of each run."""
    return [p.name for p in train.parameters if p.unit == "ms" and p.name.endswith(f"_{end}")]


def _drawn(
    protocol: Protocol,
    event: str,
    seed: int,
    values: Mapping[str, float],
    duration: float,
    run: int,
) -> np.ndarray:
    """Times in ms since the train began, sorted."""
    # By its name, so that no other event sent beside it changes a train.
    known = list(EVENTS)
    place = known.index(event) if event in known else int(sha256(event.encode())[:8], 16)
    key = (place, run) if run else (place,)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    drawn = protocol.events[event].times(values, duration, rng)
    wanted = (
        f"protocol '{protocol.name}': the times of '{event}' must be a list of finite numbers in ms"
    )
    try:
        found = units.read(drawn, "ms", "a time")
    except units.UnitError as error:
        raise PartError(f"{wanted}; {error}") from None
    if found.ndim != 1 or not np.all(np.isfinite(found)):
        raise PartError(wanted)
    return np.sort(found)


def chances(seed: int, event: str, dice: Iterable[str], n: int, first: int = 0) -> np.ndarray:
    """(n, dice) numbers between 0 and 1, neither of them among these, for n events.

    ``first``: how many events came before those.
    """
    columns = [_column(f"{seed}/{event}/{one}", first + n)[first:] for one in dice]
    return np.stack(columns, axis=1) if columns else np.empty((0, 0))


def _column(key: str, n: int) -> np.ndarray:
    words = np.frombuffer(bytes.fromhex(sha256(key.encode())[:32]), dtype="<u8")
    raw = np.random.Philox(key=words.astype(np.uint64)).random_raw(n)
    return ((raw >> np.uint64(12)) + 0.5) * 2.0**-52  # the middles of 2**52 equal parts
