"""Pospischil et al. (2008): regular spiking cortical cell, variant of ModelDB 123623."""

from mgsim.component import Component
from mgsim.parameter import Parameter
from mgsim.ports import Measured

_CODE = "pospischil_2008: RS cell as coded in ModelDB 123623 sPY_template"

pospischil_2008_rs = Component(
    name="pospischil_2008_rs",
    slot="neuron",
    meaning="regular spiking cortical pyramidal cell",
    equations="""
dv/dt = (-(i_leak + i_na + i_k + i_m + i_channel + i_syn - i_stim)
         /(c_m*area)) : mV  # membrane potential
u_gate = v + v_shift - v_t : mV
i_leak = g_leak*area*(v - e_leak) : pA  # leak current
i_na = g_na*area*m_na**3*h_na*(v - e_na) : pA  # sodium current
i_k = g_k*area*n_k**4*(v - e_k) : pA  # delayed rectifier potassium current
i_m = g_m*area*p_m*(v - e_k) : pA  # M-type potassium current
alpha_m_na = 1.28/exprel(-(u_gate - 13*mV)/(4*mV))/ms : 1/ms
beta_m_na = 1.4/exprel((u_gate - 40*mV)/(5*mV))/ms : 1/ms
alpha_h_na = 0.128*exp(-(u_gate - 17*mV)/(18*mV))/ms : 1/ms
beta_h_na = 4/(1 + exp(-(u_gate - 40*mV)/(5*mV)))/ms : 1/ms
alpha_n_k = 0.16/exprel(-(u_gate - 15*mV)/(5*mV))/ms : 1/ms
beta_n_k = 0.5*exp(-(u_gate - 10*mV)/(40*mV))/ms : 1/ms
u_m = v + v_shift + 35*mV : mV
p_inf = 1/(1 + exp(-u_m/(10*mV))) : 1
tau_p = tau_m_max/(3.3*exp(u_m/(20*mV)) + exp(-u_m/(20*mV))) : ms
dm_na/dt = alpha_m_na*(1 - m_na) - beta_m_na*m_na : 1  # sodium activation
dh_na/dt = alpha_h_na*(1 - h_na) - beta_h_na*h_na : 1  # sodium inactivation
dn_k/dt = alpha_n_k*(1 - n_k) - beta_n_k*n_k : 1  # potassium activation
dp_m/dt = (p_inf - p_m)/tau_p : 1  # M-current activation
""",
    parameters=(
        Parameter(
            "area", 28952.9, "um**2", "membrane area", _CODE + ", diam = L = 96 um", (5000, 60000)
        ),
        Parameter("c_m", 1.0, "uF/cm**2", "specific membrane capacitance", _CODE, (0.7, 1.5)),
        Parameter("g_leak", 0.1, "mS/cm**2", "leak conductance density", _CODE, (0.02, 0.3)),
        Parameter("e_leak", -70.0, "mV", "leak reversal potential", _CODE, (-85, -60)),
        Parameter("g_na", 50.0, "mS/cm**2", "sodium conductance density", _CODE, (20, 120)),
        Parameter("g_k", 5.0, "mS/cm**2", "delayed rectifier conductance density", _CODE, (2, 20)),
        Parameter("g_m", 0.07, "mS/cm**2", "M-type conductance density", _CODE, (0, 0.3)),
        Parameter(
            "tau_m_max", 1000.0, "ms", "largest time constant of the M-current", _CODE, (200, 3000)
        ),
        Parameter(
            "v_t", -55.0, "mV", "potential that shifts the spike threshold", _CODE, (-70, -45)
        ),
        Parameter("e_na", 50.0, "mV", "sodium reversal potential", _CODE, (20, 80)),
        Parameter("e_k", -100.0, "mV", "potassium reversal potential", _CODE, (-120, -70)),
        Parameter("celsius", 36.0, "degC", "temperature of the preparation", _CODE, (0, 45)),
        Parameter("v_start", -70.0, "mV", "potential at the start", _CODE, (-90, -50)),
        Parameter(
            "v_spike",
            0.0,
            "mV",
            "level whose upward crossing counts as a spike",
            "assumed: halfway up the action potential",
            (-30, 20),
        ),
    ),
    capacity={"v": "c_m*area"},
    initial={
        "v": "v_start",
        "m_na": "alpha_m_na/(alpha_m_na + beta_m_na)",
        "h_na": "alpha_h_na/(alpha_h_na + beta_h_na)",
        "n_k": "alpha_n_k/(alpha_n_k + beta_n_k)",
        "p_m": "p_inf",
    },
    capacity={"v": "c_m*area"},
    spike="v > v_spike",
    references=("pospischil_2008", "traub_1991b", "yamada_1989"),
    reproduces="The five reference spike times at 0.75 nA of the Open Source Brain copy.",
    conditions="Rat somatosensory and ferret visual cortex, in vitro.",
    measured=(Measured("celsius", 36.0, 36.0, _CODE),),
    deviations="Gates start at their steady states at v_start, where the original ModelDB script "
    "starts them at 0 (its fifth spike comes 5.5 ms earlier). Rates carry no temperature factor: "
    "they are those of 36 degC.",
)
