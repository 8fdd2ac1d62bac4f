"""Firing rate against injected current of the regular spiking cell.

The cell adapts by its M-current: the first interval is short, the later ones are long. At 0.75,
1.0, 1.5 and 2.0 nA the first interval gives 35.8, 66.1, 110.4 and 144.4 Hz and the last ones 6.4,
25.5, 66.8 and 104.6 Hz (two-second steps of the cell of Pospischil et al. 2008 as coded in ModelDB
123623, solved independently).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.models.cells import cell
from mgsim.protocols.currents import current_step
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr


def rates(ds: xr.Dataset) -> xr.Dataset:
    """Add the rates of the first and of the last interval; 0 where no two spikes make one.

    The last rate is 0 too where firing has stopped: no spike within two last intervals of the end.
    """
    import xarray as xr

    own = parameters(ds)
    within = ds.spike_time.where((ds.spike_time > own.step_start) & (ds.spike_time < own.step_stop))
    times = within.pad(spike=(0, 1), constant_values=float("nan"))
    first, last = times.min("spike"), times.max("spike")
    second = times.where(times > first).min("spike")
    previous = times.where(times < last).max("spike")
    end = np.minimum(own.step_stop, ds.time.max())
    going_on = end - last < 2 * (last - previous)
    about = {"units": "Hz"}
    rate = {
        "first_rate": (1000 / (second - first), "firing rate from the first interval"),
        "last_rate": (
            (1000 / (last - previous)).where(going_on),
            "firing rate from the last interval",
        ),
    }
    return ds.assign(
        {
            name: xr.DataArray(
                value.fillna(0.0).where(ds.status == 0), attrs={**about, "long_name": meaning}
            )
            for name, (value, meaning) in rate.items()
        }
    )


fi_curve = Experiment(
    "fi_curve",
    "How fast does the cell fire when current is injected, at first and once it has adapted?",
    (cell,),
    current_step.lasting(2300.0).with_values(step_stop=2300.0),
    record=("v",),
    every=2,
    axes={
        "i_amp": np.array(
            [0, 250, 500, 550, 600, 650, 700, 750, 800, 900, 1000, 1125, 1250, 1500, 1750, 2000.0]
        )
    },
    derive=rates,
)
