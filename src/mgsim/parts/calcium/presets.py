"""Fractional calcium currents of other receptors and preparations."""

from __future__ import annotations

from dataclasses import replace

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.calcium.pool import pool


def _measured(
    name: str,
    fraction: float,
    ca: float,
    v: float,
    source: str,
    who: str,
    references: tuple[str, ...],
) -> Component:
    """'fractional', scaled so that ``fraction`` enters at ``ca`` mM and ``v`` mV (e_nmda = 0)."""
    half, e_ca = 30 / 1.38, 40.0
    scale = fraction * (ca + half) / ca * v / (v - e_ca)
    parameters = tuple(
        replace(p, value=scale, source=source, range=(0.3 * scale, 3 * scale))
        if p.name == "pf_scale"
        else p
        for p in fractional.parameters
    )
    return replace(
        fractional,
        name=name,
        parameters=parameters,
        meaning=f"calcium as a fraction of the NMDA current, {who}",
        references=("chindemi_2022", *references),
        reproduces=f"{100 * fraction:g} % of the current at {v:g} mV and {ca:g} mM calcium.",
        conditions=f"{who[0].upper()}{who[1:]}; {ca:g} mM calcium, {v:g} mV, magnesium-free, room "
        "temperature.",
        deviations="The dependence on calcium and potential is that of 'fractional'; only its size "
        "is from this preparation.",
    )


fractional_glun2a = _measured(
    "fractional_glun2a",
    0.11,
    1.8,
    -60.0,
    "unverified: about 11 % at 1.8 mM and -60 mV for GluN1/GluN2A (Burnashev et al. 1995)",
    "recombinant GluN1/GluN2A receptors",
    ("burnashev_1995",),
)
fractional_calyx = _measured(
    "fractional_calyx",
    0.115,
    2.0,
    -80.0,
    "bollmann_1998: 11-12 % at -80 mV, as quoted in PMC6793368; its calcium taken as 2 mM",
    "principal neurons of the trapezoid body",
    ("bollmann_1998",),
)
fractional_ca1 = _measured(
    "fractional_ca1",
    0.107,
    1.6,
    -60.0,
    "unverified: 10.7 % in CA1 pyramidal cells (Garaschuk et al. 1996); 1.6 mM and -60 mV assumed",
    "CA1 pyramidal cells",
    (),
)

_SPINE = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"
pool_spine = replace(
    pool,
    name="pool_spine",
    meaning="calcium in the head of a spine, with a fast linear buffer and linear extrusion",
    parameters=tuple(
        replace(pool[n], value=value, source=f"{_SPINE}, {words}")
        for n, value, words in (
            ("ca_depth", 0.09163, "0.087 um3 over the surface of a sphere"),
            ("ca_kappa", 24.0, "0.04 of what comes is free"),
            ("tau_ca", 12.0, "12 ms"),
            ("ca_rest", 0.07, "70 nM"),
        )
    ),
    references=("chindemi_2022", "sabatini_2002"),
    reproduces="The pool of the public code.",
    conditions="Spines of CA1 pyramidal cells. The buffer does not saturate.",
    deviations="No diffusion into the dendrite.",
)

ampa_calcium = Component(
    name="ampa_calcium",
    slot="ca_entry_ampa",
    meaning="calcium as a fraction of the AMPA current",
    equations="""
i_ca_ampa = (pf_ampa*v_pf_ampa/(v_pf_ampa - e_ca_ampa)*g_open_ampa
             *clip(v - e_ca_ampa, -1*V, 0*mV)) : pA  # calcium current of AMPA receptors
""",
    parameters=(
        Parameter(
            "pf_ampa",
            0.005,
            "1",
            "fractional calcium current of AMPA receptors at v_pf_ampa",
            "dingledine_1999: table 7, 0.005 with GluA2; 0.032 to 0.039 without",
            (0.003, 0.05),
        ),
        Parameter(
            "v_pf_ampa",
            -60.0,
            "mV",
            "potential at which that fraction holds",
            "assumed: where fractions are measured",
            (-90, -30),
            nonzero="the fraction has no meaning where no current flows",
        ),
        Parameter(
            "e_ca_ampa",
            40.0,
            "mV",
            "reversal potential of the calcium share",
            "assumed: that of 'fractional'",
            (20, 130),
        ),
    ),
    currents={"i_ca_ampa": "ca of i_ampa"},
    references=("dingledine_1999", "burnashev_1995"),
    reproduces="0.5 % of the AMPA current at -60 mV.",
    conditions="Receptors with GluA2; set pf_ampa to 0.035 for those without, to 0.013 at the "
    "calyx (Bollmann et al. 1998).",
    deviations="An ohmic share for e_ampa = 0, inward below +40 mV and none above, as in "
    "'fractional'; it does not follow external calcium.",
)
