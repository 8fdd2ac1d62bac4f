"""The fused engine against Brian2's numpy target, both stepping the same text, over the catalogs.

Relative differences below 1e-9 of the largest value of each trace; the same spikes. The runs are
short and start from rest, so that no chaos amplifies rounding.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keeping import by_brian
from open_channel import applied_glutamate, open_channel_block
from running import BRIAN, FUSED, PARTS, batch, complete, run

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.engines.contract import Batch, Options, Trains
from mgsim.equations.expressions import DEEPEST
from mgsim.system.lowering import answerable

STANDARD, TONIC, PATCH, SYNAPSE = (
    mg.models[n] for n in ("standard", "tonic", "patch", "clamped_synapse")
)
TRAIN = mg.protocols["train_20hz"].lasting(20, (5, 18)).with_values(train_rate=100, train_start=3)
KINETIC = STANDARD.swap(mg.receptors["lester_jahr_1992"]).swap(mg.receptors["cleft_pulse"])
ROWS = [
    {"mg_out": m, "g_nmda": g, "g_ampa": 30.0} for m, g in ((0.0, 30.0), (0.8, 30.0), (2.0, 80.0))
]
CLAMP_TRAIN = Protocol(
    "clamp_train",
    "",
    20.0,
    Component("clamp_for_train", "stimulus", "", "v_command = -50*mV + 10*mV*int(t > 10*ms) : mV"),
    TRAIN.events,
)


def compare(
    model,
    protocol,
    rows=({},),
    record=None,
    *,
    dt=0.05,
    rel=1e-9,
    trains=None,
    method="rk4",
    every=3,
    **options,
):
    """Traces, measures, spikes and status of both engines; returns the fused outcome."""
    measures = answerable(model, protocol, mg.measures.all)
    system, points = batch(model, protocol, measures, rows)
    if trains is not None:
        points = Batch(points.size, points.columns, trains)
    swept = set().union(*rows)
    if record is None:  # see test_a_recorded_command_that_is_swept
        record = tuple(n for n, e in system.recordable.items() if e.text not in swept)
    chosen = Options(
        dt=dt * 1e-3,
        duration=protocol.duration * 1e-3,
        record=record,
        method=method,
        every=every,
        **options,
    )
    a, b = FUSED.run(system, points, chosen), by_brian(system, points, chosen)
    assert a.status.tolist() == b.status.tolist() == [0] * points.size
    np.testing.assert_allclose(a.times, b.times, rtol=1e-12)
    for name in record:
        x, y = a.traces[name], b.traces[name]
        scale = np.abs(y).max()
        assert np.all(np.isfinite(x)), name
        np.testing.assert_allclose(x, y, rtol=0, atol=rel * scale + 1e-300, err_msg=name)
    for m in system.measures:
        x, y = a.measures[m.name], b.measures[m.name]
        np.testing.assert_allclose(x, y, rtol=rel, atol=rel * np.abs(y).max(), err_msg=m.name)
    if a.spikes is not None or b.spikes is not None:
        assert [len(s) for s in a.spikes] == [len(s) for s in b.spikes]
        for x, y in zip(a.spikes, b.spikes, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-9)
    return a


# ---- every block law and every gating scheme, at least once --------------------------------------
LAWS = [p for p in PARTS if p.slot == "block"]
OPEN = [p for p in PARTS if p.slot == "nmda_gating" and "block" not in p.fills]
PLUGGED = [p for p in PARTS if p.slot == "nmda_gating" and "block" in p.fills]
PAIRS = [(LAWS[i % len(LAWS)], OPEN[i % len(OPEN)]) for i in range(max(len(LAWS), len(OPEN)))]


@pytest.mark.parametrize(("law", "gating"), PAIRS, ids=[f"{a.name}-{b.name}" for a, b in PAIRS])
def test_blocks_and_gatings(law, gating):
    """In the standard cell, or else in the model of the catalog that has the gating."""
    made = complete(STANDARD.swap(gating).swap(law), TRAIN)
    home = next((m for m in mg.models.all if gating in m.parts), STANDARD)
    compare(made or home.swap(law), TRAIN, ROWS, method="rk4" if made else "rk2")


@pytest.mark.parametrize("gating", PLUGGED, ids=lambda p: p.name)
def test_receptors_that_hold_their_own_block(gating):
    compare(complete(STANDARD.swap(gating), TRAIN), TRAIN, ROWS)


@pytest.mark.filterwarnings(
    "ignore::mgsim.sweeps.resolving.run_warnings.IdlePartWarning"
)  # one needs no cleft
@pytest.mark.parametrize("gating", ["destexhe_1994", "lester_jahr_1992", "dual_exponential"])
def test_gatings_under_clamp(gating):
    model = SYNAPSE.swap(mg.receptors[gating]).swap(mg.receptors["cleft_decay"])
    compare(model, CLAMP_TRAIN, [{"mg_out": 0.0}, {"mg_out": 1.0}])


def test_the_axon_while_divalents_wash_out():
    """Surface charge that follows the bath, and spikes that begin as the gates shift."""
    axon = mg.models["squid_axon"].swap(mg.baths["dish_normal"]).swap(mg.mechanisms["grahame"])
    step = mg.protocols["current_step"].lasting(14, (0, 14)).with_values(step_start=1, step_stop=9)
    washed = step.changing(ca_out=mg.changes.wash(0.1, start=3, tau=4))
    rows = [{"i_amp": x, "mg_out": 0.1} for x in (0.0, 700.0)]
    found = compare(axon, washed, rows, ("v", "h_na", "v_shift"))
    assert len(found.spikes[1]) == 1


def test_an_equation_as_long_as_may_be_runs_on_both():
    terms = "+".join(["mg_out/mM"] * (DEEPEST - 5))
    law = Component("long_law", "block", "", f"unblocked = 1/(1 + ({terms})*exp(-v/(17*mV))) : 1")
    compare(
        PATCH.swap(law),
        mg.protocols["voltage_clamp"].lasting(1, (0, 1)),
        [{"mg_out": 0.1}, {"mg_out": 1.0}],
    )


def test_the_full_model_with_the_cation_current_too():
    """Release, charge, calcium channels and what calcium opens, Kir, GABA-A, two populations."""
    driven = TRAIN.lasting(12, (5, 12)) + mg.protocols["tonic_glutamate"].lasting(12, (5, 12))
    protocol = replace(driven, events={**driven.events, "inhibition": [6.0]})
    rows = [{"mg_out": m, "g_ampa": 120.0, "mg_slope_gaba": 0.4} for m in (0.0, 4.0)]
    ions = [f"i_{n}" for n in ("na", "k", "ca", "cl")]
    record = ("v", "ca", "i_membrane", *ions, "i_nmda_extra", "m_can", "m_kca", "v_shift")
    out = compare(mg.models["full"].swap(mg.channels["can"]), protocol, rows, record)
    assert any(len(s) for s in out.spikes)


def test_the_two_state_ampa_receptor():
    compare(KINETIC.swap(mg.receptors["ampa_destexhe_1994"]), TRAIN, ROWS)


PROTOCOLS = {
    "train_20hz": (STANDARD, TRAIN),
    "train_80hz": (STANDARD, mg.protocols["train_80hz"].lasting(70)),
    "poisson_20hz": (
        STANDARD,
        mg.protocols["poisson_20hz"].lasting(40).with_values(train_rate=150, train_start=2),
    ),
    "single_pulse": (STANDARD, mg.protocols["single_pulse"].lasting(60, (0, 60))),
    "rest": (TONIC, mg.protocols["rest"].lasting(30, (10, 30))),
    "current_step": (
        mg.models["cell"],
        mg.protocols["current_step"]
        .lasting(60)
        .with_values(step_start=5, step_stop=50, i_amp=1500),
    ),
    "voltage_clamp": (PATCH, mg.protocols["voltage_clamp"].lasting(10, (0, 10))),
    "voltage_step": (
        PATCH,
        mg.protocols["voltage_step"].lasting(30).with_values(step_start=10, step_stop=20),
    ),
    "voltage_ramp": (PATCH, mg.protocols["voltage_ramp"].lasting(30)),
    "tonic_glutamate": (STANDARD, mg.protocols["tonic_glutamate"].lasting(30, (10, 30))),
    "glutamate_pulse": (
        KINETIC,
        mg.protocols["glutamate_pulse"].lasting(30).with_values(pulse_start=5, pulse_width=2),
    ),
    "mg_step": (
        TONIC.with_values(g_nmda=80),
        mg.protocols["mg_step"].lasting(60).with_values(mg_start=20),
    ),
    "mg_ramp": (
        TONIC.with_values(g_nmda=80),
        mg.protocols["mg_ramp"].lasting(60).with_values(mg_start=10, mg_time=30),
    ),
    "inhibition_20hz": (
        mg.models["standard"].swap("gaba_a"),
        mg.protocols["inhibition_20hz"].lasting(60, (0, 60)),
    ),
}


@pytest.mark.parametrize("name", list(mg.protocols))
def test_protocols(name):
    model, protocol = PROTOCOLS.get(name) or (None, mg.protocols[name].lasting(60, (0, 60)))
    model = model or next(m for m in (complete(m, protocol) for m in mg.models.all) if m)
    large = len(model.parts) > 20  # whose four stages take Brian2 as long as all other models
    compare(model, protocol, dt=0.1, method="rk2" if large else "rk4")


@pytest.mark.parametrize("method", ["rk2", "euler", "exponential_euler"])
def test_methods(method):
    compare(mg.models["cell"], PROTOCOLS["current_step"][1], method=method, dt=0.02)


def test_spikes():
    out = compare(
        mg.models["cell"],
        PROTOCOLS["current_step"][1],
        [{"i_amp": a} for a in (0, 900, 3000)],
        record=("v",),
    )
    assert len(out.spikes[0]) == 0
    assert len(out.spikes[2]) >= 3


def test_a_train_for_each_point():
    times = [np.array([2.0, 2.02, 11.0]), np.array([]), np.array([0.0, 19.97, 19.99])]
    offsets = np.cumsum([0, *map(len, times)])
    trains = {"pre": Trains(np.concatenate(times) * 1e-3, offsets, np.array([2, 0, 1]))}
    out = compare(STANDARD, TRAIN, ROWS, trains=trains)
    assert out.traces["x_nmda"][2].max() == 0
    assert out.traces["x_nmda"][1].max() > 1.9  # two in one step


def test_open_channel_block_of_a_users_own():
    model = PATCH.swap(open_channel_block).swap(applied_glutamate)
    clamp = Component(
        "clamp_puff",
        "stimulus",
        "",
        "v_command = -100*mV + 140*mV*int(t > 10*ms) : mV\nglu_here = 1*mM*int(t < 1*ms) : mM",
        adds={"glu_ambient": "glu_here"},
    )
    compare(model, Protocol("p", "", 20.0, clamp), [{"mg_out": m} for m in (0.0, 1.0, 10.0)])
    free = STANDARD.swap(open_channel_block).swap(mg.receptors["cleft_pulse"])
    compare(free, TRAIN, ROWS)


def test_decimated_traces():
    compare(STANDARD, TRAIN, ROWS, ("v", "ca", "i_membrane"), every=7)


@pytest.mark.parametrize(("name", "seed"), [("standard", 0), ("tonic", 1)])
def test_random_parameters_from_their_ranges(name, seed):
    """Twelve points, every parameter drawn from its range at once; those that fire too hard or
    diverge in one engine must do so in the other."""
    model = mg.models[name]
    protocol = TRAIN if name == "standard" else Protocol("p", "", 25.0)
    system, _ = batch(model, protocol)
    rng = np.random.default_rng(seed)
    rows = [
        {
            p.name: float(rng.uniform(*p.range))
            for p in system.parameters
            if not p.name.startswith("window_")
        }
        for _ in range(12)
    ]
    a, b = (
        run(e, model, protocol, [mg.measures["mean_v"]], rows, dt=0.02, record=("v", "ca"))
        for e in (FUSED, BRIAN)
    )
    assert a.status.tolist() == b.status.tolist()
    assert (a.status == 0).sum() >= 8
    good = a.status == 0
    for n in ("v", "ca"):
        np.testing.assert_allclose(
            a.traces[n][good],
            b.traces[n][good],
            rtol=1e-7,
            atol=1e-9 * np.abs(b.traces[n][good]).max(),
        )


def test_a_recorded_command_that_is_swept():
    ds = mg.simulate(
        PATCH,
        mg.protocols["voltage_clamp"].lasting(1, (0, 1)),
        record=("v",),
        v_hold=[-100, -50],
        dt=0.5,
    )
    np.testing.assert_allclose(ds.v.values, [[-100] * 3, [-50] * 3], rtol=1e-12)


def test_a_trace_at_an_event():
    at = round(3.0 / 0.05)
    a, b = (
        run(e, STANDARD, TRAIN, (), ROWS[:1], record=("x_nmda",)).traces["x_nmda"][0]
        for e in (FUSED, BRIAN)
    )
    assert a[at] == b[at]


OWN = """
dy_own/dt = (1 - y_own)/(10*ms) : 1
pow_own = (-y_own)**hill_own : 1
root_own = zero_own**0.5 : 1
"""


@pytest.mark.parametrize("name", ["pow_own", "root_own"])
def test_arithmetic_that_a_user_may_write(name):
    parameters = (
        mg.Parameter("hill_own", 2.0, "1", "a", "assumed: a", (0, 5)),
        mg.Parameter("zero_own", 0.0, "1", "a", "assumed: a", (0, 5)),
    )
    part = Component("own", "own", "", OWN, parameters=parameters)
    a, b = (
        run(e, mg.Model("m", (part,)), Protocol("p", "", 5.0), record=(name,)).traces[name]
        for e in (FUSED, BRIAN)
    )
    np.testing.assert_allclose(a, b, rtol=1e-9)
    assert a.min() == b.min()


@settings(max_examples=3)
@given(st.lists(st.floats(-100, 40), min_size=1, max_size=8), st.floats(0, 10))
def test_clamped_currents_of_drawn_voltages(voltages, mg_out):
    rows = [{"v_hold": v, "mg_out": mg_out} for v in voltages]
    clamp = mg.protocols["voltage_clamp"].lasting(0.2, (0, 0.2))
    compare(PATCH, clamp, rows, ("i_nmda", "i_ca_nmda", "unblocked"))
