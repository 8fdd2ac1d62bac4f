"""Voltage-gated calcium channels: L-, R- and T-type, per membrane area."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured
from mgsim.parts.channels.reversal import CALCIUM

_CODE = "pospischil_2008: as coded in tjjlemaire/PySONIC neurons/cortical.py"

ca_l_type = Component(
    name="ca_l_type",
    slot="ca_l",
    meaning="high-threshold (L-type) calcium current",
    equations="""
u_ca_l = v + v_shift : mV
alpha_q_ca = 0.209/exprel(-(u_ca_l + 27*mV)/(3.8*mV))/ms : 1/ms
beta_q_ca = 0.94*exp(-(u_ca_l + 75*mV)/(17*mV))/ms : 1/ms
alpha_r_ca = 0.000457*exp(-(u_ca_l + 13*mV)/(50*mV))/ms : 1/ms
beta_r_ca = 0.0065/(1 + exp(-(u_ca_l + 15*mV)/(28*mV)))/ms : 1/ms
dq_ca/dt = alpha_q_ca*(1 - q_ca) - beta_q_ca*q_ca : 1  # L-type activation
dr_ca/dt = alpha_r_ca*(1 - r_ca) - beta_r_ca*r_ca : 1  # L-type inactivation
i_ca_l = g_ca_l*area*modulation_ca_channel*q_ca**2*r_ca*(v - e_ca) : pA  # L-type calcium current
""",
    parameters=(
        Parameter(
            "g_ca_l",
            0.1,
            "mS/cm**2",
            "L-type calcium conductance density",
            _CODE + ", IB cell",
            (0, 0.5),
        ),
    ),
    currents={"i_ca_l": "ca"},
    initial={
        "q_ca": "alpha_q_ca/(alpha_q_ca + beta_q_ca)",
        "r_ca": "alpha_r_ca/(alpha_r_ca + beta_r_ca)",
    },
    references=("pospischil_2008", "reuveni_1993"),
    reproduces="The calcium current of the intrinsically bursting cell.",
    measured=(Measured("celsius", 36.0, 36.0, _CODE),),
    conditions="Neocortical pyramidal cells. Ohmic, reversal at e_ca (120 mV, or 'nernst_ca').",
    deviations="No inactivation by calcium. 0.055*3.8 of the first rate is written as 0.209.",
)

ca_t_type = Component(
    name="ca_t_type",
    slot="ca_t",
    meaning="low-threshold (T-type) calcium current",
    equations="""
u_ca_t = v + v_shift + v_ca_t : mV
s_inf_ca = 1/(1 + exp(-(u_ca_t + 57*mV)/(6.2*mV))) : 1
u_inf_ca = 1/(1 + exp((u_ca_t + 81*mV)/(4*mV))) : 1
tau_s_ca = (0.612 + 1/(exp(-(u_ca_t + 132*mV)/(16.7*mV))
                       + exp((u_ca_t + 16.8*mV)/(18.2*mV))))*ms/3.7 : ms
cold_ca_t = int(u_ca_t < -80*mV) : 1  # the branch of the inactivation that holds below -80 mV
tau_u_ca = (cold_ca_t*exp(clip((u_ca_t + 467*mV)/(66.6*mV), -20, 20))
            + (1 - cold_ca_t)*(28 + exp(clip(-(u_ca_t + 22*mV)/(10.5*mV), -20, 20))))*ms/3.7 : ms
ds_ca/dt = (s_inf_ca - s_ca)/tau_s_ca : 1  # T-type activation
du_ca/dt = (u_inf_ca - u_ca)/tau_u_ca : 1  # T-type inactivation
i_ca_t = g_ca_t*area*modulation_ca_channel*s_ca**2*u_ca*(v - e_ca) : pA  # T-type calcium current
""",
    parameters=(
        Parameter(
            "g_ca_t",
            0.4,
            "mS/cm**2",
            "T-type calcium conductance density",
            _CODE + ", LTS cell",
            (0, 1),
        ),
        Parameter(
            "v_ca_t", -7.0, "mV", "shift of the T-type gates", _CODE + ", LTS cell", (-10, 5)
        ),
    ),
    currents={"i_ca_t": "ca"},
    initial={"s_ca": "s_inf_ca", "u_ca": "u_inf_ca"},
    references=("pospischil_2008", "huguenard_1992"),
    reproduces="The calcium current of the low-threshold spiking cell.",
    measured=(Measured("celsius", 36.0, 36.0, _CODE),),
    conditions="Kinetics of thalamic relay cells, used for cortex. Ohmic, reversal at "
    "e_ca (120 mV, or 'nernst_ca').",
    deviations="None known.",
)

_FILE = "pospischil_2008: as coded in ModelDB 123623 IT_huguenard.mod"

ca_t_instant = Component(
    name="ca_t_instant",
    slot="ca_t",
    meaning="low-threshold (T-type) calcium current with instantaneous activation",
    equations="""
