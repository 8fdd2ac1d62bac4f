"""Shapley shares: closed forms, the axioms, and what cannot be meant.

Expected values are closed forms of planted models. Of an additive one, v(S) = sum of a_i in S, the
Shapley value of a factor is a_i. Of a multiplicative one, v(S) = product of f_i in S, it is log f_i
on the logarithmic scale; on the linear one, of two factors, ((f - 1) + (f - 1) g)/2 and likewise
for g, for each of the two orders counts half.
"""

import itertools
import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import mgsim as mg
from mgsim.analysis.shapley import MOST, interactions, marginals, shapley_values, spread
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare.parameter import PartError

NUMBER = st.floats(-1e3, 1e3, allow_subnormal=False)
GAMES = st.integers(1, 5).flatmap(lambda n: st.lists(NUMBER, min_size=2**n, max_size=2**n))
NAMES = "abcdefgh"


def factors(n):
    return mg.Shapley({NAMES[i]: {f"x_{i}": (0.0, 1.0)} for i in range(n)})


def planted(n, function, **attrs):
    """The arms of n factors with the value of each, from what the arm sets."""
    arms = factors(n).arms
    values = [function(np.array([sets[f"x_{i}"] for i in range(n)])) for sets in arms.values()]
    return xr.DataArray(values, {"arm": list(arms)}, ["arm"], "y", attrs)


def by_orders(v):
    """The Shapley value by its definition: the mean over all orders of the factors."""
    n = len(v).bit_length() - 1
    found = np.zeros(n)
    orders = list(itertools.permutations(range(n)))
    for order in orders:
        at = 0
        for i in order:
            found[i] += v[at | 1 << i] - v[at]
            at |= 1 << i
    return found / len(orders)


# ---- planted models ------------------------------------------------------------------------------


def test_effects_that_add_up_are_found_and_do_not_interact():
    added = np.array([2.0, -0.5, 0.0, 7.0])
    found = factors(4).shares(planted(4, lambda on: 3.0 + added @ on, units="Hz", long_name="rate"))
    np.testing.assert_allclose(found.value, added, atol=1e-12)
    np.testing.assert_allclose(found.share, added / added.sum(), atol=1e-12)
    np.testing.assert_allclose(found.lowest, added, atol=1e-12)
    np.testing.assert_allclose(found.highest, added, atol=1e-12)
    off = found.interaction.values[~np.eye(4, dtype=bool)]
    np.testing.assert_allclose(off, 0.0, atol=1e-12)
    assert found.value.units == "Hz"
    assert found.share.units == "1"
    assert found.undefined == ""


def test_factors_that_multiply_add_up_on_the_logarithmic_scale():
    by = np.array([0.5, 0.9, 1.3])
    values = planted(3, lambda on: 4.0 * np.prod(by**on))
    found = factors(3).shares(values, scale="log")
    np.testing.assert_allclose(found.value, np.log(by), atol=1e-12)
    np.testing.assert_allclose(found.total, math.log(by.prod()), atol=1e-12)
    np.testing.assert_allclose(found.highest - found.lowest, 0.0, atol=1e-12)
    assert found.value.units == "1"


def test_two_factors_that_multiply_on_the_linear_scale():
    f, g = 0.5, 0.8
    found = factors(2).shares(planted(2, lambda on: f ** on[0] * g ** on[1]))
    np.testing.assert_allclose(
        found.value, [(f - 1) * (1 + g) / 2, (g - 1) * (1 + f) / 2], atol=1e-12
    )
    np.testing.assert_allclose(found.interaction[0, 1], (f - 1) * (g - 1), atol=1e-12)
    np.testing.assert_allclose([found.lowest[0], found.highest[0]], [f - 1, (f - 1) * g])


def test_axes_stay_and_each_point_is_a_game_of_its_own():
    size = xr.DataArray([1.0, 2.0, 5.0], dims="point")
    values = planted(2, lambda on: 3 * on[0] + on[1]) * size
    found = factors(2).shares(values)
    assert found.value.dims == ("point", "factor")
    np.testing.assert_allclose(found.value.sel(factor="a"), 3 * size)
    np.testing.assert_allclose(found.share.sel(factor="a"), 0.75)


