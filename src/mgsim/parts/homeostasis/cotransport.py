"""Cotransporters of chloride: KCC2 and NKCC1, which move no net charge."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words

_CODE = "wei_2014: as coded in class Wei of jakobes/xalbrain"
_DEVIATIONS = "None known. Its rate is of the volume of the cell, and needs no energy."

kcc2 = Component(
    "kcc2",
    "kcc2",
    "cotransport of potassium and chloride, out of a cell at rest",
    """
kcc2_flux = kcc2_max*log(k_in*cl_in/(k_out*cl_out)) : mM/ms  # out of the cell
i_k_kcc2 = faraday_constant*vol_in*kcc2_flux : pA  # potassium with it
i_cl_kcc2 = -faraday_constant*vol_in*kcc2_flux : pA  # chloride with it
""",
    parameters=(
        Parameter("kcc2_max", 3e-4, "mM/ms", "rate at an e-fold gradient", _CODE, (0, 0.01)),
    ),
    currents={"i_k_kcc2": "k", "i_cl_kcc2": "cl"},
    conditions="Stands still where potassium and chloride have the same reversal potential.",
    ports=(words.VOL_IN,),
    references=("wei_2014",),
    deviations=_DEVIATIONS,
)

nkcc1 = Component(
    "nkcc1",
    "nkcc1",
    "cotransport of sodium, potassium and two chloride, at high potassium",
    """
nkcc1_flux = (nkcc1_max/(1 + exp((nkcc1_k - k_out)/nkcc1_k_width))
    *(log(k_in*cl_in/(k_out*cl_out)) + log(na_in*cl_in/(na_out*cl_out)))) : mM/ms  # out
i_na_nkcc1 = faraday_constant*vol_in*nkcc1_flux : pA  # sodium with it
i_k_nkcc1 = faraday_constant*vol_in*nkcc1_flux : pA  # potassium with it
i_cl_nkcc1 = -2*faraday_constant*vol_in*nkcc1_flux : pA  # chloride with it
""",
    parameters=(
        Parameter("nkcc1_max", 1e-4, "mM/ms", "rate at an e-fold gradient", _CODE, (0, 0.01)),
        Parameter("nkcc1_k", 16.0, "mM", "potassium outside at half of it", _CODE, (3, 30)),
        Parameter("nkcc1_k_width", 1.0, "mM", "how steep it is in that", _CODE, (0.3, 5)),
    ),
    currents={"i_na_nkcc1": "na", "i_k_nkcc1": "k", "i_cl_nkcc1": "cl"},
    conditions="Into the cell where the gradient of sodium is that of a cell at rest.",
    ports=(words.VOL_IN,),
    references=("wei_2014",),
    deviations=_DEVIATIONS,
)
