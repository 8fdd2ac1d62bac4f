"""What a fit found: constants with intervals, residuals, curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.measured import Data
from mgsim.component import Component

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A constant with its interval, and the law's published value."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    published: float | None


@dataclass(frozen=True)
class Fit:
    """A law fitted to data.

    ``aicc`` compares laws on the same data: lower is better, by 10 decisively.
    """

    law: Component
    data: Data
    estimates: tuple[Estimate, ...]
    fitted: Array
    rss: float
    aicc: float
    level: float
    given: Mapping[str, float]
    e_nmda: float = 0.0

    @property
    def residuals(self) -> Array:
        """Measured less fitted."""
        found: Array = self.data.y - self.fitted
        return found

    @property
    def values(self) -> dict[str, float]:
        """The constants by name."""
        return {e.name: e.value for e in self.estimates}

    @property
    def component(self) -> Component:
        """The law with its fitted constants, to be swapped into a model."""
        own = {p.name for p in self.law.parameters}
        return self.law.with_values(**{n: x for n, x in self.values.items() if n in own})

    def __str__(self) -> str:
        rows = [f"{self.law.name}: {self.data.size} points, AICc {self.aicc:.2f}, RMS residual "
                f"{math.sqrt(float(np.mean(self.residuals**2))):.3g}"]
        for e in self.estimates:
            unit = "" if e.unit == "1" else f" {e.unit}"
            known = f"   published {e.published:g}" if e.published is not None else ""
            rows.append(f"  {e.name:<10} {e.value:.4g}{unit}   {100 * self.level:g} % interval "
                        f"{e.low:.4g} to {e.high:.4g}{known}")
        return "\n".join(rows)


def dataset(fits: Sequence[Fit]) -> xr.Dataset:
    """Data, fitted values, residuals, constants and smooth curves of fits to the same data."""
    import xarray as xr

    data = fits[0].data
    unit = "pA" if data.kind == "current" else "1"
    words = ("NMDA receptor current" if data.kind == "current"
             else "fraction of NMDA receptors not blocked")  # fmt: skip
    low, high = float(data.v.min()), float(data.v.max())
    smooth = np.linspace(low, high, 161)
    levels = np.unique(data.mg)
    curves = np.array([[_curve(f, smooth, float(m)) for m in levels] for f in fits])
    names = list(dict.fromkeys(e.name for f in fits for e in f.estimates))
    table = np.full((3, len(fits), len(names)), np.nan)
    for i, f in enumerate(fits):
        for e in f.estimates:
            table[:, i, names.index(e.name)] = e.value, e.low, e.high
    about = {"units": unit, "long_name": words}
    return xr.Dataset(
        {
            "measured": ("point", data.y, about),
            "fitted": (("law", "point"), np.array([f.fitted for f in fits]), about),
            "residual": (("law", "point"), np.array([f.residuals for f in fits]),
                         {"units": unit, "long_name": "measured less fitted"}),
            "curve": (("law", "level", "potential"), curves, about),
            "aicc": ("law", [f.aicc for f in fits], {"long_name": "corrected Akaike criterion"}),
            **{word: (("law", "constant"), table[j], {"long_name": meaning})
               for j, (word, meaning) in enumerate((
                   ("value", "estimate"), ("low", "lower end of the interval"),
                   ("high", "upper end of the interval")))},
        },
        coords={
            "law": [f.law.name for f in fits], "constant": names,
            "v": ("point", data.v, {"units": "mV", "long_name": "membrane potential"}),
            "mg_out": ("point", data.mg, {"units": "mM", "long_name": "free magnesium"}),
            "level": ("level", levels, {"units": "mM", "long_name": "free magnesium"}),
            "potential": ("potential", smooth, {"units": "mV", "long_name": "membrane potential"}),
        },
        attrs={"data": data.name, "interval": fits[0].level},
    )  # fmt: skip


def _curve(found: Fit, v: Array, mg: float) -> Array:
    values = dict(found.values)
    g, e = values.pop("g_nmda", 1.0), values.pop("e_nmda", found.e_nmda)
    b = found.law.evaluate("unblocked", v=v, mg_out=mg, **{**found.given, **values})
    result: Array = g * b * (v - e) if found.data.kind == "current" else b
    return result
