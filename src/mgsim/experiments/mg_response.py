"""Firing and calcium load of the standard cell against magnesium, under one and the same input.

A regular 20 Hz train of volleys, each too weak to fire the cell at the magnesium of cerebrospinal
fluid. Magnesium changes nothing but the block here, so what it does to firing and to calcium is
seen at constant release, constant input and constant excitability; ``block="none"`` is the control
in which both stay flat. Surface charge and release, on which magnesium acts too, are left out.
"""

from __future__ import annotations

from mgsim.measures import ca_charge_nmda, mean_v, peak_ca, spike_rate
from mgsim.models.cells import standard
from mgsim.protocols.trains import train_20hz
from mgsim.runs.experiment import Experiment

mg_response = Experiment(
    "mg_response",
    "How do firing and calcium load change with magnesium when the synaptic input stays the same?",
    (standard,),
    train_20hz,
    measures=(spike_rate, ca_charge_nmda, peak_ca, mean_v),
    axes={
        "mg_out": [
            0.0,
            0.01,
            0.015,
            0.02,
            0.03,
            0.04,
            0.05,
            0.06,
            0.08,
            0.1,
            0.12,
            0.15,
            0.2,
            0.25,
            0.3,
            0.4,
            0.5,
            0.65,
            0.8,
            1.0,
            1.2,
            1.5,
            2.0,
            3.0,
            4.0,
        ]
    },
)
