"""The step as abstract code: order of the lines, conservation, methods."""

import ast

import numpy as np
import pytest

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.engines.updates import stepping
from mgsim.equations import expressions
from mgsim.system.lowering import answerable

NOTHING = Protocol("nothing", "", 10.0)
GLUTAMATE = mg.protocols["tonic_glutamate"]


def kinetic(gating="lester_jahr_1992"):
    return mg.models["clamped_synapse"].swap(mg.receptors[gating]).swap(mg.receptors["cleft_pulse"])


def written_and_read(code):
    known, problems = set(), []
    for name, right in code.lines:
        problems += [
            (name, r) for r in expressions.variables(right) if r.startswith("_") and r not in known
        ]
        known.add(name)
    return problems


@pytest.mark.parametrize("method", stepping.METHODS)
def test_nothing_temporary_is_read_before_it_is_written(method):
    model, protocol = mg.models["standard"], mg.protocols["train_20hz"]
    system = mg.lower(model, protocol, answerable(model, protocol, mg.measures.all))
    assert written_and_read(stepping.step_code(system, method)) == []
    assert written_and_read(stepping.step_code(system, "rk4_local", doubt=True)) == []


def test_every_line_is_arithmetic_and_states_are_written_after_all_is_computed():
    measures = [m for m in mg.measures.all if not m.on and m.value is None and "ca" not in m.name]
    system = mg.lower(kinetic(), mg.protocols["voltage_clamp"].lasting(100), measures[:1])
    lines = stepping.step_code(system).lines
    for _, right in lines:
        assert isinstance(ast.parse(right, mode="eval"), ast.Expression)
        expressions.parse(right)
    first_state = min(i for i, (n, _) in enumerate(lines) if n in system.state_names)
    after = {n for _, r in lines[first_state:] for n in expressions.variables(r)}
    assert not {n for n in after if n.startswith(("_k", "_s1", "_ta"))}


@pytest.mark.parametrize("never", ["0/s", "0/ms", "0.0*k_x/ms"])
def test_a_rate_of_zero_is_not_stepped(never):
    k = mg.Parameter("k_x", 1.0, "1", "a factor", "assumed: for a test", (0, 10))
    one_way = mg.Scheme(("a_x", "b_x"), (("a_x", "b_x", "k_x/ms", never),))
    part = mg.Component("one_way", "slot", "", kinetics=(one_way,), parameters=(k,))
    system = mg.lower(mg.Model("m", (part,)), mg.Protocol("p", "", 10.0), ())
    names = {n for n, _ in stepping.step_code(system).lines}
    assert "_ta3_a_x_b_x" in names
    assert "_ta3_b_x_a_x" not in names


def test_schemes_need_a_method_that_they_can_go_with():
    system = mg.lower(kinetic(), mg.protocols["voltage_clamp"], [])
    for method in ("euler", "exponential_euler"):
        with pytest.raises(ValueError, match="kinetic schemes need method 'rk4_local', 'rk4' or"):
            stepping.step_code(system, method)


def at(system, values, start, width):
    """The values, and where a substep stands: its start, its width, the edges behind it."""
    known = {**values, "substep_start": start, "substep_width": width}
    timeline, code = stepping.edge_code(system)
    for edge, (_, right) in zip(timeline.edges, code.lines, strict=True):
        known[edge.flag] = np.asarray(expressions.evaluate(right, known) <= start).astype(float)
    return known


def step(system, values, dt, method="rk2"):
    known = at(system, values, 0.0, dt)
    for name, right in stepping.step_code(system, method).lines:
        known[name] = expressions.evaluate(right, known)
    return known


@pytest.mark.parametrize(
    "gating", ["destexhe_1994", "lester_jahr_1992", "destexhe_1998", "destexhe_1998_as_coded"]
)
@pytest.mark.parametrize("dt", [1e-6, 5e-5, 1e-3, 1.0])
def test_occupancies_sum_to_one_at_any_step(gating, dt):
    """docs/architecture.md, integration: occupancies sum to 1 within 1e-12."""
    model = kinetic(gating)
    system = mg.lower(model, mg.protocols["voltage_clamp"], [])
    rng = np.random.default_rng(1)
    values = {p.name: p.si for p in system.parameters}
    values |= stepping.initial_values(system, values)
    (scheme,) = system.schemes
    start = rng.dirichlet(np.ones(len(scheme.states)), 100).T
    values |= dict(zip(scheme.states, start, strict=True))
    values |= {"t_release": np.zeros(100), "glu_quanta": 10 ** rng.uniform(-3, 2, 100)}
    after = step(system, values, dt)
    occupancy = np.array([after[s] for s in scheme.states])
    assert np.abs(occupancy.sum(axis=0) - 1).max() < 1e-12
    assert occupancy.min() > -1e-11


