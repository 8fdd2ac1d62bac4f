"""Two populations of receptors, and a spine on a dendrite, against NEURON code written by hand.

NEURON solves with CVODE at a relative tolerance of 1e-9; the mechanisms are those of ``mod``.
"""

from dataclasses import replace

import numpy as np
import pytest

import mgsim as mg
from mgsim.compose.model import Model

#: ms, relative
SPIKE, CHARGE = 0.1, 1e-3
SYNAPSE = [
    *(mg.receptors[n] for n in ("dual_exponential", "nmda", "ampa_exponential")),
    mg.blocks["jahr_stevens_1990"],
]


def section(h, name, area, parent=None, resistance=0.0):
    """One compartment (um2), a leaky membrane at -70 mV with ``resistance`` (MOhm) to its parent.

    NEURON takes the resistance of half a child's length, here by the resistivity of its inside.
    """
    found = h.Section(name=name)
    found.nseg, found.cm = 1, 1.0
    found.L = found.diam = np.sqrt(area / np.pi)
    if parent is not None:
        found.insert("pas")
        found(0.5).pas.g, found(0.5).pas.e = 1e-4, -70.0
        found.Ra = resistance * 100 * np.pi * (found.diam / 2) ** 2 / (found.L / 2)
        found.connect(parent(0.5), 0)
    return found


def solve(h, soma, duration, arrivals, traced):
    """Spike times of the soma, and what is traced at each ms; ``arrivals``: synapse, time (ms)."""
    cvode = h.CVode()
    cvode.active(True)
    cvode.atol(1e-10)
    cvode.rtol(1e-9)
    spikes, connections = h.Vector(), []
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    detector.threshold = 0.0
    detector.record(spikes)
    rows = []
    at = np.arange(1.0, duration)
    h.finitialize(-70.0)
    for t in at:
        cvode.event(t, lambda: rows.append([ref[0] for ref in traced]))
    for synapse, t in arrivals:
        connection = h.NetCon(None, synapse)
        connection.weight[0], connection.delay = 1.0, 0.0
        connection.event(t)
        connections.append(connection)
    cvode.solve(duration)
    return np.array(list(spikes)), at, np.array(rows)


def synapse(h, where, **values):
    found = h.MgSpine(where)
    for name, value in values.items():
        setattr(found, name, value)
    return found


def head(h, where, **values):
    found = h.MgHead(where)
    for name, value in values.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize("mg_out", [0.0, 1.0])
@pytest.mark.parametrize("delay", [10.0, -10.0])
def test_the_published_head_under_a_clamp(h, mg_out, delay):
    """Calcium at each ms and both charges of a pair, as a NEURON file has them."""
    cell = section(h, "cell", 100.0)
    made = head(h, cell(0.5), mg=mg_out)
    connections = []
    for t, weight in ((50.0, 1.0), (50.0 + delay, -1.0)):
        connection = h.NetCon(None, made)
        connection.weight[0], connection.delay = weight, 0.0
        connections.append((connection, t))
    cvode = h.CVode()
    cvode.active(True)
    cvode.atol(1e-12)
    cvode.rtol(1e-9)
    rows, at = [], np.arange(1.0, 150.0)
    h.finitialize(-70.0)
    for t in at:
        cvode.event(t + 0.5, lambda: rows.append(made.ca))
    for connection, t in connections:
        connection.event(t)
    cvode.solve(151.0)
    protocol = mg.protocols["clamped_pairing"].lasting(151.0, (0.0, 151.0))
    given = {"mg_out": mg_out, "pair_start": 50.0, "post_delay": delay}
    ds = mg.simulate(mg.models["clamped_spine"], protocol, record=("ca",), **given)
    ours = np.interp(at + 0.5, ds.time.values, ds.ca.values)
    np.testing.assert_allclose(ours, rows, rtol=1e-3)
    names = ("ca_charge_nmda", "ca_charge_r_type", "nmda_charge")
    ds = mg.sweep(mg.models["clamped_spine"], protocol, [mg.measures[n] for n in names], **given)
    for name, theirs in zip(names, (made.q_ca, made.q_r, made.q_nmda), strict=True):
        assert float(ds[name]) == pytest.approx(theirs, rel=CHARGE)


