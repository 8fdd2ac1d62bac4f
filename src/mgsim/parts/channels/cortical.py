"""Leak, sodium and potassium channels of cortical cells (Pospischil et al. 2008)."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured

_CODE = "pospischil_2008: RS cell as coded in ModelDB 123623 sPY_template"
_36 = (Measured("celsius", 36.0, 36.0, _CODE),)
_CONDITIONS = "Rat somatosensory and ferret visual cortex, in vitro."
_RATES = "Rates carry no temperature factor: they are those of 36 degC."

leak = Component(
    name="leak",
    slot="leak",
    meaning="leak current",
    equations="i_leak = g_leak*area*(v - e_leak) : pA  # leak current",
    parameters=(
        Parameter("g_leak", 0.1, "mS/cm**2", "leak conductance density", _CODE, (0.005, 0.3)),
    ),
    currents={"i_leak": ""},
    references=("pospischil_2008",),
    conditions=_CONDITIONS,
)

na_fast = Component(
    name="na_fast",
    slot="na_fast",
    meaning="fast sodium current of action potentials",
    equations="""
u_na = v + v_shift - v_t : mV
i_na_fast = g_na*area*m_na**3*h_na*(v - e_na) : pA  # sodium current
alpha_m_na = 1.28/exprel(-(u_na - 13*mV)/(4*mV))/ms : 1/ms
beta_m_na = 1.4/exprel((u_na - 40*mV)/(5*mV))/ms : 1/ms
alpha_h_na = 0.128*exp(-(u_na - 17*mV)/(18*mV))/ms : 1/ms
beta_h_na = 4/(1 + exp(-(u_na - 40*mV)/(5*mV)))/ms : 1/ms
dm_na/dt = alpha_m_na*(1 - m_na) - beta_m_na*m_na : 1  # sodium activation
dh_na/dt = alpha_h_na*(1 - h_na) - beta_h_na*h_na : 1  # sodium inactivation
""",
    parameters=(
        Parameter("g_na", 50.0, "mS/cm**2", "sodium conductance density", _CODE, (20, 120)),
    ),
    currents={"i_na_fast": "na"},
    initial={
        "m_na": "alpha_m_na/(alpha_m_na + beta_m_na)",
        "h_na": "alpha_h_na/(alpha_h_na + beta_h_na)",
    },
    references=("pospischil_2008", "traub_1991b"),
    measured=_36,
    conditions=_CONDITIONS,
    deviations=_RATES,
)

k_dr = Component(
    name="k_dr",
    slot="k_dr",
    meaning="delayed rectifier potassium current",
    equations="""
u_k = v + v_shift - v_t : mV
i_k_dr = g_k*area*n_k**4*(v - e_k) : pA  # delayed rectifier potassium current
alpha_n_k = 0.16/exprel(-(u_k - 15*mV)/(5*mV))/ms : 1/ms
beta_n_k = 0.5*exp(-(u_k - 10*mV)/(40*mV))/ms : 1/ms
dn_k/dt = alpha_n_k*(1 - n_k) - beta_n_k*n_k : 1  # potassium activation
""",
    parameters=(
        Parameter("g_k", 5.0, "mS/cm**2", "delayed rectifier conductance density", _CODE, (2, 20)),
    ),
    currents={"i_k_dr": "k"},
    initial={"n_k": "alpha_n_k/(alpha_n_k + beta_n_k)"},
    references=("pospischil_2008", "traub_1991b"),
    measured=_36,
    conditions=_CONDITIONS,
    deviations=_RATES,
)

k_m = Component(
    name="k_m",
    slot="k_m",
    meaning="slow non-inactivating (M-type) potassium current",
    equations="""
i_m = g_m*area*p_m*(v - e_k) : pA  # M-type potassium current
u_m = v + v_shift + 35*mV : mV
p_inf = 1/(1 + exp(-u_m/(10*mV))) : 1
tau_p = tau_m_max/(3.3*exp(u_m/(20*mV)) + exp(-u_m/(20*mV))) : ms
dp_m/dt = (p_inf - p_m)/tau_p : 1  # M-current activation
""",
    parameters=(
        Parameter("g_m", 0.07, "mS/cm**2", "M-type conductance density", _CODE, (0, 0.3)),
        Parameter(
            "tau_m_max", 1000.0, "ms", "largest time constant of the M-current", _CODE, (200, 5000)
        ),
    ),
    currents={"i_m": "k"},
    initial={"p_m": "p_inf"},
    references=("pospischil_2008", "yamada_1989"),
    measured=_36,
    conditions=_CONDITIONS,
    deviations=_RATES,
)
