"""Features of sampled curves against closed forms."""

import numpy as np
import pytest

from mgsim.analysis.traces import extremum, pulse

EVEN = np.linspace(0, 20, 201)
UNEVEN = np.concatenate([np.linspace(0, 1.9, 20), np.linspace(2.05, 20, 350)])


@pytest.mark.parametrize("x", [EVEN, UNEVEN], ids=["even", "uneven"])
def test_the_top_of_a_parabola_is_found_exactly_between_the_samples(x):
    for top in (0.137, 1.94, 1.9731, 19.86):
        assert extremum(x, 3 - 2 * (x - top) ** 2) == pytest.approx((top, 3), rel=1e-12)


@pytest.mark.parametrize("x", [EVEN, UNEVEN], ids=["even", "uneven"])
def test_a_peak_at_an_end_is_the_sample_there(x):
    """exp(-t) begins with its peak, falls to 1/e in 1, and has an area of 1; 1 - exp(-t) rises."""
    fall, rise = np.exp(-x), 1 - np.exp(-x)
    assert extremum(x, fall) == (0, 1)
    assert extremum(x, rise) == (20, rise[-1])
    assert extremum(x[:2], fall[:2]) == (0, 1)
    found = pulse(x, fall)
    assert (found.peak, found.t_peak) == (1, 0)
    assert (found.decay, found.charge) == pytest.approx((1, 1), rel=2e-3)
    assert np.isnan(found.rise)
    found = pulse(x, rise)
    assert found.rise == pytest.approx(np.log(9), rel=2e-3)  # of 1 - exp(-t) from 10 % to 90 %
    assert np.isnan(found.decay)
    assert found.charge == 0


@pytest.mark.parametrize("x", [EVEN, UNEVEN], ids=["even", "uneven"])
def test_the_peak_of_two_exponentials(x):
    """exp(-t/5) - exp(-t) is largest at log(5)/(1 - 1/5), where its slope is 0.

    There its third derivative over 6 of its second is 0.2, so that a parabola over gaps of h = 0.15
    is off by less than h**2/5.
    """
    at = np.log(5) / 0.8
    found = pulse(x, np.exp(-x / 5) - np.exp(-x))
    assert found.t_peak == pytest.approx(at, abs=0.15**2 / 5)
    assert found.peak == pytest.approx(np.exp(-at / 5) - np.exp(-at), rel=1e-4)
