"""Crossings and peaks that a jump makes, on both engines, against closed forms."""

import numpy as np
import pytest
from running import BRIAN, FUSED, batch

import mgsim as mg
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port
from mgsim.engines.contract import Options
from mgsim.engines.updates.stepping import METHODS

#: Events at these ms, of which the first comes with the run and the last two at once.
EVENTS = [0.0, 2.0, 4.03, 6.0, 6.0]
CROSSINGS = {
    "blip": "y_y > 0.6",  # an event adds 1 to y, which is below again within a step
    "gate": "w_x > 1",  # w is a definition of what an edge changes
    "drop": "1 > level_x",  # the level is what an edge and a ramp change
    "fall": "z_z > z_level",  # z grows by 1/ms, and an event takes 1.5 from it
}


def crossing(name):
    return Event(name, name, carries=(Port(f"t_{name}", "ms", "when"),), crossing=True)


def number(name, value, unit="1"):
    return Parameter(name, value, unit, name, "assumed: for a test", (-1e9, 1e9))


WATCH = Component(
    "watch",
    "x",
    "what jumps",
    """
    dx_x/dt = -x_x/tau_x : 1
    dy_y/dt = -y_y/(0.08*ms) : 1
    dz_z/dt = 1/ms : 1
    w_x = 2*gate_x : 1
    """,
    parameters=(
        number("tau_x", 0.25, "ms"),
        number("x_level", 0.5),
        number("z_level", 1.02),
        number("gate_x", 0.25),
        number("level_x", 3.0),
    ),
    on_event={"pre": "x_x += 1; y_y += 1; z_z += -1.5"},
    spike="x_x > x_level",
    events=tuple(map(crossing, CROSSINGS)),
    raises=CROSSINGS,
)
MODEL = mg.Model("watched", (WATCH,))
PROTOCOL = mg.Protocol("jumps", "", 9.0, events={"pre": EVENTS}, window=(0, 8.0)).changing(
    gate_x=mg.changes.step(0.75, 3.33, 8.0), level_x=mg.changes.ramp(0.0, 5.0, 3.0)
)


def counted(*names):
    return [
        m
        for n in names
        for m in (
            mg.Measure(f"n_{n}", "1", "how many", on={n: f"n_{n} += 1"}),
            mg.Measure(f"sum_{n}", "ms", "sum of times", on={n: f"sum_{n} += t_{n}"}),
        )
    ]


@pytest.mark.parametrize(("engine", "method"), [*(("fused", m) for m in METHODS), ("brian", "rk4")])
def test_what_jumps_over_a_level_crosses_it(engine, method):
    """x is 1 after the first event, and more after the others: 1 is a level that it reaches.

    The events at 6 ms are one crossing. z is t - 1.5, from 2 ms on t - 3, and 1.02 at 4.02 ms; the
    event at 4.03 ms brings it down again, and it is 1.02 at 5.52 ms.
    """
    at = np.array([0.0, 2.0, 4.03, 6.0])
    after = np.array([1.0, 1 + np.exp(-8.0), 1 + np.exp(-8.1), 2])
    levels = [0.5, 0.9999, 1.0, 1.0 + 1e-5, 1.5, 2.5]
    ds = mg.sweep(
        MODEL,
        PROTOCOL,
        counted("spike", *CROSSINGS),
        engine=engine,
        method=method,
        dt=0.1,
        x_level=levels,
        gate_x=[0.25, 0.5],
    )
    hit = [at[after >= level] for level in levels]
    assert [len(x) for x in hit] == [4, 4, 4, 3, 1, 0]
    assert ds.n_spike.values.T.tolist() == [[len(x) for x in hit]] * 2
    np.testing.assert_allclose(ds.sum_spike.T, [[x.sum() for x in hit]] * 2, atol=1e-9)
    assert (ds.n_blip == 4).all()
    np.testing.assert_allclose(ds.sum_blip, at.sum(), atol=1e-9)
    assert ds.n_gate.values.tolist() == [[1, 0]] * 6  # w was below the level, or at it
    np.testing.assert_allclose(ds.sum_gate, [[3.33, 0]] * 6, atol=1e-9)
    assert (ds.n_drop == 1).all()
    np.testing.assert_allclose(ds.sum_drop, 7.0, atol=1e-9)
    assert (ds.n_fall == 2).all()
    np.testing.assert_allclose(ds.sum_fall, 4.02 + 5.52, atol=1e-9)


PEAKS = [
    mg.Measure("peak_wx", "1", "what an edge makes jump", peak="w_x*x_x"),
    mg.Measure("peak_x", "1", "what it does not", peak="x_x"),
]


