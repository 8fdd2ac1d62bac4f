"""Release laws: calcium and magnesium outside scale the use of a synapse, never its quantum.

Expected trains are the recursion of Tsodyks & Markram with the closed form of Dodge & Rahamimoff
in it, both written here a second time.
"""

import math

import numpy as np
import pytest

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.declare.parameter import PartError

LAWS = [p for p in mg.mechanisms.values() if p.slot == "release_law"]
DODGE = mg.mechanisms["dodge_rahamimoff_1967"]
TRAIN = mg.protocols["train_20hz"]
COUNT = Measure("m_count", "1", "releases", on={"release": "m_count += 1"})
BATH = {"ca_out": 1.2, "ca_recorded": 1.2, "mg_recorded": 0.8}


def model(release, law=DODGE):
    return Model("m", (mg.baths["person"], mg.mechanisms[release], law))


def at(k):
    """What the k-th spike releases."""
    text = f"q_{k} += int(m_count > {k - 1.5})*int(m_count < {k - 0.5})*quanta"
    return Measure(f"q_{k}", "1", "released", on={"release": text}, needs=(COUNT,))


def dodge(ca, mg_out, n=4.0):
    return ((ca / 1.1) / (1 + ca / 1.1 + mg_out / 2.97)) ** n


def train(uses, interval=50.0, tau_rec=671.0, tau_facil=17.0):
    """What each spike releases of a depressing synapse, of which the use may differ by spike."""
    u, r, found = 0.0, 1.0, []
    for k, use in enumerate(uses):
        dt = interval if k else 0.0
        u *= math.exp(-dt / tau_facil)
        u += use * (1 - u)
        r = 1 - (1 - r) * math.exp(-dt / tau_rec)
        found.append(u * r)
        r -= u * r
    return np.array(found)


@pytest.mark.parametrize("law", LAWS, ids=lambda p: p.name)
def test_a_law_is_one_in_the_bath_of_the_recording_and_rises_with_calcium(law):
    """Falls with magnesium, or has none in it; whatever its constants in their ranges are."""
    rng = np.random.default_rng(5)
    ca, magnesium = np.geomspace(0.1, 10, 40), np.linspace(0, 10, 40)
    for _ in range(20):
        drawn = {p.name: rng.uniform(*p.range) for p in law.parameters}
        recorded = {"ca_out": drawn["ca_recorded"], "mg_out": drawn.get("mg_recorded", 1.0)}
        assert float(law.evaluate("release_ratio", **drawn, **recorded)) == pytest.approx(1, abs=0)
        assert np.all(np.diff(law.evaluate("release_ratio", ca_out=ca, mg_out=1.0, **drawn)) > 0)
        by_mg = np.diff(law.evaluate("release_ratio", ca_out=1.0, mg_out=magnesium, **drawn))
        assert np.all(by_mg < 0) or ("mg_recorded" not in drawn and np.all(by_mg == 0))
        assert float(law.evaluate("release_ratio", ca_out=0, mg_out=1, **drawn)) == 0


def test_the_exponent_is_a_power():
    one = DODGE.evaluate("release_ratio", ca_out=0.7, mg_out=2.3, release_power=1.0, **_recorded())
    for n in (1.5, 2.0, 3.3, 4.5):
        found = DODGE.evaluate(
            "release_ratio", ca_out=0.7, mg_out=2.3, release_power=n, **_recorded()
        )
        assert float(found) == pytest.approx(float(one) ** n, rel=1e-13)


def _recorded():
    return {n: x for n, x in BATH.items() if n != "ca_out"}


@pytest.mark.parametrize(("engine", "spikes"), [("fused", 20), ("brian", 4)])
def test_a_train_in_any_bath(engine, spikes):
    """Scaled use, at most 1, in the recursion of depletion: exact at every spike."""
    levels, ca = [0.0, 0.8, 4.0], [1.2, 4.0]
    ds = mg.sweep(
        model("depressing_release"),
        TRAIN.lasting(50.0 * spikes + 20),
        [at(k) for k in range(1, spikes + 1)],
        engine=engine,
        dt=5,  # the states change at events only, which are met exactly
        **{**BATH, "ca_out": ca},
        mg_out=levels,
    )
    for c in ca:
        for m in levels:
            use = min(1.0, 0.5 * dodge(c, m) / dodge(1.2, 0.8))
            found = [float(ds[f"q_{k}"].sel(ca_out=c, mg_out=m)) for k in range(1, spikes + 1)]
            np.testing.assert_allclose(found, train([use] * spikes), rtol=1e-12)
    assert float(ds.q_1.sel(ca_out=4.0, mg_out=0.0)) == 1  # capped: 2.3 without


