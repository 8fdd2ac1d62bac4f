"""Schemes whose states or transitions could be taken for one another."""

import numpy as np
import pytest

import mgsim as mg
from mgsim.analysis.schemes import equilibrium
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import PartError


def test_names_with_underscores_stay_apart():
    """Rates a -> b_c and a_b -> c are not the same name; against linear algebra."""
    part = mg.Component(
        "names",
        "x",
        "",
        kinetics=(
            Scheme(
                ("a", "b_c", "a_b", "c"),
                (
                    ("a", "b_c", "3/ms", "1/ms"),
                    ("a_b", "c", "7/ms", "2/ms"),
                    ("a", "a_b", "5/ms", "4/ms"),
                ),
            ),
        ),
    )
    ds = mg.simulate(
        mg.Model("m", (part,)),
        mg.Protocol("p", "", 60.0),
        record=("a", "b_c", "a_b", "c"),
        progress=False,
    )
    exact = np.array([1, 3, 5 / 4, 5 / 4 * 7 / 2])  # detailed balance, over a
    exact /= exact.sum()
    for name, value in zip(("a", "b_c", "a_b", "c"), exact, strict=True):
        assert float(ds[name][-1]) == pytest.approx(value, rel=1e-9)
        assert float(equilibrium(part)[name]) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("second", [("a_x", "b_x"), ("b_x", "a_x"), ("a_x", "a_x")])
def test_one_transition_between_two_states(second):
    with pytest.raises(PartError, match="add up the rates"):
        Scheme(("a_x", "b_x"), (("a_x", "b_x", "1/ms", "1/ms"), (*second, "2/ms", "2/ms")))
