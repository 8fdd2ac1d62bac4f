"""What states exchange: charge through the neck of a spine, calcium between two volumes.

Expected are the exponential of the matrix where all is linear, scipy's solve_ivp (Radau or DOP853,
tolerances far below what is asked) where it is not, closed forms, and the law that nothing is lost.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import BRIAN, FUSED, batch, run
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import mgsim as mg
from mgsim.declare.component import Component, PartError
from mgsim.declare.ports import Port
from mgsim.engines.contract import OK, Batch, EngineError, Options, Trains
from mgsim.engines.updates import stepping
from mgsim.equations import expressions
from mgsim.equations.expressions import EquationError

ENGINES = pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])


def parameter(name, value, unit, low=0.0):
    return mg.Parameter(name, value, unit, name, "assumed: for a test", (low, 1e12))


V_SPINE = Port("v_spine", "mV", "potential of the spine")
DENDRITE = Component(
    "dendrite",
    "neuron",
    "",
    "dv/dt = g_dend*(e_dend - v)/c_dend : mV",
    parameters=(
        parameter("c_dend", 100, "pF"),
        parameter("g_dend", 5, "nS"),
        parameter("e_dend", -70, "mV", -100),
    ),
    initial={"v": "e_dend"},
    capacity={"v": "c_dend"},
)
SPINE = Component(
    "spine",
    "spine",
    "a head of 1 um2, and a synapse on it",
    """
dv_spine/dt = -g_syn*s_x*v_spine/c_spine : mV
ds_x/dt = (x_x - s_x)/(0.5*ms) : 1
dx_x/dt = -x_x/(2*ms) : 1
""",
    parameters=(parameter("c_spine", 0.01, "pF"), parameter("g_syn", 1, "nS")),
    initial={"v_spine": "-70*mV"},
    capacity={"v_spine": "c_spine"},
    ports=(V_SPINE,),
    on_event={"pre": "x_x += 1"},
)
NECK = Component(
    "neck",
    "neck",
    "",
    exchange=(("v", "v_spine", "1/r_neck", "1/r_neck"),),
    parameters=(parameter("r_neck", 200, "Mohm"),),
    ports=(V_SPINE,),
)
MODEL = mg.Model("spine", (DENDRITE, SPINE, NECK))
_PASSIVE = Component(
    "passive",
    "spine",
    "a spine whose potential nothing moves but its neck",
    "dv_spine/dt = 0*mV/s : mV",
    parameters=(parameter("c_spine", 1.0, "pF"),),
    initial={"v_spine": "-70*mV"},
    capacity={"v_spine": "c_spine"},
    ports=(V_SPINE,),
)
CLAMPED = mg.Model("clamped", (mg.neurons["clamped"], _PASSIVE, NECK))
ARRIVALS = np.array([1.0, 1.03, 7.777]) * 1e-3


#: A conductance that is there at once, and what is seen of it.
STEADY = replace(
    SPINE,
    equations="dv_spine/dt = -g_syn*s_x*v_spine/c_spine : mV\nds_x/dt = 0/ms : 1",
    on_event={"pre": "s_x += 1"},
)
PEAK = mg.Measure("peak_v_spine", "mV", "the spine's highest potential", peak="v_spine")
RESISTANCES, OPENED = (100.0, 150.0, 200.0, 300.0, 500.0, 1000.0), 4.0


def assert_peaks(peaks, until):
    """They are the largest values of the exponential of the matrix, from the jump on (mV, ms)."""
    for r, found in zip(RESISTANCES, peaks, strict=True):
        q = 1e3 / r  # nS; pF and ms
        rates = np.array([[-(5 + q) / 100, q / 100], [q / 0.01, -(OPENED + q) / 0.01]])
        ends = np.linalg.solve(rates, [5 * 70 / 100, 0])
        exact = [(expm(rates * t) @ (-70 - ends) + ends)[1] for t in np.linspace(0, until, 400)]
        assert found == pytest.approx(max(exact), abs=0.005 * (max(exact) + 70))


def necks(resistances=(50.0, 200.0, 500.0), conductances=(0.1, 1.0)):
    rows = [{"r_neck": r, "g_syn": g} for r in resistances for g in conductances]
    system, points = batch(MODEL, mg.protocols["train_20hz"].lasting(20), (), rows)
    train = Trains(ARRIVALS, np.array([0, 3]), np.zeros(len(rows), dtype=np.int64))
    return system, Batch(len(rows), points.columns, {"pre": train})


def exact(r_neck, g_syn, times):
    """Both potentials (V) at times (s), between the events by Radau's method."""

    def slope(t, y):
        v, spine, s, x = y
        flow = (spine - v) / (r_neck * 1e6)
        return [
            (5e-9 * (-0.07 - v) + flow) / 1e-10,
            (-g_syn * 1e-9 * s * spine - flow) / 1e-14,
            (x - s) / 5e-4,
            -x / 2e-3,
        ]

    y, begin, found = np.array([-0.07, -0.07, 0, 0]), 0.0, []
    for end in (*ARRIVALS, times[-1]):
        here = times[(times >= begin) & (times < end)]
        done = solve_ivp(
            slope, (begin, end), y, "Radau", np.append(here, end), rtol=1e-10, atol=1e-13
        )
        found.append(done.y[:2, : len(here)])
        y, begin = done.y[:, -1] + [0, 0, 0, 1], end
    return np.concatenate([*found, done.y[:2, -1:]], axis=1)


