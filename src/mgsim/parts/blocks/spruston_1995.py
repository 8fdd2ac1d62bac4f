"""Spruston, Jonas & Sakmann (1995): Woodhull block with temperature."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured
from mgsim.parts.blocks.exponential import UNBLOCKED

_SOURCE = "spruston_1995: as coded in ModelDB 145836 SynExp2NMDA.mod"

spruston_1995 = Component(
    name="spruston_1995",
    slot="block",
    meaning="Spruston et al. 1995, Woodhull site with temperature",
    equations="""
mg_slope = 2*mg_delta*faraday_constant/(gas_constant*(celsius + zero_celsius)) : 1/mV  # steepness
"""
    + UNBLOCKED.format("v"),
    parameters=(
        Parameter(
            "mg_k",
            4.1,
            "mM",
            "magnesium that blocks half the conductance at 0 mV",
            _SOURCE,
            (0.8, 20),
        ),
        Parameter(
            "mg_delta",
            0.8,
            "1",
            "electrical distance of the blocking site from outside",
            _SOURCE,
            (0.4, 1.1),
        ),
    ),
    references=("spruston_1995", "woodhull_1973"),
    reproduces="The I-V of dendritic NMDA receptors of CA1 and CA3 pyramidal cells at 1 mM Mg, "
    "with a region of negative slope.",
    conditions="Dendritic patches of CA3 (15-76 um from the soma) and CA1 (25-174 um) pyramidal "
    "cells, rat hippocampal slices.",
    measured=(
        Measured("mg_out", 1.0, 1.0, "spruston_1995: abstract, 1 mM"),
        Measured(
            "celsius",
            17.0,
            25.0,
            "unverified: room temperature; a comment in ModelDB 145836 says 18 degC",
        ),
    ),
    deviations="Temperature enters by RT/F only; k and delta are held. The published current "
    "reverses at -0.7 mV; set e_nmda for that. The same authors' later code (ModelDB 145836 "
    "MgBlock.hoc) fits 6.92 mM and 0.99 instead.",
)
