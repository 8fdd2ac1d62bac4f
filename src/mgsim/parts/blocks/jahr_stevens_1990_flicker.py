"""Jahr & Stevens (1990): the gating function of their rates, with closures without magnesium."""

import math

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.blocks.jahr_stevens_1990 import MEASURED

_CODE = (
    "jahr_1990: equation 4a with the rates of jahr_1990b; as coded in nrntraub "
    "mod/traub_nmda.mod (ModelDB 82894)"
)

_ENDS = "a block has to end"


def _rate(
    name: str, exponent: float, unit: str, meaning: str, nonzero: str = "", factor: float = 1.0
) -> Parameter:
    """A rate at 0 mV, which the source gives as an exponent."""
    value = factor * math.exp(exponent)
    source = f"{_CODE}: exp({exponent:g}) /ms" + (" at 1 uM" if factor != 1 else "")
    return Parameter(name, value, unit, meaning, source, (0.5 * value, 2 * value), nonzero)


def _slope(name: str, value: float, meaning: str) -> Parameter:
    return Parameter(name, value, "1/mV", meaning, _CODE, (0.8 * value, 1.2 * value))


jahr_stevens_1990_flicker = Component(
    name="jahr_stevens_1990_flicker",
    slot="block",
    meaning="Jahr & Stevens 1990 with flicker, gating function of the single-channel rates",
    equations="""
mg_u = clip(v, -500*mV, 500*mV) : mV  # potential, held where the law has no meaning
flicker_entering = flicker_on*exp(-flicker_on_slope*mg_u) : 1/ms  # open to flicker-blocked
flicker_leaving = flicker_off*exp(flicker_off_slope*mg_u) : 1/ms  # and back
mg_entering = mg_out*mg_on*exp(-mg_on_slope*mg_u) : 1/ms  # open to magnesium-blocked
mg_leaving = mg_off*exp(mg_off_slope*mg_u) : 1/ms  # and back
entering = flicker_entering + mg_entering : 1/ms  # open to blocked
by_mg = mg_entering/entering : 1  # share of the blocks that are by magnesium
closing = flicker_close + (mg_close - flicker_close)*by_mg : 1/ms  # blocked to closed, mean
leaving = flicker_leaving + (mg_leaving - flicker_leaving)*by_mg : 1/ms  # blocked to open, mean
unblocked = 1/(1 + entering*closing/(reopening*(closing + leaving))) : 1  # unblocked fraction
flicker_kept = reopening*(flicker_close + flicker_leaving) : 1/ms**2
unblocked_without_mg = 1/(1 + flicker_entering*flicker_close/flicker_kept) : 1  # flicker alone
""",
    parameters=(
        _rate(
            "flicker_on",
            -2.91,
            "1/ms",
            "rate of the flicker block, without magnesium, at 0 mV",
            "without any block its mean is undefined; take a very small rate",
        ),
        _slope("flicker_on_slope", 0.016, "steepness of the fall of flicker_on with potential"),
        _rate("flicker_off", 1.22, "1/ms", "rate at which the flicker block ends, at 0 mV", _ENDS),
        _slope("flicker_off_slope", 0.009, "steepness of the rise of flicker_off with potential"),
        _rate("flicker_close", -0.693, "1/ms", "rate of closing from the flicker block"),
        _rate("mg_on", -6.97, "1/mM/ms", "magnesium binding rate at 0 mV", factor=1000.0),
        _slope("mg_on_slope", 0.045, "steepness of the fall of mg_on with potential"),
        _rate("mg_off", 0.96, "1/ms", "magnesium unbinding rate at 0 mV", _ENDS),
        _slope("mg_off_slope", 0.017, "steepness of the rise of mg_off with potential"),
        _rate("mg_close", -3.101, "1/ms", "rate of closing from the block by magnesium"),
        _rate(
            "reopening",
            -2.847,
            "1/ms",
            "rate of opening of closed channels",
            "no closed channel would open again",
        ),
    ),
    references=("jahr_1990", "jahr_1990b"),
    reproduces="The unblocked fraction of nrntraub's traub_nmda.mod; that the function is equation "
    "4a of the paper is said by MOOSE's NMDAChan, which holds the same constants.",
    conditions="Cultured rat hippocampal neurons, whole cell, with rates of single channels.",
    measured=MEASURED,
    deviations="Less than 1 without magnesium: the flicker takes 44 % of the conductance at -80 "
    "mV, 36 % at -65 mV, 11 % at 0 mV ('unblocked_without_mg'). So g_nmda is the conductance "
    "without any flicker, which no potential reaches: a value measured at zero magnesium, or one "
    "fitted with another law, stands for a larger one here. The standard cell keeps its g_nmda "
    "under this law, and so has less NMDA current at low magnesium. The time in the blocks "
    "themselves is left out, as in the source. Flicker and magnesium share one mean blocked state, "
    "so that positive to +53 mV the first magnesium raises the fraction, by 0.02 % at +60 mV. No "
    "junction potential correction.",
)
