"""What goes into an engine, what comes out, and what a run is meanwhile."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np

from mgsim.system.lowering import System

#: Status of a point, as stored in a data set: ran; left all bounds; the engine raised an error;
#: its process died; its process was killed, as by a system short of memory; its states were good
#: but something that was asked for is not finite; not run yet.
OK, DIVERGED, FAILED, CRASHED, LACKED, NOT_FINITE, PENDING = 0, 1, 2, 3, 4, 5, -1
#: Of a search for a threshold: the level is reached nowhere, everywhere, or crossed several times.
NEVER, ALWAYS, SEVERAL = 6, 7, 8
STATUS = {
    OK: "ok",
    DIVERGED: "diverged",
    FAILED: "failed",
    CRASHED: "crashed",
    LACKED: "lacked_memory",
    NOT_FINITE: "not_finite",
    NEVER: "never_reached",
    ALWAYS: "always_reached",
    SEVERAL: "several_thresholds",
    PENDING: "pending",
}
#: Those that may be run again: they say nothing of the equations.
UNFINISHED = (FAILED, CRASHED, LACKED)
#: Those of which a reason is kept.
REASONED = (*UNFINISHED, NOT_FINITE, NEVER, ALWAYS, SEVERAL)
#: The method that cuts a step where it has to, how wide its parts are at most (s), and how many
#: there are of a step that is longer than a second: it is of what moves through a body.
LOCAL, PART, PARTS, LONG = "rk4_local", 2.5e-5, 64, 1.0
#: A boundary nearer than this share of a step to where a substep may end is there.
SNAP = 1e-9
#: A potential or concentration beyond this (SI) counts as diverged.
LIMIT = 1e6


class EngineError(RuntimeError):
    """An engine that cannot run what it was given."""


class Diverged(RuntimeError):
    """A run whose numbers left all bounds."""


@dataclass(frozen=True)
class Trains:
    """Event times in seconds, sorted: train ``i`` is ``times[offsets[i]:offsets[i + 1]]``.

    ``chances``: (events, chances) numbers between 0 and 1, as the system's events ask for them.
    """

    times: np.ndarray
    offsets: np.ndarray
    of_point: np.ndarray
    chances: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    @classmethod
    def at(
        cls, points: np.ndarray, times: np.ndarray, size: int, chances: np.ndarray | None = None
    ) -> Trains:
        """One train for each of ``size`` points, of events in any order: event i at ``points[i]``.

        Events of a point at one time keep their order.
        """
        order = np.lexsort((times, points))
        offsets = np.concatenate([[0], np.cumsum(np.bincount(points, minlength=size))])
        drawn = np.empty((0, 0)) if chances is None or not chances.size else chances[order]
        return cls(np.asarray(times, dtype=float)[order], offsets, np.arange(size), drawn)

    def left(self, cursor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points, times and chances of the events from each point's cursor on."""
        counts = self.offsets[self.of_point + 1] - cursor
        first = np.repeat(cursor - (np.cumsum(counts) - counts), counts)
        which = first + np.arange(len(first))
        chances = self.chances[which] if self.chances.size else self.chances
        return np.repeat(np.arange(len(cursor)), counts), self.times[which], chances

    def within(self, duration: float, start: float = 0.0) -> Trains:
        """The same without events before the start of a run, or at its end and later."""
        keep = (self.times >= start) & (self.times < duration * (1 - 1e-12))
        before = np.concatenate([[0], np.cumsum(keep)])
        chances = self.chances[keep] if self.chances.size else self.chances
        times = self.times[keep].astype(float)
        return Trains(times, before[self.offsets], self.of_point, chances)


@dataclass(frozen=True)
class Batch:
    """Points to run: SI columns of one value a point (or one for all), and event trains.

    ``recordings``: by name, rows of times (s), values and slopes, one for all points.
    ``initial``: states (SI) that do not begin as the system says, and ``jumped``, the last jump of
    a stimulus (s). ``slopes``: how the states that are stepped implicitly moved at the end of the
    run that these points go on from, if that is known: where they begin otherwise, it is a jump.
    """

    size: int
    columns: Mapping[str, np.ndarray]
    trains: Mapping[str, Trains] = field(default_factory=dict)
    recordings: Mapping[str, np.ndarray] = field(default_factory=dict)
    initial: Mapping[str, np.ndarray] = field(default_factory=dict)
    jumped: np.ndarray | None = None
    slopes: Mapping[str, np.ndarray] | None = None

    def within(self, system: System, duration: float, start: float = 0.0) -> dict[str, Trains]:
        """The trains of the system's events in a run; they bring the chances that it asks for."""
        for event, chances in system.chances.items():
            train = self.trains.get(event)
            if train is not None and train.chances.shape != (len(train.times), len(chances)):
                raise EngineError(f"the train of '{event}' lacks the chances that its events bring")
        here = [e for e in system.events if e in self.trains]
        return {e: self.trains[e].within(duration, start) for e in here}


