"""Reading a stored sweep again, every byte of it, and writing anew what is not what was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mgsim.store import checked_json
from mgsim.store.batches import SUMMARY
from mgsim.store.description import manifest
from mgsim.store.folder import HALF_STEP, Store
from mgsim.sweeps.designs import Design

_RUN = re.compile(r"\d{8}T\d{6}-\d+-[0-9a-f]{4,32}\.json")


@dataclass(frozen=True)
class Report:
    """What :func:`verify` found.

    ``faults``: what is wrong, by batch; ``pending``: batches that have not run; ``files``: what is
    wrong with anything else, by the name of the file.
    """

    batches: int
    faults: dict[int, str]
    pending: int
    files: dict[str, str]

    @property
    def good(self) -> bool:
        return not (self.faults or self.files)


def verify(store: Store, moved: Callable[[int], None] = lambda _: None) -> Report:
    """Read every file of a sweep and compare it with its digest.

    A sweep that was complete once has no batch to run: one without its mark has lost it.
    ``moved(batches)`` is told how far it is.
    """
    done = store.done()
    faults = dict(store.noticed)
    for batch in range(store.n_batches):
        if done[batch] and (fault := store.fault(batch)):
            faults[batch] = fault
        moved(batch + 1)
    pending = store.n_batches - int(done.sum()) - sum(not done[b] for b in faults)
    whole = bool(done.all()) and not faults
    return Report(
        store.n_batches,
        faults,
        pending,
        {**store.faults(), **summary_fault(store, whole), **half_step_fault(store), **_runs(store)},
    )


def summary(store: Store) -> dict[str, Any] | str:
    """What the end of the run has found, or what is wrong with the file that should say it."""
    return _found(store, SUMMARY, "summary")


def half_step(store: Store) -> dict[str, Any] | str:
    """How far the measures are from half the step, or what is wrong with the file that says it."""
    found = _found(store, HALF_STEP, "half step")
    if not isinstance(found, str) and set(found["distance"]) != set(store.frame.measures):
        return "is that of other measures"
    return found


def _found(store: Store, name: str, what: str) -> dict[str, Any] | str:
    path = store.folder / name
    try:
        found = manifest.read_as(path, what)
    except FileNotFoundError:
        return "is missing"
    except checked_json.Damaged as error:
        return str(error).removeprefix(f"{path} ")
    if found["sweep"] != store.identity:
        return "is that of another sweep"
    if store.results and found.get("results") not in (None, store.results):
        return "is that of results that were computed anew since"
    return found


def summary_fault(store: Store, whole: bool) -> dict[str, str]:
    """What is wrong with the summary, by its name; missing counts once the sweep is ``whole``."""
    found = summary(store)
    return {SUMMARY: found} if isinstance(found, str) and (whole or found != "is missing") else {}


def half_step_fault(store: Store) -> dict[str, str]:
    """What is wrong with what is kept of half the step, by its name; it need not be there."""
    found = half_step(store)
    return {HALF_STEP: found} if isinstance(found, str) and found != "is missing" else {}


def files(store: Store, design: Design | None = None) -> dict[str, str]:
    """Write anew what is wrong besides the batches and the summary; axes from a design.

    What is kept of half the step is removed where it is wrong: it can be asked for again.
    Returns what was wrong, by the name of the file.
    """
    faults = {**store.faults(), **half_step_fault(store), **_runs(store)}
    if any(name in manifest.NAMES for name in faults):
        store.write_manifests()
    if any(name.endswith("zarr.json") for name in faults):
        store.write_metadata()
    if design is not None and any(f"axes/{name}" in faults for name in store.manifest["axes"]):
        store.write_axes(design)
    for name in faults:
        if name.startswith("runs/"):
            checked_json.write(
                store.folder / name,
                "run",
                {
                    "sweep": store.identity,
                    "batch": store.batch,
                    "how": "what this file said was damaged, and is lost",
                },
            )
    if HALF_STEP in faults:
        (store.folder / HALF_STEP).unlink()
    return faults


def _runs(store: Store) -> dict[str, str]:
    """What is wrong with records of runs: damaged, or missing though the summary names them."""
    known = summary(store)
    names = set() if isinstance(known, str) else {str(n) for n in known["runs"]}
    names |= {p.name for p in (store.folder / "runs").glob("*.json")}
    wrong = {}
    for name in sorted(filter(_RUN.fullmatch, names)):
        try:
            if (
                checked_json.read(store.folder / "runs" / name, "run").get("sweep")
                != store.identity
            ):
                wrong[f"runs/{name}"] = "is that of another sweep"
        except FileNotFoundError:
            wrong[f"runs/{name}"] = "is missing"
        except checked_json.Damaged:
            wrong[f"runs/{name}"] = "is damaged"
    return wrong
