"""A sweep's folder: what survives ``kill -9`` at any instant.

A batch is a chunk of each array. Its chunks are written first, each under another name and
renamed, then its mark, which holds a digest of each chunk. So a batch is done or it is not; nothing
else counts. Whoever reads a chunk compares it with its mark.

| file | holds |
|---|---|
| ``manifest.json``, ``manifest.copy.json`` | what the sweep is; written once, twice |
| ``values`` | measures, one row a point (display units) |
| ``status``, ``failed_at`` | one number a point; ms |
| ``axes`` | values of axes |
| ``done`` | a mark a batch: which points, digests of its chunks, why points failed |
| ``summary.json`` | what the end of the run has found |
| ``half_step.json`` | how far measures are from half the step, where that was asked |
| ``runs`` | when and how runs ran |
| ``zarr.json`` here and there | what others need to read the arrays; mgsim does not read it |
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mgsim import files
from mgsim.store import checked_json, chunks, ownership
from mgsim.store.description import manifest as manifests
from mgsim.store.description.identity import listed, rebuilt
from mgsim.sweeps.designs import Design
from mgsim.sweeps.labels import Frame
from mgsim.sweeps.point_rows import Rows

SUMMARY, HALF_STEP = "summary.json", "half_step.json"
_ARRAYS = ("values", "failed_at", "status")  # a point has a status only with its values
#: What decoding a damaged chunk raises.
_UNREADABLE = (ValueError, RuntimeError, OSError)
_MORE = "'mgsim sweep repair', or the same sweep again, "


class DamagedWarning(UserWarning):
    """Something of a sweep is missing or damaged; what depends on it is not shown."""


class Moved(ValueError):
    """Another folder, or none, has the name of a sweep's folder by now."""


class PendingPointsWarning(UserWarning):
    """Points of a sweep that is read have not run, and have no values."""


