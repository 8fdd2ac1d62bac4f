"""The lesson on calcium by source: the parts that it compares, and the exercises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from mgsim.declare.component import Component
from mgsim.lessons.judge_a_claim import cell
from mgsim.lessons.spot_the_bug import suspects
from mgsim.lessons.tools.answers import Choice, Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.measures import ca_charge, ca_charge_l_type, ca_charge_nmda, time_ca_high
from mgsim.models.cells import tonic
from mgsim.models.receptors import patch
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.calcium.ghk import ghk
from mgsim.parts.calcium.presets import ampa_calcium
from mgsim.protocols.clamps import voltage_clamp
from mgsim.protocols.nothing import rest
from mgsim.protocols.trains import train_20hz
from mgsim.runs.sweep import sweep

if TYPE_CHECKING:
    import xarray as xr

_LOW, _HIGH = 0.2, 1.2
_WEAK, _STRONG = 10.0, 100.0
#: Levels of free calcium (uM) among which a line is looked for, and the usual one of mgsim.
LEVELS = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 2.0, 3.0)
_USUAL = 1.0
_DISH_ZERO = 0.05
#: How calcium passes NMDA receptors: a share of the current, flux theory, and a common mistake,
#: calcium that turns with the other ions.
ways: Mapping[str, Component] = MappingProxyType(
    {
        "share": fractional,
        "flux theory": ghk,
        "turning with the others": replace(suspects["D"], name="turning"),
    }
)
#: The standard cell with three ways for calcium: NMDA and AMPA receptors, L-type channels.
three_ways = replace(cell.swap(ampa_calcium), name="three_ways")


@cache
def _iv() -> xr.DataArray:
    clamp = voltage_clamp.lasting(2, (1, 2))
    v = [float(x) for x in range(-100, 41, 5)]
    levels = [0.0, 1.0]
    return sweep(
        patch, clamp, ca_charge_nmda, v_hold=v, mg_out=levels, progress=False
    ).ca_charge_nmda


def _share(v: float = 0.0, mg_out: float = 1.0) -> float:
    curve = _iv().sel(mg_out=mg_out)
    return float(curve.sel(v_hold=v) / curve.max())


def _share_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "no current, no calcium",
            0.0,
            "At 0 mV what flows in and what flows out of all ions together is equal. Calcium is "
            "scarce inside: at 0 mV it still has every reason to flow in.",
        ),
        Mistake(
            "without magnesium",
            _share(mg_out=0.0),
            "That is without magnesium. Asked is 1 mM, whose block falls away as the cell "
            "depolarises.",
        ),
        Mistake(
            "another potential",
            _share(20.0),
            "That is at +20 mV. Asked is 0 mV, where the other ions together carry nothing.",
        ),
        Mistake("turned over", 1 / _share(), "That is the peak over it: turn it over."),
        Mistake("percent", 100 * _share(), "The number is right but in percent. Give a share."),
    )


@cache
def _train() -> xr.Dataset:
    kept = (ca_charge, ca_charge_nmda, ca_charge_l_type)
    at = {"g_ampa": [_WEAK, _STRONG], "mg_out": [_LOW, _HIGH]}
    return sweep(three_ways, train_20hz, kept, **at, progress=False)


def _times(measure: str = "ca_charge", g_ampa: float = _STRONG) -> float:
    found = _train()[measure].sel(g_ampa=g_ampa)
    return float(found.sel(mg_out=_LOW) / found.sel(mg_out=_HIGH))


def _times_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "NMDA receptors alone",
            _times("ca_charge_nmda"),
            "That is what comes through NMDA receptors. Here most calcium comes another way: add "
            "the sources, ca_charge.",
        ),
        Mistake(
            "weak AMPA receptors",
            _times(g_ampa=_WEAK),
            f"That is with {_WEAK:g} nS of AMPA receptors, which do not fire the cell.",
        ),
        Mistake("turned over", 1 / _times(), "That is high over low magnesium: turn it over."),
        Mistake(
            "the channels alone",
            _times("ca_charge_l_type"),
            "That is what comes through voltage-gated channels alone. Add the sources.",
        ),
        Mistake(
            "by how many percent",
            100 * (_times() - 1),
            "That is by how many percent it is more. Asked is how many times as much.",
        ),
    )


@cache
def _high() -> xr.DataArray:
    found = sweep(
        tonic,
        rest.lasting(2000, (1000, 2000)),
        time_ca_high,
        area=8000,
        g_nmda=[200],
        mg_out=[_DISH_ZERO, _HIGH],
        ca_level=list(LEVELS),
        progress=False,
    )
    return found.time_ca_high.sel(g_nmda=200)


def _line() -> float:
    below, above = _high().sel(mg_out=_HIGH), _high().sel(mg_out=_DISH_ZERO)
    return next(
        float(x)
        for x in LEVELS
        if float(below.sel(ca_level=x)) == 0 and float(above.sel(ca_level=x)) > 999
    )


def _line_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "both above",
            0.5,
            f"There {_HIGH:g} mM lies above the line all the time, too: read both rows.",
        ),
        Mistake(
            "the usual line",
            _USUAL,
            "That is what mgsim takes where nothing is said, and it works. But a default is no "
            "finding: is there a smaller one?",
        ),
        Mistake(
            "both below",
            max(LEVELS),
            f"There {_DISH_ZERO:g} mM lies below it as well: there is nothing to protect from.",
        ),
    )


at_zero_mv = Exercise(
    "at_zero_mv",
    _share,
    _share_mistakes,
    because="Nearly the peak. The driving force of calcium is less than at rest, but hardly a "
    "channel is blocked any more.",
    hint="Calcium has a reversal potential of its own: run the clamp at 0 mV and at the others, "
    "and divide by the largest.",
    code="""clamp = mg.protocols["voltage_clamp"].lasting(2, (1, 2))
