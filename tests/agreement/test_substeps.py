"""Steps end where something changes: edges, events, windows and the end of a run are exact.

Expected values are closed forms: a constant pulse's area is its amplitude times the overlap of
pulse and window; a linear state's value follows from exponentials between the changes.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import BRIAN, FUSED, batch, run

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.engines.contract import Batch, Options, Trains
from mgsim.engines.updates.stepping import METHODS

TAU = 3.0
N = 32


def parameter(name, value, unit="ms"):
    return mg.Parameter(name, value, unit, name, "assumed: for a test", (-1e9, 1e9))


PULSE = Component(
    "pulse",
    "stimulus",
    "",
    """
pulse_x = 100*int(t > from_x)*int(t < from_x + width_x) : 1
since_x = t - from_x : ms
dx_x/dt = (int(since_x >= 0*ms)*int(width_x > since_x) - x_x)/(3*ms) : 1
""",
    parameters=(parameter("from_x", 1.0), parameter("width_x", 1.0)),
)
AREA = Measure("area_x", "ms", "area of the pulse", rate="pulse_x")
times = st.floats(0, 12, allow_nan=False)


def decayed(start, width, end):
    """x at the end: it goes to 1 while the pulse lasts, and back."""
    on = np.clip(np.minimum(start + width, end) - start, 0, None)
    off = np.clip(end - (start + width), 0, None)
    return np.where(start < end, (1 - np.exp(-on / TAU)) * np.exp(-off / TAU), 0.0)


@settings(max_examples=12)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(METHODS),
    st.sampled_from([0.1, 0.03, 0.025]),
    st.tuples(times, times).map(sorted).filter(lambda w: w[1] - w[0] > 1e-6),
)
def test_the_area_of_a_pulse_is_its_overlap_with_the_window(seed, method, dt, window):
    """Under every method, for points whose pulses start and end anywhere, beside one another."""
    rng = np.random.default_rng(seed)
    start, width = rng.uniform(-1, 13, N), 10 ** rng.uniform(-4, 1, N)
    rows = [{"from_x": a, "width_x": w} for a, w in zip(start, width, strict=True)]
    protocol = Protocol("p", "", 12.0, window=tuple(window))
    out = run(FUSED, mg.Model("m", (PULSE,)), protocol, (AREA,), rows, dt=dt, method=method)
    overlap = np.minimum(start + width, window[1]) - np.maximum(np.maximum(start, 0), window[0])
    expected = 100 * np.clip(overlap, 0, None) * 1e-3
    np.testing.assert_allclose(out.measures["area_x"], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("method", "order"), [("rk2", 2), ("rk4", 4)])
def test_edges_off_the_grid_keep_the_order_of_the_method(method, order):
    rng = np.random.default_rng(1)
    start, width = rng.uniform(0, 8, N), rng.uniform(0.01, 4, N)
    rows = [{"from_x": a, "width_x": w} for a, w in zip(start, width, strict=True)]
    end = Measure("mean_x", "1", "mean", rate="x_x/(window_stop - window_start)")
    worst = []
    for dt in (0.4, 0.2, 0.1):
        out = run(
            FUSED,
            mg.Model("m", (PULSE,)),
            Protocol("p", "", 10.0),
            (end,),
            rows,
            dt=dt,
            method=method,
            record=("x_x",),
        )
        worst.append(np.abs(out.traces["x_x"][:, -1] - decayed(start, width, 10.0)).max())
    falls = np.log2(np.array(worst[:-1]) / worst[1:])
    assert falls == pytest.approx(order, abs=0.35)


def test_a_step_of_minutes_is_not_cut_into_what_a_spike_needs():
    """Parts of 0.025 ms would be 24 million a step. Beside an exponential, rk4 errs by at most
    ``h^4/120`` of ``t exp(-t)``, to leading order."""
    hour = 3.6e6
    slow = Component(
        "slow", "body", "", "dx_x/dt = (1 - x_x)/tau_x : 1", parameters=(parameter("tau_x", hour),)
    )
    protocol = Protocol("p", "", 24 * hour)
    model = mg.Model("m", (slow,))
    out = run(FUSED, model, protocol, (), [{}], dt=hour / 6, method="rk4_local", record=("x_x",))
    hours = np.arange(out.traces["x_x"].shape[1]) / 6
    most = (1 / 6) ** 4 / 120 * np.exp(-1)
    np.testing.assert_allclose(out.traces["x_x"][0], 1 - np.exp(-hours), rtol=0, atol=1.2 * most)


def test_a_pulse_of_glutamate_gives_more_the_longer_it_lasts():
    """1 mM for 0.1 to 0.14 ms, once a step or two: the charge grows, and is that of small steps."""
    model = mg.models["kinetic_synapse"].swap(mg.receptors["cleft_pulse"]).swap(mg.blocks["none"])
    protocol = mg.protocols["clamped_release"].lasting(60)
    widths = np.linspace(0.1, 0.14, 17)
    default, fine = (
        mg.sweep(
            model, protocol, mg.measures["nmda_charge"], glu_width=widths, dt=dt
        ).nmda_charge.values
        for dt in (None, 0.002)
    )
    assert np.all(np.diff(default) > 0)
    np.testing.assert_allclose(default, fine, rtol=1e-3)


@pytest.mark.parametrize("stop", [1.0375, 1.03, 1.01, 1.0001])
def test_a_mean_is_over_the_window_as_it_is(stop):
    clamp = mg.protocols["voltage_clamp"].lasting(2, (1, stop))
    ds = mg.sweep(mg.models["patch"], clamp, mg.measures["mean_v"], v_hold=-60)
    assert float(ds.mean_v) == pytest.approx(-60, rel=1e-9)


@pytest.mark.parametrize("duration", [10.0, 10.03, 9.99, 0.107])
@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_run_ends_when_it_ends(engine, duration):
    clock = Component("clock", "clock", "", "dx_x/dt = 1 : s")
    for method in ("rk4_local", "rk2"):
        out = run(
            engine,
            mg.Model("m", (clock,)),
            Protocol("p", "", duration),
            dt=0.1,
            method=method,
            record=("x_x",),
        )
        assert out.traces["x_x"][0, -1] == pytest.approx(duration * 1e-3, rel=1e-12)
        assert out.times[-1] == duration * 1e-3


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_ramp_with_two_corners_is_integrated_exactly(engine):
    """Simpson's rule is exact for a line, so rk4 is where no corner lies inside a substep."""
    part = Component(
        "ramp",
        "stimulus",
        "",
        "y_x = clip((t - from_x)/width_x, 0, 1) : 1\ndx_x/dt = y_x/s : 1",
        parameters=(parameter("from_x", 1.0), parameter("width_x", 1.0)),
    )
    rng = np.random.default_rng(2)
    start, width = rng.uniform(0, 3, 6), rng.uniform(0.01, 3, 6)
    rows = [{"from_x": a, "width_x": w} for a, w in zip(start, width, strict=True)]
    out = run(
        engine, mg.Model("m", (part,)), Protocol("p", "", 8.0), (), rows, dt=0.1, record=("x_x",)
    )
    expected = (width / 2 + 8 - start - width) * 1e-3
    np.testing.assert_allclose(out.traces["x_x"][:, -1], expected, rtol=1e-10)


