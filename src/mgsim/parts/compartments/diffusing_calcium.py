"""Calcium that diffuses through the neck of a spine."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import PORTS

_CODE = "odonnell_2011: as coded in spinemodel_fig6.m"

diffusing_calcium = Component(
    name="diffusing_calcium",
    slot="ca_diffusion",
    meaning="free calcium that diffuses to the next place through a neck",
    equations="flow_ca = pi/4*d_ca*neck_diameter**2/neck_length : um**3/ms",
    exchange=(("ca", "ca_parent", "flow_ca", "flow_ca"),),
    parameters=(
        Parameter(
            "d_ca",
            0.22,
            "um**2/ms",
            "diffusion coefficient of free calcium",
            f"{_CODE}, 2.2e-10 m2/s",
            (0, 0.8),
        ),
        Parameter("neck_length", 0.5, "um", "length of the neck", f"{_CODE}, 0.5 um", (0.1, 3)),
        Parameter(
            "neck_diameter", 0.1, "um", "diameter of the neck", f"{_CODE}, 0.1 um", (0.05, 0.5)
        ),
    ),
    ports=(PORTS["ca"].at("parent"),),
    references=("odonnell_2011",),
    conditions="Spines of CA1 pyramidal cells. Calcium is uniform on either side of the neck.",
    deviations="Only free calcium diffuses: buffers stay where they are, so that a pool loses it "
    "as many times more slowly as it binds calcium. The neck holds none itself and does not "
    "extrude it. Its geometry is not that of the neck's resistance, which is stated apart.",
)
