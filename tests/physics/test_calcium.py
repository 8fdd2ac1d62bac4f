"""Targets C: calcium's share of the NMDA current, its sign, and charge balance."""

import numpy as np
import pytest
from physics import oracle
from running import FUSED, run

import mgsim as mg

FRACTION = mg.calcium["fractional"]
CLAMP = mg.protocols["voltage_clamp"].lasting(10, (0, 10))
CURRENTS = ("i_nmda", "i_ca_nmda", "i_nmda_rest", "i_membrane", "i_ca", "g_conducting", "unblocked")


def clamped(rows, model="patch"):
    return run(
        FUSED,
        mg.models[model],
        CLAMP,
        [mg.measures["ca_charge_nmda"], mg.measures["nmda_charge"]],
        rows,
        record=CURRENTS,
    )


def currents(v, mg_out, **more):
    rows = [
        {"v_hold": x, "mg_out": m, **more} for m in np.atleast_1d(mg_out) for x in np.atleast_1d(v)
    ]
    traces = clamped(rows).traces
    shape = (np.size(mg_out), np.size(v))
    return {n: t[:, 10].reshape(shape) for n, t in traces.items()}


def test_tc1_share_at_minus_60_mv():
    """Schneggenburger et al. 1993 by the formula of GluSynapse.mod: 6.855 % at -60 mV, 1.6 mM."""
    i = currents(-60, 0, ca_out=1.6)
    assert float((i["i_ca_nmda"] / i["i_nmda"]).squeeze()) == pytest.approx(0.06855, rel=1e-3)


@pytest.mark.parametrize(
    ("ca_out", "share"),
    [(1.0, 0.04398), (1.2, 0.05231), (1.8, 0.07647), (2.0, 0.08425), (2.5, 0.10314), (10, 0.31507)],
)
def test_tc2_share_against_external_calcium(ca_out, share):
    assert float(FRACTION.evaluate("pf_nmda", ca_out=ca_out)) == pytest.approx(share, rel=2e-4)
    assert oracle.fractional_ca(ca_out) == pytest.approx(share, rel=2e-4)
    i = currents(-60, 0, ca_out=ca_out)
    assert float((i["i_ca_nmda"] / i["i_nmda"]).squeeze()) == pytest.approx(share, rel=1e-3)


def test_tc3_conducting_coefficient():
    """0.6 Pf at 2 mM = 0.050549; I_Ca = 0.0505 g B (V - 40 mV)."""
    i = currents(-70, 1.0, ca_out=2.0)
    expected = 0.050549 * i["g_conducting"] * (-0.070 - 0.040)
    np.testing.assert_allclose(i["i_ca_nmda"], expected, rtol=1e-5)


@pytest.mark.parametrize("v", [-80, -60, -20, 20])
def test_tc10_magnesium_does_not_change_the_share(v):
    i = currents(v, [0, 0.2, 1, 4])
    share = i["i_ca_nmda"] / i["i_nmda"]
    np.testing.assert_allclose(share, share[0, 0], rtol=1e-12)
    charge = clamped([{"v_hold": v, "mg_out": m} for m in (0, 0.2, 1, 4)]).measures
    ratio = charge["ca_charge_nmda"] / charge["nmda_charge"]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)


def test_calcium_is_inward_below_its_reversal():
    """Most published mechanisms let calcium out at depolarised potentials (31 of 43 read)."""
    v = np.array([-120, -80, -60, -40, -20, 0, 20, 39.9])
    i = currents(v, [0, 1e-3, 0.2, 1, 10])["i_ca_nmda"]
    assert np.all(i < 0)
    beyond = currents([40.1, 60, 80], [0, 0.2, 1, 10])["i_ca_nmda"]
    assert np.all(beyond == 0)  # the 50 nM inside could not carry a current out
    assert np.all(currents(0, [0.2, 1])["i_nmda"] == 0)  # where the cation current reverses


def test_charge_balance():
    """The ionic parts make up the total, which is counted once (11 + 18 published files fail)."""
    v = np.linspace(-120, 80, 41)
    i = currents(v, [0, 0.05, 0.8, 4])
    np.testing.assert_allclose(
        i["i_ca_nmda"] + i["i_nmda_rest"], i["i_nmda"], rtol=1e-12, atol=1e-24
    )
    np.testing.assert_allclose(i["i_nmda"], i["g_conducting"] * v * 1e-3, rtol=1e-12, atol=1e-24)
    np.testing.assert_allclose(i["i_membrane"], i["i_nmda"], rtol=1e-12, atol=1e-24)
    np.testing.assert_allclose(i["i_ca"], i["i_ca_nmda"], rtol=1e-12, atol=1e-24)


