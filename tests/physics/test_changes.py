"""Parameters that change while a model runs, and protocols done together."""

import numpy as np
import pytest
from running import FUSED, batch
from scipy.integrate import solve_ivp

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare import changes
from mgsim.declare.parameter import PartError
from mgsim.engines.contract import Options
from mgsim.sweeps.resolving.run_warnings import MissedStimulusWarning
from mgsim.units import UnitError

pytestmark = pytest.mark.usefixtures("unoptimised")

#: A leak alone, C dv/dt = -g (v - e), whose reversal potential changes.
LEAK = mg.Component(
    "leaky",
    "neuron",
    "a leak",
    "dv/dt = -g_lk*(v - e_lk)/c_lk : mV",
    parameters=(
        mg.Parameter("g_lk", 1.0, "nS", "leak", "assumed: for a test", (0, 10)),
        mg.Parameter("c_lk", 20.0, "pF", "capacitance", "assumed: for a test", (1, 100)),
        mg.Parameter("e_lk", -70.0, "mV", "reversal", "assumed: for a test", (-100, 0)),
    ),
    initial={"v": "e_lk"},
)
CELL = mg.Model("leaky", (LEAK,))
REST = mg.Protocol("still", "", 200.0)
T, V = [30.0, 50.0, 80.0, 120.0], [-70.0, -40.0, -60.0, -30.0]
#: Each change with its value at t (ms), written apart from its text.
WAYS = {
    "step": (changes.step(-40, 50, 90), lambda t: -40.0 if 50 <= t < 90 else -70.0),
    "ramp": (changes.ramp(-40, 50, 30), lambda t: -70 + 30 * min(max((t - 50) / 30, 0), 1)),
    "ramp and back": (
        changes.ramp(-40, 50, 30, 90),
        lambda t: -70 + 30 * (min(max((t - 50) / 30, 0), 1) - min(max((t - 90) / 30, 0), 1)),
    ),
    "wash": (
        changes.wash("-40 mV", 50, "20 ms", 100),
        lambda t: (
            -70
            + 30
            * (0 if t < 50 else 1 - np.exp(-(min(t, 100) - 50) / 20))
            * (np.exp(-(t - 100) / 20) if t > 100 else 1)
        ),
    ),
    "steps": (
        changes.steps(T, V, "mV"),
        lambda t: -70.0 if t < T[0] else V[np.searchsorted(T, t, side="right") - 1],
    ),
    "course": (changes.course(T, V, "mV"), lambda t: float(np.interp(t, T, V, left=-70))),
}
KNOTS = [30, 50, 80, 90, 100, 120]


@pytest.mark.parametrize("engine", ["fused", "brian"])
@pytest.mark.parametrize("way", WAYS)
def test_a_change_equals_solve_ivp(way, engine):
    """Piece by piece between the knots, so that the solver meets no corner."""
    change, value = WAYS[way]
    t, v = [0.0], [-70.0]
    for a, b in zip([0, *KNOTS], [*KNOTS, 200], strict=True):
        piece = solve_ivp(
            lambda t, y, b=b: -(y - value(min(t, b - 1e-9))) / 20,
            (a, b),
            [v[-1]],
            rtol=1e-11,
            atol=1e-11,
            dense_output=True,
        )
        inside = np.arange(a, b, 0.5)[1:]
        t, v = [*t, *inside, b], [*v, *piece.sol(inside)[0], piece.y[0, -1]]
    ds = mg.simulate(
        CELL, REST.changing(e_lk=change), record=("v", "e_lk_now"), engine=engine, dt=0.1
    )
    np.testing.assert_allclose(ds.v.sel(time=t, method="nearest"), v, atol=2e-6)
    at = [10.0, 40.0, 60.0, 85.0, 95.0, 110.0, 150.0]
    np.testing.assert_allclose(
        ds.e_lk_now.sel(time=at, method="nearest"), [value(x) for x in at], rtol=1e-12
    )


