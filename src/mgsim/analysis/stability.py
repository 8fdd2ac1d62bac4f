"""Whether a state that a model rests in is stable: the eigenvalues of its Jacobian."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.parameter import PartError
from mgsim.engines.algebra import follow
from mgsim.system.lowering import lower


def eigenvalues(
    model: Model, protocol: Protocol, states: Mapping[str, float], *, time: float = 0.0
) -> np.ndarray:
    """Eigenvalues of the Jacobian of all states at a point, by central differences.

    Parameters
    ----------
    states : every state of the model in display units, as ``simulate`` records them; occupancies
        of a scheme among them.
    time : in ms, for what depends on it.

    Returns
    -------
    Complex, in 1/s, the largest real part first; one of each kinetic scheme is 0, as its
    occupancies sum to 1. Where a pair's real part is above 0, the state is left, growing by
    oscillations of its imaginary part (rad/s).

    Raises
    ------
    UnknownName, PartError
        For a state that the model does not have, and one that is not given.
    """
    system = lower(model, protocol, ())
    names = system.state_names
    for name in states:
        if name not in names:
            raise unknown("state", name, names, f"model '{model.name}'")
    if missing := [n for n in names if n not in states]:
        raise PartError(f"a state of model '{model.name}' is not given: {', '.join(missing)}")
    equations = system.recordable
    factor = np.array([units.unit(equations[n].unit).factor for n in names])
    at = np.array([float(states[n]) for n in names]) * factor
    width = 1e-6 * np.maximum(np.abs(at), 1e-3 * factor)
    columns = {p.name: np.asarray(p.si) for p in system.parameters}

    points = at[:, None] + np.hstack([np.diag(width), -np.diag(width)])
    known = {**columns, **dict(zip(names, points, strict=True)), "t": time * 1e-3}
    read = follow(system, known)
    shape = points.shape[1]
    rates = np.array([np.broadcast_to(read(equations[n].text), shape) for n in names])
    n = len(names)
    jacobian = (rates[:, :n] - rates[:, n:]) / (2 * width)
    scaled = jacobian * factor[None, :] / factor[:, None]
    found = np.linalg.eigvals(scaled)
    return found[np.argsort(-found.real)]
