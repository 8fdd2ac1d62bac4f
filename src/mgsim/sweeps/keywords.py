"""What the verbs take by keyword besides parameters and parts: once, for all of them.

A verb takes ``**options`` and shows the fields of these in their place, so that ``help()`` has them
with their defaults. What they mean stands with :func:`mgsim.sweep` and :func:`mgsim.threshold`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from mgsim.compose.measure import Measure
from mgsim.engines.contract import LOCAL, Engine
from mgsim.sweeps.designs import Design

F = TypeVar("F", bound=Callable[..., Any])
#: Of :class:`How`, what traces take; of :class:`Where`, what a folder does.
TRACES = frozenset({"record", "every"})
FOLDER = frozenset({"large", "client", "rerun_failed", "single_writer", "converge", "batch"})


@dataclass(frozen=True, kw_only=True)
class How:
    """Which points there are, and how they run."""

    design: Design | None = None
    follow: Mapping[str, str] | None = None
    arms: Mapping[str, Mapping[str, Any]] | None = None
    start: Any = None
    fresh: Sequence[str] | str = ()
    keep_state: bool = False
    record: Iterable[str] = ()
    engine: str | Engine | None = None
    seed: int | Iterable[int] = 0
    dt: float | str | None = None
    method: str = LOCAL
    precision: Literal["float64", "float32"] = "float64"
    every: int = 1
    threads: int = 0


@dataclass(frozen=True, kw_only=True)
class Along:
    """Which threshold is looked for."""

    axis: str
    measure: Measure | str
    level: Any
    between: Sequence[Any]
    to: Any
    spacing: Literal["linear", "log"] = "linear"
    looks: int = 9


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where a result goes, and who computes it."""

    progress: bool | None = None
    out: str | Path | None = None
    large: bool = False
    batch: int | None = None
    client: Any = None
    rerun_failed: bool = False
    single_writer: bool = False
    converge: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        flags = {f.name: getattr(self, f.name) for f in fields(self) if "bool" in str(f.type)}
        for name, value in flags.items():
            if not isinstance(value, bool | np.bool_) and (name, value) != ("progress", None):
                raise TypeError(f"{name} is True or False, not {value!r}")


def names(kind: type, but: Collection[str] = ()) -> list[str]:
    """The keywords of a kind."""
    return [f.name for f in fields(kind) if f.name not in but]


def taken(kind: type, options: dict[str, Any], but: Collection[str] = ()) -> dict[str, Any]:
    """What of the options is of a kind; it is taken out of them.

    Raises
    ------
    TypeError
        Where one that has no default is not given.
    """
    needed = [f.name for f in fields(kind) if f.default is MISSING]
    if lacking := [n for n in needed if n not in options]:
        raise TypeError(f"{', '.join(f'{n}=' for n in lacking)} must be given")
    return {n: options.pop(n) for n in names(kind, but) if n in options}


def takes(*kinds: type, but: Collection[str] = ()) -> Callable[[F], F]:
    """Show keywords of these kinds in the place of a function's ``**options``."""

    def shown(function: F) -> F:
        signature = inspect.signature(function)
        *own, rest = signature.parameters.values()
        known = {p.name for p in own} | {*but}
        found = [f for kind in kinds for f in fields(kind) if f.name not in known]
        more = [
            inspect.Parameter(
                f.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if f.default is MISSING else f.default,
                annotation=f.type,
            )
            for f in found
        ]
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *more, rest]
        )
        return function

    return shown
