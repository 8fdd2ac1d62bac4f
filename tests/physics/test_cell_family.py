"""The cells of Pospischil et al. (2008), by published spike times and by what each class does.

Spike times: the expected ones of OpenSourceBrain/PospischilEtAl2008 (NEURON_MODIFIED, .test.FS,
.test.IB and .test.LTS.spikes.mep), whose gates start at steady state; first-order runs at 0.001 ms,
so the later spikes are off by some tenths of a ms. What a density or a leak turns a cell into: the
comments of demo_PY_IB.hoc and demo_PY_LTS.hoc of ModelDB 123623.
"""

from dataclasses import replace

import numpy as np
import pytest
from running import FUSED, run

import mgsim as mg
from mgsim.declare.parameter import PartError

STEP = mg.protocols["current_step"]
#: The calcium of the low-threshold cell's file: 1 um, no buffer, 5 ms, 2 mM outside.
FILE_POOL = mg.calcium["pool"].with_values(ca_depth=1, ca_kappa=0, tau_ca=5, ca_rest=0.24)
#: What the files do to each cell.
RUNS = {
    "rs": (1000, {"i_amp": 750}),
    "fs": (1000, {"i_amp": 500}),
    "ib": (3000, {"i_amp": 150, "step_start": 500, "step_stop": 2500}),
    "lts": (1000, {"i_amp": 150, "step_start": 400, "step_stop": 800}),
}
PUBLISHED = {
    "fs": (0.05, [*(317.023 + 20.17175 * k for k in range(19)), 700.299]),
    "ib": (
        0.8,
        [
            *(617.724, 624.631, 631.1, 637.785, 644.908, 652.67, 661.419, 672.084),
            *(1157.215, 1487.096, 1807.4, 2121.216, 2432.682),
        ],
    ),
    "lts": (0.3, [431.422, 445.188, 517.236, 720.421]),
}


def model(name):
    made = mg.models["cell"].swap(mg.neurons[f"pospischil_2008_{name}"])
    if name == "lts":
        bath = mg.baths["person"].with_values(ca_out=2)
        made = made.swap(FILE_POOL).swap(mg.calcium["nernst_ca"]).swap(bath)
    return made


def spikes(made, duration, **values):
    ds = mg.simulate(made, STEP.lasting(duration), record=("v",), every=1000, **values)
    return ds.spike_time.values


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_spike_times(name):
    allowed, times = PUBLISHED[name]
    duration, values = RUNS[name]
    found = spikes(model(name), duration, **values)
    assert len(found) == len(times)
    np.testing.assert_allclose(found, times, atol=allowed)
    first = {"ib": 8, "lts": 2}.get(name, len(times))
    np.testing.assert_allclose(found[:first], times[:first], atol=0.06)


@pytest.mark.parametrize("name", RUNS)
def test_the_default_step_is_exact_over_three_seconds(name):
    """Spikes within 0.1 ms of an eighth of the step, while the cell is driven for 2 s."""
    values = {"i_amp": RUNS[name][1]["i_amp"], "step_start": 500, "step_stop": 2500}
    coarse, fine = (spikes(model(name), 3000, dt=dt, **values) for dt in (None, 0.0125))
    assert len(coarse) > 2
    np.testing.assert_allclose(coarse, fine, atol=0.1)


def test_rs_adapts_and_fs_does_not():
    """The M current slows the pyramidal cell; the interneuron's file has none."""
    driven = {"i_amp": 900, "step_start": 200, "step_stop": 1200}
    rs = np.diff(spikes(model("rs"), 1400, **driven))
    fs = np.diff(spikes(model("fs"), 1400, **{**driven, "i_amp": 600}))
    assert rs[-1] > 2 * rs[0]
    assert fs[-1] == pytest.approx(fs[1], rel=1e-3)


@pytest.mark.parametrize(
    ("density", "bursts"), [(0.1, 0), (0.17, 1), (0.2, 2), (0.22, 3)], ids=lambda x: f"{x:g}"
)
def test_ib_bursts_by_its_calcium_density(density, bursts):
    """Regular spiking, one burst, two, repeated bursts (comments of demo_PY_IB.hoc).

    A burst: spikes less than 35 ms apart, three or more; the file shows no intervals between.
    """
    duration, values = RUNS["ib"]
    times = spikes(model("ib"), duration, g_ca_l=density, **values)
    groups = np.split(times, np.flatnonzero(np.diff(times) > 35) + 1)
    found = sum(len(g) > 2 for g in groups)
    assert found >= bursts if bursts == 3 else found == bursts


def test_lts_rebounds_from_hyperpolarisation():
    """e_leak -60 mV, -75 pA: a spike when the current ends, by the T current alone."""
    driven = {"i_amp": -75, "step_start": 400, "step_stop": 800, "e_leak": -60, "v_start": -60}
    rebound = spikes(model("lts"), 1200, **driven)
    assert rebound.size
    assert np.all((rebound > 800) & (rebound < 1000))
    assert not spikes(model("lts"), 1200, **driven, g_ca_t=0.0).size


def test_a_cell_is_its_parts():
    """The regular spiking cell by assembly is the sum of parts that stand in a model of their own.

    Each channel then fills its own slot and reads the same ports.
    """
    rs = mg.neurons["pospischil_2008_rs"]
    bare = mg.Component(
        "bare",
        "neuron",
        "the membrane alone",
        "dv/dt = -i_membrane/(c_m*area) : mV",
        parameters=tuple(
            rs[n] for n in ("c_m", "v_start", "v_spike", "area", "v_t", "e_leak", "e_na", "e_k")
        ),
        initial={"v": "v_start"},
        spike="v > v_spike",
    )
    channels = [mg.channels[n] for n in ("leak", "na_fast", "k_dr", "k_m")]
    loose = mg.Model("loose", (bare, *channels))
    a, b = (
        run(FUSED, m, STEP, record=("v",), method="rk2", dt=0.025).traces["v"]
        for m in (mg.models["cell"], loose)
    )
    np.testing.assert_array_equal(a, b)


def test_what_cannot_be_assembled():
    rs = mg.neurons["pospischil_2008_rs"]
    leak = mg.channels["leak"]
    given = {"values": {}, "source": "assumed: for a test"}
    with pytest.raises(PartError, match=r"'i_leak' is defined by .* and by 'leak'"):
        mg.assemble("twice", "two leaks", rs, leak, **given)
    with pytest.raises(KeyError, match="no value 'g_leek' in cell 'odd'; did you mean g_leak"):
        mg.assemble("odd", "", rs, **{**given, "values": {"g_leek": 1.0}})


def test_a_value_of_the_cell_has_the_cells_source():
    fs = mg.neurons["pospischil_2008_fs"]
    assert "sIN_template" in fs["g_k"].source
    assert fs["g_na"].source == mg.channels["na_fast"]["g_na"].source
    assert fs.differs == ()
    assert replace(fs, name="x").currents == {"i_leak": "", "i_na_fast": "na", "i_k_dr": "k"}
