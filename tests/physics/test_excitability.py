"""Excitability against magnesium: what has to hold whatever the numbers.

Without ambient glutamate and surface charge nothing in the cell reads magnesium, so rheobase and
rate cannot change, to the bit. With either, fewer divalents or less block only depolarise or shift
gates towards opening, so the rheobase rises with magnesium. In depolarisation block a cell is
silent while its NMDA receptors carry the more current the less is blocked.
"""

import numpy as np
import pytest

import mgsim as mg


@pytest.fixture(scope="module")
def rheobase():
    return mg.experiments["rheobase_mg"].few().run(progress=False)


def test_with_neither_way_the_rheobase_is_the_same_to_the_bit(rheobase):
    flat = rheobase.i_amp_threshold.sel(model="without_charge", glu_tonic=0)
    assert len(np.unique(flat)) == 1
    assert rheobase.attrs["found"].count("the same at every magnesium") == 1


def test_with_either_way_it_rises_with_magnesium_and_with_both_it_rises_more(rheobase):
    rise = rheobase.i_amp_threshold.diff("mg_out")
    apart = (
        rise.sel(model="with_charge", glu_tonic=0),
        rise.sel(model="without_charge", glu_tonic=0.001),
    )
    assert all((one > 0).all() for one in apart)
    both = rise.sel(model="with_charge", glu_tonic=0.001).sum()
    assert both > max(float(one.sum()) for one in apart)


def test_the_rates_under_current_agree_with_it():
    ds = mg.experiments["fi_mg"].few().run(i_amp=[800.0], progress=False)
    rate = ds.spike_rate.isel(i_amp=0)
    assert len(np.unique(rate.sel(model="without_charge", glu_tonic=0))) == 1
    assert (rate.sel(model="with_charge").diff("mg_out") <= 0).all()
    assert float(rate.sel(model="with_charge", glu_tonic=0.001).diff("mg_out").sum()) < 0


def test_firing_is_largest_amid_and_calcium_at_zero():
    ds = mg.experiments["spikes_mg"].few().run(progress=False)
    strong = ds.sel(g_nmda=500)
    assert float(strong.spike_rate[0]) == 0
    assert 0 < int(strong.spike_rate.argmax("mg_out")) < strong.sizes["mg_out"] - 1
    assert (ds.ca_charge_nmda.diff("mg_out") < 0).all()
    assert (ds.spike_rate.sel(g_nmda=100).diff("mg_out") <= 0).all()
    at = float(strong.mg_out[int(strong.spike_rate.argmax("mg_out"))])
    assert f"at 500 nS firing is largest at {at:g} mM" in ds.attrs["found"]
    assert "does not only fall" not in ds.attrs["found"]
