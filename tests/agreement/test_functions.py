"""Binomial numbers from a chance, whole numbers and remainders: their laws, and on both engines."""

import numpy as np
import pytest
from scipy import stats

import mgsim as mg
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.equations import dimensions, expressions
from mgsim.equations.binomial import quantile
from mgsim.equations.expressions import EquationError

NS = [0, 1, 2, 5, 17, 64, 300, 900]
PS = [0.0, 1e-12, 1e-3, 0.02, 0.3, 0.5, 0.5000001, 0.77, 0.999, 1 - 1e-12, 1.0]
#: Dice, and the ends of what dice can be.
CHANCES = np.concatenate(
    [np.random.default_rng(5).random(200), [2**-53, 1e-12, 0.5, 1 - 1e-12, 1 - 2**-53]]
)


@pytest.mark.parametrize("n", NS)
def test_the_number_is_the_quantile_of_the_law(n):
    """scipy's distribution function: what lies below the number falls short, the number reaches."""
    p, chance = np.meshgrid(PS, CHANCES)
    k = quantile(n, p, chance)
    assert np.all((k >= 0) & (k <= n) & (k == np.floor(k)))
    rounding = 1e-13
    law = stats.binom(n, p)
    low = chance <= 0.5  # each half by the tail that has digits there
    assert np.all(law.cdf(k)[low] >= chance[low] * (1 - rounding))
    assert np.all((law.cdf(k - 1)[low] <= chance[low] * (1 + rounding)) | (k[low] == 0))
    left = 1 - chance
    assert np.all(law.sf(k)[~low] <= left[~low] * (1 + rounding) + 1e-300)
    assert np.all((law.sf(k - 1)[~low] >= left[~low] * (1 - rounding)) | (k[~low] == 0))


@pytest.mark.parametrize("n", NS[1:])
def test_scipy_says_the_same_number(n):
    p, chance = np.meshgrid(PS[1:-1], CHANCES[:200])
    np.testing.assert_array_equal(quantile(n, p, chance), stats.binom.ppf(chance, n, p))


@pytest.mark.parametrize("n", NS)
def test_one_chance_never_falls_as_the_probability_rises(n):
    found = quantile(n, np.linspace(0, 1, 1001)[:, None], np.sort(CHANCES))
    assert np.all(np.diff(found, axis=0) >= 0)
    assert np.all(np.diff(found, axis=1) >= 0)


def test_edges():
    assert quantile(7, 0.3, 0.0) == 0
    assert quantile(7, 0.3, 1.0) == 7
    assert quantile(7, 1.0, 0.0) == 7
    assert quantile(7, 0.0, 1.0) == 0
    assert quantile(0, 0.5, 0.5) == 0
    assert quantile(1, 0.5, 0.5) == 0  # scipy.stats.binom.ppf(0.5, 1, 0.5)
    # Rounding of 7 and of 1 is let off.
    assert quantile(7 + 1e-12, 1 + 1e-12, 0.4) == 7


@pytest.mark.parametrize(
    "wrong",
    [(2.5, 0.5, 0.5), (-1, 0.5, 0.5), (2, 1.1, 0.5), (2, -0.1, 0.5), (2, 0.5, 1.5), (2, 0.5, -1)],
)
def test_what_is_no_number_of_trials_or_probability_is_nan(wrong):
    assert np.isnan(quantile(*wrong))
    with pytest.raises(EquationError, match="no finite value"):
        expressions.parse(f"binomial{wrong}")


def test_units():
    volt = mg.units.unit("V").dimension
    none = mg.units.unit("1").dimension
    assert dimensions.dimension("mod(v, 3*mV)", {"v": volt}) == volt
    for text in ("mod(v, 3)", "floor(v)", "binomial(3, v, 0.5)", "binomial(3, 0.5)", "mod(1)"):
        with pytest.raises(EquationError):
            dimensions.dimension(text, {"v": volt})
    assert dimensions.dimension("binomial(n, 0.5, c)", {"n": none, "c": none}) == none


