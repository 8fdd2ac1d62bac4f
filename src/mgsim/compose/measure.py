"""What is kept of a run: one number, found while it runs or following from others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.events import EVENTS
from mgsim.declare.parameter import Parameter, PartError, check_name, check_word
from mgsim.declare.ports import PORTS
from mgsim.declare.window import WINDOW
from mgsim.equations import expressions
from mgsim.equations.dimensions import check_unit
from mgsim.equations.lines import Statement, read_statements, renamed


@dataclass(frozen=True)
class Measure:
    """A number kept per run, found while it runs, or one that follows from others.

    Give exactly one of the five ways.

    Parameters
    ----------
    rate : an expression whose time integral over the window is the measure; solved by the
        integrator as a state, so it has the integrator's order.
    peak : an expression whose largest value in the window is the measure: at the ends of substeps,
        just after events, and, where it follows an edge or a recording through definitions, at
        the starts of substeps too. Only then is the value at the very start of the window seen;
        else the first is that at the end of a substep. NaN where the window never comes.
    on : statements by event, ``{"spike": "n_last = t_spike"}``, at each one in the window. They
        read what the event carries (:data:`mgsim.declare.events.EVENTS`), and what the measures in
        ``needs`` held before it.
    every_step : statements at each substep in the window; ``dt`` in them is its width.
    value : an expression in the measures in ``needs``, evaluated at the end of the run.
    needs : other measures that it reads. They are kept too, and shown where they are asked for.
    parameters : numbers that the expressions need, such as a level; each can be an axis.
    initial : start value, in ``unit``.
    defined : a condition on the measures in ``needs``; where it does not hold at the end of the
        run, or one that is read is not defined itself, the measure is NaN.
    undefined : what that means, in words: ``"no spike in the window"``.

    Examples
    --------
    >>> import mgsim as mg
    >>> mean = mg.Measure("mean_interval", "ms", "mean interval of spikes",
    ...     value="(last_spike_time - first_spike_time)/(spike_count - 1)",
    ...     needs=tuple(mg.measures[n] for n in
    ...                 ("last_spike_time", "first_spike_time", "spike_count")),
    ...     defined="spike_count > 1", undefined="fewer than two spikes in the window")
    >>> ds = mg.sweep(mg.models["cell"], mg.protocols["current_step"], mean)
    >>> list(ds.data_vars)[0]
    'mean_interval'
    """

    name: str
    unit: str
    meaning: str
    rate: str | None = None
    peak: str | None = None
    on: Mapping[str, str] = field(default_factory=dict)
    every_step: str | None = None
    value: str | None = None
    needs: tuple[Measure, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    initial: float = 0.0
    defined: str | None = None
    undefined: str = ""

    def __post_init__(self) -> None:
        what = f"measure '{self.name}'"
        check_name(self.name, "measure")
        object.__setattr__(self, "initial", units.one(self.initial, self.unit, self.name))
        ways = [w for w in (self.rate, self.peak, self.every_step, self.value) if w is not None]
        if len(ways) + bool(self.on) != 1:
            raise PartError(f"{what}: give exactly one of rate, peak, on, every_step, value")
        for text in (*self.on.values(), self.every_step or ""):
            for statement in read_statements(text):
                if statement.name != self.name:
                    raise PartError(f"{what} may not change '{statement.name}'")
        names = [m.name for m in self.needs]
        if len({*names, self.name}) <= len(names):
            raise PartError(f"{what} needs a measure twice, or itself")
        if (self.defined is None) != (not self.undefined):
            raise PartError(f"{what}: 'defined' is a condition, 'undefined' what it means in words")
        self._check_result()

    def _check_result(self) -> None:
        """Refuse what is evaluated at the end where it reads others, or its unit does not fit."""
        what = f"measure '{self.name}'"
        known = {m.name: m.unit for m in self.needs} | {p.name: p.unit for p in WINDOW}
        known |= {p.name: p.unit for m in self.behind for p in m.parameters}
        if self.value is None:
            known[self.name] = self.unit
        of = {n: units.unit(u).dimension for n, u in known.items()}
        for text, unit in ((self.value, self.unit), (self.defined, "1")):
            if text is None:
                continue
            for name in sorted(expressions.names(text) - known.keys()):
                if not expressions.is_known(name) or name in ("t", "dt"):
                    raise unknown("measure that it needs", name, known, what)
            check_unit(text, unit, of, what)
        if self.defined is not None and not expressions.is_condition(self.defined):
            raise PartError(f"{what}: '{self.defined}' is no condition, such as spike_count > 0")
        own = (*self.on.values(), self.every_step or "")
        read = frozenset().union(
            *(expressions.names(s.right) for t in own for s in read_statements(t))
        )
        for m in self.needs:
            if m.value is not None and m.name in read:
                raise PartError(f"{what} reads '{m.name}' in a run, which is there at its end only")

    def __repr__(self) -> str:
        return f"<Measure {self.name} [{self.unit}]: {self.meaning}>"

    def at(self, place: str = "", *, copy: str = "") -> Measure:
        """The same measure at a place, or of a copy of receptors: ``peak_v_spine``.

        Raises
        ------
        PartError
            For a word that is no name, and a measure of spikes, which are the whole model's.

        Examples
        --------
        >>> import mgsim as mg
        >>> mg.measures["peak_ca"].at("spine").peak
        'ca_spine'
        """
        if place and copy:
            return self.at(copy=copy).at(place)
        word = place or copy
        check_word(word, "copy" if copy else "place")
        if any("spike" in m.on for m in self.behind):
            raise PartError(f"measure '{self.name}' is of spikes, which no place has of its own")
        said = [self.rate, self.peak, self.value, self.defined]
        said += [s.right for event in (None, *self.on) for s in self.statements(event)]
        own = {self.name, *(p.name for m in self.behind for p in m.parameters)}
        read = own.union(*(expressions.variables(text) for text in said if text))
        carried = {p.name for event in EVENTS.values() for p in event.carries}
        by = {
            n: PORTS[n].at(place, copy=copy).name if n in PORTS else f"{n}_{word}"
            for n in read - carried - {p.name for p in WINDOW}
        }

        def there(text: str | None) -> str | None:
            return text and expressions.substitute(text, by)

        return replace(
            self,
            name=by[self.name],
            meaning=f"{self.meaning} ({word})",
            rate=there(self.rate),
            peak=there(self.peak),
            on={event: renamed(text, by) for event, text in self.on.items()},
            every_step=self.every_step and renamed(self.every_step, by),
            value=there(self.value),
            defined=there(self.defined),
            needs=tuple(m.at(place, copy=copy) for m in self.needs),
            parameters=tuple(p.at(word) for p in self.parameters),
        )

    @property
    def behind(self) -> tuple[Measure, ...]:
        """The measure itself and all that it needs, and those need."""
        return tuple(
            {m.name: m for m in (self, *(x for n in self.needs for x in n.behind))}.values()
        )

    def statements(self, event: str | None = None) -> tuple[Statement, ...]:
        """What it does on an event, or at each step."""
        return read_statements((self.every_step if event is None else self.on.get(event)) or "")

    def renamed(self, names: Mapping[str, str]) -> Measure:
        """The same measure of variables of other names."""
        word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")

        def text(old: str) -> str:
            return word.sub(lambda m: names[m[1]], old)

        ways = ("rate", "peak", "every_step")
        texts: dict[str, Any] = {w: text(getattr(self, w)) for w in ways if getattr(self, w)}
        return replace(self, on={e: text(t) for e, t in self.on.items()}, **texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """The expressions that the measure reads in a run."""
        rights = [s.right for event in (None, *self.on) for s in self.statements(event)]
        return tuple(t for t in (self.rate, self.peak, *rights) if t is not None)


def kept(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures that a run has to keep for those that are asked for.

    One whose statements read another comes before it, and so reads what that held before the event.

    Raises
    ------
    PartError
        For two different ones of one name.
    """
    found: dict[str, Measure] = {}
    for m in (b for measure in measures for b in measure.behind):
        if found.setdefault(m.name, m) != m:
            raise PartError(f"two different measures are called '{m.name}'")
    running = [m for m in found.values() if m.value is None]
    order: dict[str, Measure] = {}

    def place(m: Measure) -> None:
        for other in running:
            if other is not m and m.name in {n for t in other.texts for n in expressions.names(t)}:
                place(other)
        order.setdefault(m.name, m)

    for m in running:
        place(m)
    return tuple(order.values())
