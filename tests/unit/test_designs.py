"""Designs: points by number, in any order and any batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mgsim as mg
from mgsim.sweeps.designs import MANY, MOST, SOBOL_MOST, AxisError, check_size, spread

UNIT = {"mg_out": (0.0, 1.0), "g_nmda": (0.0, 1.0), "tau_ca": (0.0, 1.0)}


@given(st.integers(1, 5000), st.integers(0, 2**32))
def test_a_latin_hypercube_has_one_point_in_each_stratum(n, seed):
    """That is its definition (McKay, Beckman and Conover 1979)."""
    columns = mg.designs.latin_hypercube(n, seed=seed, **UNIT).columns(np.arange(n))
    for column in columns.values():
        assert np.array_equal(np.sort(np.floor(column * n).astype(int)), np.arange(n))
        assert np.all((column >= 0) & (column < 1))


@pytest.mark.parametrize("make", [mg.designs.sobol, mg.designs.latin_hypercube])
def test_a_batch_is_what_the_whole_has_there(make):
    design = make(1000, seed=3, log=["g_nmda"], mg_out=(0, 2), g_nmda=(0.1, 10))
    whole = design.columns(np.arange(1000))
    some = np.array([7, 8, 400, 401, 999])
    for name, column in design.columns(some).items():
        assert np.array_equal(column, whole[name][some])
    assert 0.1 <= whole["g_nmda"].min() < whole["g_nmda"].max() <= 10
    other = make(1000, seed=4, log=["g_nmda"], mg_out=(0, 2), g_nmda=(0.1, 10))
    assert not np.array_equal(whole["mg_out"], other.columns(np.arange(1000))["mg_out"])


def test_axes_of_a_latin_hypercube_know_nothing_of_each_other_or_of_the_order():
    """Correlations of independent uniform numbers: standard deviation 1/sqrt(n); and chi-square
    of 32 x 32 fields with 31*31 degrees of freedom, standard deviation sqrt(2*31*31)."""
    n = 2**17
    columns = mg.designs.latin_hypercube(n, seed=1, **UNIT).columns(np.arange(n))
    inside = {f"{name} in its stratum": (x * n) % 1 for name, x in columns.items()}
    all_ = {**columns, **inside, "order": np.arange(n) / n}
    names = list(all_)
    for i, one in enumerate(names):
        for other in names[:i]:
            assert abs(np.corrcoef(all_[one], all_[other])[0, 1]) * np.sqrt(n) < 4.5
            counts = np.histogram2d(all_[one], all_[other], bins=32, range=[[0, 1]] * 2)[0]
            chi = np.sum((counts - n / 32**2) ** 2 / (n / 32**2))
            assert abs(chi - 31**2) < 4.5 * np.sqrt(2 * 31**2)


def test_a_small_latin_hypercube_has_every_order():
    """Three strata have six orders, each as likely: 4 standard deviations of a count of 1200."""
    orders = [
        tuple(
            np.floor(
                3
                * mg.designs.latin_hypercube(3, seed=seed, mg_out=(0.0, 1.0)).columns(np.arange(3))[
                    "mg_out"
                ]
            ).astype(int)
        )
        for seed in range(1200)
    ]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert max(abs(c - 200) for c in counts) < 4 * np.sqrt(1200 * (1 / 6) * (5 / 6))


def test_points_of_a_huge_hypercube_cost_what_the_points_cost():
    n = 10**11
    x = mg.designs.latin_hypercube(n, mg_out=(0.0, 1.0)).columns(np.array([0, 5, n - 1]))["mg_out"]
    assert len(np.unique(x)) == 3


def test_a_sobol_sequence_ends():
    assert mg.designs.sobol(SOBOL_MOST, mg_out=(0, 1)).columns(np.array([0]))["mg_out"].size == 1
    with pytest.raises(AxisError, match=r"2\^30"):
        mg.designs.sobol(SOBOL_MOST + 1, mg_out=(0, 1))


@pytest.mark.parametrize("axes", [{"mg_out": 1}, {"mg_out": "12"}, {"mg_out": None}, {}])
def test_paired_values_are_lists(axes):
    with pytest.raises(AxisError, match=r"list|at least one|one value"):
        mg.designs.zipped(**axes)


def test_the_ends_of_an_axis_may_have_units():
    assert spread(0, 1, 3) == [0, 0.5, 1]
    assert spread("0 uM", "0.8 mM", 3) == ["0.0 mM", "0.4 mM", "0.8 mM"]
    assert spread("1e-1mM", "10 mM", 3, log=True) == ["0.1 mM", "1.0 mM", "10.0 mM"]
    for ends in (("1 mM", "2 mV"), (1, "2 mM"), ("x", 1), ("", 1), ("1__0", 2)):
        with pytest.raises(ValueError, match="axis"):
            spread(*ends, 3)
    with pytest.raises(AxisError, match="logarithmic"):
        spread(0, 1, 3, log=True)


@pytest.mark.parametrize("n", [True, 2.0, "2", np.timedelta64(2, "ms"), None, 0])
def test_a_sample_has_a_whole_number_of_points(n):
    """A span of time is among numpy's whole numbers."""
    with pytest.raises(AxisError, match=r"whole number|at least one point"):
        mg.designs.sobol(n, mg_out=(0, 1))


@pytest.mark.parametrize("threads", [True, np.timedelta64(2, "ms")])
def test_threads_are_a_whole_number(threads):
    with pytest.raises(ValueError, match="threads must be a whole number"):
        mg.sweep(mg.models["tonic"], mg.protocols["rest"], mg.measures["mean_v"], threads=threads)


def test_as_many_points_run_as_the_refusal_says():
    check_size(MANY)
    check_size(MOST, large=True)
    with pytest.raises(AxisError, match="run only with large=True"):
        check_size(MANY + 1)
    with pytest.raises(AxisError, match="cannot be meant; at most 100,000,000,000"):
        check_size(MOST + 1, large=True)
