"""Inward rectifier potassium channel, for the potential at rest."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured

_CODE = "wolf_2005: as coded in Hjorthmedh/Snudda kir23_lts_mod.mod"

kir = Component(
    name="kir",
    slot="kir",
    meaning="inward rectifier potassium current (Kir)",
    equations="""
m_inf_kir = 1/(1 + exp((v - v_kir)/(13*mV))) : 1
rate_kir = clip(exp(clip(-(v + 97.3*mV)/(12.6*mV), -20, 20))
                + exp((v - 96.3*mV)/(47*mV)), 0, 10)/ms : 1/ms
dm_kir/dt = (m_inf_kir - m_kir)*rate_kir : 1  # Kir activation
i_kir = g_kir*area*m_kir*(v - e_k) : pA  # inward rectifier potassium current
""",
    parameters=(
        Parameter(
            "g_kir",
            0.15,
            "mS/cm**2",
            "Kir conductance density",
            "wolf_2005: as coded by J. Moyer, kir.mod, 1.5e-4 S/cm2",
            (0, 1),
        ),
        Parameter(
            "v_kir",
            -82.0,
            "mV",
            "potential at which half the Kir channels conduct",
            f"{_CODE}; -52 less 30 mV in that of J. Moyer",
            (-110, -60),
        ),
    ),
    currents={"i_kir": "k"},
    initial={"m_kir": "m_inf_kir"},
    references=("wolf_2005", "steephen_2009"),
    measured=(Measured("celsius", 35.0, 37.0, _CODE),),
    conditions="Medium spiny cells of the rat's nucleus accumbens, 35 degC, potassium reversal "
    "near -90 mV; the time constants are that file's smooth fit to Steephen & Manchanda (2009).",
    deviations="Neither magnesium acts on it: outside it has no known part, and inside polyamines "
    "block before magnesium does (docs/validation.md, TS7k). Half activation does not move with "
    "the potassium reversal, as it does in channels. No faster than 0.1 ms, which the fit "
    "would be below -126 mV. Surface charge does not shift it: what gates it is inside.",
)
