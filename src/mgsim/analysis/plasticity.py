"""What a calcium rule makes of a pairing: times above its thresholds, and the change of strength.

The rule is that of Graupner & Brunel (2012) as in :mod:`mgsim.parts.mechanisms.calcium_rule`.
While it is driven, the efficacies of many synapses are close to Gaussian, so that the share that
ends UP has a closed form in the times above the thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mgsim.catalogs.catalog import unknown
from mgsim.parts.mechanisms.calcium_rule import CONSTANTS, Constants


def _constants(preparation: str) -> Constants:
    if preparation not in CONSTANTS:
        raise unknown("preparation", preparation, CONSTANTS, "the constants of the calcium rule")
    return CONSTANTS[preparation]


def time_above(
    times: Sequence[float], jumps: Sequence[float], period: float, tau: float, threshold: float
) -> float:
    """The time in a period during which calcium is above a threshold, by its exact crossings.

    Parameters
    ----------
    times : ms in [0, period); at each calcium jumps, then decays.
    jumps : by how much, none below 0.
    period : ms, after which all comes again, without end.
    tau : ms.
    threshold : above 0, in the unit of the jumps.

    Returns
    -------
    ms.

    Raises
    ------
    ValueError
        For times outside the period, negative jumps, or what must be above 0 and is not.

    Examples
    --------
    >>> time_above([0.0], [np.e], 1000.0, 20.0, 1.0)
    20.0
    """
    at, up = np.asarray(times, dtype=float), np.asarray(jumps, dtype=float)
    if at.shape != up.shape or not np.all((at >= 0) & (at < period)):
        raise ValueError(f"times lie from 0 to below {period:g} ms, with one jump each")
    if not (np.all(up >= 0) and tau > 0 and threshold > 0):
        raise ValueError("jumps are not negative; tau and the threshold are above 0")
    order = np.argsort(at, kind="stable")
    at, up = at[order], up[order]
    # What is left at each jump of all jumps in the period before it, and of those before that.
    since = (at[:, None] - at[None, :]) % period
    since = np.where(
        (since == 0) & (np.arange(len(at))[:, None] < np.arange(len(at))), period, since
    )
    level = (np.exp(-since / tau) * up).sum(axis=1) / -np.expm1(-period / tau)
    until = np.diff(np.append(at, at[0] + period)) if len(at) else at
    with np.errstate(divide="ignore"):
        return float(np.clip(tau * np.log(level / threshold), 0.0, until).sum())


def shares_above(preparation: str, interval: float, rate: float = 1.0) -> tuple[float, float]:
    """Shares of time that calcium of paired spikes is above both thresholds, as published.

    Parameters
    ----------
    preparation : a key of :data:`mgsim.parts.mechanisms.calcium_rule.CONSTANTS`.
    interval : ms from the presynaptic to the postsynaptic spike; below 0 that one comes first.
    rate : Hz, of pairs.

    Returns
    -------
    The shares above the threshold of depression and of potentiation.

    Raises
    ------
    UnknownName
        For an unknown preparation.
    ValueError
        For a rate that is not above 0.

    Examples
    --------
    >>> [round(x, 6) for x in shares_above("dp", 20.0)]
    [0.020084, 0.014837]
    """
    c = _constants(preparation)
    if not rate > 0:
        raise ValueError(f"a rate of pairs is above 0, not {rate:g} Hz")
    period = 1000.0 / rate
    times = [c.delay % period, interval % period]
    above = (
        time_above(times, [c.c_pre, c.c_post], period, c.tau_c, theta)
        for theta in (c.theta_d, c.theta_p)
    )
    depressing, potentiating = (x / period for x in above)
    return depressing, potentiating


def share_up(
    depressing: Any, potentiating: Any, duration: float, preparation: str, *, up: bool
) -> np.ndarray:
    """The share of synapses that end UP, of those that began UP, or of those that began DOWN.

    Parameters
    ----------
    depressing, potentiating : shares of time above the thresholds, from 0 to 1.
    duration : s, of the pairing; above 0.
    up : where they began.

    Raises
    ------
    UnknownName
        For an unknown preparation.
    ValueError
        For shares outside 0 to 1, or a duration that is not above 0.
    """
    from scipy.special import erf

    c = _constants(preparation)
    down, high = (np.asarray(x, dtype=float) for x in (depressing, potentiating))
    for share in (down, high):
        if not np.all((share >= 0) & (share <= 1) | np.isnan(share)):
            raise ValueError("shares of time lie between 0 and 1")
    if not duration > 0:
        raise ValueError(f"a pairing lasts longer than {duration:g} s")
    rate = (c.gamma_p * high + c.gamma_d * down) / c.tau
    begun = float(up)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.exp(-duration * rate)
        mean = c.gamma_p * high / (rate * c.tau) * (1 - left) + begun * left
        spread = c.sigma**2 * (high + down) / (rate * c.tau) * -np.expm1(-2 * duration * rate)
        found = (1 + erf((mean - c.rho_star) / np.sqrt(spread))) / 2
    return np.where(rate == 0, begun, found)


def strength(
    depressing: Any, potentiating: Any, duration: float = 60.0, preparation: str = "dp"
) -> np.ndarray:
    """Strength of a synapse after a pairing, over that before; the mean of many.

    Parameters
    ----------
    depressing, potentiating : shares of time above the thresholds during the pairing.
    duration : s, of the pairing; the published curves are 60 pairs at 1 Hz.
    preparation : whose constants.

    Returns
    -------
    1 where calcium never came above a threshold.

    Raises
    ------
    UnknownName, ValueError
        As :func:`share_up`.

    Examples
    --------
    >>> float(strength(*shares_above("dp", 10.0)).round(3))
    1.221
    """
    c = _constants(preparation)
    ends = c.share_down * share_up(depressing, potentiating, duration, preparation, up=False)
    ends += (1 - c.share_down) * share_up(depressing, potentiating, duration, preparation, up=True)
    before = c.share_down + (1 - c.share_down) * c.strength_up
    return ((1 - ends) + ends * c.strength_up) / before
