"""Calcium load over magnesium and NMDA conductance, under the input of ``mg_response``.

The row at the standard conductance is ``mg_response``; the map shows which of its statements hold
when the least known parameter, the conductance, is another.
"""

from __future__ import annotations

import numpy as np

from mgsim.measures import ca_charge_nmda, peak_ca, spike_rate
from mgsim.models.cells import standard
from mgsim.protocols.trains import train_20hz
from mgsim.runs.experiment import Experiment

ca_map = Experiment(
    "ca_map",
    "For which magnesium and NMDA conductance does the cell fire, and how much calcium enters?",
    (standard,),
    train_20hz,
    measures=(spike_rate, ca_charge_nmda, peak_ca),
    axes={
        "mg_out": [0.0, *np.geomspace(0.01, 4.0, 40).round(4)],
        "g_nmda": np.arange(3.0, 100.0, 3.0),
    },
)
