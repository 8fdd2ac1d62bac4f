"""The rows of ``data/*.toml``, a file a section, and the functions that find mgsim's numbers."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import PartError
from mgsim.validation.target import Runs, Target

Find = TypeVar("Find", bound=Callable[..., Iterable[float]])
_FINDS: dict[str, Callable[..., Iterable[float]]] = {}
#: Of rows that take long, what they run.
_RUNS: dict[str, Runs] = {}
_ROW = TypeAdapter(Target)


def finds(*ids: str, long: Runs | None = None) -> Callable[[Find], Find]:
    """Declare that the function finds the numbers of these rows, called with what is ``given``.

    ``long``: where that takes long, the models and protocols that it runs: the result is kept
    beside their digest, and found anew when it is asked for.
    """

    def declare(function: Find) -> Find:
        for id in ids:
            if id in _FINDS:
                raise PartError(f"two functions find the numbers of '{id}'")
            _FINDS[id] = function
            if long is not None:
                _RUNS[id] = long
        return function

    return declare


def crossing(
    x: float, known: Sequence[float] | np.ndarray, there: Sequence[float] | np.ndarray
) -> float:
    """What belongs to ``x``, by straight lines; NaN, which no row passes, outside what is known."""
    return float(np.interp(x, known, there, left=np.nan, right=np.nan))


@cache
def sections() -> Mapping[str, str]:
    """The titles of the sections, by letter or system."""
    return {letter: data["title"] for letter, data in _data()}


def read() -> Iterator[Target]:
    """Every target, in the order of the files.

    Raises
    ------
    PartError, UnknownName
        For a row that cannot be read; it names the file, the row and the key.
    """
    left = dict(_FINDS)
    for letter, data in _data():
        del data["title"]
        yield from section(letter, data, left)
    if left:
        raise PartError(f"no row of data/*.toml has the id '{next(iter(left))}'")


def section(
    letter: str, data: Mapping[str, Any], functions: dict[str, Callable[..., Iterable[float]]]
) -> Iterator[Target]:
    """The targets of a section; the functions that find their numbers are taken out."""
    whole: dict[str, dict[str, Any]] = {}
    for id, row in data.items():
        where = f"{letter}.toml, row '{id}'"
        if not isinstance(row, dict) or not id.startswith(f"T{letter}"):
            raise PartError(f"{where}: a row is a table whose id begins with T{letter}")
        like = row.get("like")
        if like is not None and like not in whole:
            raise unknown("row", like, whole, f"'like' of {where}, among the rows before it")
        base = {} if like is None else whole[like]
        if not isinstance(row.get("given", {}), dict):
            raise PartError(f"{where}: 'given' is a table")
        row = whole[id] = {**base, **row, "given": base.get("given", {}) | row.get("given", {})}
        row.pop("like", None)
        yield _target(where, id, row, functions.pop(id, None))


def _data() -> Iterator[tuple[str, dict[str, Any]]]:
    folder = files("mgsim.validation") / "data"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        try:
            yield file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise PartError(f"{file.name}: {error}") from None


def _target(
    where: str, id: str, row: Mapping[str, Any], find: Callable[..., Iterable[float]] | None
) -> Target:
    given = row["given"]
    known = {n for n in Target.__dataclass_fields__ if n not in ("id", "obtain", "runs")}
    for name in row:
        if name not in known | {"given"}:
            raise unknown("key", name, known | {"given", "like"}, where)
    if find is not None:
        try:
            inspect.signature(find).bind(**given)
        except TypeError as error:
            raise PartError(f"{where}: given {', '.join(given) or 'nothing'}: {error}") from None
    fields = {n: tuple(v) if isinstance(v, list) else v for n, v in row.items() if n != "given"}
    fields |= {"id": id, "obtain": partial(find, **given) if find else None}
    fields["runs"] = _RUNS.get(id) if find else None
    if fields.get("between") == ():
        fields["between"] = None
    try:
        return _ROW.validate_python(fields)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise PartError(f"{where}: {place + ': ' if place else ''}{fault['msg']}") from None
