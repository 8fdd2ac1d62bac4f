"""A methods paragraph: what was run, in plain words, with whom to cite for it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mgsim import experiments, models, protocols
from mgsim.catalogs import look_up
from mgsim.compose.finding import differences, every, named, set_by, span
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.references import CHOSEN, UNCITED, entries
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.result.parameters import described
from mgsim.version import __version__

if TYPE_CHECKING:
    import xarray as xr

_UNREAD = {"assumed": "assumed", "unverified": "remembered and not verified"}
#: Of how many values of an axis each is written out.
_LISTED = 12
_METHODS = {
    "rk4_local": "a fourth-order Runge-Kutta method at steps of {dt}, in parts of at most {part} "
    "where the stages of a step disagree",
    "rk4": "a fourth-order Runge-Kutta method at steps of {dt}",
    "rk2": "the midpoint method at steps of {dt}",
    "euler": "the Euler method at steps of {dt}",
    "exponential_euler": "the exponential Euler method at steps of {dt}",
}
_EDGES = "steps end at events and at the edges of stimuli"


class _Text:
    """Sentences, and the papers in the order in which they are cited."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.keys: dict[str, None] = {}

    def say(self, *words: str) -> None:
        text = " ".join(filter(None, words))
        self.sentences.append(
            f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"
        )

    def cited(self, keys: Iterable[str]) -> str:
        """``(Kampa et al. 2004; Wang 2002)``; empty for none."""
        known = dict.fromkeys(keys)
        self.keys |= known
        return f"({'; '.join(map(_short, known))})" if known else ""


def methods(thing: Any, width: int = 96) -> str:
    """What was run, as a paragraph for a paper's methods, with the references that it cites.

    Parameters
    ----------
    thing : a model or an experiment, itself or by name; a protocol or a part; or a data set that
        :func:`mgsim.sweep`, :func:`mgsim.simulate`, :func:`mgsim.open_sweep` or an experiment
        returned.
    width : columns of a line; 0 for a paragraph on one line.

    Returns
    -------
    The paragraph, which says too what has no source and what was used outside the range in which it
    was measured, then the references.

    Raises
    ------
    TypeError
        For anything else.

    Examples
    --------
    >>> import mgsim as mg
    >>> print(methods(mg.blocks["kampa_2004"]).splitlines()[0])
    Kampa et al. 2004, open-state equilibrium (no trapping) (Kampa et al. 2004).
    """
    if isinstance(thing, str):
        thing = experiments[thing] if thing in experiments else look_up(Model, thing)
    text = _Text()
    if isinstance(thing, Experiment):
        _experiment(text, thing)
    elif isinstance(thing, Model):
        _model(text, thing)
    elif isinstance(thing, Protocol):
        _protocol(text, thing)
    elif isinstance(thing, Component):
        text.say(_part(text, thing))
        _without_source(text, thing.parameters)
    elif hasattr(thing, "data_vars") and "system_digest" in thing.attrs:
        _result(text, thing)
    else:
        raise TypeError(
            f"{thing!r}: methods are of a model, an experiment, a protocol, a part or a result, "
            "such as mg.models['standard']"
        )
    lines = [" ".join(text.sentences)]
    if text.keys:
        lines += ["", "References", *(_whole(key) for key in sorted(text.keys))]
    if not width:
        return "\n".join(lines)
    return "\n".join(
        textwrap.fill(x, width, break_long_words=False, break_on_hyphens=False) for x in lines
    )


def _short(key: str) -> str:
    return entries()[key].short if key in entries() else key


def _whole(key: str) -> str:
    return f"- {key}: {entries()[key].text if key in entries() else 'not a paper of mgsim'}"


def _keys(parameters: Iterable[Parameter]) -> list[str]:
    found = (p.source.partition(":")[0] for p in parameters)
    return [key for key in found if key not in (*UNCITED, *CHOSEN)]


def _part(text: _Text, part: Component, but: Iterable[str] = ()) -> str:
    own = [p for p in part.parameters if p.name not in but]
    changed = differences(part)
    return " ".join(
        filter(
            None,
            [
                part.meaning,
                text.cited([*part.references, *_keys(own)]),
                f"[{', '.join(changed)}]" if changed else "",
            ],
        )
    )


