"""Calcium entry in every form (TC1-TC7, TC10), reversal, channels, and the split by source.

Numbers: docs/validation.md C and tests/physics/oracle.py, whose constants give the constant-field
fractions.
"""

import numpy as np
import pytest
from physics import oracle
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.units import UnitError

pytestmark = pytest.mark.usefixtures("unoptimised")

PATCH = mg.models["patch"]
CLAMP = mg.protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0))
ENTRIES = ["fractional", "fractional_glun2a", "fractional_calyx", "fractional_ca1", "ghk"]
KEEP = ("i_ca_nmda", "i_nmda_rest", "i_nmda", "g_conducting")


def at(entry, **rows):
    rows = [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]
    return run(FUSED, PATCH.swap(mg.calcium[entry]), CLAMP, (), rows, dt=0.5, record=KEEP).traces


def share(entry, v, ca, **more):
    given = {"v_hold": [v], "ca_out": [ca], **{k: [x] for k, x in more.items()}}
    x = at(entry, **given)
    return float(x["i_ca_nmda"][0, 0] / x["i_nmda"][0, 0])


@pytest.mark.parametrize("ca", [1.0, 1.2, 1.6, 1.8, 2.0, 2.5, 10.0])
def test_tc1_tc2_fractional(ca):
    assert share("fractional", -60.0, ca) == pytest.approx(oracle.fractional_ca(ca), rel=1e-9)


@pytest.mark.parametrize(
    ("entry", "v", "ca", "expected"),
    [
        ("fractional_glun2a", -60, 1.8, 0.11),
        ("fractional_calyx", -80, 2.0, 0.115),
        ("fractional_ca1", -60, 1.6, 0.107),
    ],
)
def test_tc4_to_tc6_other_receptors(entry, v, ca, expected):
    assert share(entry, v, ca) == pytest.approx(expected, rel=1e-9)


def test_tc7_constant_field_with_and_without_activities():
    """18.7 % at 2 mM with activities (0.3, 0.75); 36 % with concentrations (oracle)."""
    assert share("ghk", -60.0, 2.0) == pytest.approx(0.187, abs=2e-3)
    exact = oracle.ghk_ca_share(-60.0, 10.6 * 0.3 / 0.75, 2.0)
    assert share("ghk", -60.0, 2.0, ca_inside=0.0) == pytest.approx(exact, rel=1e-6)
    bare = {"act_ca": 1.0, "act_mono": 1.0, "ca_inside": 0.0, "celsius": 22.0}
    for p_ca in (3.6, 10.6):
        for ca in (1.6, 1.8, 2.0):
            found = share("ghk", -60.0, ca, p_ca=p_ca, **bare)
            assert found == pytest.approx(oracle.ghk_ca_share(-60.0, p_ca, ca), rel=1e-6)
    assert share("ghk", -60.0, 2.0, **bare) == pytest.approx(0.36, abs=0.005)


def test_constant_field_is_smooth_through_zero_and_finite_everywhere():
    v = np.array([-1e4, -1e3, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 1e3])
    x = mg.calcium["ghk"].evaluate("i_ca_nmda", v=v, g_conducting=1, ca_out=2)
    assert np.all(np.isfinite(x))
    assert np.ptp(x[2:7]) < 1e-3 * abs(x[4])
    limit = x[4]
    exact = -60 * -2 * 0.3 * 10.6 / (0.75 * 150) * 2.0  # per unit of the sum at -60 mV
    ratio = mg.calcium["ghk"].evaluate("ghk_total_ref", ca_out=2)
    assert limit == pytest.approx(exact / ratio, rel=1e-4)
    for ca_out, ca_inside in ((0.0, 0.0), (0.0, 1.0), (2.0, 0.0)):
        x = mg.calcium["ghk"].evaluate(
            "i_ca_nmda", v=v, g_conducting=1, ca_out=ca_out, ca_inside=ca_inside
        )
        assert np.all(np.isfinite(x))


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_total_current_is_that_of_the_receptor(entry):
    v = np.arange(-100.0, 61.0, 5.0)
    x = at(entry, v_hold=v, ca_out=np.full(len(v), 2.0))
    np.testing.assert_allclose(
        x["i_ca_nmda"] + x["i_nmda_rest"], x["i_nmda"], rtol=1e-12, atol=1e-24
    )
    bare = run(
        FUSED,
        PATCH.without("ca_entry"),
        CLAMP,
        (),
        [{"v_hold": u} for u in v],
        dt=0.5,
        record=("i_nmda",),
    ).traces
    np.testing.assert_allclose(x["i_nmda"], bare["i_nmda"], rtol=1e-14, atol=1e-26)


