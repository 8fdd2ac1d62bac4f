"""Numbers of some points of a sweep; an error of one point is a row, not the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mgsim.engines.contract import CRASHED, FAILED, EngineError
from mgsim.sweeps.frame import displayed
from mgsim.sweeps.job import Job
from mgsim.sweeps.store import Rows

#: Pieces of one batch that may fail before the rest of what fails is no longer taken apart.
_MOST_PIECES = 64


def rows_of(job: Job, points: np.ndarray,
            moved: Callable[[int], None] = lambda _: None) -> Rows:
    """Run some points. ``moved(steps)`` is told how many point-steps are done.

    Points for which the engine raises an error are found by halving, and get a status and the
    error as a reason.

    Raises
    ------
    EngineError, OSError, ImportError
        What concerns the engine or the machine and not some points.
    """
    def run(some: np.ndarray) -> Rows:
        return _run(job, some, moved)

    return halved(points, run, _words, FAILED, len(job.measures))


def halved(points: np.ndarray, run: Callable[[np.ndarray], Rows],
           words: Callable[[Exception], str | None], status: int, n_measures: int) -> Rows:
    """The rows of points, the bad among them found by halving.

    ``words(error)``: why points are to be given up, or None where the error ends the run.
    """
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
            reason = words(error)
            if reason is None:
                raise
        failed += 1
        if len(some) == 1 or failed >= _MOST_PIECES:
            given_up = Rows.pending(len(some), n_measures)
            given_up.status[:] = status
            given_up.reasons = dict.fromkeys(range(len(some)), reason)
            rows.put(here, given_up)
        else:
            middle = here.start + len(some) // 2
            work += [slice(middle, here.stop), slice(here.start, middle)]
    return rows


def crash_words(error: Exception) -> str:
    """The reason of a row whose process died."""
    return f"the process that ran it died ({type(error).__name__})"


def isolated(points: np.ndarray, run: Callable[[np.ndarray], Rows],
             crashes: tuple[type[Exception], ...], n_measures: int) -> Rows:
    """The rows of points some of which kill their process, by running parts of them."""
    return halved(points, run, lambda e: crash_words(e) if isinstance(e, crashes) else None,
                  CRASHED, n_measures)


def _run(job: Job, points: np.ndarray, moved: Callable[[int], None]) -> Rows:
    outcome = job.run(points, moved)
    values = np.empty((len(points), len(job.measures)))
    for place, measure in enumerate(job.measures):
        values[:, place] = displayed(measure, outcome.measures[measure.name], outcome.status)
    return Rows(values, outcome.status.astype(np.int8), outcome.failed_at * 1e3)


def _words(error: Exception) -> str | None:
    if isinstance(error, EngineError | OSError | ImportError | Warning):
        return None
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}"
