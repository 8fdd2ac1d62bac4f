"""Ions that carry currents, and how a part says which one carries a current of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import PartError


@dataclass(frozen=True, slots=True)
class Ion:
    """An ion that crosses the membrane; it makes the ports of its current and concentrations.

    ``trace``: so little of it is about that its currents are counted apart from the bulk of
    charge, as those of calcium.
    """

    name: str
    valence: int
    meaning: str
    inside: str
    outside: str
    unit: str = "mM"
    trace: bool = False

    @property
    def current(self) -> str:
        """The port that sums the currents which it carries."""
        return f"i_{self.name}"


#: What a current can be declared to be carried by.
IONS: Mapping[str, Ion] = MappingProxyType(
    {
        ion.name: ion
        for ion in (
            Ion("na", 1, "sodium", "na_in", "na_out"),
            Ion("k", 1, "potassium", "k_in", "k_out"),
            Ion("cl", -1, "chloride", "cl_in", "cl_out"),
            Ion("ca", 2, "calcium", "ca", "ca_out", unit="uM", trace=True),
        )
    }
)

#: The ports of their concentrations.
CONCENTRATIONS = frozenset(n for ion in IONS.values() for n in (ion.inside, ion.outside))

_DECLARED = re.compile(r"^(?P<ion>\w*)(?:\s+of\s+(?P<whole>\w+))?$")


def read_current(name: str, text: str, part: str) -> tuple[str, str]:
    """Ion and whole of a declared current: ``""``, ``"ca"`` or ``"ca of i_nmda"``.

    Raises
    ------
    PartError, UnknownName
    """
    found = _DECLARED.match(text.strip())
    if not found or (found["whole"] and not found["ion"]):
        raise PartError(
            f"part '{part}': the current '{name}' is declared as '{text}'; write the ion that "
            "carries it ('ca'), '' where none is named, or 'ca of i_nmda' for a part of another"
        )
    if found["ion"] and found["ion"] not in IONS:
        raise unknown("ion", found["ion"], IONS, f"part '{part}', current '{name}'")
    return found["ion"], found["whole"] or ""


def rest_of(whole: str, end: str = "") -> str:
    """What the declared parts of a current leave of it is called; ``end``: as names there end."""
    return f"{whole.removesuffix(end)}_rest{end}"
