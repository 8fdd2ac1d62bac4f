"""The fraction of the NMDA conductance that a block law or kinetic scheme leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mgsim.analysis import schemes
from mgsim.analysis.measured import Data, DataError
from mgsim.declare.component import Component
from mgsim.engines.updates.equilibrium import stationary
from mgsim.equations import expressions
from mgsim.parts.blocks import without_magnesium

Array = np.ndarray
#: Glutamate (mM) under which a scheme is measured unless the user says otherwise: saturating.
GLUTAMATE = 1.0


def fraction(law: Component, data: Data, values: Mapping[str, Any]) -> Array:
    """Conductance over that without magnesium, at each point of the data.

    An algebraic law gives it at once; for currents its unblocked fraction is taken as it is, of the
    largest conductance that the law knows. A scheme in which magnesium binds gives it in lasting
    agonist: at equilibrium, or, where the data hold times, on the way there after a step of the
    potential.

    Parameters
    ----------
    law : a part that provides ``unblocked``.
    data : potentials, magnesium, and times if any; n points.
    values : further inputs and parameters of the law, display units.

    Returns
    -------
    n fractions.
    """
    if not _states_read(law):
        found = law.evaluate("unblocked", **values, v=data.v, mg_out=data.mg)
        if data.kind == "unblocked":  # measured over the conductance at zero magnesium
            found = found / without_magnesium(law, **values, v=data.v)
        return found
    # Without magnesium, as measured, and before the step: all at once, which is what takes time.
    before = data.v if data.v_before is None else data.v_before
    at = {
        **values,
        "v": np.stack([data.v, data.v, before]),
        "mg_out": np.stack([0 * data.mg, data.mg, data.mg]),
    }
    states: dict[str, Array] = {}
    for scheme in law.kinetics:
        rates = schemes.generator(law, scheme, **at)
        occupancy, _ = stationary(rates)
        if data.t is not None:
            occupancy[1] = schemes.propagated(rates[1], occupancy[2], data.t * 1e-3)
        states |= {s: occupancy[..., i] for i, s in enumerate(scheme.states)}
    open_nmda, unblocked = law.calculate(("open_nmda", "unblocked"), **at, **states)
    conducting = open_nmda * unblocked
    ratio: Array = conducting[1] / conducting[0]
    return ratio


def surroundings(law: Component, given: Mapping[str, float]) -> dict[str, float]:
    """What a scheme needs besides potential and magnesium, where ``given`` does not say it.

    Saturating glutamate, and the temperature at which the scheme's rates hold, so that fitted
    rates are those of the measurement.

    Raises
    ------
    DataError
        For a part that gives no unblocked fraction that depends on magnesium, or one that follows
        from states outside a linear kinetic scheme.
    """
    if "unblocked" not in law.provides or "mg_out" not in law.requires:
        raise DataError(
            f"'{law.name}' is no block law that gives an unblocked fraction from the "
            "potential and magnesium, so it cannot be fitted"
        )
    states = _states_read(law)
    if not states <= {s for scheme in law.kinetics for s in scheme.states}:
        raise DataError(
            f"'{law.name}' gives an unblocked fraction that depends on "
            f"'{min(states)}', a state outside a linear kinetic scheme, so it cannot "
            "be fitted"
        )
    found = {"glu": GLUTAMATE} if states else {}
    measured_at = [p.value for p in law.parameters if p.name == "celsius_nmda"]
    if states and measured_at:
        found["celsius"] = measured_at[0]
    return {n: x for n, x in found.items() if n not in given}


def _states_read(law: Component) -> set[str]:
    """The states that the part's unblocked fraction follows from; none for an algebraic law."""
    lines = {e.name: e for e in law.lines}
    todo, seen = ["unblocked"], set()
    while todo:
        name = todo.pop()
        if name in lines and name not in seen:
            seen.add(name)
            if not lines[name].differential:
                todo += expressions.variables(lines[name].text)
    return {n for n in seen if lines[n].differential}
