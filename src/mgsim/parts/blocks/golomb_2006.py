"""Golomb et al. (2006): a sigmoid of voltage whose middle moves with the logarithm of magnesium."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "golomb_2006: as coded in ModelDB 147117 runhh.m"

golomb_2006 = Component(
    name="golomb_2006",
    slot="block",
    meaning="Golomb et al. 2006, model of low-magnesium bursts",
    equations="unblocked = 1/(1 + (mg_out/mg_k)**mg_power*exp(clip(-mg_slope*v, -80, 80))) : 1"
    "  # unblocked",
    parameters=(
        Parameter(
            "mg_k",
            38.3,
            "mM",
            "magnesium that blocks half the conductance at 0 mV",
            _CODE,
            (8, 190),
        ),
        Parameter(
            "mg_power",
            1.05,
            "1",
            "power of magnesium in the block",
            f"{_CODE}: 10.5 mV over 10 mV",
            (0.8, 1.3),
        ),
        Parameter(
            "mg_slope",
            0.1,
            "1/mV",
            "steepness of magnesium block with voltage",
            f"{_CODE}: 1/(10 mV)",
            (0.05, 0.15),
        ),
    ),
    references=("golomb_2006",),
    reproduces="Half block at 10.5 mV times ln(Mg/38.3 mM), over 10 mV a factor e.",
    conditions="A model's own law; the source read names no preparation that it was fitted to.",
    deviations="Written as a power of magnesium, so that it is exactly 1 without any; the source "
    "has the logarithm. The power above 1 is no single site's.",
)
