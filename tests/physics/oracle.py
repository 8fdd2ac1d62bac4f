"""A second engine for the tests: plain numpy and scipy, written by hand, sharing no code.

Nothing here imports the package under test. Units: mV, ms, mM, mS/cm2, uA/cm2, uF/cm2. Numbers
that these functions return are computed from the constants in the papers that each docstring
names; they are not measurements.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

FARADAY, GAS, ZERO_C = 96485.33212, 8.314462618, 273.15  # C/mol, J/mol/K (CODATA 2018), K


# ---- steady block laws: fraction unblocked, of (v_mV, mg_mM) ------------------------------------
def _law(v, mg, k0, slope):
    """1 / (1 + (mg / k0) exp(-slope v)); exactly 1 at zero Mg, finite at any v."""
    return 1.0 / (1.0 + np.asarray(mg) / k0 * np.exp(np.clip(-slope * np.asarray(v), -690, 690)))


def jahr_stevens(v, mg):
    """Jahr & Stevens 1990, J Neurosci 10:3178: 3.57 mM, 0.062 /mV."""
    return _law(v, mg, 3.57, 0.062)


def chindemi(v, mg):
    """Chindemi et al 2022, refit to Vargas-Caballero & Robinson 2003: 2.552 mM, 0.0721 /mV."""
    return _law(v, mg, 2.5522415, 0.07207477)


def jahr_stevens_junction(v, mg):
    """Jahr & Stevens 1990 moved 5 mV for the liquid junction potential: 2.62 mM, 0.062 /mV."""
    return _law(v, mg, 2.62, 0.062)


def maex_de_schutter(v, mg):
    """Maex & De Schutter 1998, J Neurophysiol 80:2521: 0.28 /mM, 0.062 /mV, +10 mV."""
    return _law(v, mg, 1.0 / (0.28 * math.exp(0.62)), 0.062)


def spruston(v, mg, celsius=35.0):
    """Woodhull block of Spruston et al 1995, J Physiol 482:325: 4.1 mM, delta 0.8, z 2."""
    slope = 2 * 0.8 * FARADAY / (GAS * (celsius + ZERO_C)) * 1e-3
    return _law(v, mg, 4.1, slope)


def ascher_nowak_rates(v):
    """Ascher & Nowak 1988, J Physiol 399:247: (k_on in /mM/ms, k_off in /ms)."""
    return 0.610 * np.exp(-np.asarray(v) / 17.0), 5.4 * np.exp(np.asarray(v) / 47.0)


def ascher_nowak(v, mg):
    """Equilibrium of `ascher_nowak_rates`: Kd(0) = 8.85 mM, 0.0801 /mV."""
    return _law(v, mg, 5400.0 / 610.0, 1 / 17.0 + 1 / 47.0)


def kampa_open_rates(v):
    """Kampa et al 2004, J Physiol 556:337, open state (ModelDB 50207): (/mM/ms, /ms)."""
    x = (np.asarray(v) - 40.0) / 25.0
    return 0.05 * np.exp(-1.6 * x), 12.8 * np.exp(0.4 * x)


def kampa_open(v, mg):
    """Equilibrium of `kampa_open_rates`: Kd(40 mV) = 256 mM, 0.080 /mV."""
    return _law(v, mg, 256.0 * math.exp(-3.2), 0.08)


def antonov_johnson_rates(v, na_out=140.0, cs_in=125.0):
    """Antonov & Johnson 1999, PNAS 96:14571, permeant ions in mM: (/mM/ms, /ms)."""
    v = np.asarray(v)
    site = 1 + na_out / 34.4
    inner = cs_in / (0.27 * np.exp(-v / 21.0))
    on = 1100.0 * np.exp(-v / 55.0) / (site * (site + inner))
    return on, 110.0 * np.exp(v / 52.7) / site**2 + 0.0618 * np.exp(-v / 50.0)


def antonov_johnson(v, mg, na_out=140.0, cs_in=125.0):
    """Equilibrium of `antonov_johnson_rates`."""
    on, off = antonov_johnson_rates(np.clip(v, -1000, 1000), na_out, cs_in)
    return 1.0 / (1.0 + np.asarray(mg) * on / off)


def traub(v, mg):
    """Traub 1991 as used by Kager, Wadman & Somjen (ModelDB 113446): 3 mM, 0.07 /mV, -10 mV."""
    return _law(v, mg, 3.0 * math.exp(0.7), 0.07)


def major(v, mg):
    """Major et al 2008, J Neurophysiol 99:2584: 5 mM, 0.08 /mV."""
    return _law(v, mg, 5.0, 0.08)


def nmda_kin3(v, mg):
    """Four-state synapse of ModelDB 225080: 7.51 mM, 0.1 /mV."""
    return _law(v, mg, 7.51, 0.1)


def jahr_stevens_flicker(v, mg):
    """Equation 4a of Jahr & Stevens 1990, J Neurosci 10:3178, spelt as in ModelDB 82894 (nrntraub).

    Rates per ms; a1, b1, c1 into, out of and closing from the block without Mg, a2, b2, c2 the same
    with Mg; the 1000 makes uM of mM.
    """
    v, mg = np.asarray(v, dtype=float), np.asarray(mg)
    opening, c1, c2 = math.exp(-2.847), math.exp(-0.693), math.exp(-3.101)
    a1, a2 = np.exp(-0.016 * v - 2.91), 1000.0 * mg * np.exp(-0.045 * v - 6.97)
    b1, b2 = np.exp(0.009 * v + 1.22), np.exp(0.017 * v + 0.96)
    lost = (a1 + a2) * (a1 * c1 + a2 * c2) / (opening * a1 * (b1 + c1) + opening * a2 * (b2 + c2))
    return 1.0 / (1.0 + lost)


LAWS = {
    "A1": jahr_stevens,
    "A2": chindemi,
    "A3": jahr_stevens_junction,
    "A4": maex_de_schutter,
    "A5": spruston,
    "A6": ascher_nowak,
    "A7": kampa_open,
    "A8": antonov_johnson,
    "A9": traub,
    "A11": major,
    "A16": nmda_kin3,
}


# ---- what follows from a block law alone --------------------------------------------------------
def half_block_voltage(law, mg):
    """Voltage at which half of the channels are unblocked."""
    return brentq(lambda v: float(law(v, mg)) - 0.5, -400, 400, xtol=1e-12)


def ic50(law, v):
    """Mg (mM) that halves the current at v."""
    return math.exp(brentq(lambda x: float(law(v, math.exp(x))) - 0.5, -40, 40, xtol=1e-13))


def current(law, v, mg, e_rev=0.0, g=1.0):
    """Steady NMDA current g B (v - E)."""
    return g * law(v, mg) * (np.asarray(v) - e_rev)


def slope_conductance(law, v, mg, e_rev=0.0, h=1e-3):
    """dI/dV by a fourth-order central difference."""
    i = [current(law, v + k * h, mg, e_rev) for k in (-2, -1, 1, 2)]
    return (i[0] - 8 * i[1] + 8 * i[2] - i[3]) / (12 * h)


def iv_peak(law, mg, e_rev=0.0):
    """Voltage of the largest inward current: the upper end of the negative-slope limb."""
    grid = np.arange(-200.0, e_rev, 0.25)
    k = int(np.argmin(current(law, grid, mg, e_rev)))
    return brentq(
        lambda v: float(slope_conductance(law, v, mg, e_rev)), grid[k] - 1, grid[k] + 1, xtol=1e-11
    )


def steepest_negative_slope(law, mg, e_rev=0.0):
    """(voltage, dI/dV) where the I-V curve falls most steeply, conductance 1."""
    grid = np.arange(-150.0, e_rev, 0.002)
    slope = slope_conductance(law, grid, mg, e_rev)
    k = int(np.argmin(slope))
    return float(grid[k]), float(slope[k])


def relaxation_time(rates, v, mg):
    """Time constant of open-channel block after a small change, 1 / (mg k_on + k_off)."""
    on, off = rates(v)
    return 1.0 / (mg * on + off)


def bistable_window(law, mg, e_leak=-70.0, e_rev=0.0):
    """g_NMDA / g_leak between which a passive cell has two stable voltages; None where none.

    A steady state needs r(v) = (v - E_L) / (B (E - v)); two folds of r bound the window.
    """
    grid = np.arange(e_leak + 0.02, e_rev - 0.02, 0.01)
    r = (grid - e_leak) / (law(grid, mg) * (e_rev - grid))
    turn = np.flatnonzero(np.diff(np.sign(np.diff(r)))) + 1
    return (float(r[turn].min()), float(r[turn].max())) if len(turn) >= 2 else None


def fractional_ca(ca_out):
    """Low-voltage Ca share of the NMDA current, after Schneggenburger et al 1993."""
    return 4 * ca_out / (4 * ca_out + 120.0 / 1.38)


def ghk_ca_share(v, p_ratio, ca_out, mono=150.0, celsius=22.0):
    """Ca share of current by Goldman-Hodgkin-Katz: concentrations, no Ca inside, P_Ca/P_M given."""
    u = v * 1e-3 * FARADAY / (GAS * (celsius + ZERO_C))
    i_ca = 4 * p_ratio * u * -ca_out * math.exp(-2 * u) / (1 - math.exp(-2 * u))
    return i_ca / (i_ca + mono * u)


# ---- the regular-spiking cell -------------------------------------------------------------------
@dataclass(frozen=True)
class PospischilRS:
    """Pospischil et al 2008, Biol Cybern 99:427, constants of ModelDB 123623 (36 degC)."""

    area: float = math.pi * 96.0**2  # um2, cylinder d = L = 96 um
    c: float = 1.0
    g_leak: float = 0.1
    e_leak: float = -70.0
    g_na: float = 50.0
    e_na: float = 50.0
    g_kd: float = 5.0
    e_k: float = -100.0
    g_m: float = 0.07
    tau_max: float = 1000.0
    v_t: float = -55.0

    def density(self, nano_ampere):
        """nA to uA/cm2."""
        return nano_ampere * 1e5 / self.area


MODELDB_RS = PospischilRS()
PAPER_RS = PospischilRS(
    math.pi * 61.4**2, 1.0, 0.0205, -70.3, 56.0, 50.0, 6.0, -100.0, 0.075, 608.0, -56.2
)


def _trap(x, y):
    """x / (exp(x / y) - 1), continued through x = 0."""
    z = x / y
    return y if z == 0 else x / math.expm1(z)


def traub_miles(v, v_t):
    """Opening and closing rates (/ms) of m, h, n: Traub & Miles 1991 as in ModelDB 123623."""
    u = v - v_t
    return (
        (0.32 * _trap(13 - u, 4), 0.28 * _trap(u - 40, 5)),
        (0.128 * math.exp((17 - u) / 18), 4 / (1 + math.exp((40 - u) / 5))),
        (0.032 * _trap(15 - u, 5), 0.5 * math.exp((10 - u) / 40)),
    )


def m_current(v, tau_max):
    """Target and time constant of the M current (Yamada, Koch & Adams 1989)."""
    x = v + 35
    return (1 / (1 + math.exp(-x / 10)), tau_max / (3.3 * math.exp(x / 20) + math.exp(-x / 20)))


def steady_gates(v, cell):
    """m, h, n, p at their targets."""
    return [a / (a + b) for a, b in traub_miles(v, cell.v_t)] + [m_current(v, cell.tau_max)[0]]


def membrane_current(cell, v, m, h, n, p, g_nmda, mg, block, e_nmda):
    """Total outward current, uA/cm2."""
    i = cell.g_leak * (v - cell.e_leak) + cell.g_na * m**3 * h * (v - cell.e_na)
    i += (cell.g_kd * n**4 + cell.g_m * p) * (v - cell.e_k)
    return i + g_nmda * float(block(v, mg)) * (v - e_nmda) if g_nmda else i


def derivatives(cell, y, i_in, g_nmda, mg, block, e_nmda):
    """d(v, m, h, n, p)/dt."""
    v, m, h, n, p = y
    (am, bm), (ah, bh), (an, bn) = traub_miles(v, cell.v_t)
    p_inf, tau_p = m_current(v, cell.tau_max)
    i = membrane_current(cell, v, m, h, n, p, g_nmda, mg, block, e_nmda)
    return [
        (i_in - i) / cell.c,
        am * (1 - m) - bm * m,
        ah * (1 - h) - bh * h,
        an * (1 - n) - bn * n,
        (p_inf - p) / tau_p,
    ]


@dataclass(frozen=True)
class Run:
    """Spike times, the integrator's own points, and the last state."""

    spikes: np.ndarray
    t: np.ndarray
    v: np.ndarray
    end: np.ndarray


