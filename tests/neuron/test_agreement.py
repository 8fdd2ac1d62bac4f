"""mgsim against NEURON with mechanisms of its own: spike times and charges.

NEURON solves with CVODE at a relative tolerance of 1e-9. Targets at a small step: spikes within
0.05 ms, charges within 0.1 %; at the default step spikes within 0.1 ms, charges within 0.1 %.
"""

import numpy as np
import pytest

import mgsim as mg

DT = 0.005
#: ms, relative
SPIKE, CHARGE = 0.05, 1e-3
#: Steps and how far spikes may be off: a small one, and the default of sweep and of simulate.
STEPS = ((DT, SPIKE), (0.1, 0.1), (None, 0.1))


class Cell:
    """One compartment in NEURON: the regular spiking cell, or a bare membrane to be clamped."""

    def __init__(self, h, rs=True):
        self.h = h
        self.section = h.Section(name="cell")
        self.section.L = self.section.diam = 96.0
        self.section.nseg, self.section.cm = 1, 1.0
        if rs:
            self.section.insert("mgrs")
        self.cvode = h.CVode()
        self.cvode.active(True)
        self.cvode.atol(1e-10)
        self.cvode.rtol(1e-9)
        self.spikes = h.Vector()
        self.detector = h.NetCon(self.section(0.5)._ref_v, None, sec=self.section)
        self.detector.threshold = 0.0
        self.detector.record(self.spikes)

    def run(self, duration, v=-70.0, at=(), events=()):
        """Run; ``at``: pairs of time and function; ``events``: of connection and time."""
        self.h.finitialize(v)
        for time, act in at:
            self.cvode.event(time, act)
        for connection, time in events:
            connection.event(time)
        self.cvode.solve(duration)
        return np.array(list(self.spikes))


def times_of(ds):
    times = ds.spike_time.values
    return times[np.isfinite(times)]


def test_the_area_is_the_same(h):
    area = {p.name: p.value for p in mg.neurons["pospischil_2008_rs"].parameters}["area"]
    assert Cell(h).section(0.5).area() == pytest.approx(area, rel=1e-5)


@pytest.mark.parametrize("nano_ampere", [0.75, 1.25])
def test_the_cell_in_a_current_step(h, nano_ampere):
    cell = Cell(h)
    clamp = h.IClamp(cell.section(0.5))
    clamp.delay, clamp.dur, clamp.amp = 300, 400, nano_ampere
    theirs = cell.run(1000)
    assert len(theirs) >= 5
    for dt, allowed in STEPS:
        ours = times_of(
            mg.simulate(
                mg.models["cell"],
                mg.protocols["current_step"],
                dt=dt,
                every=1000,
                i_amp=nano_ampere * 1e3,
            )
        )
        np.testing.assert_allclose(ours, theirs, atol=allowed)


@pytest.mark.parametrize(("g", "mg_out"), [(30.0, 0.1), (60.0, 0.5), (30.0, 1.0)])
def test_tonic_nmda_in_the_cell(h, g, mg_out):
    cell = Cell(h)
    receptors = h.MgTonic(cell.section(0.5))
    receptors.g, receptors.mg = g * 1e-3, mg_out
    theirs = cell.run(1000)
    protocol = mg.Protocol("tonic", "", 1000.0)
    for dt, allowed in STEPS:
        ours = times_of(
            mg.simulate(mg.models["tonic"], protocol, dt=dt, every=1000, g_nmda=g, mg_out=mg_out)
        )
        assert len(ours) == len(theirs)
        np.testing.assert_allclose(ours, theirs, atol=allowed)
        charge = float(
            mg.sweep(
                mg.models["tonic"],
                protocol,
                mg.measures["nmda_charge"],
                dt=dt,
                g_nmda=g,
                mg_out=mg_out,
            ).nmda_charge
        )
        assert charge == pytest.approx(receptors.q, rel=CHARGE)


