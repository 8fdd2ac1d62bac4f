"""The C text of a system, and running points through a kernel on threads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from mgsim.engines.contract import DIVERGED, OK, Batch, Options, Outcome, Trains
from mgsim.engines.fused.collect import collect
from mgsim.engines.fused.emit import Source, emit
from mgsim.engines.fused.kernel import Arrays, Kernel
from mgsim.engines.fused.share import share
from mgsim.engines.fused.threads import together
from mgsim.engines.stepping import conclude, initial_values
from mgsim.system import System

#: Points side by side in a block: a few vectors' worth; one vector where traces are recorded.
LANES = {"float64": 16, "float32": 32}
LANES_TRACED = {"float64": 8, "float32": 16}
#: Point-steps of one call: short enough that an interrupt is heard within a second.
_PIECE = 4_000_000
_PIECE_STEPS = 200_000
#: Parts that an event or an edge may add to its step and the next.
_PARTS_MORE = 64


def source_of(
    system: System,
    per_point: frozenset[str],
    record: tuple[str, ...],
    method: str,
    precision: str,
    shared: bool = True,
) -> Source:
    """The C text of a system."""
    program = collect(system, per_point, record, method)
    if shared:
        program = share(program, precision)
    return emit(program, precision, (LANES_TRACED if record else LANES)[precision])


def kernel_source(system: System, batch: Batch, options: Options) -> Source:
    """The C text that runs these points."""
    per_point = frozenset(n for n, v in batch.columns.items() if np.ndim(v))
    return source_of(system, per_point, options.record, options.method, options.precision)


def run_kernel(kernel: Kernel, system: System, batch: Batch, options: Options) -> Outcome:
    """Run every point through a kernel that was compiled for them."""
    arrays = _arrays(system, batch, options, kernel)
    _run_pieces(kernel, arrays, options)
    return _outcome(system, batch, options, kernel, arrays)


def _arrays(system: System, batch: Batch, options: Options, kernel: Kernel) -> Arrays:
    """Columns, start values and trains, padded to whole blocks by repeating the last point."""
    source = kernel.source
    width = -(-batch.size // source.lanes) * source.lanes

    def padded(value: np.ndarray) -> np.ndarray:
        full = np.broadcast_to(np.asarray(value, dtype=float), batch.size)
        return np.concatenate([full, np.repeat(full[-1:], width - batch.size)])

    start = initial_values(system, batch.columns)
    points = [padded(batch.columns[n]) for n in source.per_point]
    within = batch.within(system, options.duration)
    trains = [_train_arrays(within.get(e), batch.size, width) for e in system.events]
    return Arrays(
        width=width,
        uniform=np.array([float(batch.columns[n]) for n in source.uniform] or [0.0]),
        points=np.ascontiguousarray(np.stack(points) if points else np.zeros((1, width))),
        carried=np.ascontiguousarray(
            np.stack([padded(start[n]) for n in source.carried])
            if source.carried
            else np.zeros((1, width))
        ),
        times=[t[0] for t in trains],
        offsets=[t[1] for t in trains],
        of_point=[t[2] for t in trains],
        traces=(
            np.zeros((len(source.record), len(options.samples), width)) if options.record else None
        ),
        spikes=np.zeros((width, _most_spikes(options, trains))) if source.spikes else None,
        n_spikes=np.zeros(width, dtype=np.int64),
        jumped=np.full(width, -np.inf),
        failed_at=np.full(width, -1, dtype=np.int64),
    )


def _most_spikes(options: Options, trains: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> int:
    """Room for the spikes of a point: a spike needs two parts, and each event may add some."""
    events = sum(int(np.diff(offsets).max(initial=0)) for _, offsets, _ in trains)
    return (options.n_steps * options.parts + _PARTS_MORE * (events + 4)) // 2 + 1


def _train_arrays(
    within: Trains | None, size: int, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if within is None:
        return np.zeros(1), np.zeros(2, np.int64), np.zeros(width, np.int64)
    rows = within.times
    if within.chances.size:  # each event with its chances behind it
        rows = np.column_stack([within.times, within.chances]).ravel()
    of_point = np.concatenate([within.of_point, np.repeat(within.of_point[-1:], width - size)])
    return (
        np.ascontiguousarray(rows if len(rows) else np.zeros(1)),
        np.ascontiguousarray(within.offsets, dtype=np.int64),
        np.ascontiguousarray(of_point, dtype=np.int64),
    )


def _pieces(
    n_blocks: int, lanes: int, n_steps: int, threads: int
) -> Iterator[list[tuple[tuple[int, int], tuple[int, int]]]]:
    """Blocks x steps in pieces. The pieces of one list go in turn; lists are independent."""
    steps = [(a, min(a + _PIECE_STEPS, n_steps)) for a in range(0, n_steps, _PIECE_STEPS)]
    fair = -(-n_blocks // (4 * threads))
    per_piece = max(1, min(fair, _PIECE // (lanes * min(n_steps, _PIECE_STEPS))))
    for first in range(0, n_blocks, per_piece):
        yield [((first, min(first + per_piece, n_blocks)), s) for s in steps]


def _run_pieces(kernel: Kernel, arrays: Arrays, options: Options) -> None:
    lanes = kernel.source.lanes
    work = list(_pieces(arrays.width // lanes, lanes, options.n_steps, options.cores))

    def follow(chain: list[tuple[tuple[int, int], tuple[int, int]]]) -> Iterator[None]:
        for blocks, steps in chain:
            kernel.run(arrays, blocks, steps, options)
            yield

    sizes = [sum((b[1] - b[0]) * lanes * (s[1] - s[0]) for b, s in chain) for chain in work]
    total = sum(sizes)

    def moved(ended: bytearray) -> None:
        if options.on_progress:
            done = sum(n for n, one in zip(sizes, ended, strict=True) if one)
            options.on_progress(done, total)

    together([partial(follow, chain) for chain in work], options.cores, moved)


def _outcome(
    system: System, batch: Batch, options: Options, kernel: Kernel, arrays: Arrays
) -> Outcome:
    source, size = kernel.source, batch.size
    final = {n: arrays.carried[i, :size].copy() for i, n in enumerate(source.carried)}
    failed = arrays.failed_at[:size]
    bad = failed >= 0
    outcome = Outcome(
        measures={},
        status=np.where(bad, DIVERGED, OK).astype(np.int8),
        failed_at=np.where(bad, failed * options.dt, np.nan),
    )
    if arrays.traces is not None:
        outcome.times = options.sample_times
        outcome.traces = {n: arrays.traces[i, :, :size].T for i, n in enumerate(source.record)}
    if arrays.spikes is not None:
        outcome.spikes = [arrays.spikes[i, : arrays.n_spikes[i]].copy() for i in range(size)]
    return conclude(system, final, outcome)
