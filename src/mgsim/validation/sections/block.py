"""Section A: the magnesium block and what follows from it alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import brentq

from mgsim import experiments, models, protocols
from mgsim.analysis import traces
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.measures import mean_v, nmda_charge
from mgsim.parts import blocks
from mgsim.runs.simulate import simulate
from mgsim.runs.sweep import sweep
from mgsim.validation.rows import finds


def unblocked(law: str, v: Any, mg: Any, **values: float) -> np.ndarray:
    """The unblocked fraction of a law at potentials and magnesium concentrations."""
    found: np.ndarray = blocks[law].evaluate("unblocked", v=v, mg_out=mg, **values)
    return found


@finds("TA1.curve", "TA1.grid", "TA4.flicker")
def _fractions(law: str, v: list[float], mg: list[float]) -> list[float]:
    """The unblocked fraction at each magnesium, over potentials."""
    return [float(x) for m in mg for x in unblocked(law, v, m)]


def _half_block_v(law: str, mg: float, **values: float) -> float:
    """The potential at which half the conductance is blocked."""
    return float(brentq(lambda v: unblocked(law, v, mg, **values) - 0.5, -200, 200))


def _ic50(law: str, v: float, **values: float) -> float:
    """Magnesium (uM) that blocks half the conductance."""
    log = brentq(lambda x: unblocked(law, v, np.exp(x), **values) - 0.5, -25, 10)
    return float(np.exp(log)) * 1e3


@finds("TA1.half")
def _half_potentials(law: str, mg: list[float]) -> list[float]:
    return [_half_block_v(law, m) for m in mg]


@finds("TA1.ic50")
def _half_concentrations(law: str, v: list[float]) -> list[float]:
    return [_ic50(law, x) for x in v]


@finds(
    "TA2.jahr_stevens_1990",
    "TA2.chindemi_2022",
    "TA2.jahr_stevens_1990_corrected",
    "TA2.jahr_stevens_1990_flicker",
    "TA2.maex_schutter_1998",
    "TA2.spruston_1995",
    "TA2.ascher_nowak_1988",
    "TA2.kampa_2004",
    "TA2.antonov_johnson_1999",
    "TA2.traub_1991",
    "TA2.major_2008",
    "TA2.otmakhova_2002",
    "TA2.nmda_kin3",
    "TA2.maex_neuroml",
)
def _columns(law: str, v: list[float], mg: float, at: float, **values: float) -> list[float]:
    """Unblocked fractions, the potential of half-block, and the IC50 at a potential."""
    half = _half_block_v(law, mg, **values)
    return [*unblocked(law, v, mg, **values), half, _ic50(law, at, **values)]


@finds("TA4.short")
def _over(law: str, whole: str, v: list[float], mg: list[float]) -> list[float]:
    """What a law leaves over what another leaves."""
    pairs = zip(_fractions(law, v, mg), _fractions(whole, v, mg), strict=True)
    return [a / b for a, b in pairs]


@finds("TA9.sodium", "TA9.caesium")
def _by_ion(law: str, ion: str, levels: list[float], at: float) -> list[float]:
    return [_ic50(law, at, **{ion: level}) for level in levels]


# ---- current-voltage curves ----------------------------------------------------------------------
@cache
def _ramp(
    law: str, mg: tuple[float, ...], e_nmda: float = 0.0, v_from: float = -100.0
) -> tuple[np.ndarray, np.ndarray]:
    """Potentials, and currents (pA at 1 nS) in rows of magnesium, of a simulated voltage ramp."""
    ds = simulate(
        models["patch"].swap(blocks[law]),
        protocols["voltage_ramp"],
        record=("v", "i_nmda"),
        v_from=v_from,
        mg_out=list(mg),
        g_nmda=1.0,
        e_nmda=e_nmda,
        progress=False,
    )
    v = np.atleast_2d(ds.v.values)[0]
    return v, np.atleast_2d(ds.i_nmda.transpose("mg_out", "time").values)


@finds("TA3.peak", "TA3.chindemi", "TA4.trace")
def _peaks(law: str, mg: list[float], e_nmda: float = 0.0, v_from: float = -100.0) -> list[float]:
    v, currents = _ramp(law, tuple(mg), e_nmda, v_from)
    return [traces.extremum(v, -i)[0] for i in currents]


@finds("TA3.ratio")
def _ratio(law: str, mg: float, at: float) -> list[float]:
    v, (i,) = _ramp(law, (mg,))
    return [float(np.interp(at, v, i)) / -traces.extremum(v, -i)[1]]


@finds("TA3.slope")
def _negative_share(law: str, mg: list[float]) -> list[float]:
    v, currents = _ramp(law, tuple(mg))
    share = []
    for i in currents:
        left = v < traces.extremum(v, -i)[0] - 0.05
        share.append(float(np.mean(np.diff(i[left]) < 0)))
    return share


@finds("TA4.linear")
def _straightness(law: str) -> list[float]:
    v, (i,) = _ramp(law, (0.0,))
    return [abs(float(np.corrcoef(v, i)[0, 1]))]


@finds("TA4.reversal")
def _reversals(law: str, mg: list[float]) -> list[float]:
    v, currents = _ramp(law, tuple(mg))
    return [traces.crossing(v[v > -20], i[v > -20], 0.0) for i in currents]


@finds("TA5")
def _steepest(law: str, mg: list[float]) -> list[float]:
    v, currents = _ramp(law, tuple(mg))
    found: list[float] = []
    for i in currents:
        where, slope = traces.extremum(v, -np.gradient(i, v))
        found += [-slope, where]
    return found


# ---- a synapse under clamp -----------------------------------------------------------------------
@finds("TA10")
def _synaptic(mg: list[float], v: list[float]) -> list[float]:
    clamp, train = protocols["voltage_clamp"], protocols["single_pulse"]
    ds = sweep(
        models["clamped_synapse"],
        Protocol("pulse_under_clamp", "", 300.0, clamp.stimuli, train.events),
        nmda_charge,
        mg_out=[0.0, *mg],
        v_hold=v,
        progress=False,
    )
    share = ds.nmda_charge / ds.nmda_charge.sel(mg_out=0)
    return [float(x) for x in share.transpose("mg_out", "v_hold").values[1:].ravel()]


# ---- bistability ---------------------------------------------------------------------------------
#: A membrane that leaks and nothing else.
_PASSIVE = Component(
    name="passive",
    slot="neuron",
    meaning="a leaky membrane without voltage-gated channels",
    equations="""
