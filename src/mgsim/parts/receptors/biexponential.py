"""NMDA gating as a difference of two exponentials that adds up without limit."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"

biexponential = Component(
    name="biexponential",
    slot="nmda_gating",
    meaning="NMDA gating as a difference of two exponentials, without saturation",
    equations="""
dx_nmda/dt = -x_nmda/tau_rise_nmda : 1  # transmitter bound, phasic
ds_nmda/dt = gain_nmda*x_nmda - s_nmda/tau_decay_nmda : 1  # open, over that at the peak
gain_nmda = exp(1/exprel(log(tau_decay_nmda/tau_rise_nmda)))/tau_rise_nmda : 1/ms  # peak of 1
open_nmda = s_nmda : 1  # open receptors over those open at the peak of one release
""",
    parameters=(
        Parameter(
            "tau_rise_nmda",
            0.29,
            "ms",
            "rise time constant of the NMDA conductance",
            f"{_CODE}, 0.29 ms",
            (0.1, 20),
        ),
        Parameter(
            "tau_decay_nmda",
            70.0,
            "ms",
            "decay time constant of the NMDA conductance",
            f"{_CODE}, 70 ms",
            (20, 300),
        ),
    ),
    on_event={"release": "x_nmda += quanta"},
    adds_up=True,
    references=("chindemi_2022",),
    reproduces="exp(-t/70 ms) - exp(-t/0.29 ms) over its peak, as in the public code.",
    conditions="Synapses between neocortical pyramidal cells, about 34 degC.",
    deviations="Releases add up without limit, so that g_nmda is the conductance at the peak of "
    "one release, not that of all receptors. No ambient glutamate, no competitive antagonist. "
    "Written as a cascade of two stages: the same sum, also where the two times are alike.",
)
