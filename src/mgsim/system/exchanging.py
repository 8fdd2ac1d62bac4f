"""What parts exchange: states that are joined by ways, and what refuses to be."""

from __future__ import annotations

from mgsim.declare.kinetics import Exchange
from mgsim.declare.parameter import PartError
from mgsim.equations import expressions
from mgsim.system.joining import Joined, union


def exchanges(joined: Joined, occupancy: set[str]) -> tuple[Exchange, ...]:
    """What all parts exchange, by states that are joined by ways."""
    states = {e.name for e in joined.equations.values() if e.differential}
    ways: dict[tuple[str, str], tuple[str, str]] = {}
    by: dict[str, str] = {}
    for part in joined.parts:
        for start, end, forward, backward in part.exchange:
            by |= dict.fromkeys((start, end), part.name)
            if (end, start) in ways:
                start, end, forward, backward = end, start, backward, forward
            before = ways.get((start, end))
            if before:
                forward, backward = f"{before[0]} + {forward}", f"{before[1]} + {backward}"
            ways[start, end] = forward, backward
    capacity = {n: text for part in joined.parts for n, text in part.capacity.items()}
    solved = occupancy | (by.keys() & states)
    for (start, end), rates in ways.items():
        where = f"part '{by[start]}', exchange {start} <-> {end}"
        for name in (start, end):
            if name in occupancy:
                raise PartError(f"{where}: '{name}' is an occupancy of a kinetic scheme")
            if name in states and name not in capacity:
                raise PartError(
                    f"{where}: part '{joined.owner[name]}' states no capacity of '{name}', as in "
                    f"capacity={{'{name}': ...}}"
                )
        inside = joined.behind([*rates, *({start, end} - states)]) & solved
        if inside:
            raise PartError(
                f"{where} depends, within one step, on '{min(inside)}', which is solved with it; "
                "let it depend on a state with its own equation"
            )
    for name in by.keys() & states:
        behind = joined.behind([capacity[name]])
        texts = [joined.equations[n].text for n in behind - states if n in joined.equations]
        named = union(expressions.names(t) for t in (capacity[name], *texts))
        moving = behind & {*states, *joined.protocol.changes} | named & {"t", "dt"}
        if moving:
            raise PartError(
                f"part '{joined.owner[name]}': the capacity of '{name}' changes with "
                f"'{min(moving)}'; it must stay"
            )
    groups: list[set[str]] = []
    for pair in ways:
        here = set(pair) & states
        touched = [g for g in groups if g & here]
        groups = [g for g in groups if not g & here] + [here.union(*touched)] * bool(here)
    return tuple(
        Exchange(
            tuple((n, capacity[n]) for n in sorted(group)),
            tuple((*pair, *rates) for pair, rates in ways.items() if set(pair) & group),
        )
        for group in groups
    )
