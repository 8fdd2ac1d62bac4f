"""Release against its recursion, and vesicles against the binomial law that they follow.

Sites do not know of one another and each is ready with the probability R that the mean follows, so
what n of them release at a spike is binomial with n and u R, at each spike of a train.
"""

import math

import numpy as np
import pytest

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model

MEAN, VESICLES = mg.mechanisms["depressing_release"], mg.mechanisms["vesicle_release"]
TRAIN = mg.protocols["train_20hz"]
COUNT = Measure("m_count", "1", "releases", on={"release": "m_count += 1"})


def at(k):
    """What the k-th spike releases."""
    text = f"q_{k} += int(m_count > {k - 1.5})*int(m_count < {k - 0.5})*quanta"
    return Measure(f"q_{k}", "1", "released", on={"release": text}, needs=(COUNT,))


def recursion(spikes, interval=50.0, u_rel=0.5, tau_rec=671.0, tau_facil=17.0):
    """u, R and u R at each spike, as ``MEAN`` states them; all ready and u 0 before the first."""
    u, r, found = 0.0, 1.0, []
    for k in range(spikes):
        dt = interval if k else 0.0
        u *= math.exp(-dt / tau_facil)
        u += u_rel * (1 - u)
        r = 1 - (1 - r) * math.exp(-dt / tau_rec)
        found.append((u, r, u * r))
        r -= u * r
    return np.array(found)


@pytest.mark.parametrize(("engine", "spikes"), [("fused", 20), ("brian", 5)])
def test_the_mean_follows_its_recursion(engine, spikes):
    ds = mg.sweep(
        Model("m", (MEAN,)),
        TRAIN.lasting(50.0 * spikes + 20),
        [at(k) for k in range(1, spikes + 1)],
        engine=engine,
        train_start=10,
    )
    released = [float(ds[f"q_{k}"]) for k in range(1, spikes + 1)]
    np.testing.assert_allclose(released, recursion(spikes)[:, 2], rtol=1e-12)
    if spikes == 20:  # calculated on its own for these constants: 1st, 20th, paired-pulse ratio
        assert released[0] == 0.5
        assert released[19] == pytest.approx(0.06723, abs=5e-6)
        assert released[1] / released[0] == pytest.approx(0.5501, abs=5e-5)


N, TRIALS, SPIKES = 5, 6000, (1, 2, 3, 8)


@pytest.fixture(scope="module")
def trials():
    return mg.sweep(
        Model("m", (VESICLES,)),
        TRAIN.lasting(420),
        [at(k) for k in SPIKES],
        seed=range(TRIALS),
        n_sites=N,
        dt=5,
    )


@pytest.mark.parametrize("k", SPIKES)
def test_vesicles_have_the_mean_the_variance_and_the_failures_of_their_law(trials, k):
    """Within 4.5 standard errors, each that of the law itself."""
    p = recursion(8)[k - 1, 2]
    drawn = trials[f"q_{k}"].values * N
    counts = np.round(drawn)
    np.testing.assert_allclose(drawn, counts, atol=1e-12)
    mean, var = N * p, N * p * (1 - p)
    assert counts.mean() == pytest.approx(mean, abs=4.5 * math.sqrt(var / TRIALS))
    fourth = var * (1 + 3 * (N - 2) * p * (1 - p))  # central moment of a binomial number
    error = math.sqrt((fourth - var**2) / TRIALS)
    assert counts.var() == pytest.approx(var, abs=4.5 * error)
    failures = (1 - p) ** N
    error = math.sqrt(failures * (1 - failures) / TRIALS)
    assert (counts == 0).mean() == pytest.approx(failures, abs=4.5 * error)
    # The coefficient of variation over trials: sqrt((1 - p)/(n p)), to first order in both errors.
    wanted = math.sqrt((1 - p) / (N * p))
    assert counts.std() / counts.mean() == pytest.approx(wanted, rel=0.06)


def test_without_facilitation_sites_settle_where_refilling_meets_release():
    """R = (1 - E)/(1 - (1 - u) E) with E = exp(-interval/tau): 200 spikes, the later half of them.

    The mean over one long train; its spikes follow one another, so the error is four times wider
    than that of as many trials.
    """
    u, tau, n = 0.4, 300.0, 50
    late = Measure(
        "m_late",
        "1",
        "",
        on={"release": "m_late += int(m_count > 99.5)*quanta/100"},
        needs=(COUNT,),
    )
    ds = mg.sweep(
        Model("m", (VESICLES,)),
        TRAIN.lasting(10_040),
        late,
        seed=range(40),
        u_rel=u,
        tau_rec=tau,
        tau_facil=1.0,
        n_sites=n,
        dt=50,
    )
    left = math.exp(-50 / tau)
    p = u * (1 - left) / (1 - (1 - u) * left)
    error = 4 * math.sqrt(p * (1 - p) / (n * 100 * 40))
    assert float(ds.m_late.mean()) == pytest.approx(p, abs=error)


def test_every_magnesium_meets_the_same_dice():
    """What is released does not change with magnesium; what it does to the cell does."""
    model = mg.models["standard"].swap(VESICLES)
    ds = mg.sweep(
        model,
        TRAIN.lasting(300),
        [at(1), at(3), mg.measures["nmda_charge"]],
        seed=range(12),
        mg_out=[0.1, 0.8, 2.0],
    )
    for k in (1, 3):
        assert np.all(ds[f"q_{k}"] == ds[f"q_{k}"].isel(mg_out=0))
        assert len(np.unique(ds[f"q_{k}"])) > 2
    assert np.all(ds.nmda_charge.diff("mg_out") <= 0)


def test_more_use_never_releases_less_at_the_first_spike():
    """Common dice: each trial alone rises with the probability, not the mean only."""
    ds = mg.sweep(
        Model("m", (VESICLES,)),
        TRAIN.lasting(100),
        at(1),
        seed=range(100),
        u_rel=np.linspace(0.01, 0.99, 30),
        n_sites=30,
    )
    assert np.all(ds.q_1.diff("u_rel") >= 0)


def test_sites_are_whole():
    with pytest.raises(ValueError, match=r"n_sites \(release sites\) is a whole number, not 2.5"):
        mg.sweep(Model("m", (VESICLES,)), TRAIN, at(1), n_sites=[2, 2.5])
