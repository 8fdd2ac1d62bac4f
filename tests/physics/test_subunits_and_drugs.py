"""GluN2 subunits (TB4, TB5), antagonists, glycine: what each must do, and its numbers."""

import numpy as np
import pytest
from physics import oracle_receptors
from running import BRIAN, FUSED, run
from scipy.optimize import curve_fit

import mgsim as mg
from mgsim.analysis.traces import pulse
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError

SYNAPSE = mg.models["kinetic_synapse"]
APPLIED = Component("applied", "cleft", "", "glu = glu_ambient : mM")
GIVEN = Component(
    "given",
    "stimulus",
    "",
    "v_command = v_hold : mV\nglu_applied = glu_amp*int(t > 0*ms)*int(t < glu_time) : mM",
    parameters=(
        mg.Parameter("v_hold", -70.0, "mV", "a", "assumed: a", (-200, 200)),
        mg.Parameter("glu_time", 4.0, "ms", "a", "assumed: a", (0, 1e6)),
        mg.Parameter("glu_amp", 1.0, "mM", "a", "assumed: a", (0, 1000)),
    ),
    adds={"glu_ambient": "glu_applied"},
)


def answer(model, rows, duration, engine=FUSED, record=("open_nmda", "unblocked"), **options):
    out = run(
        engine,
        model.swap(APPLIED),
        mg.Protocol("p", "", duration, GIVEN),
        (),
        rows,
        record=record,
        **options,
    )
    assert np.all(out.status == 0)
    return out.times * 1e3, out.traces


def part(name):
    return SYNAPSE.swap(mg.receptors[name])


# ---- subunits ------------------------------------------------------------------------------------
#: TB4 peak open probability; TB5 decay, ms (2B weighted, 2C recalled); rise; EC50 recalled, uM,
#: to be met within TB9's factor of 1.5
SUBUNITS = {
    "glun2a": (0.50, 87, 3.9, 3.3),
    "glun2b": (0.12, 548, 14.9, 2.9),
    "glun2c": (0.01, 280, 6.0, 1.7),
    "glun2d": (0.01, 5714, 6.2, 0.5),
}


@pytest.mark.parametrize("name", SUBUNITS)
def test_tb4_tb5_open_probability_and_decay(name):
    peak, decay, rise, ec50 = SUBUNITS[name]
    t, traces = answer(part(name), [{}], 12 * decay + 500, dt=0.1 if decay < 1000 else 0.5)
    found = pulse(t, traces["open_nmda"][0])
    np.testing.assert_allclose((found.peak, found.charge), (peak, decay), rtol=0.2)
    assert found.rise == pytest.approx(rise, rel=0.2)
    lasting = answer(part(name), [{"glu_time": 1e6}], 300.0, dt=0.1)[1]["open_nmda"][0]
    assert lasting.max() == pytest.approx(peak, rel=0.2)
    rates = [p.value for p in mg.receptors[name].parameters[:6]]
    oracle_receptors.K_ON, before = rates[0], oracle_receptors.K_ON
    try:
        _, half = oracle_receptors.steady_dose_response(
            lambda glu: oracle_receptors.five_state(glu, rates[1:]), 4
        )
    finally:
        oracle_receptors.K_ON = before
    assert ec50 / 1.5 < half * 1e3 < ec50 * 1.5


def test_tb5_glun2b_decays_in_two_parts():
    """240 ms (59 %) and 1020 ms: PMC6858497 table 1, 1 mM for some ms; TB5's 20 % on each."""
    t, traces = answer(part("glun2b"), [{}], 5000.0, dt=0.1)
    y = traces["open_nmda"][0][::20]
    t, top = t[::20], int(np.argmax(y))

    def two(x, share, fast, slow):
        return share * np.exp(-x / fast) + (1 - share) * np.exp(-x / slow)

    found, _ = curve_fit(two, t[top:] - t[top], y[top:] / y[top], (0.5, 100, 2000))
    np.testing.assert_allclose(found, (0.59, 240, 1020), rtol=0.2)


def test_2c_and_2d_are_blocked_at_least_four_times_less():
    """The ratio of the affinities for magnesium; at -100 mV the recalled half blocks."""
    k = {n: {p.name: p.value for p in mg.receptors[n].parameters} for n in SUBUNITS}
    half = {n: 1e3 * p["mg_k"] * np.exp(-100 * p["mg_slope"]) for n, p in k.items()}
    np.testing.assert_allclose([half[n] for n in SUBUNITS], [2.4, 2.1, 14.2, 10.2], rtol=1e-9)
    assert min(half["glun2c"], half["glun2d"]) / max(half["glun2a"], half["glun2b"]) >= 4
    for n in SUBUNITS:
        b = mg.receptors[n].evaluate("unblocked", v=-100, mg_out=[0, half[n] * 1e-3, 1e9])
        np.testing.assert_allclose(b, [1, 0.5, 0], atol=1e-9)


