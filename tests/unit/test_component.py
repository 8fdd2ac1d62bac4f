"""Parts: what a parameter needs, what equations may hold, the value of a law in numpy."""

import inspect

import numpy as np
import pytest

import mgsim as mg
from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import RESERVED, Parameter, PartError, check_name
from mgsim.equations.expressions import EquationError
from mgsim.equations.lines import read_equations, read_statements
from mgsim.units import UnitError

SOURCE = "assumed: for a test"


def parameter(name="k_test", value=1.0, unit="mM", source=SOURCE, range=(0, 10)):
    return Parameter(name, value, unit, "a test value", source, range)


def part(equations="x_test = 1 : 1", **more):
    return Component("test_part", "test", "a part for a test", equations, **more)


@pytest.mark.parametrize(
    "source", ["", "  ", "jahr_1990", "assumed", "assumed:", ": page 3", "unverified:  "]
)
def test_a_parameter_without_a_source_is_refused(source):
    with pytest.raises(PartError, match=r"k_test.*needs a source"):
        parameter(source=source)


@pytest.mark.parametrize("value", [-0.1, 11, float("nan"), float("inf")])
def test_a_default_outside_its_own_range_is_refused(value):
    with pytest.raises(PartError, match="outside its own"):
        parameter(value=value)


def test_a_parameter_for_a_notebook_needs_a_value_and_a_unit():
    """What it does not say is marked so, and what cannot be negative still cannot."""
    k = Parameter("k_test", 2.0, "mM")
    assert (k.meaning, k.source) == ("not stated", "assumed: not stated")
    with pytest.raises(UnitError, match="cannot be negative"):
        k.check(-1.0)
    slope = Parameter("slope_test", -2.0, "1/mV")
    assert not slope.bounded
    assert slope.check(-1e9) == -1e9
    law = part("y_test = k_test*slope_test : mM/mV", parameters=(k, slope))
    assert law.evaluate("y_test") == -4.0
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(PartError, match="outside its own"):
            Parameter("slope_test", wrong, "1/mV")
    with pytest.raises(PartError, match="outside its own"):
        Parameter("k_test", -2.0, "mM")


@pytest.mark.parametrize(
    "name",
    [
        "mV",
        "exp",
        "pi",
        "t",
        "dt",
        "_k",
        "2k",
        "k-k",
        "k k",
        "",
        "a.b",
        "faraday_constant",
        "nS",
        "../k",
    ],
)
def test_a_name_that_equations_could_not_hold_is_refused(name):
    with pytest.raises(PartError):
        parameter(name=name)


@pytest.mark.parametrize("verb", [mg.sweep, mg.simulate, mg.Experiment.run])
def test_no_parameter_has_the_name_of_what_a_run_takes(verb):
    found = inspect.signature(verb).parameters.items()
    assert {n for n, p in found if p.kind is not p.VAR_KEYWORD} - {"self"} <= RESERVED
    with pytest.raises(PartError, match="'threads': every run has something of that name"):
        parameter(name="threads")


def test_no_parameter_has_the_name_of_what_a_result_holds():
    ds = mg.simulate(mg.models["cell"], mg.protocols["rest"].lasting(1, (0, 1)), record=("v",))
    assert {*ds.dims, *ds.data_vars} - {"v"} <= RESERVED


def test_a_parameter_in_no_unit_is_refused():
    with pytest.raises(UnitError, match="furlong"):
        parameter(unit="furlong")


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        [1, float("nan")],
        -1,
        [1, -1e-9],
        "x",
        "1 mV",
        None,
        "-1 mM",
        "nan",
        "inf",
    ],
)
def test_check_refuses_nan_infinity_negatives_and_other_units(value):
    with pytest.raises(UnitError, match="k_test"):
        parameter().check(value)