def run(
    cell=MODELDB_RS,
    steps=(),
    t_end=1000.0,
    *,
    g_nmda=0.0,
    mg=1.0,
    block=jahr_stevens,
    e_nmda=0.0,
    v0=-70.0,
    start="steady",
    level=0.0,
    method="LSODA",
    rtol=1e-9,
    atol=1e-10,
):
    """Integrate piecewise; `steps` are (from, to, uA/cm2); a spike is an upward crossing of level.

    start: "steady" (gates at their targets for v0), "zero" (all gates 0) or a state to go on from.
    """
    if isinstance(start, str):
        y = np.array([v0, *(steady_gates(v0, cell) if start == "steady" else [0.0] * 4)])
    else:
        y = np.asarray(start, float)

    def rhs(_, y, i_in):
        return derivatives(cell, y, i_in, g_nmda, mg, block, e_nmda)

    def crossing(_, y, i_in):
        return y[0] - level

    crossing.direction = 1
    cuts = sorted({0.0, t_end, *(x for s in steps for x in s[:2] if 0 < x < t_end)})
    spikes, ts, vs = [], [], []
    for a, b in pairwise(cuts):
        i_in = sum(s[2] for s in steps if s[0] <= a and b <= s[1])
        sol = solve_ivp(
            rhs,
            (a, b),
            y,
            method,
            args=(i_in,),
            events=crossing,
            rtol=rtol,
            atol=atol,
            first_step=1e-3,
        )
        if not sol.success:
            raise RuntimeError(sol.message)
        y = sol.y[:, -1]
        spikes.append(sol.t_events[0])
        ts.append(sol.t)
        vs.append(sol.y[0])
    return Run(np.concatenate(spikes), np.concatenate(ts), np.concatenate(vs), y)


