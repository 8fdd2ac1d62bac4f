"""Experiments: axes replaced, added and refused; what the figures' data must show."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare.parameter import PartError
from mgsim.engines.contract import ALWAYS, NEVER, EngineError
from mgsim.experiments.burst_limit import said
from mgsim.experiments.fi_curve import rates
from mgsim.experiments.protection import protected
from mgsim.figures.saving import caption
from mgsim.runs.experiment import Experiment

pytestmark = pytest.mark.usefixtures("unoptimised")


@pytest.mark.parametrize("experiment", mg.experiments.values(), ids=lambda e: e.name)
def test_every_experiment_asks_something_over_axes(experiment):
    assert experiment.question.endswith("?")
    assert experiment.axes


def test_axes_are_replaced_added_and_fixed():
    ds = mg.experiments["nmda_iv"].run(mg_out=1.0, v_hold=[-60.0, -20.0], g_nmda=[1.0, 2.0])
    assert ds.mean_i_nmda.dims == ("v_hold", "g_nmda")
    assert float(ds.mg_out) == 1.0
    assert ds.attrs["experiment"] == "nmda_iv"
    assert ds.attrs["question"] == mg.experiments["nmda_iv"].question


@pytest.mark.parametrize("name", ["nmda_iv", "block_curves", "epsp_mg"])
def test_an_unknown_axis_is_refused_with_the_nearest_names(name):
    with pytest.raises(KeyError, match="did you mean mg_out"):
        mg.experiments[name].run(mg_ot=[0, 1])


def test_several_models_make_the_axis_model():
    patch = mg.models["patch"]
    both = (patch, patch.swap(mg.blocks["none"]).named("patch_unblocked"))
    clamp = mg.protocols["voltage_clamp"].lasting(1.0, window=(0.0, 1.0))
    kept = (mg.measures["mean_i_nmda"],)
    experiment = Experiment(
        "pair", "Does block matter?", both, clamp, kept, axes={"mg_out": [0.0, 1.0]}
    )
    ds = experiment.run(v_hold=-60)
    assert ds.model.values.tolist() == ["patch", "patch_unblocked"]
    blocked, free = ds.mean_i_nmda.transpose("model", "mg_out").values
    assert free[0] == free[1] == blocked[0] < blocked[1] < 0


def test_an_algebraic_experiment_equals_the_law_itself_and_refuses_states():
    ds = mg.experiments["block_curves"].run(v=[-70.0, 0.0], mg_out=[0.0, 1.0])
    for law in ds.block.values:
        expected = mg.blocks[law].evaluate(
            "unblocked", v=np.array([[-70.0], [0.0]]), mg_out=np.array([0.0, 1.0]), celsius=22.0
        )
        np.testing.assert_allclose(ds.unblocked.sel(block=law), expected, rtol=1e-12)
    dynamic = Experiment(
        "dynamic",
        "Can it?",
        (mg.models["cell"],),
        mg.protocols["rest"],
        record=("v",),
        algebraic=True,
    )
    with pytest.raises(EngineError, match="is a state"):
        dynamic.run()


def test_an_experiment_keeps_measures_or_traces():
    with pytest.raises(PartError, match="either measures or record"):
        Experiment("nothing", "What?", (mg.models["cell"],), mg.protocols["rest"])


def test_an_algebraic_experiment_is_evaluated_at_time_zero():
    clock = mg.Component(
        "clock",
        "clock",
        "",
        "x_c = k_c + 1*mV*t/ms : mV\ny_c = 2*x_c : mV",
        parameters=(mg.Parameter("k_c", 3.0, "mV", "start", "assumed: for a test", (0, 9)),),
    )
    ds = Experiment(
        "clocks",
        "When?",
        (mg.Model("m", (clock,)),),
        mg.Protocol("p", "", 10.0),
        record=("y_c",),
        algebraic=True,
    ).run(k_c=[1.0, 2.0])
    assert ds.y_c.values.tolist() == [2.0, 4.0]
    with pytest.raises(EngineError, match="is a state; an algebraic"):
        Experiment(
            "states",
            "What?",
            (mg.models["cell"],),
            mg.protocols["rest"],
            record=("v",),
            algebraic=True,
        ).run()


@pytest.mark.parametrize("experiment", mg.experiments.values(), ids=lambda e: e.name)
def test_few_points_stay_the_same_when_a_law_is_added(experiment):
    few = experiment.few()
    assert few.axes.keys() == experiment.axes.keys()
    assert np.prod([np.size(values) for values in few.axes.values()]) <= 3500
    if "block" in experiment.axes:
        new = replace(mg.blocks["traub_1991"], name="a_new_law")
        laws = [new, *experiment.axes["block"], replace(new, name="z_new_law")]
        more = replace(experiment, axes={**experiment.axes, "block": laws}).few()
        assert more.axes["block"] == few.axes["block"]
        own = replace(experiment, axes={"block": laws}, small={}).few()
        usual = experiment.models[0]["block"].name
        assert {getattr(law, "name", law) for law in own.axes["block"]} <= {usual, "none"}


def test_few_points_keep_both_ends_and_what_is_fixed():
    one = replace(
        mg.experiments["nmda_iv"],
        axes={"mg_out": 1.0, "v_hold": [-80.0, 0.0], "e_nmda": np.arange(-5.0, 5.0)},
    )
    axes = one.few().axes
    assert axes["mg_out"] == 1.0
    assert axes["v_hold"] == [-80, 0]
    assert axes["e_nmda"] == [-5, -3, -1, 2, 4]
    with pytest.raises(UnknownName, match="'small' of experiment 'nmda_iv'; did you mean mg_out"):
        replace(one, small={"mg_ot": [0.0]})


def test_iv_is_straight_without_magnesium_and_bends_where_the_law_says():
    # TA3: largest inward current of Jahr & Stevens' law with reversal at 0 mV, from its constants.
    v = np.arange(-40.0, -20.0, 0.05).round(2)
    ds = mg.experiments["nmda_iv"].run(mg_out=[0.0, 0.5, 0.8, 1.0, 1.2, 2.0], v_hold=v)
    peaks = ds.mean_i_nmda.idxmin("v_hold").values
    np.testing.assert_allclose(peaks[1:], [-31.98, -28.46, -26.96, -25.81, -23.03], atol=0.06)
    straight = ds.mean_i_nmda.sel(mg_out=0.0)
    np.testing.assert_allclose(straight, v * float(mg.parameters(ds).g_nmda), rtol=1e-9)


def test_rates_come_from_the_first_and_the_last_interval():
    spikes = [
        [np.nan] * 4,
        [110.0, np.nan, np.nan, np.nan],
        [110.0, 120.0, np.nan, np.nan],
        [50.0, 110.0, 130.0, 180.0],
        [110.0, 120.0, 145.0, 195.0],
    ]
    step = {"step_start": 100.0, "step_stop": 200.0, "time": [0.0, 250.0]}
    ds = xr.Dataset(
        {"spike_time": (("i_amp", "spike"), spikes), "status": ("i_amp", [0] * 5)}, coords=step
    )
    found = rates(ds)
    np.testing.assert_allclose(found.first_rate, [0, 0, 100, 50, 100])
    np.testing.assert_allclose(found.last_rate, [0, 0, 0, 20, 20])
    none = rates(ds.isel(spike=slice(0, 0)))
    assert not none.first_rate.any()
    assert not none.last_rate.any()
    failed = rates(ds.assign(status=("i_amp", [1, 0, 0, 0, 0])))
    assert np.isnan(failed.first_rate[0])
    assert not failed.first_rate[1:].isnull().any()


def test_magnesium_takes_the_slow_potential_and_nothing_without_nmda_receptors():
    ds = mg.experiments["epsp_mg"].run(mg_out=[0.05, 1.0])
    late = ds.epsp_late.sel(g_nmda=5.0)
    assert float(late.sel(mg_out=0.05) / late.sel(mg_out=1.0)) > 3  # TE8
    np.testing.assert_array_equal(ds.v.sel(g_nmda=0, mg_out=0.05), ds.v.sel(g_nmda=0, mg_out=1.0))
    assert ds.sizes["spike"] == 0


def test_the_laws_differ_by_more_than_a_twofold_change_of_magnesium():
    """A statement that holds under one law only is one about that law."""
    curves = mg.experiments["block_curves"].across(v=-70.0, mg_out=[0.5, 1.0])
    spread = curves.unblocked_highest / curves.unblocked_lowest
    twofold = curves.unblocked.sel(mg_out=0.5) / curves.unblocked.sel(mg_out=1.0)
    assert float(spread.min()) > float(twofold.max())
    laws = mg.experiments["law_spread"].axes["block"][:4]
    load = mg.experiments["mg_response"].across(laws, mg_out=[0.4, 0.8], progress=False)
    assert load.block.values.tolist() == [law.name for law in laws]
    low, high = load.ca_charge_nmda_lowest, load.ca_charge_nmda_highest
    assert bool((low <= load.ca_charge_nmda).all())
    assert bool((load.ca_charge_nmda <= high).all())
    assert float((high / low).sel(mg_out=0.8)) > 1.5
    assert "lowest of the laws" in low.attrs["long_name"]


def test_the_end_of_a_train_hardly_feels_what_magnesium_does_to_a_lone_spike():
    """Rows TS1h and TS1i in the experiment's own bath: recursion and closed form, written here."""

    def train(use, tau_rec, tau_facil):
        u, r, found = 0.0, 1.0, []
        for k in range(20):
            u *= np.exp(-50 / tau_facil)
            u += use * (1 - u)
            r = 1 - (1 - r) * (np.exp(-50 / tau_rec) if k else 1.0)
            found.append(u * r)
            r -= u * r
        return found

    def dodge(mg_out, n):
        return ((1 / 1.1) / (1 + 1 / 1.1 + mg_out / 2.97)) ** n

    ds = mg.experiments["release_mg"].run(mg_out=[0.0, 0.8, 2.0], progress=False)
    assert np.all(ds.first_over_normal.sel(mg_out=0.8) == 1)
    kinds = {"depressing": (0.5, 671.0, 17.0), "facilitating": (0.09, 138.0, 670.0)}
    powers = {"dodge_rahamimoff_1967": 4, "dodge_rahamimoff_central": 2, "blue_brain_shallow": 0}
    for kind, (use, *taus) in kinds.items():
        for law, n in powers.items():
            normal = train(use, *taus)
            for level in (0.0, 2.0):
                here = ds.sel(model=kind, release_law=law, mg_out=level)
                wanted = train(use * dodge(level, n) / dodge(0.8, n), *taus)
                assert float(here.first_over_normal) == pytest.approx(wanted[0] / normal[0])
                assert float(here.last_over_normal) == pytest.approx(wanted[-1] / normal[-1])
                assert float(here.paired_pulse_ratio) == pytest.approx(wanted[1] / wanted[0])
                moved = abs(here.first_over_normal - 1), abs(here.last_over_normal - 1)
                assert float(moved[1]) <= 0.5 * float(moved[0])


