"""A run that goes on from the saved end of another, against the run in one piece."""

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim import cli
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare.kinetics import Scheme
from mgsim.engines.contract import EngineError
from mgsim.runs.from_file import sweep_file
from mgsim.store.description.identity import describe
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import FailedPointsWarning, prepare
from mgsim.units import UnitError

SEAM, END = 105.0, 260.0
#: A firing cell, a kinetic scheme (stepped implicitly), release that knows when the last one was.
CELL = mg.models["kinetic"].swap(mg.mechanisms["depressing_release"])
TRAIN = mg.protocols["train_20hz"] + mg.protocols["current"]
AXES = {"mg_out": [0.1, 0.8], "i_hold": [300, 900]}
MEASURES = [mg.measures[n] for n in ("spike_count", "peak_v", "ca_charge_nmda")]
WHOLE = TRAIN.lasting(END, (SEAM, np.inf))
FIRST = TRAIN.lasting(SEAM, (0, np.inf))
#: Events at 50, 100, ... ms: the second run has those from 150 ms on, on a clock of its own.
SECOND = TRAIN.with_values(train_start=150 - SEAM).lasting(END - SEAM, (0, np.inf))


def alike(one, other, but=()):
    names = [n for n in one.data_vars if n not in but]
    assert set(names) <= set(other.data_vars)
    for n in names:
        np.testing.assert_array_equal(one[n], other[n], err_msg=n)


@pytest.fixture(scope="module")
def first():
    return mg.sweep(CELL, FIRST, MEASURES, keep_state=True, **AXES)


@pytest.fixture(scope="module")
def whole():
    return mg.sweep(CELL, WHOLE, MEASURES, keep_state=True, **AXES)


def test_to_the_bit_on_the_fused_engine(first, whole):
    """States, measures of the second part and their sums; spikes and release across the seam."""
    second = mg.sweep(CELL, SECOND, MEASURES, start=first, keep_state=True, **AXES)
    assert int(second.spike_count.max()) > 2
    assert (second.state_t_before != first.state_t_before).all()
    alike(whole, second)
    assert second.attrs["start"].startswith("the end of a run, 105 ms after the first began")
    third = mg.sweep(CELL, TRAIN.lasting(50), (), start=second, keep_state=True, **AXES)
    more = TRAIN.with_values(train_start=0).lasting(50)
    once = mg.sweep(CELL, WHOLE.lasting(END + 50), (), keep_state=True, **AXES)
    assert third.attrs["start"].startswith("the end of a run, 260 ms")
    assert (third.state_v != once.state_v).any()  # another train
    fourth = mg.sweep(
        CELL, more.with_values(train_start=40), (), start=second, keep_state=True, **AXES
    )
    alike(once, fourth)


def test_through_a_file_and_a_folder(first, whole, tmp_path):
    folder, file = tmp_path / "settled", tmp_path / "a.nc"
    assert mg.sweep(CELL, FIRST, MEASURES, keep_state=True, out=folder, **AXES).identical(first)
    mg.sweep(CELL, FIRST, MEASURES, keep_state=True, out=file, **AXES)
    for start in (str(folder), file):
        alike(whole, mg.sweep(CELL, SECOND, MEASURES, start=start, keep_state=True, **AXES))


def test_traces_go_on_with_times_from_0():
    given = {**AXES, "dt": 0.1, "record": ("v", "i_nmda", "pre"), "every": 7}
    settled = mg.simulate(CELL, FIRST, keep_state=True, **given)
    once = mg.simulate(CELL, WHOLE, keep_state=True, **given)
    ds = mg.simulate(CELL, SECOND, start=settled, keep_state=True, **given)
    late = once.isel(time=once.time >= SEAM)
    np.testing.assert_allclose(ds.time, late.time - SEAM, atol=1e-12)
    alike(ds[["v", "i_nmda"]].drop_vars("time"), late.drop_vars("time"))
    alike(ds[[n for n in ds if n.startswith("state_")]], once)
    np.testing.assert_allclose(ds.pre_time[0, 0], [45, 95, 145])
    times, expected = (np.sort(x.spike_time.values[np.isfinite(x.spike_time)]) for x in (ds, once))
    np.testing.assert_allclose(times, expected[expected > SEAM] - SEAM, rtol=1e-12)