@pytest.mark.parametrize("entry", ENTRIES)
def test_calcium_is_inward_below_its_own_reversal_and_never_drains_the_cell(entry):
    """Above it the flux equation lets out what little is inside; a fraction lets nothing out."""
    part = mg.calcium[entry]
    values = {p.name: p.value for p in part.parameters}
    if entry == "ghk":  # Nernst for the inside and outside that it sees
        reversal = 1e3 * oracle.GAS * 309.15 / (2 * oracle.FARADAY) * np.log(2.0 / 0.05e-3)
    else:
        reversal = values["e_ca_nmda"]
    v = np.linspace(-150, 200, 1401)
    x = part.evaluate("i_ca_nmda", v=v, g_conducting=1, ca_out=2.0)
    assert np.all(x[v < reversal - 1e-6] < 0)
    above = x[v > reversal + 1e-6]
    assert np.all(above > 0 if entry == "ghk" else above == 0)


@pytest.mark.parametrize("entry", ENTRIES)
def test_tc10_magnesium_does_not_change_the_fraction(entry):
    mgs = [0.0, 0.1, 1.0, 10.0]
    x = at(entry, mg_out=mgs, v_hold=[-50.0] * 4)
    fraction = (x["i_ca_nmda"] / x["i_nmda"])[:, 0]
    np.testing.assert_allclose(fraction, fraction[0], rtol=1e-12)


def test_ampa_calcium():
    """0.5 % of the current at -60 mV, inward up to +40 mV, where the AMPA current is outward."""
    part = mg.calcium["ampa_calcium"]
    v = np.array([-100.0, -60.0, -1.0, 20.0, 39.0, 60.0])
    calcium = part.evaluate("i_ca_ampa", v=v, g_open_ampa=10.0)
    assert calcium[1] / (10.0 * -60.0) == pytest.approx(0.005, rel=1e-12)
    np.testing.assert_allclose(calcium, 0.005 * 0.6 * 10 * np.minimum(v - 40, 0), rtol=1e-12)
    assert part.currents == {"i_ca_ampa": "ca of i_ampa"}


@pytest.mark.parametrize(
    ("part", "name"),
    [("ghk", "mono"), ("ghk", "act_mono"), ("ghk", "v_pf"), ("ampa_calcium", "v_pf_ampa")],
)
def test_zero_where_something_is_divided_is_refused(part, name):
    with pytest.raises(UnitError, match=f"{name} .* cannot be 0: "):
        mg.calcium[part].with_values(**{name: 0.0})
    with pytest.raises(UnitError, match=f"{name} .* cannot be 0: "):
        mg.sweep(
            mg.models["standard"].swap(mg.calcium[part]),
            mg.protocols["single_pulse"],
            mg.measures["ca_charge"],
            **{name: [1.0, 0.0]},
        )


@pytest.mark.parametrize("outside", [0.0, 2.0])
def test_no_calcium_on_a_side_is_finite(outside):
    part = mg.calcium["ghk"].with_values(ca_inside=0.0)
    x = part.evaluate("i_ca_nmda", v=np.linspace(-100, 100, 9), g_conducting=1, ca_out=outside)
    assert np.all(np.isfinite(x))
    assert np.all(x <= 0)


# ---- reversal ------------------------------------------------------------------------------------
def test_nernst():
    part = mg.calcium["nernst_ca"]
    e = part.evaluate("e_ca", ca=[0.05, 2000.0], ca_out=2.0, celsius=37)
    rt = 1e3 * oracle.GAS * 310.15 / (2 * oracle.FARADAY)
    np.testing.assert_allclose(e, [rt * np.log(2.0 / 0.05e-3), 0.0], rtol=1e-6, atol=1e-6)
    for ca, ca_out in ((0.0, 2.0), (0.05, 0.0), (0.0, 0.0)):
        assert np.isfinite(part.evaluate("e_ca", ca=ca, ca_out=ca_out))
    assert float(part.evaluate("e_ca", ca=0.0, ca_out=0.0)) == 0


