"""Magnesium block of NMDA receptors: models, sweeps, figures.

Everything public is loaded when first used, so that ``import mgsim`` stays fast.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from mgsim.catalogs import CATALOGS, KeepsCatalogs
from mgsim.version import __version__

_HOME = {
    "Parameter": "declare.parameter",
    "Port": "declare.ports",
    "Event": "declare.events",
    "Component": "declare.component",
    "Scheme": "declare.kinetics",
    "assemble": "compose.assembly",
    "by_source": "measures",
    "Model": "compose.model",
    "Protocol": "compose.protocol",
    "Measure": "compose.measure",
    "Train": "compose.protocol",
    "Prior": "declare.priors",
    "Experiment": "runs.experiment",
    "figure": "figures",
    "at": "compose.places",
    "lower": "system.lowering",
    "simulate": "runs.simulate",
    "sweep": "runs.sweep",
    "threshold": "runs.sweep",
    "open_sweep": "store.opening",
    "cite": "report.citing",
    "methods": "report.methods",
    "parameters": "sweeps.result.parameters",
    "check": "checks",
    "validate": "validation",
    "export": "exports",
    "read_data": "analysis.measured",
    "fit": "analysis.fit",
    "Shapley": "analysis.shapley",
    "dose_to_neuron": "doses.neuron",
}
#: Public modules.
_MODULES = {"designs": "sweeps.designs", "changes": "declare.changes", "doses": "doses"}
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


globals().update(CATALOGS)
sys.modules[__name__].__class__ = KeepsCatalogs

if TYPE_CHECKING:
    from mgsim import doses as doses
    from mgsim.analysis.fit import fit as fit
    from mgsim.analysis.measured import read_data as read_data
    from mgsim.analysis.shapley import Shapley as Shapley
    from mgsim.catalogs import *  # noqa: F403
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
    from mgsim.exports import export as export
    from mgsim.figures import figure as figure
    from mgsim.measures import by_source as by_source
    from mgsim.report.citing import cite as cite
    from mgsim.report.methods import methods as methods
    from mgsim.runs.experiment import Experiment as Experiment
    from mgsim.runs.simulate import simulate as simulate
    from mgsim.runs.sweep import sweep as sweep
    from mgsim.runs.sweep import threshold as threshold
    from mgsim.store.opening import open_sweep as open_sweep
    from mgsim.sweeps import designs as designs
    from mgsim.sweeps.result.parameters import parameters as parameters
    from mgsim.system.lowering import lower as lower
    from mgsim.validation import validate as validate
