"""Batches run by other processes: of this machine, or of a dask.distributed cluster.

A task gets a batch number, writes the batch into the folder and returns the number. Running one
twice does no harm. A task that kills its process is taken apart until the points that do it are
found; they become rows.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mgsim.engines.contract import EngineError
from mgsim.sweeps.compute import isolated, rows_of
from mgsim.sweeps.job import Job
from mgsim.sweeps.progress import Progress
from mgsim.sweeps.store import Rows, Store

#: Times in a row, 5 s apart, that a cluster may have no workers before a word is said.
_EMPTY = 12


def needed(job: Job) -> bool:
    """Whether a job's engine uses one core a process."""
    return any(e.name == "brian" for e in job.engines)


def expected(job: Job, client: Any, processes: int | None) -> int:
    """How many batches will run at a time."""
    if client is not None:
        return max(1, sum(client.nthreads().values()))
    return processes or job.options.cores if needed(job) else 1


def run(store: Store, job: Job, todo: list[int], shown: Progress, client: Any,
        processes: int | None) -> None:
    """Run batches elsewhere. Raises as :func:`mgsim.sweeps.runner.durable`."""
    cores = job.options.cores
    job = replace(job, options=replace(job.options, threads=job.options.threads or 1))
    pool: _Pool = (_Dask(client, job) if client is not None
                   else _Processes(job, processes or cores))
    try:
        _follow(store, job, todo, shown, pool)
    finally:
        pool.close()


def _follow(store: Store, job: Job, todo: list[int], shown: Progress, pool: _Pool) -> None:
    waiting: dict[Future, int] = {}
    left = deque(todo)
    suspects: list[int] = []
    points = shown.done
    try:
        while True:
            while left and len(waiting) < pool.window():
                batch = left.popleft()
                waiting[pool.submit(_batch_task, str(store.folder), batch)] = batch
            if not waiting:
                break
            finished, _ = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in finished:
                batch = waiting.pop(future)
                try:
                    future.result()
                except pool.crashes as error:
                    (left if pool.innocent(error) else suspects).append(batch)
                    continue
                _seen(store, batch)
                first, last = store.span(batch)
                points += last - first
                shown.to(points)
            if any(isinstance(f.exception(), BrokenProcessPool) for f in finished):
                suspects += waiting.values()
                waiting.clear()
                pool.mend()
        for batch in suspects:
            _take_apart(store, job, batch, pool)
            first, last = store.span(batch)
            points += last - first
            shown.to(points)
    finally:
        for future in waiting:
            future.cancel()


def _take_apart(store: Store, job: Job, batch: int, pool: _Pool) -> None:
    """Run a batch whose process died: alone, then in halves, until who did it is known."""
    def run(points: np.ndarray) -> Rows:
        try:
            return pool.alone(_part_task, points)
        except pool.crashes:
            if len(points) > 1:
                raise
            return pool.alone(_part_task, points)  # one point is given up only at the second death

    if not store.whole(batch):
        first, last = store.span(batch)
        rows = isolated(np.arange(first, last), run, pool.crashes, len(job.measures))
        store.write(batch, rows)


def _seen(store: Store, batch: int) -> None:
    """A worker's files may reach this machine late; never, where the folder is not shared."""
    for pause in (0.0, 0.1, 1.0, 5.0, 20.0):
        time.sleep(pause)
        if store.marked(batch):
            return
    raise EngineError(f"a worker says that batch {batch} is done, but it is not in {store.folder}: "
                      "the folder must be one that every worker sees under the same name")


# ---------------------------------------------------------------------------- in the worker


def _batch_task(job: Job, folder: str, batch: int) -> int:
    """Run and write one batch; return its number."""
    store = _store(folder, os.stat(folder).st_ino)
    if not store.whole(batch):
        first, last = store.span(batch)
        store.write(batch, _rows(job, np.arange(first, last)))
    return batch


def _part_task(job: Job, points: np.ndarray) -> Rows:
    return _rows(job, points)


@lru_cache(maxsize=4)
def _store(folder: str, _inode: int) -> Store:
    return Store.open(Path(folder))


