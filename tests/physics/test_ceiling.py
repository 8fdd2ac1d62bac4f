"""The ceiling of a one-site block: at a fixed voltage more magnesium cannot do more than its share.

Where one magnesium ion blocks, 1/B = a + b [Mg] with a, b >= 0, so that the elasticity of the open
fraction, d ln B/d ln Mg = -b Mg/(a + b Mg), lies in (-1, 0]: a fraction x more magnesium takes at
most x/(1 + x) of the current or of the calcium, whatever the law, its constants and the voltage.
For 15 % more that is 13.04 %. What takes more goes by a threshold, or by more than one ion.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mgsim as mg
from mgsim.analysis.fraction import fraction, surroundings
from mgsim.analysis.measured import Data, DataError
from mgsim.compose.finding import every

LEVELS = np.array([0.0, 0.01, 0.1, 0.5, 1.0, 3.0, 10.0])


def left(law, v, mg_out):
    """The fraction that magnesium leaves: by the law's formula, or of its scheme at equilibrium."""
    v, mg_out = (np.ravel(x) for x in np.broadcast_arrays(np.asarray(v, float), mg_out))
    return fraction(law, Data(v, mg_out, 0.5 + 0 * v, "unblocked"), surroundings(law, {}))


def takes_magnesium(law):
    try:
        surroundings(law, {})
    except DataError:
        return False
    return True


def one_site(law):
    """Whether 1/B is a straight line over magnesium, at each of several potentials."""
    for v in (-90.0, -40.0, 0.0, 40.0):
        resistance = 1 / left(law, v, LEVELS)
        line = resistance[0] + (resistance[-1] - resistance[0]) * LEVELS / LEVELS[-1]
        if not np.allclose(resistance, line, rtol=1e-9, atol=0):
            return False
    return True


LAWS = [p for p in every() if takes_magnesium(p)]
ONE = [law for law in LAWS if one_site(law)]
POTENTIALS, MORE = st.floats(-120, 60), st.floats(1e-3, 5)
AMOUNTS = st.floats(-6, 1).map(lambda e: 10.0**e)


def test_which_laws_are_of_one_site():
    """Two are not: one whose channels shut behind the ion, and one that flickers without any."""
    others = {law.name for law in LAWS} - {law.name for law in ONE}
    assert {"jahr_stevens_1990_flicker", "kampa_2004_trapping"} <= others
    assert len(ONE) >= 15
    assert sum(bool(law.kinetics) for law in ONE) >= 6


@pytest.mark.parametrize("law", ONE, ids=lambda law: law.name)
@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(POTENTIALS, AMOUNTS, MORE), min_size=1, max_size=20))
def test_no_law_of_one_site_takes_more_than_its_share(law, points):
    """In closed form: where b is left of what there was, x(1 - b)/(1 + x(1 - b)) is taken."""
    v, level, more = np.array([(-60.0, 1.0, 0.15), *points]).T
    none, before, after = (left(law, v, level * by) for by in (0.0, 1.0, 1 + more))
    taken, rise = 1 - after / before, more * (1 - before / none)
    np.testing.assert_allclose(taken, rise / (1 + rise), rtol=1e-7, atol=1e-9)
    assert np.all(taken <= more / (1 + more) * (1 + 1e-9))


def test_two_ions_at_once_would_take_more():
    """What the theorem excludes: a Hill exponent of 2 breaks the ceiling, so it can be broken."""
    before, after = 1 / (1 + np.array([5.0, 5.0 * 1.15]) ** 2)
    assert 1 - after / before > 0.15 / 1.15


def test_no_draw_under_clamp_beats_the_ceiling():
    """Simulated: calcium through NMDA receptors from 0.8 to 0.92 mM, at every draw and voltage."""
    strength = mg.Prior("lognormal", (1, 0.5), "assumed: for a test", "block_strength")
    steepness = mg.Prior("lognormal", (1, 0.1), "assumed: for a test", "block_slope")
    ds = mg.sweep(
        mg.models["patch"],
        mg.protocols["voltage_clamp"].lasting(5, (1, np.inf)),
        [mg.measures["ca_charge_nmda"]],
        design=mg.designs.draws(64, block_strength=strength, block_slope=steepness),
        arms={"person": {"mg_out": 0.8}, "treated": {"mg_out": 0.92}},
        v_hold=[-90.0, -65.0, -40.0, -20.0, 0.0],
        block=["jahr_stevens_1990", "spruston_1995"],
        dt=0.5,
    )
    assert (ds.status == 0).all()
    before, after = ds.ca_charge_nmda.sel(arm="person"), ds.ca_charge_nmda.sel(arm="treated")
    taken = 1 - after / before
    assert float(taken.min()) > 0
    assert float(taken.max()) < 0.15 / 1.15
    assert float(taken.sel(v_hold=-90).max()) > 0.9 * 0.15 / 1.15  # and it is nearly reached