def test_the_numbers_in_the_caption_of_spine_coincidence():
    ds = mg.experiments["spine_coincidence"].run(post_delay=[-10.0, 10.0], progress=False)
    paired = ds.sel(bap_height=100.0, post_delay=10.0)
    own, other = ("chindemi_2022", "jahr_stevens_1990")
    for law, gains in ((own, [0.92, 1.6, 2.2, 2.5]), (other, [0.92, 1.3, 1.6, 1.8])):
        np.testing.assert_allclose(paired.ca_gain.sel(block=law), gains, atol=0.05)
    rise = ds.ca_rise.sel(bap_height=100.0, block=own, mg_out=1.0)
    np.testing.assert_allclose(rise, [9.4, 13.8], atol=0.05)
    with pytest.raises(ValueError, match="'bap_height' needs 0"):
        mg.experiments["spine_coincidence"].run(bap_height=100.0, post_delay=10.0, progress=False)


def test_the_numbers_in_the_caption_of_plasticity_timing():
    timing = mg.experiments["plasticity_timing"]
    ds = timing.run(post_delay=[-35.0, -14.0, 20.0], progress=False)
    np.testing.assert_allclose(ds.strength.sel(post_delay=20.0), 1.31, atol=0.01)
    before = ds.strength.sel(post_delay=-35.0)
    np.testing.assert_allclose(before, [1.21, 0.36, 1.09], atol=0.01)
    assert float(ds.strength.sel(post_delay=-14.0, mg_out=2.0)) < 0.5
    # The charge of one presynaptic spike goes with what is left unblocked at -70 mV and 1 mM.
    left = [
        float(mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=-70.0, mg_out=1.0)),
        1 / (1 + np.exp(0.072 * 70) / 2.552),
    ]
    other = timing.run(
        block="jahr_stevens_1990",
        q_presyn=0.4238 * left[0] / left[1],
        post_delay=-35.0,
        progress=False,
    )
    np.testing.assert_allclose(other.strength, [1.20, 0.36, 1.09], atol=0.01)


