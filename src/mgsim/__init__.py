"""Magnesium block of NMDA receptors: models, sweeps, figures.

Everything public is loaded when first used, so that ``import mgsim`` stays fast. Two functions
have modules of their own: ``from mgsim.export import export`` (a block law for other simulators)
and ``from mgsim.validate import run`` (numbers of the literature).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Parameter": "parameter",
    "Port": "ports",
    "Component": "component",
    "Scheme": "kinetics",
    "Model": "model",
    "Protocol": "model",
    "Measure": "model",
    "Train": "model",
    "Experiment": "experiment",
    "figure": "figures",
    "at": "places",
    "lower": "system",
    "simulate": "sweeps.run",
    "sweep": "sweeps.run",
    "open_sweep": "sweeps.opened",
    "cite": "references",
    "check": "check",
    "read_data": "analysis.measured",
    "fit": "analysis.fit",
}
_CATALOGS = {
    "blocks": "blocks",
    "receptors": "receptors",
    "neurons": "neurons",
    "calcium": "calcium",
    "baths": "bath",
    "models": "models",
    "protocols": "protocols",
    "measures": "measures",
    "experiments": "experiments",
    "figures": "figures",
    "designs": "sweeps.designs",
}
__all__ = ["__version__", *_CATALOGS, *_HOME]


def __getattr__(name: str) -> Any:
    if name in _CATALOGS:
        found: Any = importlib.import_module(f"mgsim.{_CATALOGS[name]}")
    elif name in _HOME:
        found = getattr(importlib.import_module(f"mgsim.{_HOME[name]}"), name)
    else:
        hint = f": write 'from mgsim.{name} import {name}'" if name == "export" else ""
        raise AttributeError(f"module 'mgsim' has no attribute '{name}'{hint}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if TYPE_CHECKING:
    from mgsim.analysis.fit import fit as fit
    from mgsim.analysis.measured import read_data as read_data
    from mgsim.catalog import Catalog

    blocks: Catalog
    receptors: Catalog
    neurons: Catalog
    calcium: Catalog
    baths: Catalog
    models: Catalog
    protocols: Catalog
    measures: Catalog
    experiments: Catalog
    figures: Catalog

    from mgsim.check import check as check
    from mgsim.component import Component as Component
    from mgsim.experiment import Experiment as Experiment
    from mgsim.figures import figure as figure
    from mgsim.kinetics import Scheme as Scheme
    from mgsim.model import Measure as Measure
    from mgsim.model import Model as Model
    from mgsim.model import Protocol as Protocol
    from mgsim.model import Train as Train
    from mgsim.parameter import Parameter as Parameter
    from mgsim.places import at as at
    from mgsim.ports import Port as Port
    from mgsim.references import cite as cite
    from mgsim.sweeps.opened import open_sweep as open_sweep
    from mgsim.sweeps.run import simulate as simulate
    from mgsim.sweeps.run import sweep as sweep
    from mgsim.system import lower as lower
