"""Hodgkin & Huxley (1952): the giant axon of the squid, a patch of its membrane."""

from mgsim.compose.assembly import assemble, membrane
from mgsim.parts.channels import cortical, squid

hodgkin_huxley_1952 = assemble(
    "hodgkin_huxley_1952",
    "patch of the squid's giant axon at 6.3 degC",
    membrane("hodgkin_1952: as coded in NEURON's hh.mod"),
    cortical.leak,
    squid.na_squid,
    squid.k_squid,
    values={
        "g_leak": 0.3,
        "e_leak": -54.4,
        "e_na": 50.0,
        "e_k": -77.0,
        "v_start": -65.0,
        "celsius": 6.3,
        "area": 10000.0,
    },
    source="hodgkin_1952: as coded in NEURON's hh.mod; e_leak so that it rests at -65 mV",
    references=("hodgkin_1952",),
    reproduces="The rest at -65 mV, and a first spike from 2.24 uA/cm2 in a step of 500 ms.",
    conditions="Sea water, 6.3 degC: cold, and far more ions outside than in a mammal. A long "
    "axon's patch, space-clamped.",
    deviations="e_leak is -54.4 mV, where NEURON's file has -54.3. The area is a choice: "
    "currents scale with it.",
)