dv/dt = -i_membrane/(c_m*area) : mV  # membrane potential
i_leak = g_leak*area*(v - e_leak) : pA  # leak current
""",
    parameters=(
        Parameter(
            "g_leak",
            0.1,
            "mS/cm**2",
            "leak conductance density",
            "assumed: that of the standard cell",
            (0.02, 0.3),
        ),
        Parameter(
            "e_leak",
            -70.0,
            "mV",
            "leak reversal potential",
            "assumed: that of the standard cell",
            (-95, -50),
        ),
        Parameter(
            "c_m",
            1.0,
            "uF/cm**2",
            "specific membrane capacitance",
            "assumed: of every membrane",
            (0.7, 1.5),
        ),
        Parameter(
            "v_start", -70.0, "mV", "potential at the start", "assumed: near rest", (-100, 20)
        ),
    ),
    currents={"i_leak": ""},
    initial={"v": "v_start"},
)


@cache
def _folds(law: str, mg: float = 1.0, e_leak: float = -70.0) -> Any:
    """The experiment 'bistability' under a law, with a leak to ``e_leak``."""
    v = np.arange(e_leak + 0.02, -0.015, 0.02).round(2)
    return experiments["bistability"].run(v=v, e_leak=e_leak, block=law, mg_out=mg)


@finds(
    "TA11.never",
    "TA11.onset.major_2008",
    "TA11.onset.chindemi_2022",
    "TA11.onset.ascher_nowak_1988",
    "TA11.onset.kampa_2004",
)
def _onset(law: str) -> list[float]:
    return [float(_folds(law).mg_onset)]


@finds("TA11.window", "TA11.e_leak")
def _window(law: str, mg: float, e_leak: float = -70.0) -> list[float]:
    at = _folds(law, mg, e_leak)
    return [at.window_low.item(), at.window_high.item()]


@finds("TA11.simulated", "TA11.simulated_js")
def _end_gap(law: str, ratio: float) -> list[float]:
    """How far apart a simulated passive cell ends that starts low and high."""
    model = models["patch"].without("ca_entry").swap(blocks[law]).swap(_PASSIVE)
    area = 20000e-8  # cm2, the default of the port
    ds = sweep(
        model,
        protocols["rest"].lasting(6000),
        mean_v,
        v_start=[-70.0, -5.0],
        g_nmda=ratio * 0.1 * area * 1e6,
        mg_out=1.0,
        progress=False,
    )
    low, high = (float(x) for x in ds.mean_v.values)
    return [high - low]
