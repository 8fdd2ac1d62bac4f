"""What Brian2 computed, kept for a run of the same tests under another compiler of kernels."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
from running import BRIAN

from mgsim.engines.contract import Batch, Options, Outcome
from mgsim.system.lowering import System

#: A folder of one run of ``.ci/run``; without it nothing is kept.
FOLDER = os.environ.get("MGSIM_OUTCOMES")


def by_brian(system: System, batch: Batch, options: Options) -> Outcome:
    """Measures, status, traces and spikes by Brian2, which compiles no kernel."""
    if not FOLDER:
        return BRIAN.run(system, batch, options)
    told = hashlib.sha256()
    _tell(told, (system.digest, batch, options))
    file = Path(FOLDER) / f"{told.hexdigest()}.npz"
    if not file.exists():
        _keep(BRIAN.run(system, batch, options), file)
    with np.load(file) as kept:
        found = dict(kept)
    named = {kind: {n[2:]: x for n, x in found.items() if n[:2] == kind} for kind in ("m:", "t:")}
    own = {n: found[n] for n in ("status", "failed_at", "times") if n in found}
    spikes = np.split(found["spikes"], found["ends"]) if "ends" in found else None
    return Outcome(measures=named["m:"], traces=named["t:"], spikes=spikes, **own)


def _keep(outcome: Outcome, file: Path) -> None:
    arrays = {f"m:{n}": x for n, x in outcome.measures.items()}
    arrays |= {f"t:{n}": x for n, x in outcome.traces.items()}
    arrays |= {"status": outcome.status, "failed_at": outcome.failed_at}
    if outcome.times is not None:
        arrays["times"] = outcome.times
    if outcome.spikes is not None:
        arrays["spikes"] = np.concatenate([[], *outcome.spikes])
        arrays["ends"] = np.cumsum([len(x) for x in outcome.spikes])[:-1]
    part = file.with_name(f"{os.getpid()}-{file.name}")
    np.savez(part, **arrays)
    part.replace(file)


def _tell(told, x) -> None:
    """Every value and its kind, so that nothing else has the same digest."""
    told.update(type(x).__name__.encode())
    if isinstance(x, np.ndarray):
        told.update(f"{x.dtype}{x.shape}".encode())
        told.update(np.ascontiguousarray(x).tobytes())
    elif is_dataclass(x):
        _tell(told, {f.name: getattr(x, f.name) for f in fields(x)})
    elif isinstance(x, Mapping):
        for name in sorted(x):
            _tell(told, (name, x[name]))
    elif isinstance(x, tuple | frozenset):
        for one in sorted(x) if isinstance(x, frozenset) else x:
            _tell(told, one)
    elif x is None or isinstance(x, str | int | float):
        told.update(f"({x!r})".encode())
    else:
        raise TypeError(f"what is asked of an engine holds {x!r}, which has no digest")
