"""Release of transmitter by single impulses."""

from __future__ import annotations

from mgsim.compose.assembly import having
from mgsim.compose.model import Model
from mgsim.parts.baths import serum
from mgsim.parts.mechanisms.endplate import endplate
from mgsim.parts.mechanisms.release import constant_release
from mgsim.parts.mechanisms.release_laws import dodge_rahamimoff_1967

_SERUM = "assumed: serum is its normal bath"

neuromuscular_junction = Model(
    "neuromuscular_junction",
    (
        serum,
        having(constant_release, "assumed: four times what the endplate needs", u_rel=0.2),
        having(dodge_rahamimoff_1967, _SERUM, ca_recorded=1.2, mg_recorded=0.55),
        endplate,
    ),
    "single nerve impulses in serum: what is released against what fires the muscle fibre",
)
