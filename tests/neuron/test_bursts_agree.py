"""The self-coupled bursting cell against NEURON with a mechanism written by hand, by CVODE.

Spikes of a second within 0.01 ms at a small step, and within 0.1 ms at the default of `simulate`.
"""

import numpy as np
import pytest
from test_agreement import Cell, times_of

import mgsim as mg


@pytest.mark.parametrize(
    ("density", "mg_out"), [(0.2, 0.05), (0.1, 0.02), (0.3, 0.1), (0.15, 0.0), (0.2, 0.4)]
)
def test_a_second_from_the_active_start(h, density, mg_out):
    cell = Cell(h, rs=False)
    cell.section.insert("mggolomb")
    own = cell.section(0.5).mggolomb
    own.g_nmda, own.mg, own.on = density * 1e-3, mg_out, 1.0
    cell.detector.threshold = -20.0
    theirs = cell.run(1000, v=-71.0)
    assert len(theirs) > (100 if mg_out < 0.4 else 1)
    for dt, allowed in ((0.005, 0.01), (None, 0.1)):
        ours = times_of(
            mg.simulate(
                mg.models["bursting"],
                mg.protocols["rest"],
                dt=dt,
                every=1000,
                active_start=1.0,
                g_nmda=200 * density,  # nS on 20000 um2
                mg_out=mg_out,
            )
        )
        assert len(ours) == len(theirs)
        np.testing.assert_allclose(ours, theirs, atol=allowed)
