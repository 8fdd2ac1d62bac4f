"""The cell whose ions move against NEURON with a mechanism written by hand, by CVODE.

A strong bath depolarises it within a second: spikes, potassium, volume, and the glutamate released.
"""

import numpy as np
import pytest
from test_agreement import Cell, times_of

import mgsim as mg

BATH = {"k_bath": 40.0, "bath_rate": 0.001}


@pytest.mark.parametrize(("co_transport", "mg_out"), [(-1.0, 1.2), (1.0, 0.0)])
def test_two_seconds_of_spreading_depolarisation(h, co_transport, mg_out):
    cell = Cell(h, rs=False)
    cell.section.insert("mghubel")
    own = cell.section(0.5).mghubel
    own.bath, own.rate = BATH["k_bath"], BATH["bath_rate"]
    own.co, own.mg = co_transport, mg_out
    theirs = cell.run(2000, v=-71.1)
    ds = mg.simulate(
        mg.models["hubel_2017"],
        mg.protocols["rest"].lasting(2000, (0, 2000)),
        record=("v", "k_out", "vol_out", "glu"),
        dt=0.02,
        every=1000,
        co_transport=co_transport,
        mg_out=mg_out,
        **BATH,
    )
    ours = times_of(ds)
    assert len(theirs) > 10
    np.testing.assert_allclose(ours, theirs, atol=0.05)
    end = ds.isel(time=-1)
    assert own.gc > 0.01  # glutamate was released, mM
    for name, value in {"k_out": own.ke, "vol_out": own.ve, "glu": own.gc}.items():
        assert float(end[name]) == pytest.approx(value, rel=1e-4), name
    assert float(end.v) == pytest.approx(cell.section(0.5).v, abs=0.01)
