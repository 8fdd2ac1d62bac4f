"""Oxygen that pumps spend and a bath brings, and what it sets: pumps, glia, exchange."""

from mgsim.compose.assembly import reworded, stating
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port
from mgsim.parts.homeostasis import words
from mgsim.parts.homeostasis.pump import pump
from mgsim.parts.homeostasis.surroundings import exchange_k

_CODE = "wei_2014: as coded in class Wei of jakobes/xalbrain"
_SPENT = Port("pumped", "mM/ms", "turnover of pumps, in the volume of the cell", "sum")
_PUMPS = Port("o2_pumps", "1", "share of pumping that oxygen leaves", everywhere=True)
_FLOW = Port("o2_flow", "1", "share of uptake and exchange that the bath's oxygen leaves")

oxygen = Component(
    "oxygen",
    "oxygen",
    "oxygen of the tissue, which pumps spend and a bath brings",
    """
o2 = clip(o2_free/o2_start, 0, 1e9)*o2_start : g/m**3  # oxygen
do2_free/dt = o2_rate*(o2_bath - o2) - o2_per_pumped*pumped : g/m**3
o2_pumps = 1/(1 + exp((o2_half - o2)/o2_width)) : 1
o2_flow = 1/(1 + exp((o2_bath_half - o2_bath)/o2_bath_width)) : 1
""",
    parameters=(
        Parameter(
            "o2_bath", 32.0, "g/m**3", "oxygen of the bath, 1 g/m3 is 1 mg/l", _CODE, (0, 60)
        ),
        Parameter("o2_start", 29.3, "g/m**3", "oxygen at the start", _CODE, (0.1, 60)),
        Parameter("o2_rate", 1.7e-4, "1/ms", "rate at which the bath brings it", _CODE, (0, 0.01)),
        Parameter(
            "o2_per_pumped", 5.3, "g/(m**3*mM)", "spent for each turnover of pumps", _CODE, (1, 10)
        ),
        Parameter("o2_half", 20.0, "g/m**3", "oxygen at half the pumping", _CODE, (1, 40)),
        Parameter("o2_width", 3.0, "g/m**3", "how steep pumping is in oxygen", _CODE, (0.5, 10)),
        Parameter(
            "o2_bath_half", 2.5, "g/m**3", "oxygen of the bath at half the exchange", _CODE, (0, 20)
        ),
        Parameter("o2_bath_width", 0.2, "g/m**3", "how steep exchange is in it", _CODE, (0.05, 5)),
    ),
    initial={"o2_free": "o2_start"},
    ports=(_SPENT, _PUMPS, _FLOW),
    references=("wei_2014",),
    conditions="One turnover is three sodium and one ATP, a sixth of an oxygen molecule.",
    deviations="None known. Only pumps spend oxygen.",
)

pump_oxygen = reworded(
    pump,
    "pump_oxygen",
    {
        "pump_rate = supply/(": "pump_flux = pump_fastest*supply*o2_pumps/(",
        ": 1  # of its largest rate": ": mM/ms  # turnover in the volume of the cell",
        "3*pump_max*area*pump_rate": "3*faraday_constant*vol_in*pump_flux",
        "-2*pump_max*area*pump_rate": "-2*faraday_constant*vol_in*pump_flux",
    },
    meaning=f"{pump.meaning}, as fast as oxygen lets it",
    parameters=(
        Parameter("pump_fastest", 8e-4, "mM/ms", "fastest turnover", _CODE, (0, 0.01)),
        *(
            stating(p, {"pump_na": 25.0, "pump_k": 3.5}.get(p.name, p.value), _CODE)
            for p in pump.parameters
            if p.name != "pump_max"
        ),
    ),
    adds={"pumped": "pump_flux"},
    ports=(words.VOL_IN, _SPENT, _PUMPS),
    references=("wei_2014",),
    conditions="Its rate is of the volume of the cell, not of its membrane.",
    deviations="None known. No dependence on the potential.",
)

glia_oxygen = Component(
    "glia_oxygen",
    "glia",
    "glia that take up potassium, by a pump that needs oxygen and by channels",
    """
glia_flux = (glia_fastest*supply*o2_pumps/((1 + exp((glia_na_half - glia_na)/glia_na_width))
    *(1 + exp((glia_pump_k - k_out)/glia_pump_k_width)))) : mM/ms  # turnover of their pump
glia_pull = glia_take*o2_flow/(1 + exp((glia_k - k_out)/glia_k_width)) : mM/ms
dk_glia/dt = (2*glia_flux + glia_pull)*vol_out : fmol  # taken up by glia
""",
    parameters=(
        Parameter(
            "glia_fastest", 8e-4 / 3, "mM/ms", "fastest turnover of their pump", _CODE, (0, 0.01)
        ),
        Parameter("glia_na", 18.0, "mM", "sodium in glia", _CODE, (5, 40)),
        Parameter(
            "glia_na_half", 25.0, "mM", "sodium at half the rate of their pump", _CODE, (5, 40)
        ),
        Parameter("glia_na_width", 3.0, "mM", "how steep it is in sodium", _CODE, (1, 10)),
        Parameter("glia_pump_k", 3.5, "mM", "potassium at half its rate", _CODE, (1, 10)),
        Parameter("glia_pump_k_width", 1.0, "mM", "how steep it is in potassium", _CODE, (0.3, 5)),
        Parameter("glia_take", 5e-3, "mM/ms", "fastest uptake by channels", _CODE, (0, 0.1)),
        Parameter("glia_k", 18.0, "mM", "potassium at half that uptake", _CODE, (3, 30)),
        Parameter("glia_k_width", 2.5, "mM", "how steep that uptake is", _CODE, (0.5, 10)),
    ),
    adds={"taken_k": "k_glia", "pumped": "glia_flux"},
    ports=(words.VOL_OUT, *words.TAKEN.values(), _SPENT, _PUMPS, _FLOW),
    references=("wei_2014",),
    conditions="Glia without limit and without a membrane potential of their own.",
    deviations="None known. Potassium goes without a counter-ion, as published.",
)

exchange_oxygen = reworded(
    exchange_k,
    "exchange_oxygen",
    {
        "bath_rate*(k_out - k_bath)*vol_out*supply": "(bath_rate*(k_out - k_bath)*vol_out*supply"
        "\n    *o2_flow/(1 + exp((vol_in/vol_out - ratio_half)/ratio_width)))"
    },
    meaning="potassium alone exchanged with a bath, less where that brings no oxygen or the cell "
    "is swollen",
    parameters=(
        *(
            stating(p, 2.5e-4, _CODE) if p.name == "bath_rate" else stating(p, p.value, _CODE)
            for p in exchange_k.parameters
        ),
        Parameter("ratio_half", 20.0, "1", "volume inside over outside at half", _CODE, (7, 50)),
        Parameter("ratio_width", 2.0, "1", "how steep it is in that", _CODE, (0.5, 10)),
    ),
    ports=(words.VOL_IN, words.VOL_OUT, *words.TAKEN.values(), _FLOW),
    references=("wei_2014",),
    deviations="As published, and against electroneutrality.",
)
