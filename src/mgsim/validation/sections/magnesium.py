"""Sections G: magnesium in people and dishes."""

from __future__ import annotations

import numpy as np

from mgsim.parts import baths
from mgsim.validation.rows import finds
from mgsim.validation.sections.block import unblocked


@finds(
    "TG1.person",
    "TG1.person_iv",
    "TG1.person_threonate",
    "TG1.dish_normal",
    "TG1.dish_zero",
    "TG1.dish_raised",
)
def _magnesium(bath: str) -> list[float]:
    return [float(baths[bath]["mg_out"].value)]


@finds("TG2.jahr_stevens", "TG2.chindemi", "TG2.flicker", "TG2.dish")
def _ratios(laws: list[str], mg: list[float]) -> list[float]:
    """Conductance at -65 mV over that at 0.8 mM, by law and level."""
    found = [unblocked(law, -65.0, [0.8, *mg]) for law in laws]
    return [float(x) for row in found for x in row[1:] / row[0]]


@finds("TG2.person")
def _largest_change(laws: list[str], mg: list[float]) -> list[float]:
    """Percent by which levels measured in people move the conductance, a law each."""
    return [100 * float(np.abs(np.array(_ratios([law], mg)) - 1).max()) for law in laws]
