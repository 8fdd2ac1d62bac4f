"""Golomb, Shedmi, Curtu & Ermentrout (2006): a cortical cell that bursts when it is driven."""

from mgsim.compose.assembly import assemble, membrane
from mgsim.parts.channels import bursting, cortical

_CODE = "golomb_2006: as coded in ModelDB 147117 runhh.m"

golomb_2006_cell = assemble(
    "golomb_2006_cell",
    "conditionally bursting pyramidal cell with a slow potassium current",
    membrane(_CODE),
    cortical.leak,
    bursting.na_instant,
    bursting.na_persistent,
    bursting.k_dr_sigmoid,
    bursting.k_slow,
    values={
        "v_start": -71.0,
        "v_spike": -20.0,
        "g_leak": 0.05,
        "e_leak": -70.0,
        "e_na": 55.0,
        "e_k": -90.0,
    },
    source=_CODE,
    reproduces="Bursts of the self-coupled cell that persist beside silence, need slow NMDA "
    "receptors and end as magnesium rises: statements of the paper's abstract.",
    conditions="Models of cortical tissue at low magnesium; all published numbers are per area, so "
    "that the size of the cell matters only to synapses, whose conductances are whole-cell.",
    deviations="Gates start at their steady states at v_start, where runhh.m starts h at 0.98, n "
    "at 0.022 and z at 0. A spike is counted where it half opens release, at -20 mV, for those "
    "late in a burst do not reach 0 mV; runhh.m takes maxima above -30 mV. The delayed rectifier "
    "of the paper's text is 3 mS/cm2, that of its own simulator and of runhh.m 6.",
)
