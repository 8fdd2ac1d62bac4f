"""What a stage between dose and neuron is: equations, their numbers, and how people differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mgsim.declare.component import Component
from mgsim.declare.priors import Prior


@dataclass(frozen=True)
class Stage:
    """Equations of a stage, with what its parameters may be in other people.

    Parameters
    ----------
    part : equations and parameters, those of a typical person.
    priors : by parameter; one that has none is the same in everybody.
    outlier : why it stands apart from other published sets; empty where it does not.
    """

    part: Component
    priors: Mapping[str, Prior] = field(default_factory=dict)
    outlier: str = ""

    def __post_init__(self) -> None:
        for name in self.priors:
            self.part[name]

    @property
    def name(self) -> str:
        """The name of the part."""
        return self.part.name

    @property
    def meaning(self) -> str:
        """What it is; an outlier says so."""
        return self.part.meaning + (f" (an outlier: {self.outlier})" if self.outlier else "")

    def __repr__(self) -> str:
        return f"<Stage {self.name}: {self.meaning}>"


def varying(median: float, cv: float, source: str) -> Prior:
    """A lognormal prior with a coefficient of variation, 0.39 for 39 %."""
    return Prior("lognormal", (median, math.sqrt(math.log(1 + cv**2))), source)