# ---- channels ------------------------------------------------------------------------------------
def everything():
    model = mg.models["standard"]
    for name in ("ca_l_type", "ca_t_type", "ampa_calcium", "nernst_ca"):
        model = model.swap((mg.channels if name in mg.channels else mg.calcium)[name])
    return model


def rates_l(v):
    x = (-27.0 - v) / 3.8
    a_q = 0.055 * 3.8 if x == 0 else 0.055 * (-27.0 - v) / np.expm1(x)
    return (
        a_q,
        0.94 * np.exp((-75.0 - v) / 17),
        0.000457 * np.exp((-13.0 - v) / 50),
        0.0065 / (np.exp((-15.0 - v) / 28) + 1),
    )


@pytest.mark.parametrize("v", [-80.0, -27.0, 0.0, 20.0])
def test_l_type_relaxes_as_its_rates_say(v):
    """Gates and current after a step from -70 mV, in closed form from the published rates."""
    model = mg.models["patch"].swap(mg.channels["ca_l_type"])
    protocol = (
        mg.protocols["voltage_step"]
        .lasting(60.0, (0, 60))
        .with_values(v_hold=-70, v_step=v, step_start=0, step_stop=1000)
    )
    out = run(FUSED, model, protocol, record=("q_ca", "r_ca", "i_ca_l"), dt=0.01)
    t = out.times * 1e3
    a, b, c, d = rates_l(v)
    a0, b0, c0, d0 = rates_l(-70.0)
    q = a / (a + b) + (a0 / (a0 + b0) - a / (a + b)) * np.exp(-(a + b) * t)
    r = c / (c + d) + (c0 / (c0 + d0) - c / (c + d)) * np.exp(-(c + d) * t)
    np.testing.assert_allclose(out.traces["q_ca"][0], q, rtol=2e-4, atol=1e-9)
    np.testing.assert_allclose(out.traces["r_ca"][0], r, rtol=1e-6)
    i = 0.1 * 20000 * 1e-2 * q**2 * r * (v - 120) * 1e-12  # 0.1 mS/cm2 of 20000 um2 is 20 nS
    late = t > 1
    np.testing.assert_allclose(out.traces["i_ca_l"][0][late], i[late], rtol=1e-3)


@pytest.mark.parametrize("v", [-95.0, -70.0, -50.0, -20.0])
def test_t_type_steady_gates_and_times(v):
    part = mg.channels["ca_t_type"]
    u = v - 7.0
    given = {"v": v, "v_shift": 0}
    assert float(part.evaluate("s_inf_ca", **given)) == pytest.approx(
        1 / (1 + np.exp(-(u + 57) / 6.2))
    )
    assert float(part.evaluate("u_inf_ca", **given)) == pytest.approx(
        1 / (1 + np.exp((u + 81) / 4))
    )
    tau = np.exp((u + 467) / 66.6) / 3.7 if u < -80 else (np.exp(-(u + 22) / 10.5) + 28) / 3.7
    assert float(part.evaluate("tau_u_ca", **given)) == pytest.approx(tau)
    tau = (0.612 + 1 / (np.exp(-(u + 132) / 16.7) + np.exp((u + 16.8) / 18.2))) / 3.7
    assert float(part.evaluate("tau_s_ca", **given)) == pytest.approx(tau)


def test_calcium_by_source_sums_to_the_whole_and_to_what_the_pool_holds():
    model = everything()
    names = ("nmda", "ampa", "l_type", "t_type")
    measures = [mg.measures["ca_charge"], *(mg.measures[f"ca_charge_{n}"] for n in names)]
    protocol = mg.protocols["train_80hz"].lasting(300, (0, 300))
    for engine in (FUSED, BRIAN):
        out = run(
            engine, model, protocol, measures, [{"mg_out": 0.2}, {"g_ca_l": 0.0, "g_ca_t": 0.0}]
        )
        total = out.measures["ca_charge"]
        split = [out.measures[f"ca_charge_{n}"] for n in names]
        np.testing.assert_allclose(sum(split), total, rtol=1e-12)
        assert all(s[0] > 0 for s in split)
        assert split[2][1] == split[3][1] == 0
    closed = model.with_values(tau_ca=500)
    out = run(FUSED, closed, Protocol("short", "", 0.5), [mg.measures["ca_charge"]], record=("ca",))
    gained = out.traces["ca"][0, -1] - out.traces["ca"][0, 0]
    volume = 28952.9e-12 * 0.1e-6 * 61
    assert gained * 2 * oracle.FARADAY * volume == pytest.approx(
        out.measures["ca_charge"][0], rel=2e-2
    )


