"""Hill & Tononi (2005), as in NEST's ht_neuron: instantaneous block, unblock in two stages."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "hill_2005: as coded in nest-simulator models/ht_neuron.cpp"

hill_tononi_2005 = Component(
    name="hill_tononi_2005",
    slot="block",
    meaning="Hill & Tononi 2005, unblock in two stages, without magnesium in it",
    equations="""
m_inf_mg = 1/(1 + exp(clip(-mg_slope*(v - mg_v_half), -80, 80))) : 1  # unblocked at equilibrium
share_fast_mg = clip(mg_fast - mg_fast_slope*v, 0, 1) : 1  # share of the fast stage
dm_fast_mg/dt = ((m_inf_mg - m_fast_mg)/tau_fast_mg
                + clip(m_inf_mg - m_fast_mg, -1, 0)/tau_block_mg) : 1
dm_slow_mg/dt = ((m_inf_mg - m_slow_mg)/tau_slow_mg
                + clip(m_inf_mg - m_slow_mg, -1, 0)/tau_block_mg) : 1
unblocked = (share_fast_mg*clip(m_fast_mg, 0, m_inf_mg)
             + (1 - share_fast_mg)*clip(m_slow_mg, 0, m_inf_mg)) : 1  # unblocked fraction
""",
    parameters=(
        Parameter(
            "mg_slope",
            0.081,
            "1/mV",
            "steepness of magnesium block with voltage",
            _CODE,
            (0.04, 0.12),
        ),
        Parameter(
            "mg_v_half", -25.57, "mV", "potential at which half is unblocked", _CODE, (-40, -10)
        ),
        Parameter("mg_fast", 0.51, "1", "share of the fast stage at 0 mV", _CODE, (0.2, 0.8)),
        Parameter(
            "mg_fast_slope", 0.0028, "1/mV", "fall of that share with voltage", _CODE, (0, 0.008)
        ),
        Parameter("tau_fast_mg", 0.68, "ms", "time constant of the fast unblock", _CODE, (0.3, 3)),
        Parameter("tau_slow_mg", 22.7, "ms", "time constant of the slow unblock", _CODE, (5, 60)),
        Parameter(
            "tau_block_mg",
            0.2,
            "ms",
            "time constant with which the stages forget on block",
            "assumed: short; the source blocks at once",
            (0.15, 0.5),
        ),
    ),
    initial={"m_fast_mg": "m_inf_mg", "m_slow_mg": "m_inf_mg"},
    references=("hill_2005", "vargas-caballero_2003"),
    reproduces="The slow part of the unblock in cortical pyramidal neurons at 1 mM Mg (Vargas-"
    "Caballero & Robinson 2003), as the network simulator has it.",
    conditions="Thalamocortical network model; data at 1 mM Mg. Steps of more than 0.4 ms are "
    "unstable.",
    deviations="The law has no magnesium concentration in it: mg_out changes nothing. Do not use "
    "it to ask what magnesium does. Block reads at once, as in the source, and the two stages "
    "forget within tau_block_mg, where the source resets them in one step.",
)
