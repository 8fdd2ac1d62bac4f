"""Channels that calcium inside opens: potassium (KCa) and unspecific cations (CAN)."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "aguiar_2010: as coded in ModelDB 128559 "
_CONDITIONS = (
    "A model of wide dynamic range neurons of the spinal dorsal horn, 36 degC; the kinetics go "
    "back to a scheme of thalamic cells, two calcium ions that bind at once, at 22 degC. The "
    "calcium is that of the slot ca_pool: what all calcium currents of the membrane bring."
)


def _warming(name: str, file: str) -> tuple[Parameter, Parameter]:
    """The temperature at which the rates of a channel hold, and their Q10."""
    return (
        Parameter(
            f"celsius_{name}",
            22.0,
            "degC",
            f"temperature at which the {name.upper()} rates hold",
            _CODE + file,
            (15, 37),
        ),
        Parameter(
            f"q10_{name}",
            3.0,
            "1",
            f"factor on the {name.upper()} rates for 10 degrees",
            _CODE + file,
            (1, 4.5),
        ),
    )


k_ca = Component(
    name="k_ca",
    slot="k_ca",
    meaning="potassium current that calcium inside opens (slow afterhyperpolarisation)",
    equations="""
ratio_kca = (ca/ca_half_kca)**2 : 1
warm_kca = q10_kca**((celsius - celsius_kca)/(10*K)) : 1
m_inf_kca = ratio_kca/(1 + ratio_kca) : 1
rate_kca = clip(close_kca*(1 + ratio_kca)*warm_kca, 0/ms, 10/ms) : 1/ms
dm_kca/dt = (m_inf_kca - m_kca)*rate_kca : 1  # KCa activation
i_kca = g_kca*area*m_kca**3*(v - e_k) : pA  # calcium-activated potassium current
""",
    parameters=(
        Parameter(
            "g_kca", 0.1, "mS/cm**2", "KCa conductance density", _CODE + "WDR.hoc, soma", (0, 2)
        ),
        Parameter(
            "ca_half_kca",
            1.0,
            "uM",
            "calcium at which a KCa gate is half open",
            _CODE + "iKCa.mod",
            (0.2, 25),
        ),
        Parameter(
            "close_kca", 0.03, "1/ms", "closing rate of a KCa gate", _CODE + "iKCa.mod", (0.003, 3)
        ),
        *_warming("kca", "iKCa.mod"),
    ),
    currents={"i_kca": "k"},
    initial={"m_kca": "m_inf_kca"},
    references=("aguiar_2010",),
    conditions=_CONDITIONS,
    deviations="The file's least time constant of 0.1 ms is the clip of the rate at 10/ms. In the "
    "dendrite the file has ten times the conductance.",
)

can = Component(
    name="can",
    slot="can",
    meaning="unspecific cation current that calcium inside opens",
    equations="""
ratio_can = (ca/ca_half_can)**2 : 1
warm_can = q10_can**((celsius - celsius_can)/(10*K)) : 1
m_inf_can = ratio_can/(1 + ratio_can) : 1
rate_can = clip(close_can*(1 + ratio_can)*warm_can, 0/ms, 10/ms) : 1/ms
dm_can/dt = (m_inf_can - m_can)*rate_can : 1  # CAN activation
i_can = g_can*area*m_can**2*(v - e_can) : pA  # calcium-activated cation current
""",
    parameters=(
        Parameter(
            "g_can",
            0.07,
            "mS/cm**2",
            "CAN conductance density",
            _CODE + "WDR.hoc, dendrite",
            (0, 1),
        ),
        Parameter(
            "ca_half_can",
            0.5,
            "uM",
            "calcium at which a CAN gate is half open",
            _CODE + "iCaAN.mod",
            (0.1, 5),
        ),
        Parameter(
            "close_can",
            5e-5,
            "1/ms",
            "closing rate of a CAN gate",
            _CODE + "iCaAN.mod, 0.002/ms over 40",
            (1e-5, 1e-2),
        ),
        Parameter("e_can", -20.0, "mV", "CAN reversal potential", _CODE + "iCaAN.mod", (-40, 10)),
        *_warming("can", "iCaAN.mod"),
    ),
    currents={"i_can": ""},
    initial={"m_can": "m_inf_can"},
    references=("aguiar_2010",),
    conditions=_CONDITIONS,
    deviations="The file's least time constant of 0.1 ms is the clip of the rate at 10/ms. In the "
    "soma the file has none. No ion is named: sodium and potassium together, no calcium.",
)
