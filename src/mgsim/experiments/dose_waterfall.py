"""What is left of a dose at each step from grams to calcium.

The neuron runs at levels of magnesium that hold all people; each person's own level lies between
two of them. The dose is 4 g of magnesium sulfate and then 1 g/h, seen after a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.doses.course import CSF, Course
from mgsim.doses.given import intravenous
from mgsim.measures import ca_charge_nmda, mean_unblocked
from mgsim.models.cells import standard
from mgsim.protocols.trains import train_20hz
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.designs import AxisError

if TYPE_CHECKING:
    import xarray as xr

DOSE, HOURS = intravenous("4 g", rate="1 g/h"), 24.0
PEOPLE = 256
#: Volumes in L. Assumed: cerebrospinal fluid 0.15, fluid between the cells of the brain 0.25.
VOLUMES = {"cerebrospinal fluid": 0.15, "brain's fluid": 0.25}
QUANTILES = (0.025, 0.5, 0.975)


def followed(ds: xr.Dataset) -> xr.Dataset:
    """Add what each step leaves, in people: the median and 95 %.

    ``amount`` in mmol at each ``place``, and ``change`` at each ``step``, in % of before; both
    along ``csf`` and ``quantile``.
    """
    import xarray as xr
    from scipy.interpolate import PchipInterpolator

    if ds.sizes.get("mg_out", 1) < 2:
        raise AxisError("the levels of mg_out, between which people lie, have to be several")
    grid = ds.mg_out.values
    amounts, changes = [], []
    for name in CSF:
        course = Course(DOSE, [HOURS], csf=name, draws=PEOPLE)
        levels = {n: x[:, [0, -1]] for n, x in course.levels.items()}
        brain = levels["mg_brain"]
        if brain.min() < grid.min() or brain.max() > grid.max():
            raise AxisError(
                f"people have {brain.min():.2f} to {brain.max():.2f} mM, and mg_out goes from "
                f"{grid.min():g} to {grid.max():g}"
            )
        rise = {n: x[:, 1] - x[:, 0] for n, x in levels.items()}
        share = course.values["csf_ionised_share"]
        held = {
            "given": np.full(PEOPLE, DOSE.mmol(HOURS)),
            "serum's volume": rise["serum_total"] * course.values["v_central"],
            "cerebrospinal fluid": rise["csf_total"] * VOLUMES["cerebrospinal fluid"],
            "brain's fluid": rise["mg_brain"] / share * VOLUMES["brain's fluid"],
        }
        amounts.append(
            xr.concat(
                [xr.DataArray(np.quantile(x, QUANTILES), dims="quantile") for x in held.values()],
                xr.DataArray(list(held), dims="place", name="place"),
            )
        )
        steps = {
            "total serum": ("serum_total", None),
            "ionised serum": ("serum_ionised", None),
            "total CSF": ("csf_total", None),
            "brain's fluid": ("mg_brain", None),
            "unblocked pore": ("mg_brain", "mean_unblocked"),
            "NMDA calcium": ("mg_brain", "ca_charge_nmda"),
        }
        each = []
        for level, measure in steps.values():
            if measure is None:
                x = xr.DataArray(levels[level], dims=("person", "when"))
            else:
                y = ds[measure].transpose("mg_out", ...)
                between = PchipInterpolator(grid, y.values, axis=0)(levels[level])
                x = xr.DataArray(between, dims=("person", "when", *y.dims[1:]))
            change = 100 * (x.isel(when=1) / x.isel(when=0) - 1)
            each.append(change.quantile(QUANTILES, "person").drop_vars("quantile"))
        changes.append(xr.concat(each, xr.DataArray(list(steps), dims="step", name="step")))
    structures = xr.DataArray(list(CSF), dims="csf", name="csf")
    found = xr.concat(changes, structures).sel(csf="csf_linear")
    told = []
    for step in ("total serum", "brain's fluid", "NMDA calcium"):
        one = found.sel(step=step)
        if one.dims == ("quantile",):
            low, middle, high = (float(x) for x in one)
            told.append(f"{step} {middle:+.0f} % ({low:+.0f} to {high:+.0f})")
    return ds.assign(
        amount=xr.concat(amounts, structures).assign_attrs(
            units="mmol", long_name="magnesium above that before"
        ),
        change=xr.concat(changes, structures).assign_attrs(
            units="%", long_name="change over before"
        ),
    ).assign_attrs(found=f"Found under csf_linear: {'; '.join(told)}." if told else "")


dose_waterfall = Experiment(
    "dose_waterfall",
    "What is left of a dose of 4 g and then 1 g/h at each step from serum to calcium, after a day?",
    (standard,),
    train_20hz,
    measures=(mean_unblocked, ca_charge_nmda),
    axes={"mg_out": np.linspace(0.4, 2.2, 19).round(2)},
    derive=followed,
    small={"mg_out": np.linspace(0.4, 2.2, 7).round(2)},
)
