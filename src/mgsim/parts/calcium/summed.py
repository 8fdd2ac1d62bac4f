"""Calcium that enters by NMDA receptors, summed over all of them."""

from dataclasses import replace

from mgsim.declare.ports import Port
from mgsim.parts.calcium.fractional import fractional

fractional_summed = replace(
    fractional,
    name="fractional_summed",
    meaning=f"{fractional.meaning}; summed over synaptic receptors and others",
    adds={"ca_by_nmda": "-i_ca_nmda/(2*faraday_constant)"},
    ports=(
        Port(
            "ca_by_nmda", "fmol/ms", "calcium that enters by NMDA receptors", "sum", membrane=True
        ),
    ),
)