@pytest.fixture(scope="module")
def truth():
    times = np.arange(201) * 1e-4
    return np.array([exact(r, g, times) for r in (50, 200, 500) for g in (0.1, 1.0)])


@pytest.mark.parametrize("dt", [0.1, 0.025])
@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_spine_behind_its_neck(truth, dt, engine):
    """Time constants of 0.5 to 5 us, at both default steps: within 0.1 mV of up to 30 mV.

    The dendrite, which is slow, within 1 uV.
    """
    system, points = necks()
    options = Options(dt * 1e-3, 0.02, record=("v", "v_spine"), every=round(0.1 / dt))
    out = engine.run(system, points, options)
    assert out.status.tolist() == [OK] * 6
    assert truth[:, 1].max() > -0.045
    assert np.abs(out.traces["v"] - truth[:, 0]).max() < 1e-6
    assert np.abs(out.traces["v_spine"] - truth[:, 1]).max() < 1e-4


@ENGINES
@pytest.mark.parametrize(("method", "dt"), [("rk4_local", 0.1), ("rk4", 0.025)])
def test_a_peak_is_not_seen_beyond_what_a_jump_leads_to(engine, method, dt):
    """A conductance jumps; the spine follows within 1 to 5 us, and a peak sees its every step.

    Expected is the largest value of the exponential of the matrix, from the jump to 40 us later.
    """
    rows = [{"r_neck": r, "g_syn": OPENED} for r in RESISTANCES]
    model = mg.Model("spine", (DENDRITE, STEADY, NECK))
    protocol = mg.protocols["train_20hz"].lasting(1.17, (1.0, 1.17))
    system, points = batch(model, protocol, (PEAK,), rows)
    train = Trains(np.array([1.13e-3]), np.array([0, 1]), np.zeros(len(rows), dtype=np.int64))
    points = Batch(len(rows), points.columns, {"pre": train})
    out = engine.run(system, points, Options(dt * 1e-3, 1.17e-3, method))
    assert_peaks(out.measures["peak_v_spine"] * 1e3, 0.04)


