"""Dose-response: planted constants are found, and what has no plateau is refused.

Expected values are those that were planted. A block law of one site is a Hill curve of slope 1
whose half dose is the constant of the law at that potential, in closed form.
"""

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

import mgsim as mg
from mgsim.analysis.dose import CONSTANTS, dose_response, hill
from mgsim.analysis.measured import DataError
from mgsim.catalogs.catalog import UnknownName
from mgsim.experiments.mg_dose import fitted
from mgsim.units import UnitError

DOSES = np.array([0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10.0])
TRUE = {"start": 10.0, "plateau": 2.0, "half": 0.3, "slope": 1.5}


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-5, 20),
    st.floats(0.5, 20) | st.floats(-20, -0.5),
    st.floats(math.log(0.05), math.log(1.0)),
    st.floats(0.8, 3.0),
)
def test_planted_constants_are_found(start, rise, half, slope):
    true = {"start": start, "plateau": start + rise, "half": math.exp(half), "slope": slope}
    found = dose_response(hill(DOSES, **true), DOSES).values
    for name in CONSTANTS:
        np.testing.assert_allclose(found[name], true[name], rtol=1e-4, atol=1e-4 * abs(rise))


def test_the_intervals_hold_what_was_planted_as_often_as_they_say():
    """Of 40 noisy repeats at 90 %: binomial, below 29 or all 40 in less than 1 of 60."""
    noise, held = np.random.default_rng(1), dict.fromkeys(CONSTANTS, 0)
    doses = np.repeat(DOSES, 2)
    for _ in range(40):
        y = hill(doses, **TRUE) + noise.normal(0, 0.3, doses.size)
        found = dose_response(y, doses, level=0.9)
        for e in found.estimates:
            held[e.name] += e.low <= TRUE[e.name] <= e.high
    assert all(29 <= n <= 40 for n in held.values()), held
    assert 4 * 29 < sum(held.values()) < 4 * 40


def test_dose_zero_is_the_start_and_no_dose_is_dropped():
    found = dose_response(hill(DOSES, **TRUE), DOSES)
    assert found.dose.tolist() == DOSES.tolist()
    assert found.curve(0.0) == pytest.approx(10.0, abs=1e-6)
    np.testing.assert_allclose(found.residuals, 0.0, atol=1e-6)
    more = np.append(hill(DOSES, **TRUE), 12.0)  # a second blank moves the start
    assert dose_response(more, np.append(DOSES, 0.0)).values["start"] > 10.3


@pytest.mark.parametrize("v", [-80.0, -40.0, 0.0])
def test_a_law_of_one_site_is_a_curve_of_slope_one(v):
    """Jahr & Stevens: half at 3.57 mM exp(-0.062/mV (-v))."""
    law = mg.blocks["jahr_stevens_1990"]
    doses = [0, *np.geomspace(1e-3, 1e3, 13)]
    found = dose_response(law.evaluate("unblocked", v=v, mg_out=doses), doses).values
    np.testing.assert_allclose(found["half"], 3.57 * math.exp(0.062 * v), rtol=1e-5)
    np.testing.assert_allclose([found["slope"], found["start"]], 1.0, rtol=1e-5)
    np.testing.assert_allclose(found["plateau"], 0.0, atol=1e-5)


def test_a_result_is_its_own_dose_with_its_unit():
    values = xr.DataArray(
        hill(DOSES, **TRUE), {"mg_out": ("mg_out", DOSES, {"units": "mM"})}, ["mg_out"], "rate"
    ).assign_attrs(units="Hz")
    found = dose_response(values)
    assert [found[n].unit for n in CONSTANTS] == ["Hz", "Hz", "mM", "1"]
    assert "half     0.3 mM   95 % interval" in str(found)
    in_um = dose_response(hill(DOSES, **TRUE), [f"{1000 * d} uM" for d in DOSES])
    assert in_um.values["half"] == pytest.approx(0.3, rel=1e-4)


def test_the_residual_that_is_told_is_the_root_of_their_mean_square():
    y = hill(DOSES, **TRUE) + 0.5 * np.cos(np.arange(len(DOSES)))
    found = dose_response(y, DOSES)
    rms = np.linalg.norm(y - found.curve(DOSES)) / np.sqrt(len(DOSES))
    assert f"{len(DOSES)} points, RMS residual {rms:.3g}\n" in str(found)


def test_weights_and_what_is_held():
    y = hill(DOSES, **TRUE)
    y[3] += 3.0
    sd = np.where(np.arange(DOSES.size) == 3, 1e3, 0.1)
    assert dose_response(y, DOSES, sd=sd).values["half"] == pytest.approx(0.3, rel=1e-3)
    found = dose_response(hill(DOSES, **TRUE), DOSES, slope=1.5, start=10)
    assert [e.name for e in found.estimates] == ["plateau", "half"]
    assert found.values["plateau"] == pytest.approx(2.0, rel=1e-4)
    assert "slope    1.5   held" in str(found)


@pytest.mark.parametrize(
    ("doses", "said"),
    [
        (DOSES[:5], "no plateau is seen: at the highest dose, 0.3 mM, the curve has gone 50 %"),
        (DOSES[4:], "too few for 4 constants"),
        (np.geomspace(0.3, 300, 9), "no plateau is seen: at the lowest dose, 0.3 mM"),
        ([0, 0, 0, 1, 1, 1], "too few for 4 constants"),
    ],
)
def test_without_a_plateau_there_is_no_curve(doses, said):
    with pytest.raises(DataError, match=said):
        dose_response(hill(doses, **{**TRUE, "slope": 1.0}), doses)


