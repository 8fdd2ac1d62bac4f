"""The batches of a sweep's folder: which are done, and what they hold.

A batch is a chunk of each array. Its chunks are written first, each under another name and
renamed, then its mark, which holds a digest of each chunk. So a batch is done or it is not; nothing
else counts. Whoever reads a chunk compares it with its mark.
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mgsim import files
from mgsim.store import checked_json, chunks
from mgsim.store.description import manifest as manifests
from mgsim.sweeps.labels import Frame
from mgsim.sweeps.point_rows import Rows

#: What the end of a run has found, which a sweep has once all its batches are done.
SUMMARY = "summary.json"
#: What decoding a damaged chunk raises.
UNREADABLE = (ValueError, RuntimeError, OSError)
_ARRAYS = ("values", "failed_at", "status")  # a point has a status only with its values


class Batches(ABC):
    """The batches of a folder, by number.

    ``noticed``: what is wrong with batches, by number, as far as was seen since :meth:`done` was
    last asked; ``results``: the digest of all marks, and so of all values, as it found them; empty
    where a batch is not done.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.identity: str = manifest["sha256"]
        self.n_points: int = manifest["points"]
        self.batch: int = manifest["batch"]
        self.n_batches = -(-self.n_points // self.batch)
        self.frame = Frame(**manifest["frame"])
        self.noticed: dict[int, str] = {}
        self.results = ""
        self._zarr = manifests.arrays(manifest)

    @abstractmethod
    def stays(self) -> None:
        """Refuse to write where another folder has this one's name since it was opened."""

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
        FileNotFoundError, checked_json.Damaged
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

    def forget(self, batch: int) -> None:
        """Take a batch's mark away: it is to be run anew."""
        self.stays()
        self._mark_file(batch).unlink(missing_ok=True)

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
        OSError, checked_json.Damaged
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
            except UNREADABLE as error:
                self.noticed[batch] = f"unreadable: {_short(error)}"
                continue
            yield start, found


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
