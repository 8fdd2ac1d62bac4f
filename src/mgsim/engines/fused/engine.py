"""The engine: which kernel runs a system, compiled once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mgsim.engines.contract import Batch, EngineError, Options, Outcome
from mgsim.engines.fused import build, trial
from mgsim.engines.fused.execute import run_kernel, source_of
from mgsim.engines.fused.kernel import Kernel, load
from mgsim.engines.fused.share import near
from mgsim.system import System


class FusedEngine:
    """Runs a system as one compiled loop; see docs/architecture.md."""

    name = "fused"

    def refuses(self, system: System, options: Options) -> str | None:
        summed = [m.name for m in system.measures if m.every_step]
        if options.precision == "float32" and summed:
            return (
                f"float32 loses what measure '{summed[0]}' adds at each step; use float64, or a "
                "measure of a rate, which is summed in double precision"
            )
        if options.precision == "float32" and system.schemes:
            names = ", ".join(system.schemes[0].states)
            return (
                f"float32 loses the small increments of the kinetic scheme {names}, so that "
                "its error would grow as the step shrinks; use float64"
            )
        if trial.compiler() is None:
            per_point = options.axes & {p.name for p in system.parameters}
            source = source_of(system, per_point, options.record, options.method, options.precision)
            return None if build.cached(source.text) else trial.lacking()
        return None

    def run(self, system: System, batch: Batch, options: Options) -> Outcome:
        per_point = frozenset(n for n, v in batch.columns.items() if np.ndim(v))
        how = (system, per_point, options.record, options.method, options.precision)
        kernel = _compiled(*how)
        if not near(kernel.source.offsets, batch.columns, options.precision):
            kernel = _compiled(*how, shared=False)
        return run_kernel(kernel, system, batch, options)


_programs: dict[tuple, Kernel] = {}


def _compiled(
    system: System,
    per_point: frozenset[str],
    record: tuple[str, ...],
    method: str,
    precision: str,
    shared: bool = True,
) -> Kernel:
    key = (system.digest, per_point, record, method, precision, shared)
    if key not in _programs:
        source = source_of(system, per_point, record, method, precision, shared)
        _programs[key] = load(_library(source.text), source)
    return _programs[key]


def _library(text: str) -> Path:
    """Compiled now or before; without a compiler what another process has left will do."""
    command = trial.compiler()
    found = build.build(text, command) if command else build.cached(text)
    if found is None:
        raise EngineError(trial.lacking())
    return found
