"""Channels of the neurons of Huebel et al.: fast sodium, delayed rectifier, three leaks."""

from mgsim.compose.assembly import reworded
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"
_2014 = "hubel_2014: as coded in ModelDB 167714 spreading-depression.ode"
_CONDITIONS = "Model of a neuron in spreading depolarisation; gates three times as fast as written."

na_hubel = Component(
    name="na_hubel",
    slot="na_fast",
    meaning="fast sodium current with instantaneous activation, steep in potential",
    equations="""
u_na = v + v_shift : mV
alpha_m_na = 1/exprel(-(u_na + 30*mV)/(10*mV))/ms : 1/ms
beta_m_na = 4*exp(-(u_na + 55*mV)/(18*mV))/ms : 1/ms
m_na = alpha_m_na/(alpha_m_na + beta_m_na) : 1  # sodium activation
alpha_h_na = 3*0.07*exp(-(u_na + 44*mV)/(20*mV))/ms : 1/ms
beta_h_na = 3/(1 + exp(-(u_na + 14*mV)/(10*mV)))/ms : 1/ms
dh_na/dt = alpha_h_na*(1 - h_na) - beta_h_na*h_na : 1  # sodium inactivation
i_na_fast = g_na*area*m_na**3*h_na*(v - e_na) : pA  # sodium current
""",
    parameters=(
        Parameter("g_na", 100.0, "mS/cm**2", "sodium conductance density", _CODE, (20, 200)),
    ),
    currents={"i_na_fast": "na"},
    initial={"h_na": "alpha_h_na/(alpha_h_na + beta_h_na)"},
    references=("hubel_2017",),
    conditions=_CONDITIONS,
    deviations="Rates carry no temperature factor.",
    longest_step=0.025,  # of rk2: dv/dt is as steep as 75/ms in a spike
)

na_hubel_reduced = reworded(
    na_hubel,
    "na_hubel_reduced",
    {
        """alpha_h_na = 3*0.07*exp(-(u_na + 44*mV)/(20*mV))/ms : 1/ms
beta_h_na = 3/(1 + exp(-(u_na + 14*mV)/(10*mV)))/ms : 1/ms
dh_na/dt = alpha_h_na*(1 - h_na) - beta_h_na*h_na : 1  # sodium inactivation
""": """h_na = 1 - 1/(1 + exp(-h_slope*(n_k - h_half))) : 1  # sodium inactivation
"""
    },
    meaning="fast sodium current whose inactivation follows the activation of potassium channels",
    parameters=(
        *na_hubel.parameters,
        Parameter("h_slope", 6.5, "1", "how steep it is in potassium activation", _2014, (2, 20)),
        Parameter("h_half", 0.35, "1", "potassium activation at half", _2014, (0.1, 0.7)),
    ),
    ports=(Port("n_k", "1", "potassium activation", membrane=True),),
    initial={},
    references=("hubel_2014", "hubel_2017"),
    conditions="Model of a neuron in spreading depolarisation, beside 'k_hubel'.",
)

k_hubel = Component(
    name="k_hubel",
    slot="k_dr",
    meaning="delayed rectifier potassium current",
    equations="""
u_k = v + v_shift : mV
alpha_n_k = 3*0.1/exprel(-(u_k + 34*mV)/(10*mV))/ms : 1/ms
beta_n_k = 3*0.125*exp(-(u_k + 44*mV)/(80*mV))/ms : 1/ms
dn_k/dt = alpha_n_k*(1 - n_k) - beta_n_k*n_k : 1  # potassium activation
i_k_dr = g_k*area*n_k**4*(v - e_k) : pA  # delayed rectifier potassium current
""",
    parameters=(
        Parameter("g_k", 40.0, "mS/cm**2", "delayed rectifier conductance density", _CODE, (2, 80)),
    ),
    currents={"i_k_dr": "k"},
    initial={"n_k": "alpha_n_k/(alpha_n_k + beta_n_k)"},
    references=("hubel_2017",),
    conditions=_CONDITIONS,
    deviations="Rates carry no temperature factor.",
)


def _leak(ion: str, meaning: str, density: float) -> Component:
    """A leak of one ion."""
    return Component(
        name=f"{ion}_leak",
        slot=f"{ion}_leak",
        meaning=f"{meaning} leak",
        equations=f"i_{ion}_leak = g_{ion}_leak*area*(v - e_{ion}) : pA  # {meaning} leak current",
        parameters=(
            Parameter(
                f"g_{ion}_leak",
                density,
                "mS/cm**2",
                f"{meaning} leak conductance density",
                _CODE,
                (0, 0.5),
            ),
        ),
        currents={f"i_{ion}_leak": ion},
        references=("hubel_2017",),
        conditions="One ion a leak, for cells whose ions move.",
    )


na_leak = _leak("na", "sodium", 0.0135)
k_leak = _leak("k", "potassium", 0.05)
cl_leak = _leak("cl", "chloride", 0.05)