def _model(text: _Text, model: Model, but: Iterable[str] = ()) -> None:
    """``but``: slots and parameters that are said elsewhere."""
    told = [_part(text, p, but) for p in model.parts if not set(p.slots) & set(but)]
    _named(text, model.name, __version__, model.meaning, told)
    shared = [p for p in model.shared if p.name not in but]
    if shared:
        text.say(f"for all parts {_values(shared)}", text.cited(_keys(shared)))
    own = [p for part in model.parts if not set(part.slots) & set(but) for p in part.parameters]
    able = model.settable
    _without_source(text, [p for p in (*own, *shared) if p.name in able and p.name not in but])


def _named(text: _Text, name: str, version: str, meaning: str, told: Iterable[str]) -> None:
    text.say(f"the model '{name}' of mgsim {version}{f': {meaning}' if meaning else ''}")
    text.say(f"its parts: {_listed(told)}")


def _listed(words: Iterable[str]) -> str:
    return "; ".join(words)


def _values(parameters: Iterable[Parameter]) -> str:
    return ", ".join(f"{p.name} = {span([p.value], p.unit)}" for p in parameters)


def _without_source(text: _Text, parameters: Iterable[Parameter]) -> None:
    found: dict[str, dict[str, Parameter]] = {}
    for p in parameters:
        found.setdefault(p.source.partition(":")[0], {})[p.name] = p
    for word, words in _UNREAD.items():
        if word in found:
            text.say(f"no source was read for {_values(found[word].values())} ({words})")


def _protocol(text: _Text, protocol: Protocol, but: Iterable[str] = ()) -> None:
    start, stop = protocol.measured()
    own = [p for p in set_by(protocol) if p.name not in but]
    text.say(
        f"the protocol '{protocol.name}' is {protocol.meaning or 'not described'}, for "
        f"{protocol.duration:g} ms, of which {start:g} to {stop:g} ms were measured",
        text.cited([*protocol.references, *_keys(own)]),
    )
    if own:
        text.say(f"its parameters: {_values(own)}")


def _experiment(text: _Text, experiment: Experiment) -> None:
    text.say(f"the question was: {experiment.question}")
    axes = {n: v if _many(v) else [v] for n, v in experiment.axes.items()}
    for model in experiment.models:
        _model(text, model, axes)
    if not experiment.algebraic:
        _protocol(text, experiment.protocol, axes)
    known = {p.name: p for m in experiment.models for part in m.parts for p in part.parameters}
    known |= {p.name: p for p in (*experiment.models[0].shared, *experiment.protocol.parameters)}
    for name, values in axes.items():
        parts = [part for value in values for part in _parts(name, value)]
        if parts:
            text.say(f"parts for {name}: {_listed(_part(text, p, axes) for p in parts)}")
        else:
            unit = known[name].unit if name in known else "1"
            text.say(f"values of {name}: {_several(values, unit)}")
    for name, prior in getattr(experiment.design, "priors", {}).items():
        text.say(f"drawn was {name}, {prior.told()} ({prior.source})")
    if experiment.measures:
        text.say(f"kept were {_listed(f'{m.meaning} ({m.unit})' for m in experiment.measures)}")
    else:
        text.say(f"kept were the variables {', '.join(experiment.record)}")
    if not experiment.algebraic:
        implicit = any(p.kinetics or p.exchange for m in experiment.models for p in m.parts)
        dt = "0.1 ms" if experiment.measures else "0.025 ms"
        _numerics(text, {"method": "rk4_local", "dt": dt, "part": "0.025 ms"}, implicit)


def _parts(axis: str, value: Any) -> list[Component]:
    """The parts that one value of an axis stands for; none for a number."""
    if axis == "model":
        return [*look_up(Model, value).parts]
    if isinstance(value, Component):
        return [value]
    fits = [p for p in every() if any(axis == s or axis.startswith(f"{s}_") for s in p.slots)]
    return [p for p in fits if p.name == value]


def _many(values: Any) -> bool:
    return not isinstance(values, str) and hasattr(values, "__len__")


