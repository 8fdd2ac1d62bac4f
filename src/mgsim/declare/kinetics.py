"""Linear kinetics: schemes of states, and exchange between states of other equations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from mgsim.declare.parameter import PartError, check_name
from mgsim.equations import expressions
from mgsim.equations.lines import Equation


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


#: One way of exchange: ``(from, to, forward, backward)``, of which ``forward*from - backward*to``
#: moves each second. The same conductance both ways, ``1/r_neck``, leads to equal values.
Way = tuple[str, str, str, str]


def check_ways(ways: Iterable[Way]) -> None:
    """Refuse ways that do not hold together.

    Raises
    ------
    PartError
    """
    pairs: set[frozenset[str]] = set()
    for start, end, forward, backward in ways:
        for name in (start, end):
            check_name(name, "exchange with")
        pair = frozenset((start, end))
        if start == end or pair in pairs:
            raise PartError(
                f"exchange {start} <-> {end}: two different states exchange one way; add up what "
                "is parallel"
            )
        pairs.add(pair)
        own = (expressions.names(forward) | expressions.names(backward)) & pair
        if own:
            raise PartError(
                f"exchange {start} <-> {end}: what moves is linear in both, so that the expression "
                f"of how fast may not name '{min(own)}'"
            )


@dataclass(frozen=True)
class Exchange:
    """What moves between states that have equations of their own, and is kept in sum.

    Attributes
    ----------
    capacities : ``(state, expression)``: how much of what moves makes the state larger by one.
    ways : see :data:`Way`. An end that is none of the states is imposed: it gives and takes.
    """

    capacities: tuple[tuple[str, str], ...]
    ways: tuple[Way, ...]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(state for state, _ in self.capacities)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every expression in it."""
        return (*(c for _, c in self.capacities), *(x for way in self.ways for x in way))

    def rewritten(self, text: Callable[[str], str]) -> Exchange:
        """The same with each expression as ``text`` gives it."""
        return Exchange(
            tuple((s, text(c)) for s, c in self.capacities),
            tuple((text(a), text(b), text(f), text(g)) for a, b, f, g in self.ways),
        )

    @property
    def slopes(self) -> dict[str, str]:
        """What it adds to the derivative of each state."""
        net: dict[str, list[str]] = {s: [] for s in self.states}
        for start, end, forward, backward in self.ways:
            flow = f"(({forward})*{start} - ({backward})*{end})"
            for name, sign in ((start, "-"), (end, "+")):
                if name in net:
                    net[name].append(f" {sign} {flow}/({dict(self.capacities)[name]})")
        return {s: "".join(terms) for s, terms in net.items()}
