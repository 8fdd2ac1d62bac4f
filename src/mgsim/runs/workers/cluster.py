"""The pool of a dask.distributed cluster, whose workers are what the caller is."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from mgsim.engines.contract import EngineError
from mgsim.runs.workers.pools import Pool
from mgsim.runs.workers.tasks import Place, checked, unfit
from mgsim.sweeps.prepare import Job

#: Times in a row, 5 s apart, that a cluster may have no workers before a word is said.
_EMPTY = 12


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


@contextmanager
def answering(client: Any) -> Iterator[None]:
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


class Cluster(Pool):
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
    return checked(task, lambda: _read(job), *args)


@lru_cache(maxsize=2)
def _read(job: bytes) -> Job:
    from distributed.protocol.pickle import loads

    read: Job = loads(job)
    return read