def test_another_step_starts_the_clock_anew(first):
    """A step that does not divide the saved time: times that states hold are shifted."""
    given = {"method": "rk4", **AXES}
    base = mg.sweep(CELL, FIRST, (), keep_state=True, dt=0.01, **given)
    ds = mg.sweep(CELL, SECOND, MEASURES, start=base, keep_state=True, dt=0.011, **given)
    once = mg.sweep(CELL, WHOLE, MEASURES, keep_state=True, dt=0.01, **given)
    assert base.state_t_before.attrs["holds"] == "a time on that clock"
    np.testing.assert_allclose(ds.state_t_before, once.state_t_before - SEAM * 1e-3, atol=1e-12)
    np.testing.assert_allclose(ds.state_r_ready, once.state_r_ready, rtol=1e-9)
    np.testing.assert_array_equal(ds.spike_count, once.spike_count)
    np.testing.assert_allclose(ds.ca_charge_nmda, once.ca_charge_nmda, rtol=1e-3)


def test_an_end_off_the_steps_differs_by_their_error():
    """0.037 ms behind a step, at the default step: spikes within 0.05 mV, and not to the bit."""
    seam = SEAM + 0.037
    base = mg.sweep(CELL, FIRST.lasting(seam, (0, np.inf)), MEASURES, keep_state=True, **AXES)
    second = TRAIN.with_values(train_start=150 - seam).lasting(END - seam, (0, np.inf))
    ds = mg.sweep(CELL, second, MEASURES, start=base, keep_state=True, **AXES)
    once = mg.sweep(CELL, TRAIN.lasting(END, (seam, np.inf)), MEASURES, keep_state=True, **AXES)
    np.testing.assert_array_equal(ds.spike_count, once.spike_count)
    assert 0 < np.max(np.abs(ds.peak_v - once.peak_v)) < 0.05


def test_brian_goes_on_too():
    model = mg.models["standard"].swap(mg.mechanisms["depressing_release"])
    train = mg.protocols["train_80hz"].with_values(train_start=5)
    given = {"engine": "brian", "dt": 0.05, "mg_out": [0.1, 1], "method": "rk4"}
    mean = mg.measures["mean_v"]
    whole = mg.sweep(model, train.lasting(40, (20, np.inf)), mean, keep_state=True, **given)
    first = mg.sweep(model, train.lasting(20), mean, keep_state=True, **given)
    second = train.with_values(train_start=10).lasting(20, (0, np.inf))
    for engine in ("brian", "fused"):
        ds = mg.sweep(
            model, second, mean, start=first, keep_state=True, **{**given, "engine": engine}
        )
        for n in whole.data_vars:
            np.testing.assert_allclose(ds[n], whole[n], rtol=1e-12 if engine == "brian" else 1e-9)


def test_a_parameter_changed_between_is_a_step_at_the_seam():
    model, rest = mg.models["tonic"], mg.protocols["rest"]
    given = {"g_nmda": [10, 30], "keep_state": True, "method": "rk4", "dt": 0.025}
    first = mg.sweep(model, rest.lasting(300), (), mg_out=1, **given)
    ds = mg.sweep(model, rest.lasting(200), mg.measures["mean_v"], mg_out=0.2, start=first, **given)
    stepped = rest.lasting(500, (300, np.inf)).changing(mg_out=mg.changes.step(0.2, 300))
    once = mg.sweep(model, stepped, mg.measures["mean_v"], mg_out=1, **given)
    for n in ("mean_v", "state_v", "state_m_na"):
        np.testing.assert_allclose(ds[n], once[n], rtol=1e-9)
    changed = rest.lasting(200).changing(mg_out=mg.changes.ramp(0.2, 50, 100))
    later = rest.lasting(500).changing(mg_out=mg.changes.ramp(0.2, 350, 100))
    ds = mg.simulate(model, changed, mg_out=1, record=("mg_out_now", "v"), start=first, **given)
    once = mg.simulate(model, later, mg_out=1, record=("mg_out_now", "v"), **given)
    once = once.sel(time=slice(300, None))
    np.testing.assert_allclose(ds.mg_out_now, once.mg_out_now, atol=1e-12)
    np.testing.assert_allclose(ds.v, once.v, rtol=1e-7)


