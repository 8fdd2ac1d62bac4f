"""Running a sweep into a folder: what is lacking, batch by batch, and nothing twice."""

from __future__ import annotations

import math
import os
import platform
import queue
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.sweeps import dataset, sealed, workers
from mgsim.sweeps.compute import rows_of
from mgsim.sweeps.description import OtherSweep, describe, differences, identity, listed, structure
from mgsim.sweeps.designs import check_size
from mgsim.sweeps.frame import frame
from mgsim.sweeps.job import DeadAxisWarning, FailedPointsWarning, Job
from mgsim.sweeps.opened import counts, failure_line, failures, opened
from mgsim.sweeps.progress import Progress
from mgsim.sweeps.store import MANIFEST, SUMMARY, Rows, Store, creating, held

if TYPE_CHECKING:
    import xarray as xr

#: Points of a batch, and batches above which batches grow.
_BATCH, _BATCHES, _LARGEST = 4096, 10_000, 65_536


class Stopped(KeyboardInterrupt):
    """Ctrl-C during a sweep; what was finished is kept."""


def durable(job: Job, out: str | Path, *, large: bool = False, progress: bool | None = None,
            batch: int | None = None, client: Any = None, processes: int | None = None,
            recipe: Mapping[str, Any] | None = None) -> xr.Dataset:
    """Run what is lacking of a sweep in the folder ``out``, and open it.

    Parameters
    ----------
    large : allow more than 100 million points.
    batch : points of a batch, for a new sweep; no number depends on it.
    client : a ``dask.distributed.Client``; its workers run the batches.
    processes : how many run batches here, for an engine that needs processes.
    recipe : how the command line makes this job again, kept for ``repair``.

    Raises
    ------
    AxisError
        For more points than can be meant.
    OtherSweep, NotASweep, Damaged
        When the folder holds another sweep, something else, or a damaged description.
    Stopped
        After Ctrl-C.
    OSError
        When the folder cannot be written to; finished batches stay.
    """
    if processes is not None and processes < 1:
        raise ValueError(f"processes must be at least 1, not {processes}")
    try:
        store = start(job, out, large=large, batch=batch, recipe=recipe,
                      n_workers=workers.expected(job, client, processes))
        if not run(store, job, progress=progress, client=client, processes=processes):
            return opened(store)
        return conclude(store)
    except OSError as error:
        raise OSError(f"cannot write to {out}: {error}; what was finished is kept, and the same "
                      "command goes on from there once it can") from error


def start(job: Job, out: str | Path, *, large: bool = False, batch: int | None = None,
          recipe: Mapping[str, Any] | None = None, n_workers: int = 1) -> Store:
    """The store of a job: the one that is there, or a new one."""
    size = job.request.size
    check_size(size, large)
    if batch is not None and batch < 1:
        raise ValueError(f"a batch has at least one point, not {batch}")
    folder = Path(out)
    description = describe(job)
    key = identity(description)
    if not (folder / MANIFEST).exists():
        folder.mkdir(parents=True, exist_ok=True)
        with creating(folder):
            if not (folder / MANIFEST).exists():
                manifest = _manifest(job, description, key, batch or batch_size(size, n_workers))
                return Store.create(folder, {**manifest, "recipe": recipe}, job.request.design)
    store = Store.open(folder)
    if store.manifest["sha256"] != key:
        words = differences(store.manifest["description"], description)
        raise OtherSweep(f"{folder} holds another sweep: {words or 'its axes differ'}")
    return store


def run(store: Store, job: Job, *, progress: bool | None = None, client: Any = None,
        processes: int | None = None) -> bool:
    """Run the batches that are not done; whether there were any. See :func:`durable`."""
    with held(store.folder) as alone:
        todo = np.flatnonzero(~store.done())
        if not len(todo):
            return False
        if not alone:  # another run is at work, in order: meet it by chance, not always
            todo = np.random.default_rng().permutation(todo)
        record = _Record(store.folder)
        before = store.n_points - sum(b - a for a, b in map(store.span, todo.tolist()))
        try:
            with Progress(store.n_points, before, progress) as shown:
                if client is not None or workers.needed(job):
                    workers.run(store, job, todo.tolist(), shown, client, processes)
                else:
                    record.content["batches"] = _run_here(store, job, todo.tolist(), shown)
        except KeyboardInterrupt:
            record.end("stopped")
            done = int(store.done().sum())
            raise Stopped(f"{done:,} of {store.n_batches:,} batches are safe in {store.folder}; "
                          "the same command goes on from there") from None
        except BaseException as error:
            record.end(f"{type(error).__name__}: {error}")
            raise
        record.end("finished")
    return True


