"""When a share of draws decides, and by which word. Nothing here knows what was run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

#: The word is by an interval of this level; the share that must pass, and that may.
LEVEL, HOLDING, FAILING = 0.999, 0.95, 0.05
#: A control may pass in this share of draws; a step may change the statistic, or the side, by this.
CONTROL, STEP = 0.05, 0.02

HOLDS = "HOLDS"
FAILS = "FAILS"
UNDECIDED = "UNDECIDED"
CONDITIONAL = "CONDITIONAL"
INVALID = "INVALID"
UNSUPPORTED = "UNSUPPORTED INPUT"
OUT = "OUT OF SCOPE"
NOT_YET = "NOT YET RUN"
WORDS = (HOLDS, CONDITIONAL, FAILS, UNDECIDED, INVALID, UNSUPPORTED, OUT, NOT_YET)


@dataclass(frozen=True)
class Share:
    """How many draws pass, of how many, with the interval of their share."""

    passes: int
    draws: int
    level: float = LEVEL

    @property
    def share(self) -> float:
        return self.passes / self.draws if self.draws else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's; 0 to 1 where there are no draws.

        >>> [round(x, 4) for x in Share(1024, 1024).interval]
        [0.9926, 1.0]
        """
        from scipy import stats

        k, n, tail = self.passes, self.draws, (1 - self.level) / 2
        low = float(stats.beta.ppf(tail, k, n - k + 1)) if k else 0.0
        high = float(stats.beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
        return low, high


def word(shares: Sequence[Share]) -> str:
    """The word for the shares under all laws.

    UNDECIDED where more draws could still give HOLDS or FAILS, and neither is sure.
    """
    lows, highs = zip(*(s.interval for s in shares), strict=True)
    if min(lows) >= HOLDING:
        return HOLDS
    if max(highs) <= FAILING:
        return FAILS
    return UNDECIDED if min(highs) >= HOLDING or max(lows) <= FAILING else CONDITIONAL


def counted(passes: np.ndarray, missing: np.ndarray, inside: np.ndarray) -> tuple[Share, ...]:
    """The share of each law, of arrays over laws and draws; what has no number counts as failing.

    ``missing``: draws whose statistic has no number; ``inside``: those that the reading is about.
    """
    good = passes & inside & ~missing
    return tuple(Share(int(g.sum()), int(i.sum())) for g, i in zip(good, inside, strict=True))


def decided(passes: np.ndarray, missing: np.ndarray, inside: np.ndarray) -> str:
    """The word, if it is the same whether draws without a number fail or pass."""
    failing = word(counted(passes, missing, inside))
    none = np.zeros_like(missing)
    return failing if failing == word(counted(passes | missing, none, inside)) else UNDECIDED


def either(shares: Sequence[Share], missing: Sequence[int]) -> tuple[str, str]:
    """The words where draws without a number fail, and where they pass, of what a result keeps."""
    passing = [replace(s, passes=s.passes + m) for s, m in zip(shares, missing, strict=True)]
    return word(shares), word(passing)


def together(words: Iterable[str]) -> str:
    """The word of several readings that all count."""
    found = set(words)
    if not found:
        return NOT_YET
    if INVALID in found:
        return INVALID
    if len(found) == 1:
        return found.pop()
    rest = found - {UNDECIDED}
    return UNDECIDED if UNDECIDED in found and rest in ({HOLDS}, {FAILS}) else CONDITIONAL


def quantiles(numbers: np.ndarray, shares: Sequence[float]) -> dict[str, float]:
    """Of numbers of which some may be infinite, by the share below; none of none.

    >>> quantiles(np.array([1, 2, np.inf, np.inf]), [0.25, 0.5, 0.75])
    {'0.25': 1.75, '0.5': inf, '0.75': inf}
    """
    if not len(numbers):
        return {}
    low, high = (np.quantile(numbers, shares, method=m) for m in ("lower", "higher"))
    between = np.where(np.isinf(low), low, high)
    finite = np.isfinite(low) & np.isfinite(high)
    with np.errstate(invalid="ignore"):
        found = np.where(finite, np.quantile(numbers, shares), between)
    return {f"{q:g}": float(x) for q, x in zip(shares, found, strict=True)}


@dataclass(frozen=True)
class Numerics:
    """What halving the step changes: the median change, and the draws that change sides."""

    median: float
    flips: Share

    @property
    def good(self) -> bool:
        """Both rules: a count hides in the first, a bias in the second."""
        return self.median <= STEP and self.flips.interval[0] <= STEP


def compared(
    usual: np.ndarray, finer: np.ndarray, sides: np.ndarray, finer_sides: np.ndarray
) -> Numerics:
    """A statistic, and the side on which it is, at the step and at half of it.

    A draw with a number at one step alone has changed sides; one without at both is left out. From
    infinite to finite is a change by all of it.
    """
    some = ~(np.isnan(usual) & np.isnan(finer))
    both = ~(np.isnan(usual) | np.isnan(finer))
    one, other = usual[both], finer[both]
    scale = np.maximum(np.abs(one), np.abs(other))
    with np.errstate(invalid="ignore"):
        change = np.abs(one - other) / np.where(scale > 0, scale, 1.0)
    change = np.where(one == other, 0.0, np.where(np.isinf(scale), 1.0, change))
    flips = (sides != finer_sides) | (some & ~both)
    flipped = Share(int((flips & some).sum()), int(some.sum()))
    return Numerics(float(np.median(change)) if change.size else 0.0, flipped)
