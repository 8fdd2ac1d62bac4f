"""Wei, Ullah & Schiff (2014): spikes, seizures and depolarisation by potassium and oxygen."""

from dataclasses import replace

from mgsim.compose.assembly import assemble, membrane
from mgsim.parts.channels import cortical, hubel

_CODE = "wei_2014: as coded in class Wei of jakobes/xalbrain"

wei_2014_cell = assemble(
    "wei_2014_cell",
    "neuron of the model of spikes, seizures and spreading depression, its leaks by ion",
    membrane(_CODE),
    replace(cortical.na_fast, measured=()),
    replace(cortical.k_dr, measured=()),
    hubel.na_leak,
    hubel.k_leak,
    hubel.cl_leak,
    values={
        "v_start": -74.30,
        "v_t": -67.0,
        "g_na": 30.0,
        "g_k": 25.0,
        "g_na_leak": 0.0247,
        "g_k_leak": 0.05,
        "g_cl_leak": 0.1,
    },
    source=_CODE,
    reproduces="With the parts of 'wei_2014': rest, seizure-like firing, spreading depolarisation "
    "and anoxia (docs/validation.md, row TS2o).",
    conditions="One compartment; meant for reversal potentials from concentrations and a pump, "
    "without whose current it fires at rest.",
    deviations="Gates start at their steady states at v_start.",
)
