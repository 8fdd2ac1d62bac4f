"""Every catalog there is, a line each; whatever goes through parts takes them from here.

A new folder of parts needs its line here and nowhere else: the public name, the command line,
references, tests and documents follow.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

from mgsim.catalogs.catalog import Catalog, expect, unknown

T = TypeVar("T")


class Parts(Catalog[Any]):
    """The parts in a folder, and those elsewhere that fill the slot the folder is named after.

    A law with states of its own stands with the receptors and is found in ``blocks`` too, as it
    fills the slot ``block``.
    """

    def __init__(self, module: str) -> None:
        super().__init__(f"parts.{module}", "declare.component.Component")

    @cached_property
    def entries(self) -> Mapping[str, Any]:
        slot = self.name.removesuffix("s")
        return self.own | {
            name: part
            for other in PARTS.values()
            if other is not self
            for name, part in other.own.items()
            if slot in part.slots
        }


blocks = Parts("blocks")
receptors = Parts("receptors")
neurons = Parts("neurons")
compartments = Parts("compartments")
channels = Parts("channels")
calcium = Parts("calcium")
mechanisms = Parts("mechanisms")
homeostasis = Parts("homeostasis")
baths = Parts("baths")
models: Catalog[Any] = Catalog("models", "compose.model.Model")
protocols: Catalog[Any] = Catalog("protocols", "compose.protocol.Protocol")
measures: Catalog[Any] = Catalog("measures", "compose.measure.Measure")
experiments: Catalog[Any] = Catalog("experiments", "runs.experiment.Experiment")
figures: Catalog[Any] = Catalog("figures", "figures.declare.Figure")
claims: Catalog[Any] = Catalog("claims", "judging.claim.Claim")
salts: Catalog[Any] = Catalog("salts", "salts.Salt")
body: Catalog[Any] = Catalog("body", "body.stage.Stage")

#: By name: all of them, and those of parts.
CATALOGS = {n: c for n, c in dict(globals()).items() if isinstance(c, Catalog)}
PARTS = {n: c for n, c in CATALOGS.items() if isinstance(c, Parts)}


class KeepsCatalogs(types.ModuleType):
    """A package in which ``blocks`` stays the catalog when the folder of that name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in CATALOGS and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


def look_up(kind: type[T], given: T | str) -> T:
    """A model, protocol, measure or part: itself, or what a catalog has under its name.

    Raises
    ------
    UnknownName
        When no catalog of that kind has it.
    TypeError
        For anything else, such as a module.
    """
    homes = {n: c for n, c in CATALOGS.items() if c.holds == kind.__name__}
    known = {name: x for c in homes.values() for name, x in c.own.items()}
    if not isinstance(given, str):
        name, home = next((next(iter(c.own)), n) for n, c in homes.items())
        return expect(kind, given, f"mg.{home}['{name}'], or give its name, '{name}'")
    if given not in known:
        raise unknown(_WORDS.get(kind.__name__, kind.__name__.lower()), given, known)
    found: T = known[given]
    return found


#: What a class is called in words, where it is not its name.
_WORDS = {"Component": "part"}
