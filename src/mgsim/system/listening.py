"""Who listens to which event: statements of parts and measures, in the order in which they act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from mgsim.catalogs.catalog import either, unknown
from mgsim.compose.finding import every
from mgsim.compose.measure import Measure
from mgsim.declare import events
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError
from mgsim.equations import expressions
from mgsim.equations.lines import Statement, read_crossing, read_statements
from mgsim.system.joining import Joined

#: Whether an event is in the measuring window, whose ends may be off by rounding.
INSIDE = "int(t >= window_start*(1 - 1e-12))*int(t < window_stop*(1 - 1e-12))"
#: Parts that an error names.
_SHOWN = 3


@dataclass(frozen=True)
class Crossing:
    """An upward crossing: of what, of which level, and how its time is called."""

    signal: str
    level: str
    time: str


@dataclass(frozen=True)
class Chance:
    """A name in the statements of an event, and whose dice it stands for."""

    name: str
    dice: str


@dataclass
class Heard:
    """Statements by event, and the chances that each event brings them."""

    statements: dict[str, tuple[Statement, ...]]
    chances: dict[str, tuple[Chance, ...]]


def check(joined: Joined, measures: Iterable[Measure]) -> None:
    """Every event that is sent is heard."""
    heard = {e for p in joined.parts for e in p.on_event}
    heard |= {e for m in measures for e in m.on}
    for event in joined.protocol.events:
        if not heard & set(events.family(event, joined.events)):
            raise PartError(
                f"protocol '{joined.protocol.name}' sends '{event}' events, which no part of "
                f"model '{joined.model.name}' listens to (on_event)"
            )


def crossings(joined: Joined) -> dict[str, Crossing]:
    """The crossings that parts raise."""
    found: dict[str, Crossing] = {}
    owner: dict[str, str] = {}
    for part in joined.parts:
        for event, text in part.crossings.items():
            if event in owner:
                raise PartError(f"'{owner[event]}' and '{part.name}' both say what a {event} is")
            owner[event] = part.name
            time = next((p.name for p in joined.events[event].carries), "")
            found[event] = Crossing(*read_crossing(text), time)
    return found


def happens(joined: Joined, event: str) -> bool:
    """Whether an event can happen at all: it is raised, or it or what it follows is sent."""
    if joined.events[event].crossing:
        return any(event in p.crossings for p in joined.parts)
    return events.root(event, joined.events) in joined.protocol.events


def carried(joined: Joined, event: str) -> set[str]:
    """What a measure may read of an event."""
    if joined.events[event].crossing:
        return {p.name for p in joined.events[event].carries}
    return set(events.set_on(event, joined.events))


def check_measure(joined: Joined, measure: Measure) -> None:
    """Refuse a measure that listens to what is no event, or does not happen."""
    for event in measure.on:
        what = f"measure '{measure.name}'"
        there = event in joined.events
        if there and happens(joined, event):
            continue
        if there and not joined.events[event].crossing:
            sends = f"protocol '{joined.protocol.name}' sends none"
            raise PartError(f"{what} listens to '{event}'; {sends}")
        brings = _brings(joined, event)
        if not there and not brings:
            raise unknown("event", event, joined.events, what)
        has = f"model '{joined.model.name}' has none"
        raise PartError(f"{what} listens to '{event}'; {has}{brings}")


def _brings(joined: Joined, event: str) -> str:
    """Which parts of the catalogs raise an event or declare it, in words.

    Those first that fill a slot of the model.
    """
    found = [p for p in every() if event in {*p.crossings, *(e.name for e in p.events)}]
    fitting = [p for p in found if p.slot in joined.model.slots] or found
    if not fitting:
        return ""
    many = len(fitting) > _SHOWN + 1
    more = [f"{len(fitting) - _SHOWN} others"] if many else []
    names = either([f"'{p.name}'" for p in (fitting[:_SHOWN] if many else fitting)] + more)
    return f", which {names} in the slot '{fitting[0].slot}' would bring"


def statements(joined: Joined, measures: Iterable[Measure]) -> Heard:
    """By event, what it does: parts that write a name come before those that read it.

    Inside a part the author's order stands. Measures come last: they read what has become of it.
    """
    known = joined.events
    names = [k for p in joined.parts for k in p.on_event]
    names += [k for m in measures for k in m.on if not known[k].crossing]
    found = Heard({}, {})
    for event in sorted({events.root(n, known) for n in names}):
        chances: list[Chance] = []
        blocks = [
            (part.name, _drawn(joined, event, part, key, chances))
            for part in joined.parts
            for key in events.family(event, known)
            if key in part.on_event
        ]
        ordered = [*_ordered(joined, event, blocks), *_measured(joined, event, measures)]
        found.statements[event] = _filled(joined, event, ordered)
        if chances:
            found.chances[event] = tuple(chances)
    return found


def _drawn(
    joined: Joined, event: str, part: Component, key: str, chances: list[Chance]
) -> tuple[Statement, ...]:
    """A part's statements, each of its chances by a name that no other part has."""
    written = read_statements(part.on_event[key])
    own = events.chances(key, joined.events, part.chances.get(key, 1))
    read = frozenset().union(*(expressions.names(s.right) for s in written))
    by: dict[str, str] = {}
    for name in own:
        if name in read:
            by[name] = f"{event}_chance_{len(chances)}"
            whose = f"{part.slot}:{part.name}" if part in joined.protocol.stimuli else part.slot
            chances.append(Chance(by[name], f"{whose}/{key}/{name}"))
    return tuple(
        replace(s, right=expressions.substitute(s.right, by))
        if by.keys() & expressions.names(s.right)
        else s
        for s in written
    )