def test_both_values_and_the_times_are_axes():
    washed = REST.changing(e_lk=changes.wash(-40, 50, 20))
    end = mg.Measure("v_end", "mV", "last potential", every_step="v_end = v")
    ds = mg.sweep(CELL, washed, end, e_lk=[-80, -70], e_lk_after=[-50, -40], e_lk_tau=[1, 5])
    assert ds.v_end.dims == ("e_lk", "e_lk_after", "e_lk_tau")
    assert (ds.e_lk_after.units, ds.e_lk_tau.units) == ("mV", "ms")
    shift = ds.v_end.sel(e_lk_after=-40) - ds.v_end.sel(e_lk_after=-50)
    np.testing.assert_allclose(shift.sel(e_lk_tau=1), 10 * (1 - np.exp(-7.5)), rtol=0.01)
    once = mg.sweep(CELL, washed.with_values(e_lk_after=-50, e_lk_tau=5), end, e_lk=-80)
    assert float(once.v_end) == float(ds.v_end[0, 0, 1])


def test_a_run_in_which_nothing_changes_is_the_run_of_before():
    """A change to the value that is there moves no bit, and no change emits no text."""
    model, train = mg.models["standard"], mg.protocols["train_20hz"].lasting(200)
    plain = mg.sweep(model, train, g_nmda=[3, 6])
    idle = mg.sweep(model, train.changing(g_ampa=changes.step(9, 500)), g_nmda=[3, 6])
    for name in plain.data_vars:
        np.testing.assert_array_equal(plain[name], idle[name])


def test_rates_of_a_scheme_follow_a_change():
    """Magnesium binds in the scheme; the protocol of a magnesium step is a part of its own."""
    standard = mg.models["standard"]
    model = standard.swap(mg.receptors["cleft_pulse"]).swap(mg.receptors["kampa_2004_trapping"])
    train = mg.protocols["train_20hz"].lasting(300)
    part = mg.protocols["mg_step"].with_values(mg_before=1, mg_after=0, mg_start=120, glu_tonic=0)
    stepped = mg.simulate(model, train + part.lasting(300), record=("v",))
    changed = mg.simulate(model, train.changing(mg_out=changes.step(0, 120)), mg_out=1)
    np.testing.assert_allclose(changed.v, stepped.v, atol=1e-9)
    listed = mg.simulate(model, train.changing(mg_out=changes.steps([120], [0])), mg_out=1)
    np.testing.assert_allclose(listed.v, stepped.v, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "train_rate",
            changes.step(1, 1),
            "from which the times of 'pre' are drawn before the run",
        ),
        ("block", changes.step(1, 1), r"a part \('jahr_stevens_1990'\), which stays through a run"),
        ("e_ampa_start", changes.step(1, 1), "which says when something else changes"),
        ("n_sites", changes.ramp(5, 1, 1), "'n_sites' counts something and stays whole"),
        ("r_ready_0", changes.step(1, 1), "only start values read"),
    ],
)
def test_what_is_settled_before_a_run_is_refused_by_its_name(name, change, words):
    model = mg.models["standard"].swap(mg.mechanisms["vesicle_release"])
    if name == "r_ready_0":
        part = mg.Component(
            "begun",
            "begun",
            "",
            "dr_r/dt = 0/s : 1",
            initial={"r_r": "r_ready_0"},
            parameters=(
                mg.Parameter("r_ready_0", 1.0, "1", "start", "assumed: for a test", (0, 9)),
            ),
        )
        model = model.swap(part)
    train = mg.protocols["train_20hz"].lasting(100).changing(e_ampa=changes.step(1, 1))
    with pytest.raises(PartError, match=words):
        mg.simulate(model, train.changing(**{name: change}), record=("v",))


