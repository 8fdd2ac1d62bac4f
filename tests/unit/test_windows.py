"""When a protocol measures: a step of current during the step, all else from its onset on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import BRIAN, FUSED

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import main
from mgsim.declare.parameter import PartError
from mgsim.sweeps.resolving.resolve import resolve
from mgsim.units import UnitError

CELL, STEP = mg.models["cell"], mg.protocols["current_step"]
RATE, COUNT = mg.measures["spike_rate"], mg.measures["spike_count"]
#: A model that each protocol with an onset drives.
DRIVES = {
    "train_20hz": "standard",
    "train_80hz": "standard",
    "poisson_20hz": "standard",
    "single_pulse": "standard",
    "current_step": "cell",
    "voltage_step": "patch",
    "clamped_release": "kinetic_synapse",
    "glutamate_pulse": "standard",
    "mg_step": "tonic",
    "mg_ramp": "tonic",
}


def test_a_step_of_current_is_measured_while_it_lasts():
    """Five spikes in 400 ms at 750 pA (Pospischil et al. 2008, reference of the OSB copy)."""
    ds = mg.sweep(CELL, STEP, [RATE, COUNT], i_amp=[750, 1500])
    assert ds.spike_rate.values == pytest.approx([12.5, 75.0], rel=1e-12)
    assert ds.spike_count.values.tolist() == [5, 30]
    own = mg.parameters(ds)
    assert (float(own.window_start), float(own.window_stop)) == (300, 700)


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=lambda e: e.name)
def test_a_window_follows_what_is_swept(engine):
    """Against spikes counted in the traces, and against each point alone."""
    short = STEP.lasting(25.0)
    how = {"engine": engine, "dt": 0.05, "method": "rk2"}
    axes = {"i_amp": [5000], "step_start": [2, 8], "step_stop": [16, 20, 1e4]}
    ds = mg.sweep(CELL, short, [RATE, mg.measures["mean_v"]], **how, **axes)
    assert ds.window_start.dims == ("step_start",)
    assert ds.window_stop.values.tolist() == [16, 20, 25]
    spikes = mg.simulate(CELL, short, **how, **axes).spike_time
    inside = ((spikes > ds.window_start) & (spikes < ds.window_stop)).sum("spike")
    assert int(inside.min()) > 0
    expected = 1000 * inside / (ds.window_stop - ds.window_start)
    np.testing.assert_allclose(ds.spike_rate.transpose(*expected.dims).values, expected.values)
    one = {"i_amp": 5000, "step_start": 8, "step_stop": 20}
    alone = mg.sweep(CELL, short.lasting(25, (8, 20)), mg.measures["mean_v"], **how, **one)
    assert float(ds.mean_v.sel(one)) == pytest.approx(float(alone.mean_v), rel=1e-12)


@pytest.mark.parametrize("name", DRIVES)
def test_nothing_happens_before_the_window_and_something_after(name):
    """What the stimulus makes does not move before its onset, which is where the window starts."""
    model, protocol = mg.models[DRIVES[name]], mg.protocols[name]
    start, stop = protocol.measured()
    assert 0 < start < stop <= protocol.duration
    assert stop == (700 if name == "current_step" else protocol.duration)
    request = resolve(model, protocol, (), 0, {})
    times = [
        t for train in request.batch(request.variants[0]).trains.values() for t in train.times * 1e3
    ]
    made = sorted(n for s in protocol.stimuli for n in s.provides)
    moved = []
    if made:
        ds = mg.simulate(model, protocol.lasting(start + 50, (0, np.inf)), record=made)
        for output in made:
            values = ds[output].values
            moved += [float(ds.time[i]) for i in np.flatnonzero(values != values[0])[:1]]
    first = min(times + moved)
    assert first >= start
    if name != "poisson_20hz":  # its first event comes when it comes
        assert first == pytest.approx(start, abs=0.05)


@pytest.mark.parametrize("name", ["rest", "voltage_clamp", "tonic_glutamate"])
def test_what_holds_still_is_measured_late(name):
    protocol = mg.protocols[name]
    late = protocol.duration - protocol.measured()[0]
    for duration in (protocol.duration, 3 * protocol.duration):
        assert protocol.lasting(duration).measured() == (duration - late, duration)


def test_the_first_of_two_stimuli_begins_the_window():
    release = mg.protocols["clamped_release"]
    assert release.measured() == (50, 500)
    assert release.with_values(step_start=20).measured() == (20, 500)
    assert release.with_values(train_start=200).measured() == (100, 500)


@settings(max_examples=20, deadline=None)
@given(start=st.floats(0, 900), length=st.floats(0.1, 1e4), after=st.floats(0, 50))
def test_an_expression_is_cut_to_the_run(start, length, after):
    protocol = STEP.lasting(1000, (f"step_start + {after!r}*ms", "step_stop")).with_values(
        step_start=start, step_stop=start + length
    )
    expected = (min(start + after, 1000), min(start + length, 1000))
    assert protocol.measured() == pytest.approx(expected, abs=1e-8)


def test_a_time_may_have_a_unit():
    assert STEP.lasting(1000, ("0.1 s", "900 ms")).measured() == (100, 900)
    assert STEP.lasting("2 s").duration == 2000
    from brian2 import ms, second

    assert STEP.lasting(2 * second, (100 * ms, np.inf)).measured() == (100, 2000)


@pytest.mark.parametrize(
    ("window", "kind", "word"),
    [
        (("step_strat", "step_stop"), UnknownName, "step_start"),
        (("i_amp", "step_stop"), PartError, "no time"),
        (("step_start*step_stop", np.inf), PartError, "no time"),
        (("5 mV", np.inf), UnitError, "ms"),
        ((np.nan, 5), PartError, "window"),
        ((700, 300), PartError, "window"),
    ],
)
def test_windows_that_cannot_be_meant(window, kind, word):
    with pytest.raises(kind, match=word):
        STEP.lasting(1000, window)


@pytest.mark.parametrize(
    "axes", [{"step_start": [300, 800]}, {"step_start": 1200}, {"step_stop": [500, 200]}]
)
def test_a_window_outside_the_run_is_refused_before_it(axes):
    with pytest.raises(PartError, match=r"step_start and step_stop: .*stops later than it starts"):
        mg.sweep(CELL, STEP, RATE, **axes)


def test_a_window_after_the_run_is_refused_before_it():
    late = {"step_start": 1200, "step_stop": 1300}
    with pytest.raises(PartError, match=r"measures from step_start to step_stop.*lasting"):
        mg.sweep(CELL, STEP, RATE, **late)
    with pytest.warns(UserWarning, match="outside"):  # a trace needs no window
        mg.simulate(CELL, STEP.lasting(10), dt=0.1, every=100, **late)


@pytest.mark.parametrize(
    "points",
    [
        {"design": mg.designs.zipped(step_start=[300.0, 310.0], i_amp=[800.0, 900.0])},
        {"design": mg.designs.sobol(4, step_start=(300, 320)), "i_amp": [800, 900]},
        {"step_start": [300.0, 320.0], "seed": [1, 2]},
    ],
    ids=["zipped", "sampled", "grid"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_folder_holds_the_same_windows(points, tmp_path):
    protocol = STEP.lasting(330).with_values(step_stop=329)
    memory = mg.sweep(CELL, protocol, RATE, dt=0.1, engine="fused", **points)
    folder = mg.sweep(CELL, protocol, RATE, dt=0.1, engine="fused", out=tmp_path / "s", **points)
    assert folder.identical(memory) or folder.drop_attrs().identical(memory.drop_attrs())
    own = mg.parameters(memory)
    np.testing.assert_allclose(own.window_start, own.step_start, rtol=0, atol=1e-9)
    assert float(own.window_stop) == 329


def test_the_table_says_when(capsys):
    assert main(["sweep", "run", "mg_response", "--axis", "mg_out=1", "--dt", "0.1"]) == 0
    assert "measured from 50 ms to 1000 ms of 1000 ms" in capsys.readouterr().out
    axes = ["--axis", "mg_out=1", "--axis", "train_start=50,90", "--dt", "100us"]
    main(["sweep", "run", "mg_response", *axes])
    out = capsys.readouterr().out
    assert "window_start [ms]" in out
    assert "measured from window_start to 1000 ms" in out
    main(["show", "current_step"])
    assert "300 to 700 ms (step_start to step_stop)" in capsys.readouterr().out


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=lambda e: e.name)
@pytest.mark.parametrize("start", [50.0, 20.013])
def test_a_peak_sees_what_an_event_makes_jump(engine, start):
    """The AMPA conductance of 10 nS opens at once and decays: 600 pA at 60 mV at any step."""
    protocol = mg.protocols["single_pulse"].lasting(100) + mg.protocols["voltage_clamp"]
    largest = mg.Measure("largest", "pA", "largest inward", peak="-i_ampa")
    smallest = mg.Measure("smallest", "pA", "least inward, less 1 nA", peak="i_ampa - 1000*pA")
    ds = mg.sweep(
        mg.models["clamped_synapse"],
        protocol.lasting(100),
        [largest, smallest],
        engine=engine,
        dt=0.1,
        train_start=start,
        v_hold=-60,
        g_ampa=10,
    )
    assert float(ds.largest) == pytest.approx(600, rel=1e-9)
    assert float(ds.smallest) == pytest.approx(-1000, abs=0.01)
