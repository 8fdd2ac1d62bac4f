"""Every point's own clock: which substep each goes through next, for an engine that runs in rounds.

The rules are those of the fused engine's kernel, in numpy: a substep ends at the step, at a part of
it, at an edge or at an event, whichever comes first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mgsim.engines.algebra import follow, pieces
from mgsim.engines.contract import LOCAL, SNAP
from mgsim.engines.running import SteppedRun
from mgsim.engines.updates.timeline import FINEST, HALVED, STRETCH, Timeline


class Rounds:
    """Where each point of a run is. A round: :meth:`deliver`, the events' code, :meth:`plan`, the
    substep.

    Parts are run everywhere, for no point is asked. A point that has come to the goal, or has
    another event at the same time, goes through a round of no width, which must not move it.

    Attributes
    ----------
    goal : the step at which points wait for one another.
    now, end : start and end of each point's substep, in seconds.
    past : for each edge, 1 where it lies at ``now`` or before, else 0.
    jumped : the last jump of a stimulus or event.
    chances : by name, those of the event that a point has now, or had last.
    """

    def __init__(self, run: SteppedRun) -> None:
        self.run, self.system, self.options = run, run.system, run.options
        n = run.batch.size
        self.edges = Timeline(self.system).edges
        self.goal = run.step
        self.step = np.full(n, run.step, dtype=np.int64)
        self.now, self.end, self.jumped = (np.full(n, x) for x in (run.time, run.time, -np.inf))
        self.past = np.zeros((len(self.edges), n))
        self.struck = np.zeros(n, dtype=bool)
        names = [c.name for chances in self.system.chances.values() for c in chances]
        self.chances = {name: np.full(n, 0.5) for name in names}
        self._times: np.ndarray | None = None
        self.recorded: dict[str, np.ndarray] = {}

    @property
    def arrived(self) -> np.ndarray:
        """Which points are at the goal."""
        return self.step >= self.goal

    @property
    def done(self) -> np.ndarray:
        return self.now >= self.options.duration

    @property
    def _soon(self) -> np.ndarray:
        return self.now + SNAP * self.options.dt

    def _next_event(self, event: str) -> np.ndarray:
        train, at = self.run.trains[event], self.run.cursor[event]
        left = at < train.offsets[train.of_point + 1]
        times = np.append(train.times, np.inf)
        return np.where(left, times[np.minimum(at, len(train.times))], np.inf)

    def follow(self) -> dict[str, np.ndarray]:
        """What recordings are at ``now``, by the names that an engine sets."""
        batch = self.run.batch
        found = pieces(self.system, batch.recordings, batch.columns, self._soon)
        for one in self.system.driven:
            if not one.linear:
                self.jumped = np.maximum(self.jumped, found.last[one.name])
        self.recorded = found.coming
        return found.values

    def deliver(self) -> dict[str, np.ndarray]:
        """By event, 1 where one is delivered now: at most one in a round."""
        coming = [e for e in self.system.events if e in self.run.trains]
        due = {e: self._next_event(e) <= self._soon for e in coming}
        self.struck = np.zeros(len(self.now), dtype=bool)
        taken = self.arrived
        for event in due:  # kinds in their order, as in the kernel
            due[event] = due[event] & ~taken
            taken |= due[event]
        for event, here in due.items():
            for i, chance in enumerate(self.system.chances.get(event, ()) if here.any() else ()):
                rows = self.run.trains[event].chances[self.run.cursor[event][here], i]
                self.chances[chance.name][here] = rows
            self.run.cursor[event] = self.run.cursor[event] + here
            self.struck |= here
        return {e: here.astype(float) for e, here in due.items()}

    def plan(self, states: Mapping[str, np.ndarray]) -> np.ndarray:
        """The width of each point's substep; ``states`` are those after the events."""
        options, now, soon = self.options, self.now, self._soon
        dt, part = options.dt, options.dt / options.parts
        eps = SNAP * dt
        coming = np.full(len(now), np.inf)
        if self.edges:
            if self._times is None or self.struck.any():
                self._times = self._edge_times(states)
            past = self._times <= soon
            self.past[:] = past
            jump = np.array([e.jump for e in self.edges])[:, None]
            last = np.where(past & jump, self._times, -np.inf).max(axis=0)
            self.jumped = np.maximum(self.jumped, last)
            coming = np.where(self._times > soon, self._times, np.inf).min(axis=0)
        self.jumped[self.struck] = now[self.struck]
        for event in self.run.trains:
            coming = np.minimum(coming, self._next_event(event))
        for next_point in self.recorded.values():
            coming = np.minimum(coming, next_point)
        start = self.step * dt
        stop = np.where(self.step + 1 < options.n_steps, (self.step + 1) * dt, options.duration)
        j = np.floor((now - start) / part + 1e-6) + 1
        end = np.where(j < options.parts, (self.step + j / options.parts) * dt, stop)
        if self.system.exchanges or (options.method == LOCAL and self.system.implicit):
            since = now - self.jumped
            finest = part / FINEST
            with np.errstate(invalid="ignore"):
                finer = self.jumped + (np.floor(since / finest + 1e-6) + 1) * finest
            end = np.where(since < STRETCH * part - eps, finer, end)
            for k in range(1, HALVED + 1) if self.system.exchanges else ():
                first = math.ldexp(finest, -k)
                end = np.where(since < 0.75 * first, self.jumped + first, end)
        end = np.where(end <= now, now + part / FINEST, end)
        end = np.where(end > stop - eps, stop, end)
        end = np.where(coming < end - eps, coming, end)
        self.end = np.where((coming <= soon) | self.arrived, now, end)
        self.step += (self.end >= stop) & (self.end > now)
        return self.end - now

    def _edge_times(self, states: Mapping[str, np.ndarray]) -> np.ndarray:
        with np.errstate(all="ignore"):
            read = follow(self.system, {**self.run.batch.columns, **states})
            return np.array([np.broadcast_to(read(e.time), len(self.now)) for e in self.edges])