def test_temperature_may_change():
    """Rates follow it: a closed form of a scheme's decay, exp(-t/tau) with tau by its Q10."""
    part = mg.Component(
        "warm",
        "warm",
        "",
        "warmth = q**((celsius - 25*degC)/(10*degC)) : 1\ndr_r/dt = -r_r*warmth/ms : 1",
        initial={"r_r": "1"},
        parameters=(mg.Parameter("q", 3.0, "1", "Q10", "assumed: for a test", (1, 9)),),
        ports=(),
    )
    ds = mg.simulate(
        mg.Model("warm", (part,)),
        mg.Protocol("still", "", 4.0).changing(celsius=changes.step(35, 2)),
        record=("r_r",),
        celsius=25,
    )
    assert float(ds.r_r[-1]) == pytest.approx(np.exp(-2 - 2 * 3), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("e_lq", changes.step(1, 1), "e_lk"),
        ("v", changes.step(1, 1), "computes while the model runs"),
    ],
)
def test_what_cannot_change_is_refused_with_the_nearest(name, change, words):
    with pytest.raises((UnknownName, PartError), match=words):
        mg.simulate(CELL, REST.changing(**{name: change}), record=("v",))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: changes.steps([1, 2], [3]), "as many times as values"),
        (lambda: changes.course([2, 1], [3, 4]), "must rise"),
        (lambda: changes.course([0, np.nan], [3, 4]), "finite"),
        (lambda: changes.course([0, 1], [3, 4], then="stop"), "no end of a recording 'stop'"),
        (lambda: changes.recorded("nowhere.csv"), "there is no file"),
        (lambda: changes.recorded("nowhere.abf"), ".csv, .txt or .npy"),
        (lambda: REST.changing(e_lk=-40), "no Change"),
        (
            lambda: REST.changing(e_lk=changes.step(1, 1)).changing(e_lk=changes.step(1, 1)),
            "already",
        ),
    ],
)
def test_bad_changes_are_refused(make, words):
    with pytest.raises((PartError, TypeError, UnknownName), match=words):
        make()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"e_lk_start": -30}, "e_lk_start .*cannot be negative"),
        ({"e_lk_stop": [100, 40]}, "start at 50 ms and stop at 40 ms"),
        ({"e_lk_start": [0, 90]}, "start at 90 ms and stop at 90 ms"),
    ],
)
def test_times_of_a_run_are_in_their_order_too(given, words):
    """The values of a run may come after the change is written: axes, draws, what is set."""
    changed = REST.changing(e_lk=changes.step(-40, 50, 90))
    with pytest.raises((PartError, UnitError), match=words):
        mg.sweep(CELL, changed, "mean_v", **given)
    step = mg.protocols["current_step"]
    with pytest.raises(PartError, match="start at 500 ms and stop at 100 ms"):
        mg.simulate("standard", step, record=("v",), step_start=500, step_stop=100)


# ---- recordings ----------------------------------------------------------------------------------
def exact(t, at, v, tau=20.0):
    """dv/dt = (r(t) - v)/tau in closed form at each t, r linear between its points."""
    r = np.interp(t, at, v)
    slope = np.diff(r) / np.diff(t)
    found = [v[0]]
    for h, a, k in zip(np.diff(t), r, slope, strict=False):
        end = a + k * (h - tau)  # what is left when the exponential is gone
        found.append(end + (found[-1] - (a - k * tau)) * np.exp(-h / tau))
    return np.array(found)


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_a_recording_of_any_length_equals_the_closed_form(engine):
    """Points between the steps, on them and beyond the end; a corner costs no order."""
    rng = np.random.default_rng(1)
    n = 100_000 if engine == "fused" else 1000
    at = np.cumsum(rng.choice([0.01, 0.025, 0.04], n)) * (1.0 if engine == "fused" else 8.0)
    at -= at[0]
    v = -60 + np.cumsum(rng.normal(0, 0.2, n))
    changed = REST.changing(e_lk=changes.course(at, v, "mV"))
    ds = mg.simulate(CELL, changed, record=("v", "e_lk_now"), engine=engine, dt=0.1, every=20)
    t = np.unique(np.concatenate([[0.0, 200.0], at[at < 200], ds.time.values]))
    expected = exact(t, at, v)[np.searchsorted(t, ds.time.values)]
    np.testing.assert_allclose(ds.v, expected, atol=2e-9)
    np.testing.assert_allclose(ds.e_lk_now[1:], np.interp(ds.time, at, v)[1:], rtol=1e-11)