@pytest.mark.parametrize(
    ("mg_out", "g_ampa", "g_nmda"), [(1.0, 10.0, 30.0), (0.05, 10.0, 30.0), (0.8, 25.0, 60.0)]
)
def test_a_train_through_ampa_and_nmda(h, mg_out, g_ampa, g_nmda):
    cell = Cell(h)
    synapse = h.MgSyn(cell.section(0.5))
    synapse.mg, synapse.g_ampa, synapse.g_nmda = mg_out, g_ampa * 1e-3, g_nmda * 1e-3
    arrival = h.NetCon(None, synapse)
    arrival.weight[0], arrival.delay = 1.0, 0.0
    theirs = cell.run(1000, events=[(arrival, t) for t in np.arange(50.0, 1000.0, 50.0)])
    model, protocol = mg.models["standard"], mg.protocols["train_20hz"]
    ampa = mg.Measure("ampa_charge", "pC", "AMPA charge in", rate="-i_ampa")
    for dt, allowed in STEPS:
        given = {"mg_out": mg_out, "g_ampa": g_ampa, "g_nmda": g_nmda, "dt": dt}
        ours = times_of(mg.simulate(model, protocol, every=1000, **given))
        assert len(ours) == len(theirs)
        np.testing.assert_allclose(ours, theirs, atol=allowed)
        ds = mg.sweep(model, protocol, [mg.measures["nmda_charge"], ampa], **given)
        assert float(ds.nmda_charge) == pytest.approx(synapse.q_nmda, rel=CHARGE)
        assert float(ds.ampa_charge) == pytest.approx(synapse.q_ampa, rel=CHARGE)


@pytest.mark.parametrize("delay", [10.0, -10.0])
def test_pairing(h, delay):
    """Three pairs at 10 Hz: an event through AMPA and NMDA, a pulse 10 ms after or before it."""
    pre = 100.0 + 100.0 * np.arange(3)
    cell = Cell(h)
    synapse = h.MgSyn(cell.section(0.5))
    synapse.mg, synapse.g_ampa, synapse.g_nmda = 1.0, 10e-3, 30e-3
    arrival = h.NetCon(None, synapse)
    arrival.weight[0], arrival.delay = 1.0, 0.0
    pulses = []
    for start in pre + delay:
        pulse = h.IClamp(cell.section(0.5))
        pulse.delay, pulse.dur, pulse.amp = start, 2.0, 5.0
        pulses.append(pulse)
    theirs = cell.run(500, events=[(arrival, t) for t in pre])
    assert len(theirs) >= 3
    protocol = mg.protocols["pairing"].lasting(500)
    given = {"mg_out": 1.0, "g_ampa": 10.0, "g_nmda": 30.0, "pair_number": 3}
    given |= {"post_delay": delay, "i_pulse": 5000.0}
    model = mg.models["standard"]
    for dt, allowed in STEPS:
        ours = times_of(mg.simulate(model, protocol, every=1000, dt=dt, **given))
        assert len(ours) == len(theirs)
        np.testing.assert_allclose(ours, theirs, atol=allowed)
        ds = mg.sweep(model, protocol, mg.measures["nmda_charge"], dt=dt, **given)
        assert float(ds.nmda_charge) == pytest.approx(synapse.q_nmda, rel=CHARGE)


