"""A result's pictures as plain coordinates, of which a template makes SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mgsim.judging.ledger.otherwise import thresholds
from mgsim.judging.statistics import CONDITIONAL, FAILING, FAILS, HOLDING, HOLDS, UNDECIDED
from mgsim.judging.verdict.comparison import Compared
from mgsim.judging.verdict.result import Flip, LawResult, ReadingResult

#: Widths of a picture, of its distributions and its strip of shares, as a phone shows them.
WIDTH, WIDE, STRIP = 340.0, 212.0, (238.0, 334.0)
#: Heights of a reading's row, of the words in it, and of what stands above and below all rows.
ROW, WORDS, TOP, BOTTOM = 68.0, 34.0, 18.0, 34.0
#: Columns of a distribution, and the quantiles that its axis reaches.
_COLUMNS, _TAILS = 53, ("0.05", "0.95")
#: A peak of more than so many times the mean is cut off, so that the rest is seen.
_PEAK = 8.0
#: An axis is logarithmic where its ends differ by more than the first factor, if by less than the
#: second.
_LOG = (6.0, 3e3)
LETTERS = {HOLDS: "H", CONDITIONAL: "C", FAILS: "F", UNDECIDED: "U"}
LINES = (FAILING, HOLDING)


@dataclass(frozen=True)
class Axis:
    """Where values lie between two places of a picture."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value; one beyond an end is at the end."""
        x = min(max(value, self.low), self.high)
        low, high = self._of(self.low), self._of(self.high)
        return self.start + (self.end - self.start) * (self._of(x) - low) / (high - low)

    def value(self, at: float) -> float:
        """The value of a place."""
        low, high = self._of(self.low), self._of(self.high)
        x = low + (high - low) * (at - self.start) / (self.end - self.start)
        return math.exp(x) if self.log else x

    def _of(self, x: float) -> float:
        return math.log(x) if self.log else x

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places and numbers of a few round values."""
        found = list(_decades(self) if self.log else _steps(self))
        return [(self.at(x), f"{x:.6g}") for x in found]


def _decades(axis: Axis) -> Iterator[float]:
    first, last = (math.floor(math.log10(x)) for x in (axis.low, axis.high))
    wide = axis.high / axis.low
    heads = (1, 2, 5) if wide < 60 else (1, 3) if wide < 1000 else (1,)
    for power in range(first, last + 1):
        for head in heads:
            if axis.low <= (x := head * 10.0**power) <= axis.high:
                yield x


def _steps(axis: Axis) -> Iterator[float]:
    rough = (axis.high - axis.low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * head for head in (1, 2, 2.5, 5, 10) if power * head >= rough)
    n = math.ceil(axis.low / step - 1e-9)
    while n * step <= axis.high + 1e-9 * step:
        yield n * step
        n += 1


def axis(values: Sequence[float], start: float, end: float) -> Axis:
    """An axis that holds values, logarithmic where they call for it."""
    low, high = min(values), max(values)
    if low > 0 and _LOG[0] < high / low < _LOG[1]:
        return Axis(low / 1.05, high * 1.05, start, end, True)
    room = 0.04 * (high - low) or 0.5 * abs(low) or 1.0
    return Axis(low - room, high + room, start, end)


SHARES = Axis(0.0, 1.0, *STRIP)


def overviews(readings: Sequence[ReadingResult]) -> list[dict[str, Any]]:
    """Readings that ask the same and have one threshold share an axis: a picture of each group."""
    groups: dict[tuple[str, float, str], list[ReadingResult]] = {}
    for r in readings:
        groups.setdefault((r.asks, r.threshold, r.direction), []).append(r)
    return [_overview(some) for some in groups.values()]


def _overview(readings: Sequence[ReadingResult]) -> dict[str, Any]:
    first = readings[0]
    ends = [
        x
        for r in readings
        for law in r.laws
        for q, x in law.quantiles.items()
        if q in _TAILS and math.isfinite(x)
    ]
    over = axis([*ends, first.threshold, first.neutral], 0.0, WIDE)
    line = over.at(first.threshold)
    rows = [_row(r, over, TOP + ROW * i) for i, r in enumerate(readings)]
    bottom = TOP + ROW * len(rows)
    return {
        "readings": readings,
        "asks": first.asks,
        "line": line,
        "told": f"passes {'at' if first.direction == 'at least' else 'below'} "
        f"{first.threshold:g}{' or more' if first.direction == 'at least' else ''}",
        "anchor": "start" if line < 60 else "end" if line > WIDE - 60 else "middle",
        "neutral": over.at(first.neutral),
        "rows": rows,
        "ticks": over.ticks,
        "bottom": bottom,
        "height": bottom + BOTTOM,
        "shares": [(SHARES.at(x), f"{100 * x:g}") for x in (0, 0.5, 1)],
        "limits": [SHARES.at(x) for x in LINES],
    }


def comparison(c: Compared) -> dict[str, Any] | None:
    """What was measured as a band and the model as a line on one axis; None without numbers."""
    numbers = [x for x in (*c.within, *c.model) if math.isfinite(x)]
    if not all(math.isfinite(x) for x in c.model):
        return None
    over = axis([x for x in numbers if x > 0] if min(c.model) > 0 else numbers, 0.0, 334.0)
    least, most = (over.at(min(max(x, over.low), over.high)) for x in c.within)
    low, middle, high = map(over.at, c.model)
    return {
        "band": (least, most - least),
        "range": _path([(low, 20.0, high)]),
        "middle": dots([(middle, 20.0)]),
        "ticks": over.ticks,
    }


def _row(r: ReadingResult, over: Axis, top: float) -> dict[str, Any]:
    base = top + ROW - 4
    height = ROW - WORDS - 8
    line = over.at(r.threshold)
    columns = list(_columns(r, over, line))
    mean = sum(h * (b - a) for a, b, h in columns) / WIDE
    peak = min(max((h for *_, h in columns), default=0.0), _PEAK * mean)
    scaled = [(a, b, height * min(h / peak, 1.0) if peak else 0.0) for a, b, h in columns]
    right = r.direction == "at least"
    n = len(r.laws)
    middles = [base - height + height * (i + 0.5) / n for i in range(n)]
    laws = [(y, law) for y, law in zip(middles, r.laws, strict=True) if law.draws]
    beside = [c for c in scaled if (c[0] >= line - 1e-9) == right]
    others = [c for c in scaled if (c[0] >= line - 1e-9) != right]
    return {
        "reading": r,
        "top": top,
        "base": base,
        "pass": _area(beside, base),
        "fail": _area(others, base),
        "whiskers": _path((SHARES.at(law.low), y, SHARES.at(law.high)) for y, law in laws),
        "dots": dots((SHARES.at(law.share), y) for y, law in laws),
    }


def _path(lines: Iterable[tuple[float, float, float]]) -> str:
    """Level lines, from one place to another."""
    return " ".join(f"M{px(a)} {px(y)}H{px(b)}" for a, y, b in lines)


def dots(places: Iterable[tuple[float, float]]) -> str:
    """Points, which a round pen makes dots."""
    return " ".join(f"M{px(x)} {px(y)}h0" for x, y in places)


def _columns(r: ReadingResult, over: Axis, line: float) -> Iterator[tuple[float, float, float]]:
    """Places, and the draws of all laws there by width; the threshold is a border."""
    places = np.unique([*np.linspace(over.start, over.end, _COLUMNS + 1), line])
    values = [over.value(p) for p in places]
    values[int(np.argmin(np.abs(places - line)))] = r.threshold
    below = sum((_below(law, r, values) for law in r.laws), np.zeros(len(values)))
    for (a, b), n in zip(pairwise(places.tolist()), np.diff(below).tolist(), strict=True):
        if b - a > 1e-6:
            yield a, b, max(n, 0.0) / (b - a)


def _below(law: LawResult, r: ReadingResult, values: Sequence[float]) -> np.ndarray:
    """How many draws lie below values: known at the threshold, at quantiles and where bins end."""
    n = sum(law.counts)
    if not n:
        return np.zeros(len(values))
    over = n - law.passes if r.direction == "at least" else law.passes
    known = [(r.threshold, over / n)]
    known += [(x, float(q)) for q, x in law.quantiles.items() if math.isfinite(x)]
    known += zip(law.edges, np.concatenate([[0], np.cumsum(law.counts)]) / n, strict=True)
    x, share = np.array(sorted(known)).T
    return n * np.interp(values, x, np.maximum.accumulate(share))


def _area(columns: Sequence[tuple[float, float, float]], base: float) -> str:
    if not columns:
        return ""
    steps = "".join(f"V{px(base - h)}H{px(b)}" for _, b, h in columns)
    return f"M{px(columns[0][0])} {px(base)}{steps}V{px(base)}Z"


def _stairs(xs: Sequence[float], ys: Sequence[float]) -> str:
    """A line that stays level until the next place, as a monotone profile does."""
    steps = [
        f"H{px(x)}V{px(y)}" for x, y, before in zip(xs[1:], ys[1:], ys, strict=False) if y != before
    ]
    return f"M{px(xs[0])} {px(ys[0])}{''.join(steps)}H{px(xs[-1])}"


def px(x: float) -> str:
    """A place as a picture has it, to a tenth."""
    return f"{x:.1f}".removesuffix(".0")


#: Of a picture with shares upright: the places of its plot.
LEFT, RIGHT, UPPER, LOWER = 30.0, 332.0, 22.0, 140.0


def upright(share: float) -> float:
    """Where a share is in such a picture."""
    return LOWER - (LOWER - UPPER) * min(max(share, 0.0), 1.0)


def profile(r: ReadingResult, prior: dict[str, Any]) -> dict[str, Any] | None:
    """What divides: the share that passes along it, a line a law, and where half pass."""
    found = next((d for d in r.dividers if d.name == r.divider), None)
    if found is None or not found.profile:
        return None
    values = [x for xs, _ in found.profile.values() for x in xs]
    low, high = min(values), max(values)
    along = Axis(low, high, LEFT, RIGHT, low > 0 and str(prior.get("told", "")).startswith("log"))
    half = [p["0.5"] for p in found.places.values() if "0.5" in p and p["0.5"].at is not None]
    middle = upright(0.5) - 3.0 * (len(half) - 1) / 2
    places = [(middle + 3.0 * i, p) for i, p in enumerate(half)]
    unit = str(prior.get("unit", "1")).replace("**2", "²").replace("**3", "³")
    return {
        "divider": found,
        "label": found.name if unit == "1" else f"{found.name} ({unit})",
        "lines": [
            _stairs([along.at(x) for x in xs], [upright(y) for y in ys])
            for xs, ys in found.profile.values()
        ],
        "intervals": _path(
            (along.at(p.low), y, along.at(p.high))
            for y, p in places
            if p.low is not None and p.high is not None
        ),
        "half": dots((along.at(p.at), y) for y, p in places if p.at is not None),
        "ticks": along.ticks,
    }


def flips(r: ReadingResult) -> dict[str, Any] | None:
    """The word if the threshold, all widths, or the prior that matters most were otherwise."""
    lines = sorted(thresholds(r), key=lambda f: f.to)
    fixed = next((f for f in lines if f.by == 1), None)
    if fixed is None:
        return None
    ends = [f.to for f in lines]
    over = axis(ends, LEFT, 190.0)
    widths = [f for f in r.flips if f.kind == "width"]
    wide = sorted([*widths, fixed], key=lambda f: f.by) if widths else []
    known = most(r)
    at = [220.0 + 24 * i for i in range(len(wide))]
    bars = [(f, over.at(f.to)) for f in _apart(lines, over)] + list(zip(wide, at, strict=True))
    bars += [(fixed, 298.0), (known, 322.0)] if known else []
    return {
        "band": " ".join(
            [f"{px(over.at(f.to))},{px(upright(f.share[1]))}" for f in lines]
            + [f"{px(over.at(f.to))},{px(upright(f.share[0]))}" for f in reversed(lines)]
        ),
        "bars": _upright((f, x) for f, x in bars if f is not fixed),
        "fixed": _upright((f, x) for f, x in bars if f is fixed),
        "ends": dots((x, upright(y)) for f, x in bars for y in f.share),
        "letters": [(x, LETTERS.get(f.word, "?")) for f, x in bars],
        "ticks": over.ticks,
        "widths": [(x, f"{f.by:g}") for f, x in zip(wide, at, strict=True)],
        "known": known.name if known else "",
    }


def _upright(bars: Iterable[tuple[Flip, float]]) -> str:
    """Upright lines from the least to the most of the laws."""
    return " ".join(
        f"M{px(x)} {px(upright(f.share[1]))}V{px(upright(f.share[0]))}" for f, x in bars
    )


def _apart(lines: Sequence[Flip], over: Axis) -> list[Flip]:
    """Those whose letters do not touch; what was fixed is always among them."""
    kept: list[Flip] = []
    for f in sorted(lines, key=lambda f: abs(math.log(f.by))):
        if all(abs(over.at(f.to) - over.at(k.to)) > 10 for k in kept):
            kept.append(f)
    return sorted(kept, key=lambda f: f.to)


def most(r: ReadingResult) -> Flip | None:
    """The prior that changes the share most where it is narrowed to its middle half."""
    fixed = next((f for f in r.flips if f.kind == "threshold" and f.by == 1), None)
    priors = [f for f in r.flips if f.kind == "prior" and math.isfinite(f.share[0])]
    if fixed is None or not priors:
        return None
    return max(
        priors, key=lambda f: sum(abs(a - b) for a, b in zip(f.share, fixed.share, strict=True))
    )
