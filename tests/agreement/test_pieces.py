"""A run in pieces is the run in one, to the bit: whatever lies on the seams, on both engines.

So a run that is saved and gone on from, one between whose pieces Ctrl-C is heard, and a loop that
is closed from outside, need no test of their own numbers. What they are compared with is the run in
one piece, with all events known before, and closed forms.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import BRIAN, FUSED, batch, model_of

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.engines.contract import DIVERGED, OK, Batch, EngineError, Options, Trains
from mgsim.system.lowering import answerable

DT, STEPS = 1e-4, 300
BOTH = (mg.protocols["current_step"] + mg.protocols["train_20hz"]).lasting(
    STEPS * DT * 1e3, (2.0, 25.03)
)


def everything(engine=FUSED, precision="float64", record=("v", "i_nmda")):
    """A firing cell with a receptor's scheme; edges and events on seams, beside them and at once.

    One point diverges, at a magnesium that only it has.
    """
    model = mg.models["kinetic" if precision == "float64" else "standard"]
    rows = [
        {"i_amp": a, "step_start": s, "step_stop": s + w, "g_nmda": g, "g_leak": leak}
        for a, s, w, g, leak in (
            (900, 3.0, 20.0, 5, 0.1),
            (2000, 5.0, 0.1, 5, 0.1),
            (500, 4.95, 0.05, 20, 0.1),
            (3000, 0.0, 29.0, 1, 0.1),
            (900, 3.21, 20.0, 5, 1e5),
        )
    ]
    measures = answerable(model, BOTH, mg.measures.all)
    system, points = batch(model, BOTH, measures, rows)
    k = np.arange(STEPS) * DT
    times = [k[[50, 50, 64, 150]], [k[64] + 3e-5, k[65]], [], [0.0, k[1], k[128]], k[[10]]]
    offsets = np.cumsum([0, *map(len, times)])
    points = Batch(
        len(rows), points.columns, {"pre": Trains(np.concatenate(times), offsets, np.arange(5))}
    )
    options = Options(
        DT, STEPS * DT, record=record, spikes=True, every=7, precision=precision, threads=1
    )
    return system, points, options


def bits(outcome):
    return {
        **{n: x.tobytes() for n, x in outcome.measures.items()},
        **{f"trace of {n}": x.tobytes() for n, x in outcome.traces.items()},
        "spikes": [x.tobytes() for x in outcome.spikes or ()],
        "status": outcome.status.tolist(),
        "failed_at": outcome.failed_at.tobytes(),
    }


def pieces(engine, given, cuts, folder=None):
    """Run up to each cut; with a folder, each piece is another run that goes on from a file."""
    run = engine.start(*given)
    heard = []
    for i, cut in enumerate([*cuts, STEPS]):
        if folder is not None:
            np.savez(folder / f"{i}.npz", **run.state())
            with np.load(folder / f"{i}.npz") as state:
                run = engine.start(*given, state)
        heard.append(run.to(cut))
    outcome = run.outcome()
    for point, times in enumerate(outcome.spikes):
        told = [s.times[s.points == point] for s in heard]
        assert np.concatenate(told).tobytes() == times.tobytes()
    return bits(outcome)


CUTS = st.lists(st.integers(0, STEPS), max_size=6).map(sorted)
SEAMS = [0, 1, 10, 30, 49, 50, 51, 64, 65, 128, 150, 230, 250]


@pytest.fixture(scope="module", params=["float64", "float32", "no trace"])
def whole(request):
    precision, record = (
        ("float64", ()) if request.param == "no trace" else (request.param, ("v", "i_nmda"))
    )
    given = everything(precision=precision, record=record)
    outcome = FUSED.run(*given)
    assert outcome.status.tolist() == [OK] * 4 + [DIVERGED]
    assert sum(map(len, outcome.spikes[:4])) > 4
    return given, bits(outcome)


@settings(max_examples=20)
@given(cuts=CUTS)
def test_any_pieces_are_the_run_in_one(whole, cuts):
    given, expected = whole
    assert pieces(FUSED, given, cuts) == expected


def test_events_and_edges_on_the_seams_through_files(whole, tmp_path):
    given, expected = whole
    assert pieces(FUSED, given, SEAMS, tmp_path) == expected


@pytest.mark.parametrize("method", ["rk4", "rk2"])
def test_other_methods(method):
    system, points, options = everything()
    given = system, points, replace(options, method=method)
    assert pieces(FUSED, given, SEAMS) == bits(FUSED.run(*given))


def test_brian_in_pieces(tmp_path):
    given = everything()
    expected = bits(BRIAN.run(*given))
    assert pieces(BRIAN, given, SEAMS[3:8], tmp_path) == expected
    assert pieces(BRIAN, given, [77]) == expected


@pytest.mark.parametrize("first", [FUSED, BRIAN], ids=["fused first", "brian first"])
def test_one_engine_goes_on_where_the_other_stands(first):
    """Both stepped finely, so that they differ by rounding alone."""
    system, points, options = everything()
    columns = {**points.columns, "g_leak": np.full(5, points.columns["g_leak"][0])}
    given = system, Batch(5, columns, points.trains), replace(options, method="rk4")
    second = BRIAN if first is FUSED else FUSED
    run = first.start(*given)
    run.to(141)
    run = second.start(*given, run.state())
    run.to(STEPS)
    found, expected = run.outcome(), first.run(*given)
    for name, values in expected.measures.items():
        np.testing.assert_allclose(found.measures[name], values, rtol=1e-9, atol=1e-18)
    for name, values in expected.traces.items():
        np.testing.assert_allclose(found.traces[name], values, rtol=1e-7, atol=1e-15)
    for a, b in zip(found.spikes, expected.spikes, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_events_that_come_while_it_runs(engine):
    """Handed in piece by piece, some long before they act, they are those known from the start."""
    system, points, options = everything()
    train = points.trains["pre"]
    of, times, _ = train.left(train.offsets[:-1])
    empty = Trains(np.zeros(0), np.zeros(6, dtype=np.int64), np.arange(5))
    expected = bits(engine.run(system, points, options))
    for begun in ({}, {"pre": empty}):
        run = engine.start(system, Batch(5, points.columns, begun), options)
        for a, b in ((0, 10), (10, 50), (50, 64), (64, STEPS)):
            # half of a piece's events come a piece early
            ahead = (times >= a * DT - 1e-9) & (times < b * DT - 1e-9)
            run.to(a, {"pre": Trains.at(of[ahead][::-1], times[ahead][::-1], 5)})
            if a == 50:
                run = engine.start(system, Batch(5, points.columns), options, run.state())
        run.to(STEPS)
        assert bits(run.outcome()) == expected


def test_a_loop_closed_from_outside():
    """Cells in a ring, each spike an event of the next cell a delay later, in windows of the delay.

    The same as one run with all events known before: as its spikes are those of the loop, and its
    events follow from them, one is a solution of the other to the bit.
    """
    n, delay = 12, np.array([2.0, 2.5, 3.7] * 4) * 1e-3
    system, points = batch(mg.models["standard"], BOTH, (mg.measures["mean_v"],), [{}] * n)
    amplitude = np.zeros(n)
    amplitude[0] = 3e-9
    columns = {
        **points.columns,
        "i_amp": amplitude,
        "step_start": np.asarray(0.001),
        "step_stop": np.asarray(0.005),
        "g_ampa": np.full(n, 400e-9),
    }
    options = Options(DT, 0.1, spikes=True)
    loop = FUSED.start(system, Batch(n, columns), options)
    events = [(np.zeros(0, dtype=np.int64), np.zeros(0))]
    window = int(delay.min() / DT)
    come = {}
    while loop.step < options.n_steps:
        spikes = loop.to(min(loop.step + window, options.n_steps), come)
        events.append(((spikes.points + 1) % n, spikes.times + delay[spikes.points]))
        come = {"pre": Trains.at(*events[-1], n)}
    found = loop.outcome()
    assert all(len(x) >= 2 for x in found.spikes)  # round it goes, more than once
    known = {"pre": Trains.at(*(np.concatenate(x) for x in zip(*events, strict=True)), n)}
    assert bits(found) == bits(FUSED.run(system, Batch(n, columns, known), options))


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_parameter_that_changes_between_two_pieces(engine):
    """exp(-t1/tau1 - t2/tau2): a linear state that goes on with another time constant."""
    tau = mg.Parameter("tau_x", 2.0, "ms", "time constant", "assumed: for a test", (0.1, 100))
    part = Component(
        "decay", "x", "", "dx_x/dt = -x_x/tau_x : 1", parameters=(tau,), initial={"x_x": "1"}
    )
    system, points = batch(model_of(part), Protocol("p", "", 10.0))
    options = Options(1e-5, 0.01, method="rk4")
    run = engine.start(system, points, options)
    run.to(400)
    state = run.state()
    assert dict(zip(state["names"], state["values"], strict=True))["x_x"] == pytest.approx(
        np.exp(-2), rel=1e-10
    )
    later = Batch(1, {**points.columns, "tau_x": np.asarray(3e-3)})
    run = engine.start(system, later, replace(options, duration=0.016), state)
    run.to(1600)
    state = run.state()
    assert state["values"][0, 0] == pytest.approx(np.exp(-2 - 12 / 3), rel=1e-9)


def test_what_cannot_be_done():
    system, points, options = everything()
    run = FUSED.start(system, points, options)
    run.to(20)
    state = run.state()
    for step in (19, STEPS + 1, 20.5, True):
        with pytest.raises(ValueError, match="a run at step 20 of 300 cannot go to"):
            run.to(step)
    with pytest.raises(EngineError, match="step 20 of 300 has no outcome yet"):
        run.outcome()
    late = Trains.at(np.array([1]), np.array([1.9e-3]), 5)
    with pytest.raises(ValueError, match=r"'pre' at 1.9 ms comes too late: the run is at 2 ms"):
        run.to(30, {"pre": late})
    with pytest.raises(ValueError, match="at nan ms"):
        run.to(30, {"pre": Trains.at(np.array([1]), np.array([np.nan]), 5)})
    with pytest.raises(ValueError, match="comes to 2 points; the run has 5"):
        run.to(30, {"pre": Trains.at(np.array([1]), np.array([0.01]), 2)})
    with pytest.raises(UnknownName, match="no event 'pr' in a run; did you mean pre"):
        run.to(30, {"pr": late})
    assert run.step == 20
    for change, words in (
        ({"options": replace(options, dt=2e-4)}, "at step 20, at 2 ms; this run has 150 steps"),
        ({"options": replace(options, record=("v",))}, "traces of v, i_nmda, the run records v"),
        ({"points": Batch(4, points.columns)}, "of 5 points, the batch of 4"),
        ({"system": everything(precision="float32")[0]}, "another system: they differ in"),
    ):
        other = {"system": system, "points": points, "options": options} | change
        with pytest.raises(EngineError, match=words):
            FUSED.start(*other.values(), state)
    with pytest.raises(EngineError, match="it has no 'jumped'"):
        FUSED.start(system, points, options, {n: x for n, x in state.items() if n != "jumped"})
