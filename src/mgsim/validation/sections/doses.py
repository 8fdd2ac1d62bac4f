"""Section S8: from a dose of magnesium to serum and cerebrospinal fluid."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from mgsim.doses import amounts
from mgsim.doses.chain import Chain
from mgsim.doses.course import Course
from mgsim.doses.given import Dose, intravenous
from mgsim.sweeps.resolving.run_warnings import RangeWarning
from mgsim.validation.rows import finds

#: Fuchs-Buder et al. 1997: 60 mg/kg, here of 70 kg over 15 min; 30, 90 and 240 min after its end.
_BOLUS, _LATER = intravenous("60 mg/kg", weight=70, over="15 min"), (0.75, 1.75, 4.25)
_CSF, _BEFORE = np.array([1.00, 1.10, 1.13]), 0.95
_PEOPLE = 1024


def _total(
    dose: Dose, at: Sequence[float], serum_mg: float, level: str = "serum_total", **how: Any
) -> np.ndarray:
    """A level of the typical person at times after 0."""
    held = {"serum_mg": serum_mg, **how.pop("held", {})}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeWarning)  # a fit tries everything
        course = Course(dose, at, draws=0, held=held, **how)
    assert course.at is not None
    places = [course.at.index(t) for t in at]
    found: np.ndarray = course.levels[level][0, places]
    return found


@finds("TS8a", "TS8b.load", "TS8b.one", "TS8b.two", "TS8g")
def _serum(
    at: list[float],
    load: list[str] | None = None,
    rate: str | None = None,
    until: str | None = None,
    over_before: bool = False,
) -> list[float]:
    found: list[float] = []
    for one in load or [""]:
        dose = intravenous(one or None, rate=rate, until=until)
        found += (_total(dose, at, 0.8) / (0.8 if over_before else 1.0)).tolist()
    return found


@finds("TS8c", "TS8c.reported")
def _settled_by_clearance() -> list[float]:
    """2 g/h for 60 days, in mg/dl."""
    dose = intravenous(rate="2 g/h")
    names = ("brookfield_2016", "brookfield_2016_healthy")
    return [
        float(amounts.concentration_in(_total(dose, [1440.0], 0.8, serum=n)[0], "mg/dl"))
        for n in names
    ]


@finds("TS8d", "TS8d.independent")
def _after_a_bolus() -> list[float]:
    return _total(_BOLUS, _LATER, 0.74).tolist()


@finds("TS8d.rise")
def _rise_after_a_bolus() -> list[float]:
    return (_total(_BOLUS, _LATER, 0.74) - 0.74).tolist()


def _fluid(gain: float, leaves: float) -> np.ndarray:
    """Total magnesium of the fluid after the bolus, with the study's own baselines."""
    share = 0.64
    held = {"csf_mg": share * _BEFORE, "csf_ionised_share": share}
    held |= {"csf_gain": gain, "csf_exit": leaves}
    return _total(_BOLUS, _LATER, 0.74, "csf_total", csf="csf_linear", held=held)


@cache
def _fitted(kept: tuple[int, ...] = (0, 1, 2)) -> tuple[float, float]:
    """Gain and exit that fit some of the three measurements best."""
    places = list(kept)
    found = least_squares(
        lambda x: (_fluid(*np.exp(x)) - _CSF)[places],
        np.log([0.5, 0.2]),
        xtol=1e-10,
        bounds=np.log([[1e-2, 1e-3], [100.0, 10.0]]),
    )
    gain, leaves = np.exp(found.x)
    return float(gain), float(leaves)


@finds("TS8e")
def _fluid_as_fitted() -> list[float]:
    return _fluid(1.0, 0.188).tolist()


@finds("TS8e.fit")
def _constants() -> list[float]:
    gain, leaves = _fitted()
    return [gain * leaves, leaves, gain]


@finds("TS8e.left_out")
def _each_left_out() -> list[float]:
    """Each measurement as the fit to the two others has it."""
    return [
        float(_fluid(*_fitted(tuple(i for i in range(3) if i != left)))[left]) for left in range(3)
    ]


@finds("TS8f.brewer", "TS8f.apostol", "TS8f.fuchs_buder")
def _share_of_people(
    load: str, over: str, at: float, least: float, rate: str | None = None, below: bool = True
) -> list[float]:
    """The share of people under 'csf_linear' whose fluid (total) rises by less, or by more."""
    dose = intravenous(load, over=over, rate=rate, weight=70)
    course = Course(dose, [at], csf="csf_linear", draws=_PEOPLE)
    rise = course.levels["csf_total"][:, 1] - course.levels["csf_total"][:, 0]
    return [float(np.mean(rise < least if below else rise >= least))]


def _rises(serum_rise: float) -> np.ndarray:
    """Rise of the fluid in %, person by person, after a day of serum held so much higher."""
    course = Course(intravenous("0 g"), [24.0], draws=_PEOPLE)
    chain = Chain(course.body, {**course.values, "mg_infusion": np.zeros(_PEOPLE)})
    after = chain.value("csf_total", chain.held(np.array(serum_rise), [24.0]))[0]
    found: np.ndarray = 100 * (after / course.levels["csf_total"][:, 0] - 1)
    return found


@finds("TS8f.mckee")
def _around_mckee(serum_rise: float, percent: list[float]) -> list[float]:
    """Shares of people whose fluid rises by less than each."""
    return [float(np.mean(_rises(serum_rise) < p)) for p in percent]


@finds("TS8f.mckee_rise")
def _median_rise(serum_rise: float) -> list[float]:
    return [float(np.median(_rises(serum_rise)))]


@finds("TS8f.null")
def _nothing() -> list[float]:
    found = _total(
        intravenous("20 mmol", over="30 min"), [4.0], 0.82, "csf_ionised", csf="csf_null"
    )
    return [float(found[0]) - 0.8]
