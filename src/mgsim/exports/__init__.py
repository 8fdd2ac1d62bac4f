"""Models and block laws as text for other simulators: NEURON, NeuroML 2, Brian2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mgsim import units
from mgsim.catalog import expect, unknown
from mgsim.component import Component
from mgsim.exports import laws
from mgsim.exports.neuroml import neuroml
from mgsim.exports.words import ExportError

__all__ = ["FORMATS", "ExportError", "export"]


def export(law: Component, to: str, **values: Any) -> str:
    """A law as text for another simulator.

    Parameters
    ----------
    law : a part with an algebraic ``unblocked`` of the potential and magnesium.
    to : ``"neuron"`` (a complete mod file), ``"neuroml"`` (a document with a synapse, where the
        law has the exponential form of its blockMechanism) or ``"brian2"`` (equations).
    values : of its parameters, of ``celsius`` and of ``mg_out``, in display units.

    Raises
    ------
    UnknownName
        For an unknown format.
    ExportError
        For a part that the format cannot hold.

    Examples
    --------
    >>> import mgsim as mg
    >>> print(export(mg.blocks["jahr_stevens_1990"], "neuroml").splitlines()[-4].strip())
    scalingConc="3.57 mM" scalingVolt="16.12903226 mV"/>
    """
    expect(Component, law, "mg.blocks['kampa_2004']")
    if to not in FORMATS:
        raise unknown("format", to, FORMATS)
    more = {"mg": units.one(values.pop("mg_out"), "mM", "mg_out")} if "mg_out" in values else {}
    return FORMATS[to](laws.checked(law, values), **more)


#: A law by format.
FORMATS: dict[str, Callable[..., str]] = {
    "neuron": laws.neuron,
    "neuroml": neuroml,
    "brian2": laws.brian2,
}