@ENGINES
@pytest.mark.parametrize(("method", "dt"), [("rk4_local", 0.1), ("rk4", 0.025)])
def test_other_values_of_a_run_that_goes_on_are_a_jump(engine, method, dt):
    """The same conductance opens between two runs, by ``start`` or from the state of an engine."""
    open_now = replace(STEADY, on_event={}, initial={"v_spine": "-70*mV", "s_x": "1"})
    model, still = mg.Model("spine", (DENDRITE, open_now, NECK)), mg.Protocol("still", "", 0.1)
    given = {"engine": engine.name, "method": method, "dt": dt, "r_neck": RESISTANCES}
    settled = mg.sweep(model, still, (), g_syn=0, keep_state=True, **given)
    found = mg.sweep(model, still, PEAK, g_syn=OPENED, start=settled, **given)
    assert_peaks(found.peak_v_spine.values, 0.1)
    shut, opened = ([{"r_neck": r, "g_syn": g} for r in RESISTANCES] for g in (0, OPENED))
    options = Options(dt * 1e-3, 2e-4, method)
    system, points = batch(model, still.lasting(0.2), (PEAK,), shut)
    run = engine.start(system, points, options)
    run.to(round(0.1 / dt))
    _, points = batch(model, still.lasting(0.2), (PEAK,), opened)
    run = engine.start(system, points, options, run.state())
    run.to(options.n_steps)
    assert_peaks(run.outcome().measures["peak_v_spine"] * 1e3, 0.1)


def test_a_seam_at_which_nothing_changes_is_no_jump():
    """Amid what a release brings, a run in two by ``start`` is the run in one to the bit."""
    train = mg.protocols["single_pulse"].with_values(train_start=1.0)
    given = {"keep_state": True, "dt": 0.1, "r_neck": RESISTANCES}
    first = mg.sweep(MODEL, train.lasting(3), (), **given)
    once = mg.sweep(MODEL, train.lasting(6, (3, 6)), PEAK, **given)
    later = train.with_values(train_start=10.0).lasting(3, (0, 3))
    twice = mg.sweep(MODEL, later, PEAK, start=first, **given)
    for name in ("peak_v_spine", "state_v", "state_v_spine", "state_slope_v_spine"):
        assert twice[name].values.tobytes() == once[name].values.tobytes()


@ENGINES
@pytest.mark.parametrize("method", ["rk4", "rk4_local"])
def test_a_jump_late_on_the_clock_is_passed(engine, method):
    """Ten minutes or a day leave no digit below a picosecond; the spine does as at the start."""
    found = []
    for start in (0.0, 600.0, 86400.0):
        system, points = necks((200.0,), (1.0,))
        at = Trains(np.array([start + 1.0101e-3]), np.array([0, 1]), np.zeros(1, dtype=np.int64))
        options = Options(2.5e-5, start + 2e-3, method, start=start)
        found.append(engine.run(system, replace(points, trains={"pre": at}), options))
    for late in found[1:]:
        for name in ("v", "v_spine"):
            assert late.states[name] == pytest.approx(found[0].states[name], rel=1e-6)


def test_a_conductance_that_opens_far_beyond_the_neck_is_stable():
    """20 nS on a spine behind 500 MOhm: 2 us by itself, ten times as fast as its neck."""
    system, points = necks((500.0,), (20.0,))
    times = np.arange(201) * 1e-4
    expected = exact(500, 20, times)
    for dt in (0.1, 0.025):
        for method in ("rk4_local", "rk4"):
            options = Options(
                dt * 1e-3, 0.02, method, record=("v", "v_spine"), every=round(0.1 / dt)
            )
            out = FUSED.run(system, points, options)
            assert np.abs(out.traces["v"][0] - expected[0]).max() < 1e-4
            assert np.abs(out.traces["v_spine"][0] - expected[1])[150:].max() < 1e-3


