"""What is steep, many or at once: the fused engine against Brian2 and closed forms."""

import numpy as np
import pytest
import xarray as xr
from running import BRIAN, FUSED, batch, run

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import PartError
from mgsim.engines.contract import Batch, Options, Trains


def parameter(name, value, unit, low, high):
    return mg.Parameter(name, value, unit, name, "assumed: for a test", (low, high))


GATES = Component(
    "gates",
    "gates",
    "",
    """
rising_x = 1/(1 + exp(-(v - half_x)/(slope_x*mV))) : 1
falling_x = 1/(1 + exp((v - half_x)/(slope_x*mV))) : 1
fixed_x = 1/(1 + exp(-(v + 65*mV)/(0.05*mV))) + 1/(1 + exp((v + 60*mV)/(0.05*mV))) : 1
""",
    parameters=(
        parameter("half_x", -60.0, "mV", -100, 0),
        parameter("slope_x", 5.0, "1", 1e-3, 10),
    ),
)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_gates_of_any_steepness(precision):
    """1/(1 + exp(-x)) is 0 or 1 to the last digit beyond x = 40, whatever half and slope are."""
    model = mg.models["tonic"].swap(GATES)
    protocol = mg.protocols["rest"].lasting(1, (0, 1))
    for half in (-95.0, -69.0, -30.0):
        rows = [{"half_x": half, "slope_x": s} for s in (5.0, 0.5, 0.05, 0.005)]
        names = ("v", "rising_x", "falling_x", "fixed_x")
        out = run(FUSED, model, protocol, (), rows, record=names, precision=precision)
        v = out.traces["v"] * 1e3
        x = np.clip((v - half) / np.array([[r["slope_x"]] for r in rows]), -500, 500)
        far = np.abs(x) > 2  # nearer, single precision of v decides
        for name, expected in (
            ("rising_x", 1 / (1 + np.exp(-x))),
            ("falling_x", 1 / (1 + np.exp(x))),
        ):
            np.testing.assert_allclose(out.traces[name][far], expected[far], rtol=1e-2, atol=1e-12)
        np.testing.assert_allclose(out.traces["fixed_x"], 1.0, atol=1e-6)


def test_no_spike_is_lost_in_long_steps():
    """A step that is cut into parts may hold several spikes: as many as a sweep counts."""
    model, protocol = mg.models["cell"], mg.protocols["current_step"]
    trace = mg.simulate(model, protocol, i_amp=1500, dt=20, progress=False)
    count = mg.sweep(model, protocol, mg.measures["spike_count"], i_amp=1500, dt=20, progress=False)
    assert trace.spike_time.size == int(count.spike_count) > 20


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_events_of_two_kinds_at_once_act_kind_by_kind(engine):
    """Two of each: (1 + 1)*2*2, the kinds in the order of their names."""
    kinds = (Event("a_x", "the one"), Event("b_x", "the other"))
    part = Component(
        "counter",
        "counter",
        "",
        "dx_x/dt = 0/ms : 1",
        on_event={"a_x": "x_x += 1", "b_x": "x_x = x_x*2"},
        events=kinds,
    )
    events = dict.fromkeys(("a_x", "b_x"), mg.protocols["single_pulse"].events["pre"])
    model = mg.Model("counting", (part,))
    system, points = batch(
        model, Protocol("two", "", 3.0, events=events, window=(0, 3), inputs=kinds)
    )
    twice = Trains(np.array([1e-3, 1e-3]), np.array([0, 2]), np.zeros(1, dtype=np.int64))
    options = Options(dt=1e-4, duration=3e-3, method="rk4", record=("x_x",))
    out = engine.run(system, Batch(1, points.columns, {"a_x": twice, "b_x": twice}), options)
    assert out.traces["x_x"][0, -1] == 8.0


def test_inputs_along_different_dimensions_are_not_laid_side_by_side():
    v = xr.DataArray([-70.0, -20.0], dims="v")
    mg_out = xr.DataArray([0.1, 1.0], dims="mg")
    law = mg.blocks["jahr_stevens_1990"]
    with pytest.raises(PartError, match=r"along different dimensions.*broadcast"):
        law.evaluate("unblocked", v=v, mg_out=mg_out)
    v, mg_out = xr.broadcast(v, mg_out)
    both = law.evaluate("unblocked", v=v, mg_out=mg_out)
    assert both.shape == (2, 2)
    assert both[0, 0] == law.evaluate("unblocked", v=-70, mg_out=0.1)


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_what_leaves_the_range_of_numbers_is_not_finite(engine):
    """exp(800) has no double, and exp(-800) is 0 to all its digits."""
    part = Component(
        "far",
        "far",
        "",
        "dx_x/dt = 0/ms : 1\nup_x = exp(800 + x_x) : 1\ndown_x = exp(x_x - 800) : 1",
    )
    model = mg.Model("far", (part,))
    peaks = [mg.Measure(n, "1", n, peak=n.replace("most", "x")) for n in ("up_most", "down_most")]
    protocol = Protocol("still", "", 1.0)
    out = run(engine, model, protocol, peaks[1:])
    assert (out.status.item(), out.measures["down_most"].item()) == (0, 0.0)
    assert run(engine, model, protocol, peaks[:1]).status.item() != 0
