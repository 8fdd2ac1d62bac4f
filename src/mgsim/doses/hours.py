"""Hours of a neuron: settled rates, carried by the slow change of the brain's magnesium.

A neuron settles within seconds, the brain's magnesium within hours. So what passes in hours is the
integral of what passes in a second at each magnesium, and the neuron runs at a few levels only.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import units
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.doses.course import Course
from mgsim.protocols import read
from mgsim.runs.sweep import sweep
from mgsim.units import UnitError

if TYPE_CHECKING:
    import xarray as xr

#: Levels of magnesium at which the neuron runs, and times at which the brain's is looked at.
LEVELS, TIMES = 9, 385


def exposure(
    course: Course,
    model: Model | str = "standard",
    protocol: Protocol | str = "train_20hz",
    measure: Measure | str = "ca_charge_nmda",
    *,
    levels: int = LEVELS,
    settle: Any = "1 s",
    over: Any = "1 s",
    **values: Any,
) -> xr.Dataset:
    """What a measure that grows with time comes to over the hours of a course, in each person.

    Parameters
    ----------
    course : of a dose with a time course; its last time is the end.
    model, protocol, measure, values : as for :func:`mgsim.sweep`; the measure is an amount, such as
        a calcium charge or a number of spikes, and the protocol has to go on for ever.
    levels : of magnesium at which the neuron runs, between the least and the most of all people.
    settle, over : how long the neuron settles at a level, and is then measured, with their units;
        of a train, whole periods.

    Returns
    -------
    xarray.Dataset over ``person``: ``exposure``, in the measure's unit; ``exposure_over_before``,
        over that at the magnesium before the dose; and ``settled``, the measure in a second at each
        ``level``.

    Raises
    ------
    UnitError
        For an arm without a time course, or levels that are no number of them.
    """
    import xarray as xr
    from scipy.interpolate import PchipInterpolator

    if course.dose.lasting or len(course.at or ()) < 2:
        raise UnitError("an exposure needs a dose with a time course, and a time after it")
    if levels < 2:
        raise UnitError(f"levels = {levels}: at least 2")
    hours = np.linspace(0.0, max(course.at or (0.0,)), TIMES)
    brain = replace(course, at=hours.tolist()).levels["mg_brain"]
    low, high = float(brain.min()), float(brain.max())
    grid = np.linspace(low, high, levels) if high > low else np.array([low])
    for name, given in (("settle", settle), ("over", over)):
        if not units.has_unit(given):
            raise UnitError(f"{name} = {given}: say '{given} s' or '{given} ms'")
    start, seconds = units.one(settle, "s", "settle"), units.one(over, "s", "over")
    if not (0 <= start < math.inf and 0 < seconds < math.inf):
        raise UnitError(f"settle = {settle}, over = {over}: times, the second above 0")
    window = (start * 1e3, (start + seconds) * 1e3)
    repeated = read(protocol).lasting(window[1], window)
    ran = sweep(model, repeated, [measure], mg_out=grid.tolist(), **values)
    name = str(next(n for n in ran.data_vars if n not in ("status", "failed_at")))
    rate = ran[name].values / seconds
    at = PchipInterpolator(grid, rate)(brain) if len(grid) > 1 else np.full_like(brain, rate[0])
    total = np.trapezoid(at, hours * 3600.0, axis=1)
    before = at[:, 0] * hours[-1] * 3600.0
    about = dict(ran[name].attrs)
    return xr.Dataset(
        {
            "exposure": ("person", total, {**about, "long_name": f"{name} over {hours[-1]:g} h"}),
            "exposure_over_before": (
                "person",
                total / np.where(before == 0, np.nan, before),
                {"units": "1", "long_name": f"{name}, over that at the magnesium before"},
            ),
            "settled": ("level", rate, {**about, "long_name": f"{name} in a second"}),
        },
        {"person": np.arange(course.people), "level": ("level", grid, {"units": "mM"})},
        {"dose": course.dose.words, "advice": course.dataset().attrs["advice"]},
    )
