"""What the runs of all engines that step have in common: pieces, events, states, outcomes."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.engines.algebra import follow, pieces
from mgsim.engines.contract import (
    DIVERGED,
    OK,
    SNAP,
    Batch,
    EngineError,
    Options,
    Outcome,
    Spikes,
    Trains,
)
from mgsim.engines.updates.leaping import standing
from mgsim.engines.updates.stepping import carried, conclude, initial_values
from mgsim.system.lowering import System

_NEEDED = {"step", "time", "names", "record"}
_NEEDED |= {"values", "slopes", "summed", "jumped", "failed_at", "spike_points", "spike_times"}
_NEEDED |= {"traces"}
#: What slopes may differ by where a run goes on and nothing jumps: a share of them, and of the
#: state in a millisecond.
_ALIKE = 1e-7
#: Steps of the first piece of a run; how long the others take in seconds, so that Ctrl-C is heard
#: and progress is shown; how much longer one may be than the one before.
_FIRST, _SECONDS, _LONGER = 64, 0.4, 8.0


def beginning(system: System, batch: Batch, options: Options) -> dict[str, np.ndarray]:
    """The state of a run that has not moved yet: see :meth:`SteppedRun.state`."""
    there = pieces(system, batch.recordings, batch.columns, options.start).values
    start = initial_values(system, {**batch.columns, **there}, batch.initial, options.start)
    integrals = [m.name for m in system.integrals]

    def rows(names: list[str]) -> np.ndarray:
        found = [np.broadcast_to(start[n], batch.size) for n in names]
        return np.array(found, dtype=float).reshape(len(names), batch.size)

    summed = rows(integrals)
    lost = ~np.isfinite(rows(list(batch.initial))).all(axis=0)
    time = options.begin * options.dt
    jumped = -np.inf if batch.jumped is None else batch.jumped
    if batch.slopes is not None:
        now = moving(system, batch, options, start, time)
        jumped = np.where(_leaps(batch.slopes, now, start), time, jumped)
    start |= dict.fromkeys(integrals, np.asarray(0.0))
    # A run that goes on begins before what comes at its start, a fresh one after its edges.
    until = time + (-SNAP if batch.initial else SNAP) * options.dt
    there = pieces(system, batch.recordings, batch.columns, until).values
    known = {**batch.columns, **there, **start, "dt": np.asarray(options.dt)}
    start |= standing(system, known, time, until)
    found = {
        "step": np.asarray(options.begin),
        "time": np.asarray(time),
        "names": np.array(carried(system), dtype=str),
        "values": rows(list(carried(system))),
        "summed": summed,
        "jumped": np.array(np.broadcast_to(jumped, batch.size), dtype=float),
        "failed_at": np.where(lost, options.start, np.nan),
        "spike_points": np.zeros(0, dtype=np.int64),
        "spike_times": np.zeros(0),
        "record": np.array(options.record, dtype=str),
        "traces": np.zeros((len(options.record), 0, batch.size)),
    }
    for event, train in batch.within(system, options.duration, options.start).items():
        found |= {
            f"{event}_times": train.times,
            f"{event}_chances": train.chances,
            f"{event}_offsets": np.asarray(train.offsets, dtype=np.int64),
            f"{event}_of_point": np.asarray(train.of_point, dtype=np.int64),
            f"{event}_cursor": np.asarray(train.offsets[train.of_point], dtype=np.int64),
        }
    return found


def moving(
    system: System, batch: Batch, options: Options, states: Mapping[str, np.ndarray], time: float
) -> dict[str, np.ndarray]:
    """How each state that is stepped implicitly moves at a time (s), in SI per second."""
    if not system.implicit:
        return {}
    there = pieces(system, batch.recordings, batch.columns, time).values
    clock = {"t": np.asarray(time), "dt": np.asarray(options.dt)}
    read = follow(system, {**batch.columns, **there, **states, **clock})
    with np.errstate(all="ignore"):
        return {n: np.asarray(read(system.recordable[n].text)) for n in system.implicit}


def _leaps(
    before: Mapping[str, np.ndarray],
    now: Mapping[str, np.ndarray],
    states: Mapping[str, np.ndarray],
) -> np.ndarray:
    """At which points some state goes on otherwise than it went: what it feels has jumped."""
    found = np.asarray(False)
    for n, slope in now.items():
        if n not in before:
            return np.asarray(True)
        size = np.abs(slope) + np.abs(before[n]) + 1e3 * np.abs(states[n])
        found = found | (np.abs(slope - before[n]) > _ALIKE * size)
    return found


def _rows(of: Mapping[str, np.ndarray], size: int) -> np.ndarray:
    found = [np.broadcast_to(x, size) for x in of.values()]
    return np.array(found, dtype=float).reshape(len(of), size)


class SteppedRun(ABC):
    """A run of an engine that steps: the engine brings :meth:`load`, :meth:`advance`, :meth:`kept`.

    Attributes
    ----------
    trains, cursor : by event, all that come, and the next one of each point.
    lists : whether spikes are listed.
    """

    def __init__(
        self,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.system, self.batch, self.options = system, batch, options
        if state is None:
            begun = beginning(system, batch, options)
            self.step = int(begun["step"])
        else:
            begun = dict(state)
            self._check(begun)
            self.step = int(begun["step"])
            states, now = self._going(begun["values"])
            before = dict(zip(system.implicit, begun["slopes"], strict=True))
            begun["jumped"] = np.where(_leaps(before, now, states), self.time, begun["jumped"])
        self.lists = lists_spikes(system, options)
        self.trains: dict[str, Trains] = {}
        self.cursor: dict[str, np.ndarray] = {}
        for event in system.events:
            if f"{event}_times" in begun:
                self.trains[event] = Trains(
                    *(begun[f"{event}_{x}"] for x in ("times", "offsets", "of_point", "chances"))
                )
                self.cursor[event] = begun[f"{event}_cursor"].copy()
        self._spikes = [Spikes(begun["spike_points"], begun["spike_times"])]
        self._pace, self._whole = float(_FIRST), True
        begun["traces"] = begun["traces"][:, : self.n_samples(self.step)]
        self.load(begun)

    @abstractmethod
    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Stand where a state is."""

    @abstractmethod
    def advance(self, step: int) -> Spikes:
        """Go on until ``step``, which lies ahead; the spikes in any order."""

    @abstractmethod
    def kept(self) -> dict[str, np.ndarray]:
        """``values``, ``summed``, ``jumped``, ``failed_at`` and ``traces``, as in a state."""

    @property
    def time(self) -> float:
        """How far it has come, in seconds."""
        options = self.options
        return options.duration if self.step >= options.n_steps else self.step * options.dt

    def to(self, step: int, trains: Mapping[str, Trains] | None = None) -> Spikes:
        """Go on until ``step``, and tell the spikes on the way; see :class:`contract.Run`."""
        self._sound()
        end = self.options.n_steps
        if not units.is_whole(step) or not self.step <= step <= end:
            raise ValueError(f"a run at step {self.step} of {end} cannot go to {step}")
        for event, more in (trains or {}).items():
            self._hand_in(event, more)
        found = []
        while self.step < step:
            goal = min(int(step), self.step + max(1, int(self._pace)))
            began = time.monotonic()
            self._whole = False
            found.append(self.advance(goal))
            self._whole = True
            took = (time.monotonic() - began) / (goal - self.step)
            self._pace = min(_SECONDS / max(took, 1e-9), _LONGER * self._pace)
            self.step = goal
            if self.options.on_progress:
                size, begin = self.batch.size, self.options.begin
                self.options.on_progress(size * (goal - begin), size * (end - begin))
        points, times = (np.concatenate([[], *(x[k] for x in found)]) for k in (0, 1))
        order = np.lexsort((points, times))
        self._spikes.append(Spikes(points[order].astype(np.int64), times[order]))
        return self._spikes[-1]

    def state(self) -> dict[str, np.ndarray]:
        """All that is needed to go on from here, as plain arrays.

        ``values``: by row, what ``names`` names, in SI. Other entries are for engines: they may
        change between versions.
        """
        self._sound()
        points, times = (np.concatenate([x[k] for x in self._spikes]) for k in (0, 1))
        kept = self.kept()
        _, slopes = self._going(kept["values"])
        found = {
            "step": np.asarray(self.step),
            "time": np.asarray(self.time),
            "names": np.array(carried(self.system), dtype=str),
            "record": np.array(self.options.record, dtype=str),
            "spike_points": points,
            "spike_times": times,
            "slopes": _rows(slopes, self.batch.size),
            **kept,
        }
        for event, train in self.trains.items():
            found |= {
                f"{event}_times": train.times,
                f"{event}_chances": train.chances,
                f"{event}_offsets": train.offsets,
                f"{event}_of_point": train.of_point,
                f"{event}_cursor": self.cursor[event],
            }
        return {n: np.array(x) for n, x in found.items()}

    def outcome(self) -> Outcome:
        """What came of the run; see :class:`contract.Run`."""
        self._sound()
        options, size = self.options, self.batch.size
        if self.step < options.n_steps:
            raise EngineError(f"a run at step {self.step} of {options.n_steps} has no outcome yet")
        last = self.kept()
        final = dict(zip(carried(self.system), last["values"], strict=True))
        for m, sum_so_far in zip(self.system.integrals, last["summed"], strict=True):
            final[m.name] = final[m.name] + sum_so_far
        bad = ~np.isnan(last["failed_at"])
        status = np.where(bad, DIVERGED, OK).astype(np.int8)
        found = Outcome({}, status, last["failed_at"] - options.start)
        found.states = {n: np.array(final[n]) for n in self.system.state_names}
        found.jumped = np.array(last["jumped"])
        if options.record:
            found.times = options.sample_times - options.start
            found.traces = {n: last["traces"][i].T for i, n in enumerate(options.record)}
        if self.lists:
            points, times = (np.concatenate([x[k] for x in self._spikes]) for k in (0, 1))
            ends = np.cumsum(np.bincount(points, minlength=size))
            times = times[np.argsort(points, kind="stable")] - options.start
            found.spikes = np.split(times, ends[:-1])
        return conclude(self.system, final, found)

    def n_samples(self, step: int) -> int:
        """How many samples of a trace have been taken when a run is at a step."""
        samples = self.options.samples
        return len(samples) if step == samples[-1] else int(np.searchsorted(samples, step))

    def _going(self, values: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """States by name, and how those that are stepped implicitly move now."""
        states = dict(zip(self.system.state_names, values, strict=False))
        return states, moving(self.system, self.batch, self.options, states, self.time)

    def _hand_in(self, event: str, more: Trains) -> None:
        if event not in self.system.events:
            raise unknown("event", event, self.system.events, "a run")
        size, options = self.batch.size, self.options
        points, times, chances = more.left(more.offsets[more.of_point])
        if len(more.of_point) != size:
            raise ValueError(f"'{event}' comes to {len(more.of_point)} points; the run has {size}")
        late = ~(times >= self.time - SNAP * options.dt)
        if late.any():
            raise ValueError(
                f"'{event}' at {times[late][0] * 1e3:g} ms comes too late: the run is at "
                f"{self.time * 1e3:g} ms"
            )
        brings = len(self.system.chances.get(event, ()))
        if brings and chances.shape != (len(times), brings):
            raise EngineError(f"the train of '{event}' lacks the chances that its events bring")
        if event in self.trains:
            before = self.trains[event].left(self.cursor[event])
            drawn = [x[2].reshape(len(x[1]), brings) for x in (before, (points, times, chances))]
            points, times = (
                np.concatenate(x) for x in zip(before[:2], (points, times), strict=True)
            )
            chances = np.concatenate(drawn)
        keep = times < options.duration
        some = chances[keep] if brings else None
        self.trains[event] = Trains.at(points[keep], times[keep], size, some)
        self.cursor[event] = self.trains[event].offsets[:-1].copy()

    def _sound(self) -> None:
        if not self._whole:
            raise EngineError("this run was broken off within a piece; start from a state anew")

    def _check(self, state: Mapping[str, np.ndarray]) -> None:
        """Refuse a state of something else."""
        lacking = _NEEDED - set(state)
        if lacking:
            raise EngineError(f"this is no state of a run: it has no '{min(lacking)}'")
        wanted, found = carried(self.system), tuple(map(str, state["names"]))
        if found != wanted:
            other = sorted(set(found) ^ set(wanted)) or ["their order"]
            raise EngineError(f"the state is of another system: they differ in {', '.join(other)}")
        if state["values"].shape[1] != self.batch.size:
            raise EngineError(
                f"the state is of {state['values'].shape[1]} points, the batch of {self.batch.size}"
            )
        if tuple(map(str, state["record"])) != self.options.record:
            raise EngineError(
                f"the state has traces of {', '.join(map(str, state['record'])) or 'nothing'}, the "
                f"run records {', '.join(self.options.record) or 'nothing'}"
            )
        options, step = self.options, int(state["step"])
        at = options.duration if step == options.n_steps else step * options.dt
        if not abs(float(state["time"]) - at) <= SNAP * options.dt or step > options.n_steps:
            raise EngineError(
                f"the state is at step {step}, at {float(state['time']) * 1e3:g} ms; this run has "
                f"{options.n_steps} steps of {options.dt * 1e3:g} ms"
            )


def lists_spikes(system: System, options: Options) -> bool:
    """Whether a run lists its spikes."""
    return bool((options.record or options.spikes) and system.spike)
