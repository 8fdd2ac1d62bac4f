"""Glutamate in the bath."""

from __future__ import annotations

import numpy as np

from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.protocols.chosen import chosen

tonic_glutamate = Protocol(
    "tonic_glutamate",
    "a constant concentration of glutamate",
    2000.0,
    window=(-1000.0, np.inf),
    stimuli=(
        Component(
            "tonic_glutamate",
            "stimulus",
            "ambient glutamate",
            parameters=(chosen("glu_tonic", 0.1, "mM", "ambient glutamate", (0, 10)),),
            adds={"glu_ambient": "glu_tonic"},
        ),
    ),
)


def _applied(
    name: str, meaning: str, values: tuple[float, float, float], duration: float
) -> Protocol:
    """Glutamate applied from a start (ms) on, for a width (ms): amplitude (mM), start, width."""
    amp, start, width = values
    return Protocol(
        name,
        meaning,
        duration,
        window=("pulse_start", np.inf),
        stimuli=(
            Component(
                name,
                "stimulus",
                "applied glutamate",
                equations="glu_applied = glu_amp*int(t > pulse_start)"
                "*int(t < pulse_start + pulse_width) : mM  # applied glutamate",
                parameters=(
                    chosen("glu_amp", amp, "mM", "glutamate during the pulse", (0, 10)),
                    chosen("pulse_start", start, "ms", "start of the glutamate pulse", (0, 1e6)),
                    chosen(
                        "pulse_width", width, "ms", "duration of the glutamate pulse", (0.1, 1e6)
                    ),
                ),
                adds={"glu_ambient": "glu_applied"},
            ),
        ),
    )


glutamate_pulse = _applied(
    "glutamate_pulse", "a square pulse of glutamate applied to the cell", (1.0, 50.0, 1.0), 1000.0
)
glutamate_exposure = _applied(
    "glutamate_exposure",
    "exposure to glutamate for a minute, held by a bath as in cultures",
    (0.1, 10_000.0, 60_000.0),
    90_000.0,
)
