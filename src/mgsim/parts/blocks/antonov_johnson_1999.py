"""Antonov & Johnson (1999): block with the permeant ions on both sides as parameters."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured

_CODE = "antonov_1999: as coded in ModelDB 145836 SynNMDA16.mod"

antonov_johnson_1999 = Component(
    name="antonov_johnson_1999",
    slot="block",
    meaning="Antonov & Johnson 1999, with permeant ions",
    equations="""
mg_u = clip(v, -500*mV, 500*mV) : mV  # potential, held where the law has no meaning
na_site = 1 + na_out/na_k : 1  # occupation of the external site by sodium
cs_site = cs_in/(cs_k*exp(-mg_u/cs_v)) : 1  # occupation of the internal site by caesium
mg_entering = mg_on*exp(-mg_u/mg_on_v)/(na_site*(na_site + cs_site)) : 1/mM/ms  # binding
mg_leaving = mg_off*exp(mg_u/mg_off_v)/na_site**2 + mg_through*exp(-mg_u/mg_through_v) : 1/ms
unblocked = 1/(1 + mg_out*mg_entering/mg_leaving) : 1  # unblocked fraction
""",
    parameters=(
        Parameter("na_out", 140.0, "mM", "extracellular sodium", _CODE, (5, 160)),
        Parameter(
            "cs_in",
            125.0,
            "mM",
            "intracellular caesium",
            "antonov_1999: 125 mM CsCl of the pipette; ModelDB 145836 SynNMDA16.mod counts "
            "148 with the CsOH",
            (0, 160),
        ),
        Parameter(
            "na_k", 34.4, "mM", "sodium that occupies half the external sites", _CODE, (15, 70)
        ),
        Parameter(
            "cs_k", 0.27, "mM", "caesium that occupies the internal site at 0 mV", _CODE, (0.1, 0.6)
        ),
        Parameter("cs_v", 21.0, "mV", "e-fold of that with voltage", _CODE, (15, 30)),
        Parameter(
            "mg_on",
            1100.0,
            "1/mM/ms",
            "magnesium binding rate at 0 mV, no other ions",
            _CODE,
            (400, 3000),
        ),
        Parameter(
            "mg_on_v", 55.0, "mV", "e-fold of the binding rate with voltage", _CODE, (45, 80)
        ),
        Parameter(
            "mg_off",
            110.0,
            "1/ms",
            "magnesium unbinding rate to the outside at 0 mV",
            _CODE,
            (40, 300),
        ),
        Parameter("mg_off_v", 52.7, "mV", "e-fold of that with voltage", _CODE, (40, 80)),
        Parameter(
            "mg_through",
            0.0618,
            "1/ms",
            "rate of magnesium passing to the inside at 0 mV",
            _CODE,
            (0.0, 0.2),
        ),
        Parameter("mg_through_v", 50.0, "mV", "e-fold of that with voltage", _CODE, (40, 80)),
    ),
    references=("antonov_1999", "zhu_2001"),
    reproduces="Half-blocking magnesium at -60 mV of 77, 111 and 235 uM at 140, 70 and 10 mM "
    "external sodium, 125 mM internal caesium (from the coded constants).",
    conditions="Cultured rat cortical neurons, outside-out patches (unverified); caesium solution "
    "inside.",
    measured=(Measured("celsius", 20.0, 25.0, "unverified: room temperature"),),
    deviations="A living cell holds potassium, whose site binds more weakly (304 mM at 0 mV with "
    "magnesium in the pore, Zhu & Auerbach 2001, recombinant GluN2B); no constant for it is in the "
    "law. Magnesium passes through, so that negative to about -200 mV block grows no further. The "
    "equilibrium of the rates only.",
)
