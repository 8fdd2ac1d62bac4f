"""Release that depletes and facilitates (Tsodyks & Markram 1997) against its recursion."""

import math
from dataclasses import replace

import numpy as np
import pytest

import mgsim as mg
from mgsim.compose.protocol import Train
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

U, TAU_REC, TAU_FACIL = 0.5, 800.0, 1000.0


def _parameter(name, value, unit):
    return Parameter(name, value, unit, name, "assumed: for a test", (0, 1e4))


DEPRESSION = Component(
    "depression",
    "release",
    "vesicles that run out",
    "dr_rel/dt = (1 - r_rel)/tau_rec : 1\ndsum_rel/dt = 0/s : 1",
    parameters=(_parameter("u_rel", U, "1"), _parameter("tau_rec", TAU_REC, "ms")),
    initial={"r_rel": "1"},
    on_event={"pre": "quanta = u_rel*r_rel; r_rel += -u_rel*r_rel", "release": "sum_rel += quanta"},
)
FACILITATION = replace(
    DEPRESSION,
    name="facilitation",
    equations="du_now/dt = -u_now/tau_facil : 1\n" + DEPRESSION.equations,
    parameters=(*DEPRESSION.parameters, _parameter("tau_facil", TAU_FACIL, "ms")),
    on_event={
        "pre": "u_now += u_rel*(1 - u_now); quanta = u_now*r_rel; r_rel += -quanta",
        "release": "sum_rel += quanta",
    },
)
ENGINES = [("fused", 20), ("brian", 5)]


def expected(spikes, interval, facilitating=False):
    """R half an interval after each spike, and what it released.

    R_{n+1} = 1 - (1 - R_n (1 - u_n)) exp(-dt/tau) is what a spike finds.
    """
    r, u, found, released = 1.0, 0.0 if facilitating else U, [], []
    for _ in range(spikes):
        if facilitating:
            u += U * (1 - u)
        released.append(u * r)
        left = 1 - r * (1 - u)
        found.append(1 - left * math.exp(-interval / 2 / TAU_REC))
        r = 1 - left * math.exp(-interval / TAU_REC)
        if facilitating:
            u *= math.exp(-interval / TAU_FACIL)
    return np.array(found), np.array(released)


@pytest.mark.parametrize("facilitating", [False, True])
@pytest.mark.parametrize(("engine", "spikes"), ENGINES)
def test_a_train_at_20_hz(engine, spikes, facilitating):
    part = FACILITATION if facilitating else DEPRESSION
    protocol = mg.protocols["train_20hz"].lasting(50.0 * (spikes + 1))
    ds = mg.simulate(
        mg.Model("m", (part,)), protocol, record=("r_rel", "sum_rel"), dt=0.05, engine=engine
    )
    between = ds.sel(time=25 + 50.0 * np.arange(spikes + 1), method="nearest")
    found, released = expected(spikes, 50.0, facilitating)
    # The midpoint rule is off by (dt/tau)**2/6 at most, as seen from R.
    np.testing.assert_allclose(between.r_rel[1:], found, rtol=1e-8)
    np.testing.assert_allclose(np.diff(between.sum_rel), released, rtol=1e-8)


@pytest.mark.parametrize(("engine", "spikes"), ENGINES)
def test_a_receptor_gets_what_is_released(engine, spikes):
    """The first release is u R = 0.5 of all there is, in the catalog's own receptor."""
    model = mg.models["clamped_synapse"].swap(DEPRESSION).without("ca_entry")
    ds = mg.simulate(
        model,
        mg.protocols["clamped_release"].lasting(60.0),
        record=("x_nmda",),
        dt=0.05,
        engine=engine,
    )
    before, after = ds.x_nmda.sel(time=[49.5, 51.0], method="nearest").values
    assert before == 0
    assert after == pytest.approx(U * math.exp(-1.0 / 2), rel=2e-4)  # 1 ms at 2 ms, in 20 steps


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_spikes_at_one_time_act_one_after_another(engine):
    """Three at once release u R, u R (1 - u), u R (1 - u)^2; other points have fewer."""
    together = Train(
        (_parameter("n_spikes", 3, "1"),), lambda values, *_: np.full(int(values["n_spikes"]), 5.0)
    )
    ds = mg.simulate(
        mg.Model("m", (DEPRESSION,)),
        mg.Protocol("p", "", 10.0, events={"pre": together}),
        record=("sum_rel",),
        engine=engine,
        n_spikes=[0, 1, 3],
    )
    np.testing.assert_allclose(ds.sum_rel.values[:, -1], [0, U, 1 - (1 - U) ** 3], rtol=1e-12)
