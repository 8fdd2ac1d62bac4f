"""Huebel, Andrew & Ullah (2016): a neuron whose ions move and that blood supplies."""

from dataclasses import replace

from mgsim.compose.assembly import assemble, membrane, stating
from mgsim.declare.component import Component
from mgsim.parts.channels import hubel

_CODE = "hubel_2016: as coded in ModelDB 187213 time_series.ode"


def _resting(cell: Component) -> Component:
    """The cell, its start at the rest of the published concentrations."""
    start = stating(cell["v_start"], -67.05, "assumed: the rest at its concentrations")
    return replace(
        cell, parameters=tuple(start if p.name == "v_start" else p for p in cell.parameters)
    )


hubel_2016_cell = _resting(
    assemble(
        "hubel_2016_cell",
        "neuron of the model of anoxic depolarisation, its leaks by ion",
        membrane(_CODE),
        hubel.na_hubel,
        hubel.k_hubel,
        hubel.na_leak,
        hubel.k_leak,
        hubel.cl_leak,
        values={"area": 922.0, "g_na_leak": 0.0175, "g_cl_leak": 0.05},
        source=_CODE,
        reproduces="With the parts of 'hubel_2016': depolarisation without pump and blood, and "
        "recovery (docs/validation.md, row TS2n).",
        conditions="One compartment; meant for reversal potentials from concentrations.",
        deviations="Gates start at their steady states at v_start.",
    )
)
