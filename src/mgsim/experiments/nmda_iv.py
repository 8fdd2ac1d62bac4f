"""Current-voltage curves of NMDA receptors at several magnesium concentrations.

Without magnesium the current is ohmic; with it, the inward current grows with depolarisation up
to a peak (Nowak et al. 1984; Jahr & Stevens 1990). Under Jahr & Stevens' law and a reversal at
0 mV the peak lies at -27.0 mV for 1 mM and at -28.5 mV for 0.8 mM.
"""

from __future__ import annotations

import numpy as np

from mgsim.measures import mean_i_nmda
from mgsim.models.receptors import patch
from mgsim.protocols.clamps import voltage_clamp
from mgsim.runs.experiment import Experiment

nmda_iv = Experiment(
    "nmda_iv",
    "How does magnesium bend the current-voltage curve of NMDA receptors?",
    (patch,),
    voltage_clamp.lasting(1.0, window=(0.0, 1.0)),
    measures=(mean_i_nmda,),
    axes={"mg_out": [0.0, 0.01, 0.1, 1.0, 10.0], "v_hold": np.arange(-100.0, 41.0, 1.0)},
)