def test_two_populations_of_nmda_receptors_on_one_membrane(h):
    """A quick one with AMPA receptors beside it, and a slow one that magnesium blocks less."""
    soma = section(h, "soma", 28952.9)
    soma.L = soma.diam = 96.0
    soma.insert("mgrs")
    first = synapse(h, soma(0.5), g_ampa=0.05, g_nmda=0.03, mg=0.7, decay=60)
    second = synapse(h, soma(0.5), g_nmda=0.05, mg=0.7, decay=220, k=7.0)
    times = np.arange(50.0, 600.0, 50.0)
    arrivals = [(s, t) for t in times for s in (first, second)]
    theirs, _, _ = solve(h, soma, 600.0, arrivals, [])
    assert len(theirs) >= 5
    model = Model(
        "two_populations",
        (
            mg.baths["person"],
            mg.neurons["pospischil_2008_rs"],
            *SYNAPSE,
            *(mg.at(p, copy="extra") for p in SYNAPSE if p.slot != "ampa"),
        ),
    )
    protocol = mg.protocols["train_20hz"].lasting(600)
    given = {
        "mg_out": 0.7,
        "g_ampa": 50,
        "g_nmda": 30,
        "tau_decay_nmda": 60,
        "g_nmda_extra": 50,
        "tau_decay_nmda_extra": 220,
        "mg_k_extra": 7,
    }
    for dt in (0.005, 0.1):
        ds = mg.simulate(model, protocol, every=1000, dt=dt, **given)
        ours = ds.spike_time.values
        np.testing.assert_allclose(ours[np.isfinite(ours)], theirs, atol=SPIKE)
    ds = mg.sweep(model, protocol, measures=["nmda_charge", "nmda_charge_extra"], **given)
    assert float(ds.nmda_charge) == pytest.approx(first.q_nmda, rel=CHARGE)
    assert float(ds.nmda_charge_extra) == pytest.approx(second.q_nmda, rel=CHARGE)


@pytest.mark.parametrize("neck", [50.0, 200.0, 500.0])
def test_a_spine_on_a_dendrite_of_a_firing_soma(h, neck):
    """Potentials at three places, calcium, charge and spikes, of a step of current and a train.

    The head is the published one: R-type channels, and NMDA receptors that reverse at -3 mV.
    """
    soma = section(h, "soma", 28952.9)
    soma.L = soma.diam = 96.0
    soma.insert("mgrs")
    dendrite = section(h, "dendrite", 1256.6, soma, 48.0)
    spine = section(h, "spine", 0.9495, dendrite, neck)
    assert spine(0.5).ri() == pytest.approx(neck)
    receptors = head(h, spine(0.5), g_ampa=5e-4, mg=0.8, cao=1.0, temp=36.0, clamp=0)
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 20.0, 1e9, 0.8
    places = [s(0.5)._ref_v for s in (soma, dendrite, spine)]
    arrivals = [(receptors, t) for t in np.arange(50.0, 200.0, 50.0)]
    theirs, at, rows = solve(h, soma, 200.0, arrivals, [*places, receptors._ref_ca])
    assert len(theirs) >= 4
    protocol = replace(
        mg.protocols["current_step"].lasting(200, (0, 200)),
        events=mg.protocols["train_20hz"].events,
    ).with_values(i_amp=800, step_start=20, step_stop=1e6)
    names = ("v", "v_dendrite", "v_spine", "ca_spine")
    given = {"r_axial_spine": neck, "mg_out": 0.8, "ca_out": 1.0}
    for dt in (0.005, 0.1):
        ds = mg.simulate(mg.models["spine"], protocol, record=names, dt=dt, **given)
        ours = ds.spike_time.values
        np.testing.assert_allclose(ours[np.isfinite(ours)], theirs, atol=SPIKE)
        quiet = np.all(np.abs(at[:, None] - theirs) > 2, axis=1) & (at % 50 != 0)
        for k, (name, within) in enumerate(zip(names, (0.1, 0.1, 0.1, 0.01), strict=True)):
            trace = np.interp(at, ds.time.values, ds[name].values)
            np.testing.assert_allclose(trace[quiet], rows[quiet, k], atol=within, err_msg=name)
    ds = mg.sweep(
        mg.models["spine"], protocol, measures=["nmda_charge_spine", "ca_charge_spine"], **given
    )
    assert float(ds.nmda_charge_spine) == pytest.approx(receptors.q_nmda, rel=CHARGE)
    entered = receptors.q_ca + receptors.q_r
    assert float(ds.ca_charge_spine) == pytest.approx(entered, rel=CHARGE)
