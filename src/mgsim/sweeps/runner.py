"""Running a sweep into a folder: what is lacking, batch by batch, and nothing twice."""

from __future__ import annotations

import errno
import math
import os
import platform
import queue
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.sweeps import manifest as manifests
from mgsim.sweeps import mend, sealed, workers
from mgsim.sweeps.compute import rows_of
from mgsim.sweeps.description import OtherSweep, describe, differences, identity, listed, structure
from mgsim.sweeps.designs import AxisError, check_size
from mgsim.sweeps.folder import begun, creating, held
from mgsim.sweeps.frame import frame
from mgsim.sweeps.job import DeadAxisWarning, FailedPointsWarning, Job
from mgsim.sweeps.opened import ended, facts, large, looked
from mgsim.sweeps.progress import Progress
from mgsim.sweeps.store import SUMMARY, DamagedWarning, Rows, Store

if TYPE_CHECKING:
    import xarray as xr

#: Points of a batch, and batches above which batches grow.
_BATCH, _BATCHES, _LARGEST = 4096, 10_000, 65_536
#: Times that batches are run anew because they were found damaged.
_ROUNDS = 3


class Stopped(KeyboardInterrupt):
    """Ctrl-C during a sweep; what was finished is kept."""


def durable(job: Job, out: str | Path, *, large: bool = False, progress: bool | None = None,
            batch: int | None = None, client: Any = None, processes: int | None = None,
            recipe: Mapping[str, Any] | None = None, single_writer: bool = False) -> xr.Dataset:
    """Run what is lacking or damaged of a sweep in the folder ``out``, and open it.

    Parameters
    ----------
    large : allow more than 100 million points.
    batch : points of a batch, for a new sweep; no number depends on it.
    client : a ``dask.distributed.Client``; its workers run the batches.
    processes : how many run batches here, for an engine that needs processes.
    recipe : how the command line makes this job again, kept for ``repair``.
    single_writer : no other run is at work in the folder, so no lock is asked for.

    Raises
    ------
    AxisError
        For more points than can be meant.
    OtherSweep, NotASweep, Damaged
        When the folder holds another sweep, something else, or what says which sweep it is cannot
        be read; nothing is changed then.
    NoLocks
        When the folder has no locks and another start may be under way.
    Stopped
        After Ctrl-C.
    OSError
        When the folder cannot be written to; finished batches stay.
    """
    if processes is not None and processes < 1:
        raise ValueError(f"processes must be at least 1, not {processes}")
    try:
        store = start(job, out, large=large, batch=batch, recipe=recipe, single=single_writer,
                      n_workers=workers.expected(job, client, processes))
        for _ in range(_ROUNDS):
            run(store, job, store.lacking(), progress=progress, client=client,
                processes=processes, single=single_writer)
            found = conclude(store)
            if found is not None:
                return found
    except OSError as error:
        raise OSError(f"cannot write to {out}: {error}; what was finished is kept, and the same "
                      "command goes on from there once it can") from error
    number, words = min(store.noticed.items(), default=(0, "mark missing"))
    raise sealed.Damaged(f"{out}: what was written was damaged again at once (batch {number}: "
                         f"{words}); is the disk in order?")


