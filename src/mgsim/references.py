"""Citation keys to references, and what to cite for whatever was run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from mgsim.catalog import unknown

_HEAD = re.compile(r"^@([a-z]+)\{([a-z0-9_-]+),$")
_FIELD = re.compile(r"^  ([a-z]+) = \{(.+)\},$")
_ACCENT = re.compile(r"\{\\([\"'`^~])([A-Za-z])\}")
_COMBINING = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303"}
#: Source words that are no citation.
UNCITED = ("assumed", "unverified")
#: Source words of a value that stands in place of its source's.
CHOSEN = ("set", "fitted")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of references.bib, its fields as written there."""

    key: str
    kind: str
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """A field in plain letters, empty when there is none."""
        text = _ACCENT.sub(
            lambda m: unicodedata.normalize("NFC", m[2] + _COMBINING[m[1]]),
            self.fields.get(name, ""),
        )
        return text.replace("--", "-")

    @property
    def short(self) -> str:
        """Authors and year: ``Jahr & Stevens 1990``."""
        authors = [name.partition(",")[0] for name in self.get("author").split(" and ")]
        if len(authors) > 2 or "others" in authors:
            return f"{authors[0]} et al. {self.get('year')}"
        return f"{' & '.join(authors)} {self.get('year')}"

    @property
    def text(self) -> str:
        """The whole reference in a line, with a note where its data are from memory."""
        authors = [_initials(a) for a in self.get("author").split(" and ") if a != "others"]
        names = ", ".join(authors) + (" et al." if "others" in self.get("author") else "")
        volume = self.get("volume")
        issue = f"({self.get('number')})" if self.get("number") else ""
        pages = f":{self.get('pages')}" if volume and self.get("pages") else ""
        book = f"In: {self.get('booktitle')}" if self.get("booktitle") else ""
        where = " ".join(
            filter(
                None,
                [
                    self.get("journal") or book,
                    f"{volume}{issue}{pages}" if volume else "",
                    f"p. {self.get('pages')}" if self.get("pages") and not volume else "",
                    f"({self.get('publisher')})" if self.get("publisher") else "",
                ],
            )
        )
        doi = f" https://doi.org/{self.get('doi')}" if self.get("doi") else ""
        note = f" [{self.get('note')}]" if self.get("note") else ""
        return f"{names} ({self.get('year')}) {self.get('title')}. {where}.{doi}{note}"

    @property
    def bibtex(self) -> str:
        lines = [f"  {name} = {{{value}}}," for name, value in self.fields.items()]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


def _initials(author: str) -> str:
    family, _, given = author.partition(", ")
    letters = " ".join(
        "-".join(part[0] + "." for part in name.split("-")) for name in given.split()
    )
    return f"{family} {letters}".strip()


def read(text: str) -> dict[str, Entry]:
    """Entries of a bibliography that keeps one field on a line.

    Raises
    ------
    ValueError
        For a line of another form, or a key that stands twice; it names the line.
    """
    found: dict[str, Entry] = {}
    open_: tuple[str, str, dict[str, str]] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        head, one = _HEAD.match(line), _FIELD.match(line)
        if open_ is None and head:
            open_ = head[1], head[2], {}
            if head[2] in found:
                raise ValueError(f"line {number}: the key '{head[2]}' stands twice")
        elif open_ and one and one[1] not in open_[2]:
            open_[2][one[1]] = one[2]
        elif open_ and line == "}":
            kind, key, fields = open_
            found[key] = Entry(key, kind, fields)
            open_ = None
        elif open_ or line.strip():
            raise ValueError(
                f"line {number}: '{line}' is neither '@kind{{key,', "
                "'  field = {...},' (once) nor '}'"
            )
    if open_:
        raise ValueError(f"the entry '{open_[1]}' is not closed")
    return found


@cache
def entries() -> Mapping[str, Entry]:
    """Every entry of references.bib, by key."""
    from importlib.resources import files

    return read((files("mgsim") / "references.bib").read_text(encoding="utf-8"))


