"""Models rest without input; every protocol runs on some model; trains are what they say."""

import numpy as np
import pytest
from every import each
from hypothesis import given, settings
from hypothesis import strategies as st
from running import FUSED, batch, run

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.sweeps.resolving.resolve import resolve

pytestmark = pytest.mark.usefixtures("unoptimised")

#: Cells that nothing holds; oxygen and volume settle within minutes, as row TS2o.rest has them.
FREE = [
    m.name
    for m in mg.models.all
    if "neuron" in m.slots and m["neuron"].name != "clamped" and not m.places
    if "oxygen" not in m.slots
]
#: Where they rest without synapses: by target TD3, by TS9a, by the root in test_bursting.py.
RESTS = {
    "pospischil_2008_rs": -70.57,
    "hodgkin_huxley_1952": -65.0,
    "golomb_2006_cell": -70.80,
    "hubel_2014_cell": -67.193,  # where ModelDB 167714 starts
    "hubel_2016_cell": -67.058,  # where its currents are 0 at the concentrations of ModelDB 187213
    "hubel_2017_cell": -71.1307,  # after 300 s: row TS2a
}
SUITS = {
    "inhibition_20hz": "full",
    "train_20hz": "standard",
    "train_80hz": "standard",
    "poisson_20hz": "standard",
    "single_pulse": "standard",
    "rest": "cell",
    "current_step": "cell",
    "voltage_clamp": "patch",
    "voltage_step": "patch",
    "clamped_release": "kinetic_synapse",
    "voltage_ramp": "patch",
    "tonic_glutamate": "standard",
    "glutamate_pulse": "standard",
    "mg_step": "tonic",
    "mg_ramp": "tonic",
    "potassium_bath": "hubel_2017",
    "energy_failure": "hubel_2017",
    "supply_off": "hubel_2016",
    "anoxia": "wei_2014",
}


def fits(model, protocol):
    try:
        mg.lower(model, protocol, [])
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", FREE)
def test_it_rests_without_input(name):
    model = mg.models[name]
    rows = [{"g_nmda": 0.0}] if "nmda_current" in model.slots else [{}]
    quiet = run(
        FUSED,
        model,
        Protocol("quiet", "", 3000.0),
        [mg.measures["spike_count"]],
        rows,
        record=("v",),
    )
    assert quiet.measures["spike_count"][0] == 0
    v = quiet.traces["v"][0] * 1e3
    slow = 0.03 if "amounts" in model.slots else 0.01  # concentrations settle in minutes
    assert v[-1] == pytest.approx(RESTS[model["neuron"].name], abs=slow)
    assert abs(v[-1] - v[-10000]) < 1e-3


def test_the_standard_model_rests_at_its_defaults():
    quiet = run(FUSED, mg.models["standard"], Protocol("quiet", "", 3000.0), record=("v", "ca"))
    assert quiet.traces["v"][0, -1] * 1e3 == pytest.approx(-70.57, abs=0.01)
    rest = {p.name: p.value for p in mg.calcium["pool"].parameters}["ca_rest"]
    assert quiet.traces["ca"][0, -1] * 1e3 == pytest.approx(rest, rel=1e-6)


@pytest.mark.parametrize("protocol", list(mg.protocols))
def test_every_protocol_runs_on_some_model(protocol):
    short = mg.protocols[protocol]
    model = SUITS.get(protocol) or next(m.name for m in mg.models.all if fits(m, short))
    outcome = run(
        FUSED,
        mg.models[model],
        short.lasting(min(short.duration, 200.0), (0, 200.0)),
        record=("v",),
    )
    v = outcome.traces["v"][0]
    assert np.all(np.isfinite(v))
    assert outcome.status.tolist() == [0]
    assert v.min() > -0.13
    assert v.max() < 0.09


@each((p.name, m.name) for p in mg.protocols.all for m in mg.models.all)
def test_a_protocol_fits_or_says_why_not(protocol, model):
    if not fits(mg.models[model], mg.protocols[protocol]):
        with pytest.raises(ValueError, match=rf"'{model}'.{{10}}|.{{20}}'{model}'"):
            mg.lower(mg.models[model], mg.protocols[protocol], [])


# ---- trains -------------------------------------------------------------------------------------
STANDARD = mg.models["standard"]


def trains(protocol, seed=0, **given_values):
    request = resolve(STANDARD, protocol, (), seed, given_values)
    return request.batch(request.variants[0]).trains["pre"]


