"""The simpler published cells whose ions move, against their equations written a second time.

In the form of the published files, with concentrations and no amounts, by another integrator.
"""

import numpy as np
import pytest
from running import BRIAN, FUSED, run
from scipy.integrate import solve_ivp

import mgsim as mg

#: Inside and outside at the start (mM): Na, K, Cl, as in ModelDB 167714 and 187213.
START = {
    "hubel_2014": ((25.231485, 125.30555), (129.25764, 4.0), (9.900239, 123.2716)),
    "hubel_2016": ((25.279156, 126.84917), (128.56935, 3.9962559), (10.055541, 124.71021)),
}
#: Much potassium outside, so that it fires; ms.
V_START, K_OUT, AFTER = -50.0, 12.0, 500.0
NAMES = ("v", "na_in", "k_in", "cl_in", "k_out")


def rates(model):
    """d/dt of v, n, K and Cl inside, potassium from elsewhere (mM, ms), and h of hubel_2016."""
    (na_0, nae_0), (k_0, _), (cl_0, cle_0) = START[model]
    buffered, g_cl = model == "hubel_2014", 0.02 if model == "hubel_2014" else 0.05
    conv, inside, outside = 9.55589e-5, 2.16, 0.72

    def f(t, y):
        v, n, k, cl, dk, h = y
        if buffered:
            h = 1 - 1 / (1 + np.exp(-6.5 * (n - 0.35)))
        na = na_0 - (k - k_0) + (cl - cl_0)
        nae, cle = (x + inside / outside * y for x, y in ((nae_0, na_0 - na), (cle_0, cl_0 - cl)))
        ke = K_OUT + inside / outside * (k_0 - k) + dk
        e_na, e_k, e_cl = 26.64 * np.log([nae / na, ke / k, cl / cle])
        a_m, b_m = 0.1 * (v + 30) / (1 - np.exp(-(v + 30) / 10)), 4 * np.exp(-(v + 55) / 18)
        a_n, b_n = 0.01 * (v + 34) / (1 - np.exp(-(v + 34) / 10)), 0.125 * np.exp(-(v + 44) / 80)
        a_h, b_h = 0.07 * np.exp(-(v + 44) / 20), 1 / (1 + np.exp(-(v + 14) / 10))
        pump = 6.8 / ((1 + np.exp((25 - na) / 3)) * (1 + np.exp(5.5 - ke)))
        i_na = (0.0175 + 100 * (a_m / (a_m + b_m)) ** 3 * h) * (v - e_na) + 3 * pump
        i_k = (0.05 + 40 * n**4) * (v - e_k) - 2 * pump
        i_cl = g_cl * (v - e_cl)
        if buffered:
            d_dk = -5e-8 * dk - 5e-8 / (1 + np.exp((15 - ke) / 1.09)) * ke * (500 + dk)
        else:
            d_dk = 3e-5 * (4 - ke)
        return [
            -(i_na + i_k + i_cl),
            3 * (a_n * (1 - n) - b_n * n),
            -conv / inside * i_k,
            conv / inside * i_cl,
            d_dk,
            3 * (a_h * (1 - h) - b_h * h),
        ]

    a_n = 0.01 * (V_START + 34) / (1 - np.exp(-(V_START + 34) / 10))
    b_n = 0.125 * np.exp(-(V_START + 44) / 80)
    a_h, b_h = 0.07 * np.exp(-(V_START + 44) / 20), 1 / (1 + np.exp(-(V_START + 14) / 10))
    return f, [V_START, a_n / (a_n + b_n), k_0, cl_0, 0.0, a_h / (a_h + b_h)]


@pytest.mark.parametrize("model", list(START))
def test_it_solves_the_published_equations(model):
    """Half a second with much potassium outside: it fires, and ions move."""
    f, start = rates(model)
    theirs = solve_ivp(f, (0, AFTER), start, method="LSODA", rtol=1e-9, atol=1e-9).y[:, -1]
    ds = mg.simulate(
        mg.models[model],
        mg.protocols["rest"].lasting(AFTER, (0, AFTER)),
        record=(*NAMES, "taken_k"),
        dt=0.02,
        every=1000,
        progress=False,
        v_start=V_START,
        k_out_rest=K_OUT,
    ).isel(time=-1)
    (na_0, _), (k_0, _), (cl_0, _) = START[model]
    _, _, k, cl, dk, _ = theirs
    assert abs(k - k_0) > 0.1
    found = [float(ds.k_in) - k_0, float(ds.cl_in) - cl_0, float(ds.na_in) - na_0]
    expected = [k - k_0, cl - cl_0, cl - cl_0 - (k - k_0)]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert float(ds.taken_k) / 720 * 1e3 == pytest.approx(-dk, rel=1e-4)
    assert float(ds.v) == pytest.approx(theirs[0], abs=1e-3)


@pytest.mark.parametrize("model", [*START, "wei_2014"])
def test_engines_agree(model):
    short = mg.protocols["supply_off"].lasting(10, (0, 10))
    records = (*NAMES, "gain_k", "taken_k", *(("vol_in", "o2") if model == "wei_2014" else ()))
    short = short.with_values(supply_start=2, supply_stop=6)
    cell = mg.models[model].with_values(v_start=V_START, k_out_rest=K_OUT)
    a, b = (
        run(e, cell, short, record=records, method="rk2", dt=0.02).traces for e in (FUSED, BRIAN)
    )
    assert a["v"].max() > 0
    for n in a:
        np.testing.assert_allclose(a[n], b[n], rtol=1e-9, atol=1e-12 * np.abs(b[n]).max())


