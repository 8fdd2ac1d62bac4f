"""AMPA receptors: exponential, and the two-state scheme of Destexhe et al. (1994)."""

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter

_E = Parameter(
    "e_ampa",
    0.0,
    "mV",
    "reversal potential of the AMPA current",
    "assumed: non-selective cation current",
    (-10, 10),
)

ampa_exponential = Component(
    name="ampa_exponential",
    slot="ampa",
    meaning="AMPA current with instantaneous rise",
    equations="""
ds_ampa/dt = -s_ampa/tau_ampa : 1  # AMPA gating
g_open_ampa = g_ampa*s_ampa : nS  # open AMPA conductance
i_ampa = g_open_ampa*(v - e_ampa) : pA  # AMPA receptor current
""",
    parameters=(
        Parameter(
            "g_ampa",
            10.0,
            "nS",
            "AMPA conductance after one release",
            "assumed: a volley that depolarises the cell by about 5 mV",
            (0, 100),
        ),
        Parameter(
            "tau_ampa",
            2.0,
            "ms",
            "decay time constant of the AMPA conductance",
            "wang_2002: as coded in brian2 examples/frompapers/Wang_2002.py",
            (0.5, 10),
        ),
        _E,
    ),
    currents={"i_ampa": ""},
    on_event={"release": "s_ampa += quanta"},
    references=("wang_2002",),
    conditions="Network models of cortex.",
)

ampa_destexhe_1994 = Component(
    name="ampa_destexhe_1994",
    slot="ampa",
    meaning="two-state AMPA current driven by glutamate",
    equations="""
g_open_ampa = g_ampa*o_ampa : nS  # open AMPA conductance
i_ampa = g_open_ampa*(v - e_ampa) : pA  # AMPA receptor current
""",
    kinetics=(
        Scheme(("c_ampa", "o_ampa"), (("c_ampa", "o_ampa", "k_bind_ampa*glu", "k_close_ampa"),)),
    ),
    parameters=(
        Parameter(
            "g_ampa",
            10.0,
            "nS",
            "AMPA conductance with every receptor open",
            "assumed: a volley that depolarises the cell by about 5 mV",
            (0, 100),
        ),
        Parameter(
            "k_bind_ampa",
            1.1,
            "1/mM/ms",
            "binding and opening rate",
            "destexhe_1998: as coded in ModelDB 18500 ampa.mod",
            (0.2, 5),
        ),
        Parameter(
            "k_close_ampa",
            0.19,
            "1/ms",
            "closing rate",
            "destexhe_1998: as coded in ModelDB 18500 ampa.mod",
            (0.05, 1),
        ),
        _E,
    ),
    currents={"i_ampa": ""},
    references=("destexhe_1998", "destexhe_1994"),
    reproduces="The AMPA response to a 1 ms pulse of 1 mM transmitter.",
    conditions="Fitted to AMPA currents of rat hippocampal slices; temperature not confirmed.",
)