# ---- competitive antagonists ---------------------------------------------------------------------
def ec50(model, **values):
    doses = np.geomspace(1e-5, 10, 61)
    _, traces = answer(
        model,
        [{"glu_amp": c, "glu_time": 1e5, **values} for c in doses],
        30000.0,
        dt=1.0,
        every=1000,
    )
    x = traces["open_nmda"][:, -1]
    return float(np.exp(np.interp(x[-1] / 2, x, np.log(doses)))), x[-1]


@pytest.mark.parametrize(("name", "drug"), [("d_apv", "apv"), ("cpp", "cpp")])
def test_a_competitive_antagonist_shifts_the_dose_response(name, drug):
    """Schild: EC50 times 1 + [drug]/K, the same maximum."""
    k = {p.name: p.value for p in mg.receptors[name].parameters}[f"{drug}_k"]
    model = SYNAPSE.swap(mg.receptors[name])
    plain, top = ec50(SYNAPSE)
    none, _ = ec50(model, **{f"{drug}_out": 0.0})
    shifted, same = ec50(model, **{f"{drug}_out": 9 * k})
    assert none == pytest.approx(plain, rel=1e-12)
    assert shifted / plain == pytest.approx(10, rel=5e-3)
    assert same == pytest.approx(top, rel=0.02)


def test_two_competitors_add():
    model = SYNAPSE.swap(mg.receptors["d_apv"]).swap(mg.receptors["cpp"])
    both, _ = ec50(model, apv_out=2.8, cpp_out=0.6)
    assert both / ec50(SYNAPSE)[0] == pytest.approx(1 + 2 + 2, rel=5e-3)


@pytest.mark.parametrize("name", ["standard", "kinetic"])
def test_apv_takes_the_nmda_charge_and_leaves_ampa(name):
    model = mg.models[name].swap(mg.receptors["d_apv"])
    ds = mg.simulate(
        model.with_values(g_ampa=2),
        mg.protocols["single_pulse"].lasting(300, (0, 300)),
        record=("i_nmda", "s_ampa"),
        apv_out=[0.0, 50.0],
    )
    charge = ds.i_nmda.sum("time")
    assert float(charge[1] / charge[0]) < {"standard": 0.1, "kinetic": 0.3}[name]
    np.testing.assert_array_equal(ds.s_ampa[0], ds.s_ampa[1])


def test_apv_where_nothing_reads_it_is_refused():
    with pytest.raises(PartError, match=r"d_apv.*no effect"):
        mg.lower(mg.models["patch"].swap(mg.receptors["d_apv"]), mg.protocols["voltage_clamp"], [])


# ---- open-channel blockers -----------------------------------------------------------------------
KINETICS = {"memantine": (0.32, 0.53), "ketamine": (0.15, 0.22)}


@pytest.mark.parametrize("name", KINETICS)
def test_onset_in_lasting_agonist(name):
    """k_on [drug] + k_off of Gilling et al. 2009, magnesium-free, -70 mV; half block at off/on."""
    on, off = KINETICS[name]
    rows = [{f"{name}_out": c, "glu_time": 1e6, "mg_out": 0.0} for c in (0.0, 10.0)]
    t, traces = answer(part(name), rows, 20000.0, dt=0.2, every=50)
    left = traces["open_nmda"][1] / traces["open_nmda"][0].clip(1e-9)
    assert left[-1] == pytest.approx(1 / (1 + 10 * on / off), rel=1e-3)
    late = (t > 300) & (left > left[-1] + 0.02)
    rate = -np.polyfit(t[late], np.log(left[late] - left[-1]), 1)[0] * 1e3
    assert rate == pytest.approx(10 * on + off, rel=0.3)  # gating takes part of the time


