"""Linear kinetic schemes: states and the transitions between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mgsim import expressions
from mgsim.equations import Equation
from mgsim.parameter import PartError, check_name


@dataclass(frozen=True)
class Scheme:
    """A linear kinetic scheme: states whose occupancies sum to 1, and transitions between them.

    Parameters
    ----------
    states : names; the first is the one at rest.
    transitions : ``(from, to, forward rate, backward rate)``, rates as expressions in 1/s that
        may not name the scheme's own states.
    start : ``"first"``: every receptor starts in the first state. ``"equilibrium"``: in the
        occupancies that do not change at the rates of time 0, so with the magnesium, the potential
        and the glutamate of that time; a stimulus written as ``t > start`` is not there yet. There
        must be one equilibrium alone; states that empty are 0 in it.
    """

    states: tuple[str, ...]
    transitions: tuple[tuple[str, str, str, str], ...]
    start: Literal["first", "equilibrium"] = "first"

    def __post_init__(self) -> None:
        for name in self.states:
            check_name(name, "state")
        pairs: set[frozenset[str]] = set()
        for start, end, forward, backward in self.transitions:
            pair = frozenset((start, end))
            if start == end or pair in pairs:
                raise PartError(
                    f"transition {start} <-> {end}: two different states have one "
                    "transition between them; add up the rates of parallel ones"
                )
            pairs.add(pair)
            for state in (start, end):
                if state not in self.states:
                    raise PartError(
                        f"transition {start} <-> {end}: '{state}' is not among the "
                        f"states {', '.join(self.states)}"
                    )
            own = (expressions.names(forward) | expressions.names(backward)) & set(self.states)
            if own:
                raise PartError(
                    f"transition {start} <-> {end}: the rate names the state "
                    f"'{min(own)}'; a linear scheme's rates may not"
                )
        if self.start not in ("first", "equilibrium"):
            raise PartError(f"a scheme starts 'first' or at 'equilibrium', not '{self.start}'")
        ends = self._ends()
        if self.start == "equilibrium" and len(ends) > 1:
            raise PartError(
                f"'{min(ends[0])}' and '{min(ends[1])}' do not lead to one another, so "
                "the scheme has no single equilibrium to start from"
            )

    def _ends(self) -> list[frozenset[str]]:
        """Sets of states that lead to one another and nowhere else."""
        both = [t for a, b, f, g in self.transitions for t in ((a, b, f), (b, a, g))]
        steps = [(a, b) for a, b, rate in both if not expressions.is_zero(rate)]
        reached = {}
        for state in self.states:
            found = {state}
            while more := {b for a, b in steps if a in found} - found:
                found |= more
            reached[state] = frozenset(found)
        ends = (r for r in reached.values() if all(reached[s] == r for s in r))
        return list(dict.fromkeys(ends))

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The master equation, one differential equation a state."""
        gains: dict[str, list[str]] = {s: [] for s in self.states}
        for start, end, forward, backward in self.transitions:
            net = f"({forward})*{start} - ({backward})*{end}"
            gains[start].append(f"-({net})")
            gains[end].append(f"+({net})")
        return tuple(
            Equation(
                s, "".join(terms).removeprefix("+") or "0/s", "1", f"occupancy of state {s}", True
            )
            for s, terms in gains.items()
        )

    @property
    def rates(self) -> tuple[str, ...]:
        return tuple(r for _, _, f, b in self.transitions for r in (f, b))
