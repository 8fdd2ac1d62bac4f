"""Second engine for receptor kinetics and for the reference sweep: exact propagators, no stepping.

A scheme is a generator Q with dp/dt = Q p, built from transitions (from, to, rate in /ms). For
piecewise constant glutamate and voltage the solution is a product of matrix exponentials. Units:
mV, ms, mM. Returned numbers are computed from the constants in the papers that are named.
"""

import math

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq, minimize_scalar

# k_off, beta (open), alpha (close), k_desensitise, k_recover in /ms; k_on is 5 /mM/ms in all
LESTER_JAHR_1992 = (6.7e-3, 83.8e-3, 83.8e-3, 15.2e-3, 9.4e-3)  # J Neurosci 12:635
DESTEXHE_1998 = (12.9e-3, 46.5e-3, 73.8e-3, 8.4e-3, 6.8e-3)  # in Koch & Segev, 2nd edition
K_ON = 5.0
FIVE = ("C0", "C1", "C2", "D", "O")
TEN = ("U", "Cl", "D1", "D2", "O", "UMg", "ClMg", "D1Mg", "D2Mg", "OMg")


def generator(states, transitions):
    """Q from (from, to, rate) triples; every column sums to zero."""
    q = np.zeros((len(states), len(states)))
    for a, b, rate in transitions:
        q[states.index(b), states.index(a)] += rate
        q[states.index(a), states.index(a)] -= rate
    return q


def two_state(glu, alpha=0.072, beta=0.0066):
    """Destexhe, Mainen & Sejnowski 1994, states (C, O): alpha /mM/ms, beta /ms."""
    return generator(("C", "O"), [("C", "O", alpha * glu), ("O", "C", beta)])


def five_transitions(glu, rates, factors=True):
    """C0 - C1 - C2 - O with D beside C2; `factors`: two identical sites, 2 k_on and 2 k_off."""
    off, beta, alpha, des, rec = rates
    two = 2 if factors else 1
    return [
        ("C0", "C1", two * K_ON * glu),
        ("C1", "C0", off),
        ("C1", "C2", K_ON * glu),
        ("C2", "C1", two * off),
        ("C2", "D", des),
        ("D", "C2", rec),
        ("C2", "O", beta),
        ("O", "C2", alpha),
    ]


def five_state(glu, rates=LESTER_JAHR_1992, factors=True):
    """Generator of the five-state scheme, states in the order of FIVE."""
    return generator(FIVE, five_transitions(glu, rates, factors))


def open_channel_block(glu, mg, k_on, k_off, rates=LESTER_JAHR_1992, factors=True):
    """Five-state scheme and B, the blocked open state: O -> B at mg k_on, B -> O at k_off.

    No trapping: a blocked channel cannot close, desensitise or lose glutamate. States FIVE + B.
    """
    extra = [("O", "B", mg * float(k_on)), ("B", "O", float(k_off))]
    return generator((*FIVE, "B"), five_transitions(glu, rates, factors) + extra)


def kampa_ten(glu, v, mg):
    """Kampa et al 2004, J Physiol 556:337 (ModelDB 50207), states in the order of TEN."""
    x = (v - 40.0) / 25.0
    on, off = mg * math.exp(-1.6 * x), math.exp(0.4 * x)
    pairs = [
        ("U", "Cl", 10 * glu, 5.6e-3),
        ("Cl", "O", 10e-3, 273e-3),
        ("Cl", "D1", 2.2e-3, 1.6e-3),
        ("D1", "D2", 0.43e-3, 0.5e-3),
        ("UMg", "ClMg", 10 * glu, 17.1e-3),
        ("ClMg", "OMg", 10e-3, 548e-3),
        ("ClMg", "D1Mg", 2.1e-3, 0.87e-3),
        ("D1Mg", "D2Mg", 0.26e-3, 0.42e-3),
        ("O", "OMg", 0.05 * on, 12.8 * off),
        ("U", "UMg", 5e-5 * on, 2.438312e-3 * off),
        ("Cl", "ClMg", 5e-5 * on, 5.041915e-3 * off),
        ("D1", "D1Mg", 5e-5 * on, 2.98874e-3 * off),
        ("D2", "D2Mg", 5e-5 * on, 2.953408e-3 * off),
    ]
    both = [(a, b, f) for a, b, f, _ in pairs] + [(b, a, r) for a, b, _, r in pairs]
    return generator(TEN, both)