def smooth(engine, method, dt, r_neck):
    """How far two compartments with leaks, one driven by a wave, are off the known answer.

    As a share of how far they move.
    """
    spine = Component(
        "spine",
        "spine",
        "",
        "dv_spine/dt = (g_spine*(-60*mV - v_spine) + i_wave)/c_spine : mV\n"
        "i_wave = 2*pA*sin(t/ms) : pA",
        parameters=(parameter("c_spine", 0.01, "pF"), parameter("g_spine", 0.02, "nS")),
        initial={"v_spine": "-70*mV"},
        capacity={"v_spine": "c_spine"},
        ports=(V_SPINE,),
    )
    model = mg.Model("linear", (DENDRITE, spine, NECK))
    out = run(
        engine,
        model,
        mg.Protocol("p", "", 8.0),
        (),
        [{"r_neck": r_neck, "c_dend": 1.0}],
        dt=dt,
        method=method,
        record=("v", "v_spine"),
        every=round(0.4 / dt),
    )
    g, cs, cd, w = 1e-6 / r_neck, 1e-14, 1e-12, 1e3
    # v, v_spine, 1, and the wave as an oscillator of its own
    a = np.array(
        [
            [-(g + 5e-9) / cd, g / cd, -0.07 * 5e-9 / cd, 0, 0],
            [g / cs, -(g + 2e-11) / cs, -0.06 * 2e-11 / cs, 2e-12 / cs, 0],
            [0, 0, 0, 0, 0],
            [0, 0, 0, 0, w],
            [0, 0, 0, -w, 0],
        ]
    )
    start = np.array([-0.07, -0.07, 1, 0, 1])
    expected = np.array([expm(a * t) @ start for t in out.times]).T[:2]
    found = np.array([out.traces["v"][0], out.traces["v_spine"][0]])
    return (found - expected) / np.ptp(expected)


@pytest.mark.parametrize("method", ["rk2", "rk4"])
def test_exchange_is_of_second_order(method):
    """Where the neck is slow beside the step, against the exponential of the matrix."""
    worst = [np.abs(smooth(FUSED, method, dt, 2e4)).max() for dt in (0.1, 0.05, 0.025, 0.0125)]
    falls = np.log2(np.array(worst[:-1]) / worst[1:])
    assert falls[-1] == pytest.approx(2, abs=0.2)


@ENGINES
@pytest.mark.parametrize("r_neck", [1.0, 50.0, 500.0, 2000.0])
def test_a_fast_neck_is_followed_at_any_step(engine, r_neck):
    """From 10 ns to 20 us: within 1 % of what it moves by, and 0.2 %, on a wave of 6 ms."""
    for dt, share in ((0.1, 1e-2), (0.025, 2e-3)):
        assert np.abs(smooth(engine, "rk4", dt, r_neck)).max() < share


def test_a_fast_neck_costs_nothing_where_the_end_of_the_source_is_guessed():
    """Of rk2, that knows no slope at the end: half a microsecond behind the wave as 10 ns are."""
    for dt in (0.1, 0.05, 0.025):
        near, far = (np.abs(smooth(FUSED, "rk2", dt, r)).max() for r in (1.0, 50.0))
        assert far < 2 * near


def chain(rates):
    """Four amounts of one another's volumes that exchange all with all, and do nothing else."""
    names = [f"{x}_x" for x in "abcd"]
    sizes = [
        parameter(f"size_{n}", v, "um**3") for n, v in zip(names, (1, 30, 0.2, 7), strict=True)
    ]
    ways = [(names[i], names[j]) for i in range(4) for j in range(i)]
    return Component(
        "chain",
        "x",
        "",
        "\n".join(f"d{n}/dt = 0*uM/s : uM" for n in names),
        parameters=tuple(sizes),
        initial=dict(zip(names, ("1*uM", "0*uM", "5*uM", "2*uM"), strict=True)),
        capacity={n: p.name for n, p in zip(names, sizes, strict=True)},
        exchange=tuple(
            (a, b, f"{f!r}*um**3/ms", f"{r!r}*um**3/ms")
            for (a, b), (f, r) in zip(ways, rates, strict=True)
        ),
    )