def spike_times(nano_ampere=0.75, onset=300.0, duration=400.0, t_end=1000.0, cell=MODELDB_RS, **kw):
    """Spike times (ms) in a current step."""
    step = (onset, onset + duration, cell.density(nano_ampere))
    return run(cell, [step], t_end, **kw).spikes


def rest(cell=MODELDB_RS, g_nmda=0.0, mg=1.0, block=jahr_stevens, e_nmda=0.0, i_in=0.0):
    """The most negative steady voltage (it need not be stable: see `growth`)."""

    def total(v):
        gates = steady_gates(v, cell)
        return membrane_current(cell, v, *gates, g_nmda, mg, block, e_nmda) - i_in

    grid = np.arange(-110.0, 40.0, 0.25) + 0.0123
    values = [total(v) for v in grid]
    k = next(k for k in range(len(grid) - 1) if values[k] <= 0 < values[k + 1])
    return brentq(total, grid[k], grid[k + 1], xtol=1e-12)


def rest_state(cell=MODELDB_RS, **kw):
    """State (v, m, h, n, p) at `rest`."""
    v = rest(cell, **kw)
    return np.array([v, *steady_gates(v, cell)])


def growth(cell=MODELDB_RS, g_nmda=0.0, mg=1.0, block=jahr_stevens, e_nmda=0.0, i_in=0.0):
    """Largest real part (/ms) of the eigenvalues at `rest`: negative where it is stable."""
    y = rest_state(cell, g_nmda=g_nmda, mg=mg, block=block, e_nmda=e_nmda, i_in=i_in)
    jac = np.zeros((5, 5))
    for k, h in enumerate(1e-5 * np.maximum(np.abs(y), 1e-2)):
        ends = [
            derivatives(cell, y + s * h * np.eye(5)[k], i_in, g_nmda, mg, block, e_nmda)
            for s in (1, -1)
        ]
        jac[:, k] = (np.array(ends[0]) - np.array(ends[1])) / (2 * h)
    return float(np.linalg.eigvals(jac).real.max())


