"""Target TB1: what each gating scheme answers to 1 ms of 1 mM glutamate, by a simulated clamp.

Numbers: target TB1 with the oracle's corrections (charge over 4 s, steady open probability).
"""

import numpy as np
import pytest
from open_channel import STATES, applied_glutamate, open_channel_block
from physics import oracle, oracle_receptors
from running import FUSED, run

import mgsim as mg
from mgsim.declare.component import Component

#: peak, time of peak, 10-90 % rise, 1/e after the peak, charge after the peak/peak in 4 s (ms)
TB1 = {
    "lester_jahr_1992": (0.37367, 16.245, 8.102, 129.84, 186.22),
    "destexhe_1998": (0.2504, 17.44, 9.18, 68.67, 84.74),
    "destexhe_1998_as_coded": (0.2726, 20.91, 10.69, 115.79, 157.38),
}
#: EC50 (uM) and open probability of the steady response
STEADY = {
    "lester_jahr_1992": (1.1665, 0.27647),
    "destexhe_1998": (2.671, 0.2199),
    "destexhe_1998_as_coded": (2.039, 0.2199),
}
CLAMP = Component(
    "clamp_with_glutamate",
    "stimulus",
    "",
    "v_command = -60*mV : mV\nglu_applied = glu_amp*int(t < glu_time) : mM",
    parameters=(
        mg.Parameter("glu_amp", 1.0, "mM", "a", "assumed: a", (0, 1000)),
        mg.Parameter("glu_time", 1.0, "ms", "a", "assumed: a", (0, 1e6)),
    ),
    adds={"glu_ambient": "glu_applied"},
)


def response(gating, duration, rows=({},), **options):
    model = mg.models["patch"].swap(mg.receptors[gating]).swap(applied_glutamate)
    return run(
        FUSED,
        model,
        mg.Protocol("p", "", duration, CLAMP),
        (),
        rows,
        record=("open_nmda",),
        **options,
    )


def features(t, x, until):
    k = int(np.argmax(x))
    peak = x[k]

    def rising(fraction):
        j = int(np.argmax(x >= fraction * peak))
        return t[j - 1] + (fraction * peak - x[j - 1]) / (x[j] - x[j - 1]) * (t[j] - t[j - 1])

    fall = x[k:]
    j = k + int(np.argmax(fall <= peak / np.e))
    decay = t[j - 1] + (x[j - 1] - peak / np.e) / (x[j - 1] - x[j]) * (t[j] - t[j - 1]) - t[k]
    tail = (t >= t[k]) & (t <= until)
    charge = float(np.sum((x[tail][1:] + x[tail][:-1]) / 2 * np.diff(t[tail]))) / peak
    return peak, t[k], rising(0.9) - rising(0.1), decay, charge


@pytest.mark.parametrize("gating", TB1)
def test_tb1_pulse(gating):
    out = response(gating, 4000.0)
    found = features(out.times * 1e3, out.traces["open_nmda"][0], 4000)
    np.testing.assert_allclose(found, TB1[gating], rtol=5e-3)


@pytest.mark.parametrize("gating", STEADY)
def test_tb1_steady_dose_response(gating):
    ec50, top = STEADY[gating]
    rows = [{"glu_amp": c, "glu_time": 1e5} for c in (ec50 * 1e-3, 1000.0)]
    half, full = response(gating, 20000.0, rows, dt=0.5, every=40).traces["open_nmda"][:, -1]
    assert full == pytest.approx(top, rel=2e-3)
    assert half / full == pytest.approx(0.5, abs=2e-3)


def test_b6_two_states():
    """r after one pulse 0.069243, decay 151.515 ms (closed form)."""
    out = response("destexhe_1994", 1000.0)
    t, x = out.times * 1e3, out.traces["open_nmda"][0]
    assert x.max() == pytest.approx(0.069243, rel=1e-4)
    assert np.polyfit(t[t > 10], np.log(x[t > 10]), 1)[0] == pytest.approx(-1 / 151.515, rel=1e-5)


@pytest.mark.parametrize("gating", TB1)
def test_traces_are_those_of_the_matrix_exponential(gating):
    rates = (
        oracle_receptors.LESTER_JAHR_1992 if "lester" in gating else oracle_receptors.DESTEXHE_1998
    )
    out = response(gating, 200.0)
    at = np.arange(0, 200, 7.0)
    exact = oracle_receptors.pulse_occupancy(
        lambda glu: oracle_receptors.five_state(glu, rates, "as_coded" not in gating),
        at,
        4,
        start=np.eye(5)[0],
    )
    found = out.traces["open_nmda"][0][np.rint(at / 0.05).astype(int)]
    np.testing.assert_allclose(found, exact, rtol=5e-4, atol=1e-9)
    fine = response(gating, 200.0, dt=0.0125).traces["open_nmda"][0][
        np.rint(at / 0.0125).astype(int)
    ]
    np.testing.assert_allclose(fine, exact, rtol=5e-5, atol=1e-9)


