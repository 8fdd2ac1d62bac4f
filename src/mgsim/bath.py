"""What is outside the cell: free magnesium and calcium, in a person and in a dish."""

from __future__ import annotations

from mgsim.catalog import Catalog
from mgsim.component import Component, Parameter


def bath(name: str, meaning: str, mg: float, mg_source: str, ca: float, ca_source: str,
         references: tuple[str, ...], conditions: str) -> Component:
    """A bath with free magnesium ``mg`` and free calcium ``ca`` in mM."""
    return Component(
        name=name, slot="bath", meaning=meaning,
        parameters=(
            Parameter("mg_out", mg, "mM", "extracellular free magnesium", mg_source, (0, 10)),
            Parameter("ca_out", ca, "mM", "extracellular free calcium", ca_source, (0.1, 10)),
        ),
        references=references, conditions=conditions,
    )  # fmt: skip


_CSF_CA = "assumed: ionised calcium of cerebrospinal fluid, 1.0 to 1.3 mM"
_DISH_CA = "assumed: calcium of common culture and slice media, 1.8 to 2.5 mM"

person = bath(
    "person", "cerebrospinal fluid of a person", 0.80,
    "mckee_2005: ionised CSF magnesium before treatment, 0.80 +- 0.10 mM", 1.2, _CSF_CA,
    ("mckee_2005", "brewer_2001"),
    "Ionised, not total (1.0-1.25 mM): block takes free magnesium. Plausible 0.65-0.95 mM.",
)
person_iv = bath(
    "person_iv", "cerebrospinal fluid after intravenous magnesium sulfate", 0.92,
    "mckee_2005: CSF magnesium rises by 10 to 19 % under induced hypermagnesaemia; here +15 %",
    1.2, _CSF_CA, ("mckee_2005", "brewer_2001"),
    "0.88-0.97 mM; one study of healthy people found no change of ionised CSF magnesium in 4 h.",
)
dish_normal = bath(
    "dish_normal", "culture or slice medium with usual magnesium", 1.0,
    "assumed: magnesium of common media, 1.0 to 1.3 mM", 2.0, _DISH_CA, (),
    "Free magnesium of an artificial medium is close to what is added.",
)
dish_zero = bath(
    "dish_zero", "nominally magnesium-free medium", 0.05,
    "assumed: contaminating magnesium of nominally free media, at most 0.05 to 0.08 mM", 2.0,
    _DISH_CA, (), "Contaminated, not zero: exactly 0 is available as mg_out=0.",
)
dish_raised = bath(
    "dish_raised", "medium with raised magnesium", 4.0,
    "assumed: raised magnesium of protective media, 4 to 10 mM", 2.0, _DISH_CA, (),
    "Used in dishes to silence networks and to protect; no brain reaches it.",
)

Catalog.adopt(__name__, Component)
