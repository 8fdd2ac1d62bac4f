"""TA11: two stable potentials of a leaky cell with NMDA receptors, by the folds of its states.

Numbers: the oracle's onsets and windows.
"""

import numpy as np
import pytest
from physics import oracle
from scipy.optimize import brentq

import mgsim as mg
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.sweeps.designs import AxisError

#: A membrane that leaks and nothing else: 20 nS, 200 pF, leak to -70 mV.
PASSIVE = Component(
    "passive",
    "neuron",
    "a leaky membrane",
    "dv/dt = -i_membrane/(200*pF) : mV\ni_leak = 20*nS*(v + 70*mV) : pA",
    currents={"i_leak": ""},
    parameters=(Parameter("v_start", -70.0, "mV", "start", "assumed: a", (-100, 20)),),
    initial={"v": "v_start"},
)
RUN = mg.experiments["bistability"].run
ONSET = {
    "major_2008": 0.478,
    "chindemi_2022": 0.586,
    "ascher_nowak_1988": 0.838,
    "kampa_2004": 0.998,
    "jahr_stevens_1990": 4.39,
}
FINE = np.arange(-69.99, 0, 0.01).round(2)


@pytest.fixture(scope="module")
def ds():
    return RUN(block=list(ONSET), v=FINE)


def test_onsets(ds):
    np.testing.assert_allclose(ds.mg_onset, list(ONSET.values()), rtol=2e-3)


def test_jahr_and_stevens_never_up_to_two_millimolar(ds):
    js = ds.sel(block="jahr_stevens_1990")
    assert np.all(np.isnan(js.window_low))
    assert float(js.fold_mg.min()) > 2


def test_windows(ds):
    """BBP at 1 mM and E = 0: 5.858 to 6.170; others at 1.2 mM, the oracle's own search."""
    bbp = ds.sel(block="chindemi_2022", mg_out=1.0)
    np.testing.assert_allclose((bbp.window_low, bbp.window_high), (5.858, 6.170), atol=5e-4)
    laws = {
        "major_2008": oracle.major,
        "ascher_nowak_1988": oracle.ascher_nowak,
        "kampa_2004": oracle.kampa_open,
        "chindemi_2022": oracle.chindemi,
    }
    for law, function in laws.items():
        here = ds.sel(block=law, mg_out=1.2)
        found = (float(here.window_low), float(here.window_high))
        np.testing.assert_allclose(found, oracle.bistable_window(function, 1.2), rtol=1e-6)


def test_a_lower_leak_makes_jahr_and_stevens_bistable():
    """E_L -90 mV: 5.410 to 6.468 at 1 mM."""
    ds = RUN(
        block="jahr_stevens_1990",
        e_leak=-90.0,
        mg_out=[0.2, 1.0],
        v=np.arange(-89.99, 0, 0.01).round(2),
    )
    np.testing.assert_allclose(ds.window_low, [np.nan, 5.410], atol=5e-4)
    np.testing.assert_allclose(ds.window_high, [np.nan, 6.468], atol=5e-4)


def test_reversal_matters():
    """BBP with its own E of -3 mV: 6.434 to 6.584."""
    ds = RUN(
        block="chindemi_2022",
        e_nmda=-3.0,
        mg_out=[1.0, 2.0],
        v=np.arange(-69.99, -3, 0.01).round(2),
    )
    found = ds.sel(mg_out=1.0)
    np.testing.assert_allclose((found.window_low, found.window_high), (6.434, 6.584), atol=5e-4)


def test_folds_bound_the_window(ds):
    """The conductances at the folds that belong to 1.2 mM are the ends of the window at 1.2 mM."""
    here = ds.sel(block="chindemi_2022")
    mg_fold, ratio = here.fold_mg.values, here.fold_ratio.values
    with np.errstate(invalid="ignore"):
        sign = np.where(np.isnan(mg_fold), np.nan, np.sign(mg_fold - 1.2))
    near = np.flatnonzero(np.abs(np.diff(sign)) == 2)
    ends = sorted(float(ratio[k]) for k in near)
    expected = (float(here.window_low.sel(mg_out=1.2)), float(here.window_high.sel(mg_out=1.2)))
    np.testing.assert_allclose(ends, expected, rtol=2e-3)


def test_a_cell_keeps_either_potential_inside_the_window_and_one_outside():
    """The same by running: two starts of a passive cell end apart only inside BBP's window."""
    model = mg.Model(
        "leaky",
        (
            mg.baths["dish_normal"],
            PASSIVE,
            mg.receptors["fully_open"],
            mg.receptors["nmda"],
            mg.blocks["chindemi_2022"],
        ),
    )
    ends = {
        ratio: mg.simulate(
            model,
            mg.protocols["rest"].lasting(3000, (0, 3000)),
            record=("v",),
            mg_out=1.2,
            v_start=[-70.0, -5.0],
            g_nmda=ratio * 20,
            every=1000,
        )
        .v[:, -1]
        .values
        for ratio in (6.0, 7.0, 8.0)
    }
    assert np.ptp(ends[6.0]) < 0.01
    assert np.ptp(ends[8.0]) < 0.01
    assert np.ptp(ends[7.0]) > 10


@pytest.mark.parametrize("levels", [[1.0, 0.0], [2.0, 0.5], [1.0], 1.0])
def test_folds_do_not_depend_on_which_magnesium_is_asked(levels):
    """TA11: BBP from 0.586 mM; the fold curve follows from the law, not from the axis."""
    ds = RUN(block="chindemi_2022", mg_out=levels, v=FINE)
    assert float(ds.mg_onset) == pytest.approx(0.58622, rel=1e-4)
    with pytest.raises(AxisError, match="above 0"):
        RUN(block="chindemi_2022", mg_out=0.0)


def test_no_block_has_no_folds():
    ds = RUN(block=["none", "chindemi_2022"], v=FINE[::10])
    assert np.isnan(float(ds.mg_onset.sel(block="none")))


def test_folds_of_a_law_that_is_not_one_ion_by_its_own_derivative():
    """Jahr & Stevens with flicker, leak to -90 mV: each fold's magnesium, sought in the oracle."""
    levels = np.linspace(0.05, 1.5, 30).round(3)
    v = np.arange(-89.98, -0.01, 0.02).round(2)
    ds = RUN(block="jahr_stevens_1990_flicker", e_leak=-90.0, mg_out=levels, v=v)
    law = oracle.jahr_stevens_flicker

    def off_balance(m, at):
        slope = (np.log(law(at + 1e-3, m)) - np.log(law(at - 1e-3, m))) / 2e-3
        return slope - 1 / (at + 90) + 1 / at

    for at in (-50.0, -40.0, -30.0):
        fold = brentq(off_balance, 0.05, 20.0, args=(at,))
        assert float(ds.fold_mg.sel(v=at)) == pytest.approx(fold, rel=2e-3)
        ratio = (at + 90) / (law(at, fold) * -at)
        assert float(ds.fold_ratio.sel(v=at)) == pytest.approx(ratio, rel=2e-3)
    window = oracle.bistable_window(law, 1.0, -90.0)
    here = ds.sel(mg_out=1.0)
    np.testing.assert_allclose((here.window_low, here.window_high), window, rtol=1e-5)


def test_a_law_states_itself_what_it_leaves_without_magnesium():
    with pytest.raises(AxisError, match="leaves more than that with magnesium"):
        RUN(block="chindemi_2022", mg_out=[0.5, 1.0], unblocked_without_mg=0.5)
