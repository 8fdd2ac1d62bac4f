"""The published head of a spine under a clamp, and two populations of receptors.

Expected are closed forms of the published equations (GluSynapse.mod of Chindemi et al. 2022) and
scipy's solve_ivp; the numbers of a run of the public file are rows TS4a1 to TS4a5.
"""

from dataclasses import replace

import numpy as np
import pytest
from running import BRIAN, FUSED, run
from scipy.integrate import solve_ivp

import mgsim as mg
from mgsim.compose.model import Model
from mgsim.declare.parameter import PartError

HEAD = mg.models["clamped_spine"]
PAIR = mg.protocols["clamped_pairing"]
#: nS, mV, ms, mM; um3 and its binding ratio; the fraction of the current that is calcium at 2 mM.
G, E, RISE, DECAY, E_CA = 0.55, -3.0, 0.29, 70.0, 40.0
VOLUME, KAPPA, FRACTION = 0.087, 24.0, 0.6 * 8 / (8 + 120 / 1.38)
FARADAY = 96485.33212


def gating(t):
    """The published sum of two exponentials, 1 at its peak."""
    peak = RISE * DECAY / (DECAY - RISE) * np.log(DECAY / RISE)
    return (np.exp(-t / DECAY) - np.exp(-t / RISE)) / (np.exp(-peak / DECAY) - np.exp(-peak / RISE))


def unblocked(v, mg_out):
    return 1 / (1 + mg_out / 2.552 * np.exp(-0.072 * v))


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_calcium_of_a_presynaptic_spike_and_of_a_pair(engine):
    """Traces at three levels of magnesium against solve_ivp of the public equations."""
    arrival, delay = 5.0, 10.0
    pair = PAIR.with_values(pair_start=arrival, post_delay=delay).lasting(40.0)
    rows = [{"mg_out": m, "bap_height": b} for m in (0.0, 1.0, 2.0) for b in (0.0, 100.0)]
    found = run(
        engine, HEAD, pair, (), rows, dt=0.1, method="rk4_local", record=("ca", "i_ca_nmda")
    )
    density = 7.44e-2 * 4 * np.pi * (3 * VOLUME / (4 * np.pi)) ** (2 / 3)  # nS
    nernst = 8.314462618 * (34 + 273.15) / (2 * FARADAY) * 1e3

    def potential(t, height):
        s = t - arrival - delay
        return -70 + height * (0.75 * np.exp(-s / 3) + 0.25 * np.exp(-s / 25)) * (s >= 0)

    def slope(t, y, m, height):
        v = potential(t, height)
        g = G * unblocked(v, m) * (gating(t - arrival) if t >= arrival else 0.0)
        r = density * y[0] ** 2 * y[1] * (v - nernst * np.log(2000 / y[2]))
        inward = -(FRACTION * g * (v - E_CA) + r)  # pA
        return [
            1 / (1 + np.exp(-(v + 5.9) / 9.5)) - y[0],
            (1 / (1 + np.exp((v + 39) / 9.2)) - y[1]) / 27,
            inward * 1e6 / (2 * FARADAY * VOLUME * (1 + KAPPA)) - (y[2] - 0.07) / 12,
        ]

    for i, row in enumerate(rows):
        m, height = row["mg_out"], row["bap_height"]
        y = [1 / (1 + np.exp(64.1 / 9.5)), 1 / (1 + np.exp(-31 / 9.2)), 0.07]
        expected = []
        for start, end in ((0.0, arrival), (arrival, arrival + delay), (arrival + delay, 40.0)):
            grid = np.arange(round(start / 0.1), round(end / 0.1) + 1) * 0.1
            done = solve_ivp(
                slope, (start, end), y, "Radau", grid, args=(m, height), rtol=1e-9, atol=1e-12
            )
            expected.append(done.y[2, :-1])
            y = done.y[:, -1]
        expected = np.concatenate(expected)
        ours = found.traces["ca"][i, : len(expected)] * 1e3
        # 0.02 %: what the head's area and depth are rounded by.
        np.testing.assert_allclose(ours, expected, rtol=4e-4, atol=1e-5)


def test_gating_is_the_published_sum_and_has_no_fault_where_the_times_are_alike():
    """In the limit of one time constant it is t/tau exp(1 - t/tau)."""
    pulse = mg.protocols["single_pulse"].with_values(train_start=1.0).lasting(60.0)
    model = mg.models["clamped_synapse"].swap(mg.receptors["biexponential"])
    clamp = replace(mg.protocols["voltage_clamp"], events=pulse.events).lasting(60.0, (0, 60))
    rows = [{"tau_rise_nmda": r, "tau_decay_nmda": 70.0} for r in (0.29, 70.0)]
    found = run(FUSED, model, clamp, (), rows, dt=0.025, method="rk4_local", record=("open_nmda",))
    t = np.arange(found.traces["open_nmda"].shape[1]) * 0.025 - 1.0
    late = t >= 0
    np.testing.assert_allclose(found.traces["open_nmda"][0, late], gating(t[late]), atol=2e-5)
    alike = t[late] / 70 * np.exp(1 - t[late] / 70)
    np.testing.assert_allclose(found.traces["open_nmda"][1, late], alike, atol=1e-6)


