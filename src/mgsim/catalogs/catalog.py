"""Mappings of the declarations that a package or module holds."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

T = TypeVar("T")
#: How many names an error lists.
_SHOWN = 15
#: A name that is this alike is what was meant, whatever others mean.
SURE = 0.8
#: How much of a name is compared with others.
_COMPARED = 100


class UnknownName(KeyError):
    """A name that nothing has; the message offers the nearest ones."""

    #: What :func:`unknown` was asked.
    asked: tuple[str, object, Iterable[str], str] | None = None

    def but(self, names: Iterable[str]) -> UnknownName:
        """The same without some of the names on offer."""
        if self.asked is None:
            return self
        kind, name, known, where = self.asked
        gone = set(names)
        if isinstance(known, Mapping):
            return unknown(kind, name, {n: x for n, x in known.items() if n not in gone}, where)
        return unknown(kind, name, [n for n in known if n not in gone], where)

    def __str__(self) -> str:
        return str(self.args[0])


def unknown(kind: str, name: object, known: Iterable[str], where: str = "") -> UnknownName:
    """The error for an unknown name, with those that are spelt or, of a mapping, mean alike.

    ``known`` : names; as a mapping, their meanings or what has a ``meaning``.
    """
    known = known if isinstance(known, Mapping) else list(known)
    names = sorted(n for n in known if n != name)
    near = difflib.get_close_matches(str(name)[:_COMPARED], names, n=3, cutoff=0.5)
    if isinstance(known, Mapping) and (not near or likeness(str(name), near[0]) < SURE):
        near = list(dict.fromkeys([*about(str(name), known), *near]))[:3]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    if more:  # those that are spelt most alike
        names = sorted(names, key=lambda n: -likeness(str(name), n))
    there = f"there are: {', '.join(names[:_SHOWN])}{more}"
    hint = f"did you mean {' or '.join(near)}?" if near else there
    error = UnknownName(f"no {kind} '{name}'{' in ' + where if where else ''}; {hint}")
    error.asked = (kind, name, known, where)
    return error


def likeness(name: str, other: str) -> float:
    """How alike two names are spelt, from 0 to 1."""
    return difflib.SequenceMatcher(None, name[:_COMPARED], other).ratio()


def either(names: Sequence[str]) -> str:
    """Names as one reads a choice of them: ``a, b or c``."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def about(name: str, known: Mapping[str, Any]) -> list[str]:
    """Names whose meaning has every word of a name, those of the fewest other words first."""
    wanted = [w for w in re.split(r"[\W_]+", name.lower()) if w]
    found = []
    for one, thing in known.items():
        meaning = thing if isinstance(thing, str) else getattr(thing, "meaning", "")
        words = re.findall(r"\w+", f"{meaning} {one.replace('_', ' ')}".lower())
        if wanted and all(any(w.startswith(x) for w in words) for x in wanted):
            found.append((len(words), one))
    return [one for _, one in sorted(found)]


def expect(kind: type[T], given: object, example: str) -> T:
    """``given``, which has to be of a kind; the error says what to write."""
    if isinstance(given, kind):
        return given
    what = f"'{given}'" if isinstance(given, str) else f"a {type(given).__name__}"
    raise TypeError(f"{what} is no {kind.__name__}; write one, as in {example}")


class Catalog(Mapping[str, T]):
    """The declarations of one kind in a module, or in the modules of a package, by name.

    Adding one is adding a file; nothing is registered. The files are read when they are first
    asked for. As an attribute a name is the declaration, or else what the module itself has.

    Parameters
    ----------
    module : where they stand, below ``mgsim``.
    kind : the module and name of their class, ``"compose.model.Model"``.
    """

    def __init__(self, module: str, kind: str) -> None:
        self._module, self._kind = module, kind

    @cached_property
    def own(self) -> dict[str, T]:
        """The declarations that stand here, in the order of the files.

        Raises
        ------
        ImportError
            Where a file has a fault that would pass for a name that the catalog lacks.
        """
        try:
            return self._read()
        except AttributeError as error:
            raise ImportError(f"mgsim.{self.name} cannot be read: {error}") from error

    def _read(self) -> dict[str, T]:
        home = importlib.import_module(f"mgsim.{self._module}")
        where, _, name = self._kind.rpartition(".")
        kind = getattr(importlib.import_module(f"mgsim.{where}"), name)
        names = sorted(m.name for m in pkgutil.iter_modules(getattr(home, "__path__", ())))
        found: dict[str, T] = {}
        for module in (*(importlib.import_module(f"{home.__name__}.{n}") for n in names), home):
            for value in vars(module).values():
                if isinstance(value, kind):
                    called: str = value.name  # type: ignore[attr-defined]
                    if found.setdefault(called, value) is not value:
                        raise ValueError(f"two of {home.__name__} share the name '{called}'")
        return found

    @cached_property
    def entries(self) -> Mapping[str, T]:
        """Everything that is found here."""
        return self.own

    @property
    def name(self) -> str:
        """The name under which it is public."""
        return self._module.rpartition(".")[2]

    @property
    def holds(self) -> str:
        """The name of the class of what is found here."""
        return self._kind.rpartition(".")[2]

    @property
    def all(self) -> tuple[T, ...]:
        """Every declaration, as a tuple."""
        return tuple(self.values())

    def __getitem__(self, name: str) -> T:
        if name not in self.entries:
            raise unknown(self.name.removesuffix("s"), name, self.entries)
        return self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.entries:
            return self.entries[name]
        try:
            return getattr(importlib.import_module(f"mgsim.{self._module}"), name)
        except AttributeError:
            words = unknown("entry or function", name, self.entries)
            raise AttributeError(f"mgsim.{self.name}: {words}") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.entries})

    def __repr__(self) -> str:
        return "\n  ".join([f"mgsim.{self.name}:", *self])