def one(name, low, high):
    return Parameter(name, (low + high) / 2, "1", name, "assumed: for a test", (low, high))


#: Statements write the results into states that nothing else changes, once, at one event.
PART = Component(
    "drawn",
    "drawn",
    "functions of equation text",
    "dk_k/dt = 0/s : 1\ndf_f/dt = 0/s : 1\ndr_r/dt = 0/s : 1\ns_s = floor(x_x) + 0*k_k : 1",
    parameters=(one("n_n", 0, 900), one("p_p", 0, 1), one("c_c", 0, 1), one("x_x", -9, 9)),
    on_event={"pre": "k_k = binomial(n_n, p_p, c_c); f_f = floor(x_x); r_r = mod(x_x, 0.7)"},
)
ENGINES = ["fused", "numpy", "cython"]


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(11)
    n = rng.integers(0, 900, 400).astype(float)
    n[:300] = rng.integers(0, 12, 300)
    return {
        "n_n": n,
        "p_p": np.where(np.arange(400) % 50 == 0, rng.integers(0, 2, 400), rng.random(400)),
        "c_c": rng.random(400),
        "x_x": rng.uniform(-9, 9, 400),
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_has_the_numbers_of_numpy(engine, points):
    from mgsim.engines.brian import BrianEngine

    ds = mg.simulate(
        mg.Model("m", (PART,)),
        mg.protocols["single_pulse"].lasting(1.0, (0, np.inf)),
        record=("k_k", "f_f", "r_r", "s_s"),
        engine=engine if engine == "fused" else BrianEngine(engine),
        design=mg.designs.zipped(**points),
        train_start=0.5,
        dt=0.5,
    ).isel(time=-1)
    np.testing.assert_array_equal(ds.k_k, quantile(points["n_n"], points["p_p"], points["c_c"]))
    np.testing.assert_array_equal(ds.f_f, np.floor(points["x_x"]))
    np.testing.assert_array_equal(ds.s_s, np.floor(points["x_x"]))
    np.testing.assert_allclose(ds.r_r, np.mod(points["x_x"], 0.7), rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("precision", "low", "high", "share"),
    [("float64", -707.0, 709.0, 1e-14), ("float32", -87.0, 88.0, 2e-5)],
)
def test_elementary_functions_are_those_of_numpy_over_all_numbers(precision, low, high, share):
    """Where numbers are small or large, too, which no model of the catalog comes to.

    A rounding of x is one of exp(x) times x.
    """
    part = Component(
        "elementary",
        "elementary",
        "",
        "dk_k/dt = 0/s : 1\ne_e = exp(x_x + k_k) : 1\nl_l = log(y_y + k_k) : 1\n"
        "t_t = tanh(z_z + k_k) : 1\nq_q = exprel(z_z + k_k) : 1",
        parameters=(one("x_x", -750, 750), one("y_y", 0, 1e308), one("z_z", -40, 40)),
    )
    x, z = np.linspace(low, high, 500), np.linspace(-30.0, 30.0, 500)
    z[:200] = np.geomspace(1e-12, 1.0, 200)
    y = np.exp(x / 1.01)
    ds = mg.simulate(
        mg.Model("m", (part,)),
        mg.Protocol("still", "", 1.0),
        record=("e_e", "l_l", "t_t", "q_q"),
        engine="fused",
        precision=precision,
        design=mg.designs.zipped(x_x=x, y_y=y, z_z=z),
        dt=0.5,
    ).isel(time=-1)
    for found, right in (
        (ds.e_e, np.exp(x)),
        (ds.l_l, np.log(y)),
        (ds.t_t, np.tanh(z)),
        (ds.q_q, np.expm1(z) / z),
    ):
        np.testing.assert_allclose(found, right, rtol=share)
