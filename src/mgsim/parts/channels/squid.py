"""Sodium and potassium channels of the squid's giant axon (Hodgkin & Huxley 1952)."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "hodgkin_1952: as coded in NEURON's hh.mod"
_CONDITIONS = "Giant axon of the squid in sea water, voltage clamp, 6.3 degC (Q10 3 from there)."
_SIGN = "The sign of today, inside less outside, and the resting potential at -65 mV."

na_squid = Component(
    name="na_squid",
    slot="na_fast",
    meaning="fast sodium current of the squid's axon",
    equations="""
u_na = v + v_shift : mV
warm_na = 3**((celsius - 6.3*K)/(10*K)) : 1  # rates over those at 6.3 degC
i_na_fast = g_na*area*m_na**3*h_na*(v - e_na) : pA  # sodium current
alpha_m_na = warm_na/exprel(-(u_na + 40*mV)/(10*mV))/ms : 1/ms
beta_m_na = 4*warm_na*exp(-(u_na + 65*mV)/(18*mV))/ms : 1/ms
alpha_h_na = 0.07*warm_na*exp(-(u_na + 65*mV)/(20*mV))/ms : 1/ms
beta_h_na = warm_na/(1 + exp(-(u_na + 35*mV)/(10*mV)))/ms : 1/ms
dm_na/dt = alpha_m_na*(1 - m_na) - beta_m_na*m_na : 1  # sodium activation
dh_na/dt = alpha_h_na*(1 - h_na) - beta_h_na*h_na : 1  # sodium inactivation
""",
    parameters=(
        Parameter("g_na", 120.0, "mS/cm**2", "sodium conductance density", _CODE, (60, 240)),
    ),
    currents={"i_na_fast": "na"},
    initial={
        "m_na": "alpha_m_na/(alpha_m_na + beta_m_na)",
        "h_na": "alpha_h_na/(alpha_h_na + beta_h_na)",
    },
    references=("hodgkin_1952",),
    conditions=_CONDITIONS,
    deviations=_SIGN,
)

k_squid = Component(
    name="k_squid",
    slot="k_dr",
    meaning="delayed rectifier potassium current of the squid's axon",
    equations="""
u_k = v + v_shift : mV
warm_k = 3**((celsius - 6.3*K)/(10*K)) : 1  # rates over those at 6.3 degC
i_k_dr = g_k*area*n_k**4*(v - e_k) : pA  # delayed rectifier potassium current
alpha_n_k = 0.1*warm_k/exprel(-(u_k + 55*mV)/(10*mV))/ms : 1/ms
beta_n_k = 0.125*warm_k*exp(-(u_k + 65*mV)/(80*mV))/ms : 1/ms
dn_k/dt = alpha_n_k*(1 - n_k) - beta_n_k*n_k : 1  # potassium activation
""",
    parameters=(
        Parameter("g_k", 36.0, "mS/cm**2", "delayed rectifier conductance density", _CODE, (2, 80)),
    ),
    currents={"i_k_dr": "k"},
    initial={"n_k": "alpha_n_k/(alpha_n_k + beta_n_k)"},
    references=("hodgkin_1952",),
    conditions=_CONDITIONS,
    deviations=_SIGN,
)
