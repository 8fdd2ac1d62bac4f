"""What a user asked for, checked and sorted before anything runs."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.compose.finding import every
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.parameter import PartError
from mgsim.declare.priors import Prior
from mgsim.sweeps import derived, designs
from mgsim.sweeps.designs import AxisError, Design, Grid, Product
from mgsim.sweeps.resolving.choices import Assembly, assemblies, is_many, plain
from mgsim.sweeps.resolving.request import MOST_TRIED, Request, Variant, apart, reads
from mgsim.sweeps.resolving.run_warnings import how, warn
from mgsim.sweeps.resolving.values import design_of, numbers_of, seeds_of
from mgsim.sweeps.start import Start
from mgsim.system.lowering import System, lower


def resolve(
    model: Model,
    protocol: Protocol,
    measures: Iterable[Measure],
    seed: int | Iterable[int],
    given: Mapping[str, Any],
    design: Design | None = None,
    ways: Mapping[str, Sequence[Any]] | None = None,
    follow: Mapping[str, str] | None = None,
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    start: Start | None = None,
) -> Request:
    """Check names, values, units and parts; raise before anything runs.

    ``seed``: one, or an axis of them; ``given``: numbers and axes of a grid by name; ``design``:
    further points, which every combination of the grid gets; ``ways``: axes of how it is run
    (``dt``, ``method``), whose values are checked already; ``follow``, ``arms``: as for
    :func:`mgsim.sweep`; ``start``: where points begin.

    Raises
    ------
    AxisError
        An empty axis, one given twice, or one that some of the swept models lack.
    UnknownName, UnitError, PartError, EquationError
        As :func:`mgsim.system.lowering.lower` and :meth:`mgsim.Parameter.check`.
    """
    measures, given = tuple(measures), {n: plain(v) for n, v in given.items()}
    if np.ndim(seed):  # type: ignore[arg-type]
        given, seed = {**given, "seed": seed}, 0
    one_seed = int(seeds_of(seed))
    ways = ways or {}
    made = assemblies(model, given, design, arms, (*(follow or {}), *protocol.changes))
    later = start is not None and start.origin > 0
    known: dict[int, System] = {}  # by the model, which several arms may share
    variants = tuple(
        replace(v, labels={**v.labels, **dict(zip(ways, picks, strict=True))})
        for v in (_variant(one, protocol, measures, known, later) for one in made)
        for picks in itertools.product(*ways.values())
    )
    given = {**given, **({"arm": list(arms)} if arms else {}), **ways}
    labels = {n: list(dict.fromkeys(v.labels[n] for v in variants)) for n in variants[0].labels}
    inner = [n for n in labels if n not in given]
    labelled = (*(n for n in labels if n in given and is_many(given[n])), *inner)
    bare = Request(protocol, variants, Grid({}), {}, labelled, one_seed)
    axes: dict[str, Any] = {}
    fixed: dict[str, float] = {}
    for name, value in given.items():
        if name in labels:
            if name in labelled:
                axes[name] = np.array(labels[name], dtype=object)
            continue
        if isinstance(value, Prior):
            raise AxisError(
                f"'{name}' has a prior, which is drawn by a design: design=mg.designs.draws(256, "
                f"{name}=...)"
            )
        checked = numbers_of(name, value, bare)
        if checked.ndim:
            if len(np.unique(checked)) < checked.size:
                raise AxisError(f"axis '{name}' holds a value twice")
            axes[name] = checked
        elif name == "seed":
            one_seed = int(checked)
        else:
            fixed[name] = float(checked)
    grid: Design = Grid(axes)
    if design is not None:
        twice = set(given) & set(design.axes)
        if twice:
            raise AxisError(f"axis '{min(twice)}' is given twice")
        checked_design = design_of(design, bare, inner)
        grid = Product(grid, checked_design) if axes else checked_design
    follow = {**_seen_before(protocol, variants, {*axes, *fixed, *grid.axes}), **(follow or {})}
    request = Request(protocol, variants, grid, fixed, labelled, one_seed, start=start)
    request = _ruled(request, follow)
    _check_worked(request)
    request.check_start()
    request.check_order()
    if measures:
        request.check_window()
    warn(request)
    return request


def _seen_before(
    protocol: Protocol, variants: Sequence[Variant], given: Collection[str]
) -> dict[str, str]:
    """What a slot sees before the protocol changes it, where nothing says: what the others see."""
    found = {
        own: port
        for v in variants
        for part in v.model.parts
        for port, own in part.sees.items()
        if own in protocol.changes.keys() - given and part[own].original is None
    }
    for own, port in found.items():
        if not all(port in {p.name for p in v.system.parameters} for v in variants):
            raise AxisError(
                f"protocol '{protocol.name}' changes '{own}', and '{port}' is no parameter that "
                f"it could follow before: give {own}=... with the run"
            )
    return found


def _variant(
    one: Assembly,
    protocol: Protocol,
    measures: tuple[Measure, ...],
    known: dict[int, System],
    later: bool,
) -> Variant:
    try:
        if id(one.model) not in known:
            known[id(one.model)] = lower(one.model, protocol, measures, later=later)
        return Variant(one.labels, one.model, known[id(one.model)], one.arm, one.parts)
    except PartError as error:
        gone = {p.name: p for s, p in one.start.slots.items() if s not in one.model.slots}
        if not gone:
            raise
        raise PartError(
            "; ".join(
                [
                    str(error),
                    *(
                        f"'{p.name}' filled {' and '.join(p.slots)} and is gone as a whole"
                        for p in gone.values()
                    ),
                ]
            )
        ) from None


def _ruled(request: Request, follow: Mapping[str, str]) -> Request:
    """The request with the rules of each variant."""
    variants = request.variants
    arms: list[dict[str, float]] = []
    for v in variants:
        same = replace(
            request,
            variants=tuple(o for o in variants if o.labels.get("arm") == v.labels.get("arm")),
        )
        arms.append({n: _set_by_arm(n, x, same) for n, x in v.arm.items()})
    axes = {n: x for n, x in request.axes.items() if n not in request.labelled}
    setting = derived.Setting(
        [request.parameters(v) for v in variants],
        arms,
        axes,
        request.fixed,
        follow,
        lambda: {p.name for part in every() for p in part.parameters},
    )
    rules = setting.checked()
    timed = frozenset().union(*map(reads, request.bounds.values()))
    for name in sorted(timed):
        if any(name in r for r in rules):
            raise AxisError(
                f"the measuring window of protocol '{request.protocol.name}' follows '{name}', "
                "which must then be one number or an axis"
            )
    return replace(
        request,
        variants=tuple(replace(v, rules=r) for v, r in zip(variants, rules, strict=True)),
        unit_of=setting.unit_of(),
    )


def _set_by_arm(name: str, value: Any, request: Request) -> float:
    """The number that an arm sets a parameter to; of a request of that arm alone."""
    if name in request.axes and name not in request.priors:
        raise AxisError(f"'{name}' is an axis, and an arm sets it; leave one of the two")
    checked = numbers_of(name, value, request)
    if checked.ndim:
        raise AxisError(f"an arm sets '{name}' to one number, not to {checked.size}")
    return float(checked)


def _check_worked(request: Request) -> None:
    """Refuse what is drawn or worked out where some point could not have it."""
    for name, prior in request.priors.items():
        drawn = designs.along(request.design, {name})
        points = np.arange(min(designs.size(drawn), MOST_TRIED))
        values = drawn.columns(points)[name]
        bad = ~np.isfinite(values) | ((values <= 0) & bool(prior.scales))
        if bad.any():
            value = values[np.argmax(bad)]
            why = "a factor must be above 0" if prior.scales else "it must be finite"
            raise AxisError(
                f"'{name}' ({prior.told()}) is {value:g} and the like in {bad.sum():,} of "
                f"{len(values):,} points; {why}"
            )
    for variant in apart(request):
        own = request.parameters(variant)
        for name, values in request.tried(variant, request.ruled(variant)).items():
            try:
                own[name].check(values)
            except units.UnitError as error:
                raise AxisError(f"{error} ({how(variant, name)})") from None
