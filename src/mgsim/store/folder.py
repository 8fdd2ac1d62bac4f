"""A sweep's folder: what survives ``kill -9`` at any instant.

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

import json
import os
import warnings
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mgsim import files
from mgsim.store import checked_json, chunks, ownership
from mgsim.store.batches import SUMMARY, UNREADABLE, Batches
from mgsim.store.description import manifest as manifests
from mgsim.store.description.identity import listed, rebuilt
from mgsim.sweeps.designs import Design

#: How far measures are from half the step.
HALF_STEP = "half_step.json"
_MORE = "'mgsim sweep repair', or the same sweep again, "


class DamagedWarning(UserWarning):
    """Something of a sweep is missing or damaged; what depends on it is not shown."""


class Moved(ValueError):
    """Another folder, or none, has the name of a sweep's folder by now."""


class PendingPointsWarning(UserWarning):
    """Points of a sweep that is read have not run, and have no values."""


class Store(Batches):
    """The folder of a sweep that has been started: its batches, and what says which sweep it is."""

    def __init__(
        self, folder: Path, manifest: Mapping[str, Any], faults: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(folder, manifest)
        self._manifests = dict(faults or {})
        self._seen = self._look()

    @classmethod
    def open(cls, folder: Path) -> Store:
        """A folder that holds a sweep.

        Raises
        ------
        NotASweep, checked_json.Damaged
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
        checked_json.Damaged
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
        except UNREADABLE:
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

    # ------------------------------------------------------------------------ all batches

    def reopen(self) -> None:
        """Remove what was found of the whole sweep: there are batches to run."""
        self.stays()
        for name in (SUMMARY, HALF_STEP):
            (self.folder / name).unlink(missing_ok=True)

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


def _length(metadata: Mapping[str, Any]) -> int:
    """Values of an axis in a chunk."""
    length: int = metadata["chunk_grid"]["configuration"]["chunk_shape"][0]
    return length


def _text(metadata: Mapping[str, Any]) -> bytes:
    return json.dumps(metadata, indent=1).encode()