def _several(values: Iterable[Any], unit: str) -> str:
    found = [getattr(v, "name", v) for v in values]
    if all(isinstance(v, str) for v in found):
        return ", ".join(found)
    if len(found) > _LISTED:
        return f"{span([float(v) for v in found], unit)}, {len(found)} values"
    shown = ", ".join(f"{v:.6g}" if not isinstance(v, str) else v for v in found)
    return shown if unit == "1" else f"{shown} {unit}"


def _numerics(text: _Text, how: Mapping[str, str], implicit: bool) -> None:
    method = _METHODS.get(how["method"], how["method"] + " at steps of {dt}")
    text.say(
        "the equations, in the notation of Brian 2",
        text.cited(["stimberg_2019"]) + ",",
        f"were integrated by {method.format(**how)}; {_EDGES}",
    )
    if implicit:
        text.say("kinetic schemes and exchange were stepped by TR-BDF2", text.cited(["bank_1985"]))


def _result(text: _Text, ds: xr.Dataset) -> None:
    """A result, from what it says of itself."""
    told = dict(ds.attrs)
    if told.get("question"):
        text.say(f"the question was: {told['question']}")
    about = described(ds)
    names = [n.strip() for n in str(told.get("parts", "")).split(",") if n.strip()]
    found = [(n, named(n)) for n in names]
    model = models.get(str(told.get("model", "")))
    parts = [_part(text, p, about) if p else f"{n} (not a part of mgsim)" for n, p in found]
    version = str(told.get("mgsim_version"))
    _named(text, str(told.get("model")), version, model.meaning if model else "", parts)
    sources = [s for c in about.values() for s in str(c.attrs.get("source", "")).split("\n")]
    text.cited(key for key in (s.partition(":")[0] for s in sources) if key in entries())
    name = str(told.get("protocol", ""))
    protocol = protocols.get(name)
    described_as = f", {protocol.meaning}," if protocol else ""
    lasting = f"for {_number(told, 'duration_ms')} ms"
    text.say(f"it was run under the protocol '{name}'{described_as} {lasting}")
    for word, lines in (
        ("changed in the run", "changes"),
        ("otherwise than its source", "differs"),
    ):
        for line in filter(None, str(told.get(lines, "")).split("\n")):
            text.say(f"{word}: {line}")
    for axis in (str(d) for d in ds.dims if d in ds.coords and d != "time"):
        unit = str(ds[axis].attrs.get("units", "1"))
        text.say(f"values of {axis}: {_several(ds[axis].values.tolist(), unit)}")
    asked = [n for n, c in about.items() if not c.dims and n in ds.coords and c.dtype.kind == "f"]
    if asked:
        text.say(f"set: {', '.join(f'{n} = {_held(about[n])}' for n in asked)}")
    for word, words in _UNREAD.items():
        without = [
            f"{n} = {_held(c)}"
            for n, c in sorted(about.items())
            if str(c.attrs.get("source", "")).startswith(word) and n not in asked
        ]
        if without:
            text.say(f"no source was read for {', '.join(without)} ({words})")
    for line in filter(None, str(told.get("extrapolates", "")).split("\n")):
        text.say(f"used outside what was measured: {line}")
    if told.get("method"):
        how = {"method": str(told["method"]), "dt": f"{_number(told, 'dt_ms')} ms"}
        how["part"] = f"{_number(told, 'part_ms')} ms"
        _numerics(text, how, any(p and (p.kinetics or p.exchange) for _, p in found))
        text.say(f"precision: {told.get('precision')}; seed: {_number(told, 'seed')}")
    if "status" in ds and (bad := int((ds.status != 0).sum())):
        text.say(f"{bad} of {ds.status.size} points have no result")
    digests = dict.fromkeys(d[:12] for d in str(told["system_digest"]).split(", "))
    text.say(f"digest of the equations: {', '.join(digests)}")


def _held(values: xr.DataArray) -> str:
    """The values of a parameter, NaN apart, with its unit."""
    held = [x for x in values.values.ravel().tolist() if x == x]
    return span(held, str(values.attrs.get("units", "1")))


def _number(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    many = value.tolist() if hasattr(value, "tolist") else value
    shown = many if isinstance(many, list) else [many]
    return ", ".join(f"{v:g}" if isinstance(v, int | float) else str(v) for v in shown)
