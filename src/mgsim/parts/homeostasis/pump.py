"""The sodium-potassium pump."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"

pump = Component(
    "pump",
    "pump",
    "sodium-potassium pump: three sodium out, two potassium in",
    """
pump_rate = supply/((1 + exp((pump_na - na_in)/pump_na_width))
    *(1 + exp((pump_k - k_out)/pump_k_width))) : 1  # of its largest rate
i_na_pump = 3*pump_max*area*pump_rate : pA  # sodium that the pump takes out
i_k_pump = -2*pump_max*area*pump_rate : pA  # potassium that the pump brings in
""",
    parameters=(
        Parameter("pump_max", 6.46, "uA/cm**2", "largest net current of the pump", _CODE, (0, 100)),
        Parameter("pump_na", 15.0, "mM", "sodium inside at half its rate", _CODE, (5, 40)),
        Parameter("pump_na_width", 3.0, "mM", "how steep it is in sodium", _CODE, (1, 10)),
        Parameter("pump_k", 5.5, "mM", "potassium outside at half its rate", _CODE, (1, 10)),
        Parameter("pump_k_width", 1.0, "mM", "how steep it is in potassium", _CODE, (0.3, 5)),
    ),
    currents={"i_na_pump": "na", "i_k_pump": "k"},
    references=("hubel_2017",),
    conditions="Model of a neuron in spreading depolarisation.",
    deviations="None known. No dependence on the potential, and on ATP by the supply alone.",
)
