"""Noise against the closed form of an Ornstein-Uhlenbeck process seen at equal times."""

import itertools

import numpy as np
import pytest
from scipy.stats import norm

import mgsim as mg

CELL, NOISE = mg.models["cell"], mg.protocols["noise"]
SEEDS = list(range(30))
SD, TAU, STEP = 100.0, 3.0, 0.1
KEPT = np.exp(-STEP / TAU)


@pytest.fixture(scope="module")
def drawn():
    """Noise over 2 s at its own times, (seed, time), from runs at three steps."""
    found = {}
    for dt in (0.025, 0.05, 0.1):
        ds = mg.simulate(CELL, NOISE, record=("i_noise",), seed=SEEDS, dt=dt, every=round(0.1 / dt))
        found[dt] = -ds.i_noise.transpose("seed", "time").values[:, :-1]
    return found


def test_the_step_changes_no_value(drawn):
    np.testing.assert_array_equal(drawn[0.025], drawn[0.1])
    np.testing.assert_array_equal(drawn[0.05], drawn[0.1])


def test_mean_variance_and_correlation_are_those_of_the_process(drawn):
    """Errors of the estimates from the law: 30 runs of 2 s hold 10^4 correlation times."""
    x = drawn[0.1]
    independent = x.shape[0] * 2000 / (2 * TAU)
    assert abs(x.mean()) < 4 * SD / np.sqrt(independent)
    assert x.std() == pytest.approx(SD, rel=4 / np.sqrt(2 * independent))
    assert x[:, 0].std() == pytest.approx(SD, rel=4 / np.sqrt(2 * len(SEEDS)))
    for lag in (1, 10, 30, 60):
        found = np.mean(x[:, lag:] * x[:, :-lag]) / SD**2
        assert found == pytest.approx(KEPT**lag, abs=4 * np.sqrt(2 / independent))


