"""Imposed voltage: a perfect voltage clamp."""

from mgsim.component import Component, Parameter

clamped = Component(
    name="clamped",
    slot="neuron",
    meaning="imposed membrane potential (ideal voltage clamp)",
    equations="v = v_command : mV  # membrane potential",
    parameters=(
        Parameter("celsius", 22.0, "degC", "temperature of the preparation",
                  "assumed: room temperature, as in most receptor experiments", (0, 45)),
    ),
    deviations="No series resistance, capacitance or space-clamp error.",
)  # fmt: skip