def test_regular_trains_are_regular():
    times = trains(mg.protocols["train_20hz"]).times * 1e3
    np.testing.assert_allclose(times, np.arange(50, 1000, 50), atol=1e-9)
    times = trains(mg.protocols["train_80hz"], train_start=0, train_stop=100).times * 1e3
    np.testing.assert_allclose(times, np.arange(0, 100, 12.5), atol=1e-9)
    assert len(trains(mg.protocols["train_20hz"], train_rate=0).times) == 0


def test_a_single_pulse_is_one_spike_at_a_time_and_has_no_rate():
    pulse = mg.protocols["single_pulse"]
    assert [p.name for p in pulse.parameters] == ["train_start"]
    np.testing.assert_allclose(trains(pulse).times * 1e3, [50])
    np.testing.assert_allclose(trains(pulse.lasting(5000), train_start=100).times * 1e3, [100])
    assert len(trains(pulse, train_start=600).times) == 0
    assert pulse.lasting(2000).measured() == (50, 2000)


@settings(max_examples=15)
@given(rate=st.floats(1, 200), start=st.floats(0, 500), seed=st.integers(0, 2**31))
def test_poisson_trains_lie_within_their_bounds_and_follow_the_seed(rate, start, seed):
    protocol = mg.protocols["poisson_20hz"]
    a = trains(protocol, seed, train_rate=rate, train_start=start, train_stop=800).times
    b = trains(protocol, seed, train_rate=[rate, rate / 2], train_start=start, train_stop=800)
    assert np.all(np.diff(a) > 0)
    assert np.all((a >= start * 1e-3) & (a < 0.8))
    i = int(b.of_point[0])
    np.testing.assert_array_equal(a, b.times[b.offsets[i] : b.offsets[i + 1]])


def test_poisson_trains_have_the_rate_and_the_spread_they_should():
    """Counts of 200 seeds of 20 Hz in 10 s: mean 200, variance 200; intervals exponential."""
    protocol = mg.protocols["poisson_20hz"].lasting(10_000)
    found = [trains(protocol, seed, train_start=0).times for seed in range(200)]
    counts = np.array([len(t) for t in found])
    assert counts.mean() == pytest.approx(200, abs=4 * np.sqrt(200 / 200))
    assert counts.var() == pytest.approx(200, rel=4 * np.sqrt(2 / 199))
    intervals = np.concatenate([np.diff(t) for t in found]) * 1e3
    assert intervals.mean() == pytest.approx(50, rel=0.03)
    assert intervals.std() / intervals.mean() == pytest.approx(1, abs=0.03)
    assert len({t.tobytes() for t in found}) == 200


def test_every_point_sees_the_same_train():
    """docs/architecture.md: random input depends on (seed, time) only, never on a point's place."""
    protocol = mg.protocols["poisson_20hz"].lasting(300)
    together = mg.simulate(
        STANDARD,
        protocol,
        record=("x_nmda",),
        seed=3,
        g_nmda=np.linspace(1, 20, 19),
        e_nmda=[-1, 1],
        every=20,
    )
    alone = mg.simulate(STANDARD, protocol, record=("x_nmda",), seed=3, g_nmda=7, every=20)
    assert np.all(together.x_nmda.values == together.x_nmda.values[0, 0])
    np.testing.assert_allclose(together.x_nmda.values[0, 0], alone.x_nmda.values, rtol=1e-12)


def test_the_train_does_not_depend_on_the_step():
    protocol = mg.protocols["poisson_20hz"].lasting(300)
    first = batch(STANDARD, protocol, seed=3)[1].trains["pre"].times
    assert first.tobytes() == batch(STANDARD, protocol, seed=3)[1].trains["pre"].times.tobytes()
    charge = [
        float(mg.sweep(STANDARD, protocol, mg.measures["nmda_charge"], seed=3, dt=dt).nmda_charge)
        for dt in (0.0125, 0.025, 0.05, 0.1)
    ]
    np.testing.assert_allclose(charge, charge[0], rtol=1e-3)


def test_seeds_give_other_trains():
    protocol = mg.protocols["poisson_20hz"].lasting(500)
    ds = mg.sweep(STANDARD, protocol, mg.measures["mean_v"], seed=[0, 1, 2])
    assert len(set(ds.mean_v.values.tolist())) == 3
