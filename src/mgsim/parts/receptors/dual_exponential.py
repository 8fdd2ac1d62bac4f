"""NMDA gating by a rise and a decay with saturation, as in network models."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "wang_2002: as coded in brian2 examples/frompapers/Wang_2002.py"

dual_exponential = Component(
    name="dual_exponential",
    slot="nmda_gating",
    meaning="NMDA gating with rise, decay and saturation",
    equations="""
dx_nmda/dt = -x_nmda/tau_rise_nmda : 1  # transmitter bound, phasic
ds_nmda/dt = ((alpha_nmda*x_nmda + bound_ambient)/(1 + competitor)*(1 - s_nmda)
              - s_nmda/tau_decay_nmda) : 1  # open
bound_ambient = glu_ambient/(ec50_nmda*tau_decay_nmda) : 1/ms
open_nmda = s_nmda : 1  # open fraction of NMDA receptors
""",
    parameters=(
        Parameter(
            "tau_rise_nmda",
            2.0,
            "ms",
            "rise time constant of the NMDA conductance",
            _CODE,
            (0.5, 20),
        ),
        Parameter(
            "tau_decay_nmda",
            100.0,
            "ms",
            "decay time constant of the NMDA conductance",
            _CODE,
            (30, 300),
        ),
        Parameter(
            "alpha_nmda", 0.5, "1/ms", "opening rate with transmitter bound", _CODE, (0.05, 2)
        ),
        Parameter(
            "ec50_nmda",
            2.3,
            "uM",
            "ambient glutamate that opens half the receptors",
            "unverified: about 2.3 uM for native receptors (Traynelis et al. 2010)",
            (0.5, 10),
        ),
    ),
    on_event={"release": "x_nmda += quanta"},
    references=("wang_2002",),
    reproduces="The NMDA synapse of the decision network: s saturates at high rates.",
    conditions="Network models of cortex.",
    deviations="Ambient glutamate is an addition: first-order binding with unbinding at the decay "
    "rate, so that the steady open fraction is glu/(glu + ec50). No desensitisation. Nothing is "
    "divided by the difference of the time constants: where they are equal, the response to a "
    "small quantum is the alpha function t exp(-t/tau).",
)
