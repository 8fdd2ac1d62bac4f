"""Which engine runs a system."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache

from mgsim.catalogs.catalog import unknown
from mgsim.engines.brian import BrianEngine
from mgsim.engines.contract import Engine, EngineError, Options
from mgsim.engines.fused import FusedEngine
from mgsim.system.lowering import System

_ENGINES: dict[str, Callable[[], Engine]] = {"fused": FusedEngine, "brian": BrianEngine}


class FallbackWarning(UserWarning):
    """The fast engine could not run a system; the reference engine does."""


@lru_cache
def _say(reason: str) -> None:
    """Warn once a process."""
    warnings.warn(reason, FallbackWarning, stacklevel=6)


def choose(engine: str | Engine | None, system: System, options: Options) -> Engine:
    """The engine asked for, or the first that takes the system.

    Raises
    ------
    UnknownName
        For a name that is no engine.
    EngineError
        When the engine asked for refuses; it says why.
    """
    if isinstance(engine, str):
        if engine not in _ENGINES:
            raise unknown("engine", engine, _ENGINES)
        engine = _ENGINES[engine]()
    if engine is not None:
        reason = engine.refuses(system, options)
        if reason:
            raise EngineError(f"engine '{engine.name}' cannot run this: {reason}")
        return engine
    reasons: list[str] = []
    for make in _ENGINES.values():
        candidate = make()
        reason = candidate.refuses(system, options)
        if reason is None:
            if reasons:
                _say(f"{'; '.join(reasons)}, so Brian2 runs this, more slowly")
            return candidate
        reasons.append(reason)
    raise EngineError("no engine can run this: " + "; ".join(reasons))
