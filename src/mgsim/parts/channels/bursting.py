"""Channels of a conditionally bursting cortical cell (Golomb et al. 2006), per membrane area."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "golomb_2006: as coded in ModelDB 147117 runhh.m"
_CONDITIONS = "Pyramidal cells of layer 5 in models of cortical tissue at low magnesium."
_RATES = "Rates carry no temperature factor; the source read states no temperature."

na_instant = Component(
    name="na_instant",
    slot="na_fast",
    meaning="fast sodium current with instantaneous activation",
    equations="""
u_na = v + v_shift : mV
m_na = 1/(1 + exp(-(u_na + 30*mV)/(9.5*mV))) : 1  # sodium activation
h_inf_na = 1/(1 + exp((u_na + 45*mV)/(7*mV))) : 1
tau_h_na = (0.1 + 0.75/(1 + exp((u_na + 40.5*mV)/(6*mV))))*ms : ms
dh_na/dt = (h_inf_na - h_na)/tau_h_na : 1  # sodium inactivation
i_na_fast = g_na*area*m_na**3*h_na*(v - e_na) : pA  # sodium current
""",
    parameters=(
        Parameter("g_na", 35.0, "mS/cm**2", "sodium conductance density", _CODE, (20, 120)),
    ),
    currents={"i_na_fast": "na"},
    initial={"h_na": "h_inf_na"},
    references=("golomb_2006",),
    conditions=_CONDITIONS,
    deviations=_RATES,
)

na_persistent = Component(
    name="na_persistent",
    slot="na_p",
    meaning="persistent sodium current",
    equations="""
p_na = 1/(1 + exp(-(v + v_shift + 47*mV)/(3*mV))) : 1  # activation of the persistent current
i_na_p = g_na_p*area*p_na*(v - e_na) : pA  # persistent sodium current
""",
    parameters=(
        Parameter(
            "g_na_p", 0.2, "mS/cm**2", "persistent sodium conductance density", _CODE, (0, 1)
        ),
    ),
    currents={"i_na_p": "na"},
    references=("golomb_2006",),
    conditions=_CONDITIONS,
    deviations=f"{_RATES} Instantaneous.",
)

k_dr_sigmoid = Component(
    name="k_dr_sigmoid",
    slot="k_dr",
    meaning="delayed rectifier potassium current with sigmoid gates",
    equations="""
u_k = v + v_shift : mV
n_inf_k = 1/(1 + exp(-(u_k + 33*mV)/(10*mV))) : 1
tau_n_k = (0.1 + 0.5/(1 + exp((u_k + 27*mV)/(15*mV))))*ms : ms
dn_k/dt = (n_inf_k - n_k)/tau_n_k : 1  # potassium activation
i_k_dr = g_k*area*n_k**4*(v - e_k) : pA  # delayed rectifier potassium current
""",
    parameters=(
        Parameter(
            "g_k",
            6.0,
            "mS/cm**2",
            "delayed rectifier conductance density",
            f"{_CODE}, whose comment says that the paper's text has 3",
            (2, 20),
        ),
    ),
    currents={"i_k_dr": "k"},
    initial={"n_k": "n_inf_k"},
    references=("golomb_2006",),
    conditions=_CONDITIONS,
    deviations=f"{_RATES} With the 3 mS/cm2 of the paper's text the self-coupled cell does not "
    "burst.",
)

k_slow = Component(
    name="k_slow",
    slot="k_slow",
    meaning="slow potassium current, which ends a burst",
    equations="""
z_inf_k = 1/(1 + exp(-(v + v_shift + 39*mV)/(5*mV))) : 1
dz_k/dt = (z_inf_k - z_k)/tau_k_slow : 1  # activation of the slow potassium current
i_k_slow = g_k_slow*area*z_k*(v - e_k) : pA  # slow potassium current
""",
    parameters=(
        Parameter("g_k_slow", 1.8, "mS/cm**2", "slow potassium conductance density", _CODE, (0, 5)),
        Parameter(
            "tau_k_slow",
            75.0,
            "ms",
            "time constant of the slow potassium current",
            _CODE,
            (20, 300),
        ),
    ),
    currents={"i_k_slow": "k"},
    initial={"z_k": "z_inf_k"},
    references=("golomb_2006",),
    conditions=_CONDITIONS,
    deviations=_RATES,
)