def mg_where_rest_is_lost(g, *, high=3.0, **kw):
    """Mg (mM) below which the steady state under a tonic conductance is unstable; None if never.

    Exact and quick, and just under `critical_mg`, which also needs the spikes to go on.
    """
    if growth(g_nmda=g, mg=0.0, **kw) < 0:
        return None
    return brentq(lambda m: growth(g_nmda=g, mg=m, **kw), 0.0, high, xtol=1e-8)


def fires(cell, i_in=0.0, *, duration=2000.0, window=None, start=None, **kw):
    """Whether a step of i_in fires at all, or within the last `window` ms."""
    spikes = run(cell, [(0.0, duration, i_in)], duration, start=start, **kw).spikes
    return bool(np.any(spikes > (duration - window if window else 0.0)))


def rheobase(
    cell=MODELDB_RS,
    *,
    sustained=False,
    duration=2000.0,
    window=500.0,
    low=0.0,
    high=5.0,
    tol=1e-4,
    **kw,
):
    """Smallest step (uA/cm2) from rest with a spike; `sustained`: with one in the last window."""
    start = rest_state(cell)
    while high - low > tol:
        mid = (low + high) / 2
        hit = fires(
            cell, mid, duration=duration, window=window if sustained else None, start=start, **kw
        )
        low, high = (low, mid) if hit else (mid, high)
    return (low + high) / 2


