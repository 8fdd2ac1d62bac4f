"""The cell of 'full' on ions that move: books of ions, charge and ATP, its rest, what fails."""

import numpy as np
import pytest
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.declare import changes

pytestmark = pytest.mark.usefixtures("unoptimised")

FARADAY = 96485.33212331001
MODEL = mg.models["full_moving"]
FULL = mg.models["full"]
STATES = (
    "v",
    "ca",
    "vol_in",
    "vol_out",
    "k_glia",
    "k_to_bath",
    "na_to_bath",
    "atp",
    "adp",
    "mg_in",
)
STATES += ("mgatp", "gain_na", "gain_k", "gain_cl")
CONCENTRATIONS = tuple(f"{n}_{side}" for n in ("na", "k", "cl") for side in ("in", "out"))
#: Every consumer works, is driven, and fails within 300 ms.
BUSY = (
    (mg.protocols["train_80hz"] + mg.protocols["current_step"])
    .with_values(step_start=20, step_stop=250)
    .changing(supply=changes.ramp(0.0, 100, 100), supply_pump=changes.step(0.3, 200))
    .lasting(300, (0, 300))
)
MADE = Measure("made", "fmol", "ATP made", rate="atp_made")
BY_PUMP = Measure(
    "by_pump", "fmol", "sodium by the pump, a third", rate="i_na_pump/(3*faraday_constant)"
)
BY_CALCIUM = Measure("by_calcium", "fmol", "calcium taken out", rate="na_for_ca/2")
MEASURES = (MADE, BY_PUMP, BY_CALCIUM)


@pytest.fixture(scope="module")
def books():
    out = run(
        FUSED,
        MODEL,
        BUSY,
        MEASURES,
        [{"g_ampa": 30.0, "mg_out": 0.1, "k_bath": 12.0, "atp_start": 1.0}],
        record=(*STATES, *CONCENTRATIONS),
        dt=0.05,
        method="rk2",
    )
    assert out.status[0] == 0
    x = {n: values[0] for n, values in out.traces.items()}
    return x, {n: float(values[0]) for n, values in out.measures.items()}


def test_each_ion_is_inside_outside_in_glia_or_in_the_bath(books):
    x, _ = books
    taken = {
        "k": x["k_glia"] + x["k_to_bath"],
        "na": x["na_to_bath"] - 0.2 * x["k_glia"],
        "cl": 0.8 * x["k_glia"] + x["k_to_bath"] + x["na_to_bath"],
    }
    assert np.ptp(x["k_to_bath"]) > 0
    assert np.ptp(x["vol_out"]) > 0
    for ion, gone in taken.items():
        whole = x[f"{ion}_in"] * x["vol_in"] + x[f"{ion}_out"] * x["vol_out"] + gone
        np.testing.assert_allclose(whole, whole[0], rtol=1e-9)


def test_what_ions_carry_charges_the_membrane(books):
    """Calcium too: what is inside, buffer and all, came in and did not go out for sodium."""
    x, _ = books
    cell, pool = MODEL["neuron"], MODEL["ca_pool"]
    room = cell["area"].si * pool["ca_depth"].si * (1 + pool["ca_kappa"].si)
    gained = x["gain_na"] + x["gain_k"] - x["gain_cl"] + 2 * room * (x["ca"] - x["ca"][0])
    stored = cell["c_m"].si * cell["area"].si * (x["v"] - x["v"][0])
    turned = FARADAY * np.ptp(x["gain_na"])
    np.testing.assert_allclose(FARADAY * gained, stored, atol=1e-9 * turned)


def test_the_space_outside_keeps_its_charge_once_calcium_has_left_it(books):
    """Sodium, potassium and chloride outside lose what the membrane stores and calcium brings."""
    x, _ = books
    cell, pool = MODEL["neuron"], MODEL["ca_pool"]
    room = cell["area"].si * pool["ca_depth"].si * (1 + pool["ca_kappa"].si)
    stored = cell["c_m"].si * cell["area"].si * (x["v"] - x["v"][0]) / FARADAY
    outside = x["vol_out"] * (x["na_out"] + x["k_out"] - x["cl_out"])
    calcium = 2 * room * (x["ca"] - x["ca"][0])
    turned = np.ptp(x["gain_na"])
    np.testing.assert_allclose(
        outside - outside[0] - calcium + stored, 0, rtol=0, atol=1e-9 * turned
    )
    assert np.abs(calcium).max() > 1e-4 * turned  # which nothing outside gives
    assert "Calcium outside is constant" in MODEL["amounts"].deviations


def test_atp_is_what_was_made_less_what_each_ion_moved_costs(books):
    """Three sodium or one calcium for each."""
    x, kept = books
    amount = x["atp"] * x["vol_in"]
    spent = kept["by_pump"] + kept["by_calcium"]
    assert kept["by_calcium"] > 0.001 * spent > 0
    change = kept["made"] - spent
    assert amount[-1] - amount[0] == pytest.approx(change, abs=1e-9 * spent)
    np.testing.assert_allclose((x["atp"] + x["adp"]) * x["vol_in"], 1.1e-18 * 20000, rtol=1e-9)


