"""What is outside a cell in a dish and in a person: two ranges, kept apart by their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from mgsim import units
from mgsim.declare.priors import Prior


class ClaimError(ValueError):
    """A claim that is not well formed."""


@dataclass(frozen=True, eq=False)
class Condition:
    """Free magnesium and whatever else is set, in display units; a text is a part's name.

    ``range`` is the word for it, ``limits`` the free magnesium in mM that it has, ``priors`` what
    it brings along.
    """

    mg_out: float
    sets: Mapping[str, float | str]
    range: ClassVar[str] = ""
    limits: ClassVar[tuple[float, float]] = (0.0, 0.0)
    priors: ClassVar[Mapping[str, Prior]] = {}

    def __post_init__(self) -> None:
        low, high = self.limits
        if not units.is_real(self.mg_out) or not low <= self.mg_out <= high:
            raise ClaimError(
                f"{self.range}(mg_out={self.mg_out!r}): free magnesium of a {self.range} is "
                f"{low:g} to {high:g} mM"
            )

    @property
    def values(self) -> dict[str, float | str]:
        """Everything that is set."""
        return {"mg_out": self.mg_out, **self.sets}

    def but(self, **sets: float | str) -> Self:
        """The same condition with other values."""
        others = {n: v for n, v in sets.items() if n != "mg_out"}
        mg_out = float(sets.get("mg_out", self.mg_out))
        return replace(self, mg_out=mg_out, sets={**self.sets, **others})


class Dish(Condition):
    """Cultures and slices."""

    range = "dish"
    limits = (0.0, 10.0)
    priors: ClassVar = {
        "ca_out": Prior("uniform", (1.0, 2.5), "liu_2021: slice media hold 1-3 mM calcium")
    }


class Person(Condition):
    """Cerebrospinal fluid of a person, from severe deficiency to more than any treatment gives."""

    range = "person"
    limits = (0.6, 1.0)
    priors: ClassVar = {
        "ca_out": Prior(
            "uniform", (0.9, 1.5), "assumed: sakamoto_2005 measured 0.94 mM; upwards, as is usual"
        )
    }


def dish(mg_out: float, **sets: float | str) -> Dish:
    """A condition of a dish.

    >>> dish(0.2).values
    {'mg_out': 0.2}

    Raises
    ------
    ClaimError
    """
    return Dish(mg_out, sets)


def person(mg_out: float, **sets: float | str) -> Person:
    """A condition of a person.

    >>> person(0.2)
    Traceback (most recent call last):
    mgsim.judging.conditions.ClaimError: person(mg_out=0.2): free magnesium of a person is 0.6 to \
1 mM

    Raises
    ------
    ClaimError
    """
    return Person(mg_out, sets)