def events(trains, engine, method="rk4", dt=0.1, duration=10.0):
    """A trace that decays with TAU and gets 1 more at each event; one train a point, in ms."""
    part = Component("kick", "kick", "", "dx_x/dt = -x_x/(3*ms) : 1", on_event={"pre": "x_x += 1"})
    model = mg.Model("m", (part,))
    source = mg.protocols["train_20hz"].lasting(duration)
    system, points = batch(model, source, (), [{}] * len(trains))
    offsets = np.cumsum([0, *map(len, trains)])
    given = Trains(np.concatenate(trains) * 1e-3, offsets, np.arange(len(trains)))
    options = Options(dt=dt * 1e-3, duration=duration * 1e-3, method=method, record=("x_x",))
    return engine.run(system, Batch(len(trains), points.columns, {"pre": given}), options)


@pytest.mark.parametrize("method", ["rk4", "rk4_local"])
@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_an_event_acts_at_its_own_time(engine, method):
    rng = np.random.default_rng(3)
    trains = [np.sort(rng.uniform(0, 10, n)) for n in (0, 1, 2, 5, 9, 14)]
    trains[3][2] = trains[3][1]  # two at once
    trains[4][0] = 0.0
    out = events(trains, engine, method)
    expected = [np.exp(-(10.0 - t) / TAU).sum() for t in trains]
    np.testing.assert_allclose(out.traces["x_x"][:, -1], expected, rtol=1e-6)
    at_0 = [float((t == 0).sum()) for t in trains]
    assert out.traces["x_x"][:, 0].tolist() == at_0


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_an_event_after_the_end_never_comes(engine):
    """However late: a time beyond any counter of steps is not taken for another."""
    out = events([np.array([5.0, 10.0, 11.0, 5e17, 1e300]), np.array([5.0])], engine)
    assert out.traces["x_x"][0].tolist() == out.traces["x_x"][1].tolist()


def test_points_with_edges_of_their_own_do_not_move_one_another():
    """To the bit, in any order and company, where each point cuts its steps elsewhere."""
    rng = np.random.default_rng(4)
    rows = [
        {"i_amp": a, "step_start": s, "step_stop": s + w}
        for a, s, w in zip(
            rng.uniform(0, 3000, 40), rng.uniform(0, 20, 40), rng.uniform(0.01, 40, 40), strict=True
        )
    ]
    protocol = mg.protocols["current_step"].lasting(60, (0, 60))
    measures = [mg.measures[n] for n in ("mean_v", "peak_v", "last_spike_time")]
    whole = run(FUSED, mg.models["cell"], protocol, measures, rows, dt=0.1, method="rk4_local")
    order = rng.permutation(40)
    for some in (order[:3], order[3:20], order[20:]):
        part = run(
            FUSED,
            mg.models["cell"],
            protocol,
            measures,
            [rows[i] for i in some],
            dt=0.1,
            method="rk4_local",
        )
        for name, values in part.measures.items():
            assert values.tobytes() == whole.measures[name][some].tobytes()
