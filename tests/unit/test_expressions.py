"""Equation text: its value against Python's, its dimension, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgsim import units
from mgsim.equations import dimensions
from mgsim.equations import expressions as ex
from mgsim.equations.expressions import EquationError

PYTHON = {
    "exp": math.exp,
    "sqrt": math.sqrt,
    "abs": abs,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "log": math.log,
}
atoms = st.sampled_from(["a", "b", "0.5", "2.0", "3"])
texts = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"-({t})"),
        inner.map(lambda t: f"({t})/(1.5 + ({t})**2)"),
        inner.map(lambda t: f"tanh({t})"),
        inner.map(lambda t: f"exp(-abs({t}))"),
    ),
    max_leaves=8,
)


def python_value(text, **names):
    return eval(text, {"__builtins__": {}}, {**PYTHON, **names})  # noqa: S307 - our own text


@given(texts, st.floats(-2, 2), st.floats(-2, 2))
def test_value_is_pythons(text, a, b):
    mine = ex.evaluate(text, {"a": a, "b": b})
    assert mine == pytest.approx(python_value(text, a=a, b=b), rel=1e-12, abs=1e-300)


@given(texts)
def test_substitution_keeps_the_value(text):
    swapped = ex.substitute(text, {"a": "(b - 1)"})
    assert "a" not in ex.names(swapped)
    value = (
        ex.evaluate(swapped, {"b": 0.3}) if "b" in ex.names(swapped) else ex.evaluate(swapped, {})
    )
    assert value == pytest.approx(python_value(text, a=-0.7, b=0.3), rel=1e-12, abs=1e-300)


def test_logic_and_comparison():
    x = np.array([-1.0, 0.0, 1.0])
    assert ex.evaluate("int(x > 0)", {"x": x}).tolist() == [0, 0, 1]
    assert ex.evaluate("int((x < 0) or (x > 0))", {"x": x}).tolist() == [1, 0, 1]
    assert ex.evaluate("int(not (x >= 0) and (x <= 5))", {"x": x}).tolist() == [1, 0, 0]
    assert ex.evaluate("clip(x, -0.5, 0.5)", {"x": x}).tolist() == [-0.5, 0, 0.5]


def test_exprel_at_and_beside_zero():
    """(exp(x) - 1)/x, by mpmath."""
    mpmath = pytest.importorskip("mpmath")
    mpmath.mp.dps = 40
    for x in (5e-324, 1e-16, -1e-16, 1e-8, -1e-5, 0.019999, 0.02, 1.0, -30.0):
        exact = float(mpmath.expm1(x) / mpmath.mpf(x))
        assert float(ex.evaluate("exprel(x)", {"x": x})) == pytest.approx(exact, rel=1e-15)
    assert float(ex.evaluate("exprel(x)", {"x": 0.0})) == 1.0


def test_units_and_constants_have_values():
    assert ex.evaluate("3*mV", {}) == pytest.approx(3e-3)
    assert ex.evaluate("faraday_constant", {}) == pytest.approx(96485.332, rel=1e-8)
    assert ex.evaluate("pi", {}) == math.pi
    assert ex.variables("a*mV + pi*gas_constant*t") == {"a"}


V, MV = units.unit("V").dimension, {"v": units.unit("mV").dimension, "x": units.NONE}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("v*x", "V"),
        ("v + 3*mV", "V"),
        ("v**2", "V**2"),
        ("sqrt(v*v)", "V"),
        ("v/mV", "1"),
        ("exp(v/mV)", "1"),
        ("int(v > 0*mV)", "1"),
        ("clip(v, -1*mV, 1*mV)", "V"),
        ("-v", "V"),
        ("abs(v)", "V"),
        ("v + 0", "V"),
        ("2**x", "1"),
        ("v*t/dt", "V"),
    ],
)
def test_dimension(text, unit):
    assert dimensions.dimension(text, MV) == units.unit(unit).dimension


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("v + x", "V beside no unit"),
        ("v + 1", "V beside no unit"),
        ("exp(v)", "argument"),
        ("v**x", "literal number"),
        ("x**v", "exponent"),
        ("v > 1", "beside"),
        ("clip(v, 0*x, 1)", "beside"),
        ("log(v)", "argument"),
        ("exp(x, x)", "number of arguments"),
    ],
)
def test_dimension_errors_say_what_is_wrong(text, message):
    with pytest.raises(EquationError, match=message):
        dimensions.dimension(text, MV)


REFUSED = [
    "v.__class__",
    "().__class__.__bases__",
    "__import__('os')",
    "print(v)",
    "(lambda: 1)()",
    "lambda: v",
    "[v for v in v]",
    "{v: v}",
    "{v}",
    "[v]",
    "'text'",
    "b'x'",
    "f'{v}'",
    "v[0]",
    "v if v else v",
    "v := 3",
    "v == v",
    "v != v",
    "1 < v < 2",
    "v is v",
    "v in v",
    "v // 2",
    "v % 2",
    "v @ v",
    "v << 2",
    "v | v",
    "~v",
    "1j",
    "None",
    "...",
    "exp(x=v)",
    "exp(*v)",
    "open('f')",
    "await v",
    "v\0",
    "v; v",
    "v\nv",
    "",
    "import os",
    "(" * 300 + "v" + ")" * 300,
    "-" * 20000 + "v",
    "+".join(["v"] * 20000),
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda t: repr(t[:20]))
def test_anything_but_arithmetic_is_refused(text):
    with pytest.raises(EquationError):
        ex.parse(text)


def chain(levels):
    return "+".join(["v"] * levels)


@pytest.mark.parametrize(
    "text",
    [
        chain(ex.DEEPEST + 1),
        "-" * (ex.DEEPEST + 1) + "v",
        "**".join(["v"] * (ex.DEEPEST + 1)),
        chain(20_000),
        "v + " + " " * ex.LONGEST + "v",
    ],
)
def test_the_limits_are_our_own_and_the_error_is_short(text):
    """Not those of Python's stack, which differ between its versions and with who calls."""
    with pytest.raises(EquationError, match=r"levels|too long") as error:
        ex.parse(text)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    "text",
    [chain(ex.DEEPEST - 1), "-" * (ex.DEEPEST - 2) + "v", "*".join(["v"] * (ex.DEEPEST - 1))],
)
def test_what_is_below_the_limit_works_from_a_deep_stack(text):
    """With 500 frames of Python's 1000 in use, as below a notebook or a test runner."""

    def below(frames):
        if frames:
            return below(frames - 1)
        dimensions.dimension(text, {"v": units.NONE})
        return ex.evaluate(ex.substitute(text, {"v": "w"}), {"w": 1.0})

    assert below(500) == python_value(text, v=1.0)


