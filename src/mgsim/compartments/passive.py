"""Leaky membrane without channels: a stretch of dendrite, and the head of a spine."""

from mgsim.component import Component
from mgsim.parameter import Parameter

_RS = "pospischil_2008: RS cell as coded in ModelDB 123623 sPY_template"
_HEAD = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod, 0.087 um3"


def _passive(
    name: str, meaning: str, area: float, source: str, span: tuple[float, float]
) -> Component:
    """A leaky membrane of so many um2."""
    key = source.partition(":")[0]
    return Component(
        name=name,
        slot="neuron",
        meaning=meaning,
        equations="""
dv/dt = (i_stim - i_leak - i_channel - i_syn)/(c_m*area) : mV  # membrane potential
i_leak = g_leak*area*(v - e_leak) : pA  # leak current
""",
        parameters=(
            Parameter("area", area, "um**2", "membrane area", source, span),
            Parameter("c_m", 1.0, "uF/cm**2", "specific membrane capacitance", _RS, (0.7, 1.5)),
            Parameter("g_leak", 0.1, "mS/cm**2", "leak conductance density", _RS, (0.02, 0.3)),
            Parameter("e_leak", -70.0, "mV", "leak reversal potential", _RS, (-85, -60)),
        ),
        capacity={"v": "c_m*area"},
        initial={"v": "e_leak"},
        references=("pospischil_2008", *((key,) if key != "assumed" else ())),
        reproduces="No figure compared.",
        conditions="Leak and capacitance of the regular spiking cell.",
        deviations="No channels.",
    )


dendrite = _passive(
    "dendrite",
    "a stretch of dendrite with leaky membrane",
    1256.6,
    "assumed: a cylinder of 200 um by 2 um",
    (10, 20000),
)
spine_head = _passive(
    "spine_head",
    "the head of a spine with leaky membrane",
    0.95,
    f"{_HEAD}, as the surface of a sphere",
    (0.1, 5),
)
