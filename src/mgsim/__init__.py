"""Magnesium block of NMDA receptors: models, sweeps, figures.

Everything public is loaded when first used, so that ``import mgsim`` stays fast.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

from mgsim.catalogs import CATALOGS
from mgsim.version import __version__

_HOME = {
    "Parameter": "parameter",
    "Port": "ports",
    "Event": "events",
    "Component": "component",
    "Scheme": "kinetics",
    "assemble": "assembly",
    "by_source": "measures",
    "Model": "model",
    "Protocol": "protocol",
    "Measure": "measure",
    "Train": "protocol",
    "Prior": "priors",
    "Experiment": "experiment",
    "figure": "figures",
    "at": "places",
    "lower": "system",
    "simulate": "runs.simulate",
    "sweep": "runs.sweep",
    "threshold": "runs.sweep",
    "open_sweep": "store.opening",
    "cite": "citing",
    "methods": "report.methods",
    "parameters": "results",
    "check": "checks",
    "validate": "validation",
    "export": "exports",
    "read_data": "analysis.measured",
    "fit": "analysis.fit",
    "Shapley": "analysis.shapley",
    "dose_to_neuron": "doses.neuron",
}
#: Public modules.
_MODULES = {"designs": "sweeps.designs", "changes": "changes", "doses": "doses"}
__all__ = ["__version__", *CATALOGS, *_MODULES, *_HOME]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        found: Any = importlib.import_module(f"mgsim.{_MODULES[name]}")
    elif name in _HOME:
        found = getattr(importlib.import_module(f"mgsim.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module 'mgsim' has no attribute '{name}'")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(types.ModuleType):
    """Keeps ``mgsim.blocks`` the catalog when the folder of that name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in CATALOGS and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


globals().update(CATALOGS)
sys.modules[__name__].__class__ = _Package

if TYPE_CHECKING:
    from mgsim import changes as changes
    from mgsim import doses as doses
    from mgsim.analysis.fit import fit as fit
    from mgsim.analysis.measured import read_data as read_data
    from mgsim.analysis.shapley import Shapley as Shapley
    from mgsim.assembly import assemble as assemble
    from mgsim.catalogs import *  # noqa: F403
    from mgsim.checks import check as check
    from mgsim.citing import cite as cite
    from mgsim.component import Component as Component
    from mgsim.doses.neuron import dose_to_neuron as dose_to_neuron
    from mgsim.events import Event as Event
    from mgsim.experiment import Experiment as Experiment
    from mgsim.exports import export as export
    from mgsim.figures import figure as figure
    from mgsim.kinetics import Scheme as Scheme
    from mgsim.measure import Measure as Measure
    from mgsim.measures import by_source as by_source
    from mgsim.model import Model as Model
    from mgsim.parameter import Parameter as Parameter
    from mgsim.places import at as at
    from mgsim.ports import Port as Port
    from mgsim.priors import Prior as Prior
    from mgsim.protocol import Protocol as Protocol
    from mgsim.protocol import Train as Train
    from mgsim.report.methods import methods as methods
    from mgsim.results import parameters as parameters
    from mgsim.runs.simulate import simulate as simulate
    from mgsim.runs.sweep import sweep as sweep
    from mgsim.runs.sweep import threshold as threshold
    from mgsim.store.opening import open_sweep as open_sweep
    from mgsim.sweeps import designs as designs
    from mgsim.system import lower as lower
    from mgsim.validation import validate as validate
