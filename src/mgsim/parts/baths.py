"""What is outside the cell: free magnesium and calcium, in a person and in a dish."""

from __future__ import annotations

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

#: Free magnesium (mM) of a dish that is called magnesium-free, of a person's cerebrospinal fluid
#: from deficiency to treatment, and of usual media: as the baths below say.
RANGES = {"dish “zero”": (0.0, 0.08), "person": (0.65, 0.97), "usual dish": (1.0, 2.0)}


def bath(
    name: str,
    meaning: str,
    mg: float,
    mg_source: str,
    ca: float,
    ca_source: str,
    references: tuple[str, ...],
    conditions: str,
) -> Component:
    """A bath with free magnesium ``mg`` and free calcium ``ca`` in mM."""
    return Component(
        name=name,
        slot="bath",
        meaning=meaning,
        parameters=(
            Parameter("mg_out", mg, "mM", "extracellular free magnesium", mg_source, (0, 10)),
            Parameter("ca_out", ca, "mM", "extracellular free calcium", ca_source, (0.1, 10)),
        ),
        references=references,
        conditions=conditions,
    )


_CSF_CA = "sakamoto_2005: ionised calcium of human cerebrospinal fluid, 0.94 +- 0.07 mM"
_DISH_CA = "liu_2021: slice media hold 1-3 mM calcium; here the usual 2 mM"

person = bath(
    "person",
    "cerebrospinal fluid of a person",
    0.80,
    "mckee_2005: ionised CSF magnesium before treatment, 0.80 +- 0.10 mM",
    1.0,
    _CSF_CA,
    ("mckee_2005", "brewer_2001", "sakamoto_2005"),
    "Ionised, not total (1.0-1.25 mM): block takes free magnesium. From patients (0.80 and 0.82); "
    "healthy volunteers had 0.66 +- 0.14 in one study. Plausible 0.65-0.95 mM.",
)
person_iv = bath(
    "person_iv",
    "cerebrospinal fluid after intravenous magnesium sulfate",
    0.92,
    "unverified: review of brain injury trials, CSF magnesium +10 to +19 %; here +15 % of 0.80",
    1.0,
    _CSF_CA,
    ("mckee_2005", "brewer_2001"),
    "0.88-0.97 mM; one study of healthy people found no change of ionised CSF magnesium in 4 h.",
)
person_threonate = bath(
    "person_threonate",
    "cerebrospinal fluid after weeks of magnesium L-threonate",
    0.888,
    "unverified: Slutsky et al. 2010, percentage remembered; rat cerebrospinal fluid +7 to +15 % "
    "in about 24 days; here +11 % of 0.80",
    1.0,
    _CSF_CA,
    ("mckee_2005", "sakamoto_2005"),
    "0.86-0.92 mM; measured in rats, moved to the magnesium of a person.",
)
serum = bath(
    "serum",
    "serum of a person, as at the neuromuscular junction",
    0.55,
    "brewer_2001: ionised plasma magnesium, 0.58 +- 0.05 mM in nine people; here 0.55",
    1.2,
    "unverified: ionised calcium of serum, 1.1 to 1.3 mM",
    ("brewer_2001",),
    "Ionised; total magnesium is 0.70-1.10 mM. Muscle and its nerve endings lie outside the "
    "blood-brain barrier: infusions reach them, cerebrospinal fluid hardly.",
)
dish_normal = bath(
    "dish_normal",
    "culture or slice medium with usual magnesium",
    1.0,
    "liu_2021: slice media hold 1-2 mM magnesium; 1.0 is the usual lower end",
    2.0,
    _DISH_CA,
    ("liu_2021",),
    "Free magnesium of an artificial medium is close to what is added.",
)
dish_zero = bath(
    "dish_zero",
    "nominally magnesium-free medium",
    0.05,
    "liu_2021: contaminating magnesium of at most 0.05-0.08 mM",
    2.0,
    _DISH_CA,
    ("liu_2021",),
    "Contaminated, not zero: exactly 0 is available as mg_out=0.",
)
dish_raised = bath(
    "dish_raised",
    "medium with raised magnesium",
    4.0,
    "assumed: raised magnesium of protective media, by convention 4 to 10 mM",
    2.0,
    _DISH_CA,
    (),
    "Used in dishes to silence networks and to protect; no brain reaches it.",
)
