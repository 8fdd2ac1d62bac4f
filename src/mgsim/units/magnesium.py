"""Concentrations of magnesium as clinics write them, and which kind they are of.

mM, mEq/L and mg/dl are one quantity, for magnesium has two charges and one mass. Total and ionised
magnesium are two: cells meet the ionised.
"""

from __future__ import annotations

import re

from mgsim import units
from mgsim.units import UnitError

#: Abridged standard atomic weights, g/mol: prohaska_2022.
ATOMIC_WEIGHTS = {
    "H": 1.008,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "Mg": 24.305,
    "S": 32.06,
    "Cl": 35.45,
}
_MG = ATOMIC_WEIGHTS["Mg"]
#: mM in a unit that only magnesium turns into mM.
OF_MAGNESIUM = {
    "mEq/L": 0.5,
    "mEq/l": 0.5,
    "meq/L": 0.5,
    "meq/l": 0.5,
    "mg/dl": 10 / _MG,
    "mg/dL": 10 / _MG,
    "mg/L": 1 / _MG,
    "mg/l": 1 / _MG,
    "ug/ml": 1 / _MG,
    "ug/mL": 1 / _MG,
}
_KIND = re.compile(r"^(.*?)\s*\b(total|ionised|ionized|free)$", re.IGNORECASE)
#: Ionised magnesium of serum over total, and of serum without any (mM); its part in cerebrospinal
#: fluid. They are parameters of mgsim.body, with their sources.
SERUM, CSF = (0.66, 0.039), 0.64
#: How the parameters begin that are ionised magnesium outside the cell.
OUTSIDE = ("mg_out", "mg_before", "mg_after")


def kind_of(text: str) -> tuple[str, str]:
    """A concentration without its kind, and ``"total"``, ``"ionised"`` or nothing."""
    found = _KIND.match(text.strip())
    if not found:
        return text, ""
    return found[1], "total" if found[2].lower() == "total" else "ionised"


def in_mm(text: str, name: str) -> float | None:
    """A text in mEq/L or mg/dl of magnesium, in mM; None for any other unit."""
    word = units.word(text)
    factor = OF_MAGNESIUM.get(word.replace(" ", ""))
    if factor is None:
        return None
    return units.number(text.strip().removesuffix(word), name) * factor


def ionised_of(total: float) -> str:
    """How much of a total (mM) is ionised, in serum and in cerebrospinal fluid, in words."""
    slope, offset = SERUM
    found = slope * total + offset
    serum = f"{found:.4g} mM of it is ionised" if found <= total else "it is too little to say"
    return f"in serum {serum}, in cerebrospinal fluid {CSF * total:.4g} mM"


def ionised(given: str, name: str) -> str | float:
    """What a parameter that is ionised magnesium reads, of a text that a user gave.

    Raises
    ------
    UnitError
        For total magnesium, and for a unit of clinics without its kind, since they measure total.
    """
    text, kind = kind_of(given)
    mm = in_mm(text, name)
    if kind == "ionised":
        return text if mm is None else mm
    if kind == "total":
        mm = units.one(text, "mM", name) if mm is None else mm
        raise UnitError(f"{name} = {given}: {name} is ionised magnesium; {ionised_of(mm)}")
    if mm is None:
        return given
    raise UnitError(
        f"{name} = {given}: that is {mm:.4g} mM of magnesium, and {name} is ionised. "
        f"If it was measured as total, as is usual, {ionised_of(mm)}; if not, say "
        f"'{given.strip()} ionised'"
    )
