"""Traub et al. (1991), as in Kager, Wadman & Somjen (2000)."""

from mgsim.declare.ports import Measured
from mgsim.parts.blocks.exponential import exponential

traub_1991 = exponential(
    "traub_1991",
    k=3.0,
    slope=0.07,
    v_ref=-10.0,
    source="kager_2000: as coded in ModelDB 113446 nmda.mod",
    meaning="Traub 1991 / Kager, Wadman & Somjen 2000",
    references=("kager_2000", "traub_1991"),
    reproduces="The NMDA conductance of the seizure and spreading depression models, at 1.2 mM Mg.",
    conditions="Model of hippocampal CA3/CA1 pyramidal cells.",
    measured=(
        Measured("mg_out", 1.2, 1.2, "kager_2000: used at 1.2 mM"),
        Measured("celsius", 36.0, 36.0, "kager_2000: used at 36 degC"),
    ),
    deviations="The source measures the potential from a rest of -70 mV: exp(-0.07 (v_rel - 60)) "
    "is exp(-0.07 (v + 10)) in absolute potential.",
)
