"""A sweep's folder: what survives ``kill -9`` at any instant.

A batch is a chunk of each array. Its chunks are written first, each under another name and
renamed, then its own chunk of ``done``. So a batch is done or it is not; nothing else counts. Every
chunk carries a crc32c checksum.

| file | holds |
|---|---|
| ``manifest.json`` | what the sweep is; written once |
| ``values`` | measures, one row a point (display units) |
| ``status``, ``failed_at`` | one number a point; ms |
| ``done`` | one number a batch |
| ``axes`` | values of axes |
| ``reasons``, ``runs`` | small JSON: why points failed; when and how runs ran |
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mgsim.engines.contract import PENDING, UNFINISHED
from mgsim.sweeps import sealed
from mgsim.sweeps.description import listed, rebuilt
from mgsim.sweeps.designs import Design
from mgsim.sweeps.frame import Frame

if sys.platform != "win32":
    import fcntl

MANIFEST, SUMMARY = "manifest.json", "summary.json"
_ARRAYS = ("values", "status", "failed_at", "done")
_OWN = {MANIFEST, SUMMARY, "zarr.json", "axes", "reasons", "runs", "lock", "lock.start",
        *_ARRAYS}
#: What reading a damaged chunk raises.
_UNREADABLE = (ValueError, RuntimeError, OSError)


class NotASweep(ValueError):
    """A folder that holds no sweep, or something else as well."""


@dataclass
class Rows:
    """Some points' numbers: measures (points x measures, display units), status, time in ms.

    ``reasons``: why a point failed, by its place in these rows.
    """

    values: np.ndarray
    status: np.ndarray
    failed_at: np.ndarray
    reasons: dict[int, str] = field(default_factory=dict)

    @classmethod
    def pending(cls, n: int, n_measures: int) -> Rows:
        """Rows of points that have not run."""
        return cls(np.full((n, n_measures), np.nan), np.full(n, PENDING, dtype=np.int8),
                   np.full(n, np.nan))

    def put(self, places: slice | np.ndarray, other: Rows) -> None:
        """Take over the rows of some places."""
        self.values[places], self.status[places] = other.values, other.status
        self.failed_at[places] = other.failed_at
        numbers = np.arange(len(self.status))[places]
        self.reasons |= {int(numbers[i]): reason for i, reason in other.reasons.items()}


class Store:
    """The folder of a sweep that has been started."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.n_points: int = manifest["points"]
        self.batch: int = manifest["batch"]
        self.n_batches = -(-self.n_points // self.batch)
        self.frame = Frame(**manifest["frame"])

    @classmethod
    def open(cls, folder: Path) -> Store:
        """A folder that holds a sweep.

        Raises
        ------
        NotASweep, sealed.Damaged
        """
        if not (folder / MANIFEST).is_file():
            raise NotASweep(f"{folder} holds no sweep: there is no {MANIFEST} in it")
        manifest = sealed.read(folder / MANIFEST)
        if manifest.get("format") != 1:
            raise NotASweep(f"{folder} was written by another version of mgsim")
        return cls(folder, manifest)

    @classmethod
    def create(cls, folder: Path, manifest: Mapping[str, Any], design: Design) -> Store:
        """Start a sweep in an empty folder; the manifest comes last, whole or not at all."""
        occupied = [p.name for p in folder.iterdir() if p.name not in _OWN]
        if occupied:
            raise NotASweep(f"{folder} holds other things ('{min(occupied)}'); a sweep needs a "
                            "folder of its own")
        for path in folder.iterdir():  # what a start that was killed has left
            if path.is_dir():
                shutil.rmtree(path)
        import zarr

        store = cls(folder, manifest)
        n, m, size = store.n_points, len(store.frame.measures), store.batch
        if not (folder / "zarr.json").exists():
            zarr.create_group(folder)
        _array(folder / "values", (n, m), (size, m), dtype=np.float64, fill=np.nan)
        _array(folder / "status", (n,), (size,), dtype=np.int8, fill=PENDING)
        _array(folder / "failed_at", (n,), (size,), dtype=np.float64, fill=np.nan)
        _array(folder / "done", (store.n_batches,), (1,), dtype=np.int8)
        store.write_axes(design)
        (folder / "reasons").mkdir()
        (folder / "runs").mkdir()
        arrays = {name: store.metadata(name) for name in _ARRAYS}
        sealed.write(folder / MANIFEST, {**manifest, "arrays": arrays})
        return cls.open(folder)

    def metadata(self, name: str) -> Any:
        """What stands in an array's ``zarr.json``, or None when it cannot be read."""
        try:
            return json.loads((self.folder / name / "zarr.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return None

    def write_metadata(self) -> None:
        """Write what zarr needs to know of the arrays anew; chunks stay as they are."""
        for name, content in self.manifest["arrays"].items():
            path = self.folder / name / "zarr.json"
            path.parent.mkdir(exist_ok=True)
            part = path.with_name(f"zarr.json.{os.getpid()}.partial")
            part.write_text(json.dumps(content, indent=2))
            part.replace(path)

    def write_axes(self, design: Design) -> None:
        """Write the values of the axes that are numbers."""
        for name, values in listed(design).items():
            if name not in self.manifest["labels"]:
                _array(self.folder / "axes" / name, np.shape(values), (100_000,),
                       np.asarray(values))

    @cached_property
    def arrays(self) -> dict[str, Any]:
        """The zarr arrays by name.

        Raises
        ------
        sealed.Damaged
            When their metadata cannot be what was written.
        """
        import zarr

        found = {}
        for name in _ARRAYS:
            if self.metadata(name) != self.manifest["arrays"][name]:
                raise sealed.Damaged(f"{self.folder / name / 'zarr.json'} is damaged; "
                                     "'mgsim sweep repair' writes it anew")
            with zarr.config.set({"array.write_empty_chunks": True}):  # a row of NaN counts
                found[name] = zarr.open_array(self.folder / name, mode="r+")
        return found

    @cached_property
    def design(self) -> Design:
        """The points, by number."""
        import zarr

        axes: dict[str, Any] = {n: np.array(v, dtype=object)
                                for n, v in self.manifest["labels"].items()}
        for path in sorted((self.folder / "axes").glob("*/zarr.json")):
            axes[path.parent.name] = np.asarray(zarr.open_array(path.parent, mode="r")[:])
        return rebuilt(self.manifest["structure"], axes)

    # ------------------------------------------------------------------------------ batches

    def span(self, batch: int) -> tuple[int, int]:
        """The first point of a batch, and the one after its last."""
        return batch * self.batch, min((batch + 1) * self.batch, self.n_points)

    def write(self, batch: int, rows: Rows) -> None:
        """Commit a batch: when this returns, nothing that happens to the process can lose it."""
        start, stop = self.span(batch)
        for name in ("values", "status", "failed_at"):
            self.arrays[name][start:stop] = getattr(rows, name)
        if rows.reasons:
            reasons = {str(start + i): text for i, text in rows.reasons.items()}
            sealed.write(self._reasons_file(batch), {"reasons": reasons})
        for path in self._chunks(batch):
            with path.open("r+b") as file:
                os.fsync(file.fileno())
        self.arrays["done"][batch] = 1

    def marked(self, batch: int) -> bool:
        """Whether a batch has its mark, which is not read here."""
        return self._mark(batch).exists()

    def done(self) -> np.ndarray:
        """Whether each batch is done; one whose mark cannot be read is not."""
        marks = self.arrays["done"]
        try:
            return np.asarray(marks[:]) == 1
        except _UNREADABLE:
            return np.array([self._mark_fault(b) is None for b in range(self.n_batches)])

    def read(self, start: int, stop: int, done: np.ndarray) -> Rows:
        """Points ``start`` to ``stop``; those of batches not ``done`` are pending."""
        rows = Rows.pending(stop - start, len(self.frame.measures))
        for first, last in _runs(done, start // self.batch, -(-stop // self.batch)):
            a, b = max(start, first * self.batch), min(stop, last * self.batch)
            values, status, failed_at = (np.asarray(self.arrays[n][a:b])
                                         for n in ("values", "status", "failed_at"))
            rows.put(slice(a - start, b - start), Rows(values, status, failed_at))
        return rows

    def statuses(self, done: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(First point, status of the points) for each batch that is done."""
        for first, last in _runs(done, 0, self.n_batches, most=max(1, 1_000_000 // self.batch)):
            start, stop = first * self.batch, min(last * self.batch, self.n_points)
            yield start, np.asarray(self.arrays["status"][start:stop])

    def reasons(self, batch: int) -> dict[int, str]:
        """Why points of a batch failed, by point."""
        try:
            found = sealed.read(self._reasons_file(batch))["reasons"]
        except FileNotFoundError:
            return {}
        return {int(point): str(text) for point, text in found.items()}

    # --------------------------------------------------------------------------------- faults

    def fault(self, batch: int) -> str | None:
        """What is wrong with a batch that is marked done, or None. Reads all of it."""
        arrays = self.arrays
        reason = self._mark_fault(batch)
        if reason:
            return reason
        start, stop = self.span(batch)
        for path, name in zip(self._chunks(batch), ("values", "status", "failed_at"), strict=True):
            if not path.exists():
                return f"{name} missing"
            try:
                read = np.asarray(arrays[name][start:stop])
            except _UNREADABLE as error:
                return f"{name} unreadable: {str(error).splitlines()[0][:80]}"
            if name == "status" and np.isin(read, UNFINISHED).any():
                try:
                    sealed.read(self._reasons_file(batch))
                except (OSError, ValueError):
                    return "reasons missing or unreadable"
            if name == "status" and (read == PENDING).any():
                return "points without a status"
        return None

    def forget(self, batch: int) -> None:
        """Take a batch's mark away, then its chunks: it is to be run anew."""
        for path in (self._mark(batch), *self._chunks(batch), self._reasons_file(batch)):
            path.unlink(missing_ok=True)

    def _mark_fault(self, batch: int) -> str | None:
        if not self.marked(batch):
            return "mark missing"
        marks = self.arrays["done"]
        try:
            return None if int(marks[batch]) == 1 else "mark has another value"
        except _UNREADABLE:
            return "mark unreadable"

    def _mark(self, batch: int) -> Path:
        return self.folder / "done" / str(batch)

    def _chunks(self, batch: int) -> list[Path]:
        return [self.folder / "values" / f"{batch}.0", self.folder / "status" / str(batch),
                self.folder / "failed_at" / str(batch)]

    def _reasons_file(self, batch: int) -> Path:
        return self.folder / "reasons" / f"{batch}.json"


def remove_orphans(folder: Path) -> int:
    """Delete what writes that were killed have left; how many. No other run may be going on."""
    orphans = [*folder.glob("*.partial"), *folder.glob("*/*.partial"),
               *folder.glob("axes/*/*.partial")]  # fmt: skip
    for path in orphans:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(orphans)


@contextmanager
def creating(folder: Path) -> Iterator[None]:
    """Wait until nobody else starts a sweep in the folder, and keep others waiting."""
    with (folder / "lock.start").open("a") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Say that a run is at work; yields whether it is the only one, which removes orphans.

    The kernel frees the lock however the process ends.
    """
    if sys.platform == "win32":  # nothing is locked, so nothing is cleaned
        yield False
        return
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
            remove_orphans(folder)
        except OSError:
            alone = False
        fcntl.flock(file, fcntl.LOCK_SH)
        yield alone


def _array(path: Path, shape: Sequence[int], chunks: Sequence[int], data: Any = None, *,
           dtype: Any = None, fill: Any = 0) -> None:
    import zarr
    from zarr.codecs import Crc32cCodec, ZstdCodec

    made = zarr.create_array(
        path, shape=tuple(shape), chunks=tuple(chunks), dtype=dtype or data.dtype,
        fill_value=fill, compressors=[ZstdCodec(level=1), Crc32cCodec()], overwrite=True,
        chunk_key_encoding={"name": "v2", "separator": "."}, config={"write_empty_chunks": True},
    )  # fmt: skip
    if data is not None:
        made[:] = data


def _runs(done: np.ndarray, first: int, last: int, most: int = 10**9) -> Iterator[tuple[int, int]]:
    """Stretches of batches that are done, as (first, one after the last)."""
    start = first
    while start < last:
        if not done[start]:
            start += 1
            continue
        stop = start + 1
        while stop < last and done[stop] and stop - start < most:
            stop += 1
        yield start, stop
        start = stop
