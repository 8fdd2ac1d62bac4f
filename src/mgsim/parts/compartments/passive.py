"""Leaky membrane without channels: a stretch of dendrite, and the head of a spine."""

from mgsim.compose.assembly import assemble, membrane
from mgsim.declare.component import Component
from mgsim.parts.channels import cortical

_RS = "pospischil_2008: RS cell as coded in ModelDB 123623 sPY_template"


def _passive(name: str, meaning: str, area: float, source: str) -> Component:
    """A leaky membrane of so many um2."""
    key = source.partition(":")[0]
    return assemble(
        name,
        meaning,
        membrane(_RS, spikes=False),
        cortical.leak,
        values={"area": area},
        source=source,
        references=() if key == "assumed" else (key,),
        reproduces="No figure compared.",
        conditions="Leak and capacitance are those of the regular spiking cell.",
        deviations="No channels.",
    )


dendrite = _passive(
    "dendrite",
    "a stretch of dendrite with leaky membrane",
    1256.6,
    "assumed: a cylinder of 200 um by 2 um",
)
spine_head = _passive(
    "spine_head",
    "the head of a spine with leaky membrane",
    0.9495,
    "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod, the surface of a "
    "sphere of 0.087 um3",
)