def test_a_search_is_for_one_measure_along_what_is_not_given():
    experiment = mg.experiments["burst_limit"]
    with pytest.raises(PartError, match="one measure"):
        replace(experiment, measures=(mg.measures["spike_count"], mg.measures["mean_v"]))
    with pytest.raises(ValueError, match="'mg_out' is given"):
        experiment.job(mg_out=[0.1, 0.2])


def test_bursts_against_magnesium_and_what_is_found_in_words():
    ds = mg.experiments["low_mg_bursts"].run(mg_out=[0.0, 0.05, 0.8], progress=False)
    assert ds.activity.sel(g_nmda=0).values.tolist() == ["silent"] * 3  # as under an antagonist
    assert ds.activity.sel(g_nmda=40).values.tolist() == ["regular", "bursting", "silent"]
    frequency = float(ds.burst_frequency.sel(g_nmda=40, mg_out=0.05))
    assert f"bursts come at {frequency:.3g} to {frequency:.3g} Hz" in ds.attrs["found"]
    assert "g_nmda 0 nS: silent at every magnesium" in ds.attrs["found"]


def limits(values, status):
    """A result of burst_limit with numbers put in."""
    values = np.array(values, dtype=float)
    ds = xr.Dataset(
        {
            "mg_out_threshold": (("block", "g_nmda"), values),
            "status": (("block", "g_nmda"), np.array(status)),
        },
        {"block": ["law_a", "law_b", "law_c"], "g_nmda": [20.0, 40.0]},
    )
    return said(ds).attrs["found"]