@dataclass(frozen=True)
class Options:
    """How to run. Times in seconds.

    ``part``: how wide the parts are into which ``rk4_local`` cuts a step where it has to; by
    default the widest of at most :data:`PART` that divide the step, or :data:`PARTS` of them where
    it is longer than :data:`LONG`.

    ``record``: names to trace, and with them all spikes; ``spikes``: list all spikes without a
    trace too; ``every``: steps between samples of a trace, of which the last is at the end.
    ``axes``: parameters that differ between points, as far as is known before there is a batch.
    ``start``: where a run that goes on from another begins, on the clock of the first, at a step;
    ``duration`` is then its end on that clock.
    ``on_progress(done, total)``: called now and then with model steps done for all points.
    """

    dt: float
    duration: float
    method: str = "rk4_local"
    part: float | None = None
    precision: Literal["float64", "float32"] = "float64"
    threads: int = 0
    record: tuple[str, ...] = ()
    spikes: bool = False
    every: int = 1
    axes: frozenset[str] = frozenset()
    start: float = 0.0
    on_progress: Callable[[int, int], None] | None = None

    @property
    def begin(self) -> int:
        """The step at which the run begins."""
        return round(self.start / self.dt)

    @property
    def n_steps(self) -> int:
        """The step at which the run ends; the last may be cut short by the end."""
        return max(self.begin + 1, math.ceil(self.duration / self.dt - SNAP))

    @property
    def steps(self) -> int:
        """How many steps the run has."""
        return self.n_steps - self.begin

    @property
    def parts(self) -> int:
        """Parts of a step, for those points of rk4_local that ask for them; else 1."""
        if self.method != LOCAL:
            return 1
        if self.part is None and self.dt > LONG:
            return PARTS
        return max(1, math.ceil(self.dt / (self.part or PART) - SNAP))

    @property
    def samples(self) -> np.ndarray:
        """The steps at whose start a trace is sampled; the last is the end of the run."""
        return np.append(np.arange(self.begin, self.n_steps, self.every), self.n_steps)

    @property
    def sample_times(self) -> np.ndarray:
        """The times of the samples in seconds."""
        return np.append(self.samples[:-1] * self.dt, self.duration)

    @property
    def cores(self) -> int:
        """How many cores to use: ``threads``, or all that this process may."""
        if self.threads:
            return self.threads
        try:
            return len(os.sched_getaffinity(0))
        except AttributeError:
            return os.cpu_count() or 1


@dataclass
class Outcome:
    """Measures (SI, one value a point), traces (name -> points x samples), spikes, and status.

    ``reasons``: by point, what is not finite. ``states``: every state at the end (SI), and
    ``jumped`` the last jump of a stimulus (s), both on the clock of the first run; all other times
    count from the start of the run.
    """

    measures: dict[str, np.ndarray]
    status: np.ndarray
    failed_at: np.ndarray
    times: np.ndarray | None = None
    traces: dict[str, np.ndarray] = field(default_factory=dict)
    spikes: list[np.ndarray] | None = None
    reasons: dict[int, str] = field(default_factory=dict)
    states: dict[str, np.ndarray] = field(default_factory=dict)
    jumped: np.ndarray | None = None

    def check_finite(self) -> None:
        """Give the good points that hold a number that is not finite a status and a reason."""
        lost: dict[int, list[str]] = {}
        good = self.status == OK
        for name, values in self.measures.items():
            for i in np.flatnonzero(good & ~np.isfinite(values)):
                lost.setdefault(int(i), []).append(name)
        for name, values in self.traces.items():
            bad = ~np.isfinite(values)
            for i in np.flatnonzero(good & bad.any(axis=1)):
                lost.setdefault(int(i), []).append(name)
                if self.times is not None:
                    first = self.times[int(np.argmax(bad[i]))]
                    self.failed_at[i] = np.fmin(self.failed_at[i], first)
        for i, times in enumerate(self.spikes or ()):
            if good[i] and not np.isfinite(times).all():
                lost.setdefault(i, []).append("spike_time")
        for i, names in lost.items():
            self.status[i] = NOT_FINITE
            self.reasons[i] = f"not finite: {', '.join(names)}"


class Spikes(NamedTuple):
    """Spikes in the order of their times: of which point each is, and when (s)."""

    points: np.ndarray
    times: np.ndarray


class Run(Protocol):
    """A run under way, each of its points ``step`` steps from the start."""

    step: int

    def to(self, step: int, trains: Mapping[str, Trains] | None = None) -> Spikes:
        """Go on until ``step``, and tell the spikes on the way.

        ``trains``: events that come besides, from now on, of which those at the same time as others
        come after them. Pieces change nothing: a run in any number of them is the run in one.

        Raises
        ------
        ValueError
            For a step that lies behind or beyond the end, and an event that does.
        """

    def state(self) -> dict[str, np.ndarray]:
        """All that is needed to go on from here, as plain arrays: see :meth:`Engine.start`."""

    def outcome(self) -> Outcome:
        """What came of the run.

        Raises
        ------
        EngineError
            Before its end.
        """


class Engine(Protocol):
    """A function of a system and columns of numbers.

    ``goes_on``: whether it begins where ``Batch.initial`` and ``Options.start`` say.
    """

    name: str
    goes_on: bool = False

    def refuses(self, system: System, options: Options) -> str | None:
        """Why this engine cannot run the system, or None."""

    def start(
        self,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> Run:
        """A run of every point of the batch that has not moved yet.

        ``state``: of another run of these points, from where this one goes on, with the events that
        were to come there, and not those of the batch. ``np.savez(file, **run.state())`` keeps it,
        and ``np.load(file)`` gives it back. Parameters and duration may be others than there; what
        then moves otherwise has jumped.

        Raises
        ------
        EngineError
            For a state of other points, of another system or with another step.
        """

    def run(self, system: System, batch: Batch, options: Options) -> Outcome:
        """Run every point of the batch to the end."""
        run = self.start(system, batch, options)
        run.to(options.n_steps)
        return run.outcome()
