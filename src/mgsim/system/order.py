"""What comes after what: definitions, kinetic schemes and start values."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import PartError
from mgsim.equations import expressions
from mgsim.equations.lines import Equation
from mgsim.system.joining import Joined


def definitions(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """Algebraic equations, each after those that it reads."""
    by_name = {e.name: e for e in equations}
    graph = {n: sorted(expressions.variables(e.text) & by_name.keys()) for n, e in by_name.items()}
    try:
        return tuple(by_name[n] for n in TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise PartError(
            "these equations depend on one another in a circle: " + " -> ".join(error.args[1])
        ) from None


def schemes(joined: Joined, given: tuple[Scheme, ...]) -> tuple[Scheme, ...]:
    """Kinetic schemes, one whose rates read another's states after it."""
    of = {s: i for i, k in enumerate(given) for s in k.states}

    def reads(text: str, seen: frozenset[str] = frozenset()) -> set[int]:
        found: set[int] = set()
        for name in expressions.variables(text) - seen:
            if name in of:
                found.add(of[name])
            elif name in joined.equations and not joined.equations[name].differential:
                found |= reads(joined.equations[name].text, seen | {name})
        return found

    graph = {i: sorted(set().union(*(reads(r) for r in k.rates))) for i, k in enumerate(given)}
    try:
        return tuple(given[i] for i in TopologicalSorter(graph).static_order())
    except CycleError as error:
        names = " -> ".join(given[i].states[0] for i in error.args[1])
        raise PartError(
            "the rates of a kinetic scheme depend, within one step, on its own states "
            f"({names}); let them depend on a state with its own equation"
        ) from None


def starts(joined: Joined, states: Iterable[Equation], schemes: Iterable[Scheme]) -> dict[str, str]:
    """Start expressions, each state after those that its expression needs.

    States of a scheme that starts at its equilibrium have none.
    """
    given = {n: text for part in joined.parts for n, text in part.initial.items()}
    solved: dict[str, tuple[str, ...]] = {}
    for scheme in schemes:
        for i, name in enumerate(scheme.states):
            if scheme.start == "equilibrium":
                solved[name] = scheme.rates
            else:
                given.setdefault(name, "1" if i == 0 else "0")
    for state in states:
        given.setdefault(state.name, f"0*{state.unit}")

    def needs(text: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found: set[str] = set()
        for name in expressions.variables(text) - seen:
            if name in given or name in solved:
                found.add(name)
            elif name in joined.equations:
                found |= needs(joined.equations[name].text, seen | {name})
        return found

    try:
        graph = {n: sorted(needs(t)) for n, t in given.items()}
        graph |= {n: sorted(set().union(*(needs(r) for r in rates))) for n, rates in solved.items()}
        return {n: given[n] for n in TopologicalSorter(graph).static_order() if n in given}
    except CycleError as error:
        raise PartError(
            "start values depend on one another in a circle: " + " -> ".join(error.args[1])
        ) from None
