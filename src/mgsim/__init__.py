"""Magnesium block of NMDA receptors: models, sweeps, figures.

Everything public is loaded when first used, so that ``import mgsim`` stays fast. What editors and
type checkers see is the stub beside this file.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

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