# ---- which point begins where --------------------------------------------------------------------
DECAY = mg.Component(
    "decay",
    "x",
    "",
    "dx_x/dt = -x_x/tau_x : 1\ndy_x/dt = 0*mV/s : mV",
    parameters=(
        mg.Parameter("tau_x", 10.0, "ms", "time constant", "assumed: for a test", (0.1, 100)),
        mg.Parameter("x_0", 1.0, "1", "start", "assumed: for a test", (-1e3, 1e3)),
    ),
    initial={"x_x": "x_0", "y_x": "10*x_0*mV"},
)
MODEL, STILL = mg.Model("decay", (DECAY,)), mg.Protocol("still", "", 10.0)
LAST = mg.Measure("x_end", "1", "last", every_step="x_end = x_x")


def test_points_are_told_by_the_values_of_their_axes():
    """x = x_0 exp(-t/tau), over two runs: the exponents add, point by point."""
    given = {"x_0": [1.0, 2.0, 3.0], "tau_x": [5.0, 10.0]}
    first = mg.sweep(MODEL, STILL, (), keep_state=True, **given)
    law = np.outer([1, 2, 3], np.exp(-20 / np.array([5.0, 10.0])))
    same = mg.sweep(MODEL, STILL, LAST, start=first, **given)
    np.testing.assert_allclose(same.x_end, law, rtol=1e-8)
    turned = mg.sweep(MODEL, STILL, LAST, start=first, tau_x=[10.0, 5.0], x_0=[3.0, 1.0])
    np.testing.assert_allclose(turned.x_end, law[[2, 0]][:, ::-1].T, rtol=1e-8)
    one = mg.sweep(MODEL, STILL, LAST, start=first, x_0=2, tau_x=5)
    np.testing.assert_allclose(one.x_end, law[1, 0], rtol=1e-8)
    default = mg.sweep(MODEL, STILL, LAST, start=first)  # x_0 1, tau_x 10
    np.testing.assert_allclose(default.x_end, law[0, 1], rtol=1e-8)
    chosen = first.sel(tau_x=5)  # what is chosen tells no points apart, so it may be another now
    spread = mg.sweep(MODEL, STILL, LAST, start=chosen, x_0=[1, 3], tau_x=[2.0, 4.0, 10.0])
    expected = np.outer([1, 3], np.exp(-2 - 10 / np.array([2.0, 4.0, 10.0])))
    np.testing.assert_allclose(spread.x_end, expected, rtol=1e-6)
    zipped = mg.designs.zipped(x_0=[3.0, 1.0], tau_x=[5.0, 10.0])
    listed = mg.sweep(MODEL, STILL, LAST, start=first, design=zipped)
    np.testing.assert_allclose(listed.x_end, [law[2, 0], law[0, 1]], rtol=1e-8)


def test_points_of_a_sample_and_of_arms_find_themselves():
    design = mg.designs.draws(
        8, own=["tau_x"], tau_x=mg.Prior("uniform", (5, 20), "assumed: for a test")
    )
    factor = mg.designs.draws(
        8, block_strength=mg.Prior("uniform", (1, 3), "assumed: for a test", scales={"tau_x": 1})
    )
    for spread in (design, factor):
        given = {"design": spread, "arms": {"one": {}, "two": {"x_0": 2.0}}}
        first = mg.sweep(MODEL, STILL, LAST, keep_state=True, **given)
        second = mg.sweep(MODEL, STILL, LAST, start=first, **given)
        np.testing.assert_allclose(second.x_end, first.x_end**2 / [[1], [2]], rtol=1e-7)
        with pytest.raises(
            AxisError,
            match=r"start has point .*, and this run tau_x 10|start has the axis 'block_strength'",
        ):
            mg.sweep(MODEL, STILL, LAST, start=first, arms=given["arms"])


