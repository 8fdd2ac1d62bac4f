"""Magnesium sulfate in serum: published sets of pharmacokinetic constants.

All were found in pregnant women, most with pre-eclampsia. Magnesium above the person's own baseline
is followed: what is given comes in, what is in serum above the baseline goes out with the urine.
"""

from __future__ import annotations

from mgsim.body.stage import Stage, varying
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import Prior
from mgsim.units.magnesium import SERUM

_FROM_MUSCLE = "dmg_depot/dt = -im_uptake*mg_depot : mmol  # in the muscle that was injected\n"
_TOTAL = "serum_total = serum_mg + serum_rise : mM  # total magnesium of serum"
#: One compartment.
ONE = f"""{_FROM_MUSCLE}
dmg_central/dt = mg_infusion + im_uptake*mg_depot - clearance*serum_rise : mmol  # above baseline
serum_rise = mg_central/v_central : mM  # serum above its baseline
{_TOTAL}
"""
#: Two compartments: serum and what is quick to mix with it, and the rest.
TWO = f"""{_FROM_MUSCLE}
dmg_central/dt = mg_infusion + im_uptake*mg_depot - clearance*serum_rise - mg_apart : mmol  # serum
dmg_peripheral/dt = mg_apart : mmol  # elsewhere, above baseline
mg_apart = q_peripheral*(serum_rise - mg_peripheral/v_peripheral) : mmol/h  # goes elsewhere
serum_rise = mg_central/v_central : mM  # serum above its baseline
{_TOTAL}
"""
_MUSCLE = (
    Parameter(
        "im_uptake",
        0.3,
        "1/h",
        "uptake from an injected muscle",
        "assumed: the most in serum one to three hours after the injection",
        (0.1, 2),
    ),
    Parameter(
        "im_fraction",
        0.862,
        "1",
        "part of an intramuscular dose that reaches serum",
        "salinger_2013: bioavailability 86.2 %",
        (0.5, 1),
    ),
)
_BASELINE = Parameter(
    "serum_mg",
    0.85,
    "mM",
    "total serum magnesium before the dose",
    "unverified: usual range 0.75 to 0.95 mM",
    (0.2, 1.5),
)
#: How people differ, where a paper says nothing of it.
_OTHERS = {
    "serum_mg": Prior("uniform", (0.75, 0.95), "unverified: usual range of total serum magnesium"),
    "im_uptake": Prior("loguniform", (0.15, 0.6), "assumed: half to twice"),
}
_CV = "assumed: the spread of lu_2002 (39, 26, 38 and 59 %)"
#: Between-subject coefficients of variation of lu_2002.
_SPREAD = {"clearance": 0.39, "v_central": 0.26, "v_peripheral": 0.38, "q_peripheral": 0.59}
_INFUSION = Parameter(
    "mg_infusion", 0.0, "mmol/h", "magnesium that runs in", "assumed: what is given", (0, 1000)
)
_MEANING = {
    "clearance": ("L/h", "clearance of magnesium above the baseline", (1, 10)),
    "v_central": ("L", "volume that mixes at once", (10, 50)),
    "v_peripheral": ("L", "volume that mixes later", (5, 60)),
    "q_peripheral": ("L/h", "clearance between the two volumes", (1, 20)),
}


def _set(
    name: str,
    meaning: str,
    sources: dict[str, str],
    spread: str,
    reference: str,
    conditions: str,
    deviations: str,
    outlier: str = "",
    /,
    **values: float,
) -> Stage:
    """A published set; ``spread`` is the source of how people differ."""
    stated = tuple(
        Parameter(n, x, _MEANING[n][0], _MEANING[n][1], sources[n], _MEANING[n][2])
        for n, x in values.items()
    )
    part = Component(
        name=name,
        slot="serum_kinetics",
        meaning=meaning,
        equations=TWO if "v_peripheral" in values else ONE,
        parameters=(*stated, *_MUSCLE, _BASELINE, _INFUSION),
        references=tuple(
            dict.fromkeys(
                k
                for k in (
                    reference,
                    *(s.partition(":")[0] for s in sources.values()),
                    "salinger_2013",
                )
                if k not in ("assumed", "unverified")
            )
        ),
        conditions=conditions,
        deviations=deviations,
    )
    priors = {n: varying(x, _SPREAD[n], spread) for n, x in values.items()} | _OTHERS
    return Stage(part, priors, outlier)


