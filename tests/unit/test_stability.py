"""Eigenvalues of a state, against closed forms."""

import numpy as np
import pytest

import mgsim as mg
from mgsim.analysis.stability import eigenvalues
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import PartError

SPIRAL = mg.Component(
    "spiral",
    "neuron",
    "grows and turns, in units of two sizes",
    "dx_a/dt = 2/s*x_a - 30/s*x_b/mM : 1\ndx_b/dt = 30/s*x_a*mM + 2/s*x_b : mM",
    kinetics=(Scheme(("c_a", "o_a"), (("c_a", "o_a", "3/s", "4/s"),)),),
)
MODEL = mg.Model("spiral", (SPIRAL,))
REST = mg.Protocol("still", "", 10.0)
AT = {"x_a": 0.3, "x_b": 5.0, "c_a": 0.5, "o_a": 0.5}


def test_a_spiral_and_a_scheme():
    """2 +- 30i of the spiral; 0 and -(3 + 4) of the scheme, whose occupancies sum to 1."""
    found = eigenvalues(MODEL, REST, AT)
    np.testing.assert_allclose(sorted(found.real), [-7, 0, 2, 2], atol=1e-6)
    np.testing.assert_allclose(sorted(found.imag), [-30, 0, 0, 30], atol=1e-6)
    assert found[0].real == pytest.approx(2)  # the largest first


def test_what_it_refuses():
    with pytest.raises(UnknownName, match="no state 'x_c'"):
        eigenvalues(MODEL, REST, AT | {"x_c": 1.0})
    with pytest.raises(PartError, match="is not given: x_b, o_a"):
        eigenvalues(MODEL, REST, {"x_a": 1.0, "c_a": 0.5})
