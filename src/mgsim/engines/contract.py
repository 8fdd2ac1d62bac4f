"""What goes into an engine and what comes out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from mgsim.system import System

#: Status of a point, as stored in a data set: ran; left all bounds; the engine raised an error;
#: its process died; its process was killed, as by a system short of memory; its states were good
#: but something that was asked for is not finite; not run yet.
OK, DIVERGED, FAILED, CRASHED, LACKED, NOT_FINITE, PENDING = 0, 1, 2, 3, 4, 5, -1
STATUS = {OK: "ok", DIVERGED: "diverged", FAILED: "failed", CRASHED: "crashed",
          LACKED: "lacked_memory", NOT_FINITE: "not_finite", PENDING: "pending"}  # fmt: skip
#: Those that may be run again: they say nothing of the equations.
UNFINISHED = (FAILED, CRASHED, LACKED)
#: Those of which a reason is kept.
REASONED = (*UNFINISHED, NOT_FINITE)
#: A potential or concentration beyond this (SI) counts as diverged.
LIMIT = 1e6


class EngineError(RuntimeError):
    """An engine that cannot run what it was given."""


class Diverged(RuntimeError):
    """A run whose numbers left all bounds."""


@dataclass(frozen=True)
class Trains:
    """Event times in seconds, sorted: train ``i`` is ``times[offsets[i]:offsets[i + 1]]``."""

    times: np.ndarray
    offsets: np.ndarray
    of_point: np.ndarray

    def steps(self, dt: float, n_steps: int) -> dict[int, dict[int, int]]:
        """``{step: {train: how many events}}``, each event at the nearest step."""
        found: dict[int, dict[int, int]] = {}
        for train in range(len(self.offsets) - 1):
            times = self.times[self.offsets[train] : self.offsets[train + 1]]
            for step in np.rint(times / dt).astype(int):
                if 0 <= step < n_steps:
                    counts = found.setdefault(int(step), {})
                    counts[train] = counts.get(train, 0) + 1
        return found

    def most(self, dt: float, n_steps: int) -> int:
        """The most events that any train has at one step."""
        return max((n for counts in self.steps(dt, n_steps).values() for n in counts.values()),
                   default=0)


@dataclass(frozen=True)
class Batch:
    """Points to run: SI columns of one value a point (or one for all), and event trains."""

    size: int
    columns: Mapping[str, np.ndarray]
    trains: Mapping[str, Trains] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """How to run. Times in seconds.

    ``record``: names to trace, and with them all spikes; ``every``: steps between samples of a
    trace.
    ``axes``: parameters that differ between points, as far as is known before there is a batch.
    ``on_progress(done, total)``: called now and then with model steps done for all points.
    """

    dt: float
    duration: float
    method: str = "rk2"
    precision: Literal["float64", "float32"] = "float64"
    threads: int = 0
    record: tuple[str, ...] = ()
    every: int = 1
    axes: frozenset[str] = frozenset()
    on_progress: Callable[[int, int], None] | None = None

    @property
    def n_steps(self) -> int:
        return round(self.duration / self.dt)

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

    ``reasons``: by point, what is not finite.
    """

    measures: dict[str, np.ndarray]
    status: np.ndarray
    failed_at: np.ndarray
    times: np.ndarray | None = None
    traces: dict[str, np.ndarray] = field(default_factory=dict)
    spikes: list[np.ndarray] | None = None
    reasons: dict[int, str] = field(default_factory=dict)

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


class Engine(Protocol):
    """A function of a system and columns of numbers."""

    name: str

    def refuses(self, system: System, options: Options) -> str | None:
        """Why this engine cannot run the system, or None."""

    def run(self, system: System, batch: Batch, options: Options) -> Outcome:
        """Run every point of the batch."""
