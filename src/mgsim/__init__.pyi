"""Made from the package by make tables: what editors and type checkers see of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import xarray as xr

if TYPE_CHECKING:  # so that mypy, in a circle of imports, reads this file before the others
    from mgsim import doses as doses
    from mgsim.analysis.fit import fit as fit
    from mgsim.analysis.measured import read_data as read_data
    from mgsim.analysis.shapley import Shapley as Shapley
    from mgsim.body.stage import Stage
    from mgsim.catalogs.catalog import Catalog
    from mgsim.checks import check as check
    from mgsim.compose.assembly import assemble as assemble
    from mgsim.compose.measure import Measure as Measure
    from mgsim.compose.model import Model as Model
    from mgsim.compose.places import at as at
    from mgsim.compose.protocol import Protocol as Protocol
    from mgsim.compose.protocol import Train as Train
    from mgsim.declare import changes as changes
    from mgsim.declare.component import Component as Component
    from mgsim.declare.events import Event as Event
    from mgsim.declare.kinetics import Scheme as Scheme
    from mgsim.declare.parameter import Parameter as Parameter
    from mgsim.declare.ports import Port as Port
    from mgsim.declare.priors import Prior as Prior
    from mgsim.doses.neuron import dose_to_neuron as dose_to_neuron
    from mgsim.engines.contract import Engine
    from mgsim.exports import export as export
    from mgsim.figures import figure as figure
    from mgsim.figures.declare import Figure
    from mgsim.judging.claim import Claim
    from mgsim.measures import by_source as by_source
    from mgsim.report.citing import cite as cite
    from mgsim.report.methods import methods as methods
    from mgsim.runs.experiment import Experiment as Experiment
    from mgsim.salts import Salt
    from mgsim.store.opening import open_sweep as open_sweep
    from mgsim.sweeps import designs as designs
    from mgsim.sweeps.designs import Design
    from mgsim.sweeps.prepare import Measures
    from mgsim.sweeps.result.parameters import parameters as parameters
    from mgsim.system.lowering import lower as lower
    from mgsim.validation import validate as validate

__version__: str
blocks: Catalog[Component]
receptors: Catalog[Component]
neurons: Catalog[Component]
compartments: Catalog[Component]
channels: Catalog[Component]
calcium: Catalog[Component]
mechanisms: Catalog[Component]
homeostasis: Catalog[Component]
baths: Catalog[Component]
models: Catalog[Model]
protocols: Catalog[Protocol]
measures: Catalog[Measure]
experiments: Catalog[Experiment]
figures: Catalog[Figure]
claims: Catalog[Claim]
salts: Catalog[Salt]
body: Catalog[Stage]

def simulate(
    model: Model | str,
    protocol: Protocol | str,
    /,
    *,
    record: Iterable[str] = ("v", "ca"),
    design: Design | None = None,
    follow: Mapping[str, str] | None = None,
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    start: Any = None,
    fresh: Sequence[str] | str = (),
    keep_state: bool = False,
    engine: str | Engine | None = None,
    seed: int | Iterable[int] = 0,
    dt: float | str | None = None,
    method: str = "rk4_local",
    precision: Literal["float64", "float32"] = "float64",
    every: int = 1,
    threads: int = 0,
    progress: bool | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    **values: Any,
) -> xr.Dataset: ...
def sweep(
    model: Model | str,
    protocol: Protocol | str,
    measures: Measures = None,
    /,
    *,
    design: Design | None = None,
    follow: Mapping[str, str] | None = None,
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    start: Any = None,
    fresh: Sequence[str] | str = (),
    keep_state: bool = False,
    engine: str | Engine | None = None,
    seed: int | Iterable[int] = 0,
    dt: float | str | None = None,
    method: str = "rk4_local",
    precision: Literal["float64", "float32"] = "float64",
    threads: int = 0,
    progress: bool | None = None,
    out: str | Path | None = None,
    large: bool = False,
    batch: int | None = None,
    client: Any = None,
    rerun_failed: bool = False,
    single_writer: bool = False,
    converge: bool = False,
    overwrite: bool = False,
    **axes: Any,
) -> xr.Dataset: ...
def threshold(
    model: Model | str,
    protocol: Protocol | str,
    /,
    *,
    axis: str,
    measure: Measure | str,
    level: Any,
    between: Sequence[Any],
    to: Any,
    spacing: Literal["linear", "log"] = "linear",
    looks: int = 9,
    design: Design | None = None,
    follow: Mapping[str, str] | None = None,
    arms: Mapping[str, Mapping[str, Any]] | None = None,
    start: Any = None,
    fresh: Sequence[str] | str = (),
    keep_state: bool = False,
    engine: str | Engine | None = None,
    seed: int | Iterable[int] = 0,
    dt: float | str | None = None,
    method: str = "rk4_local",
    precision: Literal["float64", "float32"] = "float64",
    threads: int = 0,
    progress: bool | None = None,
    out: str | Path | None = None,
    large: bool = False,
    batch: int | None = None,
    client: Any = None,
    rerun_failed: bool = False,
    single_writer: bool = False,
    overwrite: bool = False,
    **options: Any,
) -> xr.Dataset: ...
