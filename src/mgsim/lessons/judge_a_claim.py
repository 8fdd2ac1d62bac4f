"""The lesson on judging a claim: the draws that it counts, and the exercises."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mgsim.declare.priors import Prior
from mgsim.judging.statistics import (
    CONDITIONAL,
    FAILS,
    HOLDING,
    HOLDS,
    LEVEL,
    UNDECIDED,
    Share,
    word,
)
from mgsim.lessons.tools.answers import Choice, Count
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.measures import ca_charge, ca_charge_nmda
from mgsim.models.cells import standard
from mgsim.parts.channels.calcium import ca_l_type
from mgsim.protocols.trains import train_20hz
from mgsim.runs.sweep import sweep
from mgsim.sweeps.designs import Sampled

if TYPE_CHECKING:
    import xarray as xr

#: Draws of a verdict, and those that pass in the exercise on its word.
DRAWS, PASSES = 1024, 980
_FIFTH = 0.95
_WHY = "assumed: inside the range that the package calls plausible"
#: The cell of the lesson: with a second way for calcium.
cell = replace(
    standard,
    name="standard_l",
    parts=(*standard.parts, ca_l_type),
    meaning="the standard cell with L-type calcium channels",
)
#: What is uncertain in it, fixed before anything is run.
PRIORS = MappingProxyType(
    {
        "g_nmda": Prior("loguniform", (5, 100), _WHY),
        "g_ampa": Prior("loguniform", (5, 100), _WHY),
        "g_ca_l": Prior("loguniform", (0.03, 0.3), _WHY),
        "g_leak": Prior("loguniform", (0.05, 0.2), _WHY),
        "tau_decay_nmda": Prior("loguniform", (60, 150), _WHY),
    }
)


def draw(n: int = DRAWS) -> xr.Dataset:
    """Calcium of a train of 20 a second in ``n`` cells, at four magnesium concentrations.

    Returns
    -------
    The measures over ``arm`` (``low`` 0.2 mM and ``dish`` 1.2 mM, ``less`` 0.72 mM and ``person``
    0.80 mM) and ``point``, with what was drawn.
    """
    levels = {"low": 0.2, "dish": 1.2, "less": 0.72, "person": 0.80}
    return sweep(
        cell,
        train_20hz,
        (ca_charge, ca_charge_nmda),
        design=Sampled("sobol", n, dict(PRIORS)),
        arms={name: {"mg_out": mg_out} for name, mg_out in levels.items()},
        progress=False,
    )


def _word() -> str:
    return word([Share(PASSES, DRAWS)])


def _word_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "the point, not the interval",
            HOLDS,
            f"The share is above {100 * HOLDING:g} %, but the lower end of its interval is not: "
            "other draws of the same priors could give less.",
        ),
        Mistake(
            "neither surely, so it depends",
            CONDITIONAL,
            "That word says that it surely passes in some cells and not in others. Look at the "
            "upper end: more draws could still bring it over the line.",
        ),
        Mistake(
            "not shown is false",
            FAILS,
            "That word says that it surely passes in a few draws at most. Nearly all pass.",
        ),
    )


def _fewest(level: float) -> int:
    passes = (k for k in range(DRAWS + 1) if Share(k, DRAWS, level).interval[0] >= HOLDING)
    return next(passes)


def _needed_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "no interval",
            math.ceil(HOLDING * DRAWS),
            f"That is {100 * HOLDING:g} % of the draws. The lower end of the interval has to be "
            "there, not the share itself.",
        ),
        Mistake(
            "an interval of 95 %",
            _fewest(_FIFTH),
            f"That is by an interval of {100 * _FIFTH:g} %, wrong in one of forty looks on this "
            f"side. The rule fixed {100 * LEVEL:g} %.",
        ),
        Mistake(
            "all of them",
            DRAWS,
            "So many are not needed: a few draws may fail, and the lower end still lies above.",
        ),
    )


_OUT = "block none in both arms"
_TWICE = "the usual arm twice"
_ONE = "g_nmda = 0 in one arm"
_HALF = "half the step"


def _control_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "two arms that are one",
            _TWICE,
            "Two arms that are the same cannot differ, whatever the model does: a control that "
            "cannot fail shows nothing.",
        ),
        Mistake(
            "two changes at once",
            _ONE,
            "Then the arms differ in receptors and in magnesium: two changes, and a difference "
            "that says nothing of either.",
        ),
        Mistake(
            "another question",
            _HALF,
            "That asks whether the numbers are computed well. It is needed too, but it keeps the "
            "effect and so cannot tell whether the effect is that of the block.",
        ),
    )


_IMPORT = "from mgsim.judging.statistics import Share, word\n"
verdict = Exercise(
    "verdict",
    _word,
    _word_mistakes,
    because="The share lies above the line, its interval on both sides. More draws could decide.",
    hint="Compare the interval with the line, not the point.",
    code=f"{_IMPORT}theirs = Share({PASSES}, {DRAWS})\nword([theirs])",
    gap=f"{PASSES}, {DRAWS}",
    kind=Choice((HOLDS, FAILS, UNDECIDED, CONDITIONAL)),
)
needed = Exercise(
    "needed",
    lambda: _fewest(LEVEL),
    _needed_mistakes,
    because="A margin of two percent over the line: the price of so many draws, paid beforehand.",
    hint="Try numbers of passes from below: which is the first whose interval begins above the "
    "line?",
    code=f"{_IMPORT}ends = [Share(k, {DRAWS}).interval[0] for k in range({DRAWS + 1})]\n"
    f"next(k for k, low in enumerate(ends) if low >= {HOLDING:g})",
    gap="Share(k, 1024).interval[0]",
    kind=Count((0, DRAWS), f"There are {DRAWS} draws."),
)
control = Exercise(
    "control",
    lambda: _OUT,
    _control_mistakes,
    because="Magnesium still differs between the arms, only its block is gone: an effect that "
    "remains is no effect of the block.",
    hint="A control has to keep both arms apart in magnesium, and has to be able to fail.",
    code="from mgsim.judging.conditions import person\n"
    'arms = [person(0.72, block="none"), person(0.80, block="none")]\n'
    "assert arms[0].values != arms[1].values  # it can fail\n"
    f'"{_OUT}"',
    gap='block="none"',
    kind=Choice((_OUT, _TWICE, _ONE, _HALF)),
)
