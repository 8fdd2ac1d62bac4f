"""What takes ions from the extracellular space: glia, and a bath that it exchanges with."""

from mgsim.component import Component
from mgsim.homeostasis import words
from mgsim.parameter import Parameter

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"

glia = Component(
    "glia",
    "glia",
    "glia that take up potassium chloride and give sodium",
    """
glia_pull = glia_take/(1 + exp((glia_k - k_out)/glia_k_width))*(1 - k_glia/glia_capacity) : mM/ms
dk_glia/dt = (glia_pull - glia_give)*vol_out_rest*supply : fmol  # taken up by glia
""",
    parameters=(
        Parameter("glia_take", 0.0144, "mM/ms", "fastest uptake of potassium", _CODE, (0, 0.1)),
        Parameter("glia_give", 0.0051, "mM/ms", "return of potassium", _CODE, (0, 0.05)),
        Parameter("glia_k", 5.5, "mM", "potassium at half its uptake", _CODE, (3, 20)),
        Parameter("glia_k_width", 2.5, "mM", "how steep the uptake is", _CODE, (0.5, 10)),
        Parameter("glia_capacity", 350.0, "fmol", "potassium that glia hold", _CODE, (1, 1e5)),
        Parameter("glia_cl_share", 0.8, "1", "chloride taken up for each K", _CODE, (0, 1)),
        Parameter("glia_na_share", 0.2, "1", "sodium given for each K", _CODE, (0, 1)),
        Parameter("vol_glia_rest", 7500.0, "um**3", "volume of glia at the start", _CODE, (1, 1e6)),
    ),
    adds={
        "taken_k": "k_glia",
        "taken_cl": "glia_cl_share*k_glia",
        "taken_na": "-glia_na_share*k_glia",
        "gain_glia": "(1 + glia_cl_share - glia_na_share)*k_glia",
        "glia_room": "vol_glia_rest",
    },
    ports=(words.VOL_OUT_REST, *words.GLIA, *words.TAKEN.values()),
    references=("hubel_2017",),
    conditions="A buffer with a limit, without a membrane potential of its own. The shares keep "
    "charge where they sum to 1.",
    deviations="None known.",
)


def _exchange(name: str, meaning: str, adds: dict[str, str], deviations: str) -> Component:
    return Component(
        name,
        "bath_exchange",
        meaning,
        "dk_to_bath/dt = bath_rate*(k_out - k_bath)*vol_out*supply : fmol"
        "  # potassium that the bath took",
        parameters=(
            Parameter("k_bath", 4.0, "mM", "potassium of the bath", _CODE, (1, 60)),
            Parameter(
                "bath_rate", 1e-4, "1/ms", "rate of exchange with the bath", _CODE, (0, 0.01)
            ),
        ),
        adds=adds,
        ports=(words.VOL_OUT, *words.TAKEN.values()),
        references=("hubel_2017",),
        conditions="A tissue that a bath or blood keeps; the exchange stops with the supply, as "
        "flow does.",
        deviations=deviations,
    )


exchange_kcl = _exchange(
    "exchange_kcl",
    "potassium chloride exchanged with a bath",
    {"taken_k": "k_to_bath", "taken_cl": "k_to_bath"},
    "Chloride goes with potassium, so that charge is kept; the published file moves potassium "
    "alone ('exchange_k').",
)

exchange_k = _exchange(
    "exchange_k",
    "potassium alone exchanged with a bath",
    {"taken_k": "k_to_bath"},
    "As published, and against electroneutrality: a bath of 15 mM has given 180 fmol, 78 mM of "
    "charge, by the time of the first spike. Use it to reproduce the published cell alone.",
)