_LU = "lu_2002: abstract, "
lu_2002 = _set(
    "lu_2002",
    "two compartments, 51 women with pre-eclampsia",
    {
        "clearance": f"{_LU}CL 5.0 L/h",
        "v_central": f"{_LU}Vc 24 L",
        "v_peripheral": f"{_LU}Vp 25 L",
        "q_peripheral": f"{_LU}Q 5.6 L/h",
    },
    "lu_2002: interindividual variability of CL, Vc, Vp and Q 39, 26, 38 and 59 %, as lognormal",
    "lu_2002",
    "Pregnant women with pre-eclampsia, 15 h from the start of two infusions of magnesium sulfate.",
    "Read in the abstract. Correlations between the constants of a person are not stated and are "
    "drawn as none.",
    clearance=5.0,
    v_central=24.0,
    v_peripheral=25.0,
    q_peripheral=5.6,
)
_APART = {"v_central": 24.0, "v_peripheral": 25.0, "q_peripheral": 5.6}
_VOLUMES = dict.fromkeys(
    _APART, "assumed: that of lu_2002; the abstract of the paper states clearance alone"
)
brookfield_2016 = _set(
    "brookfield_2016",
    "clearance of women with pre-eclampsia, among 111 pregnant women",
    {"clearance": "brookfield_2016: abstract, CL 3.98 L/h with pre-eclampsia", **_VOLUMES},
    _CV,
    "brookfield_2016",
    "Pregnant women under 4 g and then 2 g/h of magnesium sulfate.",
    "Volumes are those of lu_2002, so only what is settled is the paper's.",
    clearance=3.98,
    **_APART,
)
brookfield_2016_healthy = _set(
    "brookfield_2016_healthy",
    "clearance of women without pre-eclampsia, among 111 pregnant women",
    {"clearance": "brookfield_2016: abstract, CL 5.88 L/h without pre-eclampsia", **_VOLUMES},
    _CV,
    "brookfield_2016",
    "Pregnant women under 4 g and then 2 g/h of magnesium sulfate.",
    "Volumes are those of lu_2002, so only what is settled is the paper's.",
    clearance=5.88,
    **_APART,
)
_ONE = "salinger_2013: abstract, "
salinger_2013 = _set(
    "salinger_2013",
    "one compartment, 258 women at risk of eclampsia, intramuscular and intravenous",
    {"clearance": f"{_ONE}48.1 dl/h", "v_central": f"{_ONE}156 dl"},
    _CV,
    "salinger_2013",
    "Pregnant women with hypertension, a sample each.",
    "Uptake from the muscle is not in the abstract and is assumed.",
    clearance=4.81,
    v_central=15.6,
)
_SILVA = "da-silva_2020: abstract, "
da_silva_2020 = _set(
    "da_silva_2020",
    "one compartment, 109 women with pre-eclampsia",
    {"clearance": f"{_SILVA}CL 1.38 L/h", "v_central": f"{_SILVA}V 13.3 L"},
    _CV,
    "da-silva_2020",
    "Pregnant women under 4 g and then 1 g/h of magnesium sulfate, to 18 h.",
    "One compartment, in which 1 g/h settles at 3.7 mM.",
    "a third of the clearance of others; 1 g/h would settle at 3.7 mM, where 28 studies "
    "(okusanya_2016) found well below 2",
    clearance=1.38,
    v_central=13.3,
)

#: Total serum magnesium, mM, over which the line of what is ionised was fitted, and whence that is.
BINDING_LOW, BINDING_HIGH = 0.5, 1.5
BINDING_RANGE = f"{BINDING_LOW:g} to {BINDING_HIGH:g} mM total (unverified: about usual serum)"
serum_binding = Stage(
    Component(
        name="serum_binding",
        slot="serum_binding",
        meaning="the ionised part of serum magnesium",
        equations="serum_ionised = ionised_slope*serum_total + ionised_offset : mM  # ionised",
        parameters=(
            Parameter(
                "serum_total", 0.85, "mM", "total serum magnesium", "assumed: of a person", (0.2, 8)
            ),
            Parameter(
                "ionised_slope",
                SERUM[0],
                "1",
                "ionised magnesium gained with total",
                "unverified: ionised = 0.66 total + 0.039 mM, read on a secondary page",
                (0.5, 0.8),
            ),
            Parameter(
                "ionised_offset",
                SERUM[1],
                "mM",
                "ionised magnesium of the line at no total",
                "unverified: ionised = 0.66 total + 0.039 mM, read on a secondary page",
                (0, 0.2),
            ),
        ),
        conditions=f"A regression over {BINDING_RANGE}; beyond, as under infusions of magnesium "
        "and severe deficiency, it extrapolates. Where it has more ionised than total, below "
        "0.115 mM, it is refused.",
        deviations="One line for all; albumin, pH and other ligands are not in it.",
    )
)
