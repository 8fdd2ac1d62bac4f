"""What a fit found: constants with intervals, residuals, curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.fraction import fraction
from mgsim.analysis.measured import Data
from mgsim.declare.component import Component

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A constant with its interval, and the law's published value and plausible range."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    published: float | None
    plausible: tuple[float, float] | None = None

    @property
    def outside(self) -> bool:
        """Whether the value lies outside the plausible range."""
        return self.plausible is not None and not (
            self.plausible[0] <= self.value <= self.plausible[1]
        )


@dataclass(frozen=True)
class Fit:
    """A law fitted to data.

    ``law`` is the fitted one: swap it into a model, evaluate or export it. Its sources say to what
    each constant was fitted, with the interval, and what was published. ``estimates`` holds what
    was found, ``given`` what was held. ``aicc`` compares laws on the same data: lower is better, by
    10 decisively.
    """

    law: Component
    data: Data
    estimates: tuple[Estimate, ...]
    fitted: Array
    rss: float
    aicc: float
    level: float
    given: Mapping[str, float]

    @property
    def residuals(self) -> Array:
        """Measured less fitted."""
        found: Array = self.data.y - self.fitted
        return found

    @property
    def values(self) -> dict[str, float]:
        """Every value of the fitted law and of its fit by name: found, held, or as published."""
        return {
            **{p.name: p.value for p in self.law.parameters},
            **self.given,
            **{e.name: e.value for e in self.estimates},
        }

    def __str__(self) -> str:
        rows = [
            f"{self.law.name}: {self.data.size} points, AICc {self.aicc:.2f}, RMS residual "
            f"{math.sqrt(float(np.mean(self.residuals**2))):.3g}"
        ]
        for e in self.estimates:
            unit = "" if e.unit == "1" else f" {e.unit}"
            known = f"   published {e.published:g}" if e.published is not None else ""
            rows.append(
                f"  {e.name:<10} {e.value:.4g}{unit}   {100 * self.level:g} % interval "
                f"{e.low:.4g} to {e.high:.4g}{known}{_beyond(e)}"
            )
        return "\n".join(rows)


def _beyond(e: Estimate) -> str:
    if not e.outside or e.plausible is None:
        return ""
    low, high = e.plausible
    return f"   outside the plausible range {low:g} to {high:g}"


def dataset(fits: Sequence[Fit]) -> xr.Dataset:
    """Data, fitted values, residuals, constants and smooth curves of fits to the same data.

    A curve belongs to a ``condition``, with ``x`` along it: a magnesium concentration, with the
    potential along it; or, for data with times, a step at a magnesium concentration, with the time
    since it. ``x_point`` and ``condition_point`` say where each point lies.
    """
    import xarray as xr

    data = fits[0].data
    unit = "pA" if data.kind == "current" else "1"
    words = (
        "NMDA receptor current"
        if data.kind == "current"
        else "fraction of NMDA receptors not blocked"
    )
    along, x, labels, of_point = _conditions(data)
    curves = np.array(
        [
            [_curve(f, along, int(np.argmax(of_point == i))) for i in range(len(labels))]
            for f in fits
        ]
    )
    names = list(dict.fromkeys(e.name for f in fits for e in f.estimates))
    table = np.full((3, len(fits), len(names)), np.nan)
    for i, f in enumerate(fits):
        for e in f.estimates:
            table[:, i, names.index(e.name)] = e.value, e.low, e.high
    about = {"units": unit, "long_name": words}
    axis = (
        {"units": "mV", "long_name": "membrane potential"}
        if data.t is None
        else {"units": "ms", "long_name": "time after the step"}
    )
    extra = (
        {}
        if data.t is None
        else {
            "t": ("point", data.t, {"units": "ms", "long_name": "time after the step"}),
            "v_before": (
                "point",
                data.v_before,
                {"units": "mV", "long_name": "potential before it"},
            ),
        }
    )
    return xr.Dataset(
        {
            "measured": ("point", data.y, about),
            "fitted": (("law", "point"), np.array([f.fitted for f in fits]), about),
            "residual": (
                ("law", "point"),
                np.array([f.residuals for f in fits]),
                {"units": unit, "long_name": "measured less fitted"},
            ),
            "curve": (("law", "condition", "x"), curves, about),
            "aicc": ("law", [f.aicc for f in fits], {"long_name": "corrected Akaike criterion"}),
            **{
                word: (("law", "constant"), table[j], {"long_name": meaning})
                for j, (word, meaning) in enumerate(
                    (
                        ("value", "estimate"),
                        ("low", "lower end of the interval"),
                        ("high", "upper end of the interval"),
                    )
                )
            },
        },
        coords={
            "law": [f.law.name for f in fits],
            "constant": names,
            "v": ("point", data.v, {"units": "mV", "long_name": "membrane potential"}),
            "mg_out": ("point", data.mg, {"units": "mM", "long_name": "free magnesium"}),
            **extra,
            "condition": labels,
            "x": ("x", along, axis),
            "x_point": ("point", x, axis),
            "condition_point": ("point", [labels[i] for i in of_point]),
        },
        attrs={"data": data.name, "interval": fits[0].level},
    )


def _conditions(data: Data) -> tuple[Array, Array, list[str], Array]:
    """Smooth x, x of each point, the labels of the conditions, and the condition of each point."""
    if data.t is None or data.v_before is None:
        levels, of_point = np.unique(data.mg, return_inverse=True)
        along = np.linspace(float(data.v.min()), float(data.v.max()), 161)
        return along, data.v, [f"{m:g} mM Mg" for m in levels], of_point.reshape(-1)
    steps, of_point = np.unique(
        np.column_stack([data.mg, data.v_before, data.v]), axis=0, return_inverse=True
    )
    labels = [f"{m:g} mM Mg, {b:g} to {v:g} mV" for m, b, v in steps]
    return np.linspace(0.0, float(data.t.max()), 321), data.t, labels, of_point.reshape(-1)


def _curve(found: Fit, along: Array, point: int) -> Array:
    """The fitted curve of the condition that a point belongs to."""
    data, n = found.data, len(along)
    smooth = Data(along, np.full(n, data.mg[point]), np.zeros(n), data.kind)
    if data.t is not None and data.v_before is not None:
        smooth = replace(
            smooth, v=np.full(n, data.v[point]), t=along, v_before=np.full(n, data.v_before[point])
        )
    b = fraction(found.law, smooth, {n: x for n, x in found.given.items() if n != "e_nmda"})
    if data.kind != "current":
        return b
    return found.values["g_nmda"] * b * (smooth.v - found.values["e_nmda"])