def entry(key: str) -> Entry:
    """The entry of a key.

    Raises
    ------
    UnknownName
        For a key that references.bib lacks; the nearest ones are offered.
    """
    if key not in entries():
        raise unknown("reference", key, entries())
    return entries()[key]


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
        self.source(owner, p.source, p.name, f"{p.name} = {_span([p.value], p.unit)}")

    def part(self, part: Any, but: frozenset[str] = frozenset()) -> None:
        owner = f"{part.slot} {part.name}"
        for key in part.references:
            self.refer(owner, key)
        for p in part.parameters:
            if p.name not in but:
                self.parameter(p, owner)
        for words in _unmarked(part):
            self.chosen[f"{owner}: {words}"] = None
        self.implicit |= bool(part.kinetics)

    def protocol(self, protocol: Any, but: frozenset[str] = frozenset()) -> None:
        owner = f"protocol {protocol.name}"
        for key in protocol.references:
            self.refer(owner, key)
        for p in protocol.parameters:
            if p.name not in but:
                self.parameter(p, owner)

    @property
    def keys(self) -> list[str]:
        return sorted({key for group in self.cited.values() for key in group})


def cite(thing: Any, style: Literal["text", "bibtex"] = "text") -> str:
    """What to cite, and what nobody can be cited for.

    Parameters
    ----------
    thing : a part, model, protocol, measure, parameter, experiment, figure, a data set that
        :func:`mgsim.sweep` or :func:`mgsim.simulate` returned, or several of them.
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
            account.refer("simulation", "bank_1985", "TR-BDF2, the step of kinetic schemes")
    return "\n".join(_text(account) if style == "text" else _bibtex(account))


def _add(account: _Account, thing: Any) -> None:
    import mgsim

    if isinstance(thing, mgsim.Parameter):
        account.parameter(thing, "parameter")
    elif isinstance(thing, mgsim.Component):
        account.part(thing)
    elif isinstance(thing, mgsim.Model):
        account.ran = True
        for part in thing.parts:
            account.part(part)
        for p in thing.shared:
            account.parameter(p, f"model {thing.name}")
    elif isinstance(thing, mgsim.Protocol):
        account.protocol(thing)
    elif isinstance(thing, mgsim.Measure):
        for p in thing.parameters:
            account.parameter(p, f"measure {thing.name}")
    elif hasattr(thing, "data_vars") and hasattr(thing, "coords"):
        _add_dataset(account, thing)
    elif hasattr(thing, "models") and hasattr(thing, "protocol"):
        _add_experiment(account, thing)
    elif hasattr(thing, "of"):
        _add(account, mgsim.experiments[thing.of] if isinstance(thing.of, str) else thing.of)
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
        for o in (*owners, experiment.protocol, *experiment.measures)
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
    for measure in experiment.measures:
        for p in measure.parameters:
            if p.name not in named:
                account.parameter(p, f"measure {measure.name}")
    for name, values in axes.items():
        parts = [part for value in values for part in _parts(name, value)]
        for part in parts:
            account.part(part, named)
        if not parts:
            account.chosen[f"{name} = {_span(values, units.get(name, '1'))}"] = None


def _several(values: Any) -> list[Any]:
    many = isinstance(values, Iterable) and not isinstance(values, str)
    return list(values) if many else [values]


def _parts(axis: str, value: Any) -> list[Any]:
    """The parts that one value of an axis stands for; none for a number."""
    import mgsim

    if isinstance(value, str):
        entries: Iterable[Any] = _named(value)
    else:
        entries = [value]
    return [
        part
        for one in entries
        for part in (one.parts if isinstance(one, mgsim.Model) else [one])
        if isinstance(part, mgsim.Component)
        and (axis == "model" or any(axis == s or axis.startswith(f"{s}_") for s in part.slots))
    ]


def _named(name: str) -> Iterator[Any]:
    """Models and parts of that name, in every catalog."""
    import mgsim

    for catalog in (
        mgsim.blocks,
        mgsim.receptors,
        mgsim.neurons,
        mgsim.calcium,
        mgsim.baths,
        mgsim.models,
    ):
        if name in catalog:
            yield catalog[name]


def _part(name: str) -> Any:
    """The catalogs' part of that name, put where the name says it stands; None if there is none."""
    import mgsim

    name, _, place = name.partition(" at ")
    name, _, copy = name.partition(" as ")
    part = next((p for p in _named(name) if isinstance(p, mgsim.Component)), None)
    return mgsim.at(part, place, copy=copy) if part and (place or copy) else part