def test_the_spectrum_is_that_of_the_process(drawn):
    """Of values h apart: sd^2 h (1 - k^2)/(1 + k^2 - 2 k cos(2 pi f h)), k = exp(-h/tau)."""
    x = drawn[0.1]
    n = x.shape[1]
    power = np.mean(np.abs(np.fft.rfft(x, axis=1)) ** 2, axis=0) * STEP / n
    f = np.fft.rfftfreq(n, STEP)
    law = SD**2 * STEP * (1 - KEPT**2) / (1 + KEPT**2 - 2 * KEPT * np.cos(2 * np.pi * f * STEP))
    edges = np.geomspace(2, n // 2, 9).astype(int)
    for low, high in itertools.pairwise(edges):
        count = (high - low) * len(SEEDS)
        ratio = np.mean(power[low:high] / law[low:high])
        assert ratio == pytest.approx(1, abs=4 / np.sqrt(count) + 0.02)


def test_a_value_is_gaussian(drawn):
    """Fourth moment over squared variance, from values ten correlation times apart."""
    x = (drawn[0.1] / SD)[:, :: round(10 * TAU / STEP)].ravel()
    assert np.mean(x**4) == pytest.approx(3, abs=4 * np.sqrt(96 / len(x)))


def test_engines_magnesium_and_batches_meet_the_same_noise():
    model, short = mg.models["standard"], NOISE.lasting(30) + mg.protocols["train_80hz"].lasting(30)
    how = {"record": ("i_noise",), "seed": [3, 4], "dt": 0.05}
    one = mg.simulate(model, short, mg_out=[0.1, 1], **how).i_noise
    np.testing.assert_array_equal(one.sel(mg_out=0.1), one.sel(mg_out=1))
    assert (one.isel(seed=0, time=5) != one.isel(seed=1, time=5)).all()
    alone = mg.simulate(model, short, mg_out=1, **{**how, "seed": 4}).i_noise
    np.testing.assert_array_equal(alone, one.sel(seed=4, mg_out=1))
    other = mg.simulate(model, short, mg_out=1, engine="brian", method="rk2", **{**how, "seed": 4})
    np.testing.assert_allclose(other.i_noise, alone, rtol=1e-12)


# ---- conductances --------------------------------------------------------------------------------
BACKGROUND = mg.protocols["conductance_noise"]
GS = {"g_excitation": ("exc", 12.1, 3.0, 2.728), "g_inhibition": ("inh", 57.3, 6.6, 10.49)}


@pytest.fixture(scope="module")
def conductances():
    """Both over 2 s at their own times, (seed, time) by name, from runs at three steps."""
    found = {}
    for dt in (0.05, 0.1, 0.2):
        ds = mg.simulate(CELL, BACKGROUND, record=GS, seed=SEEDS[:16], dt=dt, every=round(0.2 / dt))
        found[dt] = {n: ds[n].transpose("seed", "time").values[:, :-1] for n in GS}
    return found


@pytest.mark.parametrize("name", GS)
def test_a_conductance_is_the_same_at_every_step_and_has_its_moments(conductances, name):
    for dt in (0.1, 0.2):
        np.testing.assert_array_equal(conductances[dt][name], conductances[0.05][name])
    _, mean, sd, tau = GS[name]
    x = (conductances[0.1][name] - mean) / sd
    independent = x.shape[0] * 2000 / (2 * tau)
    assert abs(x.mean()) < 4 / np.sqrt(independent)
    assert x.std() == pytest.approx(1, rel=4 / np.sqrt(2 * independent))
    for lag in (1, 10, 30):  # of 0.2 ms
        found = np.mean(x[:, lag:] * x[:, :-lag])
        assert found == pytest.approx(np.exp(-0.2 * lag / tau), abs=4 * np.sqrt(2 / independent))


def test_excitation_and_inhibition_are_independent(conductances):
    x, y = ((conductances[0.1][n] - m) / s for n, (_, m, s, _) in GS.items())
    together = x.shape[0] * 2000 / (2.728 + 10.49)
    for lag in (0, 5, 20):
        for a, b in ((x, y), (y, x)):
            assert abs(np.mean(a[:, lag:] * b[:, : a.shape[1] - lag])) < 4 / np.sqrt(together)


def test_a_conductance_is_cut_at_zero():
    """Of a normal m, s cut at 0: the mean m P(m/s) + s p(m/s), and the share P(-m/s) of zeros."""
    cut = mg.simulate(
        CELL, BACKGROUND, record=GS, seed=SEEDS[:16], dt=0.2, exc_mean=3.0, exc_sd=3.0
    ).g_excitation
    independent = 16 * 2000 / (2 * 2.728)
    assert float(cut.min()) == 0
    assert float((cut == 0).mean()) == pytest.approx(norm.cdf(-1), abs=4 / np.sqrt(independent))
    expected = 3 * norm.cdf(1) + 3 * norm.pdf(1)
    assert float(cut.mean()) == pytest.approx(expected, abs=4 * 3 / np.sqrt(independent))


def test_conductances_are_those_of_every_magnesium_engine_and_a_current_beside_them():
    model = mg.models["standard"]
    both = BACKGROUND.lasting(20) + NOISE.lasting(20) + mg.protocols["train_80hz"].lasting(20)
    how = {"record": (*GS, "i_excitation", "i_inhibition", "v"), "seed": 3, "dt": 0.05}
    one = mg.simulate(model, both, mg_out=[0.1, 1], **how)
    for name in GS:
        np.testing.assert_array_equal(one[name].sel(mg_out=0.1), one[name].sel(mg_out=1))
    np.testing.assert_allclose(one.i_excitation, one.g_excitation * one.v, atol=1e-9)
    np.testing.assert_allclose(one.i_inhibition, one.g_inhibition * (one.v + 75), atol=1e-9)
    other = mg.simulate(model, both, mg_out=1, engine="brian", method="rk2", **how)
    for name in GS:
        np.testing.assert_allclose(other[name], one[name].sel(mg_out=1), rtol=1e-12)
