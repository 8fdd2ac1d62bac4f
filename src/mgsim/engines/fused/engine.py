"""The engine: which kernel runs a system, compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mgsim.engines.contract import Batch, Engine, EngineError, Options
from mgsim.engines.fused import trial
from mgsim.engines.fused.compiling import build
from mgsim.engines.fused.execute import FusedRun, source_of
from mgsim.engines.fused.kernel import Kernel, load
from mgsim.engines.fused.program.share import near
from mgsim.engines.running import lists_spikes
from mgsim.system.lowering import System


class FusedEngine(Engine):
    """Runs a system as one compiled loop; see docs/architecture.md."""

    name = "fused"
    goes_on = True

    def refuses(self, system: System, options: Options) -> str | None:
        summed = [m.name for m in system.measures if m.every_step]
        if options.precision == "float32" and summed:
            return (
                f"float32 loses what measure '{summed[0]}' adds at each step; use float64, or a "
                "measure of a rate, which is summed in double precision"
            )
        if options.precision == "float32" and system.implicit:
            names = ", ".join(system.implicit)
            return (
                f"float32 loses the small increments of {names}, which are stepped implicitly, so "
                "that its error would grow as the step shrinks; use float64"
            )
        if trial.compiler() is None:
            per_point = options.axes & {p.name for p in system.parameters}
            source = source_of(system, per_point, options)
            return None if build.cached(source.text) else trial.lacking()
        return None

    def start(
        self,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> FusedRun:
        per_point = frozenset(n for n, v in batch.columns.items() if np.ndim(v))
        kernel = _compiled(system, per_point, options)
        if not near(kernel.source.offsets, batch.columns, options.precision):
            kernel = _compiled(system, per_point, options, shared=False)
        return FusedRun(kernel, system, batch, options, state)


_programs: dict[tuple, Kernel] = {}


def _compiled(
    system: System, per_point: frozenset[str], options: Options, shared: bool = True
) -> Kernel:
    how = (options.record, options.method, options.precision, lists_spikes(system, options))
    key = (system.digest, per_point, *how, shared)
    if key not in _programs:
        source = source_of(system, per_point, options, shared)
        _programs[key] = load(_library(source.text), source)
    return _programs[key]


def _library(text: str) -> Path:
    """Compiled now or before; without a compiler what another process has left will do."""
    command = trial.compiler()
    found = build.build(text, command) if command else build.cached(text)
    if found is None:
        raise EngineError(trial.lacking())
    return found
