"""The lesson on many laws: an experiment on a cell whose law is not told, and the exercises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from mgsim.analysis.fit import fit
from mgsim.analysis.fitted import Fit
from mgsim.analysis.measured import Data
from mgsim.declare.component import Component
from mgsim.lessons.tools.answers import Count, Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.parts.blocks.antonov_johnson_1999 import antonov_johnson_1999
from mgsim.parts.blocks.ascher_nowak_1988 import ascher_nowak_1988
from mgsim.parts.blocks.chindemi_2022 import chindemi_2022
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.blocks.jahr_stevens_1990_corrected import jahr_stevens_1990_corrected
from mgsim.parts.blocks.kampa_2004 import kampa_2004
from mgsim.parts.blocks.maex_schutter_1998 import maex_schutter_1998
from mgsim.parts.blocks.spruston_1995 import spruston_1995
from mgsim.parts.blocks.traub_1991 import traub_1991

#: Laws whose constants stand in public code that names its source, all 1 at zero magnesium.
NINE = (
    antonov_johnson_1999,
    ascher_nowak_1988,
    chindemi_2022,
    jahr_stevens_1990,
    jahr_stevens_1990_corrected,
    kampa_2004,
    maex_schutter_1998,
    spruston_1995,
    traub_1991,
)
_CELSIUS, _CONDUCTANCE = 22.0, 2.0
_SCARCE = 1.0
_MANY = (0.05, 0.2, 1.0, 4.0)


def noisy_iv(
    mg_out: Sequence[float] = (_SCARCE,),
    sd: float = 2.0,
    *,
    law: Component = spruston_1995,
    seed: int = 1,
) -> Data:
    """A current-voltage curve as an experiment gives it: steady currents with noise.

    Parameters
    ----------
    mg_out : the magnesium concentrations measured, in mM.
    sd : standard deviation of the noise, in pA; one draw for a seed.
    law : that of the cell.

    Returns
    -------
    Currents at -90 to 50 mV in steps of 10, at room temperature.
    """
    v, mg = (a.ravel() for a in np.meshgrid(np.arange(-90.0, 51.0, 10.0), mg_out))
    b = law.evaluate("unblocked", v=v, mg_out=mg, celsius=_CELSIUS)
    noise = np.random.default_rng(seed).normal(0.0, sd, v.size)
    return Data(v, mg, _CONDUCTANCE * b * v + noise, "current", name="your cell")


@cache
def _found(mg_out: tuple[float, ...]) -> Fit:
    return fit(jahr_stevens_1990, noisy_iv(mg_out))


def _interval() -> float:
    return next(e.high for e in _found((_SCARCE,)).estimates if e.name == "mg_k")


def _interval_mistakes() -> tuple[Mistake, ...]:
    scarce, many = (
        next(e for e in _found(mg).estimates if e.name == "mg_k") for mg in ((_SCARCE,), _MANY)
    )
    return (
        Mistake(
            "the estimate",
            scarce.value,
            "That is the estimate, the middle of the interval: the one number that a paper "
            "prints. The upper end is the largest value that these data do not rule out.",
        ),
        Mistake(
            "the lower end, or the width",
            scarce.low,
            "There is the lower end of the interval, and its width is nearly the same number. The "
            "upper end is asked.",
        ),
        Mistake(
            "the data of four concentrations",
            many.high,
            "That is the upper end from four concentrations. Here only the first data count.",
        ),
    )


def _same_curve(shift: float = 10.0) -> float:
    law = jahr_stevens_1990
    return law["mg_k"].value * math.exp(-law["mg_slope"].value * shift)


def _same_curve_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "a shift is no affinity",
            _same_curve(0.0),
            "That is the K of Jahr & Stevens. With it and no shift the curve would be theirs; the "
            "other one lies 10 mV to the right. In this form a shift does change the affinity.",
        ),
        Mistake(
            "moved the other way",
            _same_curve(-10.0),
            "That moves the curve by 10 mV to the left. To the right means: at the same voltage "
            "more block, so a smaller K.",
        ),
        Mistake(
            "moved by 5 mV",
            _same_curve(5.0),
            "That is a shift by 5 mV, the junction potential of the corrected law. Here it is 10.",
        ),
    )


def _how_many() -> int:
    v = np.arange(-90.0, 51.0)
    odd = [law for law in NINE if np.ptp(np.diff(_logit(law, v))) > 1e-6]
    return len(odd) + (len(odd) < len(NINE))


def _logit(law: Component, v: np.ndarray) -> np.ndarray:
    b = law.evaluate("unblocked", v=v, mg_out=_SCARCE, celsius=_CELSIUS)
    found: np.ndarray = np.log(1 / b - 1)
    return found


def _how_many_mistakes() -> tuple[Mistake, ...]:
    n = len(NINE)
    return (
        Mistake(
            "names",
            n,
            f"That counts the names. Different constants in one formula are {n} measurements.",
        ),
        Mistake(
            "one line for all",
            1,
            "One of the nine is no straight line in that plot: its slope changes with voltage.",
        ),
        Mistake(
            "those that share a formula",
            n - 1,
            "So many share one formula. Asked is how many formulas there are.",
        ),
    )


interval = Exercise(
    "interval",
    _interval,
    _interval_mistakes,
    because="Every K up to it fits these data nearly as well. A paper that prints the estimate "
    "alone hides this.",
    hint="Print the fit of one law to the first data, and read the interval of mg_k from low to "
    "high.",
    code="from mgsim.lessons.many_laws import noisy_iv\n"
    'found = mg.fit("jahr_stevens_1990", noisy_iv([1.0]))\n'
    'float(next(e.high for e in found.estimates if e.name == "mg_k"))',
    gap='"jahr_stevens_1990", noisy_iv([1.0])',
    kind=Number((0.0, math.inf), "A concentration is above 0.", tolerance=0.02),
)
same_curve = Exercise(
    "same_curve",
    _same_curve,
    _same_curve_mistakes,
    because="exp(-slope*(v - 10 mV)) is exp(10 mV*slope) times exp(-slope*v): the factor goes into "
    "K. So no data can tell a shift from an affinity, and mgsim refuses to fit both.",
    hint="Multiply exp(-0.062*(v - 10)) out: which factor has no v in it?",
    code='jahr = mg.blocks["jahr_stevens_1990"]\n'
    'k, slope = jahr["mg_k"].value, jahr["mg_slope"].value\n'
    "k * float(np.exp(-slope * 10))",
    gap="np.exp(-slope * 10)",
    kind=Number((0.0, math.inf), "A concentration is above 0."),
)
how_many = Exercise(
    "how_many",
    _how_many,
    _how_many_mistakes,
    because="Eight straight lines are one formula with two constants, measured eight times. The "
    "ninth lets magnesium through the pore, and its line bends.",
    hint="Plot ln(1/B - 1) against voltage for each law: laws with straight lines are one formula.",
    code="from mgsim.lessons.many_laws import NINE\n"
    "v, formulas = np.arange(-90.0, 51.0), set()\n"
    "for law in NINE:\n"
    '    B = law.evaluate("unblocked", v=v, mg_out=1, celsius=22)\n'
    "    bend = np.ptp(np.diff(np.log(1 / B - 1)))\n"
    '    formulas.add("line" if bend < 1e-6 else law.name)\n'
    "len(formulas)",
    gap="np.ptp(np.diff(np.log(1 / B - 1)))",
    kind=Count((0, len(NINE)), f"There are {len(NINE)} laws, so at most {len(NINE)} formulas."),
)
