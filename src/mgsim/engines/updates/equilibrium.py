"""The equilibrium of a linear kinetic scheme, for starts and for analyses without a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import PartError

Array = np.ndarray


def generator(scheme: Scheme, read: Callable[[str], Any]) -> Array:
    """Rates between states in 1/s, ``[..., i, j]`` from state i to state j; rows sum to 0.

    ``read``: the value of a rate's expression in SI.
    """
    rates = np.broadcast_arrays(*(np.asarray(read(r), dtype=float) for r in scheme.rates))
    places = {s: i for i, s in enumerate(scheme.states)}
    n = len(places)
    found = np.zeros((*(rates[0].shape if rates else ()), n, n))
    for k, (start, end, _, _) in enumerate(scheme.transitions):
        i, j = places[start], places[end]
        found[..., i, j] += rates[2 * k]
        found[..., j, i] += rates[2 * k + 1]
    diagonal = np.arange(n)
    found[..., diagonal, diagonal] = -found.sum(axis=-1)
    return found


def stationary(rates: Array) -> tuple[Array, Array]:
    """Occupancies that do not change, by elimination without subtraction.

    After Grassmann, Taksar & Heyman (1985): no digits are lost however far apart the rates are. A
    state that leads to none of those left is kept, so that states which empty come out as 0.

    Parameters
    ----------
    rates : as of :func:`generator`; zeros may differ between points.

    Returns
    -------
    Occupancies ``[..., i]``, NaN where there is no single answer; and whether state i was left, as
    exactly one is where there is. Several are ends that do not lead to one another, or states
    whose rates are no finite numbers from 0.
    """
    shape, n = rates.shape[:-1], rates.shape[-1]
    q = np.where(np.eye(n, dtype=bool), 0.0, rates).reshape(-1, n, n)
    sound = np.all(np.isfinite(q) & (q >= 0), axis=(1, 2))
    order = np.tile(np.arange(n), (len(q), 1))
    single = sound.copy()
    kept = np.ones((len(q), n), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(n - 1, 0, -1):
            leaving = q[:, k, :k].sum(axis=1)
            stuck = np.flatnonzero(single & ~(leaving > 0))  # keep that state, and take another
            if stuck.size:
                rest = q[stuck, : k + 1, : k + 1] * ~np.eye(k + 1, dtype=bool)
                able = rest.sum(axis=-1) > 0
                single[stuck[~able.any(axis=1)]] = False
                swap = np.tile(np.arange(n), (len(stuck), 1))
                swap[:, k] = k - np.argmax(able[:, ::-1], axis=1)
                np.put_along_axis(swap, swap[:, k, None], k, axis=1)
                order[stuck] = np.take_along_axis(order[stuck], swap, axis=1)
                q[stuck] = q[stuck[:, None, None], swap[:, :, None], swap[:, None, :]]
                leaving[stuck] = q[stuck, k, :k].sum(axis=1)
            kept[np.flatnonzero(single), order[single, k]] = False
            share = np.where(leaving[:, None] > 0, q[:, :k, k] / leaving[:, None], 0.0)
            q[:, :k, k] = share
            q[:, :k, :k] += share[:, :, None] * q[:, k, None, :k]
        occupancy = np.zeros((len(q), n))
        occupancy[:, 0] = 1.0
        for k in range(1, n):
            weight = (occupancy[:, :k] * q[:, :k, k]).sum(axis=1)
            occupancy[:, k] = weight
            occupancy[:, : k + 1] /= (1 + weight)[:, None]
    found = np.full((len(q), n), np.nan)
    np.put_along_axis(found, order, np.where(single[:, None], occupancy, np.nan), axis=1)
    return found.reshape(shape), kept.reshape(shape)


def equilibrium(scheme: Scheme, rates: Array, where: str = "") -> dict[str, Array]:
    """The occupancies by state.

    Raises
    ------
    PartError
        Where at some point there is no single equilibrium: with the states that it could end in.
    """
    occupancy, left = stationary(rates)
    lost = np.isnan(occupancy).any(axis=-1)
    if np.any(lost):
        off = np.where(np.eye(len(scheme.states), dtype=bool), 0.0, rates)[lost][0]
        ends = [s for s, x in zip(scheme.states, left[lost][0], strict=True) if x]
        many = f" at {int(lost.sum())} of {lost.size} points" if lost.size > 1 else ""
        if not np.all(np.isfinite(off) & (off >= 0)):
            raise PartError(
                f"{where}the scheme of {', '.join(scheme.states)} has no "
                f"equilibrium{many}: a rate is negative or not finite"
            )
        raise PartError(
            f"{where}the scheme of {', '.join(scheme.states)} has no single "
            f"equilibrium{many}: what is in {' or in '.join(ends)} does not lead to "
            "the others, so that the rest depends on where it began"
        )
    return {s: occupancy[..., i] for i, s in enumerate(scheme.states)}
