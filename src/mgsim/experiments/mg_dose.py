"""A dose-response of magnesium, zero among the doses: how steep is it once a cell takes part?

At a held potential one magnesium ion blocks, and the curve of a law has the slope 1 and a half dose
that its constants give. Under synaptic input the potential follows the current, so that less block
means more depolarisation and less block still: the curve of the calcium load may be steeper, and
half lies elsewhere. The fit is refused where no plateau is seen; its intervals here are those of
how far a Hill curve misses the simulation, for nothing else scatters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.dose import CONSTANTS, DoseResponse, dose_response
from mgsim.analysis.measured import DataError
from mgsim.measures import ca_charge_nmda
from mgsim.models.cells import standard
from mgsim.protocols.trains import train_20hz
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr


def fitted(ds: xr.Dataset) -> xr.Dataset:
    """Add the constants of a Hill curve at each further axis, with intervals, and what is refused.

    ``hill``, ``hill_low`` and ``hill_high`` along ``constant``; NaN where the fit is refused.
    """
    import xarray as xr

    load = ds.ca_charge_nmda.transpose(..., "mg_out")
    others = load.dims[:-1]
    shape = (*load.shape[:-1], len(CONSTANTS))
    found = np.full((3, *shape), np.nan)
    told = []
    for at in np.ndindex(shape[:-1]):
        one = load[at]
        case = ", ".join(f"{d} {one[d].item()}" for d in others)
        try:
            fit = dose_response(one.reset_coords(drop=True))
        except DataError as error:
            told.append(f"{case}: refused, {error}")
            continue
        for i, name in enumerate(CONSTANTS):
            found[(slice(None), *at, i)] = fit[name].value, fit[name].low, fit[name].high
        told.append(f"{case}: {_words(fit)}")
    dims = (*others, "constant")
    about = {"hill": "", "hill_low": ", lower end", "hill_high": ", upper end"}
    made = {
        n: xr.DataArray(x, dims=dims, attrs={"long_name": f"constant of a Hill curve{word}"})
        for (n, word), x in zip(about.items(), found, strict=True)
    }
    return (
        ds.assign(made)
        .assign_coords(constant=list(CONSTANTS))
        .assign_attrs(found=f"Found: {'; '.join(told)}.")
    )


def _words(fit: DoseResponse) -> str:
    half, slope = fit["half"], fit["slope"]
    return (
        f"half at {half.value:.3g} mM ({half.low:.3g} to {half.high:.3g}), "
        f"slope {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})"
    )


mg_dose = Experiment(
    "mg_dose",
    "At which magnesium is half of the calcium load gone, and how steeply does it go?",
    (standard,),
    train_20hz,
    measures=(ca_charge_nmda,),
    axes={
        "g_nmda": [1.0, 10.0, 30.0, 100.0],
        "mg_out": [0.0, *np.geomspace(0.01, 10.0, 16).round(4)],
    },
    derive=fitted,
    small={"g_nmda": [1.0, 30.0], "mg_out": [0.0, *np.geomspace(0.01, 10.0, 10).round(4)]},
)
