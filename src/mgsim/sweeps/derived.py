"""Values that are neither an axis nor fixed: scaled, following from others, or set by an arm.

A rule is plain data, so that a folder can hold it: a number; ``{"value": x, "times": {factor:
power}}``; or a text, an expression in other names. Rules stand in an order in which each finds what
it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import DUMMIES, Prior
from mgsim.equations import expressions
from mgsim.equations.dimensions import check_unit
from mgsim.equations.expressions import EquationError
from mgsim.sweeps.designs import AxisError

Rule = float | str | Mapping[str, Any]
Rules = Mapping[str, Rule]

#: Characters of an expression that something follows at most.
LONGEST = 1000


def work_out(
    rules: Rules, unit_of: Mapping[str, str], found: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """``found`` and what follows from it, in display units."""
    known = dict(found)
    with np.errstate(all="ignore"):  # what is not finite is refused before a run
        for name, rule in rules.items():
            known[name] = _value(name, rule, unit_of, known)
    return known


def _value(
    name: str, rule: Rule, unit_of: Mapping[str, str], known: Mapping[str, np.ndarray]
) -> np.ndarray:
    if isinstance(rule, str):
        si = {n: known[n] * units.unit(unit_of[n]).factor for n in expressions.variables(rule)}
        return np.asarray(expressions.evaluate(rule, si) / units.unit(unit_of[name]).factor)
    if isinstance(rule, Mapping):
        value = np.asarray(float(rule["value"]))
        for factor, power in rule["times"].items():
            value = value * known[factor] ** power
        return np.asarray(value)
    return np.asarray(float(rule))


def reads(rule: Rule) -> frozenset[str]:
    """The names that a rule reads."""
    if isinstance(rule, str):
        return expressions.variables(rule)
    return frozenset(rule["times"]) if isinstance(rule, Mapping) else frozenset()


def behind(names: Collection[str], rules: Rules) -> frozenset[str]:
    """These names and everything that they follow from."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        left |= reads(rules[name]) - found if name in rules else set()
    return frozenset(found)


def told(rule: Rule) -> str:
    """A rule in words, for what is not just a number."""
    if isinstance(rule, str):
        return f"follows {rule}"
    if isinstance(rule, Mapping):
        by = " ".join(f"{n}**{power:g}" for n, power in rule["times"].items())
        return f"times {by}"
    return "set by an arm"


def _is_text(given: object) -> bool:
    return isinstance(given, str) and bool(given.strip()) and len(given) <= LONGEST