def test_channels_start_at_rest_and_read_calcium_of_their_own_membrane():
    """Their current at rest stays what it is, and reverses where Nernst says."""
    rest = run(FUSED, HEAD, PAIR.lasting(50.0), (), [{}], dt=0.1, record=("i_ca_r", "e_ca_r"))
    current = rest.traces["i_ca_r"][0]
    np.testing.assert_allclose(current, current[0], rtol=1e-3)
    kelvin = 34 + 273.15
    expected = 8.314462618 * kelvin / (2 * FARADAY) * np.log(2e-3 / 70e-9)
    assert rest.traces["e_ca_r"][0, 0] == pytest.approx(expected, rel=1e-6)


def test_a_spike_before_the_run_is_refused():
    with pytest.raises(PartError, match="at -30 ms, before the run begins"):
        mg.sweep(HEAD, PAIR, mg.measures["peak_ca"], pair_start=20.0, post_delay=-50.0)


def test_effective_calcium_is_the_sum_with_its_decay():
    """de/dt = ca - rest - e/200 ms of a calcium that is held: (ca - rest) 200 (1 - exp(-t/200))."""
    ca = mg.Parameter("ca", 1.07, "uM", "held", "assumed: for a test", (0, 10))
    held = mg.Component("held", "ca_pool", "held calcium", parameters=(ca,))
    model = Model("held", (held, mg.mechanisms["effective_calcium"]))
    found = run(FUSED, model, mg.protocols["rest"].lasting(300), record=("ca_effective",), dt=0.1)
    t = np.arange(3001) * 0.1
    ours = found.traces["ca_effective"][0] * 1e6  # uM ms
    np.testing.assert_allclose(ours, 200 * (1 - np.exp(-t / 200)), rtol=1e-6, atol=1e-9)


def test_synaptic_and_extrasynaptic_receptors_in_one_cell():
    """Two populations, each with its conductance, gating and block, on one membrane.

    The extrasynaptic ones are open by ambient glutamate and do not see the release; calcium of
    both fills one pool. Alike, they are one population of the sum of both.
    """
    parts = tuple(p for p in mg.models["clamped_synapse"].parts if p.slot != "ampa")
    pool = mg.calcium["pool"]
    area = mg.compartments["dendrite"]["area"]
    law, current, entry = (
        mg.blocks["jahr_stevens_1990"],
        mg.receptors["nmda"],
        mg.calcium["fractional"],
    )
    outside = (mg.receptors["fully_open"], law, current, entry)
    two = Model("two", (*parts, pool, *(mg.at(p, copy="extra") for p in outside)), shared=(area,))
    pulse = mg.protocols["single_pulse"].with_values(train_start=20.0)
    clamp = replace(mg.protocols["voltage_clamp"], events=pulse.events).lasting(60.0, (0, 60))
    names = ("i_nmda", "i_nmda_extra", "i_ca", "ca")
    rows = [{"g_nmda_extra": g, "mg_k_extra": 7.0} for g in (0.0, 2.0)]
    found = run(FUSED, two, clamp, (), rows, dt=0.05, record=names)
    np.testing.assert_allclose(found.traces["i_nmda"][1], found.traces["i_nmda"][0], rtol=1e-12)
    extra = found.traces["i_nmda_extra"][1] * 1e12
    block = 1 / (1 + 1 / 7.0 * np.exp(0.062 * 60))
    np.testing.assert_allclose(extra, 2.0 * block * -60.0, rtol=1e-9)  # no release in it
    assert np.all(found.traces["ca"][1, 1:] > found.traces["ca"][0, 1:])
    alike = Model(
        "alike",
        (*parts, pool, *(mg.at(p, copy="extra") for p in (parts[2], law, current, entry))),
        shared=(area,),
    )
    one = Model("one", (*parts, pool), shared=(area,))
    halves = run(
        FUSED,
        alike,
        clamp,
        (),
        [{"g_nmda": 12.0, "g_nmda_extra": 18.0}],
        dt=0.05,
        record=("ca", "i_ca"),
    )
    whole = run(FUSED, one, clamp, (), [{"g_nmda": 30.0}], dt=0.05, record=("ca", "i_ca"))
    for name in ("ca", "i_ca"):
        np.testing.assert_allclose(halves.traces[name], whole.traces[name], rtol=1e-9)