# ---- the cell with oxygen, in the form of its public code ----------------------------------------

K_BATH = 20.0
VOLUME = 1436.8  # um3


def wei(t, y):
    """d/dt of v, m, h, n, amounts (K, Na, Cl outside and inside, fmol), volume and oxygen."""
    v, m, h, n, nko, nki, nnao, nnai, nclo, ncli, inside, o2 = y
    outside = VOLUME * (1 + 1 / 7) - inside
    ko, nao, clo = (1e3 * x / outside for x in (nko, nnao, nclo))
    ki, nai, cli = (1e3 * x / inside for x in (nki, nnai, ncli))
    beta = inside / outside
    gamma = (36 * np.pi) ** (1 / 3) * inside ** (-1 / 3) * 1e6 / 96485.33212331001 * 1e-2
    e_k, e_na, e_cl = 26.64 * np.log([ko / ki, nao / nai, cli / clo])
    i_k = (25 * n**4 + 0.05) * (v - e_k)
    i_na = (30 * m**3 * h + 0.0247) * (v - e_na)
    i_cl = 0.1 * (v - e_cl)
    rho = 0.8 / (1 + np.exp((20 - o2) / 3)) / gamma
    pump = rho / (1 + np.exp((25 - nai) / 3)) / (1 + np.exp(3.5 - ko))
    glial = rho / 3 / (1 + np.exp((25 - 18) / 3)) / (1 + np.exp(3.5 - ko))
    flow = 1 / (1 + np.exp((2.5 - 32) / 0.2))
    diff = 0.25 * flow / (1 + np.exp((beta - 20) / 2)) * (ko - K_BATH)
    diff += 5 * flow / (1 + np.exp((18 - ko) / 2.5)) + 2 * glial * gamma
    kcc2 = 0.3 * np.log(ki * cli / (ko * clo))
    nkcc1 = np.log(ki * cli / (ko * clo)) + np.log(nai * cli / (nao * clo))
    nkcc1 *= 0.1 / (1 + np.exp(16 - ko))
    k = gamma * (i_k - 2 * pump) + kcc2 + nkcc1  # out of the cell, mM/s
    na = gamma * (i_na + 3 * pump) + nkcc1
    cl = -gamma * i_cl + kcc2 + 2 * nkcc1
    strength = nao + ko + clo + 18 * VOLUME / 7 / outside - (nai + ki + cli + 132 * VOLUME / inside)
    aim = VOLUME * (1.1029 - 0.1029 * np.exp(strength / 20))
    a_m, b_m = 0.32 * (54 + v) / (1 - np.exp(-(v + 54) / 4)), 0.28 * (v + 27)
    b_m /= np.exp((v + 27) / 5) - 1
    a_h, b_h = 0.128 * np.exp(-(v + 50) / 18), 4 / (1 + np.exp(-(v + 27) / 5))
    a_n, b_n = 0.032 * (v + 52) / (1 - np.exp(-(v + 52) / 5)), 0.5 * np.exp(-(v + 57) / 40)
    per_ms = 1e-6 * inside  # fmol/ms for each mM/s in the cell
    return [
        -(i_k + i_na + i_cl + pump),
        a_m * (1 - m) - b_m * m,
        a_h * (1 - h) - b_h * h,
        a_n * (1 - n) - b_n * n,
        per_ms * (k - diff / beta),
        -per_ms * k,
        per_ms * na,
        -per_ms * na,
        per_ms * cl,
        -per_ms * cl,
        -(inside - aim) / 250,
        1e-3 * (-5.3 * (pump + glial) * gamma + 0.17 * (32 - o2)),
    ]


def test_it_solves_the_equations_with_oxygen():
    """Half a second with much potassium outside: spikes, swelling, cotransport, oxygen."""
    ds = mg.simulate(
        mg.models["wei_2014"],
        mg.protocols["rest"].lasting(AFTER, (0, AFTER)),
        record=("v", "m_na", "h_na", "n_k", *NAMES[1:], "na_out", "cl_out", "vol_in", "o2"),
        dt=0.02,
        every=12500,
        progress=False,
        v_start=V_START,
        k_out_rest=K_OUT,
        k_bath=K_BATH,
    )
    first, last = ds.isel(time=0), ds.isel(time=-1)
    amounts = [
        x * volume / 1e3
        for out, inner in ((K_OUT, 140.0), (144.0, 18.0), (130.0, 6.0))
        for x, volume in ((out, VOLUME / 7), (inner, VOLUME))
    ]
    start = [float(first[n]) for n in ("v", "m_na", "h_na", "n_k")] + [*amounts, VOLUME, 29.3]
    end = solve_ivp(wei, (0, AFTER), start, method="LSODA", rtol=1e-9, atol=1e-9).y[:, -1]
    inside = end[10]
    outside = VOLUME * 8 / 7 - inside
    expected = {
        "k_out": 1e3 * end[4] / outside,
        "k_in": 1e3 * end[5] / inside,
        "na_out": 1e3 * end[6] / outside,
        "na_in": 1e3 * end[7] / inside,
        "cl_out": 1e3 * end[8] / outside,
        "cl_in": 1e3 * end[9] / inside,
        "vol_in": inside,
        "o2": end[11],
    }
    for n, x in expected.items():
        assert abs(x - float(first[n])) > 1e-3, n
        assert float(last[n]) == pytest.approx(x, rel=1e-5), n
    assert float(last.v) == pytest.approx(end[0], abs=1e-2)
