"""Magnesium of the cerebrospinal fluid after a change in serum: three structures that disagree.

The human data contradict one another: nothing in four hours (Brewer), nothing at three times the
serum (Apostol), a tenth to a fifth after a day (McKee), and a slow rise that goes on while serum
falls again (Fuchs-Buder).
"""

from __future__ import annotations

from mgsim.body.stage import Stage
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import Prior
from mgsim.units.magnesium import CSF

#: Total magnesium; its gain is what of a lasting rise of serum arrives.
EQUATIONS = """
dcsf_rise/dt = csf_gain*csf_exit*serum_rise - csf_exit*csf_rise : mM  # fluid above its baseline
csf_total = csf_mg/csf_ionised_share + csf_rise : mM  # total magnesium of cerebrospinal fluid
csf_ionised = csf_mg + csf_ionised_share*csf_rise : mM  # ionised magnesium of it
"""
_OWN = (
    Parameter(
        "csf_mg",
        0.80,
        "mM",
        "ionised magnesium of cerebrospinal fluid before the dose",
        "mckee_2005: ionised CSF magnesium before treatment, 0.80 +- 0.10 mM",
        (0.5, 1.1),
    ),
    Parameter(
        "csf_ionised_share",
        CSF,
        "1",
        "ionised part of total magnesium of cerebrospinal fluid",
        "mckee_2005: 0.80 of 1.25 mM before treatment",
        (0.5, 0.9),
    ),
)
_BASELINE = {
    "csf_mg": Prior(
        "truncated_normal",
        (0.80, 0.10, 0.5, 1.1),
        "mckee_2005: ionised CSF magnesium before treatment, 0.80 +- 0.10 mM",
    )
}
_FITTED = "fuchs-buder_1997: least squares on 20 patients"


def _structure(
    name: str,
    meaning: str,
    gain: tuple[float, str],
    leaves: tuple[float, str],
    priors: dict[str, Prior],
    references: tuple[str, ...],
    conditions: str,
    deviations: str,
) -> Stage:
    return Stage(
        Component(
            name=name,
            slot="csf",
            meaning=meaning,
            equations=EQUATIONS,
            parameters=(
                Parameter(
                    "csf_gain",
                    gain[0],
                    "1",
                    "rise of total magnesium of the fluid over a lasting rise in serum",
                    gain[1],
                    (0, 1.2),
                ),
                Parameter(
                    "csf_exit", leaves[0], "1/h", "exit from the fluid", leaves[1], (0.02, 1)
                ),
                *_OWN,
            ),
            references=tuple(dict.fromkeys(("mckee_2005", *references))),
            conditions=conditions,
            deviations=deviations,
        ),
        _BASELINE | priors,
    )


csf_linear = _structure(
    "csf_linear",
    "part of the rise in serum arrives, within hours",
    (0.5, "assumed: the middle of 0 to 1, between which the human data lie"),
    (0.19, f"{_FITTED}, 0.188 /h"),
    {
        "csf_gain": Prior("uniform", (0, 1), "assumed: none to all, as the human data contradict"),
        "csf_exit": Prior(
            "loguniform",
            (0.04, 0.6),
            "assumed: time constants of 2 to 24 h (dog: half-life 70 min)",
        ),
    },
    ("fuchs-buder_1997", "brewer_2001"),
    "Patients with injured brains; the barrier of healthy people may let through less.",
    "Active transport, which holds the fluid's magnesium, is a gain below 1.",
)
csf_null = _structure(
    "csf_null",
    "nothing of the rise in serum arrives",
    (0.0, "brewer_2001: no change of ionised CSF magnesium in 4 h"),
    (0.19, f"{_FITTED}, 0.188 /h"),
    {},
    ("brewer_2001", "apostol_2010", "fuchs-buder_1997"),
    "As Brewer (nine patients, 4 h) and Apostol (pre-eclampsia, serum times three) found.",
    "Exactly none, where the studies found none that they could tell.",
)
csf_slow_full = _structure(
    "csf_slow_full",
    "all of the rise in serum arrives, slowly",
    (1.0, f"{_FITTED}, gain 1.01"),
    (0.188, f"{_FITTED}, 0.188 /h"),
    {"csf_exit": Prior("loguniform", (0.1, 0.35), "assumed: half to twice the fitted")},
    ("fuchs-buder_1997",),
    "As in the 20 neurosurgical patients of Fuchs-Buder, to 4 h after a bolus.",
    "A gain of 1 is a barrier without transport of its own.",
)

brain_fluid = Stage(
    Component(
        name="brain_fluid",
        slot="brain_fluid",
        meaning="fluid of the brain, which follows the cerebrospinal fluid",
        equations="""
dbrain_rise/dt = brain_exchange*(csf_rise - brain_rise) : mM  # brain's fluid above its baseline
mg_brain = csf_mg + csf_ionised_share*brain_rise : mM  # ionised magnesium of the brain's fluid
""",
        parameters=(
            Parameter(
                "brain_exchange",
                0.5,
                "1/h",
                "exchange of the brain's fluid with cerebrospinal fluid",
                "assumed: hours; microdialysis of patients follows serum and CSF (no rate read)",
                (0.05, 5),
            ),
        ),
        references=("von-eckardstein_2016",),
        conditions="Magnesium of microdialysis rose with that of serum and CSF in 17 patients.",
        deviations="It settles at what the cerebrospinal fluid has; cells take up nothing.",
    ),
    {
        "brain_exchange": Prior(
            "loguniform", (0.1, 2.0), "assumed: time constants of half an hour to ten"
        )
    },
)
