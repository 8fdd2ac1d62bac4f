"""No block: the control in which magnesium does nothing."""

from mgsim.declare.component import Component

none = Component(
    name="none",
    slot="block",
    meaning="no magnesium block (control)",
    equations="unblocked = 1 : 1  # unblocked fraction",
    deviations="Not a law: the control that must abolish what magnesium does to the receptor.",
)