def test_what_does_not_match_is_named_before_anything_runs():
    first = mg.sweep(MODEL, STILL, (), keep_state=True, x_0=[1.0, 2.0])
    with pytest.raises(AxisError, match=r"start has x_0 1, 2, and this run x_0 3; choose one"):
        mg.sweep(MODEL, STILL, LAST, start=first, x_0=[1.0, 3.0])
    with pytest.raises(AxisError, match="holds no states; run that with keep_state=True"):
        mg.sweep(MODEL, STILL, LAST, start=mg.sweep(MODEL, STILL, LAST))
    with pytest.raises(TypeError, match="start is the result of a run"):
        mg.sweep(MODEL, STILL, LAST, start=3)
    with pytest.raises(AxisError, match="fresh says what does not begin"):
        mg.sweep(MODEL, STILL, LAST, fresh=["x"])
    other = mg.Model("other", (mg.models["tonic"]["neuron"], *mg.models["tonic"].parts[2:]))
    with pytest.raises(AxisError, match=r"start has no value of v, .*; fresh=\['neuron'\]"):
        mg.sweep(mg.models["cell"], mg.protocols["rest"], start=first.sel(x_0=1))
    assert other
    in_volt = mg.Component("d", "x", "", "dx_x/dt = 0*mV/s : mV\ndy_x/dt = 0*mV/s : mV")
    with pytest.raises(UnitError, match="start has 'x_x' in 1; the model has it in mV"):
        mg.sweep(mg.Model("d", (in_volt,)), STILL, start=first.sel(x_0=1))
    with pytest.raises(EngineError, match="does not go on from a state"):
        mg.experiments["block_curves"].run(v=-70, mg_out=1, block="none", start=first.sel(x_0=1))
    labelled = mg.sweep(
        mg.models["cell"],
        mg.protocols["rest"].lasting(5),
        (),
        keep_state=True,
        neuron=["pospischil_2008_rs", "pospischil_2008_fs"],
    )
    ds = mg.sweep(mg.models["cell"], mg.protocols["rest"].lasting(5), start=labelled)
    assert ds.status == 0  # the model's own is one of them
    labelled = labelled.isel(neuron=[1])
    with pytest.raises(AxisError, match="start has neuron pospischil_2008_fs, and this run neuron"):
        mg.sweep(mg.models["cell"], mg.protocols["rest"], start=labelled)


def test_what_the_new_model_has_more_begins_fresh():
    """A block that binds in the scheme takes the place of one that has no states."""
    law = (
        mg.models["standard"].without("ca_pool")
        if "ca_pool" in mg.models["standard"].slots
        else mg.models["standard"]
    )
    settled = mg.sweep(law, mg.protocols["rest"].lasting(50), (), keep_state=True)
    scheme = law.swap(mg.receptors["cleft_pulse"]).swap(mg.receptors["kampa_2004_trapping"])
    with pytest.raises(
        AxisError, match=r"fresh=\['cleft', 'nmda_gating'\]|fresh=\['nmda_gating', 'cleft'\]"
    ):
        mg.sweep(scheme, mg.protocols["rest"], start=settled)
    ds = mg.sweep(
        scheme,
        mg.protocols["rest"].lasting(50),
        mg.measures["mean_v"],
        start=settled,
        fresh=["cleft", "nmda_gating"],
    )
    assert ds.attrs["start"].endswith(
        "; anew: cleft, nmda_gating; not in this model: s_nmda, x_nmda"
    )
    with pytest.raises(AxisError, match="other states of its kinetic scheme are not"):
        mg.sweep(
            scheme,
            mg.protocols["rest"],
            start=mg.sweep(scheme, mg.protocols["rest"].lasting(5), (), keep_state=True),
            fresh="o_nmda",
        )
    with pytest.raises(UnknownName, match="did you mean nmda_gating"):
        mg.sweep(scheme, mg.protocols["rest"], start=settled, fresh=["nmda_gate"])


def test_a_state_of_one_name_and_another_part_is_not_taken_over(tmp_path):
    """``s_nmda`` is over that at the peak in one part, an open fraction in the other."""
    peak = mg.models["standard"].swap(mg.receptors["biexponential"])
    fraction = mg.models["standard"].swap(mg.receptors["dual_exponential"])
    rest = mg.protocols["rest"].lasting(1)
    for out in (None, tmp_path / "a.nc", tmp_path / "folder"):
        first = mg.sweep(peak, rest, (), keep_state=True, **({"out": out} if out else {}))
        assert first.state_s_nmda.attrs["part"] == "biexponential"
        with pytest.raises(
            AxisError,
            match=r"of 'biexponential', .* of 'dual_exponential', .*fresh=\['nmda_gating'\]",
        ):
            mg.sweep(fraction, rest, mg.measures["mean_v"], start=out or first)
    prepare(peak, rest, (), start=first, tau_decay_nmda=80)
    prepare(fraction, rest, (), start=first, fresh="nmda_gating")


