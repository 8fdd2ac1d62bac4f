"""Pospischil et al. (2008): cortical cells of one family, as coded in ModelDB 123623."""

from mgsim.compose.assembly import assemble, membrane
from mgsim.parts.channels import calcium, cortical

_RS = "pospischil_2008: RS cell as coded in ModelDB 123623 sPY_template"
_STARTS = (
    "Gates start at their steady states at v_start, where the original ModelDB script starts them "
    "at 0"
)
_RATES = "Rates carry no temperature factor: they are those of 36 degC."


_MEMBRANE = (membrane(_RS), cortical.leak, cortical.na_fast, cortical.k_dr)
_SHARED = {"v_t": -55.0, "e_na": 50.0, "e_k": -100.0, "celsius": 36.0}

pospischil_2008_rs = assemble(
    "pospischil_2008_rs",
    "regular spiking cortical pyramidal cell",
    *_MEMBRANE,
    cortical.k_m,
    values={**_SHARED, "area": 28952.9, "e_leak": -70.0},
    source=_RS + ", diam = L = 96 um",
    reproduces="The five reference spike times at 0.75 nA of the Open Source Brain copy.",
    conditions="Rat somatosensory and ferret visual cortex, in vitro.",
    deviations=f"{_STARTS} (its fifth spike comes 5.5 ms earlier). {_RATES}",
)

pospischil_2008_fs = assemble(
    "pospischil_2008_fs",
    "fast spiking cortical interneuron",
    *_MEMBRANE,
    values={**_SHARED, "area": 14102.6, "g_leak": 0.15, "e_leak": -70.0, "g_k": 10.0},
    source="pospischil_2008: FS cell as coded in ModelDB 123623 sIN_template, diam = L = 67 um",
    reproduces="The twenty reference spike times at 0.5 nA of the Open Source Brain copy.",
    conditions="Visual cortex, in vitro; no adaptation.",
    deviations=f"{_STARTS}. {_RATES}",
)

#: Leak and slow potassium current of the two cells with calcium spikes.
_LOW = {
    **_SHARED,
    "area": 28952.9,
    "g_leak": 0.01,
    "e_leak": -85.0,
    "g_m": 0.03,
    "v_start": -84.0,
    "e_ca": 120.255,
}
_CONSTANT = (
    "e_ca is what 2 mM outside and 0.24 uM inside give at 36 degC; a part that computes it takes "
    "its place"
)

pospischil_2008_lts = assemble(
    "pospischil_2008_lts",
    "low-threshold spiking cortical cell",
    *_MEMBRANE,
    cortical.k_m,
    calcium.ca_t_instant,
    values={**_LOW, "g_ca_t": 0.4},
    source="pospischil_2008: LTS cell as coded in ModelDB 123623 sPYr_template, demo_PY_LTS",
    reproduces="The four reference spike times at 0.15 nA of the Open Source Brain copy, with "
    "'pool' (ca_depth 1 um, ca_kappa 0, tau_ca 5 ms, ca_rest 0.24 uM) and 'nernst_ca' at 2 mM.",
    conditions="Association cortex, in vitro. The rebound is sensitive: rk2 at 0.025 ms is some ms "
    "off in the spikes after a burst.",
    deviations=f"{_STARTS}. {_RATES} {_CONSTANT}: with the file's pool the reversal falls during a "
    "burst.",
)

pospischil_2008_ib = assemble(
    "pospischil_2008_ib",
    "intrinsically bursting cortical pyramidal cell",
    *_MEMBRANE,
    cortical.k_m,
    calcium.ca_l_type,
    values={**_LOW, "g_ca_l": 0.17},
    source="pospischil_2008: IB cell as coded in ModelDB 123623 sPYb_template, demo_PY_IB",
    reproduces="The thirteen reference spike times at 0.15 nA of the Open Source Brain copy: a "
    "burst, then single spikes.",
    conditions="Somatosensory cortex, in vitro. g_ca_l 0.1: regular spiking; 0.22: repeated bursts "
    "(comments of the file).",
    deviations=f"{_STARTS}. {_RATES} {_CONSTANT}; in the file no pool moves it.",
)