def test_the_words_of_a_limit_follow_its_numbers():
    words = limits([[0.01, 0.2], [0.05, 0.7], [np.nan, np.nan]], [[0, 0], [0, 0], [NEVER, ALWAYS]])
    first, second = words.split("At g_nmda 40 nS ")
    assert "between 0.01 mM (law_a) and 0.05 mM (law_b)" in first
    assert "at no magnesium with law_c" in first
    assert "lasts at 0.65 mM in 0 of 3" in first
    assert "between 0.2 mM (law_a) and 0.7 mM (law_b)" in second
    assert "at every magnesium searched with law_c" in second
    assert "lasts at 0.65 mM in 2 of 3" in second


def test_a_caption_holds_what_was_found():
    ds = mg.experiments["low_mg_bursts"].run(mg_out=0.8, g_nmda=0, progress=False)
    text = " ".join(caption(mg.figures["low_mg_bursts"], ds).split())
    assert ds.attrs["found"] in text


def test_the_potential_at_which_protection_is_lost_and_a_gradient_that_the_leak_follows():
    """Without a cell's own answer the loss lies where a straight line crosses half of its most."""
    e_k = np.array([-100.0, -60.0, -20.0])
    load = xr.DataArray(
        [[1.0, 1.0, 1.0], [0.2, 0.6, 1.0]],
        coords={"mg_out": [0.8, 4.0], "e_k": e_k},
        dims=("mg_out", "e_k"),
    )
    potential = xr.zeros_like(load) + e_k + 10
    found = protected(xr.Dataset({"ca_charge_nmda": load, "mean_v": potential}))
    assert found.protection.sel(mg_out=4.0).values == pytest.approx([0.8, 0.4, 0.0])
    assert float(found.v_lost.sel(mg_out=4.0)) == pytest.approx(-50.0)
    ds = mg.experiments["protection"].run(
        e_k=[-90.0, -30.0], glu_tonic=0.01, mg_out=[0.8, 4.0], progress=False
    )
    np.testing.assert_allclose(ds.e_leak, ds.e_k + 30)
