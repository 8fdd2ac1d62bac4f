"""One synaptic potential with and without magnesium, and with the NMDA receptors removed.

Removing magnesium adds a slow component to the synaptic potential that NMDA antagonists abolish
(Coan & Collingridge 1985; unverified: recalled, not read). The NMDA conductance is a sixth
of the standard model's, so that the cell does not fire and the potentials can be compared.
``g_nmda = 0`` is the antagonist control: there magnesium has no effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.models.cells import standard
from mgsim.protocols.trains import single_pulse
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr


def amplitudes(ds: xr.Dataset) -> xr.Dataset:
    """Add the synaptic potential (v less its value at the input) and how much of it is late."""
    start = parameters(ds).train_start
    resting = ds.v.where((ds.time < start) & (ds.time > start - 1.0)).mean("time")
    epsp = ds.v - resting
    epsp.attrs = {"units": "mV", "long_name": "synaptic potential"}
    peak = epsp.max("time")
    peak.attrs = {"units": "mV", "long_name": "peak of the synaptic potential"}
    late = epsp.sel(time=start + 60.0, method="nearest").drop_vars("time")
    late.attrs = {"units": "mV", "long_name": "synaptic potential 60 ms after the input"}
    return ds.assign(epsp=epsp, epsp_peak=peak, epsp_late=late)


epsp_mg = Experiment(
    "epsp_mg",
    "What does magnesium take from a single synaptic potential?",
    (standard,),
    single_pulse.lasting(400.0).with_values(train_start=100.0),
    record=("v", "i_nmda"),
    every=4,
    axes={"g_nmda": [0.0, 5.0], "mg_out": [0.0, 0.05, 0.8, 1.2]},
    derive=amplitudes,
)
