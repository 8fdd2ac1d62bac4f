"""What runs in a worker: a batch, or some points of one, where the worker is what the caller is.

A task gets a batch number, writes the batch into the folder and returns the number. Running one
twice does no harm.
"""

from __future__ import annotations

import multiprocessing
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mgsim.engines.contract import EngineError
from mgsim.runs.workers.processes import KEPT, in_one
from mgsim.store import source_digest
from mgsim.store.folder import Store
from mgsim.sweeps.point_rows import Rows, rows_of
from mgsim.sweeps.prepare import Job
from mgsim.version import __version__


@dataclass(frozen=True)
class Place:
    """Where a task writes, and what it must find there and be: checked before the first value.

    ``sha256``: the sweep's identity; ``mgsim``, ``code``: version and source of what computes;
    ``run``: a file of the folder that only the caller can have written.
    """

    folder: str
    sha256: str
    mgsim: str
    code: tuple[tuple[str, str], ...]
    run: str


def run_batch(job: Job, place: Place, batch: int) -> int:
    """Run and write one batch; return its number."""
    store = _store(place.folder, place.run)
    if not store.whole(batch):
        first, last = store.span(batch)
        store.write(batch, _rows(job, np.arange(first, last)))
    return batch


def run_points(job: Job, _: Place, points: np.ndarray) -> Rows:
    """Run some points; return their rows."""
    return _rows(job, points)


def checked(task: Callable, read: Callable[[], Job], place: Place, *args: Any) -> Any:
    """Run a task where the worker is what the caller is, and sees the folder that it sees."""
    words = unfit(place)
    if words is None:
        job = read()
        if tuple(source_digest.digests(job.engines).items()) == place.code:
            return task(job, place, *args)
        words = "the module of its engine is another than the caller's"
    raise EngineError(f"a worker on {platform.node()} must not run this: {words}")


def with_kept(task: Callable, *args: Any) -> Any:
    """Run a task with the job that this process keeps."""
    return checked(task, lambda: KEPT[0], *args)


def unfit(place: Place) -> str | None:
    """Why this process must not run a task, or None."""
    if __version__ != place.mgsim:
        return f"it has mgsim {__version__}, the caller {place.mgsim}"
    if source_digest.digests()["mgsim"] != dict(place.code)["mgsim"]:
        return f"its mgsim {__version__} has other source than the caller's"
    file = Path(place.folder) / "runs" / place.run
    for pause in (0.0, 0.1, 1.0, 3.0):  # a shared folder may be late
        time.sleep(pause)
        if file.exists():
            break
    else:
        return (
            f"it does not see {place.folder} as the caller does; the folder must be one that "
            "every worker sees under the same name"
        )
    try:
        found = _store(place.folder, place.run).manifest["sha256"]
    except (OSError, ValueError) as error:
        return str(error)
    return None if found == place.sha256 else f"{place.folder} holds another sweep there"


@lru_cache(maxsize=4)
def _store(folder: str, run: str) -> Store:
    """The store of a run, whose name no other run has, in a folder of this name or another."""
    return Store.open(Path(folder))


def _rows(job: Job, points: np.ndarray) -> Rows:
    """The rows of points; in a child process where the engine wants the main thread."""
    main = threading.current_thread() is threading.main_thread()
    if main or not job.needs_processes:
        return rows_of(job, points)
    if multiprocessing.current_process().daemon:
        raise EngineError(
            "this engine needs a process of its own, which workers with a nanny may "
            "not start: set DASK_DISTRIBUTED__WORKER__DAEMON=False where the "
            "cluster is started"
        )
    return in_one(job, _kept_rows, points)


def _kept_rows(points: np.ndarray) -> Rows:
    return rows_of(KEPT[0], points)
