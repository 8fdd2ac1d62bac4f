"""Huebel & Dahlem (2014): the smallest neuron whose ions move."""

from mgsim.compose.assembly import assemble, membrane
from mgsim.parts.channels import hubel

_CODE = "hubel_2014: as coded in ModelDB 167714 spreading-depression.ode"

hubel_2014_cell = assemble(
    "hubel_2014_cell",
    "neuron of the smallest model of spreading depolarisation, its leaks by ion",
    membrane(_CODE),
    hubel.na_hubel_reduced,
    hubel.k_hubel,
    hubel.na_leak,
    hubel.k_leak,
    hubel.cl_leak,
    values={"v_start": -67.193253, "area": 922.0, "g_na_leak": 0.0175, "g_cl_leak": 0.02},
    source=_CODE,
    reproduces="With the parts of 'hubel_2014': spreading depolarisation after the pump was off, "
    "and recovery (docs/validation.md, row TS2m).",
    conditions="One compartment; meant for reversal potentials from concentrations.",
    deviations="Area and volumes are a thousand times those of the file, which leaves every "
    "equation as it is.",
)