@settings(max_examples=6)
@given(st.lists(st.tuples(*[st.floats(-4, 5).map(lambda e: 10.0**e)] * 2), min_size=6, max_size=6))
def test_nothing_is_lost(rates):
    """Rates nine decades apart: the sum of amounts is kept to 1e-12 through 2000 steps."""
    part = chain(rates)
    for engine, duration in ((FUSED, 200.0), (BRIAN, 2.0)):
        out = run(
            engine,
            mg.Model("m", (part,)),
            mg.Protocol("p", "", duration),
            dt=0.1,
            method="rk4_local",
            record=("a_x", "b_x", "c_x", "d_x"),
        )
        total = sum(
            out.traces[n][0] * p.si for n, p in zip(part.capacity, part.parameters, strict=True)
        )
        np.testing.assert_allclose(total, total[0], rtol=1e-12)


def test_many_ways_are_the_exponential_of_their_matrix():
    """Rings as well as chains: the matrix has no order in which nothing fills in."""
    rng = np.random.default_rng(5)
    rates = 10 ** rng.uniform(-3, -1, (6, 2))
    part = chain(rates.tolist())
    sizes = np.array([p.value for p in part.parameters])
    a = np.zeros((4, 4))
    pairs = [(i, j) for i in range(4) for j in range(i)]
    for (i, j), (f, r) in zip(pairs, rates, strict=True):
        for x, y, rate in ((i, j, f), (j, i, r)):
            a[y, x] += rate / sizes[y]
            a[x, x] -= rate / sizes[x]
    worst = []
    for dt in (0.2, 0.1, 0.05):
        out = run(
            FUSED,
            mg.Model("m", (part,)),
            mg.Protocol("p", "", 10.0),
            dt=dt,
            record=(*part.capacity,),
        )
        found = np.array([out.traces[n][0, -1] for n in part.capacity]) * 1e3
        worst.append(np.abs(found - expm(a * 10) @ [1, 0, 5, 2]).max())
    assert worst[-1] < 1e-5
    assert np.log2(worst[0] / worst[1]) == pytest.approx(2, abs=0.2)


@ENGINES
def test_an_imposed_end_gives_and_takes(engine):
    """Under a clamp the spine goes to the command: exp(-t/(r c)), and stays there."""
    clamp = mg.protocols["voltage_clamp"].lasting(20)
    rows = [{"v_hold": -20, "r_neck": r} for r in (0.001, 1000.0, 4000.0)]
    out = run(engine, CLAMPED, clamp, (), rows, dt=0.01, record=("v_spine",))
    tau = np.array([1e-6, 1.0, 4.0])
    expected = -0.02 - 0.05 * np.exp(-out.times * 1e3 / tau[:, None])
    np.testing.assert_allclose(out.traces["v_spine"][1:], expected[1:], atol=1e-6)
    assert out.traces["v_spine"][0, 5:] == pytest.approx(-0.02, rel=1e-12)


@ENGINES
def test_calcium_diffuses_between_two_volumes(engine):
    """A head that is filled, and a dendrite that pumps: solve_ivp, and nothing below zero."""
    calcium = Component(
        "two_pools",
        "x",
        "",
        """
dca_head/dt = j_head/volume_head*exp(-t/(3*ms)) : uM
dca_base/dt = -(ca_base - 0.05*uM)/(20*ms)/(1 + ca_base/(2*uM)) : uM
diffusion = d_ca*neck_area/neck_length : um**3/s
""",
        parameters=(
            parameter("j_head", 1e-19, "mol/s"),
            parameter("volume_head", 0.1, "um**3"),
            parameter("volume_base", 5, "um**3"),
            parameter("d_ca", 0.22, "um**2/ms"),
            parameter("neck_area", 0.01, "um**2"),
            parameter("neck_length", 1, "um"),
        ),
        initial={"ca_head": "0.05*uM", "ca_base": "0.05*uM"},
        capacity={"ca_head": "volume_head", "ca_base": "volume_base"},
        exchange=(("ca_head", "ca_base", "diffusion", "diffusion"),),
    )
    rows = [{"neck_area": a} for a in (0.01, 1.0, 100.0)]
    out = run(
        engine,
        mg.Model("m", (calcium,)),
        mg.Protocol("p", "", 30.0),
        (),
        rows,
        dt=0.1,
        method="rk4_local",
        record=("ca_head", "ca_base"),
    )
    for i, row in enumerate(rows):
        d = 220 * row["neck_area"] * 1e-18

        def slope(t, y, d=d):
            head, base = y
            flow = d * (head - base)
            pump = (base - 5e-5) / 0.02 / (1 + base / 2e-3)
            return [(1e-19 * np.exp(-t / 3e-3) - flow) / 1e-19, -pump + flow / 5e-18]

        exact_of = solve_ivp(
            slope, (0, 0.03), [5e-5] * 2, "Radau", out.times, rtol=1e-9, atol=1e-13
        )
        np.testing.assert_allclose(out.traces["ca_head"][i], exact_of.y[0], rtol=2e-3)
        np.testing.assert_allclose(out.traces["ca_base"][i], exact_of.y[1], rtol=2e-4)
    assert out.traces["ca_head"].min() > 0