def test_a_recording_is_late_ends_and_is_one_for_all_points():
    at, v = [0.0, 20.0, 60.0], [-50.0, -30.0, -40.0]
    how = {"record": ("e_lk_now",), "e_lk_start": [0, 33.3, 100], "e_lk": [-70, -65]}
    held = mg.simulate(CELL, REST.changing(e_lk=changes.course(at, v, "mV")), **how).e_lk_now
    back = mg.simulate(
        CELL, REST.changing(e_lk=changes.course(at, v, "mV", then="back")), **how
    ).e_lk_now
    for start in how["e_lk_start"]:
        for before in how["e_lk"]:
            here = {"e_lk_start": start, "e_lk": before}
            t = held.time.values - start
            np.testing.assert_allclose(
                held.sel(here), np.where(t < 0, before, np.interp(t, at, v)), rtol=1e-11
            )
            ended = np.where((t < 0) | (t >= 60), before, np.interp(t, at, v))
            inside = abs(t - 60) > 1e-9
            np.testing.assert_allclose(back.sel(here)[inside], ended[inside], rtol=1e-11)
    words = mg.simulate(CELL, REST.changing(e_lk=changes.course(at, v, "mV")), record=("v",))
    assert "-40 mV at 60 ms; its last value after that" in words.attrs["changes"]


def test_a_recording_after_the_end_of_the_run_is_told():
    late = REST.changing(e_lk=changes.course([300, 400], [-60, -50], "mV"))
    with pytest.warns(MissedStimulusWarning, match="the recording of e_lk lies outside"):
        mg.simulate(CELL, late, record=("v",))


def test_a_recording_in_pieces_is_that_in_one():
    t = np.arange(0, 200, 0.07)
    wave = REST.changing(e_lk=changes.course(t, -60 + 10 * np.sin(t), "mV"))
    given = (*batch(CELL, wave), Options(1e-4, 0.2, record=("v",)))
    run = FUSED.start(*given)
    for step in (1, 500, 501, 2000):
        run = FUSED.start(*given, run.state())
        run.to(step)
    np.testing.assert_array_equal(run.outcome().traces["v"], FUSED.run(*given).traces["v"])


