"""Salts of magnesium, and how much of each is magnesium."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mgsim import units
from mgsim.units.magnesium import ATOMIC_WEIGHTS

_ATOM = re.compile(r"([A-Z][a-z]?)(\d*)|\(([^()]*)\)(\d*)|\.(\d*)(.*)")


@dataclass(frozen=True)
class Salt:
    """A salt by its formula, ``"MgSO4.7H2O"``; its masses follow from the atomic weights.

    >>> round(1000 * Salt("epsom", "MgSO4.7H2O", "an example").mmol_per_gram) / 1000
    4.057
    """

    name: str
    formula: str
    meaning: str
    references: tuple[str, ...] = ("prohaska_2022",)

    def __post_init__(self) -> None:
        if self.magnesium < 1:
            raise units.UnitError(f"salt '{self.name}': {self.formula} holds no magnesium")

    @property
    def atoms(self) -> dict[str, int]:
        """How many of each atom a unit of the formula has."""
        return _counted(self.formula)

    @property
    def magnesium(self) -> int:
        """Magnesium ions in a unit of the formula."""
        return self.atoms.get("Mg", 0)

    @property
    def molar_mass(self) -> float:
        """Grams in a mole of units of the formula."""
        return sum(ATOMIC_WEIGHTS[atom] * n for atom, n in self.atoms.items())

    @property
    def mmol_per_gram(self) -> float:
        """Magnesium in a gram, in mmol."""
        return 1e3 * self.magnesium / self.molar_mass

    @property
    def share(self) -> float:
        """The part of the mass that is magnesium."""
        return self.magnesium * ATOMIC_WEIGHTS["Mg"] / self.molar_mass


def _counted(formula: str) -> dict[str, int]:
    found: dict[str, int] = {}
    place = 0
    while place < len(formula):
        match = _ATOM.match(formula, place)
        if not match or match.end() == place or (match[1] and match[1] not in ATOMIC_WEIGHTS):
            raise units.UnitError(f"'{formula}' is no formula of {', '.join(ATOMIC_WEIGHTS)}")
        atom, number, group, times, waters, rest = match.groups()
        if atom:
            part, factor = {atom: 1}, number
        elif group is not None:
            part, factor = _counted(group), times
        else:
            part, factor = _counted(rest), waters
        for one, n in part.items():
            found[one] = found.get(one, 0) + n * int(factor or 1)
        place = match.end()
    return found


elemental = Salt("elemental", "Mg", "magnesium itself, as labels count it")
sulfate_heptahydrate = Salt(
    "sulfate_heptahydrate", "MgSO4.7H2O", "magnesium sulfate as infusions hold it (Epsom salt)"
)
sulfate_anhydrous = Salt("sulfate_anhydrous", "MgSO4", "magnesium sulfate without water")
oxide = Salt("oxide", "MgO", "magnesium oxide")
hydroxide = Salt("hydroxide", "Mg(OH)2", "magnesium hydroxide")
chloride_hexahydrate = Salt("chloride_hexahydrate", "MgCl2.6H2O", "magnesium chloride")
citrate = Salt("citrate", "Mg3(C6H5O7)2", "trimagnesium dicitrate without water")
threonate = Salt("threonate", "Mg(C4H7O5)2", "magnesium L-threonate")
glycinate = Salt("glycinate", "Mg(C2H4NO2)2", "magnesium bisglycinate")
lactate = Salt("lactate", "Mg(C3H5O3)2", "magnesium lactate without water")
