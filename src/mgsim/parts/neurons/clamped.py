"""Imposed voltage: a perfect voltage clamp."""

from mgsim.declare.component import Component

clamped = Component(
    name="clamped",
    slot="neuron",
    meaning="imposed membrane potential (ideal voltage clamp)",
    equations="v = v_command : mV  # membrane potential",
    deviations="No series resistance, capacitance or space-clamp error.",
)