def test_check_takes_zero_and_negatives_where_the_range_does():
    assert parameter().check(0) == 0
    assert parameter(unit="mV", value=-5, range=(-10, 10)).check(-7) == -7
    assert parameter().check("500 uM") == pytest.approx(0.5)
    assert parameter(value=2.0).si == pytest.approx(2.0)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "x : 1",
        "dx/dt : 1",
        "x == 1 : 1",
        "x = 1 : furlong",
        "x = (1 + 2 : 1",
        "x = y.real : 1",
        "x = __import__('os') : 1",
        "import os",
        "x = : 1",
        "d/dt = 1 : 1",
        "x = [1] : 1",
        "x = 1 : 1 : 1",
    ],
)
def test_bad_equations_are_refused_and_the_part_named(text):
    with pytest.raises(PartError, match="test_part"):
        part(text)


def test_equations_over_lines_comments_and_labels():
    a, b = read_equations("""
# a comment
x_a = (1 +
       2) : mV  # the label
dy_b/dt = -y_b/(10*ms) : uM
""")
    assert (a.name, a.text, a.unit, a.meaning, a.differential) == (
        "x_a",
        "(1 + 2)",
        "mV",
        "the label",
        False,
    )
    assert (b.name, b.differential, b.line) == ("y_b", True, "dy_b/dt = -y_b/(10*ms) : uM")


@pytest.mark.parametrize(
    "more",
    [
        {"equations": "x_test = 1 : 1\nx_test = 2 : 1"},
        {"equations": "x_test = 1 : 1", "parameters": (parameter("x_test"),)},
        {"parameters": (parameter(), parameter())},
        {"initial": {"y_test": "1"}},
        {"equations": "x_test = 1 : 1", "initial": {"x_test": "1"}},
        {"equations": "mV = 1 : 1"},
        {"equations": "exp = 1 : 1"},
    ],
)
def test_a_part_that_contradicts_itself_is_refused(more):
    with pytest.raises(PartError):
        part(**more)


def test_what_a_part_provides_and_requires():
    p = part(
        "x_test = k_test*v/mV : mM\ndy_test/dt = -y_test/(2*ms) : 1",
        parameters=(parameter(),),
        adds={"v_shift": "x_test*z_other"},
        on_event={"release": "y_test += quanta*w_other"},
        initial={"y_test": "q_other"},
        spike="r_other > k_test",
    )
    assert p.provides == {"x_test", "y_test"}
    assert p.requires == {"v", "z_other", "w_other", "q_other", "r_other"}


def test_schemes():
    ok = Scheme(("c_x", "o_x"), (("c_x", "o_x", "a_rate", "0/second"),))
    assert ok.rates == ("a_rate", "0/second")
    assert {e.name for e in ok.equations} == {"c_x", "o_x"}
    with pytest.raises(PartError, match="not among the"):
        Scheme(("c_x", "o_x"), (("c_x", "p_x", "1/ms", "1/ms"),))
    with pytest.raises(PartError, match="names the state"):
        Scheme(("c_x", "o_x"), (("c_x", "o_x", "o_x/ms", "1/ms"),))


def test_statements():
    a, b = read_statements("x += 2*y; z = 1")
    assert (a.name, a.right, a.adds) == ("x", "2*y", True)
    assert (b.name, b.right, b.adds) == ("z", "1", False)
    (c,) = read_statements("x -= y - 2")
    assert (c.name, c.right, c.adds) == ("x", "-(y - 2)", True)
    for bad in ("x *= 2", "x == 1", "x", "x += f(1)", "x.y = 1", "x[0] = 1"):
        with pytest.raises(EquationError):
            read_statements(bad)


def test_a_part_gives_its_parameters_by_name():
    assert mg.baths["person"]["mg_out"].value == 0.8
    with pytest.raises(KeyError, match=r"no parameter 'mg' in part 'person'; did you mean mg_out"):
        mg.baths["person"]["mg"]


def test_an_occupancy_that_is_not_given_says_where_to_get_it():
    trapping = mg.receptors["kampa_2004_trapping"]
    with pytest.raises(PartError, match=r"give .*_nmda=.*mgsim.analysis.schemes.equilibrium"):
        trapping.evaluate("unblocked", v=-70, mg_out=1)


