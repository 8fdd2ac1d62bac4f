"""Which engine runs a system."""

from __future__ import annotations

from mgsim.catalog import unknown
from mgsim.engines.brian import BrianEngine
from mgsim.engines.contract import Engine, EngineError, Options
from mgsim.system import System

_ENGINES = {"brian": BrianEngine}


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
    for candidate in [engine] if engine else [make() for make in _ENGINES.values()]:
        reason = candidate.refuses(system, options)
        if reason is None:
            return candidate
    raise EngineError(f"engine '{candidate.name}' cannot run this: {reason}")