def test_magnesium_inside_is_kept_and_freed_by_falling_atp(books):
    x, _ = books
    whole = (x["mg_in"] + x["mgatp"]) * x["vol_in"]
    np.testing.assert_allclose(whole, whole[0], rtol=1e-12)
    assert x["mg_in"][0] == pytest.approx(0.7)
    np.testing.assert_allclose(x["mgatp"], x["atp"] * x["mg_in"] / (x["mg_in"] + 0.1), rtol=1e-9)
    assert np.ptp(x["atp"]) > 0.01
    assert np.corrcoef(x["atp"], x["mg_in"])[0, 1] < -0.99


def test_two_engines_agree():
    short = BUSY.with_values(train_start=2, step_start=2, supply_start=2).lasting(10, (0, 10))
    row = [{"mg_out": 0.1}]
    a, b = (
        run(e, MODEL, short, MEASURES, row, record=STATES, dt=0.05, method="rk2")
        for e in (FUSED, BRIAN)
    )
    for n in STATES:
        x, y = a.traces[n], b.traces[n]
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12 * np.abs(y).max() + 1e-30)
    for n in ("made", "by_pump", "by_calcium"):
        assert a.measures[n] == pytest.approx(b.measures[n], rel=1e-9)


def test_it_rests_as_full_does_and_stays():
    """The rest of 'full' within 0.1 mV, fluxes within 1 % of what the pump moves."""
    record = ("v", "ca", "i_na", "i_k", "i_cl", "i_na_pump", "k_out", "na_in")
    still = mg.protocols["rest"].lasting(4000)
    how = {"every": 400, "dt": 0.1, "method": "rk2", "progress": False}
    ds = mg.simulate(MODEL, still, record=record, **how)
    fixed = mg.simulate(FULL, still, record=("v", "ca"), **how)
    x = ds.isel(point=0) if "point" in ds.dims else ds
    assert float(x.v[-1]) == pytest.approx(float(fixed.v.values.ravel()[-1]), abs=0.1)
    assert float(x.ca[-1]) == pytest.approx(float(fixed.ca.values.ravel()[-1]), rel=0.01)
    for ion in ("na", "k", "cl"):
        assert abs(float(x[f"i_{ion}"][-1])) < 0.01 * float(x.i_na_pump[-1])
    assert float(x.k_out[-1]) == pytest.approx(3.5, abs=0.01)
    assert float(x.na_in[-1]) == pytest.approx(22.04, abs=0.05)


def test_energy_by_parts():
    """Pump and uptake are missed within a second, the making of ATP and glia later."""
    still = mg.protocols["rest"].lasting(1500)
    kept = [mg.measures[n] for n in ("least_atp", "time_atp_low", "swelling", "mean_v")]
    parts = ("supply_pump", "supply_energy", "supply_glia", "supply_uptake", "supply_ca_pool")
    cell = MODEL.with_values(**dict.fromkeys(parts, 1.0))
    rows = [{}, *({n: 0.0} for n in parts), {"mg_in_rest": 0.05}]
    out = run(FUSED, cell, still, kept, rows, method="rk2", dt=0.1)
    base, pump, energy, glia, uptake, calcium, starved = out.measures["mean_v"] * 1e3
    assert pump > base + 1  # what the pump carries is gone
    assert energy == pytest.approx(base, abs=0.05)  # ATP lasts for seconds
    assert glia == pytest.approx(base, abs=0.05)  # nor has potassium risen yet
    assert calcium == pytest.approx(base, abs=0.05)
    assert uptake > base + 1  # what leaks stays and opens receptors
    assert starved > base + 0.1  # a pump on little MgATP
    least = out.measures["least_atp"]
    assert least[2] < least[0] - 0.1
    assert least[1] > least[0]  # a pump that stands still spends nothing
    assert np.all(out.measures["swelling"] >= 1)


def test_the_index_is_fed_by_nmda_receptors_alone():
    """Of a Hill function: half at its half, and as the charge goes, whatever channels let in."""
    kept = [mg.measures[n] for n in ("ca_charge", "ca_charge_receptors", "injury_index")]
    done = mg.protocols["glutamate_exposure"].with_values(pulse_start=0.0).lasting(300.0)
    low = {"mg_out": 0.05, "ampa_left": 0.0}
    rows = [low, low | {"g_ca_l": 0.2}, low | {"glu_amp": 0.0}]
    out = run(FUSED, MODEL, done, kept, rows, method="rk2", dt=0.05)
    assert not out.status.any()
    charge, index = out.measures["ca_charge_receptors"], out.measures["injury_index"]
    half, power = (p.si for p in mg.measures["injury_index"].parameters)
    np.testing.assert_allclose(index, 1 / (1 + (half / charge) ** power), rtol=1e-9)
    assert out.measures["ca_charge"][1] > charge[1]
    assert index[0] > 100 * index[2]


def test_magnesium_leaves_uptake_alone_unless_asked():
    """And an uptake in two clefts of one tissue differs eightfold by what is taken for it."""
    for name in ("uptake_counted", "uptake_fast"):
        law = mg.homeostasis[name]
        given = {"glu": 0.01, "glu_around": 0.01, "synapses": 5000.0, "vol_cleft": 0.004}
        given |= {"vol_out_rest": 2500.0, "supply": 1.0}
        pulls = [float(law.evaluate("pull_around", mg_out=x, **given)) for x in (0, 1, 4)]
        assert pulls[0] == pulls[1] == pulls[2]
        asked = law.evaluate("pull_around", mg_out=2.0, mg_slope_uptake=0.5, **given)
        assert float(asked) == pytest.approx(1.5 * pulls[1], rel=1e-12)