def start(job: Job, out: str | Path, *, large: bool = False, batch: int | None = None,
          recipe: Mapping[str, Any] | None = None, n_workers: int = 1,
          single: bool = False) -> Store:
    """The store of a job: the one that is there, made good besides its batches, or a new one."""
    size = job.request.size
    check_size(size, large)
    if batch is not None and batch < 1:
        raise ValueError(f"a batch has at least one point, not {batch}")
    if batch is not None and size > batch * manifests.MOST_BATCHES:
        raise AxisError(f"batches of {batch:,} make {-(-size // batch):,} of {size:,} points; at "
                        f"most {manifests.MOST_BATCHES:,}")
    folder, description = Path(out), describe(job)
    key, design = identity(description), job.request.design

    def made(points: int) -> Store:
        content = _manifest(job, description, key, points)
        return Store.create(folder, {**content, "recipe": recipe}, design)

    if not begun(folder) and not manifests.evidence(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with creating(folder, single):
            if not begun(folder):
                return made(batch or batch_size(size, n_workers))
    try:
        store = Store.open(folder)
    except sealed.Damaged as error:
        known = manifests.evidence(folder)
        if [sweep for sweep, _ in known] != [key]:
            raise
        warnings.warn(f"{error}: written anew", DamagedWarning, stacklevel=3)
        store = made(max(points for _, points in known))
    if store.identity != key:
        words = differences(store.manifest["description"], description)
        raise OtherSweep(f"{folder} holds another sweep: {words or 'its axes differ'}")
    with _writing_is_optional():
        mend.files(store, design)
    return store


def run(store: Store, job: Job, todo: list[int], *, progress: bool | None = None,
        client: Any = None, processes: int | None = None, single: bool = False) -> None:
    """Run some batches. See :func:`durable`."""
    if not todo:
        return
    with held(store.folder, single) as alone:
        if not alone:  # another run is at work, in order: meet it by chance, not always
            todo = np.random.default_rng().permutation(todo).tolist()
        record = _Record(store)
        before = store.n_points - sum(b - a for a, b in map(store.span, todo))
        try:
            with Progress(store.n_points, before, progress) as shown:
                if client is not None or workers.needed(job):
                    workers.run(store, job, todo, shown, client, processes)
                else:
                    record.content["batches"] = _run_here(store, job, todo, shown)
        except KeyboardInterrupt:
            record.end("stopped")
            done = int(store.done().sum())
            raise Stopped(f"{done:,} of {store.n_batches:,} batches are safe in {store.folder}; "
                          "the same command goes on from there") from None
        except BaseException as error:
            record.end(f"{type(error).__name__}: {error}")
            raise
        record.end("finished")


def conclude(store: Store) -> xr.Dataset | None:
    """Open a complete sweep, all of which is read; None where something is lacking or damaged.

    The first time failures are counted and axes without effect found; both are kept, and told.
    """
    result, kept, faults = looked(store)
    if kept is not None and large(store):  # nothing was read yet
        store.check()
    if store.lacking():
        return None
    if kept is not None and not faults:
        return result
    kept = kept or ended(store, store.done(), result)
    if store.noticed:
        return None
    result.attrs |= facts(kept)
    runs = sorted(p.name for p in (store.folder / "runs").glob("*.json"))
    with _writing_is_optional():
        sealed.write(store.folder / SUMMARY, "summary",
                     {"sweep": store.identity, **kept, "runs": runs})
    failed = {name: n for name, n in kept["counts"].items() if n and name not in ("ok", "pending")}
    if failed:
        words = ", ".join(f"{n:,} {name}" for name, n in failed.items())
        warnings.warn(f"of {store.n_points:,} points {words}; see 'status' and 'failures', or "
                      f"'mgsim sweep status'", FailedPointsWarning, stacklevel=4)
    for name in filter(None, kept["dead_axes"].split(", ")):
        warnings.warn(f"axis '{name}' changed no output", DeadAxisWarning, stacklevel=4)
    return result


def repair(store: Store, job: Job, batches: list[int], *, single: bool = False) -> None:
    """Compute some batches again, and no other, and make good what is damaged besides them."""
    with _writing_is_optional():
        mend.files(store, job.request.design)
    run(store, job, batches, single=single)
    if not store.lacking():
        conclude(store)


@contextmanager
def _writing_is_optional() -> Iterator[None]:
    """In a folder that may only be read, what could be written anew is said instead."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise
        warnings.warn(f"cannot be made good: {error}", DamagedWarning, stacklevel=4)


def _run_here(store: Store, job: Job, todo: list[int], shown: Progress) -> int:
    """Batch by batch in this process, while a thread writes the last; how many were run."""
    ran = 0
    finished = shown.done
    steps = job.options.n_steps
    with _Writer(store) as writer:
        for batch in todo:
            first, last = store.span(batch)
            if not store.whole(batch):
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

    def __init__(self, store: Store) -> None:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{os.getpid()}-{uuid.uuid4().hex[:4]}.json"
        self.path = store.folder / "runs" / name
        self.began = time.monotonic()
        self.content: dict[str, Any] = {
            "sweep": store.identity, "batch": store.batch,
            "started": now.isoformat(timespec="seconds"), **machine()}
        sealed.write(self.path, "run", self.content)

    def end(self, how: str) -> None:
        """Say how it ended; a full disk does not matter here."""
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        self.content |= {"ended": ended, "seconds": round(time.monotonic() - self.began, 3),
                         "how": how[:300]}
        try:
            sealed.write(self.path, "run", self.content)
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
        "format": manifests.FORMAT, "sha256": key, "points": job.request.size, "batch": batch,
        "created": datetime.now(UTC).isoformat(timespec="seconds"), **machine(),
        "description": description, "frame": frame(job.request, job.options, job.engine).plain(),
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