def test_a_plateau_that_is_known_need_not_be_seen():
    doses = np.array([0, 0.03, 0.1, 0.2, 0.3, 0.4])
    with pytest.raises(DataError, match="no plateau is seen"):
        dose_response(hill(doses, **TRUE), doses)
    found = dose_response(hill(doses, **TRUE), doses, plateau=2.0)
    assert found.values["half"] == pytest.approx(0.3, rel=1e-4)


def test_a_half_dose_whose_interval_leaves_the_doses_is_refused():
    """Seen by eye as a plateau, but noise lets the half lie anywhere below the first dose."""
    doses = np.array([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    y = hill(doses, 10, 2, 0.05, 1.0) + np.array([0, 0.4, -0.5, 0.4, -0.3, 0.2])
    with pytest.raises(DataError, match=r"do not determine|leaves the doses"):
        dose_response(y, doses)


def test_no_effect_has_no_half():
    noise = np.random.default_rng(0).normal(5, 0.3, 24)
    with pytest.raises(DataError, match=r"do not determine|no plateau"):
        dose_response(noise, np.repeat(DOSES, 3))


_ROUNDED = 3 + 1e-12 * np.random.default_rng(0).normal(size=DOSES.size)


@pytest.mark.parametrize(
    ("response", "doses", "said"),
    [
        (np.full(DOSES.size, 3.0), DOSES, "the response is 3 at every dose"),
        (np.zeros(DOSES.size), DOSES, "the response is 0 at every dose"),
        (np.full(6, 3.0), np.array([0, 1, 1.5, 2, 2.5, 3]), "the response is 3 at every dose"),
        (_ROUNDED, DOSES, "the response is 3 at every dose"),
        (np.array([7, 7, 7, 0, 0, 0.0]), np.linspace(0, 1, 6), "do not determine"),
    ],
)
def test_an_exact_fit_of_what_tells_no_dose_is_refused(response, doses, said):
    with pytest.raises(DataError, match=said):
        dose_response(response, doses)


def test_an_interval_of_an_exact_fit_ends_where_it_is_exact_no_more():
    """All or none: at the dose below the step (dose/half)**slope is off, by what rounding allows.

    1e-10 of the root sum of squares of what was measured, times Student's allowance.
    """
    half = dose_response(np.where(DOSES < 0.2, 5.0, 0.0), DOSES, start=5, plateau=0, slope=60)[
        "half"
    ]
    dof = DOSES.size - 1
    off = 1e-10 * math.sqrt(4 * (1 + student.ppf(0.975, dof) ** 2 / dof))
    ends = [0.1 / off ** (1 / 60), 0.3 * off ** (1 / 60)]
    np.testing.assert_allclose([half.low, half.high], ends, rtol=0.02)


def test_what_is_the_same_at_every_dose_can_still_be_a_level():
    found = dose_response(np.full(DOSES.size, 3.0), DOSES, half=0.3, slope=1)
    assert found.values["start"] == found.values["plateau"] == pytest.approx(3.0)


def test_an_experiment_gives_a_flat_control_no_half():
    load = xr.DataArray(
        [np.full(DOSES.size, 2.0), hill(DOSES, **TRUE)],
        {"block": ["none", "law"], "mg_out": DOSES},
        ["block", "mg_out"],
    )
    found = fitted(xr.Dataset({"ca_charge_nmda": load}))
    assert found.hill.sel(block="none").isnull().all()
    assert found.hill.sel(block="law").notnull().all()
    assert "block none: refused, ca_charge_nmda: the response is 2 at every" in found.attrs["found"]


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"dose": None}, DataError, "give the doses"),
        ({"dose": DOSES[1:]}, DataError, "one a point"),
        ({"dose": -DOSES}, DataError, "cannot be negative"),
        ({"dose": ["1 s"] * 8}, UnitError, "dose"),
        ({"sd": np.zeros(8)}, DataError, "above 0"),
        ({"level": 95}, DataError, "between 0 and 1"),
        ({"hill": 1}, UnknownName, "no constant 'hill'"),
        ({"slope": 0}, DataError, "above 0"),
        ({"start": 1, "plateau": 0, "half": 1, "slope": 1}, DataError, "nothing is left"),
    ],
)
def test_what_cannot_be_meant(given, error, said):
    with pytest.raises(error, match=said):
        dose_response(**{"response": hill(DOSES, **TRUE), "dose": DOSES, **given})


def test_several_axes_are_no_dose():
    two = xr.DataArray(np.ones((2, 3)), dims=("mg_out", "block"))
    with pytest.raises(DataError, match=r"along one axis, not along \(mg_out, block\)"):
        dose_response(two)


def test_in_a_cell_that_hardly_notices_the_curve_is_that_of_the_law():
    """With 1 nS the potential stays between -70 and -60 mV, and so does the half of the law."""
    ds = mg.experiments["mg_dose"].few().run(progress=False)
    little = ds.hill.sel(g_nmda=1)
    low, high = 3.57 * np.exp(0.062 * np.array([-70.0, -60.0]))
    assert low < float(little.sel(constant="half")) < high
    assert abs(float(little.sel(constant="slope")) - 1) < 0.05
    much = ds.hill.sel(g_nmda=30)
    assert float(much.sel(constant="half")) > 2 * float(little.sel(constant="half"))
    assert ds.attrs["found"].count("half at") == 2


def test_an_experiment_says_why_no_curve_is_fitted():
    ds = mg.experiments["mg_dose"].run(
        g_nmda=[1.0], mg_out=[0.0, 0.005, 0.01, 0.02, 0.03, 0.04], progress=False
    )
    assert ds.hill.isnull().all()
    assert "g_nmda 1.0: refused, ca_charge_nmda: no plateau is seen" in ds.attrs["found"]