@pytest.mark.parametrize(("dt", "limited"), [(5e-5, False), (5e-4, True)])
def test_a_scheme_step_is_the_matrix_tr_bdf2(dt, limited):
    """The tableau of Bank et al. 1985 with its middle stage at half the step, by linear algebra.

    Where that would make an occupancy negative, the half step is backward Euler's.
    """
    system = mg.lower(kinetic(), mg.protocols["voltage_clamp"], [])
    (scheme,) = system.schemes
    values = {p.name: p.si for p in system.parameters}
    values |= stepping.initial_values(system, values)
    values |= {"t_release": np.asarray(0.0), "glu_quanta": np.asarray(1.0)}
    index = {s: i for i, s in enumerate(scheme.states)}
    q = np.zeros((len(index), len(index)))
    rates = {**values, "glu": values["glu_peak"]}
    for d in system.definitions:  # what the rates may read besides: a temperature factor
        if d.name not in rates and expressions.variables(d.text) <= rates.keys():
            rates[d.name] = expressions.evaluate(d.text, rates)
    for a, b, forward, backward in scheme.transitions:
        for x, y, text in ((a, b, forward), (b, a, backward)):
            rate = float(expressions.evaluate(text, rates))
            q[index[y], index[x]] += rate
            q[index[x], index[x]] -= rate
    p, one = np.array([0.3, 0.25, 0.2, 0.15, 0.1]), np.eye(5)
    values |= dict(zip(scheme.states, p, strict=True))
    after = step(system, values, dt)
    right = (one + dt / 4 * q) @ p
    assert (right.min() < 0) == limited
    middle = (
        np.linalg.solve(one - dt / 2 * q, p)
        if limited
        else np.linalg.solve(one - dt / 4 * q, right)
    )
    right = (4 * middle - p) / 3
    expected = (
        np.linalg.solve(one - dt / 3 * q, right)
        if right.min() >= 0
        else np.linalg.solve(one - dt / 2 * q, middle)
    )
    np.testing.assert_allclose([after[s] for s in scheme.states], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "order"), [("euler", 1), ("rk2", 2), ("rk4", 4), ("rk4_local", 4)]
)
def test_the_order_of_one_step(method, order):
    """A linear decay under a ramp, solved by hand: a step's error falls as dt**(order + 1)."""
    part = mg.Component("a", "slot_a", "", "dx_a/dt = -x_a/s + t/s**2 : 1")
    system = mg.lower(mg.Model("m", (part,)), NOTHING, [])

    def error(dt):
        after = step(system, {"x_a": 1.0, "window_start": 0.0, "window_stop": 1.0}, dt, method)
        return abs(after["x_a"] - (2 * np.exp(-dt) + dt - 1))

    assert np.log2(error(0.1) / error(0.05)) == pytest.approx(order + 1, abs=0.15)


@pytest.mark.parametrize("dt", [1e-6, 0.1, 1.0, 30.0])
def test_exponential_euler_is_exact_where_slopes_are_linear_in_their_states(dt):
    """x' = (3 - x)/s from 1 and y' = 2/s from 0, of which the second has no slope in y."""
    part = mg.Component("a", "slot_a", "", "dx_a/dt = (3 - x_a)/s : 1\ndy_a/dt = 2/s : 1")
    system = mg.lower(mg.Model("m", (part,)), NOTHING, [])
    values = {"x_a": 1.0, "y_a": 0.0, "window_start": 0.0, "window_stop": 1.0}
    after = step(system, values, dt, "exponential_euler")
    assert after["x_a"] == pytest.approx(3 - 2 * np.exp(-dt), rel=1e-13)
    assert after["y_a"] == pytest.approx(2 * dt, rel=1e-13)


def test_start_values_follow_from_columns():
    system = mg.lower(mg.models["cell"], NOTHING, [])
    columns = {p.name: np.asarray(p.si) for p in system.parameters}
    columns["v_start"] = np.array([-0.08, -0.06])
    start = stepping.initial_values(system, columns)
    assert start["v"].tolist() == [-0.08, -0.06]
    assert start["m_na"][0] < start["m_na"][1]
    u = -60.0 + 55.0  # Traub & Miles 1991 as in ModelDB 123623
    a, b = 0.32 * (13 - u) / np.expm1((13 - u) / 4), 0.28 * (u - 40) / np.expm1((u - 40) / 5)
    assert start["m_na"][1] == pytest.approx(a / (a + b), rel=1e-12)


def happened(system, values, times=1):
    known = {**values, "substep_start": 0.0}
    for _ in range(times):
        for name, right in stepping.event_code(system)["pre"].lines:
            known[name] = expressions.evaluate(right, known)
    return known


def test_events_act_one_after_another():
    system = mg.lower(mg.models["standard"], mg.protocols["train_20hz"], [])
    start = {"x_nmda": 0.25, "s_ampa": 0.0}
    for count in (0, 1, 2):
        after = happened(system, start, count)
        assert (after["x_nmda"], after["s_ampa"]) == (0.25 + count, count)


def test_a_later_statement_sees_what_an_earlier_one_left():
    """States and the definitions that follow from them; what is released is as it was before."""
    release = mg.Component(
        "release",
        "release",
        "",
        "du_r/dt = -u_r/s : 1\ndr_r/dt = -r_r/s : 1\nboth_r = u_r*r_r : 1",
        on_event={"pre": "quanta = both_r; r_r += -both_r; u_r += both_r"},
    )
    receptor = mg.Component(
        "a", "a", "", "dx_a/dt = -x_a/s : 1", on_event={"release": "x_a += quanta"}
    )
    system = mg.lower(mg.Model("m", (receptor, release)), NOTHING, [])
    start = {"u_r": 0.5, "r_r": 1.0, "x_a": 0.0}
    first = happened(system, start)
    assert [first[n] for n in start] == [0.5 + 0.5 * 0.5, 0.5, 0.5]
    second = happened(system, start, 2)
    both = first["u_r"] * first["r_r"]
    left = first["r_r"] - both
    assert [second[n] for n in start] == [first["u_r"] + first["u_r"] * left, left, 0.5 + both]
