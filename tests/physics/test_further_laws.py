"""The laws beside those of test_block_and_iv.py: table A.1 (A3, A8, A16) and TA9, by the oracle."""

import numpy as np
import pytest
from physics import oracle

import mgsim as mg

V = np.linspace(-120, 80, 81)
MG = np.array([0.01, 0.1, 1.0, 10.0])[:, None]
LAWS = {
    "jahr_stevens_1990_corrected": oracle.jahr_stevens_junction,
    "antonov_johnson_1999": oracle.antonov_johnson,
    "nmda_kin3": oracle.nmda_kin3,
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
