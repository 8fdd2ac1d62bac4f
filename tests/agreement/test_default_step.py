"""The default method against converged runs: rk4 at a fortieth of its step.

Aims: spike times within 0.1 ms, charges within 1e-3, the current of a receptor within 1e-3 of its
peak from 0.1 ms after a jump of the command. Points at which 1e-5 more input moves a spike by more
than 0.1 ms are told by that, and excepted; they are at most one in ten.
"""

from dataclasses import replace

import numpy as np
import pytest
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.compose.protocol import Protocol

STANDARD, CELL, TONIC, KINETIC = (mg.models[n] for n in ("standard", "cell", "tonic", "kinetic"))
TRAIN = mg.protocols["train_20hz"]
STEP_AND_TRAIN = replace(
    mg.protocols["current_step"].with_values(step_start=20, step_stop=1e6), events=TRAIN.events
)
CHARGE = (mg.measures["nmda_charge"],)
FINE = {"dt": 0.0025, "method": "rk4"}
RNG = np.random.default_rng(20)


def drawn(n, **ranges):
    return [{name: float(RNG.uniform(*ends)) for name, ends in ranges.items()} for _ in range(n)]


CASES = {
    "a current step": (
        CELL,
        mg.protocols["current_step"].lasting(1500, (0, 1500)),
        (),
        [
            {"i_amp": float(a), "step_start": 20.013, "step_stop": 1480.0}
            for a in np.linspace(600, 1800, 5)
        ],
    ),
    "tonic NMDA": (
        TONIC,
        Protocol("tonic", "", 1500.0),
        CHARGE,
        [{"g_nmda": g, "mg_out": m} for g in (30.0, 70.0) for m in (0.1, 0.5, 1.0)],
    ),
    "trains near threshold": (
        STANDARD,
        TRAIN.lasting(600),
        CHARGE,
        drawn(12, g_ampa=(40, 90), g_nmda=(10, 60), mg_out=(0.2, 1.5)),
    ),
    "random trains": (
        STANDARD,
        mg.protocols["poisson_20hz"].lasting(600).with_values(train_rate=60),
        CHARGE,
        drawn(8, g_ampa=(10, 40), g_nmda=(10, 60), mg_out=(0.2, 1.5)),
    ),
    "a spine on a dendrite of a firing soma": (
        mg.models["spine"],
        STEP_AND_TRAIN.lasting(500, (0, 500)),
        tuple(mg.measures[n].at("spine") for n in ("nmda_charge", "ca_charge")),
        [
            {"r_axial_spine": r, "i_amp": i, "mg_out": m, "g_ampa_spine": 4 * g, "g_nmda_spine": g}
            for r in (50.0, 200.0, 500.0)
            for i, m, g in ((700.0, 0.1, 0.5), (900.0, 1.0, 0.5), (1200.0, 0.5, 0.2))
        ],
    ),
    "a kinetic receptor": (
        KINETIC,
        TRAIN.lasting(400),
        CHARGE,
        drawn(8, g_ampa=(60, 200), g_nmda=(10, 60), mg_out=(0.1, 1.5)),
    ),
    "a receptor that traps magnesium": (
        KINETIC.swap(mg.receptors["kampa_2004_trapping"]),
        TRAIN.lasting(400),
        CHARGE,
        drawn(8, g_ampa=(60, 200), g_nmda=(10, 60), mg_out=(0.1, 1.5)),
    ),
}


def apart(a, b):
    """By how much spikes differ, in ms; infinite where their number does."""
    return np.array(
        [
            np.inf if len(x) != len(y) else 1e3 * np.abs(x - y).max(initial=0.0)
            for x, y in zip(a.spikes, b.spikes, strict=True)
        ]
    )


@pytest.mark.parametrize("name", list(CASES))
def test_spikes_and_charges(name):
    model, protocol, measures, rows = CASES[name]
    given = {"record": ("v",), "every": 10**9}
    default = run(FUSED, model, protocol, measures, rows, dt=0.1, method="rk4_local", **given)
    exact = run(FUSED, model, protocol, measures, rows, **FINE, **given)
    more = [
        {n: x * (1 + 1e-5 * n.startswith(("g_", "i_"))) for n, x in row.items()} for row in rows
    ]
    good = apart(run(FUSED, model, protocol, measures, more, **FINE, **given), exact) < 0.1
    assert np.sum(~good) <= len(rows) // 10
    assert sum(map(len, exact.spikes)) >= len(rows)
    assert apart(default, exact)[good].max() < 0.1
    for m in measures:
        np.testing.assert_allclose(
            default.measures[m.name][good], exact.measures[m.name][good], rtol=1e-3
        )


@pytest.mark.parametrize(
    "gating",
    ["ascher_nowak_kinetic", "kampa_2004_trapping", "vargas_robinson_2004", "lester_jahr_1992"],
)
def test_a_receptor_relaxes_after_a_jump_of_the_command(gating):
    model = mg.models["kinetic_synapse"].swap(mg.receptors[gating])
    protocol = (
        mg.protocols["clamped_release"]
        .lasting(64, (0, 64))
        .with_values(step_start=60.0137, step_stop=1e5, train_start=50.007)
    )
    rows = [
        {"mg_out": m, "v_hold": a, "v_step": b}
        for m in (0.1, 1.0)
        for a, b in ((-60.0, -100.0), (40.0, -100.0), (-80.0, 0.0))
    ]
    default = run(
        FUSED, model, protocol, CHARGE, rows, dt=0.1, method="rk4_local", record=("i_nmda",)
    )
    exact = run(
        FUSED, model, protocol, CHARGE, rows, dt=0.0005, method="rk4", record=("i_nmda",), every=200
    )
    a, b = default.traces["i_nmda"], exact.traces["i_nmda"]
    late = exact.times * 1e3 >= 60.1137
    far = np.abs(a - b)[:, late] / np.abs(b).max(axis=1, keepdims=True)
    assert far.max() < 1e-3
    np.testing.assert_allclose(
        default.measures["nmda_charge"], exact.measures["nmda_charge"], rtol=1e-3
    )


@pytest.mark.parametrize(("name", "duration"), [("tonic NMDA", 60), ("trains near threshold", 70)])
def test_the_reference_engine_takes_the_parts_everywhere(name, duration):
    """Both engines at the default: within 0.1 ms and 1e-3 of one another."""
    model, protocol, measures, rows = CASES[name]
    protocol = protocol.lasting(duration, (0, duration))
    a, b = (
        run(e, model, protocol, measures, rows[:3], dt=0.1, method="rk4_local", record=("v",))
        for e in (FUSED, BRIAN)
    )
    assert apart(a, b).max() < 0.1
    np.testing.assert_allclose(a.measures["nmda_charge"], b.measures["nmda_charge"], rtol=1e-3)
    np.testing.assert_allclose(a.times, b.times, rtol=1e-12)
