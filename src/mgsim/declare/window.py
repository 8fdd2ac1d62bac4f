"""The measuring window: its two parameters, and where its ends lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mgsim.declare.parameter import Parameter
from mgsim.equations import expressions

#: What every system has besides its parts' parameters: the measuring window.
WINDOW = (
    Parameter(
        "window_start",
        0.0,
        "ms",
        "start of the measuring window",
        "assumed: set by the protocol",
        (0, 1e12),
    ),
    Parameter(
        "window_stop",
        0.0,
        "ms",
        "end of the measuring window",
        "assumed: set by the protocol",
        (0, 1e12),
    ),
)
#: When a run that goes on from another begins, on the clock of the first.
RUN_START = Parameter(
    "run_start", 0.0, "ms", "when the run begins", "assumed: set by the run before", (0, 1e12)
)
#: One end of a measuring window: ms, or an expression in the protocol's parameters.
Edge = float | str


def edge_at(edge: Edge, duration: float, values: Mapping[str, Any]) -> np.ndarray:
    """One end of a window in seconds, cut to a run of ``duration`` ms; ``values`` in SI."""
    at = expressions.evaluate(edge, values) if isinstance(edge, str) else edge * 1e-3
    return np.clip(at, 0.0, duration * 1e-3)