@dataclass(frozen=True)
class Setting:
    """What rules are made of: of each variant its parameters and what its arm sets; and the rest.

    ``tables``: the parameters of each variant; ``arms``: the numbers that its arm sets; ``axes``:
    values or priors by name, labels apart; ``fixed``: single numbers for all.
    """

    tables: Sequence[Mapping[str, Parameter]]
    arms: Sequence[Mapping[str, float]]
    axes: Mapping[str, Any]
    fixed: Mapping[str, float]
    follow: Mapping[str, str]
    elsewhere: Callable[[], Collection[str]]

    @property
    def priors(self) -> dict[str, Prior]:
        return {n: x for n, x in self.axes.items() if isinstance(x, Prior)}

    @property
    def known(self) -> dict[str, Parameter]:
        """Every parameter of some variant."""
        return {n: p for table in reversed(self.tables) for n, p in table.items()}

    def unit_of(self) -> dict[str, str]:
        """The display unit of every name that a rule may read or give."""
        found = {n: p.unit for n, p in self.known.items()}
        return dict.fromkeys(self.priors, "1") | found

    def checked(self) -> list[dict[str, Rule]]:
        """The rules of each variant.

        Raises
        ------
        AxisError, EquationError, UnknownName
        """
        scaled = self._scaled()
        order = self._order()
        return [self._rules(i, scaled, order) for i in range(len(self.tables))]

    def _scaled(self) -> dict[str, dict[str, float]]:
        """For each parameter that something is a factor on, the factors and their powers."""
        known = self.known
        found: dict[str, dict[str, float]] = {}
        for name, prior in self.priors.items():
            if prior.scales and name in known:
                raise AxisError(
                    f"'{name}' is a parameter, and a prior that scales others is none: name it by "
                    "what more of it does"
                )
            for target, power in prior.powers.items():
                if target not in known and target not in (elsewhere := self.elsewhere()):
                    raise unknown(
                        "parameter", target, {*known, *elsewhere}, f"what prior '{name}' scales"
                    )
                if target in known:
                    found.setdefault(target, {})[name] = power
            if prior.scales and not prior.powers.keys() & known.keys():
                raise AxisError(
                    f"prior '{name}' scales nothing here: no model has " + " or ".join(prior.scales)
                )
        for target, factors in found.items():
            for what, names in (("an axis", self.axes), ("worked out from others", self.follow)):
                if target in names:
                    raise AxisError(
                        f"'{target}' is {what}, and '{next(iter(factors))}' is a factor on it; "
                        "leave one of the two"
                    )
        return found

    def _order(self) -> list[str]:
        """What follows from others, each after what it reads."""
        known, unit_of = self.known, self.unit_of()
        of = {n: units.unit(u).dimension for n, u in unit_of.items()}
        for name, text in self.follow.items():
            what = f"what '{name}' follows"
            if not _is_text(text):
                raise EquationError(
                    f"{what}: an expression of at most {LONGEST:,} characters, such as "
                    f"'ratio*g_nmda', not {str(text)[:60]!r}"
                )
            if name not in known:
                raise unknown("parameter", name, known, "what follows from others")
            if name in self.axes or name in self.fixed:
                raise AxisError(f"'{name}' follows from others and is given too; leave one out")
            for read in sorted(expressions.names(text)):
                if read in expressions.BUILTIN and read != "pi":
                    raise EquationError(f"{what}: '{read}' is no value of a point")
            for read in sorted(expressions.variables(text) - of.keys()):
                raise unknown("parameter or prior", read, of, what)
            check_unit(text, known[name].unit, of, what)
        graph = {n: expressions.variables(t) & self.follow.keys() for n, t in self.follow.items()}
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise AxisError(f"{' follows '.join(error.args[1])}: a circle") from None
        used = {n for t in self.follow.values() for n in expressions.variables(t)}
        for name, prior in self.priors.items():
            free = name not in known and not prior.scales
            if name in DUMMIES:
                if not free or name in used:
                    raise AxisError(f"'{name}' is a dummy, and nothing may read it")
            elif free and name not in used:
                raise unknown(
                    "parameter",
                    name,
                    known,
                    "any model here, nothing follows from it and it scales nothing, so that a "
                    "prior of it fits nothing",
                )
        return order

    def _rules(
        self, variant: int, scaled: Mapping[str, dict[str, float]], order: Sequence[str]
    ) -> dict[str, Rule]:
        table, arm = self.tables[variant], self.arms[variant]
        rules: dict[str, Rule] = {}
        for name, factors in scaled.items():
            if name in table and name not in arm:
                value = float(self.fixed.get(name, table[name].value))
                rules[name] = {"value": value, "times": dict(sorted(factors.items()))}
        for name in order:
            if name not in arm and any(name in behind({n}, self.follow) for n in table):
                rules |= self._read(name, table, arm, rules)
                rules[name] = self.follow[name]
        return rules | dict(arm)

    def _read(
        self, name: str, table: Mapping[str, Parameter], arm: Mapping[str, float], rules: Rules
    ) -> dict[str, Rule]:
        """The constants among what something follows from."""
        found: dict[str, Rule] = {}
        for read in sorted(expressions.variables(self.follow[name])):
            if read in arm:
                raise AxisError(
                    f"an arm sets '{read}', from which '{name}' follows: set '{name}' in that arm "
                    f"too, or let '{read}' follow from '{name}'"
                )
            if read in rules or read in self.axes:
                continue
            if read not in self.fixed and read not in table:
                raise AxisError(
                    f"'{name}' follows from '{read}', which a model here does not have; give "
                    f"'{read}' a value or a prior"
                )
            found[read] = float(self.fixed[read] if read in self.fixed else table[read].value)
        return found