def conclude(store: Store) -> xr.Dataset:
    """Count failures, find axes without effect, keep both, warn; and open the sweep."""
    done = store.done()
    if not done.all():  # another run is not finished yet, or batches were damaged meanwhile
        return opened(store)
    numbers = counts(store, done)
    lines = [failure_line(f) for f in failures(store, done)]
    dead = dataset.dead_axes(opened(store))
    sealed.write(store.folder / SUMMARY, {
        "counts": numbers, "failures": "\n".join(lines), "dead_axes": ", ".join(dead)})
    failed = {name: n for name, n in numbers.items() if n and name not in ("ok", "pending")}
    if failed:
        words = ", ".join(f"{n:,} {name}" for name, n in failed.items())
        warnings.warn(f"of {store.n_points:,} points {words}; see 'status' and 'failures', or "
                      f"'mgsim sweep status'", FailedPointsWarning, stacklevel=4)
    for name in dead:
        warnings.warn(f"axis '{name}' changed no output", DeadAxisWarning, stacklevel=4)
    return opened(store)


def _run_here(store: Store, job: Job, todo: list[int], shown: Progress) -> int:
    """Batch by batch in this process, while a thread writes the last; how many were run."""
    ran = 0
    finished = shown.done
    steps = job.options.n_steps
    with _Writer(store) as writer:
        for batch in todo:
            first, last = store.span(batch)
            if not store.marked(batch) or store.fault(batch):
                base = finished

                def moved(n: int, base: float = base) -> None:
                    shown.to(base + n / steps)

                writer.put(batch, rows_of(job, np.arange(first, last), moved))
                ran += 1
            finished += last - first
            shown.to(finished)
    return ran


class _Writer:
    """A thread that commits batches, at most two behind; its error is raised here."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.queue: queue.Queue[tuple[int, Rows] | None] = queue.Queue(maxsize=2)
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._work, name="mgsim-writer", daemon=True)

    def __enter__(self) -> _Writer:
        self.thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.queue.put(None)
        self.thread.join()
        if kind is None:
            self._raise()

    def put(self, batch: int, rows: Rows) -> None:
        self._raise()
        self.queue.put((batch, rows))

    def _raise(self) -> None:
        if self.error:
            raise self.error

    def _work(self) -> None:
        while (item := self.queue.get()) is not None:
            if self.error is None:
                try:
                    self.store.write(*item)
                except Exception as error:  # handed to the thread that computes
                    self.error = error


class _Record:
    """When and how a run ran, as a small file of its own."""

    def __init__(self, folder: Path) -> None:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{os.getpid()}-{uuid.uuid4().hex[:4]}.json"
        self.path = folder / "runs" / name
        self.began = time.monotonic()
        self.content: dict[str, Any] = {"started": now.isoformat(timespec="seconds"), **machine()}
        sealed.write(self.path, self.content)

    def end(self, how: str) -> None:
        """Say how it ended; a full disk does not matter here."""
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        self.content |= {"ended": ended, "seconds": round(time.monotonic() - self.began, 3),
                         "how": how[:300]}
        try:
            sealed.write(self.path, self.content)
        except OSError:
            return


def machine() -> dict[str, Any]:
    """Versions, platform and command of this process."""
    from importlib.metadata import PackageNotFoundError, version

    from mgsim import __version__

    versions = {"python": platform.python_version(), "mgsim": __version__}
    for name in ("numpy", "zarr", "xarray", "brian2"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"versions": versions, "platform": platform.platform(), "cores": os.cpu_count(),
            "command": [a[:1000] for a in sys.argv[:100]]}


def _manifest(job: Job, description: dict[str, Any], key: str, batch: int) -> dict[str, Any]:
    design = job.request.design
    labels = {n: [str(x) for x in v] for n, v in listed(design).items()
              if n in job.request.labelled}
    return {
        "format": 1, "sha256": key, "points": job.request.size, "batch": batch,
        "created": datetime.now(UTC).isoformat(timespec="seconds"), **machine(),
        "description": description, "frame": frame(job.request, job.each, job.engine).plain(),
        "structure": structure(design), "labels": labels,
    }  # fmt: skip


def batch_size(size: int, n_workers: int) -> int:
    """Points of a batch: enough to be worth a file, few enough that each worker gets several."""
    batch = _BATCH
    while size > batch * _BATCHES and batch < _LARGEST:
        batch *= 2
    if n_workers > 1:
        batch = min(batch, max(16, math.ceil(size / (4 * n_workers))))
    return max(1, min(batch, size))
