"""Kinetic schemes without a run: occupancies at equilibrium, and on the way to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgsim import units
from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import PartError
from mgsim.engines.updates import equilibrium as rest

Array = np.ndarray


def equilibrium(part: Component, **values: Any) -> dict[str, Array]:
    """Occupancies of a part's kinetic schemes that do not change at these inputs.

    Parameters
    ----------
    part : a part with kinetic schemes, such as a gating scheme of receptors.
    values : its inputs and parameters in display units (``glu``, ``v``, ``mg_out``, ...); arrays
        broadcast. A summed port that is not given is empty.

    Returns
    -------
    Each state's occupancy, of the shape that the values broadcast to.

    Raises
    ------
    PartError
        A part without schemes, an input that is missing, or a scheme with two ends that do not
        lead to one another, whose rest depends on where it began.
    UnknownName, UnitError
        As :meth:`mgsim.Component.evaluate`.

    Examples
    --------
    >>> import mgsim as mg
    >>> o = equilibrium(mg.receptors["lester_jahr_1992"], glu=[0.001, 1.0], celsius=22)["o_nmda"]
    >>> o.round(3).tolist()
    [0.124, 0.276]
    """
    found: dict[str, Array] = {}
    for scheme in _schemes(part):
        rates = generator(part, scheme, **values)
        found |= rest.equilibrium(scheme, rates, f"part '{part.name}': ")
    return found


def relaxation(part: Component, t: Any, before: dict[str, Any], **after: Any) -> dict[str, Array]:
    """Occupancies a time after the inputs stepped.

    Parameters
    ----------
    part : a part with kinetic schemes.
    t : times since the step in ms, or quantities, from 0.
    before : what was otherwise before the step, long enough for equilibrium: ``{"v": -60}``.
    after : inputs from the step on, as for :func:`equilibrium`; ``t`` broadcasts with them.

    Returns
    -------
    Each state's occupancy, of the shape that times and values broadcast to.

    Raises
    ------
    PartError
        A time before the step, and as :func:`equilibrium`.
    """
    t = units.read(t, "ms", "t")
    if np.any(t < 0):
        raise PartError("t counts from the step, so it cannot be negative")
    first = equilibrium(part, **{**after, **before})
    found: dict[str, Array] = {}
    for scheme in _schemes(part):
        rates = generator(part, scheme, **after)
        start = np.stack(np.broadcast_arrays(*(first[s] for s in scheme.states)), axis=-1)
        moved = propagated(rates, start, t * 1e-3)
        found |= {s: moved[..., i] for i, s in enumerate(scheme.states)}
    return found


def _schemes(part: Component) -> tuple[Scheme, ...]:
    if not part.kinetics:
        raise PartError(f"part '{part.name}' has no kinetic scheme")
    return part.kinetics


def generator(part: Component, scheme: Scheme, **values: Any) -> Array:
    """Rates between states in 1/s, ``[..., i, j]`` from state i to state j; rows sum to 0."""
    rates = dict(zip(scheme.rates, part.calculate(scheme.rates, **values), strict=True))
    return rest.generator(scheme, rates.__getitem__)


def propagated(rates: Array, start: Array, t: Array) -> Array:
    """Occupancies ``start`` a time ``t`` (s) later, by the exponential of the rates."""
    from scipy.linalg import expm

    shape = np.broadcast_shapes(rates.shape[:-2], start.shape[:-1], t.shape)
    n = rates.shape[-1]
    rates = np.broadcast_to(rates, (*shape, n, n)).reshape(-1, n, n)
    start = np.broadcast_to(start, (*shape, n)).reshape(-1, n)
    times = np.broadcast_to(t, shape).reshape(-1)
    _, first, kind = np.unique(
        np.concatenate([rates.reshape(len(rates), -1), start], axis=1),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    kind = kind.reshape(-1)  # one decomposition for all points that differ in time alone
    values, vectors = np.linalg.eig(rates[first].swapaxes(-1, -2))
    whole = np.linalg.cond(vectors) < 1e8
    safe = np.where(whole[:, None, None], vectors, np.eye(n))
    weights = np.linalg.solve(safe, start[first].astype(complex)[..., None])[..., 0]
    grown = np.exp(times[:, None] * values[kind]) * weights[kind]
    found: Array = (safe[kind] @ grown[..., None])[..., 0].real
    for i in np.flatnonzero(~whole[kind]):  # the rates have no full set of eigenvectors there
        found[i] = expm(rates[i].T * times[i]) @ start[i]
    return found.reshape(*shape, n)
