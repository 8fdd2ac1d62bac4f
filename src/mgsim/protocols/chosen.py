"""What the protocols share: parameters of the experimenter, and equal times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mgsim.declare.parameter import Parameter

#: Why a time between events is not 0.
APART = "events would never come; give a number of 0 for none"


def chosen(
    name: str, value: float, unit: str, meaning: str, range: tuple[float, float], **more: Any
) -> Parameter:
    """A parameter that the experimenter chooses."""
    source = "assumed: choice of the experimenter"
    return Parameter(name, value, unit, meaning, source, range, **more)


@dataclass(frozen=True)
class Ticks:
    """Equal times; ``apart``: the parameter that says how far."""

    apart: str

    def __call__(self, values: Mapping[str, float], duration: float, rng: Any) -> np.ndarray:
        step = values[self.apart]
        return np.arange(np.ceil(duration / step)) * step