def _ordered(
    joined: Joined, event: str, blocks: list[tuple[str, tuple[Statement, ...]]]
) -> list[Statement]:
    states = {e.name for e in joined.equations.values() if e.differential}
    for owner, block in blocks:
        for s in block:
            _check_target(joined, event, owner, s, states)
    writes = [{s.name for s in block} for _, block in blocks]
    sets = [{s.name for s in block if not s.adds} for _, block in blocks]
    reads = [joined.behind(s.right for s in block) for _, block in blocks]
    graph: dict[int, list[int]] = {
        i: [
            j
            for j in range(len(blocks))
            if j != i
            and (j < i if owner == blocks[j][0] else writes[j] & reads[i] or sets[j] & writes[i])
        ]
        for i, (owner, _) in enumerate(blocks)
    }
    for name in events.set_on(event, joined.events):
        setting = list(dict.fromkeys(b[0] for b, s in zip(blocks, sets, strict=True) if name in s))
        if len(setting) > 1:
            raise PartError(f"'{setting[0]}' and '{setting[1]}' both say what '{name}' is")
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        names = " -> ".join(f"'{blocks[i][0]}'" for i in error.args[1])
        raise PartError(
            f"on '{event}' these parts each read what another one writes, in a circle: {names}"
        ) from None
    return [s for i in order for s in blocks[i][1]]


def _measured(joined: Joined, event: str, measures: Iterable[Measure]) -> list[Statement]:
    """What measures do on an event and those that follow it, in the measuring window."""
    found = []
    for key in events.family(event, joined.events):
        for m in (m for m in measures if key in m.on):
            for s in read_statements(m.on[key]):
                change = s.right if s.adds else f"{s.right} - {s.name}"
                found.append(Statement(s.name, f"{INSIDE}*({change})", True))
    return found


def _filled(joined: Joined, event: str, found: list[Statement]) -> tuple[Statement, ...]:
    """The default of what an event carries and no part sets."""
    for name, port in events.set_on(event, joined.events).items():
        setting = next((i for i, s in enumerate(found) if s.name == name), None)
        for i, s in enumerate(found):
            if name not in expressions.names(s.right):
                continue
            if setting is not None and i <= setting:
                raise PartError(f"on '{event}', '{s.name}' reads '{name}' before it is set")
            if setting is None and port.default is None:
                raise PartError(f"on '{event}', '{s.name}' reads '{name}', which no part sets")
            if setting is None and port.default:
                value = f"{port.default.value:g}" + (f"*{port.unit}" if port.unit != "1" else "")
                found[i] = replace(s, right=expressions.substitute(s.right, {name: value}))
    return tuple(found)


def _check_target(
    joined: Joined, event: str, part: str, statement: Statement, states: set[str]
) -> None:
    """A part may change its own states; those of another only by adding to a port."""
    name = statement.name
    if name in events.set_on(event, joined.events):
        if statement.adds:
            raise PartError(f"part '{part}', on '{event}': '{name}' is set, not added to")
        return
    if name not in states:
        raise PartError(
            f"part '{part}', on '{event}', changes '{name}', which is not a state of model "
            f"'{joined.model.name}'"
        )
    if joined.owner[name] != part and not (statement.adds and name in joined.ports):
        raise PartError(
            f"part '{part}', on '{event}', changes '{name}' of part "
            f"'{joined.owner[name]}'; it may only add to a state that is a port"
        )
