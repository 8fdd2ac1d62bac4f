"""A system's definitions in numpy, and the engine of models that have nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mgsim.engines.contract import OK, Batch, Engine, EngineError, Options, Outcome, Spikes, Trains
from mgsim.equations import expressions
from mgsim.system.lowering import System


def follow(
    system: System,
    values: Mapping[str, Any],
    missing: Callable[[str], Mapping[str, Any]] = lambda _: {},
) -> Callable[[str], Any]:
    """As :func:`mgsim.equations.expressions.follow`, of the definitions of a system."""
    return expressions.follow(system.texts, values, missing)


@dataclass(frozen=True)
class Pieces:
    """Where recordings are at a time.

    ``values``: what the leaves of each recording (``Driven.leaves``) are, by name. ``last``,
    ``coming``: by recording, the times of the point that has come and of the next; infinite where
    there is none.
    """

    values: dict[str, np.ndarray]
    last: dict[str, np.ndarray]
    coming: dict[str, np.ndarray]


def pieces(
    system: System, recordings: Mapping[str, np.ndarray], columns: Mapping[str, Any], now: Any
) -> Pieces:
    """The pieces of a system's recordings, of which rows are as :attr:`Batch.recordings` has."""
    found = Pieces({}, {}, {})
    read = follow(system, columns)
    for one in system.driven:
        times, levels, slopes = recordings[one.name]
        start = np.asarray(read(one.start), dtype=float)
        passed = np.searchsorted(times, now - start, side="right")
        at = np.maximum(passed - 1, 0)
        values = zip(one.leaves, (levels[at], slopes[at], start + times[at]), strict=True)
        found.values.update({n: np.where(passed > 0, x, 0.0) for n, x in values})
        found.last[one.name] = np.where(passed > 0, start + times[at], -np.inf)
        found.coming[one.name] = start + np.append(times, np.inf)[passed]
    return found


class AlgebraEngine(Engine):
    """The engine of models without states: what is recorded is evaluated once."""

    name = "algebra"

    def refuses(self, system: System, options: Options) -> str | None:
        if system.state_names:
            return f"'{system.state_names[0]}' is a state; an algebraic experiment can have none"
        return None

    def start(
        self,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> _Evaluated:
        there = pieces(system, batch.recordings, batch.columns, 0.0).values
        read = follow(system, {**batch.columns, **there, "t": 0.0})
        traces = {
            name: np.broadcast_to(np.asarray(read(name), dtype=float), batch.size)[:, None]
            for name in options.record
        }
        outcome = Outcome(
            {},
            np.full(batch.size, OK, dtype=np.int8),
            np.full(batch.size, np.nan),
            np.zeros(1),
            traces,
        )
        outcome.check_finite()
        return _Evaluated(outcome)


@dataclass
class _Evaluated:
    """What does not change with time."""

    found: Outcome
    step: int = 0

    def to(self, step: int, trains: Mapping[str, Trains] | None = None) -> Spikes:
        self.step = step
        return Spikes(np.zeros(0, dtype=np.int64), np.zeros(0))

    def state(self) -> dict[str, np.ndarray]:
        raise EngineError("a model without states has nothing to go on from")

    def outcome(self) -> Outcome:
        return self.found
