"""Checks of the block: a law at its limits, its strength beside published laws, its one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from mgsim import units
from mgsim.checks.drive import Called, named, spots
from mgsim.checks.equations import everything, lively
from mgsim.checks.finding import Finding, judged
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import PORTS
from mgsim.equations import expressions
from mgsim.parts.blocks import sourced, without_magnesium
from mgsim.system.lowering import System

#: What may lie between a law and the band of the sourced laws: half-blocking magnesium (a factor;
#: receptors with GluN2C or D are blocked some five times less) and steepness.
_STRENGTH, _STEEPNESS = 6.0, 1.5
#: mM, where a half block is looked for.
_LEVELS = np.geomspace(1e-7, 1e5, 241)
_CONDUCTING = units.unit("nS").dimension
_AMPERE = units.unit("pA").dimension
_VOLT = units.unit("mV").dimension


def laws(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """An algebraic block law at its limits, and its order in magnesium and potential."""
    for part in laws_of(model):
        yield from _law(part)


def _law(part: Component) -> Iterator[Finding]:
    if part.called("mg_out") not in part.reads:
        yield Finding("limits of the block", "skipped", f"'{part.name}' does not take magnesium")
        return
    v, mg = np.linspace(-100.0, 40.0, 71), np.array([0, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 1, 2, 5, 10])
    try:
        b = _unblocked(part, v[:, None], mg[None, :])
        ends = _unblocked(part, np.array([-1e4, -500.0, 500.0, 1e4])[:, None], mg[None, :])
        much = _unblocked(part, -70.0, 1e6)
        stated = without_magnesium(part, v=v)
    except PartError as error:
        yield Finding("limits of the block", "skipped", str(error))
        return
    wrong = []
    own = part.called("unblocked_without_mg") in part.provides
    if not np.allclose(b[:, 0], stated, rtol=1e-12 if own else 0.0, atol=0.0):
        wrong.append(
            "not its own unblocked_without_mg at zero Mg"
            if own
            else "not exactly 1 at zero Mg, and no unblocked_without_mg that states otherwise"
        )
    if not much < 1e-2:
        wrong.append(f"{float(much):.3g} unblocked at -70 mV under endless Mg")
    if not (np.all(np.isfinite(ends)) and np.all((ends >= 0) & (ends <= 1))):
        wrong.append("not between 0 and 1 at extreme potentials")
    if not np.all((b > 0) & (b <= 1)):
        wrong.append("not between 0 and 1")
    yield judged(
        "limits of the block",
        wrong,
        ("what it states" if own else "1") + " at zero Mg, 0 at endless Mg, within 0 to 1 at any v",
    )
    wrong = []
    if np.any(np.diff(b, axis=1) >= 0):
        wrong.append("does not fall as Mg rises")
    if np.any(np.diff(b[:, 1:], axis=0) < -1e-12):
        wrong.append("falls somewhere as v rises from -100 to +40 mV")
    yield judged("monotonic block", wrong, "falls with Mg, rises with v")


def laws_of(model: Model) -> list[Component]:
    """The parts of a model that give an unblocked fraction by a formula alone."""
    return [
        part
        for part in model.parts
        if not part.kinetics
        and part.called("unblocked") in {e.name for e in part.lines if not e.differential}
    ]


def _unblocked(law: Component, v: Any, mg: Any) -> np.ndarray:
    return law.evaluate(law.called("unblocked"), **{law.called("v"): v, law.called("mg_out"): mg})


def strength(law: Component) -> tuple[float, float, float]:
    """Unblocked at -60 mV and 1 mM; half-blocking mM there; mV from -60 to -20 for an e-fold.

    All of what the law leaves without magnesium; NaN for a half block that never comes.
    """
    at = float(_unblocked(law, -60.0, 1.0))
    left = _unblocked(law, np.array([-60.0, -20.0])[:, None], _LEVELS)
    halves = []
    for row, whole in zip(left, without_magnesium(law, v=[-60.0, -20.0]), strict=True):
        below = np.flatnonzero(row < 0.5 * whole)
        if not below.size or not below[0]:
            return at, float("nan"), float("nan")
        k = int(below[0])
        share = np.log(row[k - 1] / (0.5 * whole)) / np.log(row[k - 1] / row[k])
        halves.append(float(_LEVELS[k - 1] * (_LEVELS[k] / _LEVELS[k - 1]) ** share))
    with np.errstate(divide="ignore"):
        return at, halves[0], float(40.0 / np.log(np.float64(halves[1] / halves[0])))


@cache
def band() -> tuple[tuple[float, float], ...]:
    """The least and most of each number of :func:`strength` over the sourced laws."""
    found = np.array([strength(law) for law in sourced() if law.name != "none"])
    return tuple(
        (float(low), float(high))
        for low, high in zip(np.nanmin(found, axis=0), np.nanmax(found, axis=0), strict=True)
    )


def beside(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """A law's strength and steepness beside those of the laws whose constants have a source."""
    for part in laws_of(model):
        if part.called("mg_out") in part.reads:
            yield from _beside(part)


def _beside(part: Component) -> Iterator[Finding]:
    try:
        at, half, fold = strength(part)
    except PartError as error:
        yield Finding("published laws", "skipped", str(error))
        return
    ats, halves, folds = band()
    wrong = []
    if not halves[0] / _STRENGTH <= half <= halves[1] * _STRENGTH:
        wrong.append("blocks with an altogether other amount of Mg; is a unit wrong, uM for mM?")
    if not folds[0] / _STEEPNESS <= fold <= folds[1] * _STEEPNESS:
        wrong.append("depends otherwise on v; is a unit wrong, 1/V for 1/mV, or a valence?")
    words = (
        f"at -60 mV {at:.3g} unblocked at 1 mM ({_span(ats)} in the sourced laws), half at "
        f"{half:.3g} mM ({_span(halves)}), e-fold more Mg in {fold:.3g} mV ({_span(folds)})"
    )
    yield Finding("published laws", "FAIL" if wrong else "pass", "; ".join([*wrong, words]))


