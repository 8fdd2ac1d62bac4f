"""Edges: which comparisons with time are found, when they change, and what their texts become."""

import numpy as np
import pytest

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.engines.updates.timeline import Timeline
from mgsim.equations import expressions

A, B = (
    Parameter(n, x, "ms", n, "assumed: for a test", (-1e3, 1e3))
    for n, x in (("a_x", 3.0), ("b_x", 4.0))
)
HELD = "\ndheld_x/dt = 0 : ms\nafter_x = held_x + a_x : ms\nsince_x = t - after_x : ms"


def timeline(condition):
    return of(f"2*int({condition}) + 1")


def of(text):
    equations = f"y_x = {text} : 1{HELD}\nz_x = int(b_x > 0*ms) : 1"
    part = Component("part", "stimulus", "", equations, parameters=(A, B))
    return Timeline(mg.lower(mg.Model("m", (part,)), Protocol("p", "", 10.0), ()))


VALUES = {"a_x": 3e-3, "b_x": 4e-3, "held_x": 0.5e-3, "after_x": 3.5e-3}


@pytest.mark.parametrize(
    ("condition", "edge"),
    [
        ("t > a_x", 3e-3),
        ("t >= a_x", 3e-3),
        ("a_x < t", 3e-3),
        ("t < a_x", 3e-3),
        ("a_x >= t", 3e-3),
        ("t - held_x < a_x", 3.5e-3),
        ("a_x + b_x - t > 0*ms", 7e-3),
        ("2*t > a_x", 1.5e-3),
        ("t/ms > 5", 5e-3),
        ("-(t - a_x) > b_x", -1e-3),
        ("since_x > 0*ms", 3.5e-3),
        ("b_x > since_x", 7.5e-3),
        ("t + since_x > b_x", 3.75e-3),
    ],
)
def test_an_edge_is_where_the_comparison_changes(condition, edge):
    """On either side the text with the flag has the value of the text with the time."""
    found = timeline(condition)
    (one,) = found.edges
    assert one.jump
    assert expressions.evaluate(one.time, VALUES) == pytest.approx(edge, rel=1e-12)
    text = f"2*int({condition}) + 1"
    for t in (edge - 1e-4, edge + 1e-4):
        known = {**VALUES, "t": t, "since_x": t - VALUES["after_x"]}
        assert expressions.evaluate(found.text(text), {one.flag: float(t >= edge)}) == (
            expressions.evaluate(text, known)
        )


def test_conditions_joined_by_words():
    found = timeline("t > a_x and not t > b_x")
    assert [expressions.evaluate(e.time, VALUES) for e in found.edges] == [3e-3, 4e-3]
    for past, value in (((0, 0), 0), ((1, 0), 1), ((1, 1), 0)):
        known = {e.flag: float(x) for e, x in zip(found.edges, past, strict=True)}
        assert expressions.evaluate(found.text("int(t > a_x and not t > b_x)"), known) == value


@pytest.mark.parametrize("condition", ["sin(t/ms) > 0", "t*t > a_x*b_x", "t > dt", "t/a_x > 0.5"])
def test_a_comparison_without_an_edge_is_taken_at_the_middle(condition):
    found = timeline(condition)
    assert found.edges == []
    assert "_tm" in expressions.names(found.text(f"int({condition})"))


def test_corners_of_a_clip():
    found = of("clip((t - a_x)/b_x, 0, 1)")
    assert [e.jump for e in found.edges] == [False, False]
    corners = [float(expressions.evaluate(e.time, VALUES)) for e in found.edges]
    np.testing.assert_allclose(corners, [3e-3, 7e-3], rtol=1e-12)