def test_states_of_a_stimulus_are_kept_and_go_on():
    """Of every stimulus of the catalog; one that the saved run lacks begins where that is said."""
    having = [
        p for p in mg.protocols.values() if any(e.differential for s in p.stimuli for e in s.lines)
    ]
    assert {p.name for p in having} >= {"noise", "conductance_noise", "pairing", "clamped_pairing"}
    for protocol in having:
        model = mg.models["clamped_synapse" if protocol.name == "clamped_pairing" else "standard"]
        (part,) = protocol.stimuli
        kept = {m.state: m for m in prepare(model, protocol, (), keep_state=True).request.ends}
        assert {kept[e.name].attributes["part"] for e in part.lines if e.differential} == {
            part.name
        }
    run = (mg.models["cell"], mg.protocols["noise"].lasting(10), ())
    first = mg.sweep(*run, keep_state=True)
    prepare(*run, start=first)
    rest = first.drop_vars(["state_x_noise", "state_noise_begun"])
    with pytest.raises(AxisError, match=r"no value of .*x_noise.*; fresh=\['noise'\] lets"):
        prepare(*run, start=rest)
    prepare(*run, start=rest, fresh="noise")


# ---- what is random ------------------------------------------------------------------------------
#: Events at 80 Hz by the seed, vesicles released by chance, and noise and kicks whose times lie on
#: no step.
RANDOM = mg.models["standard"].swap("vesicle_release")
INPUT = (
    mg.protocols["poisson_20hz"].with_values(train_rate=80, train_start=12)
    + mg.protocols["noise"].with_values(noise_step=0.07, noise_sd=30)
    + mg.protocols["kicks"].with_values(kick_every=7, kick_size=1)
).lasting(90, (0, np.inf))


def test_what_is_random_goes_on_as_in_one_run():
    """Times, dice, noise and kicks; pieces end between ticks of the noise, on one, at a kick."""

    def in_pieces(*ends):
        ds, at = None, 0
        for end in ends:
            more = {} if ds is None else {"start": ds}
            here = (INPUT if ds is None else INPUT.with_values(train_start=0)).lasting(end - at)
            ds = mg.sweep(RANDOM, here, (), keep_state=True, n_sites=5, seed=[1, 2], **more)
            at = end
        return ds

    once = in_pieces(90)
    assert (once.state_sent_pre > 3).all()
    for ends in ((42, 90), (35.7, 61, 90)):
        alike(once, in_pieces(*ends))


def scattered(values, duration, rng):
    return rng.uniform(0, duration, 12)


def bare(rate, duration, rng):
    return rng.exponential(1e3 / 80, 40).cumsum()


