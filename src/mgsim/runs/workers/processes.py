"""Processes that keep a job, end with the one that asked, and say how they died."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.context import SpawnContext
from typing import Any

from mgsim.sweeps.prepare import Job

_SIGKILL = -9
KEPT: list[Job] = []


class Killed(BrokenProcessPool):
    """A process that something outside has killed."""


class Workers:
    """A pool of processes that can be ended at once, and says how the dead among them died.

    Raises
    ------
    RuntimeError
        Where its threads cannot be had.
    """

    def __init__(self, n: int, job: Job) -> None:
        _have_threads()
        self.context = _Remembering()
        self.pool: Executor = ProcessPoolExecutor(
            n, self.context, initializer=_keep, initargs=(job,)
        )

    def submit(self, task: Callable, *args: Any) -> Future:
        with _deaf():
            return self.pool.submit(task, *args)

    def end(self) -> None:
        """End them now; what they write is there whole or not at all."""
        for process in self.context.made:
            if process.pid is not None:
                process.kill()
        self.pool.shutdown(wait=True, cancel_futures=True)


def in_one(job: Job, task: Callable, *args: Any) -> Any:
    """What a task returns in a process of its own."""
    workers = Workers(1, job)
    try:
        return workers.submit(task, *args).result()
    except BrokenProcessPool as error:
        workers.pool.shutdown(wait=True)
        if any(p.exitcode == _SIGKILL for p in workers.context.made):
            raise Killed(str(error)) from error
        raise
    finally:
        workers.end()


def _keep(job: Job) -> None:
    KEPT[:] = [job]
    _serve()


def _serve() -> None:
    """Leave Ctrl-C to the parent, and end when it ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _have_threads() -> None:
    """Fail as a pool's first thread does, for one that lacks its second alone waits for ever."""
    enough = threading.Event()
    made = [threading.Thread(target=enough.wait, daemon=True) for _ in range(2)]
    try:
        for thread in made:
            thread.start()
    finally:
        enough.set()
        for thread in made:
            if thread.ident is not None:
                thread.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are started within never hear Ctrl-C, not even before they can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Remembering(SpawnContext):
    """Knows the processes that it has made."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Any] = []

    def Process(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # noqa: N802
        self.made.append(super().Process(*args, **kwargs))
        return self.made[-1]
