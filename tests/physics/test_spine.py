"""Places that exchange charge: closed forms of three compartments, conservation, limits."""

from dataclasses import replace

import numpy as np
import pytest
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol

pytestmark = pytest.mark.usefixtures("unoptimised")

PASSIVE = mg.compartments["dendrite"]
HEAD = mg.compartments["spine_head"]
AXIAL = mg.compartments["axial"]
OPEN = (mg.receptors["fully_open"], mg.blocks["none"], mg.receptors["nmda"])
REST = Protocol("rest", "", 200.0)
PLACES = ("v", "v_dendrite", "v_spine")
#: mS/cm2, uF/cm2, mV: those of the catalog.
G, C, E = 0.1, 1.0, -70.0


def three(*parts):
    """A passive soma, a dendrite and the head of a spine, with parts in the spine."""
    return Model(
        "three",
        (
            PASSIVE,
            mg.at(PASSIVE, "dendrite"),
            mg.at(HEAD, "spine"),
            mg.at(AXIAL, "dendrite"),
            mg.at(AXIAL, "spine", parent="dendrite"),
            *(mg.at(p, "spine") for p in parts),
        ),
    )


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_steady_potentials_are_those_of_ohm(engine):
    """Constant conductance in the spine: three potentials by the conductance matrix."""
    areas = {"area": 5000.0, "area_dendrite": 800.0, "area_spine": 0.95}
    rows = [
        {**areas, "r_axial_dendrite": 50.0, "r_axial_spine": neck, "g_nmda_spine": 2.0}
        for neck in (50.0, 500.0)
    ]
    leak = 0.01 * G * np.array(list(areas.values()))  # nS
    given = {"dt": 0.5, "method": "rk4", "record": PLACES}
    found = run(engine, three(*OPEN), REST, (), rows, **given)
    for i, row in enumerate(rows):
        near, neck = 1e3 / row["r_axial_dendrite"], 1e3 / row["r_axial_spine"]
        matrix = np.diag(leak + np.array([near, near + neck, neck + row["g_nmda_spine"]]))
        matrix -= np.array([[0, near, 0], [near, 0, neck], [0, neck, 0]])
        potentials = np.linalg.solve(matrix, leak * E) * 1e-3  # receptors reverse at 0
        ours = [found.traces[n][i, -1] for n in PLACES]
        np.testing.assert_allclose(ours, potentials, atol=1e-6)
    assert ours[2] - ours[1] > 0.01  # the spine is far above the dendrite


def test_what_leaves_one_place_comes_to_the_others():
    """Without leak, charge put into the spine is shared by capacitance and none is lost."""
    areas = np.array([3000.0, 500.0, 2.0])
    starts = np.array([-70.0, -60.0, 30.0])
    ends = ("", "_dendrite", "_spine")
    row = {f"area{e}": a for e, a in zip(ends, areas, strict=True)}
    row |= {f"v_start{e}": v for e, v in zip(ends, starts, strict=True)}  # where each starts
    row |= {f"g_leak{e}": 0.0 for e in ends}
    rows = [{**row, "r_axial_spine": neck} for neck in (50.0, 500.0)]
    for dt in (0.1, 0.025):
        found = run(FUSED, three(), REST, (), rows, dt=dt, method="rk4_local", record=PLACES)
        charge = sum(a * found.traces[n] for a, n in zip(areas, PLACES, strict=True))
        first = np.broadcast_to((areas * starts).sum() * 1e-3, charge.shape)
        np.testing.assert_allclose(charge, first, rtol=1e-12)
        shared = (areas * starts).sum() / areas.sum() * 1e-3
        np.testing.assert_allclose(found.traces["v_spine"][:, -1], shared, rtol=1e-9)


def test_without_a_neck_the_spine_is_membrane_of_the_dendrite():
    """A neck of a thousandth of a MOhm: one compartment of the joint area, receptors and all."""
    spine = mg.models["spine"].without("ca_r_spine")
    cell = tuple(p for p in spine.parts if p.place != "spine")
    others = ("bath", "neuron", "ca_pool", "ca_r")
    head = [p for p in mg.models["clamped_spine"].parts if p.slot not in others]
    receptors = [*head, mg.receptors["ampa_exponential"]]
    one = Model("one", (*cell, *(mg.at(p, "dendrite") for p in receptors)))
    train = mg.protocols["train_20hz"].lasting(150)

    def traces(model, place, **row):
        row |= {f"g_nmda_{place}": 5.0, f"g_ampa_{place}": 5.0}
        return run(FUSED, model, train, (), [row], dt=0.025, record=("v", f"v_{place}")).traces

    both = traces(spine, "spine", r_axial_spine=1e-3)
    joint = traces(one, "dendrite", area_dendrite=1256.6 + HEAD["area"].value)
    np.testing.assert_allclose(both["v_spine"], joint["v_dendrite"], atol=2e-5)
    np.testing.assert_allclose(both["v"], joint["v"], atol=2e-6)
    assert np.ptp(joint["v_dendrite"]) > 5e-3


def test_a_spike_of_the_soma_lifts_the_block_in_the_spine():
    """Calcium of an input paired with a spike 10 ms later, over that of the input alone.

    Above 1 in magnesium; without, the spike only takes driving force away, so just below 1. (The
    public code of Chindemi et al. 2022 gives 2.2 and 0.92 where a back-propagating action potential
    of 100 mV is imposed.)
    """
    protocol = replace(
        mg.protocols["current_step"]
        .with_values(step_start=58, step_stop=63)
        .lasting(400, (0, 400)),
        events=mg.protocols["single_pulse"].events,
    )
    ds = mg.sweep(
        mg.models["spine"],
        protocol,
        measures=["ca_charge_spine", "spike_count"],
        mg_out=[0, 1],
        i_amp=[0, 4000],
    )
    assert ds.spike_count.values.tolist() == [[0, 1], [0, 1]]
    without, with_mg = (ds.ca_charge_spine.sel(i_amp=4000) / ds.ca_charge_spine.sel(i_amp=0)).values
    assert 0.9 < without < 1
    assert with_mg > 1.05