@pytest.mark.parametrize("name", KINETICS)
def test_the_drug_is_trapped_when_the_channel_closes(name):
    """After glutamate has gone the drug stays; only a new opening lets it out."""
    twice = Component(
        **{
            **{f: getattr(GIVEN, f) for f in GIVEN.__dataclass_fields__},
            "equations": "v_command = v_hold : mV\n"
            "glu_applied = glu_amp*int(t > 0*ms)*(int(t < glu_time)"
            " + int(t > 20*s)*int(t < 20*s + glu_time)) : mM",
        }
    )
    held = tuple(f"{s}_{name}" for s in ("c0_nmda", "c1_nmda", "c2_nmda", "d_nmda", "o_nmda"))
    rows = [{f"{name}_out": 10.0, "glu_time": 4000.0, "mg_out": 0.0}]
    out = run(
        FUSED,
        part(name).swap(APPLIED),
        mg.Protocol("p", "", 24000.0, twice),
        (),
        rows,
        record=(*held, "open_nmda"),
        dt=0.2,
        every=50,
    )
    inside = sum(out.traces[s][0] for s in held)
    t = out.times * 1e3
    after, much_later = inside[np.searchsorted(t, 8000)], inside[np.searchsorted(t, 19900)]
    assert after > 0.5
    assert much_later == pytest.approx(after, abs=0.01)
    assert out.traces["open_nmda"][0][t > 20005].max() < 0.5 * out.traces["open_nmda"][0].max()


@pytest.mark.parametrize("name", KINETICS)
def test_magnesium_protects_from_the_drug_and_depolarisation_relieves_it(name):
    rows = [
        {f"{name}_out": 10.0, "glu_time": 1e6, **more}
        for more in ({"mg_out": 0.0}, {"mg_out": 1.0}, {"mg_out": 0.0, "v_hold": 0.0})
    ]
    held = tuple(f"{s}_{name}" for s in ("c0_nmda", "c1_nmda", "c2_nmda", "d_nmda", "o_nmda"))
    _, traces = answer(part(name), rows, 60000.0, dt=0.5, every=200, record=held)
    inside = sum(traces[s] for s in held)
    free, with_mg, at_zero = inside[:, -1]
    assert with_mg < free
    assert at_zero < free
    b = float(mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=-70, mg_out=1))
    on, off = KINETICS[name]
    assert with_mg == pytest.approx(1 - 1 / (1 + 10 * on / off * b), rel=0.02)  # competition
    assert inside[1, 20] < inside[0, 20]  # and slower


@pytest.mark.parametrize("name", [*KINETICS, *SUBUNITS])
def test_engines_agree(name):
    rows = [{"mg_out": 0.0}, {"mg_out": 1.0}, {"v_hold": 20.0}]
    states = mg.receptors[name].kinetics[0].states
    fused, brian = (
        answer(part(name), rows, 25.0, e, (*states, "i_nmda"))[1] for e in (FUSED, BRIAN)
    )
    for key, trace in brian.items():
        np.testing.assert_allclose(fused[key], trace, rtol=0, atol=1e-9 * np.abs(trace).max())
    np.testing.assert_allclose(sum(fused[s] for s in states), 1, atol=1e-12)


# ---- glycine -------------------------------------------------------------------------------------
def test_glycine_is_needed_and_saturates():
    model = mg.models["patch"].swap(mg.receptors["glycine_site"])
    ds = mg.sweep(
        model,
        mg.protocols["voltage_clamp"].lasting(1, (0, 1)),
        mg.measures["mean_i_nmda"],
        glycine=[0.0, 1.0, 10.0, 100.0],
        mg_out=0,
    )
    full = mg.sweep(
        mg.models["patch"],
        mg.protocols["voltage_clamp"].lasting(1, (0, 1)),
        mg.measures["mean_i_nmda"],
        mg_out=0,
    )
    share = ds.mean_i_nmda / full.mean_i_nmda
    np.testing.assert_allclose(share, [0, 1 / 2, 10 / 11, 100 / 101], rtol=1e-12)
    with pytest.raises(PartError, match=r"'glycine_site' gives to 'modulation_nmda'.*no effect"):
        mg.lower(mg.models["cell"].swap(mg.receptors["glycine_site"]), mg.protocols["rest"], [])


def test_factors_on_the_conductance_multiply():
    half, third = (
        mg.Component(
            f"factor_{n}",
            f"factor_{n}",
            "",
            f"f_{n} = 1/{n} : 1",
            adds={"modulation_nmda": f"f_{n}"},
        )
        for n in (2, 3)
    )
    patch, clamp = mg.models["patch"], mg.protocols["voltage_clamp"].lasting(1, (0, 1))
    alone, both = (
        float(mg.sweep(m, clamp, mg.measures["mean_i_nmda"]).mean_i_nmda)
        for m in (patch, patch.swap(half).swap(third))
    )
    assert both == pytest.approx(alone / 6, rel=1e-12)
