"""Destexhe, Mainen & Sejnowski (1998): five-state NMDA gating, correct and as coded."""

from mgsim.parts.receptors.five_state import five_state

_RATES = (5.0, 12.9e-3, 46.5e-3, 73.8e-3, 8.4e-3, 6.8e-3)
_SOURCE = "destexhe_1998: as coded in ModelDB 18198 nmda5.mod"
_CONDITIONS = "Fitted to hippocampal NMDA currents; room temperature; pulse of 1 mM for 1 ms."

destexhe_1998 = five_state(
    "destexhe_1998",
    rates=_RATES,
    two_sites=True,
    source=_SOURCE,
    meaning="five-state NMDA gating, two identical glutamate sites",
    references=("destexhe_1998", "lester_1992"),
    reproduces="The scheme of two identical sites that the paper draws; decay of about 69 ms.",
    conditions=_CONDITIONS,
    deviations="With the statistical factors 2 of two identical independent sites.",
)

destexhe_1998_as_coded = five_state(
    "destexhe_1998_as_coded",
    rates=_RATES,
    two_sites=False,
    source=_SOURCE,
    meaning="five-state NMDA gating as in the public NEURON file",
    references=("destexhe_1998",),
    reproduces="The widely copied nmda5.mod (ModelDB 18198); decay of about 116 ms.",
    conditions=_CONDITIONS,
    deviations="Without the statistical factors 2, as in the published code: 1.7 times slower.",
)
