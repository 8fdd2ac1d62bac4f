"""Chances of events: uniform, each its own, and the same wherever and however a point is run."""

from dataclasses import replace

import numpy as np
import pytest
from running import BRIAN, FUSED, batch, run
from scipy import stats

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.engines.contract import EngineError, Options
from mgsim.sweeps import trains

KEPT = [Measure(f"m_{n}", "1", "", on={"release": f"m_{n} += {n}"}) for n in ("a_1", "a_2", "b_1")]
TRAIN = mg.protocols["poisson_20hz"].lasting(500)


def listener(name, count=1):
    """A part that keeps its last chances, to the bit."""
    names = ["chance"] if count == 1 else [f"chance_{i + 1}" for i in range(count)]
    states = [f"{name}_{i + 1}" for i in range(count)]
    return Component(
        f"part_{name}",
        f"slot_{name}",
        "keeps its chances",
        "\n".join(f"d{s}/dt = 0/s : 1" for s in states),
        on_event={"pre": "; ".join(f"{s} = {c}" for s, c in zip(states, names, strict=True))},
        chances={"pre": count} if count > 1 else {},
    )


MODEL = Model("m", (listener("a", 2), listener("b")))
STATES = ("a_1", "a_2", "b_1")


def traces(**more):
    return mg.simulate(MODEL, TRAIN, record=STATES, dt=5.0, **more)


def test_chances_are_uniform_and_independent():
    """Kolmogorov-Smirnov, and correlations of neighbours, seeds, owners and numbers."""
    n = 20_000
    columns = [
        trains.chances(seed, "pre", [one], n)[:, 0]
        for seed in (0, 1)
        for one in ("slot/pre/chance_1", "slot/pre/chance_2", "other/pre/chance_1")
    ]
    for x in columns:
        assert stats.kstest(x, "uniform").pvalue > 1e-3
        assert 0 < x.min() < x.max() < 1
        assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 4 / np.sqrt(n)
    apart = np.abs(np.corrcoef(columns) - np.eye(6))
    assert apart.max() < 4 / np.sqrt(n)


def test_a_chance_does_not_depend_on_how_many_follow():
    short, long = (trains.chances(7, "pre", ["slot/pre/chance"], n) for n in (10, 1000))
    np.testing.assert_array_equal(short, long[:10])


def test_each_event_each_part_and_each_number_has_its_own():
    ds = traces(seed=[1, 2])
    seen = np.concatenate([np.unique(ds[s].values) for s in STATES])
    assert len(np.unique(seen)) == len(seen) - 2  # the 0 that each starts at
    assert ds.a_1.isel(time=-1).values[0] != ds.a_1.isel(time=-1).values[1]


def test_every_engine_gets_the_same_bits():
    fused = run(FUSED, MODEL, TRAIN, (), [{}], record=STATES, seed=3, dt=5.0)
    brian = run(BRIAN, MODEL, TRAIN, (), [{}], record=STATES, seed=3, dt=5.0)
    for s in STATES:
        assert len(np.unique(fused.traces[s])) > 5
        np.testing.assert_array_equal(fused.traces[s], brian.traces[s])


def test_neither_the_point_nor_its_neighbours_nor_threads_nor_the_length_of_the_run_matter():
    level = mg.Parameter("level", 1.0, "1", "of nothing", "assumed: for a test", (0, 100))
    model = MODEL.swap(Component("idle", "idle", "", "y_y = level : 1", parameters=(level,)))
    how = {"record": STATES, "dt": 5.0, "seed": [4, 5]}
    many = mg.simulate(model, TRAIN, level=np.arange(21.0), threads=2, **how)
    one = mg.simulate(model, TRAIN, level=7.0, threads=1, **how)
    longer = mg.simulate(model, TRAIN.lasting(700), level=7.0, **how)
    for s in STATES:
        np.testing.assert_array_equal(many[s].sel(level=7.0), one[s])
        np.testing.assert_array_equal(many[s], many[s].isel(level=[0] * 21))
        at = one.time[one.time < 500]  # at the end of a run no event is delivered any more
        np.testing.assert_array_equal(longer[s].sel(time=at), one[s].sel(time=at))


def test_an_event_before_the_run_keeps_its_number():
    """The chance is that of the event's number in its train, not of those that are delivered."""
    train = mg.Train((), lambda *_: np.array([-2.0, 1.0, 3.0]))
    ds = mg.simulate(
        MODEL, mg.Protocol("p", "", 5.0, events={"pre": train}), record=("b_1",), dt=0.5, seed=9
    )
    expected = trains.chances(9, "pre", ["slot_b/pre/chance"], 3)[:, 0]
    assert float(ds.b_1.sel(time=2)) == expected[1]
    assert float(ds.b_1.sel(time=4)) == expected[2]


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_a_folder_holds_what_memory_holds(engine, tmp_path):
    last = Measure("m_b", "1", "", on={"release": "m_b = quanta"})
    count = Measure("m_n", "1", "", on={"pre": "m_n += 1"})
    model = Model("m", (mg.mechanisms["vesicle_release"],))
    how = {"seed": range(6), "u_rel": [0.2, 0.7], "engine": engine, "dt": 5.0, "method": "rk4"}
    here = mg.sweep(model, TRAIN, [last, count], **how)
    there = mg.sweep(model, TRAIN, [last, count], out=tmp_path / "folder", **how)
    for name in ("m_b", "m_n"):
        np.testing.assert_array_equal(here[name], there[name].load())


def test_a_chance_in_float32_is_drawn_in_double(tmp_path):
    model = Model("m", (mg.mechanisms["vesicle_release"],))
    kept = Measure("m_sum", "1", "", on={"release": "m_sum += quanta"})
    how = {"seed": range(64), "n_sites": 4, "dt": 5.0}
    exact = mg.sweep(model, TRAIN, kept, **how)
    single = mg.sweep(model, TRAIN, kept, precision="float32", **how)
    np.testing.assert_array_equal(exact.m_sum * 4, np.round(single.m_sum * 4))


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_train_without_the_chances_is_refused(engine):
    system, points = batch(MODEL, TRAIN)
    (train,) = points.trains.values()
    bare = replace(points, trains={"pre": replace(train, chances=np.empty((0, 0)))})
    with pytest.raises(EngineError, match="lacks the chances"):
        engine.run(system, bare, Options(dt=5e-3, duration=0.5, method="rk4"))


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_pieces_bring_the_same_chances(engine):
    """Saved and gone on from between events, and with the events themselves handed in."""
    system, points = batch(MODEL, TRAIN, KEPT)
    options = Options(5e-3, 0.5, record=STATES)
    expected = engine.run(system, points, options)
    train = points.trains["pre"]
    first = engine.start(system, points, options)
    second = engine.start(system, replace(points, trains={}), options)
    second.to(0, {"pre": train.within(0.5)})
    for run_of in (first, second):
        run_of.to(37)
        state = run_of.state()
        going = engine.start(system, points, options, state)
        going.to(options.n_steps)
        found = going.outcome()
        for name in STATES:
            assert found.traces[name].tobytes() == expected.traces[name].tobytes()
            assert len(np.unique(found.traces[name])) > 3
        for name, values in expected.measures.items():
            assert found.measures[name].tobytes() == values.tobytes()
    bare = replace(train.within(0.5), chances=np.empty((0, 0)))
    with pytest.raises(EngineError, match="lacks the chances that its events bring"):
        engine.start(system, replace(points, trains={}), options).to(9, {"pre": bare})
