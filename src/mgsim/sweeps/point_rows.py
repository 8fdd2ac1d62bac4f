"""Numbers of some points of a sweep; an error of one point is a row, not the end of the run.

What the machine lacks says nothing of a point: it is tried once more, alone, and then ends the run.
"""

from __future__ import annotations

import errno
import gc
import importlib
import mmap
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TypeVar

import numpy as np

from mgsim.engines import interrupts
from mgsim.engines.contract import FAILED, PENDING, EngineError, Outcome
from mgsim.sweeps.labels import displayed
from mgsim.sweeps.prepare import Job

#: Pieces of one batch that may fail before the rest of what fails is no longer taken apart.
_MOST_PIECES = 64
DISK = "room on the disk"
_LACKS = {
    errno.ENOMEM: "memory",
    errno.EMFILE: "open files",
    errno.ENFILE: "open files",
    errno.EAGAIN: "processes or threads",
    errno.ENOSPC: DISK,
    errno.EDQUOT: DISK,
}
#: What Python, the loader of libraries and zstd say, each with an error of another kind.
_WORDS = {
    "can't start new thread": "threads",
    "failed to map segment": "memory",
    "cannot allocate memory": "memory",
    "not enough memory": "memory",
}
#: What a result is made of; xarray asks for dask where it is installed, and dask for scipy.
_LIBRARIES = ("pandas", "xarray", "dask.array")
T = TypeVar("T")
#: The status and the reason of points that are given up, or None where the error ends the run.
Verdict = Callable[[Exception], tuple[int, str] | None]


@dataclass
class Rows:
    """Some points' numbers: measures (points x measures, display units), status, time in ms.

    ``reasons``: why a point failed, by its place in these rows.
    """

    values: np.ndarray
    status: np.ndarray
    failed_at: np.ndarray
    reasons: dict[int, str] = field(default_factory=dict)

    @classmethod
    def pending(cls, n: int, n_measures: int) -> Rows:
        """Rows of points that have not run."""
        return cls(
            np.full((n, n_measures), np.nan), np.full(n, PENDING, dtype=np.int8), np.full(n, np.nan)
        )

    def put(self, places: slice | np.ndarray, other: Rows) -> None:
        """Take over the rows of some places."""
        self.values[places], self.status[places] = other.values, other.status
        self.failed_at[places] = other.failed_at
        numbers = np.arange(len(self.status))[places]
        self.reasons |= {int(numbers[i]): reason for i, reason in other.reasons.items()}


class Shortage(EngineError):
    """What the machine lacks, the second time too, when nothing of the run was beside it."""


def shortage(error: BaseException | None) -> str | None:
    """What the machine lacks, where an error, or one that it stands for, says so."""
    while error is not None:
        if isinstance(error, MemoryError | Shortage):
            return "memory"
        if isinstance(error, OSError) and error.errno in _LACKS:
            return _LACKS[error.errno]
        if isinstance(error, RuntimeError | ImportError | OSError):
            found = next((what for words, what in _WORDS.items() if words in str(error)), None)
            if found:
                return found
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def once_more(run: Callable[[bool], T]) -> T:
    """``run(False)``; where the machine lacks what that needs, ``run(True)``: alone.

    Raises
    ------
    Shortage
        When it is lacking still.
    """
    try:
        return run(False)
    except Exception as error:
        first = short(error)
        if isinstance(error, Shortage) or shortage(error) in (None, DISK):
            raise
    gc.collect()
    try:
        return run(True)
    except (AttributeError, ImportError) as error:  # of what the first could import only in part
        raise first from error
    except Exception as error:
        raise short(error) from error


def libraries() -> None:
    """Import what a result is made of, while there is room for it.

    Half of an import cannot be mended in the same process, so Ctrl-C waits; and the linear algebra
    that scipy and numpy bring (OpenBLAS) waits for ever for memory that it cannot have.

    Raises
    ------
    Shortage
        Before anything is imported.
    """
    wanted = [n for n in _LIBRARIES if n not in sys.modules and find_spec(n.partition(".")[0])]
    if not wanted:
        return
    needed = 128 + 16 * min(os.cpu_count() or 1, 64)  # MB: its buffers, and a stack a thread
    try:
        mmap.mmap(-1, needed << 20).close()
    except OSError:
        raise Shortage(
            f"this machine lacks memory: {', '.join(wanted)} may need {needed} MB to start"
        ) from None
    with interrupts.deferred():
        for name in wanted:
            importlib.import_module(name)


def short(error: Exception) -> Exception:
    """An error, as what the machine lacks where it says so."""
    what = shortage(error)
    if what is None or isinstance(error, Shortage):
        return error
    detail = (str(error).splitlines() or [""])[0][:300]
    return Shortage(f"this machine lacks {what} ({type(error).__name__}: {detail})")


def outcome(job: Job, points: np.ndarray, moved: Callable[[int], None] = lambda _: None) -> Outcome:
    """Run some points; on one core where the machine lacks what more of them need."""

    def run(alone: bool) -> Outcome:
        return (job.on(1) if alone else job).run(points, moved)

    return once_more(run)


def rows_of(job: Job, points: np.ndarray, moved: Callable[[int], None] = lambda _: None) -> Rows:
    """Run some points. ``moved(steps)`` is told how many point-steps are done.

    Points for which the engine raises an error are found by halving, and get a status and the
    error as a reason.

    Raises
    ------
    Shortage, EngineError, OSError, ImportError
        What concerns the machine or the engine and not some points.
    """

    def run(some: np.ndarray) -> Rows:
        found = outcome(job, some, moved)
        values = np.empty((len(some), len(job.measures)))
        for place, measure in enumerate(job.measures):
            values[:, place] = displayed(measure, found.measures[measure.name], found.status)
        return Rows(
            values, found.status.astype(np.int8), found.failed_at * 1e3, reasons=dict(found.reasons)
        )

    return halved(points, run, _failed, len(job.measures))


def halved(
    points: np.ndarray, run: Callable[[np.ndarray], Rows], verdict: Verdict, n_measures: int
) -> Rows:
    """The rows of points, the bad among them found by halving."""
    rows = Rows.pending(len(points), n_measures)
    work = [slice(0, len(points))]
    failed = 0
    while work:
        here = work.pop()
        some = points[here]
        try:
            rows.put(here, run(some))
            continue
        except Exception as error:
            found = verdict(error)
            if found is None:
                raise
        failed += 1
        if len(some) == 1 or failed >= _MOST_PIECES:
            given_up = Rows.pending(len(some), n_measures)
            status, reason = found
            given_up.status[:] = status
            given_up.reasons = dict.fromkeys(range(len(some)), reason)
            rows.put(here, given_up)
        else:
            middle = here.start + len(some) // 2
            work += [slice(middle, here.stop), slice(here.start, middle)]
    return rows


def _failed(error: Exception) -> tuple[int, str] | None:
    if isinstance(error, EngineError | OSError | ImportError | Warning):
        return None
    lines = str(error).splitlines() or [""]
    return FAILED, f"{type(error).__name__}: {lines[0][:300]}"
