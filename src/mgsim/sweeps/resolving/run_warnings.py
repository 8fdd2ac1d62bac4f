"""Before a request runs: values out of range, parts and stimuli that do nothing."""

from __future__ import annotations

import itertools
import warnings

import numpy as np

from mgsim import units
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.declare.window import RUN_START
from mgsim.engines.updates.timeline import Timeline
from mgsim.equations import expressions
from mgsim.sweeps import derived
from mgsim.sweeps.designs import Design, Product, Sampled
from mgsim.sweeps.resolving.request import Request, Variant, apart
from mgsim.system.joining import Joined

#: Extrapolations that a warning spells out.
_SPELT = 2


class IdlePartWarning(UserWarning):
    """A part of a model of which nothing is read."""


class MissedStimulusWarning(UserWarning):
    """A stimulus that lies wholly outside the run."""


class RangeWarning(UserWarning):
    """A value outside the plausible range of its parameter."""


class DrawnTogetherWarning(UserWarning):
    """Two priors that are independent are not so in the few rows that are drawn of them."""


def warn(request: Request) -> None:
    """Say, before a request runs, what of it may not be meant."""
    _warn_together(request.design)
    _warn_outside(request)
    _warn_idle(request)
    _warn_missed(request)
    beyond = request.extrapolations(asked=True)
    if beyond:
        words = "; ".join(beyond)
        if len(beyond) > _SPELT:
            words = ", ".join(dict.fromkeys(b.partition(" ")[0] for b in beyond))
            words += " (the result's attribute 'extrapolates' says where)"
        warnings.warn(
            f"outside what was measured, so extrapolated: {words}",
            ExtrapolationWarning,
            stacklevel=5,
        )


def _warn_together(design: Design) -> None:
    if isinstance(design, Product):
        _warn_together(design.outer)
        _warn_together(design.inner)
    elif isinstance(design, Sampled) and (found := design.together()):
        warnings.warn(
            f"in {design.n} draws of seed {design.seed}, '{found[0]}' and '{found[1]}' go together "
            f"(correlation {found[2]:.2f}), though nothing joins them: take 1024 draws or more",
            DrawnTogetherWarning,
            stacklevel=6,
        )


def _warn_outside(request: Request) -> None:
    """Say once what lies outside the plausible ranges, of all that was given or drawn."""
    words: dict[str, None] = {}
    for variant in apart(request):
        own = request.parameters(variant)
        ruled = request.tried(variant, request.ruled(variant))
        for name, parameter in own.items():
            given = ruled.get(name, request.axes.get(name, request.fixed.get(name)))
            if given is not None:
                why = how(variant, name) if name in ruled else ""
                words |= dict.fromkeys(outside(parameter, np.asarray(given), why))
            reached = request.reached(variant, name)
            words |= dict.fromkeys(outside(parameter, reached, "the protocol changes it"))
    if words:
        warnings.warn("; ".join(words), RangeWarning, stacklevel=6)


def _warn_idle(request: Request) -> None:
    """Parts that are in every model and do nothing in one."""
    for variant in request.variants:
        for name, ports in Joined(variant.model, request.protocol).idle.items():
            warnings.warn(
                f"part '{name}' does nothing in model '{variant.model.name}': nothing "
                f"reads {' or '.join(ports)}",
                IdlePartWarning,
                stacklevel=6,
            )


def _warn_missed(request: Request) -> None:
    """A stimulus, train or change that is over before the run begins, or comes after its end."""
    protocol, system = request.protocol, request.variants[0].system
    known = {p.name: p for p in system.parameters}
    own = {p.name for s in protocol.stimuli for p in s.parameters}
    edges = [
        e.time
        for e in Timeline(system).edges
        if e.jump
        and expressions.variables(e.time) & own
        and expressions.variables(e.time) <= known.keys()
    ]
    groups = [edges] if edges else []
    known |= {p.name: p for p in protocol.parameters}
    groups += [
        [p.name]
        for p in protocol.parameters
        if p.name.endswith("_start") and p.name not in own and p.unit == "ms"
    ]
    told = set()
    for texts, variant in itertools.product(map(tuple, groups), apart(request)):
        if texts in told:
            continue
        used = frozenset().union(*map(expressions.variables, texts))
        shown = dict(sorted(request.tried(variant, used).items()))
        columns = {n: x * units.unit(known[n].unit).factor for n, x in shown.items()}
        columns[RUN_START.name] = np.asarray(0.0)
        times = np.stack(
            np.broadcast_arrays(*(np.asarray(expressions.evaluate(t, columns)) for t in texts))
        )
        missed = (times >= protocol.duration * 1e-3).all(axis=0)
        if len(texts) > 1:
            missed |= (times <= 0).all(axis=0)
        if missed.any():
            place = np.flatnonzero(np.atleast_1d(missed))[0]
            at = ", ".join(
                f"{n} {np.atleast_1d(np.broadcast_to(x, missed.shape))[place]:g} {known[n].unit}"
                for n, x in shown.items()
            )
            what = texts[0].removesuffix("_start")
            what = f"the change of {what}" if what in protocol.changes else "all of its stimulus"
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and at {at} "
                f"{what} lies outside",
                MissedStimulusWarning,
                stacklevel=6,
            )
            told.add(texts)
    for name, change in protocol.changes.items():
        begins = request.given[f"{name}_start"].value if change.recording else 0.0
        if change.recording and begins < protocol.duration <= begins + change.recording.times[0]:
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and the recording of "
                f"{name} lies outside",
                MissedStimulusWarning,
                stacklevel=6,
            )
    for event, train in protocol.events.items():
        late = [x for x in train.listed if x >= protocol.duration]
        if late:
            warnings.warn(
                f"protocol '{protocol.name}' lasts {protocol.duration:g} ms, and {len(late)} of "
                f"its {len(train.listed)} '{event}' events lie outside",
                MissedStimulusWarning,
                stacklevel=6,
            )


def how(variant: Variant, name: str) -> str:
    """What gives a parameter that is neither an axis nor fixed, in words."""
    return derived.told(variant.rules[name]) if name in variant.rules else "drawn"


def outside(parameter: Parameter, values: np.ndarray, how: str = "") -> list[str]:
    """What of some values lies outside the plausible range, in words."""
    low, high = parameter.range
    flat = np.ravel(values)
    beyond = flat[(flat < low) | (flat > high)]
    if not beyond.size:
        return []
    value, unit = float(beyond[0]), "" if parameter.unit == "1" else f" {parameter.unit}"
    usual = (parameter.original or parameter).value
    small = abs(value) > 10 * max(-low, high) and low <= value / 1000 <= high
    meant = f"; did you mean {value / 1000:g}{unit}?" if small else ""
    if how and flat.size > 1:
        shown = f"{parameter.name} ({how}) is {flat.min():g} to {flat.max():g}{unit} and"
        meant = f", at {beyond.size:,} of {flat.size:,} values"
    else:
        shown = f"{parameter.name} = {value:g}{unit}"
    return [
        f"{shown} lies outside the plausible range {low:g} to {high:g}{unit} (usual value "
        f"{usual:g}){meant}"
    ]
