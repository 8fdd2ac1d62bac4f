"""Points of a model, each with its own parameter values, through one engine and one kernel."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

import mgsim as mg
from mgsim import units
from mgsim.compose.finding import every
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError
from mgsim.engines import asked
from mgsim.engines.brian import BrianEngine
from mgsim.engines.contract import Batch, Engine, Options, Outcome
from mgsim.engines.fused import FusedEngine
from mgsim.sweeps.resolving.resolve import resolve
from mgsim.system.lowering import System

#: Options of a pytest that a test starts: with the plugins that tests need and no other, which take
#: longer to load than most such runs (see PYTEST_DISABLE_PLUGIN_AUTOLOAD).
LEAN = ("-o", "addopts=--mpl", "-p", "pytest_mpl.plugin", "-p", "pytest_timeout")
FUSED, BRIAN = FusedEngine(), BrianEngine("numpy")
Rows = Sequence[Mapping[str, float]]


def batch(
    model: Model,
    protocol: Protocol,
    measures: Iterable[Measure] = (),
    rows: Rows = ({},),
    seed: int = 0,
) -> tuple[System, Batch]:
    """The system, and a batch with one point a row; a row holds values in display units."""
    request = resolve(model, protocol, measures, seed, {})
    (variant,) = request.variants
    base = request.batch(variant)
    columns = dict(base.columns)
    for p in variant.system.parameters:
        if any(p.name in row for row in rows):
            values = [row.get(p.name, columns[p.name] / units.unit(p.unit).factor) for row in rows]
            columns[p.name] = np.array(values, dtype=float) * units.unit(p.unit).factor
    trains = {
        event: replace(t, of_point=np.zeros(len(rows), dtype=np.int64))
        for event, t in base.trains.items()
    }
    return variant.system, replace(base, size=len(rows), columns=columns, trains=trains)


def run(
    engine: Engine,
    model: Model,
    protocol: Protocol,
    measures: Iterable[Measure] = (),
    rows: Rows = ({},),
    *,
    dt: float = 0.05,
    method: str = "rk4",
    seed: int = 0,
    **options: object,
) -> Outcome:
    """Run every row; ``dt`` in ms."""
    system, points = batch(model, protocol, measures, rows, seed)
    duration = protocol.duration * 1e-3
    chosen = Options(dt=dt * 1e-3, duration=duration, method=method, **options)  # type: ignore[arg-type]
    return asked.conclude(system, points.columns, engine.run(system, points, chosen))


def unblocked(law: Component, rows: Rows) -> np.ndarray:
    """What a law leaves at each row's ``v_hold`` and ``mg_out``, by numpy; 22 degC if it asks."""
    warmth = {"celsius": 22} if "celsius" in law.requires else {}
    points = [{"v": row["v_hold"], "mg_out": row["mg_out"], **warmth} for row in rows]
    return np.array([float(law.evaluate("unblocked", **point)) for point in points])


def model_of(*parts: Component, name: str = "made_for_a_test") -> Model:
    """A model of these parts."""
    return Model(name, parts)


#: Parts that stand on one membrane, and those that are made to stand at a place of a model.
PARTS = tuple(p for p in every() if p not in mg.compartments.own.values())
PLACED = tuple(
    (p, next(q for q in mg.models["spine"].parts if q.name.startswith(f"{p.name} at ")))
    for p in mg.compartments.own.values()
)


def complete(model: Model, protocol: Protocol) -> Model | None:
    """The model with catalog parts for what it lacks: ports that it reads, or readers of one.

    None where none fits, or where a number is in another unit than a word that a part declares.
    """
    words = {w.name: w.unit for part in model.parts for w in part.ports}
    if any(words.get(p.name, p.unit) != p.unit for part in model.parts for p in part.parameters):
        return None
    for _ in range(5):
        try:
            mg.lower(model, protocol, [])
            return model
        except PartError as error:
            lacking = re.search(r"reads '(\w+)'|gives to '(\w+)'", str(error))
            fitting = [
                p
                for p in PARTS
                if lacking
                and (lacking[1] in {*p.provides, *p} or lacking[2] in p.requires)
                and not set(p.slots) & set(model.slots)
            ]
            if not fitting:
                return None
            model = model.swap(fitting[0])
    return None


def at_home(model: Model, part: Component) -> Model:
    """The model at the temperature that a part of it states, which a swap leaves alone."""
    own = [p.value for p in part.parameters if p.name == "celsius"]
    return model.with_values(celsius=own[0]) if own else model
