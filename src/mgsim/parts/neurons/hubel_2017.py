"""Huebel, Hosseini-Zare, Ziburkus & Ullah (2017): a neuron whose ions move."""

from mgsim.compose.assembly import assemble, membrane
from mgsim.parts.channels import hubel

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"

hubel_2017_cell = assemble(
    "hubel_2017_cell",
    "neuron of the model of spreading depolarisation, its leaks by ion",
    membrane(_CODE),
    hubel.na_hubel,
    hubel.k_hubel,
    hubel.na_leak,
    hubel.k_leak,
    hubel.cl_leak,
    values={"v_start": -71.1, "area": 18000.0},
    source=_CODE,
    reproduces="With the parts of 'hubel_2017': rest, onset and course of spreading depolarisation "
    "and of energy failure (docs/validation.md, section S2).",
    conditions="One compartment; meant for reversal potentials from concentrations.",
    deviations="Gates start at their steady states at v_start, where SD.ode starts n at 0.0714 and "
    "h at 0.977.",
)
