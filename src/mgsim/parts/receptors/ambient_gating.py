"""NMDA receptors outside synapses, which ambient glutamate alone opens."""

from dataclasses import replace

from mgsim.parts.receptors.dual_exponential import dual_exponential

_LEFT_OUT = ("tau_rise_nmda", "alpha_nmda")

ambient_gating = replace(
    dual_exponential,
    name="ambient_gating",
    meaning="NMDA gating by ambient glutamate alone, as outside synapses",
    equations="""
ds_nmda/dt = bound_ambient/(1 + competitor)*(1 - s_nmda) - s_nmda/tau_decay_nmda : 1  # open
bound_ambient = glu_ambient/(ec50_nmda*tau_decay_nmda) : 1/ms
open_nmda = s_nmda : 1  # open fraction of NMDA receptors
""",
    parameters=tuple(p for p in dual_exponential.parameters if p.name not in _LEFT_OUT),
    on_event={},
    reproduces="No figure compared.",
    conditions="First-order binding, so that the steady open fraction is glu/(glu + ec50).",
    deviations="'dual_exponential' without what a release does: no glutamate spills over from "
    "synapses. No desensitisation.",
)
