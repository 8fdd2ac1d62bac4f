"""Two resting potentials of a passive cell under tonic NMDA conductance, by its steady states."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgsim.component import Component, Parameter

#: A membrane that leaks and nothing else.
passive = Component(
    name="passive",
    slot="neuron",
    meaning="a leaky membrane without voltage-gated channels",
    equations="""
dv/dt = -(g_leak*area*(v - e_leak) + i_syn - i_stim)/(c_m*area) : mV  # membrane potential
""",
    parameters=(
        Parameter("g_leak", 0.1, "mS/cm**2", "leak conductance density",
                  "assumed: that of the standard cell", (0.02, 0.3)),
        Parameter("e_leak", -70.0, "mV", "leak reversal potential",
                  "assumed: that of the standard cell", (-95, -50)),
        Parameter("c_m", 1.0, "uF/cm**2", "specific membrane capacitance",
                  "assumed: of every membrane", (0.7, 1.5)),
        Parameter("v_start", -70.0, "mV", "potential at the start", "assumed: near rest",
                  (-100, 20)),
    ),
    initial={"v": "v_start"},
)  # fmt: skip


def balance(law: Component, v: Any, mg_out: float, *, e_leak: float = -70.0,
            e_nmda: float = 0.0, **values: float) -> np.ndarray:
    """g_NMDA / g_leak that makes ``v`` a steady state of a passive cell.

    ``(v - E_L) / (B (E - v))``; ``values`` are parameters of the law or ports that it reads.
    """
    v = np.asarray(v, dtype=float)
    return (v - e_leak) / (law.evaluate("unblocked", v=v, mg_out=mg_out, **values) * (e_nmda - v))


def window(law: Component, mg_out: float, *, e_leak: float = -70.0, e_nmda: float = 0.0,
           step: float = 0.01, **values: float) -> tuple[float, float] | None:
    """g_NMDA / g_leak between which a passive cell has two stable potentials; None where none.

    Two folds of :func:`balance` bound it.

    Examples
    --------
    >>> import mgsim as mg
    >>> window(mg.blocks["jahr_stevens_1990"], 1.0) is None
    True
    >>> [round(x, 2) for x in window(mg.blocks["chindemi_2022"], 1.0)]
    [5.86, 6.17]
    """
    grid = np.arange(e_leak + 2 * step, e_nmda - 2 * step, step)
    ratio = balance(law, grid, mg_out, e_leak=e_leak, e_nmda=e_nmda, **values)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(ratio)))) + 1
    if len(turns) < 2:
        return None
    return float(ratio[turns].min()), float(ratio[turns].max())


def onset(law: Component, *, low: float = 0.01, high: float = 2.0, **given: float) -> float:
    """The smallest [Mg] (mM) with a window, between ``low`` and ``high``; NaN when there is none.

    As Mg rises the window opens once.
    """
    if window(law, high, **given) is None:
        return float("nan")
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if window(law, middle, **given) is None else (low, middle)
    return (low + high) / 2