def test_no_draw_comes_twice():
    """Whatever goes on from what: the same train, another, one after a rest, on another clock."""
    die = mg.Component("die", "die", "", "dx_x/dt = 0/s : 1", on_event={"pre": "x_x = chance"})
    model = mg.Model("die", (die,))
    poisson = mg.protocols["poisson_20hz"].with_values(train_rate=80, train_start=0).lasting(100)
    rest = mg.Protocol("rest", "", 40.0)

    def run(protocol, **given):
        job = prepare(model, protocol, (), keep_state=True, **given)
        (train,) = job.request.batch(job.request.variants[0]).trains.values() or [None]
        ds = mg.sweep(model, protocol, (), keep_state=True, **given)
        return ds, train and train.within(
            (job.request.origin + protocol.duration) * 1e-3, job.request.origin * 1e-3
        )

    def of(times):
        return mg.Protocol("own", "", 100.0, events={"pre": mg.Train((), times)})

    whole_ds, whole = run(poisson.lasting(240))
    first, begun = run(poisson)
    for engine in ("fused", "brian"):
        going = run(poisson.lasting(140), start=first, engine=engine)[0]
        assert going.state_x_x == whole_ds.state_x_x != 0
    paused, _ = run(rest, start=first)
    _, third = run(poisson, start=paused)
    assert third.times.tolist() == [t for t in whole.times if t >= 0.14]
    n = len(begun.times)
    np.testing.assert_array_equal(third.chances, whole.chances[n : n + len(third.times)])
    _, single = run(poisson, start=first, precision="float32")
    expected = [t - 0.1 for t in whole.times if 0.1 <= t < 0.2]
    np.testing.assert_allclose(single.times, expected, atol=1e-12)
    late, settled = poisson.with_values(train_start=40), run(rest)[0]
    np.testing.assert_allclose(
        run(poisson, start=settled)[1].times, run(late.lasting(140))[1].times, atol=1e-12
    )  # nothing was drawn before: the draws are those of a first run
    for before in (poisson, of(scattered)):
        ends, one = run(before)
        for after in (poisson.with_values(train_rate=160), of(scattered), of(bare), poisson):
            second, two = run(after, start=ends)
            _, last = run(after, start=second)
            seen = np.concatenate([x.chances for x in (one, two, last)])
            assert len(np.unique(seen)) == len(seen) > 10
            drawn = [
                set(np.round(np.diff(x.times) * k, 9)) for x in (one, two, last) for k in (1, 2)
            ]
            assert not any(drawn[i] & drawn[j] for i in (0, 1) for j in (2, 3, 4, 5))
    del first.state_x_x.attrs["runs"]  # as saved before trains were counted
    with pytest.raises(AxisError, match="how many 'pre' events had come"):
        prepare(model, poisson, (), start=first)
    prepare(model, rest, (), start=first)


def test_states_of_a_scheme_that_lost_some_are_not_taken_over():
    """Under one name a scheme with a third state, then without: a half of the receptors is left."""

    def scheme(states, there):
        return mg.Component(
            "two", "x", "", "", kinetics=(Scheme(states, there, start="equilibrium"),)
        )

    more = scheme(
        ("a_x", "b_x", "c_x"), (("a_x", "b_x", "1/s", "2/s"), ("b_x", "c_x", "3/s", "1/s"))
    )
    less = scheme(("a_x", "b_x"), (("a_x", "b_x", "1/s", "2/s"),))
    first = mg.sweep(mg.Model("m", (more,)), STILL, (), keep_state=True)
    assert float(first.state_c_x) == pytest.approx(0.5)  # at rest 2:1:3
    with pytest.raises(AxisError, match=r"a_x, b_x of the .* of 'two' with a sum of 0\.5.*\['x'\]"):
        prepare(mg.Model("m", (less,)), STILL, (), start=first)
    prepare(mg.Model("m", (less,)), STILL, (), start=first, fresh="x")
    prepare(mg.Model("m", (more,)), STILL, (), start=first)
    blocked = mg.models["kinetic"].swap(mg.receptors["vargas_robinson_2004_corrected"])
    saved = mg.sweep(blocked, mg.protocols["rest"].lasting(1), (), keep_state=True)
    with pytest.raises(AxisError, match=r"vargas_robinson.* of 'lester_jahr_1992'"):
        prepare(mg.models["kinetic"], mg.protocols["rest"], (), start=saved)


def test_a_point_that_failed_has_no_end():
    first = mg.sweep(MODEL, STILL, (), keep_state=True, x_0=[1.0, 2.0])
    first.state_x_x[0] = np.nan
    with pytest.warns(FailedPointsWarning):
        ds = mg.sweep(MODEL, STILL, LAST, start=first, x_0=[1.0, 2.0])
    assert ds.status.values.tolist() == [1, 0]
    assert ds.failed_at.values[0] == 0
    np.testing.assert_allclose(ds.x_end[1], 2 * np.exp(-2), rtol=1e-8)


def test_a_threshold_from_a_settled_cell():
    cell, step = mg.models["cell"], mg.protocols["current_step"].lasting(100, (0, np.inf))
    step = step.with_values(step_start=10, step_stop=90)
    settled = mg.sweep(cell, mg.protocols["current"].lasting(200), (), keep_state=True, i_hold=300)
    how = {"axis": "i_amp", "measure": "spike_count", "level": 1, "between": (0, 2000), "to": 5}
    warm = mg.threshold(cell, step, start=settled.drop_vars("i_hold"), **how)
    cold = mg.threshold(cell, step, **how)
    assert float(warm.i_amp_threshold) != float(cold.i_amp_threshold)
    with pytest.raises(AxisError, match="no end to keep"):
        mg.threshold(cell, step, keep_state=True, **how)


