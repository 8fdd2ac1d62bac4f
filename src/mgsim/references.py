"""Citation keys to references, and what the source of a value says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mgsim.catalogs.catalog import unknown

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


def sources(coordinate: Any) -> list[str]:
    """The sources of a coordinate of a data set, one for each that its models have."""
    return [s for s in coordinate.attrs.get("source", "").split(" | ") if s]


def is_chosen(source: str) -> bool:
    """Whether a value of this source stands in place of its source's."""
    return source.partition(":")[0] in CHOSEN