def test_parts_do_not_add_up_to_more_than_the_limit():
    with pytest.raises(EquationError, match="levels"):
        ex.substitute(chain(60), {"v": chain(60)})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("v if v > 0 else 2*v", r"write int\(v > 0\)\*\(v\) \+ \(1 - int\(v > 0\)\)\*\(2 \* v\)"),
        ("int(v == 3)", "compare two values with <"),
        ("int(0 < v < 3)", "compare two values with <"),
        ("v % 2", r"the operators are \+ - \* / and \*\*"),
        ("v // 2", "the operators are"),
    ],
)
def test_what_is_written_otherwise_is_answered_with_how(text, says):
    with pytest.raises(EquationError, match=says):
        ex.parse(text)


def test_how_a_choice_is_written_has_its_value():
    """The text that the error offers, against Python's own conditional."""
    with pytest.raises(EquationError) as error:
        ex.parse("v**2 if v > 1 else 3*v")
    offered = str(error.value).rpartition("write ")[2]
    for v in (0.5, 1.0, 2.0):
        assert ex.evaluate(offered, {"v": v}) == (v**2 if v > 1 else 3 * v)


def test_a_power_written_as_in_units_is_answered_with_how_to_write_it():
    with pytest.raises(EquationError, match=r"write \*\* for powers"):
        ex.parse("v^2")


def test_power_towers_neither_hang_nor_crash_the_checks():
    with pytest.raises(EquationError, match="has no finite value"):
        ex.parse("9**9**9**9")
    assert dimensions.dimension("9**9**v**9", {"v": units.NONE}) == units.NONE


@pytest.mark.parametrize("text", ["clip(x)", "clip(x, 0)", "clip(x, 0, 1, 2)"])
def test_clip_needs_three_arguments(text):
    with pytest.raises(EquationError):
        dimensions.dimension(text, MV)


def test_whole_number_literals_are_real_numbers():
    assert ex.evaluate("10**-3", {}) == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("text", "zero"),
    [
        ("0", True),
        ("0.0/s", True),
        ("0/ms", True),
        ("0*k_x/ms", True),
        ("(0*mV)/(1*ms)", True),
        ("0*k_x + r_x", False),
        ("k_x*0", False),
        ("1/ms", False),
        ("0.5/ms", False),
    ],
)
def test_zero_as_it_is_written(text, zero):
    assert ex.is_zero(text) is zero