def _rows(job: Job, points: np.ndarray) -> Rows:
    """The rows of points; in a child process where the engine wants the main thread."""
    main = threading.current_thread() is threading.main_thread()
    if main or not needed(job):
        return rows_of(job, points)
    if multiprocessing.current_process().daemon:
        raise EngineError("this engine needs a process of its own, which workers with a nanny may "
                          "not start: set DASK_DISTRIBUTED__WORKER__DAEMON=False where the "
                          "cluster is started")  # fmt: skip
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as child:
        return child.submit(rows_of, job, points).result()


# ------------------------------------------------------------------------------------- pools


class _Pool:
    """Where tasks run. ``crashes``: what a task raises whose process died."""

    crashes: tuple[type[Exception], ...] = (BrokenProcessPool,)

    def submit(self, task: Callable, *args: Any) -> Future:
        raise NotImplementedError

    def alone(self, task: Callable, *args: Any) -> Any:
        raise NotImplementedError

    def window(self) -> int:
        raise NotImplementedError

    def innocent(self, error: Exception) -> bool:
        """Whether a crash says nothing of the task that raised it, which is to run again."""
        return False

    def mend(self) -> None:
        """Make the pool usable again after a crash."""

    def close(self) -> None:
        """Give back what the pool holds."""


_job: list[Job] = []


def _keep(job: Job) -> None:
    _job[:] = [job]


def _with_kept(task: Callable, *args: Any) -> Any:
    return task(_job[0], *args)


def _ready() -> bool:
    return True


class _Processes(_Pool):
    """Processes of this machine, each of which gets the job once."""

    def __init__(self, job: Job, n: int) -> None:
        self.job, self.n = job, n
        self.pool: Executor = self._made(n)
        try:
            self.pool.submit(_ready).result()
        except BrokenProcessPool:
            raise EngineError("worker processes cannot start; in a script, put what runs under "
                              "'if __name__ == \"__main__\":'") from None

    def _made(self, n: int) -> Executor:
        return ProcessPoolExecutor(n, multiprocessing.get_context("spawn"), initializer=_keep,
                                   initargs=(self.job,))

    def submit(self, task: Callable, *args: Any) -> Future:
        return self.pool.submit(_with_kept, task, *args)

    def alone(self, task: Callable, *args: Any) -> Any:
        with self._made(1) as pool:
            return pool.submit(_with_kept, task, *args).result()

    def window(self) -> int:
        return self.n + 1

    def mend(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = self._made(self.n)

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)


class _Dask(_Pool):
    """A dask.distributed cluster. The job is a task too, so a worker that dies loses nothing."""

    def __init__(self, client: Any, job: Job) -> None:
        from distributed.scheduler import KilledWorker

        self.crashes = (KilledWorker, BrokenProcessPool)
        self.client, self.given = client, job
        self.pool = client.get_executor(pure=False)
        self.job = client.submit(_same, job, pure=False)
        self.asked, self.threads, self.empty = 0.0, 1, 0

    def submit(self, task: Callable, *args: Any) -> Future:
        future: Future = self.pool.submit(task, self.job, *args)
        return future

    def alone(self, task: Callable, *args: Any) -> Any:
        while True:
            try:
                return self.submit(task, *args).result()
            except self.crashes as error:
                if not self.innocent(error):
                    raise

    def innocent(self, error: Exception) -> bool:
        """The worker died while it was given the job, before any task of it ran."""
        if not str(getattr(error, "task", "")).startswith(_same.__name__):
            return False
        if self.job.status == "error":
            self.job = self.client.submit(_same, self.given, pure=False)
        return True

    def window(self) -> int:
        if time.monotonic() > self.asked + 5:
            self.asked = time.monotonic()
            self.threads = sum(self.client.nthreads().values())
            self.empty = 0 if self.threads else self.empty + 1
            if self.empty == _EMPTY:
                warnings.warn("the cluster has had no workers for a minute; the run waits for some",
                              UserWarning, stacklevel=2)
        return 2 * self.threads + 2

    def close(self) -> None:
        self.pool.shutdown(wait=False)


def _same(job: Job) -> Job:
    return job
