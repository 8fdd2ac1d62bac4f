"""Text files that people bring: read whole, whatever wrote them, and refused with the line.

Spreadsheets write a byte-order mark, ``;`` between cells and commas in numbers where the language
does; old programs end lines with a carriage return alone.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mgsim import units

#: Bytes of a file, and characters of a cell, at most.
LARGEST, LONGEST = 100_000_000, 1000
_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?")


class BadText(ValueError):
    """A file that holds no text, or text that is no table."""


def read(path: str | Path, largest: int = LARGEST) -> str:
    """The text of a file, its lines ended by line feeds.

    Raises
    ------
    BadText
        For no file, one that is too large, or bytes that are no UTF-8, with the line.
    """
    if "\0" in str(path) or not Path(path).is_file():
        raise BadText(f"there is no file {path}")
    size = Path(path).stat().st_size
    if size > largest:
        raise BadText(f"{path} is too large: {size:,} bytes, at most {largest:,}")
    content = Path(path).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _lines(content[: error.start].decode("latin-1")).count("\n") + 1
        raise BadText(
            f"{path}, line {line}: no UTF-8 text; a spreadsheet has the format 'CSV UTF-8'"
        ) from None
    text = _lines(text)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadText(f"{path}, line {line}: a NUL character, so this is no text file")
    return text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Row:
    """One line of a table: its number in the file, from 1, and its cells without outer blanks."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The names in the first row of a CSV file, and the rows below it, all of one length."""

    path: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, place: int) -> list[str]:
        """The cells of a column."""
        return [row.cells[place] for row in self.rows]

    def numbers(self, place: int) -> list[float]:
        """The numbers of a column.

        Raises
        ------
        BadText
            For a cell that is no finite number, with its line.
        """
        found = [number(text) for text in self.column(place)]
        for row, value in zip(self.rows, found, strict=True):
            if value is None:
                raise BadText(
                    f"{self.path}, line {row.line}: '{row.cells[place]}' in column "
                    f"{self.head[place]} is not a number"
                )
        return [value for value in found if value is not None]


def number(text: str) -> float | None:
    """The finite number that a cell holds; None where it holds none."""
    try:
        value = units.number(text, "cell")
    except units.UnitError:
        return None
    return value if math.isfinite(value) else None


def table(path: str | Path) -> Table:
    """A CSV file: names in the first row, values below; empty lines and ``#`` lines are left out.

    Cells are separated by commas, ``;`` or tabs, whichever the first row has most of. Where it is
    not commas, a number may have a decimal comma, unless others in the file have a point.

    Raises
    ------
    BadText
        For what is no such file, with the line.
    """
    text = re.sub(r"(?m)^[ \t]*#.*$", "", read(path))
    first = next((line for line in text.split("\n") if line.strip()), "")
    said = re.fullmatch(r"\"?sep=(.)\"?", first)  # as some spreadsheets begin their files
    separator = said[1] if said else max(",;\t", key=first.count)
    rows = [row for row in _rows(text, separator, path) if any(row.cells)]
    if said:
        del rows[0]
    if len(rows) < 2:
        raise BadText(f"{path} needs a first line of names and lines of values below it")
    head, *rows = (Row(r.line, _trimmed(r.cells, rows[0].cells)) for r in rows)
    for row in rows:
        if len(row.cells) != len(head.cells):
            raise BadText(
                f"{path}, line {row.line}: {len(row.cells)} values for {len(head.cells)} columns"
            )
    return Table(str(path), head.cells, tuple(rows if separator == "," else _points(rows, path)))


def _rows(text: str, separator: str, path: str | Path) -> Iterable[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    line = 1
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            long = next((len(cell) for cell in cells if len(cell) > LONGEST), 0)
            if long:
                raise BadText(
                    f"{path}, line {line}: a cell of {long:,} characters; at most {LONGEST:,}"
                )
            yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadText(f"{path}, line {line}: {error}") from None


def _trimmed(cells: tuple[str, ...], head: tuple[str, ...]) -> tuple[str, ...]:
    """Cells without the empty ones that lie right of the last name."""
    names = len(head)
    while names and not head[names - 1]:
        names -= 1
    return cells if any(cells[names:]) else cells[:names]


def _points(rows: Sequence[Row], path: str | Path) -> list[Row]:
    """The rows with decimal points where they have decimal commas."""
    comma = next((r for r in rows if any(map(_COMMA.fullmatch, r.cells))), None)
    point = next(
        (r for r in rows if any("." in c and number(c) is not None for c in r.cells)), None
    )
    if comma is None:
        return list(rows)
    if point is not None:
        raise BadText(
            f"{path}, lines {point.line} and {comma.line}: numbers with a decimal point "
            "and numbers with a comma; write all with a point"
        )
    return [
        Row(r.line, tuple(c.replace(",", ".") if _COMMA.fullmatch(c) else c for c in r.cells))
        for r in rows
    ]
