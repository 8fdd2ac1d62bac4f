"""What takes ions from the extracellular space: glia, and a bath that it exchanges with."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"
_2014 = "hubel_2014: as coded in ModelDB 167714 spreading-depression.ode"

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


k_buffer = Component(
    "k_buffer",
    "glia",
    "a buffer that binds potassium, faster above a level",
    """
buffer_binds = buffer_rate/(1 + exp((buffer_k - k_out)/buffer_k_width))/mM : 1/(mM*ms)
k_bound = k_buffered/vol_out_rest : mM
dk_buffered/dt = (buffer_binds*k_out*(buffer_capacity - k_bound)
    - buffer_rate*k_bound)*vol_out_rest : fmol  # potassium bound
""",
    parameters=(
        Parameter(
            "buffer_rate", 5e-8, "1/ms", "release, and fastest binding at 1 mM", _2014, (0, 1e-5)
        ),
        Parameter("buffer_k", 15.0, "mM", "potassium at half its binding", _2014, (3, 30)),
        Parameter("buffer_k_width", 1.09, "mM", "how steep binding is", _2014, (0.3, 5)),
        Parameter(
            "buffer_capacity", 500.0, "mM", "potassium that it binds at most", _2014, (1, 5e3)
        ),
    ),
    adds={"taken_k": "k_buffered"},
    ports=(words.VOL_OUT_REST, *words.TAKEN.values()),
    references=("hubel_2014",),
    conditions="Glia as a buffer that spends no energy and gives potassium back within hours; the "
    "extracellular volume is fixed.",
    deviations="None known. Potassium is bound without a counter-ion, as published.",
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
