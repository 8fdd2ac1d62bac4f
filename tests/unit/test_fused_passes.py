"""The fused engine's passes, each alone: graph, collect, share, emit."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mgsim as mg
from mgsim.engines.contract import Options
from mgsim.engines.fused.c_text.emit import emit
from mgsim.engines.fused.execute import source_of
from mgsim.engines.fused.program.collect import collect
from mgsim.engines.fused.program.graph import (
    LANE,
    LITERAL,
    POINT,
    STEP,
    UNIFORM,
    Graph,
    join,
    reachable,
)
from mgsim.engines.fused.program.graph import value as in_numpy
from mgsim.engines.fused.program.share import near, share
from mgsim.engines.updates.stepping import SPIKE_TIME, SPIKED, carried
from mgsim.equations import expressions

NUMPY = {
    "add": lambda *a: sum(a),
    "mul": lambda *a: np.prod(a),
    "times": lambda a, b: a * b,
    "square": lambda a: a * a,
    "div": lambda a, b: a / b,
    "reciprocal": lambda a: 1 / a,
    "exp": np.exp,
    "tanh": np.tanh,
    "abs": abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "max": max,
    "min": min,
    "select": lambda c, a, b: a if c else b,
    "near_zero": lambda x: abs(x) < 0.02,
    "exprel_series": lambda x: float(expressions.evaluate("exprel(x)", {"x": x})),
    "Lt": lambda a, b: a < b,
    "Gt": lambda a, b: a > b,
    "LtE": lambda a, b: a <= b,
    "GtE": lambda a, b: a >= b,
    "not": lambda a: not a,
    "and": lambda *a: all(a),
    "or": lambda *a: any(a),
}


def test_what_many_nodes_share_is_worked_out_once():
    """Each of 200 nodes reads the one before it twice, so that there are 2**200 ways."""
    graph = Graph()
    node = graph.leaf("x", POINT)
    for _ in range(200):
        node = graph.call("max", [graph.call("sin", [node]), graph.call("cos", [node])])
    x, expected = np.array([0.1, 0.7]), np.array([0.1, 0.7])
    for _ in range(200):
        expected = np.maximum(np.sin(expected), np.cos(expected))
    np.testing.assert_allclose(in_numpy(node, {"x": x}), expected, rtol=1e-12)


def value(node, leaves):
    if node.op == "number":
        return node.value
    if node.op == "leaf":
        return leaves[node.name]
    return NUMPY[node.op](*(value(a, leaves) for a in node.args))


atoms = st.sampled_from(["x", "y", "k", "2", "0.5", "3.0"])
texts = st.recursive(
    atoms,
    lambda e: st.one_of(
        st.tuples(e, st.sampled_from("+-*"), e).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(e, e).map(lambda t: f"({t[0]})/(1.5 + ({t[1]})**2)"),
        e.map(lambda t: f"-({t})"),
        e.map(lambda t: f"exp(-abs({t}))"),
        e.map(lambda t: f"exprel(tanh({t}))"),
        e.map(lambda t: f"({t})**3"),
        st.tuples(e, e).map(lambda t: f"int({t[0]} < {t[1]})"),
        e.map(lambda t: f"clip({t}, -0.7, 0.9)"),
    ),
    max_leaves=10,
)


@given(texts, st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2))
def test_the_graph_keeps_the_value(text, x, y, k):
    graph = Graph()
    known = {"x": graph.leaf("x", LANE), "y": graph.leaf("y", LANE), "k": graph.leaf("k", UNIFORM)}
    leaves = {"x": x, "y": y, "k": k}
    found = value(graph.from_text(text, known), leaves)
    assert found == pytest.approx(float(expressions.evaluate(text, leaves)), rel=1e-9, abs=1e-12)


def test_equal_expressions_are_one_node_and_constants_fold():
    graph = Graph()
    known = {"x": graph.leaf("x", LANE), "k": graph.leaf("k", UNIFORM)}
    node = graph.from_text
    assert node("x*k + 1", known) is node("1 + k*x", known)
    assert node("2*3 + 1", known).value == 7
    assert node("x*0", known).value == 0
    assert node("x - 0 + x*1", known) is node("x + x", known)
    assert node("mV*1000", known).value == pytest.approx(1)


def test_how_often_a_value_changes():
    assert join([]) == LITERAL
    assert join([UNIFORM, POINT]) == POINT
    assert join([POINT, STEP]) == LANE
    assert join([STEP, UNIFORM]) == STEP
    graph = Graph()
    known = {"x": graph.leaf("x", LANE), "p": graph.leaf("p", POINT), "s": graph.leaf("s", STEP)}
    assert graph.from_text("p*2", known).level == POINT
    assert graph.from_text("p*s", known).level == LANE
    assert graph.from_text("exp(s)", known).level == STEP


def standard(per_point=frozenset(), record=(), method="rk2"):
    system = mg.lower(mg.models["standard"], mg.protocols["train_20hz"], mg.measures.all[:3])
    return system, collect(system, per_point, record, method, bool(record and system.spike))


def shared(*texts, precision="float64"):
    """Nodes before and after, and how many exponentials are left to compute for each point."""
    graph = Graph()
    known = {"x": graph.leaf("x", LANE), "s": graph.leaf("s", STEP), "k": graph.leaf("k", UNIFORM)}
    step = {f"y{i}": graph.from_text(text, known) for i, text in enumerate(texts)}
    program = replace(
        standard()[1], graph=graph, step=step, part={}, record={}, events={}, edges=(), driven=()
    )
    found = share(program, precision)
    after = [n for n in reachable(found.step.values()) if n.op == "exp" and n.level == LANE]
    return step, found, len(after)


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        (("exp(x/2)", "exp(k + 3*x/2)", "exp(2*x + 1)"), 1),  # powers 1, 3 and 4 of exp(x/2)
        (("exp(x/2)", "exp(-3*x/2)", "exp(-2*x)"), 2),  # and of exp(-x/2)
        (("exp(2*x)", "exp(3*x)"), 1),  # 2 and 3 of exp(x), which nobody asked for
        (("exp(x)", "exp(1.000001*x)"), 2),  # no multiple
        (("exp(x/2)", "exp(5*x)", "exp(6*x)"), 2),  # 6 would be the twelfth power of exp(x/2)
        (("exp(x)", "exp(2*x + 101)"), 2),  # w**2 exp(101) may leave the range, and so may
        (("exp(x)", "exp(2*x + s)"), 2),  # any number that changes from step to step
        (("exp(x)", "exp(x*x)"), 2),
    ],
)
def test_exponentials_of_multiples_are_powers_of_one(texts, left):
    """And of no others: the values are those of numpy, to some roundings."""
    step, found, exponentials = shared(*texts)
    assert exponentials == left
    leaves = {"x": np.linspace(-2, 2, 9), "s": 0.7, "k": 0.3}
    for name, node in step.items():
        right = in_numpy(node, leaves)
        np.testing.assert_allclose(in_numpy(found.step[name], leaves), right, rtol=1e-13)


def test_offsets_are_near_where_each_of_them_is_at_every_point():
    offsets = shared("exp(x)", "exp(2*x + k)", "exp(3*x - k)")[1].offsets
    assert len(offsets) == 2
    for k, good in ((0.3, True), (-99.0, True), ([0.3, 101.0], False), ([-101.0, 0.3], False)):
        assert near(offsets, {"k": np.array(k)}, "float64") is good
    assert not near(offsets, {"k": np.array(30.0)}, "float32")
    assert not near(offsets, {}, "float64")  # not known before the run


def test_collect_says_what_is_read_and_written():
    system, program = standard(frozenset({"mg_out"}), ("v", "i_nmda"))
    assert program.per_point == ("mg_out",)
    assert set(program.uniform) | {"mg_out"} == {p.name for p in system.parameters}
    assert program.carried == carried(system)
    assert {SPIKED, SPIKE_TIME} <= set(program.step) <= {*program.carried, SPIKED, SPIKE_TIME}
    assert SPIKED not in standard()[1].step
    assert set(program.events["pre"]) == {"x_nmda", "s_ampa"}
    assert list(program.record) == ["v", "i_nmda"]


@pytest.mark.parametrize("method", ["rk2", "rk4", "rk4_local", "euler"])
def test_the_program_computes_the_step_that_the_text_says(method):
    from mgsim.engines.updates import stepping

    system, program = standard(frozenset({"mg_out"}), (), method)
    leaves = {p.name: p.si for p in system.parameters}
    leaves["window_stop"] = 1.0
    leaves |= {n: float(x) for n, x in stepping.initial_values(system, leaves).items()}
    leaves |= {
        "v": -0.05,
        "x_nmda": 0.5,
        "s_ampa": 0.4,
        "dt": 5e-5,
        "start": 35e-5,
        "past_0": 1.0,
        "past_1": 0.0,
        "past_0_of_lane": 1.0,
        "past_1_of_lane": 0.0,
    }
    leaves |= {"begin": leaves["start"], "width": leaves["dt"]}
    known = {**leaves, "substep_start": leaves["start"], "substep_width": leaves["dt"]}
    for name, right in stepping.step_code(system, method).lines:
        known[name] = expressions.evaluate(right, known)
    for written in (program.step, program.part):
        for name, node in written.items():
            if name in known:
                assert value(node, leaves) == pytest.approx(float(known[name]), rel=1e-12), name


@pytest.mark.parametrize(("precision", "lanes"), [("float64", 16), ("float32", 32)])
def test_emitted_text_is_the_same_each_time_and_of_the_precision(precision, lanes):
    sources = [emit(standard(frozenset({"mg_out"}), ("v",))[1], precision, lanes) for _ in range(2)]
    assert sources[0].text == sources[1].text
    assert (
        f"typedef {precision.replace('float64', 'double').replace('float32', 'float')} real;"
        in (sources[0].text)
    )
    assert sources[0].lanes == lanes
    assert "nan" not in re.findall(r"R\((\S+?)\)", sources[0].text)


def test_a_kernel_has_nothing_of_what_its_system_has_not():
    """Recordings and the clock of a run that goes on: no letter of them where there are none."""
    model, rest = mg.models["kinetic"], mg.protocols["train_20hz"]

    def text(protocol, **how):
        system = mg.lower(model, protocol, [mg.measures["peak_v"]], **how)
        return source_of(system, frozenset(), Options(1e-4, 1.0, record=("v",))).text

    words = ("recordings", "driven", "n_points_of", "llrint")
    recorded = rest.changing(g_nmda=mg.changes.course([0, 1, 2], [1, 2, 3]))
    stepped = rest.changing(g_nmda=mg.changes.step(2, 100))
    assert not [w for w in words if w in text(rest)]
    assert not [w for w in words if w in text(stepped)]
    assert {w for w in words if w in text(recorded)} == {*words[:3]}
    assert [w for w in words if w in text(rest, later=True)] == ["llrint"]