inside = mg.sweep("patch", clamp, "ca_charge_nmda", v_hold=[float(v) for v in range(-100, 41, 5)],
    mg_out=[1.0]).ca_charge_nmda.sel(mg_out=1)
float(inside.sel(v_hold=0) / inside.max())""",
    gap="mg_out=[1.0]",
    kind=Number((-math.inf, 1.0), "No current is larger than the largest."),
)
which_calcium = Exercise(
    "which_calcium",
    _times,
    _times_mistakes,
    because="Where AMPA receptors alone fire the cell, calcium comes through channels that "
    "magnesium does not block here.",
    hint="Add the sources: the measure of all of them is ca_charge.",
    code=f"""from mgsim.lessons.calcium_by_source import three_ways
two = mg.sweep(three_ways, "train_20hz", "ca_charge", g_ampa=[{_STRONG:g}],
    mg_out=[{_LOW:g}, {_HIGH:g}]).ca_charge.values.ravel()
float(two[0] / two[1])""",
    gap=f"g_ampa=[{_STRONG:g}]",
    kind=Number((0.0, math.inf), "Calcium flows in at both: the ratio is above 0."),
)
line = Exercise(
    "line",
    _line,
    _line_mistakes,
    because="Four conditions stand in it: this cell, this glutamate, these two baths, this line.",
    hint="Read the two rows: at which level is the one all zeros and the other full?",
    code=f"""second = mg.protocols["rest"].lasting(2000, (1000, 2000))
high = mg.sweep("tonic", second, "time_ca_high",
    area=8000, g_nmda=[200], mg_out=[{_DISH_ZERO:g}, {_HIGH:g}],
    ca_level={list(LEVELS)}).time_ca_high.sel(g_nmda=200)
dish, much = high.sel(mg_out={_DISH_ZERO:g}), high.sel(mg_out={_HIGH:g})
float(high.ca_level[((much == 0) & (dish > 999)).values][0])""",
    gap="(much == 0) & (dish > 999)",
    kind=Choice(LEVELS),
)
