"""Release that depletes under a release law, and the squid's axon, against NEURON.

The synapse is code written by hand (``mod/mgtm.mod``), the axon NEURON's own ``hh``. NEURON solves
with CVODE at a relative tolerance of 1e-9.
"""

import numpy as np
import pytest

import mgsim as mg

#: ms, relative
SPIKE, CHARGE = 0.1, 1e-3


def solved(h, section, duration, v, events=(), looks=()):
    """Spike times; ``events``: connections and when, ``looks``: when and what is called."""
    cvode = h.CVode()
    cvode.active(True)
    cvode.atol(1e-10)
    cvode.rtol(1e-9)
    spikes = h.Vector()
    detector = h.NetCon(section(0.5)._ref_v, None, sec=section)
    detector.threshold = 0.0
    detector.record(spikes)
    h.finitialize(v)
    for connection, time in events:
        connection.event(time)
    for time, look in looks:
        cvode.event(time, look)
    cvode.solve(duration)
    return np.array(list(spikes))


def times_of(ds):
    times = ds.spike_time.values
    return times[np.isfinite(times)]


@pytest.mark.parametrize(
    ("mg_out", "ca_out", "kind"),
    [
        (0.1, 2.0, {}),
        (0.8, 1.2, {}),
        (0.05, 3.5, {"u_rel": 0.9}),  # capped
        (1.5, 2.0, {"u_rel": 0.09, "tau_rec": 138.0, "tau_facil": 670.0}),
    ],
)
def test_a_train_that_depletes_under_the_law_of_the_endplate(h, mg_out, ca_out, kind):
    """What each spike releases to 1e-12, the cell's spikes, and the charge through receptors."""
    given = {"u_rel": 0.5, "tau_rec": 671.0, "tau_facil": 17.0} | kind
    cell = h.Section(name="cell")
    cell.L = cell.diam = 96.0
    cell.nseg, cell.cm = 1, 1.0
    cell.insert("mgrs")
    synapse = h.MgTm(cell(0.5))
    synapse.g_ampa, synapse.g_nmda = 40e-3, 90e-3
    synapse.mg, synapse.ca, synapse.mg0, synapse.ca0 = mg_out, ca_out, 1.0, 2.0
    synapse.use, synapse.tau_rec, synapse.tau_facil = given.values()
    arrival = h.NetCon(None, synapse)
    arrival.weight[0], arrival.delay = 1.0, 0.0
    times, released = np.arange(50.0, 1000.0, 50.0), []
    looks = [(t + 25.0, lambda: released.append(synapse.out)) for t in times]
    theirs = solved(h, cell, 1000, -70.0, [(arrival, t) for t in times], looks)

    model = mg.models["standard"].swap(mg.mechanisms["depressing_release"])
    model = model.swap(mg.mechanisms["dodge_rahamimoff_1967"])
    values = {"mg_out": mg_out, "ca_out": ca_out, "g_ampa": 40.0, "g_nmda": 90.0, **given}
    quantum = mg.Measure("quanta_of_all", "1", "", on={"release": "quanta_of_all += quanta"})
    measures = [quantum, *(mg.measures[n] for n in ("release_first", "release_last"))]
    ds = mg.sweep(model, mg.protocols["train_20hz"], [*measures, "nmda_charge"], **values)
    assert float(ds.release_first) == pytest.approx(released[0], rel=1e-12)
    assert float(ds.release_last) == pytest.approx(released[-1], rel=1e-12)
    assert float(ds.quanta_of_all) == pytest.approx(sum(released), rel=1e-11)
    assert float(ds.nmda_charge) == pytest.approx(synapse.q_nmda, rel=CHARGE)
    ours = times_of(mg.simulate(model, mg.protocols["train_20hz"], every=1000, **values))
    assert len(ours) == len(theirs)
    np.testing.assert_allclose(ours, theirs, atol=SPIKE)


@pytest.mark.parametrize(("celsius", "density"), [(6.3, 8.0), (6.3, 20.0), (16.3, 15.0)])
def test_the_axon_fires_as_that_of_neuron(h, celsius, density):
    axon = h.Section(name="axon")
    axon.L = axon.diam = 56.0
    axon.nseg, axon.cm = 1, 1.0
    axon.insert("hh")
    axon.ena, axon.ek, axon(0.5).hh.el = 50.0, -77.0, -54.4
    h.celsius, h.usetable_hh = celsius, 0  # its rates themselves, not between points of a table
    clamp = h.IClamp(axon(0.5))
    area = axon(0.5).area()
    clamp.delay, clamp.dur, clamp.amp = 20, 80, density * area * 1e-5
    theirs = solved(h, axon, 120, -65.0)
    h.celsius = 6.3
    assert len(theirs) > 3
    step = mg.protocols["current_step"].lasting(120).with_values(step_start=20, step_stop=100)
    for dt, allowed in ((0.005, 0.02), (None, SPIKE)):
        ours = times_of(
            mg.simulate(
                mg.models["squid_axon"],
                step,
                dt=dt,
                every=1000,
                area=area,
                i_amp=density * area * 1e-2,
                celsius=celsius,
            )
        )
        np.testing.assert_allclose(ours, theirs, atol=allowed)
