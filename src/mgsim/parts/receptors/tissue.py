"""AMPA and NMDA gating by releases and by the glutamate that a tissue has in its clefts."""

from mgsim.compose.assembly import reworded
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port
from mgsim.parts.receptors.ampa import ampa_exponential
from mgsim.parts.receptors.dual_exponential import dual_exponential

_AROUND = Port("glu_around", "mM", "glutamate in the extracellular space", everywhere=True)
#: What clefts have, and what a protocol applies, which is not among the amounts.
_CLEFT = "(glu + glu_ambient - glu_around)"
_CONDITIONS = "Glutamate that a protocol applies (glu_ambient) is in clefts as it is around them."

dual_exponential_tissue = reworded(
    dual_exponential,
    "dual_exponential_tissue",
    {"bound_ambient = glu_ambient/": f"bound_ambient = {_CLEFT}/"},
    meaning="NMDA gating by releases and by the glutamate in clefts of a tissue",
    ports=(_AROUND,),
    conditions=f"{dual_exponential.conditions} {_CONDITIONS}",
)

ampa_tissue = reworded(
    ampa_exponential,
    "ampa_tissue",
    {
        "g_open_ampa = g_ampa*s_ampa": f"ampa_steady = ampa_left*{_CLEFT}/({_CLEFT} + ec50_ampa)"
        " : 1  # open in lasting glutamate\n"
        "g_open_ampa = g_ampa*(s_ampa + ampa_steady)"
    },
    meaning="AMPA current of releases and of the glutamate in clefts of a tissue",
    parameters=(
        *(p for p in ampa_exponential.parameters if p.name != "e_ampa"),  # ions that move make it
        Parameter(
            "ampa_left",
            3.0,
            "1",
            "AMPA conductance in much lasting glutamate, over that of one release",
            "assumed: 0.1 mS/cm2 of the cell, as of its NMDA receptors; sweep it",
            (0, 20),
        ),
        Parameter(
            "ec50_ampa",
            20.0,
            "uM",
            "lasting glutamate at half of that",
            "unverified: some 10 uM where receptors desensitise, far below that of a brief pulse",
            (3, 300),
        ),
    ),
    ports=(_AROUND,),
    conditions=f"{ampa_exponential.conditions} {_CONDITIONS}",
    deviations="What is left of desensitisation is there at once.",
)
