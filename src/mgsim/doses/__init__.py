"""From a dose of magnesium to a neuron: salts, serum, cerebrospinal fluid, the brain's fluid.

Nothing here says which dose anyone should be given.
"""

from __future__ import annotations

from mgsim.doses.amounts import Ionised, Total, amount, concentration, concentration_in
from mgsim.doses.course import Course
from mgsim.doses.given import Dose, deficiency, intramuscular, intravenous, oral, threonate
from mgsim.doses.hours import exposure
from mgsim.doses.neuron import dose_to_neuron, summary

__all__ = [
    "Course",
    "Dose",
    "Ionised",
    "Total",
    "amount",
    "concentration",
    "concentration_in",
    "deficiency",
    "dose_to_neuron",
    "exposure",
    "intramuscular",
    "intravenous",
    "oral",
    "summary",
    "threonate",
]