def f_i(nano_amperes, cell=MODELDB_RS, duration=2000.0, **kw):
    """Rows (nA, Hz from the first interval, Hz from the last interval, lowest v between spikes)."""
    rows = []
    for amp in nano_amperes:
        r = run(cell, [(0.0, duration, cell.density(amp))], duration, start=rest_state(cell), **kw)
        isi = np.diff(r.spikes)
        between = r.v[(r.t > r.spikes[0]) & (r.t < r.spikes[-1])] if len(isi) else [math.nan]
        first, last = (1000 / isi[[0, -1]]).tolist() if len(isi) else (0.0, 0.0)
        rows.append((amp, first, last, float(np.min(between))))
    return rows


def tonic_rates(g_values, mg_values, *, cell=MODELDB_RS, duration=3000.0, window=1000.0, **kw):
    """Hz in the last window under a tonic NMDA conductance (mS/cm2), no current; [g, mg]."""
    out = np.zeros((len(g_values), len(mg_values)))
    for j, g in enumerate(g_values):
        for k, mg in enumerate(mg_values):
            spikes = run(cell, (), duration, g_nmda=g, mg=mg, **kw).spikes
            out[j, k] = np.sum(spikes > duration - window) * 1000 / window
    return out


def critical_mg(
    g, *, cell=MODELDB_RS, low=0.0, high=3.0, duration=3000.0, window=1000.0, tol=1e-3, **kw
):
    """Largest Mg at which a tonic conductance still fires in the last window; None if never."""
    if tonic_rates([g], [low], cell=cell, duration=duration, window=window, **kw)[0, 0] == 0:
        return None
    while high - low > tol * high:
        mid = (low + high) / 2
        hit = tonic_rates([g], [mid], cell=cell, duration=duration, window=window, **kw)[0, 0] > 0
        low, high = (mid, high) if hit else (low, mid)
    return (low + high) / 2
