"""Batches run by other processes: of this machine, or of a dask.distributed cluster.

A task gets a batch number, writes the batch into the folder and returns the number. Running one
twice does no harm. A task that kills its process is taken apart until the points that do it are
found; they become rows. Ctrl-C reaches the process that asked and no other.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import connection
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

import numpy as np

from mgsim import __version__
from mgsim.engines.contract import CRASHED, LACKED, EngineError
from mgsim.runs.progress import Progress
from mgsim.store import source_digest
from mgsim.store.folder import Store
from mgsim.sweeps.point_rows import DISK, Rows, halved, once_more, rows_of, shortage
from mgsim.sweeps.prepare import Job

#: Times in a row, 5 s apart, that a cluster may have no workers before a word is said.
_EMPTY = 12
_SIGKILL = -9


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


def needed(job: Job) -> bool:
    """Whether a job's engine uses one core a process."""
    return any(e.name == "brian" for e in job.engines)


def expected(job: Job, client: Any, processes: int | None) -> int:
    """How many batches will run at a time."""
    if client is not None:
        with _answering(client):
            return max(1, sum(client.nthreads().values()))
    return processes or job.options.cores if needed(job) else 1


def check_client(client: Any) -> None:
    """Refuse what is no ``dask.distributed.Client`` that can run something.

    Raises
    ------
    TypeError, ValueError
    """
    if client is None:
        return
    try:
        from distributed import Client
    except ImportError:
        raise ValueError(
            "client= needs dask.distributed; in mgsim's folder: pip install -e '.[cluster]'"
        ) from None
    if not isinstance(client, Client):
        raise TypeError(
            "client= takes a dask.distributed.Client, connected to a scheduler "
            f"(Client('tcp://...')), not {type(client).__name__}"
        )
    if client.asynchronous:
        raise ValueError(
            "client= must not be asynchronous: Client('tcp://...') without asynchronous=True"
        )
    if client.status != "running":
        raise ValueError(
            f"client= is {client.status}, so no worker can be reached; connect anew: "
            "Client('tcp://...')"
        )


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
        pool: _Pool = (
            _Dask(client, job, place) if client is not None else _Processes(job, 1 if alone else n)
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
    with _answering(client):
        attempt(False)


@contextmanager
def _answering(client: Any) -> Iterator[None]:
    """What a cluster raises whose scheduler is gone, in words."""
    from distributed.comm.core import CommClosedError

    try:
        yield
    except (CancelledError, OSError, RuntimeError) as error:
        lost = isinstance(error, CancelledError | CommClosedError) or client.status != "running"
        if isinstance(error, EngineError) or not lost:
            raise
        raise EngineError(
            "the cluster's scheduler is gone, or has dropped the tasks "
            f"({type(error).__name__}); what was finished is kept, and the same "
            "command goes on with another"
        ) from error


def _follow(
    store: Store,
    job: Job,
    place: Place,
    todo: list[int],
    shown: Progress,
    pool: _Pool,
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
                waiting[pool.submit(_batch_task, place, batch)] = batch
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


def _take_apart(store: Store, job: Job, place: Place, batch: int, pool: _Pool) -> None:
    """Run a batch that its process did not end: alone, then in halves, until it is known why."""

    def run(points: np.ndarray) -> Rows:
        try:
            return pool.alone(_part_task, place, points)
        except pool.crashes:
            if len(points) > 1:
                raise
            return pool.alone(_part_task, place, points)  # given up only at the second death

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


# ---------------------------------------------------------------------------- in the worker


def _batch_task(job: Job, place: Place, batch: int) -> int:
    """Run and write one batch; return its number."""
    store = _store(place.folder, place.run)
    if not store.whole(batch):
        first, last = store.span(batch)
        store.write(batch, _rows(job, np.arange(first, last)))
    return batch


def _part_task(job: Job, _: Place, points: np.ndarray) -> Rows:
    return _rows(job, points)


def _checked(task: Callable, read: Callable[[], Job], place: Place, *args: Any) -> Any:
    """Run a task where the worker is what the caller is, and sees the folder that it sees."""
    words = unfit(place)
    if words is None:
        job = read()
        if tuple(source_digest.digests(job.engines).items()) == place.code:
            return task(job, place, *args)
        words = "the module of its engine is another than the caller's"
    raise EngineError(f"a worker on {platform.node()} must not run this: {words}")


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
    if main or not needed(job):
        return rows_of(job, points)
    if multiprocessing.current_process().daemon:
        raise EngineError(
            "this engine needs a process of its own, which workers with a nanny may "
            "not start: set DASK_DISTRIBUTED__WORKER__DAEMON=False where the "
            "cluster is started"
        )
    return _in_one(job, _kept_rows, points)


def _kept_rows(points: np.ndarray) -> Rows:
    return rows_of(_job[0], points)


# ------------------------------------------------------------------------------------- pools


class Killed(BrokenProcessPool):
    """A process that something outside has killed."""


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

    def stop(self) -> None:
        """Likewise, without waiting for what is running."""
        self.close()


_job: list[Job] = []


def _keep(job: Job) -> None:
    _job[:] = [job]
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


def _with_kept(task: Callable, *args: Any) -> Any:
    return _checked(task, lambda: _job[0], *args)


def _ready() -> bool:
    return True


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


class _Workers:
    """A pool of processes that can be ended at once, and says how the dead among them died."""

    def __init__(self, n: int, job: Job) -> None:
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


def _in_one(job: Job, task: Callable, *args: Any) -> Any:
    """What a task returns in a process of its own."""
    workers = _Workers(1, job)
    try:
        return workers.submit(task, *args).result()
    except BrokenProcessPool as error:
        workers.pool.shutdown(wait=True)
        if any(p.exitcode == _SIGKILL for p in workers.context.made):
            raise Killed(str(error)) from error
        raise
    finally:
        workers.end()


class _Processes(_Pool):
    """Processes of this machine, each of which gets the job once."""

    def __init__(self, job: Job, n: int) -> None:
        self.job, self.n = job, n
        self.workers = _Workers(n, job)
        try:
            self.workers.submit(_ready).result()
        except BrokenProcessPool:
            raise EngineError(
                "worker processes cannot start; in a script, put what runs under "
                "'if __name__ == \"__main__\":'"
            ) from None
        except BaseException:
            self.stop()
            raise

    def submit(self, task: Callable, *args: Any) -> Future:
        return self.workers.submit(_with_kept, task, *args)

    def alone(self, task: Callable, *args: Any) -> Any:
        return _in_one(self.job, _with_kept, task, *args)

    def window(self) -> int:
        return self.n + 1

    def mend(self) -> None:
        self.workers.end()
        self.workers = _Workers(self.n, self.job)

    def close(self) -> None:
        self.workers.pool.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        self.workers.end()


class _Dask(_Pool):
    """A dask.distributed cluster. The job is a task too, so a worker that dies loses nothing.

    It travels as bytes, so that a worker with another mgsim can say so before it reads them.
    """

    def __init__(self, client: Any, job: Job, place: Place) -> None:
        from distributed.protocol.pickle import dumps
        from distributed.scheduler import KilledWorker

        self.crashes = (KilledWorker, BrokenProcessPool)
        self.client, self.given = client, dumps(job)
        self._refuse(place)
        self.pool = client.get_executor(pure=False)
        self.job = client.submit(_same, self.given, pure=False)
        self.asked, self.threads, self.empty = 0.0, 1, 0

    def _refuse(self, place: Place) -> None:
        """Ask every worker that is there; those that come later ask themselves."""
        for worker, words in self.client.run(unfit, place, on_error="return").items():
            if isinstance(words, OSError):  # it has just died
                continue
            if isinstance(words, Exception):
                words = (
                    f"{type(words).__name__}: {words}; it needs mgsim {place.mgsim} with the "
                    "caller's source"
                )
            if words:
                raise EngineError(f"the worker {worker} must not run this: {words}")

    def submit(self, task: Callable, *args: Any) -> Future:
        future: Future = self.pool.submit(_with_bytes, task, self.job, *args)
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
                warnings.warn(
                    "the cluster has had no workers for a minute; the run waits for some",
                    UserWarning,
                    stacklevel=2,
                )
        return 2 * self.threads + 2

    def close(self) -> None:
        self.pool.shutdown(wait=False)


def _same(job: bytes) -> bytes:
    return job


def _with_bytes(task: Callable, job: bytes, *args: Any) -> Any:
    return _checked(task, lambda: _read(job), *args)


@lru_cache(maxsize=2)
def _read(job: bytes) -> Job:
    from distributed.protocol.pickle import loads

    read: Job = loads(job)
    return read
