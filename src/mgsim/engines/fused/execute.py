"""The C text of a system, and a run of points through a kernel on threads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from mgsim.engines.contract import Batch, EngineError, Options, Spikes, Trains
from mgsim.engines.fused.c_text.emit import Source, emit
from mgsim.engines.fused.kernel import Arrays, Kernel
from mgsim.engines.fused.program.collect import collect
from mgsim.engines.fused.program.share import share
from mgsim.engines.fused.threads import together
from mgsim.engines.running import SteppedRun, lists_spikes
from mgsim.system.lowering import System

#: Points side by side in a block: a few vectors' worth; one vector where traces are recorded.
LANES = {"float64": 16, "float32": 32}
LANES_TRACED = {"float64": 8, "float32": 16}
#: Calls for each thread at least, so that none waits long for another; and point-steps of one at
#: most, so that an interrupt is heard within a second.
_CALLS, _MOST = 6, 4_000_000
#: Parts that an event or an edge may add to its step and the next.
_PARTS_MORE = 64


def source_of(
    system: System, per_point: frozenset[str], options: Options, shared: bool = True
) -> Source:
    """The C text of a system. ``per_point``: the parameters that differ between points."""
    precision, record = options.precision, options.record
    program = collect(system, per_point, record, options.method, lists_spikes(system, options))
    if shared:
        program = share(program, precision)
    return emit(program, precision, (LANES_TRACED if record else LANES)[precision])


class FusedRun(SteppedRun):
    """Every point of a batch through a kernel that was compiled for them."""

    def __init__(
        self,
        kernel: Kernel,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.kernel = kernel
        super().__init__(system, batch, options, state)

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Columns and states, padded to whole blocks by repeating the last point."""
        source, columns, options = self.kernel.source, self.batch.columns, self.options
        self.width = -(-self.batch.size // source.lanes) * source.lanes
        failed = np.rint(state["failed_at"] / options.dt)
        points = [np.broadcast_to(columns[n], self.batch.size) for n in source.per_point]
        taken = state["traces"]
        traces = np.zeros((len(source.record), len(options.samples), self.width))
        traces[:, : taken.shape[1], : self.batch.size] = taken
        self.arrays = Arrays(
            width=self.width,
            uniform=np.array([float(columns[n]) for n in source.uniform] or [0.0]),
            points=self._padded(np.array(points or [np.zeros(self.batch.size)])),
            carried=self._padded(state["values"]),
            summed=self._padded(state["summed"]),
            recordings=[np.ascontiguousarray(self.batch.recordings[n]) for n in source.driven],
            traces=traces if source.record else None,
            jumped=self._padded(state["jumped"]),
            failed_at=self._padded(np.where(np.isnan(failed), -1, failed)).astype(np.int64),
        )

    def advance(self, step: int) -> Spikes:
        """Blocks of points on threads, all of them through these steps."""
        arrays, lanes, threads = self.arrays, self.kernel.source.lanes, self.options.cores
        trains = [self._train(event) for event in self.system.events]
        arrays.times, arrays.offsets, arrays.of_point, arrays.cursor = (
            [t[k] for t in trains] for k in range(4)
        )
        arrays.n_spikes = np.zeros(self.width, dtype=np.int64)
        arrays.spikes = np.zeros((self.width, self._most_spikes(step))) if self.lists else None
        n_blocks, steps = self.width // lanes, (self.step, step)
        fair = -(-n_blocks // (_CALLS * threads))
        n = max(1, min(fair, _MOST // (lanes * (step - self.step))))
        calls = [(a, min(a + n, n_blocks)) for a in range(0, n_blocks, n)]
        run = self.kernel.run
        together([partial(run, arrays, blocks, steps, self.options) for blocks in calls], threads)
        for event, cursor in zip(self.system.events, arrays.cursor, strict=True):
            if event in self.cursor:
                self.cursor[event] = cursor[: self.batch.size]
        return self._spikes_listed()

    def kept(self) -> dict[str, np.ndarray]:
        arrays, size = self.arrays, self.batch.size
        failed = arrays.failed_at[:size]
        traces = np.zeros((0, 0, size)) if arrays.traces is None else arrays.traces[:, :, :size]
        return {
            "values": arrays.carried[:, :size],
            "summed": arrays.summed[:, :size],
            "jumped": arrays.jumped[:size],
            "failed_at": np.where(failed < 0, np.nan, failed * self.options.dt),
            "traces": traces[:, : self.n_samples(self.step)],
        }

    def _padded(self, rows: np.ndarray) -> np.ndarray:
        more = self.width - rows.shape[-1]
        return np.ascontiguousarray(np.concatenate([rows, np.repeat(rows[..., -1:], more, -1)], -1))

    def _train(self, event: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        none = np.zeros(self.width, dtype=np.int64)
        train = self.trains.get(event, Trains(np.zeros(0), np.zeros(2, dtype=np.int64), none))
        rows = train.times
        if train.chances.size:  # each event with its chances behind it
            rows = np.column_stack([train.times, train.chances]).ravel()
        return (
            np.ascontiguousarray(rows if len(rows) else np.zeros(1)),
            np.ascontiguousarray(train.offsets, dtype=np.int64),
            self._padded(train.of_point[: self.batch.size]),
            self._padded(self.cursor.get(event, none[: self.batch.size])),
        )

    def _most_spikes(self, step: int) -> int:
        """Room for a point's spikes: a spike needs two parts, or a jump; each event adds some."""
        events = sum(int(np.diff(t.offsets).max(initial=0)) for t in self.trains.values())
        first, last, knots = self.time, step * self.options.dt, 0
        for times, *_ in self.batch.recordings.values():
            knots += int(np.count_nonzero((times >= first) & (times <= last)))
        parts = (step - self.step) * self.options.parts
        return (parts + _PARTS_MORE * (events + 4)) // 2 + 2 * knots + 1

    def _spikes_listed(self) -> Spikes:
        spikes, counts = self.arrays.spikes, self.arrays.n_spikes[: self.batch.size]
        if spikes is None:
            return Spikes(np.zeros(0, dtype=np.int64), np.zeros(0))
        if counts.max(initial=0) >= spikes.shape[1]:
            raise EngineError(f"more than {spikes.shape[1] - 1:,} spikes in a piece of a run")
        points = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(points)) - np.repeat(np.cumsum(counts) - counts, counts)
        return Spikes(points, spikes[points, place])
