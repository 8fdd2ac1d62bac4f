"""What happens at a moment: the events to which parts and measures listen, and what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import Parameter, PartError, check_name, check_word
from mgsim.declare.ports import Port


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a moment. A part or protocol may declare events of its own.

    Parameters
    ----------
    name, meaning : what it is called, and what it is.
    carries : what comes with it. Of an event that a protocol sends, chances: numbers between 0 and
        1, drawn anew for each event and each part that reads them. Of one that follows another,
        what a part sets on the other, or the port's default. Of a crossing, its time.
    follows : the event at whose time it happens, after it.
    crossing : a part raises it where a signal passes a level. Measures read it; it changes no
        state.
    """

    name: str
    meaning: str
    carries: tuple[Port, ...] = ()
    follows: str = ""
    crossing: bool = False

    def __post_init__(self) -> None:
        check_word(self.name, "event")
        if self.follows and self.crossing:
            raise PartError(f"event '{self.name}' follows another or is a crossing, not both")
        for port in self.carries:
            check_name(port.name, f"event '{self.name}' carries")
            wanted = "ms" if self.crossing else port.unit if self.follows else "1"
            dimension = units.unit(port.unit).dimension
            if dimension != units.unit(wanted).dimension:
                what = "its time" if self.crossing else "chances, without a unit"
                if dimension == units.unit("ms").dimension and not self.follows:
                    what += " (a time comes with a crossing of a level: crossing=True)"
                raise PartError(f"event '{self.name}' carries {what}, not '{port.name}'")
        if self.crossing and len(self.carries) > 1:
            raise PartError(f"event '{self.name}' carries its time, and no more")

    @property
    def sent(self) -> bool:
        """Whether a protocol sends it."""
        return not (self.follows or self.crossing)


def _events(*events: Event) -> Mapping[str, Event]:
    return MappingProxyType({e.name: e for e in events})


#: The events of every model.
EVENTS: Mapping[str, Event] = _events(
    Event(
        "pre",
        "a presynaptic spike",
        carries=(Port("chance", "1", "a number between 0 and 1, drawn for each event"),),
    ),
    Event(
        "release",
        "transmitter is released",
        carries=(
            Port(
                "quanta",
                "1",
                "amount released, 1 where no part sets it",
                default=Parameter(
                    "quanta",
                    1.0,
                    "1",
                    "amount released",
                    "assumed: conductances are stated for one release",
                    (0, 1e3),
                ),
            ),
        ),
        follows="pre",
    ),
    Event("inhibition", "a spike of an inhibitory neuron, which releases GABA"),
    Event(
        "spike",
        "the cell fires",
        carries=(Port("t_spike", "ms", "time of the spike"),),
        crossing=True,
    ),
)


def known(declared: Iterable[Event], where: str) -> dict[str, Event]:
    """The table and the events declared besides.

    Raises
    ------
    PartError
        For a name that has been given to another event, or something carried that another event
        carries too.
    UnknownName
        For an event that follows one that there is not.
    """
    found = dict(EVENTS)
    for event in declared:
        if found.setdefault(event.name, event) != event:
            raise PartError(f"{where} declares the event '{event.name}' otherwise than it is known")
    owner: dict[str, str] = {}
    for event in found.values():
        if event.follows and event.follows not in found:
            raise unknown("event", event.follows, found, f"what '{event.name}' follows, in {where}")
        if event.follows and found[event.follows].crossing:
            raise PartError(f"{where}: '{event.name}' follows '{event.follows}', a crossing")
        for port in event.carries:
            if owner.setdefault(port.name, event.name) != event.name:
                raise PartError(
                    f"{where}: '{owner[port.name]}' and '{event.name}' both carry '{port.name}'"
                )
    for name in found:
        root(name, found)
    return found


def root(name: str, events: Mapping[str, Event]) -> str:
    """The event that brings an event about, at the same time; itself if nothing does."""
    at = name
    for _ in events:
        if not events[at].follows:
            return at
        at = events[at].follows
    raise PartError(f"the event '{name}' follows itself")


def family(name: str, events: Mapping[str, Event]) -> tuple[str, ...]:
    """An event and those that follow it, in the order in which they act."""
    after = (family(e.name, events) for e in events.values() if e.follows == name)
    return (name, *(n for names in after for n in names))


def chances(name: str, events: Mapping[str, Event], count: int) -> tuple[str, ...]:
    """The names of the chances that an event brings to a part: numbered where there are several."""
    drawn = (p.name for p in events[root(name, events)].carries if events[root(name, events)].sent)
    return tuple(
        n for d in drawn for n in ([d] if count == 1 else [f"{d}_{i + 1}" for i in range(count)])
    )


def set_on(name: str, events: Mapping[str, Event]) -> dict[str, Port]:
    """What parts may set and read on an event, carried by any of its time that follows one."""
    return {
        p.name: p
        for n in family(root(name, events), events)
        if events[n].follows
        for p in events[n].carries
    }
