"""Temperatures at which models stand."""

from __future__ import annotations

from mgsim.declare.parameter import Parameter

ROOM = Parameter(
    "celsius",
    22.0,
    "degC",
    "temperature of the preparation",
    "assumed: room temperature, as in most receptor experiments",
    (0, 45),
)

#: The temperature at which RT/F is 26.64 mV.
BODY = 0.02664 * 96485.33212331001 / 8.31446261815324 - 273.15