@pytest.mark.parametrize(
    ("ion", "number"), [("ca", 4), ("k", 2), ("na", 1), ("cl", 0)], ids=lambda x: str(x)
)
def test_charge_by_source_is_the_charge_of_the_ion(ion, number):
    """By declaration: whatever names the currents have, they make up what the ion carries."""
    model, protocol = everything(), mg.protocols["train_80hz"].lasting(100, (0, 100))
    sources = mg.by_source(model, ion)
    assert len(sources) == number
    if not number:
        return
    whole = mg.Measure("whole", "pC", "all of it", rate=f"-i_{ion}")
    out = run(FUSED, model, protocol, [whole, *sources]).measures
    split = [out[m.name][0] for m in sources]
    assert sum(split) == pytest.approx(out["whole"][0], rel=1e-12)
    assert all(x != 0 for x in split)


def test_charge_by_source_takes_a_pump_and_no_prefix():
    """3 sodium out, 2 potassium in; a name that says nothing of calcium."""
    text = "pumped = 5*pA : pA\nuphill = 3*pumped : pA\nback = -2*pumped : pA\nodd = -1*pA : pA"
    part = mg.Component(
        "pump", "pump", "", text, currents={"uphill": "na", "back": "k", "odd": "ca of i_nmda"}
    )
    model = everything().swap(part)
    assert [m.name for m in mg.by_source(model, "na")] == [
        "charge_of_i_na_fast",
        "charge_of_uphill",
    ]
    assert mg.by_source(model, "ca")[-1].name == "charge_of_odd"
    with pytest.raises(KeyError, match="no ion 'mg'"):
        mg.by_source(model, "mg")


def test_calcium_channels_drive_the_membrane():
    """Their current is in the cell's balance: dv/dt follows every current that is recorded."""
    names = (
        "v",
        "i_leak",
        "i_na_fast",
        "i_k_dr",
        "i_m",
        "i_nmda",
        "i_ampa",
        "i_electrode",
        "i_membrane",
        "i_ca_l",
        "i_ca_t",
    )
    protocol = (
        mg.protocols["current_step"].lasting(40, (0, 40)).with_values(step_start=5, step_stop=35)
    )
    out = run(FUSED, everything(), protocol, record=names, dt=0.005)
    x = {n: out.traces[n][0] for n in names}
    total = sum(x[n] for n in names if n not in ("v", "i_membrane"))
    np.testing.assert_allclose(x["i_membrane"], total, rtol=1e-12, atol=1e-20)
    slope = (x["v"][2:] - x["v"][:-2]) / 1e-5
    expected = -total[1:-1] / (28952.9e-12 * 1e-2)
    quiet = np.abs(np.diff(x["i_electrode"]))[1:] + np.abs(np.diff(x["i_electrode"]))[:-1] == 0
    np.testing.assert_allclose(slope[quiet], expected[quiet], rtol=1e-2, atol=0.05)
    assert np.abs(x["i_ca_l"] + x["i_ca_t"]).max() > 0


def test_engines_agree_on_every_source():
    rows = [{}, {"mg_out": 0.0}]
    a, b = (
        run(
            e,
            everything(),
            mg.protocols["train_80hz"].lasting(30, (0, 30)).with_values(train_start=5),
            (),
            rows,
            record=("v", "ca", "e_ca", "i_ca_l", "i_ca_t"),
        )
        for e in (FUSED, BRIAN)
    )
    for name in a.traces:
        np.testing.assert_allclose(
            a.traces[name], b.traces[name], rtol=1e-9, atol=1e-9 * np.abs(b.traces[name]).max()
        )