# ---- the axioms ----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(GAMES)
def test_it_is_the_mean_over_all_orders_and_the_values_sum_to_the_whole(v):
    found = shapley_values(v)
    scale = max(map(abs, v)) + 1e-300
    np.testing.assert_allclose(found, by_orders(v), atol=1e-12 * scale)
    np.testing.assert_allclose(found.sum(), v[-1] - v[0], atol=1e-12 * scale)
    low, high = marginals(v)
    assert np.all(low - 1e-12 * scale <= found)
    assert np.all(found <= high + 1e-12 * scale)


@settings(max_examples=40, deadline=None)
@given(GAMES, GAMES)
def test_it_is_linear_in_the_values(v, w):
    w = (w * len(v))[: len(v)]
    both = shapley_values(np.add(v, np.multiply(2.5, w)))
    np.testing.assert_allclose(both, shapley_values(v) + 2.5 * shapley_values(w), atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(GAMES, NUMBER)
def test_a_dummy_gets_what_it_adds_alone_and_interacts_with_nothing(v, own):
    n = len(v).bit_length() - 1
    whole = np.concatenate([v, np.add(v, own)])  # factor n adds the same to every set
    found = shapley_values(whole)
    np.testing.assert_allclose(found[n], own, atol=1e-9)
    np.testing.assert_allclose(found[:n], shapley_values(v), atol=1e-9)
    np.testing.assert_allclose(interactions(whole)[n, :n], 0.0, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(GAMES, st.randoms())
def test_names_do_not_matter(v, random):
    n = len(v).bit_length() - 1
    order = list(range(n))
    random.shuffle(order)
    moved = [v[sum(1 << i for i in range(n) if at >> order[i] & 1)] for at in range(2**n)]
    np.testing.assert_allclose(shapley_values(moved)[order], shapley_values(v), atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(NUMBER, min_size=9, max_size=9))
def test_factors_that_do_the_same_get_the_same(by_size):
    n = 8
    v = [by_size[at.bit_count()] for at in range(2**n)]
    found = shapley_values(v)
    np.testing.assert_allclose(found, (v[-1] - v[0]) / n, atol=1e-9)
    pairs = interactions(v)[~np.eye(n, dtype=bool)]
    np.testing.assert_allclose(pairs, pairs[0], atol=1e-9)


# ---- where there is no share ---------------------------------------------------------------------


def test_where_all_together_do_nothing_there_is_no_share():
    values = planted(2, lambda on: 5.0 + on[0] - on[1])
    found = factors(2).shares(values)
    np.testing.assert_allclose(found.value, [1, -1])
    assert np.isnan(found.share).all()
    assert found.undefined == "1 of 1: no effect of all factors together"


def test_rounding_is_no_effect():
    values = planted(2, lambda on: 1e3 * (1 + 1e-15 * on.sum()))
    assert np.isnan(factors(2).shares(values).share).all()
    assert np.isnan(factors(2).shares(values, scale="log").share).all()


def test_what_has_no_logarithm_or_no_value_has_no_share():
    draws = xr.DataArray([1.0, 0.0, np.nan, 2.0], dims="point")
    values = planted(2, lambda on: 1 + on.sum()) * draws
    found = factors(2).shares(values, scale="log")
    assert found.share.notnull().all("factor").values.tolist() == [True, False, False, True]
    assert found.undefined == (
        "1 of 4: a value that is not above 0; 1 of 4: a value that is not defined"
    )


# ---- over draws ----------------------------------------------------------------------------------


def test_the_spread_over_draws():
    ratio = xr.DataArray(np.linspace(0.0, 1.0, 101), dims="point")
    on = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    arms = list(factors(2).arms)
    values = xr.concat([float(a) * ratio + float(b) * (1 - ratio) for a, b in on], dim="arm")
    found = spread(factors(2).shares(values.assign_coords(arm=arms)), level=0.9)
    np.testing.assert_allclose(found.share, 0.5, atol=1e-12)
    np.testing.assert_allclose(found.low, 0.05, atol=1e-12)
    np.testing.assert_allclose(found.high, 0.95, atol=1e-12)
    np.testing.assert_allclose(found.pooled, 0.5, atol=1e-12)
    np.testing.assert_allclose(found["first"], 50.5 / 101)  # both lead one draw, and have half each
    assert found.defined == 1
    assert found.level == 0.9


def test_draws_without_an_effect_weigh_nothing_and_are_counted():
    values = planted(2, lambda on: 3 * on[0] + on[1]) * xr.DataArray([1.0, 0.0], dims="point")
    found = spread(factors(2).shares(values))
    np.testing.assert_allclose(found.pooled, [0.75, 0.25])
    np.testing.assert_allclose(found.share, [0.75, 0.25])
    assert found.defined == 0.5


@pytest.mark.parametrize("lost", [np.nan, np.inf])
@pytest.mark.parametrize("arm", ["unchanged", "a", "a_and_b"])
def test_a_draw_that_lacks_one_arm_weighs_nothing_in_what_is_pooled(arm, lost):
    """Shares of 3 and 1 of 4 in every draw: whichever draws and arm fail, they stay so."""
    size = xr.DataArray([1.0, 2.0, 4.0, 100.0], dims="point")
    values = planted(2, lambda on: 10 - 3 * on[0] - on[1]) * size
    values.loc[{"arm": [arm, "b"], "point": 3}] = lost
    found = factors(2).shares(values)
    pooled = spread(found)
    np.testing.assert_allclose(pooled.pooled, [0.75, 0.25])
    np.testing.assert_allclose(pooled["first"], [1, 0])
    assert pooled.defined == 0.75
    assert found.undefined == "1 of 4: a value that is not defined"


# ---- through a sweep -----------------------------------------------------------------------------


def test_shares_of_a_sweep_with_parts_among_the_factors():
    """A factor may be a part; one that nothing reads has no share, and efficiency is exact."""
    game = mg.Shapley(
        {
            "block": {"block": ("none", "jahr_stevens_1990")},
            "receptors": {"g_nmda": (5, "2 nS")},
            "calcium": {"ca_rest": (0.05, 0.06)},
        }
    )
    ds = mg.sweep(
        mg.models["tonic"],
        mg.protocols["rest"].lasting(20, (0, np.inf)),
        [mg.measures["ca_charge_nmda"]],
        arms=game.arms,
    )
    found = game.shares(ds.ca_charge_nmda)
    np.testing.assert_allclose(
        found.value.sum(), ds.ca_charge_nmda[-1] - ds.ca_charge_nmda[0], rtol=1e-12
    )
    assert found.value.sel(factor="calcium") == 0
    assert np.all(found.value.sel(factor=["block", "receptors"]) < 0)


# ---- what cannot be meant ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "1 to 8 factors"),
        ({NAMES[0] + str(i): {f"x{i}": (0, 1)} for i in range(MOST + 1)}, "1 to 8 factors"),
        ({"a": {}}, r"factor 'a' holds \(first, second\)"),
        ({"a": {"mg_out": 0.2}}, "'mg_out' goes from one value to another"),
        ({"a": {"mg_out": (0.2, 1, 2)}}, "'mg_out' goes from one value to another"),
        ({"a": {"mg_out": "ab"}}, "'mg_out' goes from one value to another"),
        ({"a": {"mg_out": (0, 1)}, "b": {"mg_out": (0, 2)}}, "by factor 'a' and by 'b'"),
        ({"a b": {"mg_out": (0, 1)}}, "factor 'a b'"),
        ({"a": {"x": (0, 1)}, "b": {"y": (0, 1)}, "a_and_b": {"z": (0, 1)}}, "name them otherwise"),
    ],
)
def test_factors_that_cannot_be_meant(given, said):
    with pytest.raises(PartError, match=said):
        mg.Shapley(given)