def test_a_recording_from_a_file(tmp_path):
    t = np.arange(100) * 0.05
    v = np.round(-70 + 30 * np.sin(t), 4)
    (tmp_path / "a.csv").write_text(
        "t [s], v [V]\n"
        + "".join(f"{float(x) / 1e3!r}, {float(y) / 1e3!r}\n" for x, y in zip(t, v, strict=True))
    )
    (tmp_path / "b.txt").write_text("# a recording\n" + "".join(f"{y!r}\n" for y in v.tolist()))
    np.save(tmp_path / "c.npy", np.column_stack([t, v]))
    np.save(tmp_path / "d.npy", v)
    expected = changes.course(t, v, "mV").recording.pieces("mV")
    for made in (
        changes.recorded(tmp_path / "a.csv"),
        changes.recorded(tmp_path / "b.txt", "mV", every="50 us"),
        changes.recorded(tmp_path / "c.npy", "mV"),
        changes.read("recorded(d.npy, every=0.05 ms)", lambda name: tmp_path / name),
    ):
        np.testing.assert_allclose(made.recording.pieces("mV"), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("apart", [0.05, 0.3, 1.0, 2.0])
def test_samples_of_a_recording_are_as_far_apart_as_is_said(tmp_path, apart):
    """Of a millisecond's parts, of no whole number of those, and of more than one."""
    np.save(tmp_path / "v.npy", np.arange(5.0))
    made = changes.recorded(tmp_path / "v.npy", "mV", every=f"{apart} ms")
    told = changes.course(apart * np.arange(5), np.arange(5.0), "mV")
    np.testing.assert_allclose(
        made.recording.pieces("mV"), told.recording.pieces("mV"), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"t, v\n0, 1\n1, x\n", "line 3: 'x' in column v is not a number"),
        ("a.csv", b"0, 1\n1, 2\n", "names in its first line"),
        ("a.csv", b"t [mV], v\n0, 1\n1, 2\n", "first column is of times, not in mV"),
        ("a.csv", b"t, v, w\n0, 1, 2\n1, 2, 3\n", "3 columns"),
        ("a.txt", b"1\n2\nthree\n", "line 3: 'three' is no row of numbers"),
        ("a.txt", b"1\n2\n", "every='0.05 ms'"),
        ("a.txt", b"0 1\n0 2\n", "must rise"),
        ("a.npy", b"no array", "is no array of numbers"),
        ("a.npy", np.array([{}], dtype=object), "is no array of numbers"),
        ("a.npy", np.zeros((2, 3)), "has the shape"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(name, content, words, tmp_path):
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    else:
        np.save(tmp_path / name, content, allow_pickle=True)
    with pytest.raises(PartError, match=words):
        changes.recorded(tmp_path / name)


# ---- protocols together --------------------------------------------------------------------------
def test_together_is_the_sum_for_a_linear_cell():
    """Superposition: a passive cell answers two currents with the sum of both answers."""
    step = mg.protocols["current_step"].with_values(i_amp=20, step_start=20, step_stop=60)
    pulse = mg.Component(
        "late",
        "stimulus",
        "a later step",
        "i_late = -30*pA*int(t > 80*ms) : pA",
        currents={"i_late": "k"},
    )
    cell = mg.Model(
        "c",
        (
            mg.Component(
                "passive",
                "neuron",
                "",
                "dv/dt = -i_membrane/c_lk : mV\ni_lk = g_lk*(v - e_lk) : pA",
                currents={"i_lk": ""},
                parameters=LEAK.parameters,
                initial={"v": "e_lk"},
            ),
        ),
    )
    step, late = step.lasting(150, (0, np.inf)), mg.Protocol("late", "", 150.0, (pulse,))
    runs = [mg.simulate(cell, p, record=("v",)).v + 70 for p in (step, late, step + late)]
    np.testing.assert_allclose(runs[2], runs[0] + runs[1], atol=1e-9)


def test_what_two_protocols_both_do_is_refused():
    step, train = mg.protocols["current_step"], mg.protocols["train_20hz"]
    with pytest.raises(PartError, match="both have events 'pre'"):
        train + mg.protocols["single_pulse"]
    with pytest.raises(PartError, match=r"'i_amp' .* twice"):
        step + step
    with pytest.raises(PartError, match=r"'glu_tonic' .* twice"):
        mg.protocols["mg_step"] + mg.protocols["tonic_glutamate"]


def test_together_lasts_as_long_as_both_and_measures_as_the_first():
    both = mg.protocols["train_20hz"] + mg.protocols["mg_step"]
    assert both.duration == 3000
    assert both.measured() == (50.0, 3000.0)
    assert (mg.protocols["mg_step"] + mg.protocols["train_20hz"]).measured() == (1000.0, 3000.0)


def test_plain_times_are_a_train():
    listed = mg.Protocol("mine", "", 200.0, events={"pre": np.array([120, 100, 110])})
    regular = mg.protocols["train_20hz"].with_values(
        train_rate=100, train_start=100, train_stop=125
    )
    model = mg.models["standard"]
    one = mg.simulate(model, listed, record=("v",))
    other = mg.simulate(model, regular.lasting(200), record=("v",))
    np.testing.assert_array_equal(one.v, other.v)
    for bad in ([-1.0], [np.nan], "soon", 5, [[1, 2]]):
        with pytest.raises(PartError, match="list of times in ms"):
            mg.Protocol("mine", "", 200.0, events={"pre": bad})
