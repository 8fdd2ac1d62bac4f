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


@pytest.mark.parametrize("model", list(START))
def test_engines_agree(model):
    short = mg.protocols["supply_off"].lasting(10, (0, 10))
    short = short.with_values(supply_start=2, supply_stop=6)
    cell = mg.models[model].with_values(v_start=V_START, k_out_rest=K_OUT)
    a, b = (
        run(e, cell, short, record=(*NAMES, "gain_k", "taken_k"), method="rk2", dt=0.02).traces
        for e in (FUSED, BRIAN)
    )
    assert a["v"].max() > 0
    for n in a:
        np.testing.assert_allclose(a[n], b[n], rtol=1e-9, atol=1e-12 * np.abs(b[n]).max())
