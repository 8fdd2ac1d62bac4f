"""What a user may ask of sweep and simulate; everything else is refused before anything runs."""

import warnings

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.analysis.fit import fit
from mgsim.checks import check
from mgsim.compose.measure import Measure
from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.parameter import PartError
from mgsim.engines.contract import EngineError, Outcome
from mgsim.exports import export
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.resolving.resolve import resolve
from mgsim.sweeps.resolving.run_warnings import RangeWarning
from mgsim.sweeps.resolving.values import seeds_of
from mgsim.units import UnitError

STANDARD, TRAIN = mg.models["standard"], mg.protocols["train_20hz"].lasting(60)
POISSON = mg.protocols["poisson_20hz"]


class Refusing:
    """An engine that must never be reached."""

    name = "never"

    def refuses(self, system, options):
        return None

    def run(self, system, batch, options):
        raise AssertionError("the request should have been refused before it ran")


def sweep(on=STANDARD, protocol=TRAIN, measures=None, **axes):
    return mg.sweep(on, protocol, measures, engine=Refusing(), **axes)


def ask(given, model=STANDARD, protocol=TRAIN, seed=0):
    return resolve(model, protocol, (), seed, given)


@pytest.mark.parametrize(
    ("axes", "error", "message"),
    [
        ({"mg_out": -0.1}, UnitError, "mg_out.*cannot be negative: -0.1 mM"),
        ({"mg_out": [0, 1, -1e-12]}, UnitError, "cannot be negative"),
        ({"mg_out": float("nan")}, UnitError, "mg_out must be a finite number"),
        ({"mg_out": [0.0, float("nan")]}, UnitError, "finite"),
        ({"mg_out": float("inf")}, UnitError, "finite"),
        ({"mg_out": "1 mV"}, UnitError, "mg_out = 1 mV has the unit of V; it must be in mM"),
        ({"mg_out": "lots"}, UnitError, "'lots' is not a number in mM"),
        ({"mg_out": None}, UnitError, "mg_out"),
        ({"g_nmda": ["a"]}, UnitError, "g_nmda"),
        ({"mg_ot": 1}, KeyError, "no parameter 'mg_ot'.*did you mean mg_out"),
        ({"mg": 1}, KeyError, "no parameter 'mg'"),
        ({"blocks": "none"}, KeyError, "did you mean block"),
        ({"mg_out": []}, AxisError, "axis 'mg_out' is empty"),
        ({"mg_out": np.array([])}, AxisError, "axis 'mg_out' is empty"),
        ({"block": []}, AxisError, "axis 'block' is empty"),
        ({"model": []}, AxisError, "axis 'model' is empty"),
        ({"mg_out": [1, 0.5, 1]}, AxisError, "axis 'mg_out' holds a value twice"),
        ({"block": ["none", "none"]}, AxisError, "axis 'block' holds a name twice: none, none$"),
        (
            {"model": [STANDARD, STANDARD.with_values(g_nmda=1)]},
            AxisError,
            r"holds a name twice: standard, standard; .*\.named\(",
        ),
        ({"duration": 200}, AxisError, r"'duration' is the protocol's.*protocol\.lasting\("),
        ({"mg_out": [[0, 1], [2, 3]]}, AxisError, "one-dimensional"),
        ({"block": "kampa2004"}, KeyError, "no block 'kampa2004'.*did you mean kampa_2004"),
        ({"model": "standart"}, KeyError, "did you mean standard"),
        ({"block": mg.neurons["clamped"]}, PartError, "fills the slot 'neuron', not 'block'"),
        ({"block": 3}, PartError, "neither a Component nor the name"),
        ({"celsius": 20}, AxisError, "model 'standard' does not use 'celsius'"),
        ({"tau_m_maxx": 3}, KeyError, "did you mean tau_m_max"),
        (
            {"block": ["kampa_2004", "jahr_stevens_1990"], "mg_on": [0.05, 0.1]},
            AxisError,
            "'mg_on' is no parameter of.*jahr_stevens_1990",
        ),
        ({"dt": 0}, ValueError, "dt must be a positive"),
        ({"dt": -0.05}, ValueError, "dt must be"),
        ({"dt": float("nan")}, ValueError, "dt must be"),
        ({"dt": [0.1, 0.1]}, AxisError, "holds a value twice"),
        ({"dt": "0.025 mV"}, UnitError, "dt = 0.025 mV has the unit of V; it must be in ms"),
        ({"dt": "short"}, UnitError, "dt: 'short' is not a number in ms"),
        ({"threads": -1}, ValueError, "threads must be a whole number, at least 0, not -1"),
        ({"threads": 1.5}, ValueError, "threads must be a whole number"),
        ({"seed": -1}, UnitError, "seed must be a whole number from 0 to 2..53, not -1"),
        ({"seed": [0, -1]}, UnitError, "seed must be a whole number"),
        ({"seed": 0.5}, UnitError, "seed must be a whole number"),
        ({"seed": "x"}, UnitError, "seed must be a whole number"),
        ({"seed": 2**53 + 1}, UnitError, "seed must be a whole number"),
        ({"seed": True}, UnitError, "seed must be a whole number"),
        ({"dt": 0}, ValueError, "must be a positive"),
        ({"dt": 1000}, ValueError, "is longer than"),
        ({"method": "rk3"}, KeyError, "no method 'rk3'; did you mean"),
        ({"precision": "float16"}, KeyError, "no precision 'float16'"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_a_request_that_cannot_be_meant(axes, error, message):
    with pytest.raises(error, match=message):
        sweep(**axes)
    with pytest.raises(error, match=message):
        mg.simulate(STANDARD, TRAIN, engine=Refusing(), **axes)


def test_every_seed_up_to_the_largest_is_one():
    assert seeds_of([0, 2**53]).tolist() == [0, 2**53]


def test_a_value_that_the_protocol_computes_cannot_be_set():
    with pytest.raises(AxisError, match="'mg_out' is computed here, by protocol 'mg_step'"):
        sweep(mg.models["tonic"], mg.protocols["mg_step"], mg_out=[0, 1])


NERNST = mg.Component(
    "nernst_k",
    "e_k",
    "",
    "e_k = -26*mV*log(k_in/k_out) : mV\nk_in = 140*mM : mM\nk_out = 3*mM : mM",
)


@pytest.mark.parametrize(
    ("part", "name", "words"),
    [
        (NERNST, "e_k", "'e_k' follows from the concentrations k_in and k_out in model 'standard'"),
        (NERNST, "k_out", "'k_out' follows from a constant .* part 'nernst_k' computes it"),
        (mg.calcium["pool"], "i_ca_nmda", "'i_ca_nmda' follows from .*g_conducting.* 'fractional'"),
        (mg.calcium["pool"], "unblocked", "'unblocked' follows from .* 'jahr_stevens_1990'"),
    ],
)
def test_what_a_part_computes_cannot_be_set(part, name, words):
    """By neither way: a value would be taken and do nothing."""
    model = STANDARD.swap(part)
    with pytest.raises(PartError, match=words):
        model.with_values(**{name: 1.0})
    with pytest.raises(AxisError, match=words):
        sweep(model, TRAIN, **{name: 1.0})
    with pytest.raises(AxisError, match=words):
        sweep(model, TRAIN, **{name: [1.0, 2.0]})


@pytest.mark.parametrize(
    ("model", "protocol", "message"),
    [
        ("patch", "train_20hz", "v_command"),
        ("cell", "voltage_clamp", "nothing in model 'cell' reads"),
        ("tonic", "tonic_glutamate", "nothing in model 'tonic' reads"),
        ("cell", "train_20hz", "'pre' events, which no part"),
    ],
)
def test_a_protocol_that_does_not_suit_the_model(model, protocol, message):
    with pytest.raises(PartError, match=message):
        sweep(mg.models[model], mg.protocols[protocol])


def test_measures_and_records_that_are_none():
    for named in ("spike_rat", ["spike_rat"]):
        with pytest.raises(KeyError, match="no measure 'spike_rat'; did you mean spike_rate"):
            sweep(measures=named)
    with pytest.raises(TypeError, match=r"a Model is no Measure; .* mg.measures\['"):
        sweep(measures=[STANDARD])
    with pytest.raises(KeyError, match="no variable 'vv'"):
        sweep(measures=[Measure("m_x", "mV", "", peak="vv")])
    with pytest.raises(KeyError, match=r"no variable 'i_nmd'.*did you mean i_nmda"):
        mg.simulate(STANDARD, TRAIN, record=("i_nmd",), engine=Refusing())
    with pytest.raises(ValueError, match="every must be"):
        mg.simulate(STANDARD, TRAIN, every=0, engine=Refusing())
    with pytest.raises(KeyError, match=r"no engine 'fusd'; did you mean fused"):
        mg.sweep(STANDARD, TRAIN, engine="fusd")


def test_a_name_stands_for_what_a_catalog_has_under_it():
    """Models, protocols (several at once), measures and parts, wherever one is taken."""
    by_name = mg.sweep("tonic", "rest", ["mean_v", "spike_count"], mg_out=[0, 1])
    objects = mg.sweep(
        mg.models["tonic"],
        mg.protocols["rest"],
        [mg.measures["mean_v"], mg.measures["spike_count"]],
        mg_out=[0, 1],
    )
    xr.testing.assert_identical(by_name, objects)
    ds = mg.simulate("standard", "train_20hz + current_step", every=400)
    assert ds.attrs["protocol"] == "train_20hz + current_step"
    assert STANDARD.swap("kampa_2004") == STANDARD.swap(mg.blocks["kampa_2004"])
    assert mg.at("jahr_stevens_1990", "spine") == mg.at(mg.blocks["jahr_stevens_1990"], "spine")
    assert export("kampa_2004", "brian2") == export(mg.blocks["kampa_2004"], "brian2")
    assert export("cell", "brian2", protocol="current_step").startswith('"""')
    assert bool(check("patch", "voltage_ramp", "mean_i_nmda"))


def test_an_unknown_name_is_answered_with_the_nearest():
    for run in (mg.sweep, mg.simulate):
        with pytest.raises(KeyError, match="no model 'standrd'; did you mean standard"):
            run("standrd", TRAIN)
        with pytest.raises(KeyError, match="no protocol 'train_20'; did you mean train_20hz"):
            run(STANDARD, "train_20")
    for use in (STANDARD.swap, lambda x: fit(x, None), lambda x: export(x, "brian2"), mg.at):
        with pytest.raises(KeyError, match="no part 'kampa_204'; did you mean kampa_2004"):
            use("kampa_204")
    with pytest.raises(TypeError, match=r"a module is no Component; .* mg.*give its name"):
        STANDARD.swap(mg.receptors.ampa)
    with pytest.raises(TypeError, match=r"a Protocol is no Model; .* mg.models\['"):
        mg.sweep(TRAIN, TRAIN)


def test_float32_is_refused_by_the_reference_engine_with_the_reason():
    with pytest.raises(EngineError, match=r"engine 'brian' cannot run this: .*float64"):
        mg.sweep(STANDARD, TRAIN, engine="brian", precision="float32")


def test_a_value_outside_the_plausible_range_warns_with_range_and_usual_value():
    with pytest.warns(
        RangeWarning, match=r"mg_out = 50 mM lies outside .* 10 mM .*usual value 0\.8"
    ):
        assert ask({"mg_out": [1, 50]}).axes["mg_out"].tolist() == [1, 50]
    with pytest.warns(RangeWarning, match=r"pf_scale = 2 lies .* 0\.4 to 1 \(usual value"):
        ask({"pf_scale": 2})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask({"mg_out": [0, 10]})


def test_a_value_a_thousand_times_too_large_is_asked_after():
    with pytest.warns(RangeWarning, match=r"mg_out = 1200 mM .*did you mean 1\.2 mM\?"):
        ask({"mg_out": "1.2M"})
    with pytest.warns(RangeWarning) as said:
        ask({"mg_out": 11})
    assert "did you mean" not in str(said[0].message)


def test_one_number_is_fixed_and_a_list_is_an_axis_even_of_one():
    request = ask(
        {"mg_out": 0, "g_nmda": [5.0], "block": "none", "nmda_gating": ["dual_exponential"]}
    )
    assert request.fixed == {"mg_out": 0}
    assert list(request.axes) == ["g_nmda", "nmda_gating"]
    assert request.labelled == ("nmda_gating",)
    assert request.variants[0].model["block"].name == "none"
    assert ask({"mg_out": "200 uM"}).fixed["mg_out"] == pytest.approx(0.2)


def test_units_of_an_axis():
    from brian2 import uM

    np.testing.assert_allclose(ask({"mg_out": [0, 200] * uM}).axes["mg_out"], [0, 0.2])


def test_model_and_part_objects_need_no_registration():
    law = mg.blocks["jahr_stevens_1990"].with_values(mg_k=7)
    (variant,) = ask({"block": law}).variants
    assert variant.model["block"] is law
    request = ask({"model": [STANDARD, STANDARD.named("again")], "block": ["none", "kampa_2004"]})
    assert [v.labels for v in request.variants] == [
        {"model": m, "block": b} for m in ("standard", "again") for b in ("none", "kampa_2004")
    ]


def test_a_part_beside_itself_under_another_name():
    law = mg.blocks["jahr_stevens_1990"]
    request = ask({"block": [law, law.with_values(mg_k=7).named("weaker")]})
    assert request.axes["block"].tolist() == ["jahr_stevens_1990", "weaker"]


def test_a_name_fills_a_slot_that_the_model_has_empty():
    ds = sweep_of_nothing(ca_l=["ca_l_type"])
    assert "ca_l_type" in ds.attrs["parts"]
    assert ds.ca_l.values.tolist() == ["ca_l_type"]
    assert "ca_charge_l_type" in ds  # the measures are those of the model with the part in it
    own = mg.channels["ca_t_type"].with_values(g_ca_t=0.5)
    assert ask({"ca_t": own}).variants[0].model["ca_t"] is own
    with pytest.raises(KeyError, match=r"no ca_l 'ca_l_typ'; did you mean ca_l_type"):
        sweep(ca_l="ca_l_typ")
    with pytest.raises(PartError, match="fills the slot 'ca_t', not 'ca_l'"):
        sweep(ca_l=own)


def sweep_of_nothing(**axes):
    return mg.sweep(STANDARD, TRAIN.lasting(1, (0, 1)), dt=0.5, engine=Still(), **axes)


class Still(Refusing):
    """An engine that gives zeros."""

    def run(self, system, batch, options):
        zeros = np.zeros(batch.size)
        return Outcome(
            {m.name: zeros for m in system.measures}, zeros.astype(np.int8), zeros * np.nan
        )


def test_a_part_that_filled_two_slots_and_went_is_named():
    trapping = STANDARD.swap(mg.receptors["kampa_2004_trapping"]).named("trapping")
    with pytest.raises(
        PartError,
        match=r"'open_nmda'.*; 'kampa_2004_trapping' filled nmda_gating "
        "and block and is gone as a whole",
    ):
        sweep(trapping, mg.protocols["tonic_glutamate"], block="none")
    ask({"block": "none", "nmda_gating": "dual_exponential"}, trapping)


def test_columns_are_si_and_in_the_order_of_the_axes():
    request = ask({"g_nmda": [1, 2], "mg_out": [0, 0.5, 1], "e_nmda": -3})
    batch = request.batch(request.variants[0])
    assert batch.size == 6
    np.testing.assert_allclose(batch.columns["g_nmda"], np.repeat([1e-9, 2e-9], 3))
    np.testing.assert_allclose(batch.columns["mg_out"], np.tile([0, 0.5, 1], 2))
    assert batch.columns["e_nmda"] == pytest.approx(-3e-3)
    assert batch.columns["window_stop"] == pytest.approx(0.06)


def test_the_seed_makes_the_train_and_nothing_else_does():
    def times(seed, **given):
        request = ask(given, protocol=POISSON, seed=seed)
        return request.batch(request.variants[0]).trains["pre"]

    first = times(1)
    np.testing.assert_array_equal(first.times, times(1).times)
    assert len(times(2).times) != len(first.times) or not np.allclose(times(2).times, first.times)
    many = times(1, mg_out=np.linspace(0, 2, 7), block=["none"])
    np.testing.assert_array_equal(many.times, first.times)
    assert many.of_point.tolist() == [0] * 7


def test_every_rate_has_a_train_of_its_own():
    request = ask({"train_rate": [5, 40], "mg_out": [0, 1]}, protocol=TRAIN.lasting(1000))
    trains = request.batch(request.variants[0]).trains["pre"]
    assert np.diff(trains.offsets).tolist() == [5, 38]  # from 50 ms; 5 and 40 Hz for 950 ms
    assert trains.of_point.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    "times",
    [[10.0, np.nan], [np.inf], [[1.0], [2.0]], 5.0, None, ["early"], [[1.0], [2.0, 3.0]]],
    ids=str,
)
def test_event_times_are_finite_numbers_in_a_row(times):
    odd = Protocol("odd", "", 60.0, events={"pre": Train((), lambda *_: times)})
    with pytest.raises(PartError, match="protocol 'odd': the times of 'pre' must be a list of fin"):
        sweep(protocol=odd)


def test_event_times_in_any_order_are_sorted():
    odd = Protocol("odd", "", 60.0, events={"pre": Train((), lambda *_: [20, 10])})
    request = ask({}, protocol=odd)
    assert request.batch(request.variants[0]).trains["pre"].times.tolist() == [0.01, 0.02]


def test_a_list_of_seeds_is_an_axis():
    ds = mg.sweep(STANDARD, POISSON.lasting(300), mg.measures["mean_v"], seed=[0, 1])
    assert ds.mean_v.dims == ("seed",)
    assert ds.seed.values.tolist() == [0, 1]
    alone = mg.sweep(STANDARD, POISSON.lasting(300), mg.measures["mean_v"], seed=1)
    assert float(ds.mean_v[1]) == pytest.approx(float(alone.mean_v), rel=1e-12)


def test_a_step_may_have_a_unit():
    ds = mg.sweep(STANDARD, TRAIN.lasting(10, (0, 10)), mg.measures["mean_v"], dt="25 us")
    assert ds.attrs["dt_ms"] == pytest.approx(0.025)


def test_seeds_are_whole_numbers():
    with pytest.raises((UnitError, TypeError, ValueError)):
        ask({"seed": 0.5}, protocol=POISSON)
    with pytest.raises(AxisError, match="empty"):
        ask({"seed": []}, protocol=POISSON)


def test_keywords_are_those_that_the_help_names():
    """``measures=`` takes what the position takes, and names, as every keyword does."""
    cell = mg.models["tonic"], mg.protocols["rest"].lasting(20, (0, 20))
    expected = mg.sweep(*cell, mg.measures["mean_v"])
    for given in ("mean_v", ["mean_v"], mg.measures["mean_v"], [mg.measures["mean_v"]]):
        xr.testing.assert_identical(mg.sweep(*cell, measures=given), expected)
    with pytest.raises(TypeError, match="twice"):
        mg.sweep(*cell, mg.measures["mean_v"], measures="mean_v")
    with pytest.raises(KeyError, match=r"did you mean mean_v"):
        mg.sweep(*cell, measures="mean_vv")
    with pytest.raises(KeyError, match=r"'seeds'.*did you mean seed"):
        mg.sweep(*cell, seeds=[1, 2])
    with pytest.raises(KeyError, match=r"'methods'.*did you mean method"):
        mg.sweep(*cell, methods=["rk4"])
