"""Declarations found in a package or module, by name."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
#: How many names an error lists.
_SHOWN = 15


class UnknownName(KeyError):
    """A name that nothing has; the message offers the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


def unknown(kind: str, name: object, known: Iterable[str], where: str = "") -> UnknownName:
    """The error for an unknown name, with the nearest known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    there = f"there are: {', '.join(names[:_SHOWN])}{more}"
    hint = f"did you mean {' or '.join(near)}?" if near else there
    return UnknownName(f"no {kind} '{name}'{' in ' + where if where else ''}; {hint}")


def expect(kind: type[T], given: object, example: str) -> T:
    """``given``, which has to be of a kind; for a name or a module the error says what to write."""
    if isinstance(given, kind):
        return given
    what = f"'{given}'" if isinstance(given, str) else f"a {type(given).__name__}"
    raise TypeError(f"{what} is no {kind.__name__}; take one from its catalog, as in {example}")


class Catalog(types.ModuleType):
    """A module or package that is also a mapping from names to the declarations in it.

    Every object of the module's ``CATALOG`` type found in it (or, for a package, in its modules)
    is listed under its own ``name``. Adding one is adding a file; nothing is registered. As an
    attribute, a name that is both a declaration and the module around it is the declaration.
    """

    CATALOG: type

    @staticmethod
    def adopt(module: str, kind: type) -> None:
        """Make the named module a catalog of objects of type ``kind``."""
        found = sys.modules[module]
        found.__class__ = Catalog
        found.CATALOG = kind  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing a submodule makes it an attribute of its package.
        if isinstance(value, types.ModuleType) and isinstance(
            getattr(value, name, None), self.CATALOG
        ):
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        if name in self._submodules():
            module = importlib.import_module(f"{self.__name__}.{name}")
            return self.__dict__.get(name, module)
        try:
            return self[name]
        except UnknownName as error:
            raise AttributeError(f"{self.__name__}: {error}") from None

    def _submodules(self) -> list[str]:
        return sorted(m.name for m in pkgutil.iter_modules(self.__dict__.get("__path__", ())))

    def _entries(self) -> dict[str, Any]:
        entries: dict[str, Any] | None = self.__dict__.get("_found")
        if entries is None:
            modules = [
                *(
                    importlib.import_module(f"{self.__name__}.{name}")
                    for name in self._submodules()
                ),
                self,
            ]
            entries = {}
            for module in modules:
                for value in vars(module).values():
                    if isinstance(value, self.CATALOG):
                        other = entries.setdefault(value.name, value)  # type: ignore[attr-defined]
                        if other is not value:
                            raise ValueError(
                                f"two entries of {self.__name__} share the name '{other.name}'"
                            )
            self.__dict__["_found"] = entries
        return entries

    def __getitem__(self, name: str) -> Any:
        entries = self._entries()
        if name not in entries:
            kind = self.__name__.rpartition(".")[2].removesuffix("s")
            raise unknown(kind, name, entries)
        return entries[name]

    def __repr__(self) -> str:
        return "\n  ".join([f"{self.__name__}:", *self])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())

    def __contains__(self, name: object) -> bool:
        return name in self._entries()

    def values(self) -> tuple[Any, ...]:
        """Every declaration, in the order of the files."""
        return tuple(self._entries().values())

    all = property(values, doc="Every declaration, as a tuple.")