def test_with_values_gives_a_new_part():
    law = mg.blocks["jahr_stevens_1990"]
    other = law.with_values(mg_k="4 mM")
    assert other.evaluate("unblocked", v=0, mg_out=4) == pytest.approx(0.5)
    assert law.evaluate("unblocked", v=0, mg_out=3.57) == pytest.approx(0.5)
    with pytest.raises(KeyError, match=r"no parameter 'mg_kk'.*did you mean mg_k\?"):
        law.with_values(mg_kk=4)
    with pytest.raises(UnitError):
        law.with_values(mg_k=-1)


def test_evaluate_broadcasts_and_takes_units():
    law = mg.blocks["jahr_stevens_1990"]
    v, m = np.linspace(-100, 60, 5), np.array([[0.0], [1.0]])
    assert law.evaluate("unblocked", v=v, mg_out=m).shape == (2, 5)
    assert law.evaluate("unblocked", v="-0.07 V", mg_out="1000 uM") == pytest.approx(
        law.evaluate("unblocked", v=-70, mg_out=1)
    )
    assert law.evaluate("unblocked", v=-70, mg_out=1, mg_k=7.14) > law.evaluate(
        "unblocked", v=-70, mg_out=1
    )


def test_evaluate_with_a_port_default():
    law = mg.blocks["spruston_1995"]
    assert law.evaluate("unblocked", v=-70, mg_out=1, celsius=20) != law.evaluate(
        "unblocked", v=-70, mg_out=1
    )
    assert law.evaluate("mg_slope", celsius=35) == pytest.approx(0.06025, rel=1e-3)


@pytest.mark.parametrize("law", [n for n in mg.blocks.own if n != "none"])
@pytest.mark.parametrize("mg_out", [-1, -1e-12, float("nan"), "-1 mM", "1 mV", [0.5, -0.5]])
def test_evaluate_refuses_impossible_magnesium(law, mg_out):
    with pytest.raises(UnitError, match="mg_out"):
        mg.blocks[law].evaluate("unblocked", v=-70, mg_out=mg_out)


@pytest.mark.parametrize("mg_out", [-1, float("nan"), "1 mV"])
def test_evaluate_of_the_control_refuses_impossible_magnesium(mg_out):
    with pytest.raises(UnitError, match="mg_out"):
        mg.blocks["none"].evaluate("unblocked", v=-70, mg_out=mg_out)


def test_evaluate_refuses_a_potential_that_is_no_number():
    with pytest.raises(UnitError, match="v"):
        mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=float("nan"), mg_out=1)


def test_evaluate_says_what_is_lacking_or_unknown():
    law = mg.blocks["jahr_stevens_1990"]
    with pytest.raises(PartError, match="give mg_out="):
        law.evaluate("unblocked", v=-70)
    with pytest.raises(KeyError, match="did you mean mg_out"):
        law.evaluate("unblocked", v=-70, mg_ou=1)
    with pytest.raises(KeyError, match="did you mean unblocked"):
        law.evaluate("unblock", v=-70, mg_out=1)
    with pytest.raises(KeyError):
        mg.neurons["pospischil_2008_rs"].evaluate("v")


def test_evaluate_takes_the_value_of_a_state():
    cell = mg.neurons["pospischil_2008_rs"]
    assert cell.evaluate("p_inf", v=-35, v_shift=0) == pytest.approx(0.5)


def test_no_quantity_has_a_word_that_an_engine_has_taken():
    """Every unit, function and constant of Brian2's own tables, and what it gives each group."""
    import keyword

    from brian2 import NeuronGroup
    from brian2.core.functions import DEFAULT_FUNCTIONS
    from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS

    own = NeuronGroup(1, "v : 1", name="taken_words").variables
    words = {*DEFAULT_UNITS, *DEFAULT_FUNCTIONS, *DEFAULT_CONSTANTS, *own, *keyword.kwlist, "xi"}
    for word in sorted(words - {"v", "-inf"}):
        with pytest.raises(PartError):
            check_name(word, "state")
    for name in ("v", "m_na", "second_messenger", "e_k", "lambda_d", "sign_x", "amplitude"):
        check_name(name, "state")
