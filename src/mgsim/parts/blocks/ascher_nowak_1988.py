"""Ascher & Nowak (1988): block at the equilibrium of their single-channel rates."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured

_SOURCE = "ascher_1988: single-channel block rates; as coded in ModelDB 145836 SynNMDA16_2.mod"
#: Magnesium binding to and leaving the open channel, for the equilibrium here and for schemes.
RATES = (
    Parameter("mg_on", 0.61, "1/mM/ms", "magnesium binding rate at 0 mV", _SOURCE, (0.1, 3)),
    Parameter("mg_on_v", 17.0, "mV", "e-fold of the binding rate with voltage", _SOURCE, (10, 40)),
    Parameter("mg_off", 5.4, "1/ms", "magnesium unbinding rate at 0 mV", _SOURCE, (1, 20)),
    Parameter(
        "mg_off_v", 47.0, "mV", "e-fold of the unbinding rate with voltage", _SOURCE, (25, 120)
    ),
)
MEASURED = (
    Measured("mg_out", 0.0, 0.1, "unverified: single channels, up to about 0.1 mM"),
    Measured("v", -80.0, -40.0, "unverified: single channels, about -80 to -40 mV"),
    Measured("celsius", 20.0, 25.0, "unverified: room temperature"),
)

ascher_nowak_1988 = Component(
    name="ascher_nowak_1988",
    slot="block",
    meaning="Ascher & Nowak 1988, steady state of the open-channel block",
    equations="""
mg_bound = mg_out*mg_on/mg_off*exp(clip(-v/mg_on_v - v/mg_off_v, -80, 80)) : 1  # blocked/open
unblocked = 1/(1 + mg_bound) : 1  # unblocked fraction
""",
    parameters=RATES,
    references=("ascher_1988",),
    reproduces="The voltage dependence of mean open time and block duration of single channels.",
    conditions="Cultured mouse central neurons, outside-out patches.",
    measured=MEASURED,
    deviations="The steady state only; the equivalent slope of 0.080 /mV is more than one blocking "
    "ion in the field can give.",
)