def steady(q):
    """Occupancies that do not change."""
    rows = np.vstack([q, np.ones(len(q))])
    return np.linalg.lstsq(rows, np.append(np.zeros(len(q)), 1.0), rcond=None)[0]


def propagate(p, segments):
    """Occupancies after segments of (duration, generator)."""
    for duration, q in segments:
        p = expm(q * duration) @ p
    return p


def occupancy_integral(p, segments):
    """Integral of every occupancy over the segments (ms), exactly."""
    total = np.zeros(len(p))
    for duration, q in segments:
        n = len(p)
        big = np.zeros((2 * n, 2 * n))
        big[:n, :n], big[n:, :n] = q, np.eye(n)
        moved = expm(big * duration) @ np.append(p, np.zeros(n))
        p, total = moved[:n], total + moved[n:]
    return total


def pulse_occupancy(scheme, t, open_state, *, glu=1.0, width=1.0, start=None):
    """Open occupancy at times t after the start of a square pulse; scheme(glu) gives Q."""
    off = scheme(0.0)
    p0 = steady(off) if start is None else start
    p1 = expm(scheme(glu) * width) @ p0

    def at(x):
        return expm(scheme(glu) * x) @ p0 if x <= width else expm(off * (x - width)) @ p1

    return np.array([at(x)[open_state] for x in np.atleast_1d(t)])


def pulse_features(scheme, open_state, *, glu=1.0, width=1.0, window=4000.0, start=None):
    """Peak, its time, 10-90 % rise, time to 1/e after it, and charge after it over it (ms).

    Times count from the start of the pulse, and so does the window that ends the charge. The
    start is the equilibrium without glutamate: for `kampa_ten` at 1 mM below -9 mV, mostly UMg.
    """

    def po(x):
        return float(pulse_occupancy(scheme, x, open_state, glu=glu, width=width, start=start)[0])

    grid = np.geomspace(0.05, window, 300)
    k = int(np.argmax([po(x) for x in grid]))
    low, high = grid[max(k - 1, 0)], grid[k + 1]
    t_peak = float(
        minimize_scalar(
            lambda x: -po(x), bounds=(low, high), method="bounded", options={"xatol": 1e-7}
        ).x
    )
    peak = po(t_peak)
    ten, ninety = (brentq(lambda x, f=f: po(x) - f * peak, 0.0, t_peak) for f in (0.1, 0.9))
    fall = brentq(lambda x: po(x) - peak / math.e, t_peak, window) - t_peak
    p0 = steady(scheme(0.0)) if start is None else start
    early = min(t_peak, width)
    p = propagate(p0, [(early, scheme(glu)), (t_peak - early, scheme(0.0))])
    rest_of_pulse = max(width - t_peak, 0.0)
    charge = occupancy_integral(
        p, [(rest_of_pulse, scheme(glu)), (window - t_peak - rest_of_pulse, scheme(0.0))]
    )
    return {
        "peak": peak,
        "t_peak": t_peak,
        "rise": ninety - ten,
        "decay": fall,
        "charge": float(charge[open_state] / peak),
    }


def steady_dose_response(scheme, open_state, saturating=1e3):
    """(steady open probability when saturated, EC50 in mM) of the steady response."""
    top = steady(scheme(saturating))[open_state]
    half = brentq(lambda x: steady(scheme(math.exp(x)))[open_state] - top / 2, -14, 5)
    return float(top), math.exp(half)


