"""Models and block laws as text for other simulators: NEURON, NeuroML 2, Brian2."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, overload

from mgsim import models, units
from mgsim.catalogs import look_up
from mgsim.catalogs.catalog import unknown
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.exports import brian, laws, neuron, runs
from mgsim.exports.neuroml import neuroml
from mgsim.exports.words import ExportError
from mgsim.protocols import read

__all__ = ["LAWS", "MODELS", "ExportError", "export"]


@overload
def export(what: Component, to: str, **values: Any) -> str: ...
@overload
def export(what: Model, to: Literal["brian2"], *, protocol: Protocol | str, **more: Any) -> str: ...
@overload
def export(
    what: Model, to: Literal["neuron"], *, protocol: Protocol | str, **more: Any
) -> dict[str, str]: ...
@overload
def export(what: Component | Model | str, to: str, **more: Any) -> str | dict[str, str]: ...


def export(
    what: Component | Model | str,
    to: str,
    *,
    protocol: Protocol | str | None = None,
    record: Iterable[str] | None = None,
    seed: int = 0,
    dt: float | str | None = None,
    method: str = "rk4",
    **values: Any,
) -> str | dict[str, str]:
    """A block law, or a run of a model, as text for another simulator.

    Parameters
    ----------
    what : a part with an algebraic ``unblocked`` of the potential and magnesium, or a model;
        itself or by name.
    to : of a law ``"neuron"`` (a complete mod file), ``"neuroml"`` (a document with a synapse,
        where the law has the exponential form of its blockMechanism) or ``"brian2"`` (equations);
        of a model ``"brian2"`` (a script that needs no mgsim) or ``"neuron"`` (a mod file with
        every part but the membrane, which is NEURON's own, and a Python script that runs it).
    protocol : what is done to the model.
    record : what the scripts trace, as of :func:`mgsim.simulate`.
    seed : of random trains, whose times are written out.
    dt, method : of Brian2's fixed step: ms, by default the largest up to 0.025 that suffices for
        the model's kinetic schemes, and ``"rk4"`` or ``"rk2"``. NEURON chooses its own steps.
    values : of parameters, in display units or as texts with a unit; of a law ``celsius`` and
        ``mg_out`` too; of a model also names of parts and models by slot.

    Returns
    -------
    The text; of a model for NEURON the texts by the names of their files.

    Raises
    ------
    UnknownName
        For an unknown format, parameter or variable.
    ExportError
        For what the format cannot hold.

    Examples
    --------
    >>> import mgsim as mg
    >>> print(export(mg.blocks["jahr_stevens_1990"], "neuroml").splitlines()[-3].strip())
    scalingConc="3.57 mM" scalingVolt="16.12903226 mV"/>
    >>> sorted(export(mg.models["cell"], "neuron", protocol=mg.protocols["current_step"]))
    ['cell_current_step.mod', 'cell_current_step.py']
    """
    if isinstance(what, str) and what in models:
        what = look_up(Model, what)
    if isinstance(what, Model):
        if to not in MODELS:
            raise unknown("format", to, MODELS, "a model")
        if protocol is None:
            raise TypeError("a model is exported with what is done to it: protocol=")
        if method not in brian.METHODS:
            raise unknown("method", method, brian.METHODS, "an export")
        given = None if dt is None else units.one(dt, "ms", "dt")
        run = runs.run_of(what, read(protocol), record, seed, given, method, values)
        return MODELS[to](run, given, method)
    what = look_up(Component, what)
    if to not in LAWS:
        raise unknown("format", to, LAWS)
    if protocol is not None:
        raise ExportError(f"'{what.name}' is a law, to which no protocol does anything")
    more = {"mg": units.one(values.pop("mg_out"), "mM", "mg_out")} if "mg_out" in values else {}
    return LAWS[to](laws.checked(what, values), **more)


#: What writes a law, and what writes a run of a model, by format.
LAWS: dict[str, Callable[..., str]] = {
    "neuron": laws.neuron,
    "neuroml": neuroml,
    "brian2": laws.brian2,
}
MODELS: dict[str, Callable[[runs.Run, float | None, str], str | dict[str, str]]] = {
    "neuron": neuron.files,
    "brian2": brian.brian2,
}