def test_dual_exponential_saturates_and_follows_ambient_glutamate():
    """Steady open fraction glu/(glu + ec50), as the part says."""
    rows = [{"glu_tonic": c} for c in (0.0, 2.3e-3, 23e-3)]
    out = run(
        FUSED,
        mg.models["standard"].with_values(g_nmda=0),
        mg.protocols["tonic_glutamate"],
        (),
        rows,
        record=("open_nmda",),
        every=100,
    )
    np.testing.assert_allclose(out.traces["open_nmda"][:, -1], [0, 0.5, 10 / 11], atol=1e-6)
    x = mg.simulate(mg.models["standard"], mg.protocols["train_80hz"], record=("s_nmda",))
    assert 0.9 < float(x.s_nmda.max()) < 1


def test_equal_rise_and_decay_are_the_alpha_function():
    """With little opening s = alpha t exp(-t/tau), the closed form of the linear equations."""
    alpha, tau = 1e-6, 20.0
    model = mg.models["standard"].with_values(
        tau_rise_nmda=tau, tau_decay_nmda=tau, alpha_nmda=alpha, g_nmda=0
    )
    ds = mg.simulate(model, mg.protocols["single_pulse"].lasting(200), record=("s_nmda",))
    t = np.clip(ds.time.values - 50.0, 0, None)
    np.testing.assert_allclose(ds.s_nmda.values, alpha * t * np.exp(-t / tau), rtol=1e-4, atol=0)


def test_ampa_two_states():
    """r after one pulse 0.618, decay 5.26 ms (alpha 1.1 /mM/ms, beta 0.19 /ms; closed form)."""
    out = run(
        FUSED,
        mg.models["standard"]
        .swap(mg.receptors["ampa_destexhe_1994"])
        .swap(mg.receptors["cleft_pulse"]),
        mg.protocols["single_pulse"].lasting(100, (0, 100)),
        record=("o_ampa",),
    )
    r = 1.1 / 1.29 * (1 - np.exp(-1.29))
    assert out.traces["o_ampa"][0].max() == pytest.approx(r, rel=1e-3)
    t, x = out.times * 1e3, out.traces["o_ampa"][0]
    tail = (t > 53) & (t < 80)
    assert np.polyfit(t[tail], np.log(x[tail]), 1)[0] == pytest.approx(-0.19, rel=1e-3)


def test_tb2_cleft():
    """Peak 1.1 mM, decay 1.2 ms (Clements et al. 1992); a pulse of 1 mM for 1 ms."""
    model = mg.models["standard"].swap(mg.receptors["lester_jahr_1992"])
    protocol = mg.protocols["single_pulse"].lasting(60, (0, 60))
    decay = run(FUSED, model.swap(mg.receptors["cleft_decay"]), protocol, record=("glu",))
    t, x = decay.times * 1e3, decay.traces["glu"][0]
    np.testing.assert_allclose(x[t > 50.06], 1.1 * np.exp(-(t[t > 50.06] - 50) / 1.2), rtol=2e-2)
    pulse = run(FUSED, model.swap(mg.receptors["cleft_pulse"]), protocol, record=("glu",))
    x = pulse.traces["glu"][0]
    assert np.all(x[(t > 50.04) & (t < 50.99)] == 1)
    assert np.all(x[(t < 49.99) | (t > 51.04)] == 0)


# ---- open-channel block: the stiffest thing that a user may write --------------------------------
# By the exact propagator oracle_receptors.clamp_charge: 1 nS, E 0, 1 mM x 1 ms, in 1000 ms, fC
CHARGE = {0.0: -7117.869087, 1.0: -239.333435, 10.0: -24.468748}


@pytest.mark.parametrize("mg_out", CHARGE)
@pytest.mark.parametrize("dt", [0.05, 0.1])
def test_open_channel_block_at_minus_100_mv(mg_out, dt):
    """NMDA charge within 0.5 %, occupancies that sum to 1, at 2200 /ms against dt 0.05 ms."""
    exact = oracle_receptors.clamp_charge(-100.0, mg_out, oracle.ascher_nowak_rates)
    assert exact == pytest.approx(CHARGE[mg_out], rel=1e-6)
    model = mg.models["patch"].swap(open_channel_block).swap(applied_glutamate).without("ca_entry")
    clamp = CLAMP.__class__(
        **{
            **{f: getattr(CLAMP, f) for f in CLAMP.__dataclass_fields__},
            "equations": CLAMP.equations.replace("-60*mV", "-100*mV"),
        }
    )
    out = run(
        FUSED,
        model,
        mg.Protocol("p", "", 1000.0, clamp),
        [mg.measures["nmda_charge"]],
        [{"mg_out": mg_out, "g_nmda": 1.0}],
        dt=dt,
    )
    assert -out.measures["nmda_charge"][0] * 1e15 == pytest.approx(exact, rel=5e-3)
    out = run(
        FUSED,
        model,
        mg.Protocol("p", "", 1000.0, clamp),
        (),
        [{"mg_out": mg_out, "g_nmda": 1.0}],
        dt=dt,
        record=STATES,
    )
    occupancy = np.array([out.traces[s][0] for s in STATES])
    assert np.abs(occupancy.sum(axis=0) - 1).max() < 1e-12
    assert occupancy.min() > -1e-3
    assert occupancy.max() < 1 + 1e-3


def test_block_without_trapping_only_delays_the_charge():
    """Charge in 1 s falls with Mg, though that in infinite time does not."""
    assert CHARGE[0.0] / CHARGE[10.0] > 100
