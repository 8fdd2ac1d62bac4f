"""Running a sweep into a folder: what is lacking, batch by batch, and nothing twice."""

from __future__ import annotations

import errno
import math
import operator
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.engines import interrupts
from mgsim.engines.contract import UNFINISHED
from mgsim.runs.progress import Progress
from mgsim.runs.workers import batches, cluster
from mgsim.store import checked_json, repair
from mgsim.store.batches import SUMMARY
from mgsim.store.description import manifest as manifests
from mgsim.store.description.identity import (
    OtherSweep,
    describe,
    differences,
    identity,
    listed,
    structure,
)
from mgsim.store.folder import HALF_STEP, DamagedWarning, Store
from mgsim.store.opening import ended, facts, large, looked
from mgsim.store.ownership import begun, creating, held
from mgsim.store.record import Record, machine
from mgsim.sweeps.designs import MOST_OF_BATCH, AxisError, check_size
from mgsim.sweeps.labels import frame
from mgsim.sweeps.point_rows import (
    DISK,
    Rows,
    Shortage,
    libraries,
    once_more,
    rows_of,
    short,
    shortage,
)
from mgsim.sweeps.prepare import DeadAxisWarning, FailedPointsWarning, Job

if TYPE_CHECKING:
    import xarray as xr

#: Points of a batch, and batches above which batches grow.
_BATCH, _BATCHES, _LARGEST = 4096, 10_000, 65_536
#: Times that batches are run anew because they were found damaged.
_ROUNDS = 3


class Stopped(KeyboardInterrupt):
    """Ctrl-C during a sweep; what was finished is kept."""


def durable(
    job: Job,
    out: str | Path,
    *,
    large: bool = False,
    progress: bool | None = None,
    batch: int | None = None,
    client: Any = None,
    processes: int | None = None,
    rerun_failed: bool = False,
    only: Collection[int] | None = None,
    recipe: Mapping[str, Any] | None = None,
    single_writer: bool = False,
) -> xr.Dataset:
    """Run what is lacking or damaged of a sweep in the folder ``out``, and open it.

    Parameters
    ----------
    large : allow more than 100 million points.
    batch : points of a batch, for a new sweep; no number depends on it.
    client : a ``dask.distributed.Client``; its workers run the batches.
    processes : how many run batches here, for an engine that needs processes.
    rerun_failed : run batches again that hold points without numbers of their own: failed,
        crashed, lacking memory.
    only : batches that alone are run, of what a sweep lacks.
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
    Shortage
        When the machine lacks memory, threads or the like; finished batches stay.
    OSError
        When the folder cannot be written to; finished batches stay.
    EngineError
        When a worker of the cluster must not run this, or its scheduler is gone.
    TypeError, ValueError
        For a ``client`` that is none, or is closed.
    """
    if processes is not None and processes < 1:
        raise ValueError(f"processes must be at least 1, not {processes}")
    cluster.check_client(client)
    out, store = Path(out).absolute(), None
    try:
        with interrupts.heard() as check:
            libraries()
            store = start(
                job,
                out,
                large=large,
                batch=batch,
                recipe=recipe,
                single=single_writer,
                n_workers=batches.expected(job, client, processes),
            )
            if rerun_failed:
                forget(store, failed_batches(store))
            for _ in range(_ROUNDS):
                todo = (
                    store.lacking()
                    if only is None
                    else [b for b in sorted(only) if not store.whole(b)]
                )
                if store.noticed:
                    warnings.warn(
                        f"{out}: {store.noticed_words()}; computed anew",
                        DamagedWarning,
                        stacklevel=4,
                    )
                run(
                    store,
                    job,
                    todo,
                    progress=progress,
                    client=client,
                    processes=processes,
                    single=single_writer,
                    check=check,
                )
                found = conclude(store)
                if found is None and only is not None and all(map(store.whole, only)):
                    found = looked(store)[0]
                if found is not None:
                    return found
    except KeyboardInterrupt:
        if store is None:
            raise
        done = int(store.done().sum())
        raise Stopped(
            f"{done:,} of {store.n_batches:,} batches are safe in {out}; the same "
            "command goes on from there"
        ) from None
    except Exception as error:
        kept = "what was finished is kept, and the same command goes on from there once it can"
        lack = short(error)
        if isinstance(lack, Shortage) and shortage(error) != DISK:
            raise Shortage(f"{lack}; {kept}") from error
        if isinstance(error, OSError):
            raise OSError(f"cannot write to {out}: {error}; {kept}") from error
        raise
    number, words = min(store.noticed.items(), default=(0, "mark missing"))
    raise checked_json.Damaged(
        f"{out}: what was written was damaged again at once (batch {number}: "
        f"{words}); is the disk in order?"
    )