def clamp_charge(
    v,
    mg,
    rates_of_v,
    *,
    rates=LESTER_JAHR_1992,
    factors=True,
    glu=1.0,
    width=1.0,
    window=1000.0,
    g=1.0,
    e_rev=0.0,
):
    """Charge (g in nS: fC) by one pulse under clamp with `open_channel_block`, from rest (C0 = 1).

    The stiffness test: at -100 mV and 10 mM the rates of Ascher & Nowak 1988 reach 2200 /ms. The
    window matters: without trapping, block delays the charge and takes none of it away in the end.
    """
    on, off = rates_of_v(v)
    p0 = np.array([1.0, 0, 0, 0, 0, 0])
    q = [open_channel_block(c, mg, on, off, rates, factors) for c in (glu, 0.0)]
    open_ms = occupancy_integral(p0, [(width, q[0]), (window - width, q[1])])[4]
    return g * (v - e_rev) * open_ms


# ---- the reference sweep ------------------------------------------------------------------------
def reference_sweep_point(
    mg,
    g_nmda,
    *,
    duration=1000.0,
    interval=50.0,
    first=50.0,
    x_pulse=1.0,
    k_ca=1e-7,
    ca_rest=1e-4,
    v0=-60.0,
    level=0.0,
    rtol=1e-9,
    atol=1e-12,
    method="LSODA",
):
    """One point of the benchmark sweep: Traub-Miles cell, AMPA, NMDA with Jahr-Stevens block, Ca.

    C 200 pF; leak 10 nS (-60 mV); Na 20 uS (50 mV); K 6 uS (-90 mV); V_T -63 mV; AMPA 5 nS a pulse,
    2 ms; x decays in 2 ms and ds/dt = -s / 100 + 0.5 x (1 - s); E 0 for both; Ca leaves in 20 ms.
    Chosen here: pulses at first, first + interval, ... < duration, x rises by x_pulse, gates start
    at their targets for v0, k_ca in mM/(pA ms), ca_rest in mM (Ca - ca_rest is proportional to
    k_ca). Returns spikes, mean v, peak Ca, integral of Ca (mM ms).
    """

    def trap(a, b):
        return b if a == 0 else a / math.expm1(a / b)

    def hh(v):
        u = v + 63.0
        return (
            (0.32 * trap(13 - u, 4), 0.28 * trap(u - 40, 5)),
            (0.128 * math.exp((17 - u) / 18), 4 / (1 + math.exp((40 - u) / 5))),
            (0.032 * trap(15 - u, 5), 0.5 * math.exp((10 - u) / 40)),
        )

    def rhs(_, y):
        v, m, h, n, g_ampa, x, s, ca, _, _ = y
        (am, bm), (ah, bh), (an, bn) = hh(v)
        i_nmda = g_nmda * s * v / (1 + mg / 3.57 * math.exp(-0.062 * v))
        i = 10.0 * (v + 60) + 2e4 * m**3 * h * (v - 50) + 6e3 * n**4 * (v + 90) + g_ampa * v
        return [
            -(i + i_nmda) / 200.0,
            am * (1 - m) - bm * m,
            ah * (1 - h) - bh * h,
            an * (1 - n) - bn * n,
            -g_ampa / 2,
            -x / 2,
            -s / 100 + 0.5 * x * (1 - s),
            -k_ca * i_nmda - (ca - ca_rest) / 20,
            v,
            ca,
        ]

    def spike(_, y):
        return y[0] - level

    def top(t, y):
        return rhs(t, y)[7]

    spike.direction, top.direction = 1, -1
    gates = [a / (a + b) for a, b in hh(v0)]
    y = np.array([v0, *gates, 0.0, 0.0, 0.0, ca_rest, 0.0, 0.0])
    pulses = np.arange(first, duration, interval)
    spikes, peak = [], ca_rest
    for a, b in zip(np.append(0.0, pulses), np.append(pulses, duration), strict=True):
        if a > 0 or first == 0:
            y[4], y[5] = y[4] + 5.0, y[5] + x_pulse
        if b == a:
            continue
        sol = solve_ivp(
            rhs, (a, b), y, method, events=(spike, top), rtol=rtol, atol=atol, first_step=1e-3
        )
        y = sol.y[:, -1]
        spikes.append(sol.t_events[0])
        peak = max(peak, sol.y[7].max(), *(e[7] for e in sol.y_events[1]))
    return {
        "spikes": np.concatenate(spikes),
        "mean_v": float(y[8] / duration),
        "peak_ca": float(peak),
        "ca_integral": float(y[9]),
    }