def _span(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.2g} to {ends[1]:.2g}"


def once(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Whatever conducts is multiplied by the unblocked fraction once, and sees Mg through it."""
    for called in spots(model):
        yield from _once(system, called)


def _once(system: System, called: Called) -> Iterator[Finding]:
    sums = {n for n, port in PORTS.items() if port.combine == "currents"}
    unblocked, conducting = called("unblocked"), called("g_conducting")
    modulation, v = called("modulation_nmda"), called("v")
    names = [
        e.name
        for e in system.definitions
        if system.ports.get(e.name) not in sums
        and units.unit(e.unit).dimension in (_CONDUCTING, _AMPERE)
    ]
    if unblocked not in system.recordable or not names:
        return
    known = {**lively(system), v: np.asarray(-0.06), called("open_nmda"): np.asarray(0.5)}
    levels = {"mg_out"} & known.keys()

    def at(share: float, **more: Any) -> dict[str, Any]:
        return everything(system, {**known, unblocked: np.asarray(share), **more})

    whole, half, none = at(0.8), at(0.4), at(0.0)
    wrong, seen = [], []
    for name in names:
        if whole[name] == half[name]:
            continue
        with np.errstate(all="ignore"):
            power = float(
                np.log2(np.abs(whole[name] - none[name]) / np.abs(half[name] - none[name]))
            )
        if not abs(power - 1) < 1e-6:
            wrong.append(f"{name} goes as {unblocked} to the power of {power:.3g}")
        if levels and not np.isclose(
            at(0.8, mg_out=1e3 * float(known["mg_out"]) + 1.0)[name], whole[name], rtol=1e-9, atol=0
        ):
            wrong.append(f"{name} depends on mg_out beside the law")
        seen.append(name)
    if conducting in names and conducting not in seen:
        wrong.append(f"{conducting} does not depend on {unblocked}")
    if conducting in seen:
        modulated = {modulation: np.asarray(1.0)} if modulation in whole else {}
        moved = at(0.8, **{v: np.asarray(0.02)}, **modulated)
        if moved[conducting] != at(0.8, **modulated)[conducting]:
            wrong.append(f"{conducting} depends on {v} beside the law")
    wholes = {c.name: c.ion for c in system.currents if not c.whole and c.name in seen}
    beside = sorted(n for n, ion in wholes.items() if ion)
    if beside and "" in wholes.values():
        of = next(n for n, ion in wholes.items() if not ion)
        wrong.append(
            f"{', '.join(beside)} flows through the receptors beside {of}, which names no ion and "
            f"so is of all: declare '{wholes[beside[0]]} of {of}'"
        )
    if seen or wrong:
        yield judged("block acts once", wrong, f"{', '.join(seen)} in proportion to {unblocked}")


def shift(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No number is added to a potential where no parameter says so; a clamp holds its command."""
    wrong = []
    block = {"unblocked", "g_conducting", "open_nmda"}
    potentials = {
        e.name for e in system.recordable.values() if units.unit(e.unit).dimension == _VOLT
    } | {"v"}
    for part in model.parts:
        held = "v_command" in part.requires and "v" in part.provides
        if not ({system.ports.get(n) for n in part.provides} & block or held):
            continue
        texts = [(e.name, e.text) for e in part.lines if not e.differential]
        texts += [(a, r) for k in part.kinetics for a, _, *rates in k.transitions for r in rates]
        wrong += [
            f"'{term}' is added in '{name}' of '{part.name}': a shift of potential is a "
            "parameter with a source"
            for name, text in texts
            for term in _added(text, potentials)
        ]
    if "v_command" in system.recordable and "v" in {e.name for e in system.definitions}:
        found = everything(system, {**lively(system), "v_command": np.asarray(-0.05)})
        if found["v"] != -0.05:
            wrong.append(f"v is {float(found['v']) * 1e3:.3g} mV under a command of -50 mV")
    if named(system, "unblocked") or wrong:
        yield judged(
            "hidden shift", dict.fromkeys(wrong), "no number without a name is added to a potential"
        )


def _added(text: str, potentials: set[str]) -> list[str]:
    """Numbers that stand in a sum or difference with a potential, also as ``v/mV + 20``."""
    sums = [
        n
        for n in ast.walk(expressions.parse(text))
        if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add | ast.Sub)
    ]
    return [
        ast.unparse(term)
        for n in sums
        for term, other in ((n.left, n.right), (n.right, n.left))
        if _number(term)
        and not any(isinstance(x, ast.Call) for x in ast.walk(other))
        and expressions.names(ast.unparse(other)) & potentials
    ]


def _number(node: ast.expr) -> bool:
    """Whether something is a number or quantity other than 0."""
    text = ast.unparse(node)
    return not (
        expressions.variables(text)
        or expressions.is_zero(text)
        or expressions.names(text) & {"t", "dt"}
    )


def default(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """The magnesium that a model starts from is some."""
    known = {p.name: p for p in system.parameters}
    if "mg_out" not in known or not named(system, "unblocked"):
        return
    p = known["mg_out"]
    chosen = p.source.startswith("set:")
    good = p.value > 0 or chosen
    yield Finding(
        "magnesium outside",
        "pass" if good else "FAIL",
        (
            f"{p.value:g} mM" + (", as set" if chosen else "")
            if good
            else "mg_out is 0 by default: then nothing is blocked unless it is set, and no bath "
            "is free of it"
        ),
    )
