"""Blood, cerebrospinal fluid and the brain's fluid, over days. Nobody is given a dose here."""

from __future__ import annotations

from dataclasses import replace

from mgsim.body.csf import brain_fluid, csf_linear
from mgsim.body.serum import lu_2002
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.declare.priors import Prior
from mgsim.doses.chain import join
from mgsim.judging.reading import Bench
from mgsim.parts.baths import person as person_bath
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

#: ms.
HOUR = 3.6e6
_IN_WINDOW = "/(window_stop - window_start)"
_KEPT = (
    Measure("serum_at_end", "mM", "total serum magnesium", rate=f"serum_total{_IN_WINDOW}"),
    Measure("brain_at_end", "mM", "ionised magnesium of the brain", rate=f"mg_brain{_IN_WINDOW}"),
)


_JOINED = join((lu_2002.part, csf_linear.part, brain_fluid.part))
#: Here magnesium may be lost too.
_BODY = replace(
    _JOINED,
    name="lu_2002",
    parameters=tuple(
        replace(p, range=(-10, 1000)) if p.name == "mg_infusion" else p for p in _JOINED.parameters
    ),
)
_PRIORS = {**lu_2002.priors, **csf_linear.priors, **brain_fluid.priors}
_PRIORS.pop("im_uptake")  # nothing is injected


def _over(name: str, hours: float, dt: float) -> Bench:
    """Magnesium that runs in or is lost at a steady rate, seen in the last of so many hours.

    ``dt`` is the step, in ms.
    """
    bench = Bench(
        name,
        Experiment(
            name,
            "How far do serum and the brain's fluid go?",
            (Model("blood_and_brain", (person_bath, _BODY)),),
            rest.lasting(hours * HOUR, ((hours - 1) * HOUR, hours * HOUR)),
            _KEPT,
            dt=dt,
        ),
        _PRIORS,
        laws=(_BODY.name,),
        slot="body",
        own=(_BODY,),
    )
    at = {
        "nothing arrives (Brewer, Apostol)": (0.0, "brewer_2001: no change in 4 h"),
        "all arrives (Fuchs-Buder)": (1.0, "fuchs-buder_1997: gain 1.01"),
    }
    cells = {
        word: replace(bench, priors=_PRIORS | {"csf_gain": Prior("constant", (value,), source)})
        for word, (value, source) in at.items()
    }
    return replace(bench, cells=cells)


a_day, a_month = _over("blood_a_day", 24.0, 6e5), _over("blood_a_month", 720.0, 12e5)
