"""Transmitter at the receptor after release: a square pulse, or a decay."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

cleft_pulse = Component(
    name="cleft_pulse",
    slot="cleft",
    meaning="square pulse of glutamate on each release",
    equations="""
dt_release/dt = 0 : ms  # time of the last release
dglu_quanta/dt = 0/ms : 1  # amount of the last release
glu = glu_ambient + glu_quanta*glu_peak*int(t - t_release < glu_width) : mM  # glutamate
""",
    parameters=(
        Parameter(
            "glu_peak",
            1.0,
            "mM",
            "glutamate during the pulse",
            "destexhe_1994: pulse of 1 mM for 1 ms",
            (0.01, 5),
        ),
        Parameter(
            "glu_width",
            1.0,
            "ms",
            "duration of the glutamate pulse",
            "destexhe_1994: pulse of 1 mM for 1 ms",
            (0.1, 20),
        ),
    ),
    on_event={"release": "t_release = t; glu_quanta = quanta"},
    initial={"t_release": "-1000*s"},
    references=("destexhe_1994",),
    conditions="Idealised transmitter transient.",
)

cleft_decay = Component(
    name="cleft_decay",
    slot="cleft",
    meaning="glutamate that decays exponentially after each release",
    equations="""
dglu_phasic/dt = -glu_phasic/tau_glu : mM  # released glutamate
glu = glu_ambient + glu_phasic : mM  # glutamate at the receptor
""",
    parameters=(
        Parameter(
            "glu_peak",
            1.1,
            "mM",
            "glutamate peak after one release",
            "clements_1992: peak of 1.1 mM",
            (0.01, 5),
        ),
        Parameter(
            "tau_glu",
            1.2,
            "ms",
            "decay time constant of glutamate in the cleft",
            "clements_1992: decay of 1.2 ms",
            (0.2, 10),
        ),
    ),
    on_event={"release": "glu_phasic += quanta*glu_peak"},
    references=("clements_1992",),
    conditions="Cultured hippocampal synapses.",
)