@pytest.mark.parametrize(
    ("engine", "method"),
    [("fused", "rk4_local"), ("fused", "rk4"), ("fused", "exponential_euler"), ("brian", "rk4")],
)
def test_a_peak_sees_what_an_edge_leaves(engine, method):
    """x falls by 1/ms from 1 at 2 ms; w is 0.1 until 3.33 ms, then 1.5, and 0.1 again from 8 ms.

    A peak says the same whichever others are asked for. The ends of steps are 0.1 ms apart.
    """
    given = {"engine": engine, "method": method, "dt": 0.1, "tau_x": 1.0, "gate_x": 0.05}
    protocol = mg.Protocol("jump", "", 9.0, events={"pre": [2.0]}, window=(0, 8.5)).changing(
        gate_x=mg.changes.step(0.75, 3.33, 8.0)
    )
    ds = mg.sweep(MODEL, protocol, PEAKS, **given)
    np.testing.assert_allclose(ds.peak_wx, 1.5 * np.exp(-1.33), rtol=1e-4)
    np.testing.assert_allclose(ds.peak_x, 1.0, rtol=1e-12)
    late = protocol.lasting(9.0, (4.55, 9.0))
    ds = mg.sweep(MODEL, late, PEAKS, **given)
    np.testing.assert_allclose(ds.peak_wx, 1.5 * np.exp(-2.55), rtol=1e-4)
    if engine == "fused":
        alone = mg.sweep(MODEL, late, PEAKS[1], **given)
        np.testing.assert_array_equal(ds.peak_x, alone.peak_x)
        assert np.exp(-2.65) < float(ds.peak_x) < np.exp(-2.55)


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_seam_at_a_jump_is_none(engine, tmp_path):
    """Pieces that end where an event comes, an edge is and a substep lies between them."""
    measures = [*counted("spike", *CROSSINGS), *PEAKS]
    system, points = batch(MODEL, PROTOCOL, measures, [{"x_level": x} for x in (0.5, 1)])
    given = system, points, Options(1e-4, 9e-3, threads=1, spikes=True)
    once = engine.run(*given)
    cuts = [0, 1, 20, 21, 33, 34, 40, 41, 60, 61, 80, 90] if engine is FUSED else [33, 60, 90]
    run = engine.start(*given)
    for k, cut in enumerate(cuts):
        np.savez(tmp_path / f"{k}.npz", **run.state())
        with np.load(tmp_path / f"{k}.npz") as state:
            run = engine.start(*given, state)
        run.to(cut)
    found = run.outcome()
    for name, values in found.measures.items():
        np.testing.assert_array_equal(values, once.measures[name], err_msg=name)
    for outcome in (found, once):
        for spikes in outcome.spikes:
            np.testing.assert_allclose(spikes, [0.0, 2e-3, 4.03e-3, 6e-3], atol=1e-12)


def test_a_run_that_goes_on_at_a_jump():
    """Events and an edge at the seam are crossings of the second run, and no others are."""
    measures = counted("spike", "blip", "gate", "fall")
    axes = {"x_level": [0.5, 2.5], "dt": 0.1, "keep_state": True}

    def run(events, edge, lasting, since=0.0, **more):
        protocol = mg.Protocol("jumps", "", lasting, events={"pre": events}, window=(since, np.inf))
        changed = protocol.changing(gate_x=mg.changes.step(0.75, edge, edge + 2))
        return mg.sweep(MODEL, changed, measures, **axes, **more)

    once = run(EVENTS, 6.0, 9.0, 6.0)
    first = run(EVENTS, 6.0, 6.0)
    assert first.n_spike.values.tolist() == [3, 0]
    assert float(first.n_gate.max()) == 0
    second = run([0.0, 0.0], 0.0, 3.0, start=first)
    for m in measures[::2]:
        np.testing.assert_array_equal(second[m.name], once[m.name], err_msg=m.name)
    assert second.n_spike.values.tolist() == [1, 0]
    assert float(second.n_gate.min()) == 1
    np.testing.assert_array_equal(second.sum_gate, 0.0)


def test_no_spike_of_many_within_a_step_is_dropped():
    """A recorded level that falls to -1 and rises to 1 again, 300 times in a step, about x = 0."""
    falls = 0.1 + 0.003 * np.arange(300)
    times = np.stack([falls, falls + 0.0015], axis=1).ravel()
    protocol = mg.Protocol("level", "", 2.0).changing(
        x_level=mg.changes.steps(times, np.tile([-1.0, 1.0], 300))
    )
    system, points = batch(MODEL, protocol, counted("spike"), [{"x_level": 1.0}])
    found = FUSED.run(system, points, Options(1e-3, 2e-3, threads=1, spikes=True))
    np.testing.assert_allclose(found.spikes[0], falls * 1e-3, atol=1e-12)
    assert found.measures["n_spike"][0] == 300