AXIAL = (
    Component(
        "dendrite",
        "dendrite",
        "",
        "dv_dend/dt = 15*nS*(-70*mV - v_dend)/c_dend : mV",
        parameters=(parameter("c_dend", 300, "pF"),),
        initial={"v_dend": "-70*mV"},
        capacity={"v_dend": "c_dend"},
        ports=(Port("v_dend", "mV", "potential of the dendrite"),),
    ),
    Component(
        "axial",
        "axial",
        "",
        exchange=(("v", "v_dend", "g_axial", "g_axial"),),
        parameters=(parameter("g_axial", 30, "nS"),),
        ports=(Port("v_dend", "mV", "potential of the dendrite"),),
    ),
)


def test_a_soma_fires_as_with_small_steps():
    """With a dendrite of its own size at 10 to 100 nS: no spike moves by 0.05 ms in 250 ms."""
    model = mg.Model("two", (mg.neurons["pospischil_2008_rs"], *AXIAL))
    step = mg.protocols["current_step"].lasting(250)
    rows = [
        {"i_amp": i, "step_start": 10, "step_stop": 250, "g_axial": g}
        for i in (900, 1500, 2500)
        for g in (10, 30, 100)
    ]
    fine = run(FUSED, model, step, (), rows, dt=0.002, method="rk4", spikes=True).spikes
    for dt in (0.1, 0.025):
        found = run(FUSED, model, step, (), rows, dt=dt, method="rk4_local", spikes=True).spikes
        assert [len(x) for x in found] == [len(x) for x in fine]
        assert max(np.abs(a - b).max() for a, b in zip(found, fine, strict=True)) < 5e-5


def test_both_engines_step_the_same():
    model = mg.Model("two", (mg.neurons["pospischil_2008_rs"], *AXIAL))
    step = mg.protocols["current_step"].lasting(15)
    rows = [{"i_amp": 3000, "step_start": 1, "step_stop": 14, "g_axial": g} for g in (10, 1000)]
    a, b = (
        run(e, model, step, (), rows, dt=0.05, method="rk4", record=("v", "v_dend"))
        for e in (FUSED, BRIAN)
    )
    assert a.spikes[0].size
    for name, values in a.traces.items():
        np.testing.assert_allclose(values, b.traces[name], rtol=1e-9, atol=1e-12)


def doubt(states, r_neck):
    """What a coarse step of 0.1 ms says of itself."""
    system = mg.lower(MODEL, mg.protocols["rest"], ())
    known = {p.name: p.si for p in system.parameters} | states
    known |= {"r_neck": r_neck * 1e6, "substep_start": 0.0, "substep_width": 1e-4}
    for name, right in stepping.step_code(system, "rk4_local", doubt=True).lines:
        known[name] = expressions.evaluate(right, known)
    return float(known[stepping.DOUBT])