def test_magnesium_evens_out_a_train_and_leaves_the_quantum():
    """The last spike changes by less than half of what the first does, and the paired-pulse ratio
    rises, as no change of the quantum's size could make it; without depletion all spikes are alike.
    """
    spikes = [at(k) for k in (1, 2, 20)]
    levels = [0.0, 0.4, 0.8, 1.2, 2.0, 4.0]
    ds = mg.sweep(model("depressing_release"), TRAIN.lasting(1020), spikes, **BATH, mg_out=levels)
    ratio = ds.q_2 / ds.q_1
    assert np.all(ratio.diff("mg_out") > 0)
    last = ds.q_20 / ds.q_20.sel(mg_out=0.8)
    first = ds.q_1 / ds.q_1.sel(mg_out=0.8)
    assert np.all(abs(last - 1) <= 0.5 * abs(first - 1))
    held = mg.sweep(model("constant_release"), TRAIN.lasting(1020), spikes, **BATH, mg_out=levels)
    np.testing.assert_allclose(held.q_20, held.q_1, rtol=1e-14)
    np.testing.assert_allclose(held.q_1 / held.q_1[2], first, rtol=1e-13)


def test_vesicles_follow_the_mean_in_any_bath():
    """Within 4.5 standard errors of the binomial law that n sites follow, at each magnesium."""
    n, trials, levels = 5, 3000, [0.0, 4.0]
    ds = mg.sweep(
        model("vesicle_release"),
        TRAIN.lasting(420),
        [at(k) for k in (1, 2, 8)],
        seed=range(trials),
        n_sites=n,
        dt=5,
        **BATH,
        mg_out=levels,
    )
    for m in levels:
        wanted = train([0.5 * dodge(1.2, m) / dodge(1.2, 0.8)] * 8)
        for k in (1, 2, 8):
            p = wanted[k - 1]
            error = math.sqrt(p * (1 - p) / (n * trials))
            assert float(ds[f"q_{k}"].sel(mg_out=m).mean()) == pytest.approx(p, abs=4.5 * error)


@pytest.mark.parametrize(("engine", "spikes"), [("fused", 20), ("brian", 4)])
def test_magnesium_washed_in_during_a_train(engine, spikes):
    """Each spike has the use of the magnesium of its own moment, and the history of all before."""
    start, tau, before, after = 125.0, 150.0, 0.8, 4.0
    washed = TRAIN.lasting(50.0 * spikes + 20).changing(
        mg_out=mg.changes.wash(after, start=start, tau=tau)
    )
    ds = mg.sweep(
        model("depressing_release"),
        washed,
        [at(k) for k in range(1, spikes + 1)],
        engine=engine,
        dt=5,  # the states change at events only, which are met exactly
        **BATH,
        mg_out=before,
    )
    times = 50.0 + 50.0 * np.arange(spikes)
    gone = np.exp(-np.maximum(times - start, 0) / tau)
    levels = after + (before - after) * gone
    wanted = train(0.5 * dodge(1.2, levels) / dodge(1.2, 0.8))
    found = [float(ds[f"q_{k}"]) for k in range(1, spikes + 1)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_law_without_release_is_refused():
    alone = mg.models["standard"].swap(DODGE)
    with pytest.raises(PartError, match=r"gives to 'modulation_release'.*nothing in model"):
        mg.lower(alone, TRAIN, [])


def test_a_model_without_potential_and_calcium_shows_its_states():
    ds = mg.simulate(
        mg.models["neuromuscular_junction"], mg.protocols["single_pulse"].lasting(60), every=40
    )
    assert float(ds.epp.max()) == pytest.approx(4, rel=1e-12)  # at 50 ms: the safety factor


def test_the_endplate_blocks_where_release_falls_to_what_it_needs():
    """u R(Mg)/R(Mg0) = needed, solved for magnesium; transmission is all or none."""
    needed, use = 0.05, 0.2
    ca, normal = 1.2, 0.55
    root = (use / needed) ** (1 / 4) * (1 + ca / 1.1 + normal / 2.97)
    blocks = 2.97 * (root - 1 - ca / 1.1)
    ds = mg.sweep(
        mg.models["neuromuscular_junction"],
        mg.protocols["single_pulse"].lasting(60),
        mg.measures["transmissions"],
        mg_out=[blocks * 0.999, blocks * 1.001],
    )
    assert ds.transmissions.values.tolist() == [1, 0]