def test_values_that_cannot_be_meant():
    game, values = factors(2), planted(2, np.sum)
    with pytest.raises(UnknownName, match="did you mean log"):
        game.shares(values, scale="logarithm")
    with pytest.raises(ValueError, match="along 'arm'"):
        game.shares(values.rename(arm="condition"))
    with pytest.raises(UnknownName, match="no arm 'b'"):
        game.shares(values.sel(arm=["unchanged", "a", "a_and_b"]))
    found = game.shares(values * xr.DataArray([1.0], dims="point"))
    with pytest.raises(UnknownName, match="draws"):
        spread(found, over="draws")
    with pytest.raises(ValueError, match="between 0 and 1"):
        spread(found, level=95)
    for wrong in (3.0, [1.0], np.zeros(3), np.zeros(512)):
        with pytest.raises(ValueError, match="sets of 1 to 8 factors"):
            shapley_values(wrong)


def test_a_prefix_keeps_the_arms_of_two_apart():
    dish = mg.Shapley({"magnesium": {"mg_out": (0.2, 1.2)}}, "dish")
    person = mg.Shapley({"magnesium": {"mg_out": (0.72, 0.92)}}, "person")
    assert list({**dish.arms, **person.arms}) == [
        "dish_unchanged",
        "dish_magnesium",
        "person_unchanged",
        "person_magnesium",
    ]
