"""The laws beside those of test_block_and_iv.py: table A.1 (A3, A8, A16) and TA9, by the oracle."""

import numpy as np
import pytest
from physics import oracle

import mgsim as mg
from mgsim.parts.blocks import without_magnesium

V = np.linspace(-120, 80, 81)
MG = np.array([0.01, 0.1, 1.0, 10.0])[:, None]
LAWS = {
    "jahr_stevens_1990_corrected": oracle.jahr_stevens_junction,
    "antonov_johnson_1999": oracle.antonov_johnson,
    "nmda_kin3": oracle.nmda_kin3,
    "jahr_stevens_1990_flicker": oracle.jahr_stevens_flicker,
    "otmakhova_2002": lambda v, m: 1 / (1 + m / 15 * np.exp(-0.1 * v)),
}
#: B at 1 mM and -80, -70, -60, -40, -20, 0, 20, 40 mV, as printed in table A.1
TABLE = {
    "jahr_stevens_1990_corrected": (0.0180, 0.0330, 0.0597, 0.1799, 0.4312, 0.7238, 0.9005, 0.9690),
    "antonov_johnson_1999": (0.0201, 0.0371, 0.0717, 0.2608, 0.6400, 0.9035, 0.9805, 0.9963),
}


@pytest.mark.parametrize("law", LAWS)
def test_it_is_the_oracles_curve(law):
    found = mg.blocks[law].evaluate("unblocked", v=V, mg_out=MG)
    np.testing.assert_allclose(found, LAWS[law](V, MG), rtol=1e-12)


@pytest.mark.parametrize("law", TABLE)
def test_table_a1(law):
    v = [-80, -70, -60, -40, -20, 0, 20, 40]
    found = mg.blocks[law].evaluate("unblocked", v=v, mg_out=1)
    np.testing.assert_allclose(found, TABLE[law], atol=5.1e-5)


@pytest.mark.parametrize(("na_out", "ic50"), [(140.0, 77.24), (70.0, 110.65), (10.0, 234.66)])
def test_ta9_permeant_ions(na_out, ic50):
    """Half-blocking magnesium (uM) at -60 mV and 125 mM internal caesium."""
    law = mg.blocks["antonov_johnson_1999"]
    b = law.evaluate("unblocked", v=-60, mg_out=ic50 * 1e-3, na_out=na_out, cs_in=125)
    assert float(b) == pytest.approx(0.5, abs=2e-5)


def test_less_internal_caesium_strengthens_block():
    law = mg.blocks["antonov_johnson_1999"]
    b = [float(law.evaluate("unblocked", v=-60, mg_out=1, cs_in=c)) for c in (148, 125, 60, 0)]
    assert np.all(np.diff(b) < 0)


def test_magnesium_passes_through_at_very_negative_potentials():
    """Block turns back where magnesium leaves to the inside faster than it comes."""
    b = mg.blocks["antonov_johnson_1999"].evaluate("unblocked", v=[-120, -400, -499], mg_out=1)
    assert b[1] < b[0]
    assert b[2] > b[1]


# ---- Jahr & Stevens with flicker: numbers of the source's formula, by hand -----------------------
FLICKER = mg.blocks["jahr_stevens_1990_flicker"]
SHORT = mg.blocks["jahr_stevens_1990"]


def test_the_flicker_alone_takes_44_percent_at_minus_80_mv():
    v = np.array([-80.0, -65.0, -60.0, 0.0])
    for law_says in (FLICKER.evaluate("unblocked", v=v, mg_out=0), without_magnesium(FLICKER, v=v)):
        np.testing.assert_allclose(1 - law_says, [0.440, 0.358, 0.331, 0.108], atol=5e-4)


def test_the_short_form_says_too_much_at_low_magnesium():
    """30 to 42 % at 0.1 mM from -80 to -40 mV, 11 % at most from 1 mM up."""
    v = np.linspace(-80, -40, 41)
    over = {
        m: SHORT.evaluate("unblocked", v=v, mg_out=m) / FLICKER.evaluate("unblocked", v=v, mg_out=m)
        - 1
        for m in (0.1, 1.0, 2.0, 10.0)
    }
    assert (over[0.1].min(), over[0.1].max()) == pytest.approx((0.30, 0.42), abs=5e-3)
    assert all(np.abs(over[m]).max() < 0.11 for m in (1.0, 2.0, 10.0))


def test_dish_and_person_under_the_whole_function():
    """At -65 mV, over 0.8 mM: 0.05 mM 5.1-fold, exactly 0 9.1-fold; short form 7.6 and 13.6."""
    for law, dish, zero in ((FLICKER, 5.1, 9.1), (SHORT, 7.6, 13.6)):
        b = law.evaluate("unblocked", v=-65, mg_out=[0.05, 0.0, 0.8])
        np.testing.assert_allclose(b[:2] / b[2], [dish, zero], atol=0.05)


def test_it_is_the_balance_of_opening_and_closing_over_one_mean_blocked_state():
    """Steady state of closed, open and blocked, the rates of block being means of both kinds."""
    v, m = -60.0, 0.3
    names = ("entering", "closing", "leaving", "reopening*1")
    entering, closing, leaving, reopening = (
        float(x) for x in FLICKER.calculate(names, v=v, mg_out=m)
    )
    scheme = np.array(
        [
            [-reopening, 0, closing],
            [reopening, -entering, leaving],
            [0, entering, -closing - leaving],
        ]
    )
    closed, opened, _ = np.linalg.svd(scheme)[2][-1]
    found = float(FLICKER.evaluate("unblocked", v=v, mg_out=m))
    assert found == pytest.approx(opened / (opened + closed), rel=1e-9)


def test_without_flicker_one_ion_blocks():
    law = FLICKER.with_values(flicker_on=1e-12)
    b = law.evaluate("unblocked", v=V, mg_out=MG)
    alone = 1 / (1 / b - 1) * MG  # magnesium of half-block, whatever the magnesium
    np.testing.assert_allclose(alone, np.broadcast_to(alone[0], alone.shape), rtol=1e-6)


def test_positive_to_53_mv_the_first_magnesium_opens_a_little():
    """Where magnesium leaves faster than the flicker ends, the mean of the two leaves faster."""
    b = FLICKER.evaluate(
        "unblocked",
        v=np.array([50.0, 53.0, 55.0, 60.0])[:, None],
        mg_out=[0, 1e-3, 1e-2, 0.05, 0.1],
    )
    gain = b.max(axis=1) / b[:, 0] - 1
    assert np.all(gain[:2] == 0)
    assert 0 < gain[2] < gain[3] < 2.5e-4


@pytest.mark.parametrize("rate", ["flicker_on", "flicker_off", "mg_off", "reopening"])
def test_rates_without_which_nothing_is_defined_cannot_be_zero(rate):
    with pytest.raises(mg.units.UnitError, match=f"{rate} .* cannot be 0"):
        FLICKER.evaluate("unblocked", v=-60, mg_out=0, **{rate: 0})