def test_sweep_files_the_command_line_and_experiments_say_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = 'model = "tonic"\nprotocol = "rest"\nduration = 20\nmeasures = ["mean_v"]\n'
    (tmp_path / "a.toml").write_text(text + "keep_state = true\n[axes]\nmg_out = [0, 1]\n")
    (tmp_path / "b.toml").write_text(text + 'start = "settled"\n[axes]\nmg_out = [0, 1]\n')
    assert cli.main(["sweep", "run", "a.toml", "--out", "settled"]) == 0
    assert cli.main(["sweep", "run", "b.toml", "--out", "b"]) == 0
    assert cli.main(["sweep", "run", "b.toml", "--out", "b"]) == 0  # complete: it is opened
    rest = mg.protocols["rest"].lasting(20)
    first = mg.sweep(
        mg.models["tonic"], rest, mg.measures["mean_v"], keep_state=True, mg_out=[0, 1]
    )
    second = mg.sweep(mg.models["tonic"], rest, mg.measures["mean_v"], start=first, mg_out=[0, 1])
    assert mg.open_sweep("b").mean_v.identical(second.mean_v)
    mean = [mg.measures["mean_v"]]
    job = prepare(mg.models["tonic"], rest, mean, start=first, fresh="neuron", mg_out=[0, 1])
    (tmp_path / "c.toml").write_text(
        text + 'start = "settled"\nfresh = ["neuron"]\n[axes]\nmg_out = [0, 1]\n'
    )
    assert describe(sweep_file.read(tmp_path / "c.toml")) == describe(job)
    (tmp_path / "d.toml").write_text(text + "[axes]\nmg_out = [0, 1]\n")
    found = sweep_file.read(tmp_path / "d.toml", start="settled", fresh=("neuron",))
    assert describe(found) == describe(job)
    run = ["simulate", "tonic", "--protocol", "rest", "--duration", "20", "--axis", "mg_out=0,1"]
    assert (
        cli.main([*run, "--dt", "0.1", "--start", "settled", "--keep-state", "--out", "c.nc"]) == 0
    )
    with xr.open_dataset("c.nc", engine="h5netcdf") as ds:
        both = mg.sweep(mg.models["tonic"], rest.lasting(40), (), keep_state=True, mg_out=[0, 1])
        # A kernel that records is another, in which a compiler fuses other products and sums.
        np.testing.assert_allclose(ds.state_v, both.state_v, rtol=1e-13)
    assert cli.main(["sweep", "verify", "b"]) == 0
    other = mg.sweep(mg.models["tonic"], rest.lasting(30), (), keep_state=True, mg_out=[0, 1])
    with pytest.raises(ValueError, match="start is"):
        mg.sweep(
            mg.models["tonic"], rest, mg.measures["mean_v"], start=other, mg_out=[0, 1], out="b"
        )
    job = mg.experiments["mg_response"].job(keep_state=True, mg_out=[0.0, 1.0])
    assert [m.name for m in job.measures if m.name.startswith("state_")]


def test_what_one_axis_value_lacks_is_asked_for():
    """Of parts on an axis each has states of its own; a start chosen there lacks the others."""
    model = mg.models["kinetic_synapse"]
    both = ["kampa_2004_trapping", "ascher_nowak_kinetic"]
    run = (model, "clamped_release", "mean_i_nmda")
    ends = mg.sweep(*run, nmda_gating=both, keep_state=True, dt=0.1).sel(nmda_gating=both[0])
    on = {"start": ends, "dt": 0.1}
    assert np.isfinite(mg.sweep(*run, nmda_gating=both[0], **on).mean_i_nmda)
    with pytest.raises(AxisError, match="of 'ascher_nowak_kinetic' at the points"):
        mg.sweep(*run, nmda_gating=both[1], **on)
    fresh = mg.sweep(*run, nmda_gating=both[1], fresh=["nmda_gating"], **on)
    assert np.isfinite(fresh.mean_i_nmda)
