"""What experiments say in words where runs failed: the levels that lack, never more than is known.

Numbers are put in by hand; a failed run is NaN under a status, as in every result.
"""

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.engines.contract import ALWAYS, DIVERGED, NEVER, OK, SEVERAL

MG = [0.0, 0.2, 1.2, 4.0]


def result(name, status, dims, coords, **numbers):
    """An experiment's result with these numbers, and what it makes of them."""
    status = np.array(status)
    variables = {n: (dims, np.array(x, dtype=float)) for n, x in numbers.items()}
    ds = xr.Dataset({**variables, "status": (dims, status)}, coords)
    return mg.experiments[name].derive(ds)


def rheobase(values, status):
    ds = result(
        "rheobase_mg",
        [status],
        ("glu_tonic", "mg_out"),
        {"glu_tonic": [0.001], "mg_out": MG},
        i_amp_threshold=[values],
    )
    return ds.attrs["found"].removeprefix("Found: rheobase, glu_tonic 0.001 mM: ")


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ([500] * 4, [OK] * 4, "the same at every magnesium."),
        (
            [np.nan, 500, 500, np.nan],
            [ALWAYS, OK, OK, DIVERGED],
            "the same at 0.2, 1.2 mM, always reached at 0 mM, diverged at 4 mM.",
        ),
        (
            [np.nan, 126, 500, 510],
            [ALWAYS, OK, OK, OK],
            "+384 pA from 0.2 to 4 mM, always reached at 0 mM.",
        ),
        ([np.nan] * 4, [NEVER] * 4, "never reached at 0, 0.2, 1.2, 4 mM."),
    ],
)
def test_a_rheobase_is_the_same_at_every_magnesium_where_it_is_known_at_every_one(
    values, status, said
):
    assert rheobase(values, status) == said


def test_calcium_falls_where_it_is_known():
    ds = result(
        "spikes_mg",
        [DIVERGED, OK, OK, OK],
        ("mg_out",),
        {"mg_out": MG, "g_nmda": 200.0},
        spike_rate=[np.nan, 5, 9, 2],
        ca_charge_nmda=[np.nan, 4, 3, 1],
    )
    assert "largest at 1.2 mM (9 Hz, 5 Hz at 0.2 mM) and calcium falls" in ds.attrs["found"]
    assert "diverged at 0 mM" in ds.attrs["found"]


def test_a_limit_that_is_not_known_counts_for_neither_side():
    words = result(
        "burst_limit",
        [[OK], [SEVERAL], [DIVERGED], [ALWAYS]],
        ("block", "g_nmda"),
        {"block": ["a", "b", "c", "d"], "g_nmda": [20.0]},
        mg_out_threshold=[[0.1], [np.nan], [np.nan], [np.nan]],
    ).attrs["found"]
    assert "is not known (several thresholds) with b" in words
    assert "is not known (diverged) with c" in words
    assert "lasts at 0.65 mM in 1 of 2" in words


def test_no_level_of_the_least_glutamate_goes_without_a_word():
    words = result(
        "least_toxic_glutamate",
        [[OK, SEVERAL, OK, NEVER]],
        ("ca_line", "mg_out"),
        {"ca_line": [1.0], "mg_out": MG},
        glu_tonic_threshold=[[0.001, np.nan, 0.002, np.nan]],
    ).attrs["found"]
    assert (
        "1 uM at 0 mM and 2 uM at 1.2 mM; several thresholds at 0.2 mM; never reached at 4" in words
    )


def test_a_run_that_failed_is_not_silent():
    ds = xr.Dataset(
        {
            "spike_time": (("mg_out", "spike"), np.full((2, 1), np.nan)),
            "status": ("mg_out", [OK, DIVERGED]),
        },
        {"mg_out": [0.8, 1.2], "g_nmda": 40.0, "time": [0.0, 2000.0]},
    )
    ds = mg.experiments["low_mg_bursts"].derive(ds)
    assert "unknown at 1.2 mM" in ds.attrs["found"]
    assert ds.activity.values.tolist() == ["silent", "unknown"]
    assert np.isnan(ds.spike_rate[1])


def test_a_cell_whose_run_failed_is_not_said_to_stay_polarised():
    k = np.array([[4, 5, 60.0], [4, 5, 6.0], [np.nan] * 3])
    ds = xr.Dataset(
        {
            "k_out": (("mg_out", "time"), k),
            "unblocked": (("mg_out", "time"), k / 100),
            "status": ("mg_out", [OK, OK, DIVERGED]),
        },
        {"mg_out": MG[:3], "time": [0.0, 1000, 2000]},
    )
    found = mg.experiments["energy_failure"].derive(ds)
    assert "2.0 s at 0 mM, never at 0.2 mM, not known at 1.2 mM" in found.attrs["found"]
    assert found.unblocked_worst.values[:2].tolist() == [0.6, 0.06]
    assert np.isnan(found.unblocked_worst[2])


def test_protection_without_a_run_is_not_said_to_be_never_lost():
    load = [[1, 1, 1.0], [0.2, np.nan, 1.0], [0.2, 0.6, 1.0]]
    ds = result(
        "protection",
        [[OK] * 3, [OK, DIVERGED, OK], [OK] * 3],
        ("mg_out", "e_k"),
        {"mg_out": [0.8, 1.2, 4.0], "e_k": [-100.0, -60, -20]},
        ca_charge_nmda=load,
        mean_v=np.zeros((3, 3)),
    )
    first, second = ds.attrs["found"].split("mg_out 4")
    assert "not known at -60 mV" in first
    assert "half lost at 0 mV" in second
    assert np.isnan(ds.e_k_lost.sel(mg_out=1.2))


def test_what_late_magnesium_spares_is_not_known_of_a_failed_run():
    dims = ("mg_out_after", "bath_rate", "mg_out_start")
    lost = [[[1e3]], [[np.nan]]]
    words = result(
        "mg_timing",
        [[[OK]], [[DIVERGED]]],
        dims,
        {"mg_out_after": [0.8, 4.0], "bath_rate": [3e-4], "mg_out_start": [5e4]},
        time_depolarised=lost,
        ca_charge_receptors=lost,
    ).attrs["found"]
    assert "1 s depolarised without and an unknown time with it" in words
    assert "receptors an unknown share of" in words
