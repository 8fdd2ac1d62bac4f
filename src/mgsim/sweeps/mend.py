"""Reading a stored sweep again, chunk by chunk, and taking out what is damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mgsim.sweeps import sealed
from mgsim.sweeps.store import SUMMARY, Store


@dataclass(frozen=True)
class Report:
    """What :func:`verify` found.

    ``faults``: what is wrong, by batch; ``pending``: batches that have not run; ``arrays`` and
    ``axes``: what is wrong with the arrays' metadata and with the values of axes, or "".
    """

    batches: int
    faults: dict[int, str]
    pending: int
    arrays: str = ""
    axes: str = ""

    @property
    def good(self) -> bool:
        return not (self.faults or self.arrays or self.axes)


def verify(store: Store, moved: Callable[[int], None] = lambda _: None) -> Report:
    """Read every chunk of every batch that is marked done, with its checksum.

    A sweep that was complete once has no batch to run: one without its mark has lost it.
    ``moved(batches)`` is told how far it is.
    """
    axes = ""
    try:
        store.design.columns(np.arange(1))
    except Exception as error:  # any damage of the text can raise anything
        axes = f"{store.folder / 'axes'} is damaged ({error})"
    try:
        _ = store.arrays
    except sealed.Damaged as error:
        return Report(store.n_batches, {}, 0, str(error), axes)
    complete = (store.folder / SUMMARY).exists()
    faults: dict[int, str] = {}
    pending = 0
    for batch in range(store.n_batches):
        if not complete and not store.marked(batch):
            pending += 1
        elif fault := store.fault(batch):
            faults[batch] = fault
        moved(batch + 1)
    return Report(store.n_batches, faults, pending, axes=axes)


def take_out(store: Store, moved: Callable[[int], None] = lambda _: None) -> Report:
    """Verify, and take out what is damaged, so that the next run computes it anew, and only it."""
    report = verify(store, moved)
    if report.arrays:
        store.write_metadata()
        again = verify(store, moved)
        report = Report(again.batches, again.faults, again.pending, report.arrays, again.axes)
    for batch in report.faults:
        store.forget(batch)
    return report
