"""Things of the catalogs in words."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from mgsim.cli.output import amount, columns

#: How many values of an axis, or arms, are told.
_MANY = 12


def meaning(thing: Any) -> str:
    """What a thing of a catalog is, in a line."""
    for name in ("meaning", "question", "caption"):
        if getattr(thing, name, ""):
            text = str(getattr(thing, name))
            return text.partition(". ")[0] + "." if name == "caption" and ". " in text else text
    return ""


def describe(kind: str, thing: Any) -> dict[str, Any]:
    """A thing of a catalog as plain words, numbers, lists and mappings."""
    from mgsim.compose import seeing
    from mgsim.compose.finding import set_by
    from mgsim.compose.measure import Measure
    from mgsim.compose.model import Model
    from mgsim.compose.protocol import Protocol
    from mgsim.declare.changes import told
    from mgsim.declare.component import Component
    from mgsim.runs.experiment import Experiment

    found: dict[str, Any] = {"kind": kind, "name": thing.name, "meaning": meaning(thing)}
    if isinstance(thing, Component):
        return found | _part(thing)
    if isinstance(thing, Model):
        return found | {
            "parts": [
                {"slot": ", ".join(p.slots), "name": p.name, "meaning": p.meaning}
                for p in thing.parts
            ],
            "parameters": [_parameter(p) | {"of": of} for of, p in thing.settable.values()],
            "variables": ", ".join(e.name for part in thing.parts for e in part.lines),
            "what one slot alone may see, if set": ", ".join(seeing.names(thing.slots)),
        }
    if isinstance(thing, Protocol):
        return found | {
            "duration": f"{thing.duration:g} ms",
            "measured": _window(thing),
            "stimulus": [e for s in thing.stimuli for e in _equations(s.equations)],
            "currents": {n: text for s in thing.stimuli for n, text in s.currents.items()},
            "adds": {n: text for s in thing.stimuli for n, text in s.adds.items()},
            "events": ", ".join(thing.events),
            "changes": told(thing.changes),
            "parameters": [_parameter(p) for p in set_by(thing)],
            "references": _references(thing.references),
        }
    if isinstance(thing, Measure):
        ways = {
            "integral of": thing.rate,
            "largest value of": thing.peak,
            **{f"on each {event}": text for event, text in thing.on.items()},
            "each step": thing.every_step,
            "value at the end": thing.value,
            "needs": ", ".join(m.name for m in thing.needs) or None,
            "defined where": thing.defined,
            "else not a number": thing.undefined or None,
        }
        return found | {
            "unit": thing.unit,
            **{k: v for k, v in ways.items() if v is not None},
            "parameters": [_parameter(p) for m in thing.behind for p in m.parameters],
        }
    if isinstance(thing, Experiment):
        return found | {
            "models": ", ".join(m.name for m in thing.models),
            "protocol": thing.protocol.name,
            "axes": {n: _values(v) for n, v in thing.axes.items()},
            "arms": _arms(thing.arms),
            "drawn": _drawn(thing),
            "follows": dict(thing.follow),
            "measures": {m.name: f"{m.meaning} [{m.unit}]" for m in thing.measures},
            "records": ", ".join(thing.record),
        }
    if kind == "body":
        people = {n: p.told(thing.part[n].unit) for n, p in thing.priors.items()}
        return found | _part(thing.part) | {"people differ in": people}
    if kind == "salts":
        return found | {
            "formula": thing.formula,
            "mass of a mole": f"{thing.molar_mass:.2f} g",
            "magnesium": f"{thing.mmol_per_gram:.3f} mmol in a gram, {thing.share:.1%} of the mass",
            "references": _references(thing.references),
        }
    if kind == "claims":
        from mgsim.judging.ledger.report import detail

        own = ("readings", "claim", "statement", "model_seconds_a_draw")
        return found | {n: x for n, x in detail(thing).items() if n not in own}
    return found | {"experiment": thing.of, "caption": thing.caption}


def _arms(arms: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What each arm sets; of many, the names of the others."""
    told = {
        arm: ", ".join(f"{n} = {_values([v])}" for n, v in sets.items())
        for arm, sets in [*arms.items()][:_MANY]
    }
    others = [*arms][_MANY:]
    return told | ({f"and {len(others)} more": ", ".join(others)} if others else {})


def _drawn(experiment: Any) -> dict[str, str]:
    """The distributions of what an experiment draws."""
    design = experiment.design
    told = {n: p.told() for n, p in getattr(design, "priors", {}).items()}
    return {"points": f"{design.n}", **told} if told else told


