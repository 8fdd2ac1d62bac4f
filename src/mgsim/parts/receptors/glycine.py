"""Glycine as the co-agonist: a factor on the NMDA conductance."""

from __future__ import annotations

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter


def _site(
    name: str, who: str, k: float, source: str, references: tuple[str, ...] = ()
) -> Component:
    return Component(
        name=name,
        slot="coagonist",
        meaning=f"glycine site of {who}, by Hill's law",
        equations="""
glycine_ratio = (glycine/glycine_k)**glycine_n : 1
coagonist = glycine_ratio/(1 + glycine_ratio) : 1  # receptors with their glycine site occupied
""",
        parameters=(
            Parameter(
                "glycine",
                10.0,
                "uM",
                "extracellular glycine",
                "assumed: as added in recordings from cultures",
                (0, 100),
            ),
            Parameter(
                "glycine_k",
                k,
                "uM",
                "glycine that occupies half the sites",
                source,
                (0.2 * k, 5 * k),
            ),
            Parameter(
                "glycine_n",
                1.0,
                "1",
                "Hill coefficient of glycine",
                "assumed: one site of one kind",
                (0.8, 2),
            ),
        ),
        adds={"modulation_nmda": "coagonist"},
        references=references,
        reproduces="Half the conductance at that glycine.",
        conditions="Saturating glutamate; recombinant receptors where a subunit is named.",
        deviations="In equilibrium at every moment: no change of desensitisation or of the "
        "affinity for glutamate with glycine.",
    )


glycine_site = _site(
    "glycine_site",
    "native NMDA receptors",
    1.0,
    "unverified: of the order of 1 uM; see the sites by subunit",
)
glycine_glun2a = _site(
    "glycine_glun2a",
    "GluN1/GluN2A receptors",
    1.4,
    "unverified: 1.1 to 1.7 uM (Traynelis et al. 2010, recalled)",
)
glycine_glun2b = _site(
    "glycine_glun2b",
    "GluN1/GluN2B receptors",
    0.35,
    "assumed: between 0.23 uM of human receptors (Kellner et al. 2021, table 2) "
    "and a recalled 0.4 to 0.7",
    ("kellner_2021",),
)
glycine_glun2d = _site(
    "glycine_glun2d",
    "GluN1/GluN2D receptors",
    0.15,
    "unverified: 0.1 to 0.2 uM (Traynelis et al. 2010, recalled)",
)
