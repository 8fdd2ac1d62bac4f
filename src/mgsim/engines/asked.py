"""What is asked for, from what a run has kept: measures that follow from measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mgsim.compose.measure import Measure
from mgsim.engines.contract import NOT_FINITE, OK, Outcome
from mgsim.equations import expressions
from mgsim.system.lowering import System


def conclude(system: System, columns: Mapping[str, np.ndarray], outcome: Outcome) -> Outcome:
    """The outcome with the measures that are asked for, in SI; NaN where one is not defined.

    A value that is defined and not finite gives its point a status and a reason.
    """
    found: dict[str, np.ndarray] = {}

    def value(m: Measure) -> np.ndarray:
        if m.name not in found:
            others = {n.name: value(n) for n in m.needs}
            own = {} if m.value else {m.name: outcome.measures[m.name]}
            found[m.name] = _value(m, {**columns, **others, **own}, outcome)
        return found[m.name]

    outcome = replace(outcome, status=outcome.status.copy(), reasons=dict(outcome.reasons))
    with np.errstate(all="ignore"):
        return replace(outcome, measures={m.name: value(m) for m in system.asked})


def _value(m: Measure, known: Mapping[str, np.ndarray], outcome: Outcome) -> np.ndarray:
    size = outcome.status.shape
    values = np.broadcast_to(expressions.evaluate(m.value or m.name, known), size).astype(float)
    texts = [t for t in (m.value, m.defined) if t]
    read = frozenset().union(*(expressions.names(t) for t in texts)) & {n.name for n in m.needs}
    defined = np.ones(size, dtype=bool)
    for name in read:
        defined &= ~np.isnan(known[name])
    if m.defined:
        defined &= np.broadcast_to(expressions.evaluate(m.defined, known), size).astype(bool)
    if m.value:
        for i in np.flatnonzero(defined & ~np.isfinite(values) & (outcome.status == OK)):
            outcome.status[i] = NOT_FINITE
            outcome.reasons[int(i)] = f"not finite: {m.name}"
    return np.where(defined, values, np.nan)


def why_undefined(m: Measure) -> str:
    """In words, what NaN says of a measure; empty where it always has a value."""
    if m.undefined or m.peak is not None:
        return m.undefined or "the window never comes"
    reasons = [why_undefined(n) for n in m.needs] if m.value else []
    return "; or ".join(dict.fromkeys(filter(None, reasons)))
