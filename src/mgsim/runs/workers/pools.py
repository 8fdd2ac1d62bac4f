"""Where tasks run: any pool, and that of processes of this machine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from mgsim.engines.contract import EngineError
from mgsim.runs.workers.processes import Workers, in_one
from mgsim.runs.workers.tasks import with_kept
from mgsim.sweeps.prepare import Job


class Pool:
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


class Processes(Pool):
    """Processes of this machine, each of which gets the job once."""

    def __init__(self, job: Job, n: int) -> None:
        self.job, self.n = job, n
        self.workers = Workers(n, job)
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
        return self.workers.submit(with_kept, task, *args)

    def alone(self, task: Callable, *args: Any) -> Any:
        return in_one(self.job, with_kept, task, *args)

    def window(self) -> int:
        return self.n + 1

    def mend(self) -> None:
        self.workers.end()
        self.workers = Workers(self.n, self.job)

    def close(self) -> None:
        self.workers.pool.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        self.workers.end()


def _ready() -> bool:
    return True