u_ca_t = v + v_shift + v_ca_t : mV
s_ca = 1/(1 + exp(-(u_ca_t + 57*mV)/(6.2*mV))) : 1  # T-type activation
u_inf_ca = 1/(1 + exp((u_ca_t + 81*mV)/(4*mV))) : 1
tau_u_ca = (30.8 + (211.4 + exp((u_ca_t + 113.2*mV)/(5*mV)))
                   /(1 + exp((u_ca_t + 84*mV)/(3.2*mV))))*ms/3**1.2 : ms
du_ca/dt = (u_inf_ca - u_ca)/tau_u_ca : 1  # T-type inactivation
i_ca_t = g_ca_t*area*modulation_ca_channel*s_ca**2*u_ca*(v - e_ca) : pA  # T-type calcium current
""",
    parameters=(
        Parameter(
            "g_ca_t",
            0.4,
            "mS/cm**2",
            "T-type calcium conductance density",
            "pospischil_2008: LTS cell as coded in ModelDB 123623 demo_PY_LTS",
            (0, 1),
        ),
        Parameter("v_ca_t", 2.0, "mV", "shift of the T-type gates", _FILE, (-10, 5)),
    ),
    currents={"i_ca_t": "ca"},
    initial={"u_ca": "u_inf_ca"},
    references=("pospischil_2008", "huguenard_1992"),
    reproduces="The calcium current of the low-threshold spiking cell of ModelDB 123623.",
    measured=(Measured("celsius", 36.0, 36.0, _FILE),),
    conditions="Kinetics of thalamic relay cells, used for cortex; inactivation a Q10 of 3 faster "
    "than at 24 degC. Ohmic, reversal at e_ca (120 mV, or 'nernst_ca').",
    deviations="None known. 'ca_t_type' is the fit of the same family, whose activation takes "
    "time.",
)

_SPINE = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"

ca_r_type = Component(
    name="ca_r_type",
    slot="ca_r",
    meaning="R-type calcium current of spines",
    equations=f"""
u_ca_r = v + v_shift : mV
m_inf_ca_r = 1/(1 + exp(-(u_ca_r + 5.9*mV)/(9.5*mV))) : 1
h_inf_ca_r = 1/(1 + exp((u_ca_r + 39*mV)/(9.2*mV))) : 1
dm_ca_r/dt = (m_inf_ca_r - m_ca_r)/tau_m_ca_r : 1  # R-type activation
dh_ca_r/dt = (h_inf_ca_r - h_ca_r)/tau_h_ca_r : 1  # R-type inactivation
e_ca_r = {CALCIUM} : mV  # calcium reversal potential of this membrane
i_ca_r = g_ca_r*area*m_ca_r**2*h_ca_r*(v - e_ca_r) : pA  # R-type calcium current
""",
    parameters=(
        Parameter(
            "g_ca_r",
            7.44,
            "mS/cm**2",
            "R-type calcium conductance density",
            f"{_SPINE}, 0.0744 nS/um2: 20 channels of 3.72 pS a um2",
            (0, 15),
        ),
        Parameter(
            "tau_m_ca_r",
            1.0,
            "ms",
            "time constant of R-type activation",
            f"{_SPINE}, 1 ms, a guess there",
            (0.2, 5),
        ),
        Parameter(
            "tau_h_ca_r",
            27.0,
            "ms",
            "time constant of R-type inactivation",
            f"{_SPINE}, 27 ms",
            (5, 200),
        ),
    ),
    currents={"i_ca_r": "ca"},
    initial={"m_ca_r": "m_inf_ca_r", "h_ca_r": "h_inf_ca_r"},
    references=("chindemi_2022",),
    reproduces="9.35 uM at a back-propagating action potential of 100 mV in a sphere of 0.087 um3.",
    conditions="Spines of neocortical pyramidal cells; gates credited there to Magee & Johnston "
    "1995, CA1 pyramidal cells. Reads the calcium on both sides of its own membrane, not e_ca.",
    deviations="Gates start at rest; the public code leaves them at 0, so that a spike 100 ms "
    "later brings 2 % less calcium. Time constants do not depend on the potential. No block by "
    "magnesium, no inactivation by calcium.",
)
