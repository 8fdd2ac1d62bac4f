"""Destexhe, Mainen & Sejnowski (1994): two-state NMDA gating."""

from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter
from mgsim.parts.receptors import warming

_CODE = "destexhe_1994: as coded in ModelDB 18500 nmda.mod"

destexhe_1994 = Component(
    name="destexhe_1994",
    slot="nmda_gating",
    meaning="two-state NMDA gating",
    equations=f"""
open_nmda = o_nmda : 1  # open fraction of NMDA receptors
{warming.GATING}
""",
    kinetics=(
        Scheme(
            ("c_nmda", "o_nmda"),
            (
                (
                    "c_nmda",
                    "o_nmda",
                    "k_bind_nmda*glu*warm_nmda/(1 + competitor)",
                    "k_close_nmda*warm_nmda",
                ),
            ),
        ),
    ),
    parameters=(
        Parameter("k_bind_nmda", 0.072, "1/mM/ms", "binding and opening rate", _CODE, (0.01, 1)),
        Parameter("k_close_nmda", 0.0066, "1/ms", "closing rate", _CODE, (0.002, 0.03)),
        *warming.gating(22.0, "assumed: room temperature; the source does not say"),
    ),
    references=("destexhe_1994", "hestrin_1990"),
    reproduces="The NMDA response to a 1 ms pulse of 1 mM transmitter.",
    conditions="Fitted to NMDA currents of hippocampal slices; temperature not confirmed; pulse of "
    "1 mM for 1 ms.",
    deviations="None known.",
)
