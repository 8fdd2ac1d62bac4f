"""A block law as a NeuroML 2 document: a synapse with a blockMechanism."""

from __future__ import annotations

import math
import warnings
from xml.sax.saxutils import escape

import numpy as np

from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import PORTS, ExtrapolationWarning
from mgsim.exports import words
from mgsim.exports.words import ExportError
from mgsim.parts.receptors.dual_exponential import dual_exponential
from mgsim.parts.receptors.nmda import nmda


def exponential_form(law: Component) -> tuple[float, float]:
    """(mM, mV) of ``1/(1 + [Mg]/conc exp(-v/volt))``.

    Raises
    ------
    ExportError
        When the law does not have that form.
    """
    v, mg = np.linspace(-80.0, 40.0, 25)[:, None], np.array([0.01, 0.3, 1.0, 10.0])[None, :]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExtrapolationWarning)
            b = law.evaluate("unblocked", v=v, mg_out=mg)
    except PartError as error:
        raise ExportError(str(error)) from None
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log((1 / b - 1) / mg)
    slope, offset = (
        np.polyfit(v[:, 0], ratio[:, 2], 1) if np.all(np.isfinite(ratio)) else (0.0, math.nan)
    )
    if slope >= 0 or not np.allclose(ratio, offset + slope * v, atol=1e-6):
        raise ExportError(
            f"'{law.name}' is not of the form 1/(1 + [Mg]/conc exp(-v/volt)), the "
            "only one that NeuroML's blockMechanism has"
        )
    return math.exp(-float(offset)), -1.0 / float(slope)


def neuroml(law: Component, mg: float = 1.0) -> str:
    """A document with one blockingPlasticSynapse; the magnesium of its block is ``mg`` (mM)."""
    conc, volt = exponential_form(law)
    own = {p.name: p for p in law.parameters}
    stated = own.get("celsius", PORTS["celsius"].default)
    warm = stated is not None and "celsius" in {*law.requires, *own}
    held = f" Its constants hold at {stated.value:g} degC." if stated and warm else ""
    told = [
        *words.about(law),
        "The open fraction is 1/(1 + blockConcentration/scalingConc exp(-v/scalingVolt)); set "
        f"blockConcentration to the free magnesium.{held}",
        "The synapse about it is a plain one: gbase, erev and the time constants are the defaults "
        f"of mgsim's '{nmda.name}' and '{dual_exponential.name}', and its gating is NeuroML's "
        "difference of exponentials, which saturates nowhere.",
        "not exported: the temperature as a variable, and in which ranges values are plausible or "
        "were measured",
    ]
    notes = "\n".join(f"            {escape(line)}" for line in words.lines(told))
    given = {
        p.name: f"{p.value:.10g} {p.unit}" for p in (*nmda.parameters, *dual_exponential.parameters)
    }
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<neuroml xmlns="http://www.neuroml.org/schema/neuroml2"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.neuroml.org/schema/neuroml2 \
https://raw.githubusercontent.com/NeuroML/NeuroML2/master/Schemas/NeuroML2/NeuroML_v2.3.xsd"
    id="mg_{law.name}">
    <blockingPlasticSynapse id="nmda_{law.name}" gbase="{given["g_nmda"]}" \
erev="{given["e_nmda"]}"
        tauRise="{given["tau_rise_nmda"]}" tauDecay="{given["tau_decay_nmda"]}">
        <notes>
{notes}
        </notes>
        <blockMechanism type="voltageConcDepBlockMechanism" species="mg"
            blockConcentration="{mg:.10g} mM"
            scalingConc="{conc:.10g} mM" scalingVolt="{volt:.10g} mV"/>
    </blockingPlasticSynapse>
</neuroml>
"""
