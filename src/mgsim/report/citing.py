"""What to cite for a part, a model, an experiment, or whatever was run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from mgsim import experiments, models, protocols
from mgsim.body.stage import Stage
from mgsim.catalogs.catalog import unknown
from mgsim.compose.finding import every, named, span, unmarked
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.references import CHOSEN, UNCITED, entry, is_chosen, sources
from mgsim.salts import Salt
from mgsim.sweeps.result.parameters import described


@dataclass
class _Account:
    """What stands on which reference, by owner (a part, a protocol, the integrator)."""

    cited: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=dict)
    uncited: dict[str, dict[str, None]] = field(default_factory=dict)
    chosen: dict[str, None] = field(default_factory=dict)
    unknown_parts: dict[str, None] = field(default_factory=dict)
    ran: bool = False
    implicit: bool = False

    def refer(self, owner: str, key: str, where: str = "", name: str = "") -> None:
        entry(key)
        names = self.cited.setdefault(owner, {}).setdefault(key, {}).setdefault(where, [])
        if name and name not in names:
            names.append(name)

    def source(self, owner: str, source: str, name: str, shown: str) -> None:
        key, _, where = source.partition(":")
        if key in CHOSEN:
            self.chosen[f"{shown}, {key}{where}"] = None
        elif key in UNCITED:
            self.uncited.setdefault(key, {})[f"{shown} ({owner}): {where.strip()}"] = None
        else:
            self.refer(owner, key, where.strip(), name)

    def parameter(self, p: Any, owner: str) -> None:
        self.source(owner, p.source, p.name, f"{p.name} = {span([p.value], p.unit)}")

    def part(self, part: Any, but: frozenset[str] = frozenset()) -> None:
        owner = f"{part.slot} {part.name}"
        self.declared(owner, part, but)
        for words in unmarked(part):
            self.chosen[f"{owner}: {words}"] = None
        self.implicit |= bool(part.kinetics or part.exchange)

    def protocol(self, protocol: Any, but: frozenset[str] = frozenset()) -> None:
        self.declared(f"protocol {protocol.name}", protocol, but)

    def declared(self, owner: str, what: Any, but: frozenset[str]) -> None:
        """References and parameters of a part or protocol."""
        for key in what.references:
            self.refer(owner, key)
        for p in what.parameters:
            if p.name not in but:
                self.parameter(p, owner)

    @property
    def keys(self) -> list[str]:
        return sorted({key for group in self.cited.values() for key in group})


def cite(thing: Any, style: Literal["text", "bibtex"] = "text") -> str:
    """What to cite, and what nobody can be cited for.

    Parameters
    ----------
    thing : a part, model, protocol, measure, parameter, experiment, figure, a stage or salt of
        :mod:`mgsim.doses`, a data set that :func:`mgsim.sweep` or :func:`mgsim.simulate` returned,
        or several of them.
    style : ``"text"`` to read; ``"bibtex"`` for a reference manager, with the uncited values as
        comments.

    Returns
    -------
    References by reason, then the values that are assumed or unverified.

    Examples
    --------
    >>> import mgsim as mg
    >>> print(mg.cite(mg.blocks["kampa_2004"]).splitlines()[1])
      Kampa et al. 2004 [kampa_2004]
    """
    if style not in ("text", "bibtex"):
        raise unknown("citation style", style, ("text", "bibtex"))
    account = _Account()
    _add(account, thing)
    if account.ran:
        account.refer("simulation", "stimberg_2019", "Brian 2, equations and code generation")
        if account.implicit:
            account.refer("simulation", "bank_1985", "TR-BDF2, the implicit step")
    return "\n".join(_text(account) if style == "text" else _bibtex(account))


def _add(account: _Account, thing: Any) -> None:
    if isinstance(thing, Parameter):
        account.parameter(thing, "parameter")
    elif isinstance(thing, Component):
        account.part(thing)
    elif isinstance(thing, Stage):
        account.part(thing.part)
        for name, prior in thing.priors.items():
            owner = f"people under {thing.name}"
            account.source(owner, prior.source, name, f"{name}, {prior.told()}")
    elif isinstance(thing, Salt):
        for key in thing.references:
            account.refer(f"salt {thing.name}", key, "atomic weights")
    elif isinstance(thing, Model):
        account.ran = True
        for part in thing.parts:
            account.part(part)
        for p in thing.shared:
            account.parameter(p, f"model {thing.name}")
    elif isinstance(thing, Protocol):
        account.protocol(thing)
    elif isinstance(thing, Measure):
        for p in (p for m in thing.behind for p in m.parameters):
            account.parameter(p, f"measure {thing.name}")
    elif hasattr(thing, "data_vars") and hasattr(thing, "coords"):
        _add_dataset(account, thing)
    elif hasattr(thing, "models") and hasattr(thing, "protocol"):
        _add_experiment(account, thing)
    elif hasattr(thing, "of"):
        _add(account, experiments[thing.of] if isinstance(thing.of, str) else thing.of)
    elif isinstance(thing, Iterable) and not isinstance(thing, str | bytes):
        for one in thing:
            _add(account, one)
    else:
        raise TypeError(
            f"cannot cite {thing!r}: give a part, model, protocol, measure, "
            "experiment, figure or data set, such as mg.blocks['kampa_2004']"
        )


def _add_experiment(account: _Account, experiment: Any) -> None:
    axes = {name: _several(values) for name, values in experiment.axes.items()}
    named = frozenset(axes)
    owners = [part for model in experiment.models for part in model.parts]
    units = {
        p.name: p.unit
        for o in (*owners, experiment.protocol, *(b for m in experiment.measures for b in m.behind))
        for p in o.parameters
    }
    account.ran |= not experiment.algebraic
    for part in owners:
        if not named & set(part.slots):
            account.part(part, named)
    for model in experiment.models:
        for p in model.shared:
            if p.name not in named:
                account.parameter(p, f"model {model.name}")
    account.protocol(experiment.protocol, named)
    for measure in (b for m in experiment.measures for b in m.behind):
        for p in measure.parameters:
            if p.name not in named:
                account.parameter(p, f"measure {measure.name}")
    for name, values in axes.items():
        parts = [part for value in values for part in _parts(name, value)]
        for part in parts:
            account.part(part, named)
        if not parts:
            account.chosen[f"{name} = {span(values, units.get(name, '1'))}"] = None


def _several(values: Any) -> list[Any]:
    many = isinstance(values, Iterable) and not isinstance(values, str)
    return list(values) if many else [values]


def _parts(axis: str, value: Any) -> list[Any]:
    """The parts that one value of an axis stands for; none for a number."""
    if isinstance(value, str):
        entries: Iterable[Any] = _named(value)
    else:
        entries = [value]
    return [
        part
        for one in entries
        for part in (one.parts if isinstance(one, Model) else [one])
        if isinstance(part, Component)
        and (axis == "model" or any(axis == s or axis.startswith(f"{s}_") for s in part.slots))
    ]


def _named(name: str) -> list[Any]:
    """The parts and the model of that name."""
    found = [part for part in every() if part.name == name]
    return [*found, models[name]] if name in models else found


def _add_dataset(account: _Account, ds: Any) -> None:
    """A data set names its parts; its coordinates carry values and the sources of defaults."""
    account.ran |= ds.attrs.get("engine") != "algebra"
    asked = [e for e in experiments.values() if e.name == ds.attrs.get("experiment")]
    theirs = {part.name: part for e in asked for model in e.models for part in model.parts}
    found: list[Any] = []
    for name in filter(None, (n.strip() for n in ds.attrs.get("parts", "").split(","))):
        part = theirs.get(name) or named(name)
        if part is None:
            account.unknown_parts[name] = None
        else:
            found.append(part)
    name = ds.attrs.get("protocol", "")
    known = (*(e.protocol for e in asked), *protocols.values())
    ran = [p for p in known if p.name == name][:1]
    if name and not ran:
        account.unknown_parts[f"protocol {name}"] = None
    defaults: dict[str, set[float]] = {}
    for owner in (*found, *ran):
        for p in owner.parameters:
            defaults.setdefault(p.name, set()).add(p.value)
    own = described(ds)
    chosen = {n for n, c in own.items() if any(map(is_chosen, sources(c)))}
    for name in sorted(chosen):
        if all(map(is_chosen, sources(own[name]))):
            for source in sources(own[name]):
                account.source("data set", source, name, _values(name, own[name]))
    for line in filter(None, ds.attrs.get("differs", "").split("\n")):
        if not any(line.partition(": ")[2] in known for known in account.chosen):
            account.chosen[line] = None
    absent = frozenset(n for n in defaults if n not in own) | chosen
    for part in found:
        account.part(part, absent)
    for protocol in ran:
        account.protocol(protocol, absent)
    for name, coordinate in own.items():
        if "source" in coordinate.attrs and name not in defaults and name not in chosen:
            for source in sources(coordinate):
                account.source("data set", source, str(name), _values(name, coordinate))
    account.implicit |= bool(account.unknown_parts) and ds.attrs.get("method") == "rk2"


def _values(name: Any, coordinate: Any) -> str:
    values = [x for x in coordinate.values.ravel().tolist() if x == x]
    return f"{name} = {span(values, coordinate.attrs.get('units', '1'))}"


_TITLES = {
    "assumed": "Assumed: no source, chosen for mgsim",
    "unverified": "Unverified: remembered or read at second hand, never to be cited as a source",
}


def _text(account: _Account) -> list[str]:
    lines = []
    for owner, keys in account.cited.items():
        lines.append(owner)
        for key, places in keys.items():
            lines.append(f"  {entry(key).short} [{key}]")
            for where, names in places.items():
                if where:
                    lines.append(f"    {', '.join(names)}: {where}" if names else f"    {where}")
    for title, values in _sections(account):
        lines += [*([""] if lines else []), title, *(f"  {v}" for v in values)]
    if account.keys:
        lines += ["", "References", *(f"  [{k}] {entry(k).text}" for k in account.keys)]
    return lines or ["nothing to cite"]


def _sections(account: _Account) -> Iterator[tuple[str, Iterable[str]]]:
    if account.chosen:
        yield "Chosen for this run, not the default of any source", account.chosen
    for kind in UNCITED:
        if kind in account.uncited:
            yield _TITLES[kind], account.uncited[kind]
    if account.unknown_parts:
        yield "Not in the catalogs, so their references are not known here", account.unknown_parts


def _bibtex(account: _Account) -> list[str]:
    comments = [
        f"% {line}"
        for title, values in _sections(account)
        for line in (title, *(f"  {v}" for v in values))
    ]
    return [*comments, *(entry(k).bibtex for k in account.keys)]
