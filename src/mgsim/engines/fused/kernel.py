"""A compiled kernel as a callable; calls release the interpreter's lock."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from mgsim.engines.contract import Options
from mgsim.engines.fused.c_text.emit import Source


@dataclass
class Arrays:
    """What a kernel works on; rows of ``width`` points, a whole number of blocks."""

    width: int
    uniform: np.ndarray
    points: np.ndarray
    carried: np.ndarray
    summed: np.ndarray
    jumped: np.ndarray
    failed_at: np.ndarray
    traces: np.ndarray | None
    times: Sequence[np.ndarray] = ()
    offsets: Sequence[np.ndarray] = ()
    of_point: Sequence[np.ndarray] = ()
    cursor: Sequence[np.ndarray] = ()
    recordings: Sequence[np.ndarray] = ()
    spikes: np.ndarray | None = None
    n_spikes: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Kernel:
    """A loaded kernel and the order of its arrays."""

    source: Source
    function: ctypes._CFuncPtr  # type: ignore[name-defined]

    def run(
        self, arrays: Arrays, blocks: tuple[int, int], steps: tuple[int, int], options: Options
    ) -> None:
        """Run some blocks of points through some steps, in place."""
        lanes = self.source.lanes
        traces, spikes = arrays.traces, arrays.spikes
        self.function(
            blocks[0] * lanes,
            blocks[1] * lanes,
            arrays.width,
            *steps,
            options.n_steps,
            options.dt,
            options.duration,
            options.parts,
            _pointer(arrays.uniform),
            _pointer(arrays.points),
            _pointer(arrays.carried),
            _pointer(arrays.summed),
            _table(arrays.times),
            _table(arrays.offsets),
            _table(arrays.of_point),
            _table(arrays.cursor),
            options.every,
            0 if traces is None else traces.shape[1],
            None if traces is None else _pointer(traces),
            None if spikes is None else _pointer(spikes),
            _pointer(arrays.n_spikes),
            0 if spikes is None else spikes.shape[1],
            _pointer(arrays.jumped),
            _pointer(arrays.failed_at),
            *self._recordings(arrays),
        )

    def _recordings(self, arrays: Arrays) -> tuple[ctypes.Array, ...]:
        if not self.source.driven:
            return ()
        lengths = (r.shape[1] for r in arrays.recordings)
        n = len(arrays.recordings)
        return _table(arrays.recordings), (ctypes.c_int64 * n)(*lengths)


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def _table(arrays: Sequence[np.ndarray]) -> ctypes.Array:
    return (ctypes.c_void_p * max(1, len(arrays)))(*(a.ctypes.data for a in arrays))


@lru_cache(maxsize=256)
def load(library: Path, source: Source) -> Kernel:
    """The kernel in a compiled library."""
    function = ctypes.CDLL(str(library)).mgsim_run
    function.restype = None
    function.argtypes = [
        *[ctypes.c_int64] * 6,
        *[ctypes.c_double] * 2,
        ctypes.c_int64,
        *[ctypes.c_void_p] * 8,
        *[ctypes.c_int64] * 2,
        *[ctypes.c_void_p] * 3,
        ctypes.c_int64,
        *[ctypes.c_void_p] * (4 if source.driven else 2),
    ]
    return Kernel(source, function)
