"""Arithmetic of literals means the same in numpy, in the compiled loop and under Brian2."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import BRIAN, FUSED, complete, run

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.declare import parameter
from mgsim.engines.brian import BrianEngine, dialect
from mgsim.equations import expressions

SHORT = Protocol("short", "", 0.2)

numbers = st.one_of(st.integers(0, 12).map(str), st.sampled_from(["0.5", "2.5", "1e3", "3e-2"]))
literals = st.recursive(
    numbers,
    lambda e: st.one_of(
        st.tuples(e, st.sampled_from(["+", "-", "*", "/"]), e).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(e, st.integers(-3, 3)).map("({0[0]})**{0[1]}".format),
        e.map("-{}".format),
        e.map("exp(-abs({}))".format),
        e.map("clip({}, 1/3, 7)".format),
        st.tuples(e, e).map("(k + 1)*int({0[0]} < {0[1]})/2".format),
        st.tuples(e, e).map("({0[0]} - k*10**-3)/({0[1]} + k)".format),
        e.map("(k/3)**(1/2)*{}".format),
        e.map("({})*(k**2 - k**-2)".format),
    ),
    max_leaves=8,
)


def usable(text):
    try:
        value = expressions.evaluate(text, {"k": 20000.0})
    except expressions.EquationError:
        return False
    return bool(np.isfinite(value)) and abs(value) < 1e30


def stated(texts):
    """A model with these expressions as definitions, beside a state."""
    equations = "\n".join(f"out_{i} = {t} : 1" for i, t in enumerate(texts))
    k = mg.Parameter("k", 20000.0, "1", "factor", "assumed: for a test", (0, 1e6))
    return mg.Model(
        "m",
        (
            mg.Component(
                "a",
                "slot",
                "",
                equations + "\ndx/dt = -x/ms : 1",
                parameters=(k,),
                initial={"x": "1"},
            ),
        ),
    )


@settings(max_examples=8)
@given(st.lists(literals.filter(usable), min_size=20, max_size=20))
def test_engines_and_numpy_agree_on_any_arithmetic_of_literals(texts):
    names = tuple(f"out_{i}" for i in range(len(texts)))
    found = [run(e, stated(texts), SHORT, record=names, dt=0.1) for e in (FUSED, BRIAN)]
    for name, text in zip(names, texts, strict=True):
        right = float(expressions.evaluate(text, {"k": 20000.0}))
        python = eval(text, {"exp": np.exp, "abs": abs, "clip": np.clip, "int": int, "k": 20000.0})  # noqa: S307 - our own text
        assert right == pytest.approx(python, rel=1e-12, abs=1e-300), text
        for outcome in found:
            assert outcome.traces[name][0, 0] == pytest.approx(right, rel=1e-9, abs=1e-12), text


@given(literals.filter(usable))
def test_brians_dialect_keeps_the_value(text):
    written = dialect.expression(text)
    assert "/" not in written
    value = eval(  # noqa: S307 - our own text
        written,
        {
            "exp": np.exp,
            "abs": abs,
            "clip": np.clip,
            "int": int,
            "k": 20000.0,
            dialect.QUOTIENT: lambda a, b: a / b,
        },
    )
    right = float(expressions.evaluate(text, {"k": 20000.0}))
    assert value == pytest.approx(right, rel=1e-12, abs=1e-300)


def settles(engine):
    part = mg.Component(
        "a",
        "slot",
        "",
        "dv/dt = (-70*mV + k_p*10**-3*mV - v)/(5*ms) : mV",
        parameters=(mg.Parameter("k_p", 20000.0, "1", "", "assumed: for a test", (0, 1e6)),),
        initial={"v": "-70*mV"},
    )
    protocol = Protocol("p", "", 100.0)
    return run(engine, mg.Model("m", (part,)), protocol, record=("v",)).traces["v"][0, -1]


@pytest.fixture
def brians_own_compiler(monkeypatch):
    """Brian2 tries what ``$CC`` can do in ways that not every compiler of kernels passes."""
    monkeypatch.delenv("CC", raising=False)


@pytest.mark.usefixtures("brians_own_compiler")
@pytest.mark.parametrize(
    "engine", [FUSED, BRIAN, BrianEngine("cython")], ids=["fused", "brian-numpy", "brian-cython"]
)
def test_ten_to_the_minus_three_is_a_thousandth(engine):
    """-70 mV + 20000*10**-3 mV."""
    assert settles(engine) == pytest.approx(-0.050, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("1/0", "divides by zero"),
        ("k/(2 - 2)", "divides by zero"),
        ("0**-1", "no finite value"),
        ("(-8)**(1/3)", "no finite value"),
        ("log(0)*k", "no finite value"),
        ("exp(1000)", "no finite value"),
        ("1e999", "no finite value"),
        ("k*10**400", "no finite value"),
        ("1 + " + "9" * 400, "no finite value"),
        ("9" * 400, "no finite value"),
    ],
)
def test_literals_without_a_finite_value_are_refused_where_they_are_written(text, word):
    with pytest.raises(expressions.EquationError, match=word):
        expressions.parse(text)
    with pytest.raises(parameter.PartError, match=f"part 'a': .*{word}"):
        stated([text])


def test_a_division_by_a_definition_that_is_zero_is_infinite_on_both_engines():
    model = stated(["1 - 1", "k/out_0", "out_0/out_0", "int(k/out_0 > 3)", "(k/out_0)/k"])
    for engine in (FUSED, BRIAN):
        got = run(engine, model, SHORT, record=("out_1", "out_2", "out_3"), dt=0.1).traces
        assert np.isposinf(got["out_1"]).all()
        assert np.isnan(got["out_2"]).all()
        assert (got["out_3"] == 1).all()


# ---- what only one engine could run -------------------------------------------------------------
@pytest.mark.parametrize("protocol", ["voltage_step", "clamped_release"])
def test_a_t_type_channel_under_clamp_runs_on_both(protocol):
    """A condition on a commanded potential, which sympy calls a 'comparison of non-real'."""
    model = mg.models["patch" if protocol == "voltage_step" else "clamped_synapse"]
    model = complete(model.swap(mg.channels["ca_t_type"]), mg.protocols[protocol])
    short = mg.protocols[protocol].lasting(12)
    a, b = (run(e, model, short, record=("i_ca_t",), dt=0.05) for e in (FUSED, BRIAN))
    assert np.abs(b.traces["i_ca_t"]).max() > 0
    np.testing.assert_allclose(a.traces["i_ca_t"], b.traces["i_ca_t"], rtol=1e-9, atol=1e-22)


@pytest.mark.usefixtures("brians_own_compiler")
@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_one_point_that_diverges_leaves_the_others(target):
    """Potassium at 0.5 ms steps is unstable at once; the resting cell beside it is not."""
    rows = [{"g_nmda": 0.0, "mg_out": 1.0, "g_ampa": 0.0}, {"g_nmda": 1e7, "mg_out": 0.0}]
    protocol = mg.protocols["train_20hz"].lasting(30).with_values(train_start=2)
    outcome = run(BrianEngine(target), mg.models["standard"], protocol, (), rows, record=("v",))
    assert outcome.status.tolist() == [0, 1]
    assert np.isfinite(outcome.traces["v"][0]).all()


def test_no_name_of_the_steps_text_can_be_given_to_a_quantity():
    """Whatever Brian2's group holds besides the system's own names is refused as a name."""
    from mgsim.engines.brian.engine import equations

    system = mg.lower(
        mg.models["standard"],
        mg.protocols["train_20hz"],
        [mg.measures["peak_v"], mg.measures["spike_count"]],
    )
    own = {
        *system.recordable,
        *(p.name for p in system.parameters),
        *(m.name for m in system.measures),
    }
    lines = [line for line in equations(system, True).splitlines() if "=" not in line]
    kept = {line.partition(" ")[0] for line in lines} - own | {dialect.QUOTIENT}
    assert {"window_seen", "spiked_at", "pre_events", "substep_start"} <= kept
    for name in (*kept, "i_post", "i_pre"):  # Brian2 keeps these two ends for synapses
        with pytest.raises(parameter.PartError, match="has that word for something else"):
            mg.Parameter(name, 1.0, "1", "", "assumed: for a test", (0, 2))
