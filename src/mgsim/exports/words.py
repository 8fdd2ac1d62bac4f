"""What stands at the top of every export."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from mgsim.compose.finding import differences
from mgsim.declare.component import Component
from mgsim.references import entries
from mgsim.version import __version__


class ExportError(ValueError):
    """What a format cannot hold."""


def about(part: Component) -> list[str]:
    """Meaning, differences from the sources, references, conditions and deviations of a part."""
    return [*story(part), *references(part.references), made()]


def story(part: Component) -> list[str]:
    """The same without references."""
    changes = differences(part)
    words = [f"{part.name}{', changed' if changes else ''}: {part.meaning}"]
    words += [f"differs from its source: {d}" for d in changes]
    words += [f"conditions: {part.conditions}"] if part.conditions else []
    return words + ([f"deviations: {part.deviations}"] if part.deviations else [])


def references(keys: Iterable[str]) -> list[str]:
    """References by key, each once."""
    known = entries()
    return [f"reference: {known[k].text}" for k in dict.fromkeys(keys) if k in known]


def made() -> str:
    """What wrote the file."""
    return f"made by mgsim {__version__}"


def lines(words: Iterable[str], mark: str = "") -> list[str]:
    """Sentences as lines of a comment; NEURON takes no line of more than 511 characters."""
    before = f"{mark} " if mark else ""
    return [
        f"{before}{line}".rstrip()
        for w in words
        for line in textwrap.wrap(w, 96, break_on_hyphens=False) or [""]
    ]


def one_line(text: str, most: int = 200) -> str:
    """A text for the end of a line."""
    return textwrap.shorten(text, most, placeholder=" ...")
