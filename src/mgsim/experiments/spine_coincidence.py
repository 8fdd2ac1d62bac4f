"""Calcium in the head of a spine against the interval between pre- and postsynaptic spikes.

The head is under a clamp whose command is an action potential of 100 mV, so that magnesium acts
through the block and nothing else: no synaptic depolarisation, no spike that depends on it. Each
pairing is compared with its presynaptic spike alone (``bap_height = 0``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.measures import ca_charge_nmda, peak_ca
from mgsim.models.spines import clamped_spine
from mgsim.parts.blocks.chindemi_2022 import chindemi_2022
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.protocols.pairings import clamped_pairing
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr


def against_alone(ds: xr.Dataset) -> xr.Dataset:
    """Add the rise of calcium, and charge over that of the presynaptic spike alone."""
    if "bap_height" not in ds.dims or 0.0 not in ds.bap_height:
        raise ValueError(
            "'bap_height' needs 0, a presynaptic spike alone, to compare with, and another height"
        )
    rise = ds.peak_ca - parameters(ds).ca_rest
    rise.attrs = {"units": "uM", "long_name": "rise of free calcium in the spine"}
    gain = ds.ca_charge_nmda / ds.ca_charge_nmda.sel(bap_height=0.0, drop=True)
    gain.attrs = {
        "units": "1",
        "long_name": "NMDA calcium charge over that of a presynaptic spike alone",
    }
    return ds.assign(ca_rise=rise, ca_gain=gain)


spine_coincidence = Experiment(
    "spine_coincidence",
    "How much more calcium does a spine get when an action potential meets its input?",
    (clamped_spine,),
    clamped_pairing,
    measures=(peak_ca, ca_charge_nmda),
    axes={
        "block": [chindemi_2022, jahr_stevens_1990],
        "mg_out": [0.0, 0.2, 1.0, 2.0],
        "bap_height": [0.0, 100.0],
        "post_delay": np.arange(-50.0, 50.1, 2.5),
    },
    derive=against_alone,
    small={"block": [chindemi_2022, jahr_stevens_1990]},
)