@pytest.mark.parametrize("r_neck", [50.0, 200.0, 500.0])
def test_a_fast_spine_does_not_ask_for_parts(r_neck):
    """On its slow way, with a synapse of 1 nS half open that closes, a step of 0.1 ms will do."""
    times = np.arange(201) * 1e-4
    v, spine = exact(r_neck, 1.0, times)[:, 190]
    s, x = 0.0, 0.0
    for t in ARRIVALS:
        late = 0.019 - t
        x += np.exp(-late / 2e-3)
        s += (np.exp(-late / 2e-3) - np.exp(-late / 5e-4)) / (1 - 0.25)
    assert doubt({"v": v, "v_spine": spine, "s_x": s, "x_x": x}, r_neck) < 1
    off = doubt({"v": v, "v_spine": spine + 0.02, "s_x": s, "x_x": x}, r_neck)
    assert off > 1  # away from it, it is not


def test_parts_of_several_authors_are_one_exchange():
    """Two necks on one dendrite, and two on one spine, which add up."""
    twice = [
        Component(
            f"neck_{k}",
            f"neck_{k}",
            "",
            exchange=((("v", "v_spine"), ("v_spine", "v"))[k] + (f"g_{k}", f"g_{k}"),),
            parameters=(parameter(f"g_{k}", g, "nS"),),
            ports=(V_SPINE,),
        )
        for k, g in enumerate((2.0, 3.0))
    ]
    system = mg.lower(mg.Model("m", (DENDRITE, SPINE, *twice)), mg.protocols["rest"], ())
    (exchange,) = system.exchanges
    assert exchange.states == ("v", "v_spine")
    assert exchange.ways == (("v", "v_spine", "g_0 + g_1", "g_0 + g_1"),)
    two, one = (
        run(
            FUSED,
            mg.Model("m", (DENDRITE, SPINE, *necks)),
            mg.protocols["single_pulse"].lasting(20),
            record=("v_spine",),
        )
        for necks in (twice, [NECK])
    )
    np.testing.assert_allclose(two.traces["v_spine"], one.traces["v_spine"], rtol=1e-12)


@ENGINES
def test_a_neck_whose_resistance_changes_while_it_runs(engine):
    """exp(-t1/tau1 - t2/tau2) under a clamp, and a capacity may not."""
    clamp = mg.protocols["voltage_clamp"].lasting(6)
    later = clamp.changing(r_neck=mg.changes.step(4000, start=2))
    row = {"v_hold": 0, "r_neck": 2000.0}
    out = run(engine, CLAMPED, later, (), [row], dt=0.02, record=("v_spine",))
    assert out.traces["v_spine"][0, -1] == pytest.approx(-0.07 * np.exp(-1 - 1), rel=1e-5)
    with pytest.raises(PartError, match="the capacity of 'v_spine' changes with 'c_spine'"):
        mg.lower(CLAMPED, clamp.changing(c_spine=mg.changes.step(2, start=2)), ())


def test_a_scheme_starts_at_equilibrium_beside_an_exchange():
    """Its rates read the spine, whose start is its own: 1/(1 + exp(..)) by hand."""
    gate = Component(
        "gate",
        "gate",
        "",
        kinetics=(
            mg.Scheme(
                ("shut_x", "open_x"),
                (("shut_x", "open_x", "exp(v_spine/(20*mV))/ms", "exp(-v_spine/(20*mV))/ms"),),
                "equilibrium",
            ),
        ),
        ports=(V_SPINE,),
    )
    model = mg.Model("m", (DENDRITE, SPINE, NECK, gate))
    for engine in (FUSED, BRIAN):
        out = run(engine, model, mg.protocols["single_pulse"].lasting(1), record=("open_x",))
        np.testing.assert_allclose(out.traces["open_x"], 1 / (1 + np.exp(7)), rtol=1e-10)


