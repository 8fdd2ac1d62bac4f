"""Cerebrospinal fluid after magnesium in four studies of people, beside three structures.

The studies contradict one another. No structure meets all four, which is why doses are followed
under each of them; what each would mean for the pore at a held potential stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mgsim.doses.chain import Chain
from mgsim.doses.course import CSF, Course
from mgsim.doses.given import Dose, intravenous
from mgsim.models.receptors import patch
from mgsim.protocols.clamps import voltage_clamp
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.designs import AxisError

if TYPE_CHECKING:
    import xarray as xr

PEOPLE = 64
QUANTILES = (0.025, 0.5, 0.975)
_TIMES = 17


@dataclass(frozen=True)
class Study:
    """What was given and what the fluid did.

    ``level`` is what was measured; ``points`` are hours, change in % of before and spread (a
    standard deviation or half a range; NaN where none is stated); ``held`` is a rise of serum that
    was kept up, in mM, in place of a dose.
    """

    name: str
    source: str
    dose: Dose
    level: str
    serum_mg: float
    points: tuple[tuple[float, float, float], ...]
    held: float = 0.0


def _of(
    before: float, *after: tuple[float, float, float]
) -> tuple[tuple[float, float, float], ...]:
    """Points from hours, levels and standard deviations in mM."""
    return tuple((t, 100 * (x / before - 1), 100 * sd / before) for t, x, sd in after)


STUDIES = (
    Study(
        "Fuchs-Buder 1997",
        "fuchs-buder_1997: abstract, 60 mg/kg; assumed 70 kg in 15 min",
        intravenous("60 mg/kg", weight=70, over="15 min"),
        "csf_total",
        0.74,
        _of(0.95, (0.75, 1.00, 0.15), (1.75, 1.10, 0.17), (4.25, 1.13, 0.19)),
    ),
    Study(
        "Brewer 2001",
        "brewer_2001: abstract, 20 mmol in 30 min, ionised, no change in 4 h",
        intravenous("20 mmol", over="30 min"),
        "csf_ionised",
        0.82,
        _of(0.82, (4.0, 0.82, 0.06)),
    ),
    Study(
        "McKee 2005",
        "mckee_2005: serum 2.1 to 2.5 mM for 24 h; +11 to +19 % as read in a review",
        intravenous("0 g"),
        "csf_total",
        0.92,
        ((24.0, 15.0, 4.0),),
        held=2.3 - 0.92,
    ),
    Study(
        "Apostol 2010",
        "apostol_2010: abstract, 6 g and 2 g/h, serum three times, fluid not altered",
        intravenous("6 g", rate="2 g/h"),
        "csf_total",
        0.8,
        ((4.5, 0.0, np.nan),),
    ),
)


def compared(ds: xr.Dataset) -> xr.Dataset:
    """Add data and structures of each study.

    ``measured``, ``spread`` and ``measured_at`` along ``study`` and ``number``; ``change`` along
    ``study``, ``csf``, ``quantile`` and ``moment``, at ``hours``; ``pore``, the change of the
    unblocked share at the last moment, of the median person.
    """
    import xarray as xr

    if ds.sizes.get("mg_out", 1) < 2:
        raise AxisError("the levels of mg_out have to be several")
    shape = (len(STUDIES), max(len(s.points) for s in STUDIES))
    when, measured, spread = found = np.full((3, *shape), np.nan)
    hours = np.empty((len(STUDIES), _TIMES))
    change = np.empty((len(STUDIES), len(CSF), len(QUANTILES), _TIMES))
    ends = np.empty((len(STUDIES), len(CSF)))
    told = []
    for i, study in enumerate(STUDIES):
        found[:, i, : len(study.points)] = np.transpose(study.points)
        hours[i] = np.linspace(0, study.points[-1][0] * 1.1, _TIMES)
        for j, name in enumerate(CSF):
            level, brain = _levels(study, name, hours[i])
            change[i, j] = np.quantile(100 * (level / level[:, :1] - 1), QUANTILES, axis=0)
            ends[i, j] = np.median(brain[:, -1] / brain[:, 0])
        last, was, _ = study.points[-1]
        middles = (np.interp(last, hours[i], one[1]) for one in change[i])
        words = (f"{n} {x:+.0f} %" for n, x in zip(CSF, middles, strict=True))
        told.append(f"{study.name} {was:+.0f} % at {last:g} h, {', '.join(words)}")
    before = 0.8
    levels = xr.DataArray(before * ends, dims=("study", "csf"))
    pore = 100 * (ds.unblocked.interp(mg_out=levels) / ds.unblocked.interp(mg_out=before) - 1)
    about = {"units": "%", "long_name": "change of cerebrospinal fluid over before"}
    return (
        ds.assign(
            measured=(("study", "number"), measured, about),
            spread=(("study", "number"), spread, {"units": "%"}),
            measured_at=(("study", "number"), when, {"units": "h"}),
            hours=(("study", "moment"), hours, {"units": "h", "long_name": "time since the dose"}),
            change=(("study", "csf", "quantile", "moment"), change, about),
            pore=pore.drop_vars("mg_out", errors="ignore").assign_attrs(
                units="%", long_name="change of the unblocked share"
            ),
        )
        .assign_coords(study=[s.name for s in STUDIES], csf=list(CSF), number=np.arange(shape[1]))
        .assign_attrs(found=f"Found, measured and as the median person: {'; '.join(told)}.")
    )


def _levels(study: Study, csf: str, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was measured, and ionised magnesium of the brain: (people, times) in mM."""
    held = {"serum_mg": study.serum_mg}
    if not study.held:
        levels = Course(study.dose, hours.tolist(), csf=csf, draws=PEOPLE, held=held).levels
        return levels[study.level], levels["mg_brain"]
    course = Course(study.dose, [1.0], csf=csf, draws=PEOPLE, held=held)
    chain = Chain(course.body, {**course.values, "mg_infusion": np.zeros(PEOPLE)})
    states = chain.held(np.array(study.held), hours.tolist())
    return chain.value(study.level, states).T, chain.value("mg_brain", states).T


csf_studies = Experiment(
    "csf_studies",
    "Which structure of the cerebrospinal fluid agrees with four studies of people?",
    (patch,),
    voltage_clamp,
    record=("unblocked",),
    algebraic=True,
    axes={"v_hold": -60.0, "mg_out": np.linspace(0.6, 2.4, 37).round(3)},
    derive=compared,
    small={"mg_out": np.linspace(0.6, 2.4, 10).round(3)},
)