@pytest.mark.parametrize("v_step", [-60.0, 40.0])
def test_kampa_2004_under_clamp(h, v_step):
    """1 ms of 1 mM glutamate at -60 mV and 1 mM Mg; 10 ms later a step, or none."""
    if "kampa_2004_trapping" not in mg.receptors:
        pytest.skip("there is no kampa_2004_trapping")
    cell = Cell(h, rs=False)
    before, pulse, after = 2000.0, 50.0, 950.0
    receptors = h.MgKampa(cell.section(0.5))
    receptors.g, receptors.mg = 1e-3, 1.0
    clamp = h.SEClamp(cell.section(0.5))
    clamp.rs, clamp.dur1, clamp.amp1 = 1e-3, before + pulse + 10.0, -60.0
    clamp.dur2, clamp.amp2 = 1e9, v_step

    def glutamate(level):
        def act():
            receptors.glu = level
            cell.cvode.re_init()

        return act

    start = before + pulse
    open_at = []
    samples = np.array([0.5, 2.0, 6.0, 9.0, 10.2, 11.0, 15.0, 20.0, 40.0, 100.0, 400.0])
    look = [(start + t, lambda: open_at.append(receptors.O)) for t in samples]
    cell.run(
        start + after, v=-60.0, at=[(start, glutamate(1.0)), (start + 1.0, glutamate(0.0)), *look]
    )
    model = mg.models["patch"].without("ca_entry").swap(mg.receptors["kampa_2004_trapping"])
    model = model.swap(mg.receptors["cleft_pulse"])
    events = mg.protocols["single_pulse"].events
    protocol = mg.Protocol("p", "", pulse + after, mg.protocols["voltage_step"].stimuli, events)
    given = {
        "mg_out": 1.0,
        "g_nmda": 1.0,
        "v_hold": -60.0,
        "v_step": v_step,
        "step_start": pulse + 10.0,
        "step_stop": 1e6,
    }
    for dt in (DT, None):
        ds = mg.simulate(model, protocol, record=("o_nmda",), dt=dt, **given)
        ours = np.interp(pulse + samples, ds.time.values, ds.o_nmda.values)
        np.testing.assert_allclose(ours, open_at, rtol=2e-3, atol=1e-9)
    charge = float(mg.sweep(model, protocol, mg.measures["nmda_charge"], **given).nmda_charge)
    assert charge == pytest.approx(receptors.q, rel=CHARGE)


#: Cell, what its file sets in mgrs and mgca, and the file's run: start, stop, nA, first potential.
FAMILY = {
    "fs": (67.0, {"g_leak": 1.5e-4, "g_k": 0.01, "g_m": 0.0}, {}, (500, 2500, 0.5), -70.0),
    "ib": (
        96.0,
        {"g_leak": 1e-5, "e_leak": -85.0, "g_m": 3e-5},
        {"g_l": 1.7e-4},
        (500, 2500, 0.15),
        -84.0,
    ),
    "lts": (
        96.0,
        {"g_leak": 1e-5, "e_leak": -85.0, "g_m": 3e-5},
        {"g_t": 4e-4, "pool": 1},
        (400, 2400, 0.15),
        -84.0,
    ),
}


@pytest.mark.parametrize("name", FAMILY)
def test_the_cells_of_the_family_over_three_seconds(h, name):
    """Bursts and rebounds are sensitive: 0.1 ms at the default step, 0.05 ms at a small one."""
    size, membrane, calcium, (start, stop, nano_ampere), v = FAMILY[name]
    cell = Cell(h)
    cell.section.L = cell.section.diam = size
    cell.section.insert("mgca")
    for suffix, values in (("mgrs", membrane), ("mgca", calcium)):
        for key, value in values.items():
            setattr(cell.section(0.5), f"{key}_{suffix}", value)
    clamp = h.IClamp(cell.section(0.5))
    clamp.delay, clamp.dur, clamp.amp = start, stop - start, nano_ampere
    theirs = cell.run(3000, v=v)
    model = mg.models["cell"].swap(mg.neurons[f"pospischil_2008_{name}"])
    if name == "lts":
        pool = mg.calcium["pool"].with_values(ca_depth=1, ca_kappa=0, tau_ca=5, ca_rest=0.24)
        bath = mg.baths["person"].with_values(ca_out=2)
        model = model.swap(pool).swap(mg.calcium["nernst_ca"]).swap(bath)
    for dt, allowed in STEPS:
        ours = times_of(
            mg.simulate(
                model,
                mg.protocols["current_step"].lasting(3000),
                dt=dt,
                every=1000,
                i_amp=nano_ampere * 1e3,
                step_start=start,
                step_stop=stop,
            )
        )
        assert len(ours) == len(theirs) > 3
        np.testing.assert_allclose(ours, theirs, atol=allowed)
