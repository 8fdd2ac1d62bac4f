"""The resistance of the inside between a place and the next one."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import PORTS

axial = Component(
    name="axial",
    slot="axial",
    meaning="axial resistance to the next place",
    exchange=(("v", "v_parent", "1/r_axial", "1/r_axial"),),
    parameters=(
        Parameter(
            "r_axial",
            100.0,
            "Mohm",
            "axial resistance to the next place",
            "assumed: between a dendrite (tens of MOhm) and the neck of a spine (50 to 500 MOhm)",
            (1, 2000),
        ),
    ),
    ports=(PORTS["v"].at("parent"),),
    conditions="Charge moves between two membranes, each at one potential.",
    deviations="The inside between the places has no membrane of its own.",
)