def test_charge_balance_of_a_firing_cell():
    record = (
        "v",
        "ca",
        "i_nmda",
        "i_ampa",
        "i_membrane",
        "i_ca",
        "i_ca_nmda",
        "i_nmda_rest",
        "i_leak",
        "i_na_fast",
        "i_k_dr",
        "i_m",
        "i_na",
        "i_k",
        "g_conducting",
    )
    protocol = mg.protocols["train_80hz"].lasting(300)
    row = [{"g_nmda": 60.0, "g_ampa": 60.0, "mg_out": 0.3}]
    out = run(FUSED, mg.models["standard"], protocol, (), row, record=record, dt=0.0125)
    x = {n: t[0] for n, t in out.traces.items()}
    assert x["v"].max() > 0  # it fires
    cell = x["i_leak"] + x["i_na_fast"] + x["i_k_dr"] + x["i_m"]
    synapses = x["i_nmda"] + x["i_ampa"]
    np.testing.assert_allclose(cell + synapses, x["i_membrane"], rtol=1e-12, atol=1e-20)
    np.testing.assert_allclose(x["i_na_fast"], x["i_na"], rtol=1e-12)
    np.testing.assert_allclose(x["i_k_dr"] + x["i_m"], x["i_k"], rtol=1e-12)
    np.testing.assert_allclose(
        x["i_ca_nmda"] + x["i_nmda_rest"], x["i_nmda"], rtol=1e-12, atol=1e-22
    )
    dt = 0.0125e-3
    charge = run(
        FUSED,
        mg.models["standard"],
        protocol,
        [mg.measures["ca_charge"], mg.measures["ca_charge_nmda"], mg.measures["nmda_charge"]],
        row,
        dt=0.0125,
    ).measures
    for name, trace in (
        ("ca_charge", "i_ca"),
        ("ca_charge_nmda", "i_ca_nmda"),
        ("nmda_charge", "i_nmda"),
    ):
        assert charge[name][0] == pytest.approx(-np.sum(x[trace]) * dt, rel=2e-3)
    # all the current there is charges the membrane: C dv/dt = -i_membrane
    parameters = {p.name: p.si for p in mg.neurons["pospischil_2008_rs"].parameters}
    moved = (x["v"][-1] - x["v"][0]) * parameters["c_m"] * parameters["area"]
    assert -np.sum(x["i_membrane"]) * dt == pytest.approx(
        moved, abs=0.01 * np.sum(np.abs(synapses)) * dt
    )


def test_the_pool_holds_the_calcium_that_came_in():
    """Without extrusion: d[Ca] = Q/(2 F V (1 + kappa)); with it, a decay of tau_ca."""
    pool = {p.name: p.si for p in mg.calcium["pool"].parameters}
    area = {p.name: p.si for p in mg.neurons["pospischil_2008_rs"].parameters}["area"]
    slow = mg.Component(
        "pool",
        "ca_pool",
        "",
        mg.calcium["pool"].equations.replace("(ca - ca_rest)/tau_ca", "0*ca/tau_ca"),
        parameters=mg.calcium["pool"].parameters,
        initial={"ca": "ca_rest"},
    )
    model = mg.models["tonic"].swap(slow)
    out = run(
        FUSED,
        model,
        mg.protocols["rest"].lasting(200, (0, 200)),
        [mg.measures["ca_charge"]],
        record=("ca",),
    )
    entered = run(
        FUSED, model, mg.protocols["rest"].lasting(200, (0, 200)), [mg.measures["ca_charge"]]
    ).measures["ca_charge"][0]
    volume = area * pool["ca_depth"]
    rise = entered / (2 * 96485.33212 * volume * (1 + pool["ca_kappa"]))
    assert out.traces["ca"][0][-1] - pool["ca_rest"] == pytest.approx(rise, rel=5e-4)
    free = run(
        FUSED,
        mg.models["tonic"].with_values(g_nmda=0, ca_rest=0.07),
        mg.Protocol("p", "", 400.0),
        (),
        [{}],
        record=("ca",),
    )
    assert np.all(free.traces["ca"][0] == pytest.approx(0.07e-3, rel=1e-9))
