"""Glutamate in a tissue: what leaks, what a lasting depolarisation releases, and two uptakes."""

from dataclasses import replace

from mgsim.compose.assembly import reworded, stating
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words
from mgsim.parts.homeostasis.glutamate import glutamate, uptake

tissue_glutamate = reworded(
    glutamate,
    "tissue_glutamate",
    {
        "glu_drive = clip((v - v_release)/release_span, 0, 1000)**2": "ddepolarised/dt = "
        "((v - v_release)/release_span - depolarised)/tau_tissue : 1  # of all, smoothed\n"
        "glu_drive = clip(depolarised, 0, 1000)**2",
        "dglu_in_space/dt = glu_leaves": "dglu_in_space/dt = glu_leaves + glu_leak*vol_out_rest",
    },
    meaning="glutamate that leaks and that lasting depolarisation releases, in clefts and around",
    parameters=(
        *(
            stating(p, -40.0, "assumed: above the mean potential of a cell that fires")
            if p.name == "v_release"
            else p
            for p in glutamate.parameters
        ),
        Parameter(
            "tau_tissue",
            100.0,
            "ms",
            "time over which the depolarisation of the tissue is a mean",
            "assumed: long beside spikes, which neighbours do not share, short beside insults",
            (10, 1000),
        ),
        Parameter(
            "glu_leak",
            4.727e-6,
            "mM/ms",
            "leak of glutamate into the extracellular space, not from vesicles",
            "assumed: what holds 25 nM against the uptake of counted transporters",
            (0, 1e-3),
        ),
    ),
    ports=(*glutamate.ports, words.VOL_OUT_REST),
    initial={"depolarised": "(v - v_release)/release_span"},
    conditions="A tissue that depolarises as one, without spikes of others: those act on receptors "
    "as releases, and their glutamate is not among these amounts.",
    deviations=f"{glutamate.deviations} Spikes release nothing. What leaks comes from nowhere, and "
    "once taken up it is gone: only what was released returns to the store.",
)

_MG = (
    Parameter(
        "mg_slope_uptake",
        0.0,
        "1/mM",
        "gain of the uptake for 1 mM more magnesium outside: 0, as none is known",
        "assumed: none unless asked for; no measurement and no transporter model with one was "
        "found",
        (-0.5, 1),
    ),
    Parameter(
        "mg_uptake_measured",
        1.0,
        "mM",
        "magnesium of the bath in which uptake was measured",
        "assumed: slices in the usual 1 mM",
        (0, 4),
    ),
)


def _with_magnesium(name: str, meaning: str, values: dict[str, tuple[float, str]]) -> Component:
    """The uptake with a gain by magnesium, which is off, and other numbers."""
    return reworded(
        uptake,
        name,
        {
            "pull_cleft = uptake_max*": "mg_gain_uptake = clip(1 + mg_slope_uptake"
            "*(mg_out - mg_uptake_measured), 0, 3) : 1\n"
            "pull_cleft = uptake_max*mg_gain_uptake*",
            "pull_around = (uptake_max*": "pull_around = (uptake_max*mg_gain_uptake*",
        },
        meaning=meaning,
        parameters=(
            *(stating(p, *values[p.name]) if p.name in values else p for p in uptake.parameters),
            *_MG,
        ),
    )


_COUNTS = (
    "unverified: 126 uM of transporters in the extracellular space (Lehre & Danbolt 1998), 30 /s "
    "each and 20 uM at half"
)
uptake_counted = replace(
    _with_magnesium(
        "uptake_counted",
        "uptake of glutamate as fast as counted transporters allow",
        {
            "uptake_max": (3.786e-3 / 1.08, f"{_COUNTS}: 3.79 mM/s in all"),
            "uptake_km": (0.02, _COUNTS),
        },
    ),
    conditions="Michaelis and Menten. 3.8 mM/s in the extracellular space: an eighth of what "
    "'uptake_fast' has. Transporters as dense in clefts as the shares of 'uptake' make them.",
)
uptake_fast = _with_magnesium(
    "uptake_fast",
    "uptake of glutamate eight times as fast as counted transporters allow, as published",
    {},
)
