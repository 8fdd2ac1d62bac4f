"""The batches of a sweep, run by a pool, whatever happens to its processes.

A task that kills its process is taken apart until the points that do it are found; they become
rows. Ctrl-C reaches the process that asked and no other.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np

from mgsim.engines.contract import CRASHED, LACKED, EngineError
from mgsim.runs.progress import Progress
from mgsim.runs.workers.cluster import Cluster, answering
from mgsim.runs.workers.pools import Pool, Processes
from mgsim.runs.workers.processes import Killed
from mgsim.runs.workers.tasks import Place, run_batch, run_points
from mgsim.store import source_digest
from mgsim.store.folder import Store
from mgsim.sweeps.point_rows import DISK, Rows, halved, once_more, shortage
from mgsim.sweeps.prepare import Job
from mgsim.version import __version__


def expected(job: Job, client: Any, processes: int | None) -> int:
    """How many batches will run at a time."""
    if client is not None:
        with answering(client):
            return max(1, sum(client.nthreads().values()))
    return processes or job.options.cores if job.needs_processes else 1


def run(
    store: Store,
    job: Job,
    todo: list[int],
    shown: Progress,
    client: Any,
    processes: int | None,
    run: str,
    check: Callable[[], None],
) -> None:
    """Run batches elsewhere. ``run``: the name of the caller's file under ``runs``.

    Raises as :func:`mgsim.runs.in_folder.durable`.
    """
    n = processes or job.options.cores
    job = job.on(job.options.threads or 1)
    place = Place(
        os.path.abspath(store.folder),
        store.manifest["sha256"],
        __version__,
        tuple(source_digest.digests(job.engines).items()),
        run,
    )

    def attempt(alone: bool) -> None:
        left = [b for b in todo if not (alone and store.whole(b))]
        pool: Pool = (
            Cluster(client, job, place) if client is not None else Processes(job, 1 if alone else n)
        )
        try:
            _follow(store, job, place, left, shown, pool, check)
        except BaseException:
            pool.stop()
            raise
        pool.close()

    if client is None:
        once_more(attempt)
        return
    with answering(client):
        attempt(False)


def _follow(
    store: Store,
    job: Job,
    place: Place,
    todo: list[int],
    shown: Progress,
    pool: Pool,
    check: Callable[[], None],
) -> None:
    waiting: dict[Future, int] = {}
    left = deque(todo)
    lacking: list[int] = []  # to be run again at once, with nothing beside
    suspects: list[int] = []  # when all others are done
    points = shown.done

    def finished(batch: int) -> None:
        nonlocal points
        first, last = store.span(batch)
        points += last - first
        shown.to(points)

    try:
        while left or waiting or lacking or suspects:
            check()
            while left and not lacking and len(waiting) < pool.window():
                batch = left.popleft()
                waiting[pool.submit(run_batch, place, batch)] = batch
            if not waiting:
                batch = lacking.pop() if lacking else suspects.pop(0)
                _take_apart(store, job, place, batch, pool)
                finished(batch)
                continue
            ended, _ = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in ended:
                batch = waiting.pop(future)
                try:
                    future.result()
                except Exception as error:
                    if isinstance(error, pool.crashes):
                        (left if pool.innocent(error) else suspects).append(batch)
                    elif shortage(error) not in (None, DISK):
                        lacking.append(batch)
                    else:
                        raise
                    continue
                _seen(store, batch)
                finished(batch)
            if any(isinstance(f.exception(), BrokenProcessPool) for f in ended):
                suspects += waiting.values()
                waiting.clear()
                pool.mend()
    finally:
        for future in waiting:
            future.cancel()


def _take_apart(store: Store, job: Job, place: Place, batch: int, pool: Pool) -> None:
    """Run a batch that its process did not end: alone, then in halves, until it is known why."""

    def run(points: np.ndarray) -> Rows:
        try:
            return pool.alone(run_points, place, points)
        except pool.crashes:
            if len(points) > 1:
                raise
            return pool.alone(run_points, place, points)  # given up only at the second death

    def verdict(error: Exception) -> tuple[int, str] | None:
        if isinstance(error, Killed):
            return LACKED, (
                "the process that ran it was killed from outside (SIGKILL), as a "
                "system short of memory does"
            )
        if isinstance(error, pool.crashes):
            return CRASHED, f"the process that ran it died ({type(error).__name__})"
        return None

    if not store.whole(batch):
        first, last = store.span(batch)
        store.write(batch, halved(np.arange(first, last), run, verdict, len(job.measures)))


def _seen(store: Store, batch: int) -> None:
    """A worker's files may reach this machine late; never, where the folder is not shared."""
    for pause in (0.0, 0.1, 1.0, 5.0, 20.0):
        time.sleep(pause)
        if store.marked(batch):
            return
    raise EngineError(
        f"a worker says that batch {batch} is done, but it is not in {store.folder}: "
        "the folder must be one that every worker sees under the same name"
    )