class Store:
    """The folder of a sweep that has been started.

    ``noticed``: what is wrong with batches, by number, as far as was seen since :meth:`done` was
    last asked; ``results``: the digest of all marks, and so of all values, as it found them; empty
    where a batch is not done.
    """

    def __init__(
        self, folder: Path, manifest: Mapping[str, Any], faults: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.identity: str = manifest["sha256"]
        self.n_points: int = manifest["points"]
        self.batch: int = manifest["batch"]
        self.n_batches = -(-self.n_points // self.batch)
        self.frame = Frame(**manifest["frame"])
        self.noticed: dict[int, str] = {}
        self.results = ""
        self._manifests = dict(faults or {})
        self._zarr = manifests.arrays(manifest)
        self._seen = self._look()

    @classmethod
    def open(cls, folder: Path) -> Store:
        """A folder that holds a sweep.

        Raises
        ------
        NotASweep, sealed.Damaged
        """
        ownership.no_links(folder)
        return cls(folder, *manifests.load(folder))

    @classmethod
    def create(cls, folder: Path, manifest: Mapping[str, Any], design: Design) -> Store:
        """Make a sweep in a folder that is taken; the manifest comes last.

        What is there of the same sweep stays.

        Raises
        ------
        ValueError
            For what a folder cannot say of itself; nothing is written then.
        """
        numbers = {n: v for n, v in listed(design).items() if n not in manifest["labels"]}
        axes = {n: manifests.axis_of(v) for n, v in numbers.items()}
        manifests.check({**manifest, "axes": axes})
        store = cls(folder, {**manifest, "axes": axes})
        for name in ownership.FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        store.write_metadata()
        store.write_axes(design)
        manifests.save(folder, store.manifest)
        return cls.open(folder)

    # ---------------------------------------------------------------------- besides the batches

    def write_manifests(self) -> None:
        """Write both manifests anew."""
        manifests.save(self.folder, self.manifest)
        self._manifests = {}

    def write_metadata(self) -> None:
        """Write what zarr needs to know of the arrays anew; chunks stay as they are."""
        for place, content in sorted(self._zarr.items(), key=lambda item: -item[0].count("/")):
            (self.folder / place).mkdir(parents=True, exist_ok=True)
            if self._metadata_fault(place):
                files.place(self.folder / place / "zarr.json", _text(content))

    def write_axes(self, design: Design) -> None:
        """Write the values of the axes that are numbers."""
        for name, values in listed(design).items():
            if name in self.manifest["axes"]:
                metadata, array = self._zarr[f"axes/{name}"], np.asarray(values)
                for key, start in enumerate(range(0, len(array), _length(metadata))):
                    piece = array[start : start + _length(metadata)]
                    data = chunks.encoded(metadata, piece)
                    files.place(self.folder / "axes" / name / str(key), data)
        self.__dict__.pop("design", None)

    @cached_property
    def design(self) -> Design:
        """The points, by number.

        Raises
        ------
        sealed.Damaged
            When the values of an axis are not those that were written.
        """
        axes: dict[str, Any] = {
            n: np.array(v, dtype=object) for n, v in self.manifest["labels"].items()
        }
        for name in self.manifest["axes"]:
            try:
                axes[name] = self._axis(name)
            except checked_json.Damaged as error:
                raise checked_json.Damaged(f"{error}; {_MORE}writes it anew") from None
        return rebuilt(self.manifest["structure"], axes)

    def faults(self) -> dict[str, str]:
        """What is wrong besides the batches, by the name of the file."""
        found = dict(self._manifests)
        for place in self._zarr:
            if words := self._metadata_fault(place):
                found[f"{place}/zarr.json".lstrip("/")] = words
        for name in self.manifest["axes"]:
            try:
                self._axis(name)
            except checked_json.Damaged as error:
                found[f"axes/{name}"] = str(error).removeprefix(f"{self.folder / 'axes' / name} ")
        return found

    def _metadata_fault(self, place: str) -> str:
        try:
            text = checked_json.plain(self.folder / place / "zarr.json")
        except FileNotFoundError:
            return "is missing"
        except checked_json.Damaged as error:
            return str(error)
        return "" if text == _text(self._zarr[place]) else "is damaged"

    def _axis(self, name: str) -> np.ndarray:
        about, path = self.manifest["axes"][name], self.folder / "axes" / name
        wrong = checked_json.Damaged(f"{path} is missing or damaged")
        metadata, length = self._zarr[f"axes/{name}"], about["length"]
        try:
            pieces = [
                chunks.decoded(metadata, checked_json.plain(path / str(i)))
                for i in range(-(-length // _length(metadata)))
            ]
        except _UNREADABLE:
            raise wrong from None
        values = np.concatenate(pieces)[:length]
        if manifests.axis_digest(values) != about["sha256"]:
            raise wrong
        return values

    def stays(self) -> None:
        """Refuse to write where another folder has this one's name since it was opened.

        Raises
        ------
        Moved
        """
        seen = self._look()
        if seen is not None and seen == self._seen:
            return
        try:
            there = Store.open(self.folder)
        except (manifests.NotASweep, checked_json.Damaged):
            there = None
        if there is None or (there.identity, there.batch) != (self.identity, self.batch):
            raise Moved(
                f"{self.folder} is not the folder of this sweep any more: it was moved, removed or "
                "exchanged meanwhile; what was finished went with it"
            )
        self._seen = seen

    def _look(self) -> tuple[int, ...] | None:
        """What tells the file that says which sweep it is from any other; None without one."""
        try:
            found = os.stat(self.folder / manifests.NAMES[0])
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns

    # ------------------------------------------------------------------------------ batches

    def span(self, batch: int) -> tuple[int, int]:
        """The first point of a batch, and the one after its last."""
        return batch * self.batch, min((batch + 1) * self.batch, self.n_points)

    def write(self, batch: int, rows: Rows) -> None:
        """Commit a batch: when this returns, nothing that happens to the process can lose it.

        One that is whole already stays as it is.

        Raises
        ------
        Moved
        """
        self.stays()
        if self.marked(batch):
            if self.whole(batch):
                return
            self._mark_file(batch).unlink(missing_ok=True)
        stored = {}
        for name in _ARRAYS:
            data = chunks.encoded(self._zarr[name], getattr(rows, name))
            files.place(self._chunk(name, batch), data)
            stored[name] = {"size": len(data), "sha256": files.sha256(data)}
        texts: dict[str, list[int]] = {}
        for place, text in sorted(rows.reasons.items()):
            texts.setdefault(_printable(text), []).append(place)
        checked_json.write(
            self._mark_file(batch),
            "mark",
            {
                "sweep": self.identity,
                "batch": batch,
                "points": list(self.span(batch)),
                "chunks": stored,
                "reasons": [{"text": text, "points": places} for text, places in texts.items()],
            },
            sync=False,
        )  # one that a power cut empties counts as none
        self.noticed.pop(batch, None)

    def marked(self, batch: int) -> bool:
        """Whether a batch has its mark, which is not read here."""
        return self._mark_file(batch).exists()

    def whole(self, batch: int) -> bool:
        """Whether a batch is marked done, and its chunks are those that its mark vouches for."""
        return self.fault(batch) is None

    def done(self) -> np.ndarray:
        """Whether each batch is done: its mark is good, and its chunks are there in full size.

        Anything less is ``noticed``; so is a batch without a mark once the sweep was complete.
        """
        self.noticed, self.results = {}, ""
        found = np.zeros(self.n_batches, dtype=bool)
        digest = hashlib.sha256()
        # in the order opposite to that in which a run that goes on meanwhile writes
        complete = (self.folder / SUMMARY).exists()
        marks = _sizes(self.folder / "done")
        sizes = {name: _sizes(self.folder / name) for name in _ARRAYS}
        for batch in range(self.n_batches):
            if f"{batch}.json" not in marks:
                if complete:
                    self.noticed[batch] = "mark missing"
                continue
            try:
                mark = self._mark(batch)
            except (OSError, checked_json.Damaged) as error:
                self.noticed[batch] = _short(error)
                continue
            digest.update(json.dumps(mark, sort_keys=True).encode())
            stored = mark["chunks"]
            for name in _ARRAYS:
                size = sizes[name].get(self._chunk(name, batch).name)
                if size != stored[name]["size"]:
                    self.noticed[batch] = (
                        f"{name} missing" if size is None else f"{name} has another size"
                    )
                    break
            else:
                found[batch] = True
        if found.all():
            self.results = digest.hexdigest()
        return found

    def lacking(self) -> list[int]:
        """The batches that are to be run: not done, or noticed to be damaged."""
        seen = self.noticed
        done = self.done()
        self.noticed = {**seen, **self.noticed}
        done[list(self.noticed)] = False
        return [int(b) for b in np.flatnonzero(~done)]

    def read(self, start: int, stop: int, done: np.ndarray) -> Rows:
        """Points ``start`` to ``stop``; those of batches not ``done``, or damaged, are pending."""
        rows = Rows.pending(stop - start, len(self.frame.measures))
        first, last = start // self.batch, -(-stop // self.batch)
        for here, found in self._pieces(_ARRAYS, done, first, last):
            a, b = max(start, here), min(stop, here + len(found["status"]))
            cut = slice(a - here, b - here)
            rows.put(
                slice(a - start, b - start),
                Rows(found["values"][cut], found["status"][cut], found["failed_at"][cut]),
            )
        return rows

    def statuses(self, done: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(First point, status of the points) for each batch that is done and not damaged."""
        for start, found in self._pieces(("status",), done, 0, self.n_batches):
            yield start, found["status"]

    def reasons(self, batch: int) -> dict[int, str]:
        """Why points of a batch failed, by point.

        Raises
        ------
        FileNotFoundError, sealed.Damaged
            Without a good mark.
        """
        start, _ = self.span(batch)
        return {
            start + place: reason["text"]
            for reason in self._mark(batch)["reasons"]
            for place in reason["points"]
        }

    def fault(self, batch: int) -> str | None:
        """What is wrong with a batch that is marked done, or None. Reads all of it."""
        try:
            self._checked(batch, _ARRAYS)
        except (OSError, checked_json.Damaged) as error:
            return _short(error)
        return None

    def check(self) -> None:
        """Read all batches that are done; what is wrong with them is ``noticed``."""
        for batch in np.flatnonzero(self.done()):
            if fault := self.fault(int(batch)):
                self.noticed[int(batch)] = fault

    def reopen(self) -> None:
        """Remove what was found of the whole sweep: there are batches to run."""
        self.stays()
        for name in (SUMMARY, HALF_STEP):
            (self.folder / name).unlink(missing_ok=True)

    def forget(self, batch: int) -> None:
        """Take a batch's mark away: it is to be run anew."""
        self.stays()
        self._mark_file(batch).unlink(missing_ok=True)

    def noticed_words(self) -> str:
        """How many batches are ``noticed``, and the first of them."""
        noticed = dict(self.noticed)  # threads of lazy data may notice more meanwhile
        words = "; ".join(f"batch {b}: {text}" for b, text in sorted(noticed.items())[:3])
        return (
            f"{len(noticed):,} of {self.n_batches:,} batches are missing or damaged ({words}"
            f"{'; ...' if len(noticed) > 3 else ''})"
        )

    def tell(self, others: Mapping[str, str] | None = None, stacklevel: int = 3) -> None:
        """Warn of what is ``noticed``, and of other faults."""
        told = [f"{name} {words}" for name, words in sorted((others or {}).items())]
        if self.noticed:
            told.insert(0, f"{self.noticed_words()} and shown as pending")
        if told:
            warnings.warn(
                f"{self.folder}: {'; '.join(told)}; {_MORE}makes it good",
                DamagedWarning,
                stacklevel=stacklevel,
            )

    def tell_pending(self, done: np.ndarray, stacklevel: int = 3) -> int:
        """Warn of points that have not run, besides those that are ``noticed``; how many."""
        left = ~done
        left[list(self.noticed)] = False
        n = int(left.sum()) * self.batch
        if left[-1]:
            n -= self.n_batches * self.batch - self.n_points
        if n:
            warnings.warn(
                f"{self.folder}: {n:,} of {self.n_points:,} points have not run: their status is "
                "pending, and they have no values; the same sweep again goes on with them",
                PendingPointsWarning,
                stacklevel=stacklevel,
            )
        return n

    # -------------------------------------------------------------------------------- chunks

    def _mark_file(self, batch: int) -> Path:
        return self.folder / "done" / f"{batch}.json"

    def _chunk(self, name: str, batch: int) -> Path:
        return self.folder / name / (f"{batch}.0" if name == "values" else str(batch))

    def _mark(self, batch: int) -> dict[str, Any]:
        path = self._mark_file(batch)
        try:
            mark = manifests.read_as(path, "mark")
        except FileNotFoundError:
            raise checked_json.Damaged("mark missing") from None
        except checked_json.Damaged as error:
            raise checked_json.Damaged(
                f"mark damaged ({str(error).removeprefix(f'{path} ')})"
            ) from None
        if (mark["sweep"], mark["batch"], tuple(mark["points"])) != (
            self.identity,
            batch,
            self.span(batch),
        ):
            raise checked_json.Damaged("mark is that of another batch")
        return mark

    def _checked(self, batch: int, names: Sequence[str]) -> dict[str, bytes]:
        """The chunks of a batch as bytes, each what its mark vouches for.

        Raises
        ------
        OSError, sealed.Damaged
        """
        stored = self._mark(batch)["chunks"]
        found = {}
        for name in names:
            try:
                found[name] = checked_json.plain(self._chunk(name, batch))
            except FileNotFoundError:
                raise checked_json.Damaged(f"{name} missing") from None
            if files.sha256(found[name]) != stored[name]["sha256"]:
                raise checked_json.Damaged(f"{name} damaged: not what its mark vouches for")
        return found

    def _pieces(
        self, names: Sequence[str], done: np.ndarray, first: int, last: int
    ) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """(First point, arrays) of batches, each of them checked."""
        for batch in range(first, last):
            if not done[batch]:
                continue
            start, stop = self.span(batch)
            try:
                stored = self._checked(batch, names)
            except (OSError, checked_json.Damaged) as error:
                self.noticed[batch] = _short(error)
                continue
            try:
                found = {n: chunks.decoded(self._zarr[n], stored[n])[: stop - start] for n in names}
            except _UNREADABLE as error:
                self.noticed[batch] = f"unreadable: {_short(error)}"
                continue
            yield start, found


def _length(metadata: Mapping[str, Any]) -> int:
    """Values of an axis in a chunk."""
    length: int = metadata["chunk_grid"]["configuration"]["chunk_shape"][0]
    return length


def _text(metadata: Mapping[str, Any]) -> bytes:
    return json.dumps(metadata, indent=1).encode()


def _sizes(folder: Path) -> dict[str, int]:
    """The plain files of a folder and their sizes."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # renamed since it was listed
                    if entry.is_file(follow_symlinks=False):
                        found[entry.name] = entry.stat(follow_symlinks=False).st_size
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return found


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
