"""A receptor that a user might write: five gating states, and the open channel plugged by Mg.

Rates of gating: Lester & Jahr 1992; of block: Ascher & Nowak 1988, k_on = 0.61 exp(-v/17) /mM/ms
and k_off = 5.4 exp(v/47) /ms. No trapping: a plugged channel can only lose its magnesium. At
-100 mV and 10 mM Mg binding runs at 2200 /ms, fifty times what an explicit step of 0.05 ms follows.
"""

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter

_SOURCE = "assumed: rates of Lester & Jahr 1992 and Ascher & Nowak 1988"


def _rate(name: str, value: float, unit: str) -> Parameter:
    return Parameter(name, value, unit, name.replace("_", " "), _SOURCE, (0.1 * value, 10 * value))


STATES = ("c0_oc", "c1_oc", "c2_oc", "d_oc", "o_oc", "b_oc")

open_channel_block = Component(
    name="open_channel_block",
    slot="nmda_gating",
    fills=("block",),
    meaning="five gating states with open-channel block by magnesium",
    equations="""
open_nmda = o_oc + b_oc : 1
unblocked = o_oc/clip(o_oc + b_oc, 1e-300, 1) : 1
""",
    kinetics=(
        Scheme(
            STATES,
            (
                ("c0_oc", "c1_oc", "2*kb*glu", "ku"),
                ("c1_oc", "c2_oc", "kb*glu", "2*ku"),
                ("c2_oc", "d_oc", "kd", "kr"),
                ("c2_oc", "o_oc", "ko", "kc"),
                (
                    "o_oc",
                    "b_oc",
                    "mg_out*mg_on*exp(clip(-v/(17*mV), -80, 80))",
                    "mg_off*exp(clip(v/(47*mV), -80, 80))",
                ),
            ),
        ),
    ),
    parameters=(
        _rate("kb", 5.0, "1/mM/ms"),
        _rate("ku", 6.7e-3, "1/ms"),
        _rate("kd", 15.2e-3, "1/ms"),
        _rate("kr", 9.4e-3, "1/ms"),
        _rate("ko", 83.8e-3, "1/ms"),
        _rate("kc", 83.8e-3, "1/ms"),
        _rate("mg_on", 0.61, "1/mM/ms"),
        _rate("mg_off", 5.4, "1/ms"),
    ),
)

#: Applied glutamate, without release.
applied_glutamate = Component(
    name="applied_glutamate",
    slot="cleft",
    meaning="glutamate as it is applied",
    equations="glu = glu_ambient : mM",
)