def test_the_check_passes_a_cell_with_a_spine():
    parts = mg.models["cell"].parts
    spine = Component(
        "spine",
        "spine",
        "",
        "dv_spine/dt = g_spine*(e_spine - v_spine)/c_spine : mV",
        parameters=(
            parameter("c_spine", 0.01, "pF"),
            parameter("g_spine", 0.001, "nS"),
            parameter("e_spine", -70, "mV", -100),
        ),
        initial={"v_spine": "e_spine"},
        capacity={"v_spine": "c_spine"},
        ports=(V_SPINE,),
    )
    report = mg.check(mg.Model("m", (*parts, spine, NECK)))
    assert [f for f in report.findings if f.state == "FAIL"] == []


def test_what_cannot_be_exchanged():
    def lowered(*parts):
        return mg.lower(mg.Model("m", parts), mg.protocols["rest"], ())

    def neck(*way, **more):
        return Component("neck", "neck", "", exchange=(way,), ports=(V_SPINE,), **more)

    free = Component("spine", "spine", "", "dv_spine/dt = 0*mV/s : mV", ports=(V_SPINE,))
    with pytest.raises(PartError, match="'spine' states no capacity of 'v_spine'"):
        lowered(DENDRITE, free, NECK)
    with pytest.raises(PartError, match="two different states exchange one way"):
        neck("v", "v", "1*nS", "1*nS")
    with pytest.raises(PartError, match="may not name 'v'"):
        neck("v", "v_spine", "1*nS*v/mV", "1*nS")
    with pytest.raises(PartError, match="capacity of 'x_x', which is not a state"):
        Component("a", "a", "", "dy_x/dt = 0/s : 1", capacity={"x_x": "1*pF"})
    with pytest.raises(EquationError, match="exchange of 'v'"):
        lowered(DENDRITE, SPINE, neck("v", "v_spine", "1*um**3/s", "1*um**3/s"))
    moving = Component(
        "spine",
        "spine",
        "",
        "dv_spine/dt = 0*mV/s : mV",
        capacity={"v_spine": "1*pF*t/s"},
        ports=(V_SPINE,),
    )
    with pytest.raises(PartError, match="the capacity of 'v_spine' changes with 't'"):
        lowered(DENDRITE, moving, NECK)
    shut = Port("shut_x", "1", "shut")
    scheme = mg.Scheme(("shut_x", "open_x"), (("shut_x", "open_x", "1/ms", "1/ms"),))
    gate = Component("gate", "gate", "", kinetics=(scheme,), ports=(shut,))
    drawn = Component("x", "x", "", exchange=(("v", "shut_x", "1*nS", "1*nS*mV"),), ports=(shut,))
    with pytest.raises(PartError, match="'shut_x' is an occupancy of a kinetic scheme"):
        lowered(DENDRITE, gate, drawn)
    gated = Component(
        "other",
        "other",
        "",
        "dw_x/dt = 0*mV/s : mV\ng_x = 1*nS*w_x/mV : nS",
        exchange=(("w_x", "v_spine", "g_x", "g_x"),),
        capacity={"w_x": "1*pF"},
        ports=(V_SPINE,),
    )
    with pytest.raises(PartError, match="depends, within one step, on 'w_x'"):
        lowered(DENDRITE, SPINE, NECK, gated)
    system, points = batch(MODEL, mg.protocols["rest"])
    for method in ("euler", "exponential_euler"):
        with pytest.raises(ValueError, match="exchange between states needs method 'rk4_local'"):
            FUSED.run(system, points, Options(1e-4, 0.01, method))
    assert "v_spine, which are stepped implicitly" in FUSED.refuses(
        system, Options(1e-4, 0.01, precision="float32")
    )
    with pytest.raises(EngineError, match="small increments"):
        mg.simulate(MODEL, mg.protocols["rest"], precision="float32", engine="fused", record=["v"])
    with pytest.raises(mg.units.UnitError, match=r"r_neck .* cannot be 0"):
        mg.simulate(MODEL, mg.protocols["rest"], r_neck=0.0, record=["v"])
