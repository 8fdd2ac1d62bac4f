"""Section S7: what magnesium inside does to an inward rectifier, of which no part is made."""

from __future__ import annotations

import numpy as np

from mgsim.analysis.schemes import equilibrium
from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.validation.rows import finds

_CODE = "beining_2017: as coded in Kir21.mod of the granule cell model"

#: Three magnesium ions block in turn; spermine blocks at two sites, one leaving a substate.
_KIR = Component(
    "kir21_beining_2017",
    "kir",
    "Kir2.1 with block by magnesium and spermine inside",
    equations="""
u_mg_kir = v - 0.5*e_k : mV
leave_kir = 12*exp(-0.025*u_mg_kir/mV)/ms : 1/ms
enter_kir = mg_inside/(8*mM)*28*exp(0.025*u_mg_kir/mV)/ms : 1/ms
u_spm_kir = v - e_k + mg_inside*(1*mV/mM) : mV
spm_leave_kir = 0.2*0.17*exp(-0.01*u_spm_kir/mV)/ms : 1/ms
spm_enter_kir = 0.2*spermine/uM*0.28*exp(0.15*u_spm_kir/mV)/ms : 1/ms
spm_leave_2_kir = 0.005*40*exp((0.105 - 1/9.1)*(v - e_k)/mV)/ms : 1/ms
spm_enter_2_kir = 0.005*spermine/uM*exp(0.105*(v - e_k)/mV)/ms : 1/ms
""",
    kinetics=(
        Scheme(
            ("o_kir", "b1_kir", "b2_kir", "b3_kir", "bs_kir", "bb_kir"),
            (
                ("o_kir", "b1_kir", "3*enter_kir", "leave_kir"),
                ("b1_kir", "b2_kir", "2*enter_kir", "2*leave_kir"),
                ("b2_kir", "b3_kir", "enter_kir", "3*leave_kir"),
                ("o_kir", "bs_kir", "spm_enter_kir", "spm_leave_kir"),
                ("bs_kir", "bb_kir", "spm_enter_2_kir", "spm_leave_2_kir"),
            ),
            start="equilibrium",
        ),
    ),
    parameters=(
        Parameter("mg_inside", 4.0, "mM", "free magnesium inside", _CODE, (0, 10)),
        Parameter("spermine", 1.0, "uM", "free spermine inside", _CODE, (0, 100)),
    ),
)
#: Conductance of a state over that of the open one: thirds under magnesium, a quarter in the
#: substate.
_CONDUCTS = {"o_kir": 1.0, "b1_kir": 2 / 3, "b2_kir": 1 / 3, "bs_kir": 0.25}


def _conducting(v: float, mg: list[float]) -> np.ndarray:
    found = equilibrium(_KIR, v=v, mg_inside=mg, e_k=-90.0)
    return np.asarray(sum(share * found[state] for state, share in _CONDUCTS.items()))


@finds("TS7k")
def _kir() -> list[float]:
    return [float(x) for v in (-70.0, -100.0) for x in _conducting(v, [0.3, 1.0, 4.0])]


@finds("TS7k.rest")
def _rest() -> list[float]:
    low, usual = _conducting(-70.0, [0.3, 1.0])
    return [float(100 * abs(low / usual - 1))]
