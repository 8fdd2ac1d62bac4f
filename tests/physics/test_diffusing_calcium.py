"""Calcium that diffuses through the neck of a spine: nothing is lost, order, limits.

Expected are the law that nothing is lost, the exponential of the matrix of two volumes, scipy's
solve_ivp, and the neck's conductance D A/L.
"""

from dataclasses import replace

import numpy as np
import pytest
from running import BRIAN, FUSED, run
from scipy.integrate import solve_ivp

import mgsim as mg
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component

DIFFUSING = mg.compartments["diffusing_calcium"]
#: um3 with what binds to buffers, um3/ms, uM/ms
HEAD, SHAFT, FLOW = 0.09163 * 0.9495 * 25, 100 * 0.1 * 61, np.pi / 4 * 0.22 * 0.01 / 0.5


def pools(entry="0*uM/s", pump=0.0):
    """A head and a stretch of dendrite that only exchange calcium, an entry and a pump apart."""
    own = {"ca_depth": 0.09163, "area": 0.9495, "ca_kappa": 24.0}, {"area": 100.0}
    made = []
    for values, place in zip(own, ("spine", "dendrite"), strict=True):
        pool = mg.calcium["pool"]
        lost = f"{entry if place == 'spine' else '0*uM/s'} - k_pump*ca"
        names = ("ca_depth", "ca_kappa", "ca_rest")
        parameters = [replace(pool[n], value=values.get(n, pool[n].value)) for n in names]
        parameters += [
            mg.Parameter("k_pump", pump, "1/ms", "pump", "assumed: for a test", (0, 10)),
            mg.Parameter(
                "area", values["area"], "um**2", "area", "assumed: for a test", (0.1, 1e3)
            ),
        ]
        part = replace(
            pool,
            name=f"pool_{place}",
            equations=f"dca/dt = {lost} : uM",
            parameters=tuple(parameters),
        )
        made.append(mg.at(part, place))
    return Model("pools", (*made, mg.at(DIFFUSING, "spine", parent="dendrite")))


def total(found):
    return HEAD * found.traces["ca_spine"] + SHAFT * found.traces["ca_dendrite"]


BOTH = ("ca_spine", "ca_dendrite")
REST = Protocol("rest", "", 400.0)


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_nothing_is_lost_and_both_come_to_the_same_level(engine):
    """Free calcium D A/L apart, for wide and narrow necks: the sum stays to 1e-12."""
    rows = [
        {"ca_rest_spine": 10.0, "neck_diameter_spine": d, "neck_length_spine": length}
        for d, length in ((0.1, 0.5), (0.5, 0.1))
    ]
    found = run(engine, pools(), REST, (), rows, dt=0.1, record=BOTH)
    amount = total(found)
    np.testing.assert_allclose(amount, np.broadcast_to(amount[:, :1], amount.shape), rtol=1e-12)
    head, shaft = (found.traces[n] * 1e3 for n in BOTH)  # uM
    level = (HEAD * 10 + SHAFT * 0.05) / (HEAD + SHAFT)
    assert head[1, -1] == pytest.approx(level, rel=1e-3)
    assert shaft[1, -1] == pytest.approx(level, rel=1e-3)
    # The narrow one by the closed form of two volumes.
    t = np.arange(head.shape[1]) * 0.1
    expected = level + (10 - level) * np.exp(-FLOW * (1 / HEAD + 1 / SHAFT) * t)
    np.testing.assert_allclose(head[0], expected, rtol=1e-6)


def test_second_order_against_solve_ivp():
    """A wave of calcium in, a pump, and the widest and shortest neck: the head follows in 1.4 ms.

    Where a head follows within much less than a step, the order falls below two
    (tests/physics/test_exchange.py has those); no neck does that with calcium.
    """
    entry = "2*uM/ms*(1 + sin(t/(3*ms)))"
    model = pools(entry, pump=0.05)
    wide = {"neck_diameter_spine": 0.5, "neck_length_spine": 0.1, "d_ca_spine": 0.8}
    flow = FLOW * 25 * 5 * 0.8 / 0.22

    def slope(t, y):
        moved = flow * (y[0] - y[1])
        return [2 * (1 + np.sin(t / 3)) - 0.05 * y[0] - moved / HEAD, -0.05 * y[1] + moved / SHAFT]

    done = solve_ivp(slope, (0, 40), [0.05, 0.05], "Radau", [40], rtol=1e-11, atol=1e-13)
    errors = []
    for dt in (0.4, 0.2, 0.1):
        protocol = REST.lasting(40.0)
        found = run(FUSED, model, protocol, (), [wide], dt=dt, method="rk4", record=BOTH)
        ours = [found.traces[n][0, -1] * 1e3 for n in BOTH]
        errors.append(np.abs(ours - done.y[:, -1]).max())
    assert errors[-1] < 1e-3  # of 3.5 uM
    assert errors[0] / errors[1] > 3.5
    assert errors[1] / errors[2] > 3.5


def test_the_spine_without_diffusion_is_the_spine_without_the_part():
    """To rounding; with it, calcium of the head falls sooner and comes to the dendrite."""
    spine = mg.models["spine"]
    lean = spine.without("ca_diffusion_spine").without("ca_pool_dendrite")
    pulse = mg.protocols["single_pulse"].lasting(120, (0, 120))
    names = ("ca_spine", "v_spine", "v")
    rows = [{"d_ca_spine": 0.0}, {"d_ca_spine": 0.22}]
    ours = run(FUSED, spine, pulse, (), rows, dt=0.1, record=(*names, "ca_dendrite"))
    one = run(FUSED, lean, pulse, (), [{}], dt=0.1, record=names)
    for name in names:
        np.testing.assert_allclose(ours.traces[name][0], one.traces[name][0], rtol=1e-12)
    head, shaft = ours.traces["ca_spine"], ours.traces["ca_dendrite"]
    assert np.all(shaft[0] == shaft[0, 0])
    assert shaft[1].max() > shaft[1, 0]
    # HEAD/FLOW is 630 ms beside the pump's 12 ms: a peak some per cent lower.
    rest = head[0, 0]
    assert 0.95 < (head[1].max() - rest) / (head[0].max() - rest) < 0.99


def test_diffusion_needs_two_pools():
    part = Component("lone", "ca_pool", "", "ca = 1*uM : uM", deviations="for a test")
    model = Model("lone", (mg.at(part, "dendrite"), mg.at(DIFFUSING, "spine", parent="dendrite")))
    with pytest.raises(ValueError, match="ca_spine"):
        mg.lower(model, REST, ())