def _add_dataset(account: _Account, ds: Any) -> None:
    """A data set names its parts; its coordinates carry values and the sources of defaults."""
    import mgsim

    account.ran |= ds.attrs.get("engine") != "algebra"
    asked = [e for e in mgsim.experiments.values() if e.name == ds.attrs.get("experiment")]
    own = {part.name: part for e in asked for model in e.models for part in model.parts}
    found: list[Any] = []
    for name in filter(None, (n.strip() for n in ds.attrs.get("parts", "").split(","))):
        part = own.get(name) or _part(name)
        if part is None:
            account.unknown_parts[name] = None
        else:
            found.append(part)
    name = ds.attrs.get("protocol", "")
    protocols = [
        p for p in (*(e.protocol for e in asked), *mgsim.protocols.values()) if p.name == name
    ][:1]
    if name and not protocols:
        account.unknown_parts[f"protocol {name}"] = None
    defaults: dict[str, set[float]] = {}
    for owner in (*found, *protocols):
        for p in owner.parameters:
            defaults.setdefault(p.name, set()).add(p.value)
    chosen = {str(n) for n, c in ds.coords.items() if any(map(is_chosen, sources(c)))}
    for name in sorted(chosen):
        if all(map(is_chosen, sources(ds.coords[name]))):
            for source in sources(ds.coords[name]):
                account.source("data set", source, name, _values(name, ds.coords[name]))
    for line in filter(None, ds.attrs.get("differs", "").split("\n")):
        if not any(line.partition(": ")[2] in known for known in account.chosen):
            account.chosen[line] = None
    absent = frozenset(n for n in defaults if n not in ds.coords) | chosen
    for part in found:
        account.part(part, absent)
    for protocol in protocols:
        account.protocol(protocol, absent)
    for name, coordinate in ds.coords.items():
        if "source" in coordinate.attrs and name not in defaults and name not in chosen:
            for source in sources(coordinate):
                account.source("data set", source, str(name), _values(name, coordinate))
    account.implicit |= bool(account.unknown_parts) and ds.attrs.get("method") == "rk2"


def sources(coordinate: Any) -> list[str]:
    """The sources of a coordinate of a data set, one for each that its models have."""
    return [s for s in coordinate.attrs.get("source", "").split(" | ") if s]


def is_chosen(source: str) -> bool:
    """Whether a value of this source stands in place of its source's."""
    return source.partition(":")[0] in CHOSEN


def differences(part: Any) -> list[str]:
    """Where a part is not what its sources and the catalog's part of its name say, in words."""
    return [*part.differs, *_unmarked(part)]


def _unmarked(part: Any) -> Iterator[str]:
    """Differences from the catalog's part of that name that no source of a value says."""
    known = _part(part.name)
    if known is None or known is part:
        return
    if any(getattr(part, n) != getattr(known, n) for n in _MEANS):
        yield f"its equations are not those of mgsim's '{part.name}'"
    theirs = {p.name: p for p in known.parameters}
    for p in part.parameters:
        if p.name in theirs and p.original is None and p.value != theirs[p.name].value:
            yield (
                f"{p.name} = {_span([p.value], p.unit)} in place of "
                f"{_span([theirs[p.name].value], theirs[p.name].unit)}"
            )


#: What a part computes, values apart.
_MEANS = ("equations", "kinetics", "adds", "on_event", "initial", "spike")


def _values(name: Any, coordinate: Any) -> str:
    values = [x for x in coordinate.values.ravel().tolist() if x == x]
    return f"{name} = {_span(values, coordinate.attrs.get('units', '1'))}"


def _span(values: Iterable[Any], unit: str) -> str:
    numbers = [float(value) for value in values]
    low, high = min(numbers), max(numbers)
    return f"{low:g}{f' to {high:g}' if high > low else ''}{'' if unit == '1' else ' ' + unit}"


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