def _window(protocol: Any) -> str:
    """When a protocol measures, in ms, and what that follows."""
    words = "{:g} to {:g} ms".format(*protocol.measured())
    follows = [e if isinstance(e, str) else f"{e:g} ms" for e in protocol.edges]
    moves = any(isinstance(e, str) for e in protocol.edges)
    return f"{words} ({' to '.join(follows)})" if moves else words


def _part(part: Any) -> dict[str, Any]:
    return {
        "slot": ", ".join(part.slots),
        "equations": _equations(part.equations),
        "transitions": [
            f"{a} <-> {b}   forward {f}, backward {r}"
            for scheme in part.kinetics
            for a, b, f, r in scheme.transitions
        ],
        "exchange": [
            f"{a} <-> {b}   ({f})*{a} - ({r})*{b} a second" for a, b, f, r in part.exchange
        ],
        "capacity": dict(part.capacity),
        "currents": dict(part.currents),
        "adds": dict(part.adds),
        "on event": dict(part.on_event),
        "initial": dict(part.initial),
        "spike": part.spike or "",
        "raises": dict(part.raises),
        "chances": {event: str(n) for event, n in part.chances.items()},
        "reads": ", ".join(sorted(part.requires)),
        "parameters": [_parameter(p) for p in part.parameters],
        "reproduces": part.reproduces,
        "measured at": [str(m) for m in part.measured],
        "conditions": part.conditions,
        "deviations": part.deviations,
        "references": _references(part.references),
    }


def _equations(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _parameter(p: Any) -> dict[str, Any]:
    return {
        "name": p.name,
        "value": p.value,
        "unit": p.unit,
        "range": [x if math.isfinite(x) else None for x in p.range],
        "meaning": p.meaning,
        "source": p.source,
    }


def _references(keys: tuple[str, ...]) -> list[str]:
    from mgsim.references import entry

    return [f"[{key}] {entry(key).text}" for key in keys]


def _values(values: Any) -> str:
    if isinstance(values, str) or not hasattr(values, "__len__"):
        return str(values)
    shown = [getattr(v, "name", None) or (v if isinstance(v, str) else f"{v:g}") for v in values]
    if len(shown) > _MANY and not hasattr(values[0], "name"):
        return f"{shown[0]} to {shown[-1]}, {len(shown)} values"
    return ", ".join(shown)


def lines(description: Mapping[str, Any]) -> Iterator[str]:
    """A description as text for a terminal."""
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    rest = dict(description)
    head = f"{rest.pop('kind')}/{rest.pop('name')}"
    yield head
    yield from textwrap.wrap(rest.pop("meaning"), width)
    for title, value in rest.items():
        if not value:
            continue
        yield ""
        if isinstance(value, str):
            yield from textwrap.wrap(f"{title}: {value}", width, subsequent_indent="  ")
        elif isinstance(value, Mapping):
            yield title
            yield from (f"  {k}: {v}" for k, v in value.items())
        elif isinstance(value[0], str):
            yield title
            for text in value:
                yield from (
                    [f"  {text}"]
                    if title not in ("references", "changes", "literature")
                    else textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")
                )
        elif title == "parts":
            yield title
            yield from columns((p["slot"], p["name"], p["meaning"]) for p in value)
        elif "of" in value[0]:
            yield "parameters (with their sources: mgsim show PART)"
            yield from columns((p["name"], _amount(p), p["meaning"]) for p in value)
        elif "range" in value[0]:
            yield title
            yield from _parameter_lines(value, width)
        else:
            yield title
            for one in value:
                first, *others = (f"{k}: {v}" for k, v in one.items() if v not in (None, "", ()))
                yield f"  {first.removeprefix('name: ')}"
                for text in others:
                    yield from textwrap.wrap(
                        text, width, initial_indent="      ", subsequent_indent="        "
                    )


def _parameter_lines(parameters: list[dict[str, Any]], width: int) -> Iterator[str]:
    names = max(len(p["name"]) for p in parameters)
    for p in parameters:
        low, high = p["range"]
        span = "not stated" if None in (low, high) else f"{low:g} to {high:g}"
        yield f"  {p['name']:<{names}}  {_amount(p)}  (plausible {span})"
        for text in (p["meaning"], p["source"]):
            yield from textwrap.wrap(
                text, width, initial_indent="      ", subsequent_indent="        "
            )


def _amount(p: Mapping[str, Any]) -> str:
    return amount(p["value"], p["unit"])
