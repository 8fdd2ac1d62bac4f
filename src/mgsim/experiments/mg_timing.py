"""Magnesium before, during and after energy failure: what does it still change?

Flow and energy fail from 20 to 35 s and come back from 75 s on; magnesium steps from a person's
level to 4 mM at some time before, during or after. Kicks of the potential are stated, so that ends
of depolarised states are not set by rounding. Whether the cell comes back hangs on the assumed rate
of exchange with the bath, so that two are run, and magnesium that stays is run beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.declare import changes
from mgsim.measures import ca_charge_receptors, swelling, time_depolarised
from mgsim.models.targets import full_moving
from mgsim.protocols.energy import energy_failure, kicks
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

#: When energy begins to fail, in seconds.
FAILS = 20.0
_LASTING = 120_000.0


def relative(ds: xr.Dataset) -> xr.Dataset:
    """Add ``mg_delay`` (s), from failure to magnesium, and what late magnesium spares."""
    delay = ds.mg_out_start / 1000 - FAILS
    delay.attrs = {"units": "s", "long_name": "time from failure to magnesium"}
    ds = ds.assign_coords(mg_delay=delay)
    if not {"mg_out_after", "mg_out_start", "bath_rate"} <= set(ds.time_depolarised.dims):
        return ds
    late = ds.isel(mg_out_start=int(np.argmin(np.abs(delay.values - 30))))
    stays, comes = (
        late.sel(mg_out_after=x) for x in (ds.mg_out_after.min(), ds.mg_out_after.max())
    )
    told = [
        f"{_seconds(stays, rate)} depolarised without and {_seconds(comes, rate)} with it at an "
        f"exchange of {rate:g} per ms"
        for rate in ds.bath_rate.values
    ]
    shares = comes.ca_charge_receptors / stays.ca_charge_receptors
    share = f"{float(shares.max()):.2g}" if bool(shares.notnull().all()) else "an unknown share"
    return ds.assign_attrs(
        found=f"Found for {float(ds.mg_out_after.max()):g} mM {float(late.mg_delay):g} s after "
        f"energy began to fail: {'; '.join(told)}; calcium through NMDA receptors {share} of "
        "what it is without, at most."
    )


def _seconds(ds: xr.Dataset, rate: float) -> str:
    time = float(ds.time_depolarised.sel(bath_rate=rate)) / 1000
    return f"{time:.0f} s" if np.isfinite(time) else "an unknown time"


mg_timing = Experiment(
    "mg_timing",
    "Does magnesium that comes late, after energy has failed, still change what becomes of a cell?",
    (full_moving,),
    (energy_failure + kicks)
    .changing(mg_out=changes.step(4.0, "50 s"))
    .lasting(_LASTING, (0.0, _LASTING)),
    measures=(time_depolarised, ca_charge_receptors, swelling),
    dt=0.15,
    axes={
        "mg_out_after": [0.8, 4.0],
        "bath_rate": [3e-4, 6e-4],
        "mg_out_start": [1e3, 20e3, 35e3, 50e3, 70e3, 90e3],
    },
    derive=relative,
    small={"mg_out_start": [1e3, 90e3], "bath_rate": [3e-4]},
)