def start(
    job: Job,
    out: str | Path,
    *,
    large: bool = False,
    batch: int | None = None,
    recipe: Mapping[str, Any] | None = None,
    n_workers: int = 1,
    single: bool = False,
) -> Store:
    """The store of a job: the one that is there, made good besides its batches, or a new one."""
    size = job.request.size
    check_size(size, large)
    batch = None if batch is None else operator.index(batch)
    if batch is not None and batch < 1:
        raise ValueError(f"a batch has at least one point, not {batch}")
    if batch is not None and batch > MOST_OF_BATCH:
        raise ValueError(f"a batch has at most {MOST_OF_BATCH:,} points, not {batch:,}")
    if batch is not None and size > batch * manifests.MOST_BATCHES:
        raise AxisError(
            f"batches of {batch:,} make {-(-size // batch):,} of {size:,} points; at "
            f"most {manifests.MOST_BATCHES:,}"
        )
    folder, description = Path(out).absolute(), describe(job)
    key, design = identity(description), job.request.design

    def made(points: int) -> Store:
        content = _manifest(job, description, key, points)
        return Store.create(folder, {**content, "recipe": recipe}, design)

    if not begun(folder) and not manifests.evidence(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with creating(folder, single):
            if not begun(folder):
                return made(min(size, batch or batch_size(size, n_workers, job.runs)))
    try:
        store = Store.open(folder)
    except checked_json.Damaged as error:
        known = manifests.evidence(folder)
        if [sweep for sweep, _ in known] != [key]:
            raise
        warnings.warn(f"{error}: written anew", DamagedWarning, stacklevel=5)
        store = made(max(points for _, points in known))
    if store.identity != key:
        words = differences(store.manifest["description"], description)
        raise OtherSweep(f"{folder} holds another sweep: {words or 'its axes differ'}")
    if batch is not None and store.batch != min(size, batch):
        warnings.warn(
            f"{folder}: its batches have {store.batch:,} points; another number, {batch:,}, is for "
            "a new folder",
            UserWarning,
            stacklevel=5,
        )
    with _writing_is_optional():
        mended = repair.files(store, design)
        if mended:
            words = "; ".join(f"{name} {what}" for name, what in sorted(mended.items()))
            warnings.warn(f"{folder}: {words}; made good", DamagedWarning, stacklevel=5)
    return store


def failed_batches(store: Store) -> list[int]:
    """The batches with points that may run again: failed, crashed, lacking memory."""
    found = {
        int(point) // store.batch
        for first, status in store.statuses(store.done())
        for point in first + np.flatnonzero(np.isin(status, UNFINISHED))
    }
    return sorted(found)


def forget(store: Store, batches: Collection[int]) -> None:
    """Take the marks of batches away, so that the sweep is complete no longer."""
    if batches:
        store.reopen()
    for batch in batches:
        store.forget(batch)


def run(
    store: Store,
    job: Job,
    todo: list[int],
    *,
    progress: bool | None = None,
    client: Any = None,
    processes: int | None = None,
    single: bool = False,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Run some batches. See :func:`durable`."""
    if not todo:
        return
    with held(store.folder, single) as alone:
        if not alone:  # another run is at work, in order: meet it by chance, not always
            todo = np.random.default_rng().permutation(todo).tolist()
        store.reopen()
        record = Record(store)
        before = store.n_points - sum(b - a for a, b in map(store.span, todo))
        try:
            with Progress(store.n_points, before, progress) as shown:
                if client is not None or job.needs_processes:
                    batches.run(store, job, todo, shown, client, processes, record.path.name, check)
                else:
                    record.content["batches"] = _run_here(store, job, todo, shown, check)
        except KeyboardInterrupt:
            record.end("stopped")
            raise
        except BaseException as error:
            record.end(f"{type(error).__name__}: {error}")
            raise
        record.end("finished")


def conclude(store: Store) -> xr.Dataset | None:
    """Open a complete sweep, all of which is read; None where something is lacking or damaged.

    The first time failures are counted and axes without effect found; both are kept, and told.
    """
    store.stays()
    result, kept, faults = looked(store)
    read = store.results
    if kept is not None and large(store):  # nothing was read yet
        store.check()
    if store.lacking():
        return None
    if repair.half_step_fault(store):  # of other results: it can be asked for again
        with _writing_is_optional():
            (store.folder / HALF_STEP).unlink(missing_ok=True)
    if kept is not None and not faults:
        return result
    kept = kept or ended(store, store.done(), result)
    if store.noticed:
        return None
    result.attrs |= facts(kept)
    if words := faults.get(SUMMARY, "is missing").removeprefix("is missing"):
        warnings.warn(
            f"{store.folder}: {SUMMARY} {words}; written anew", DamagedWarning, stacklevel=5
        )
    store.stays()
    runs = sorted(p.name for p in (store.folder / "runs").glob("*.json"))
    if store.results == read:  # else another run computes some anew, and writes its own
        content = {"sweep": store.identity, "results": read, **kept, "runs": runs}
        with _writing_is_optional():
            checked_json.write(store.folder / SUMMARY, "summary", content)
    failed = {name: n for name, n in kept["counts"].items() if n and name not in ("ok", "pending")}
    if failed:
        words = ", ".join(f"{n:,} {name}" for name, n in failed.items())
        warnings.warn(
            f"of {store.n_points:,} points {words}; see 'status' and 'failures', or "
            f"'mgsim sweep status'",
            FailedPointsWarning,
            stacklevel=5,
        )
    for name in filter(None, kept["dead_axes"].split(", ")):
        warnings.warn(f"axis '{name}' changed no output", DeadAxisWarning, stacklevel=5)
    return result


@contextmanager
def _writing_is_optional() -> Iterator[None]:
    """In a folder that may only be read, what could be written anew is said instead."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise
        warnings.warn(f"cannot be made good: {error}", DamagedWarning, stacklevel=7)


def _run_here(
    store: Store, job: Job, todo: list[int], shown: Progress, check: Callable[[], None]
) -> int:
    """Batch by batch in this process; how many were run."""
    ran = 0
    finished = shown.done
    steps = job.options.steps
    for batch in todo:
        check()
        first, last = store.span(batch)
        if not store.whole(batch):
            base = finished

            def moved(n: int, base: float = base) -> None:
                check()
                shown.to(base + n / steps)

            rows = rows_of(job, np.arange(first, last), moved)
            once_more(partial(_write, store, batch, rows))
            ran += 1
        finished += last - first
        shown.to(finished)
    return ran


def _write(store: Store, batch: int, rows: Rows, _: bool) -> None:
    store.write(batch, rows)


def _manifest(job: Job, description: dict[str, Any], key: str, batch: int) -> dict[str, Any]:
    design = job.request.design
    labels = {
        n: [str(x) for x in v] for n, v in listed(design).items() if n in job.request.labelled
    }
    return {
        "format": manifests.FORMAT,
        "sha256": key,
        "points": job.request.size,
        "batch": batch,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **machine(),
        "description": description,
        "structure": structure(design),
        "labels": labels,
        "frame": manifests.shown(frame(job.request, job.each, job.engine).plain()),
    }


def batch_size(size: int, n_workers: int, runs: int = 1) -> int:
    """Points of a batch: enough to be worth a file, few enough that each worker gets several.

    ``runs``: how often each point runs, as in a search.
    """
    batch = max(16, _BATCH // runs)
    while size > batch * _BATCHES and batch < _LARGEST:
        batch *= 2
    if n_workers > 1:
        batch = min(batch, max(16, math.ceil(size / (4 * n_workers))))
    return max(1, min(batch, size))
