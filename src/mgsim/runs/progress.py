"""How far a long run is, and how long it will take: a bar, or lines now and then in a pipe."""

from __future__ import annotations

import importlib.util
import sys
import time
from contextlib import suppress
from typing import Any

#: Seconds until the first line, and between two.
_FIRST, _BETWEEN = 10.0, 30.0
#: Points, or else the share of those to run, after which the time left is told.
_TELLING = (10, 0.05)
#: What cannot be shown ends no run: a full disk, a terminal or a reader that is gone.
_UNSEEN = suppress(OSError, ValueError)


class Progress:
    """Points done of ``total``, ``before`` of them in earlier runs.

    ``show``: None shows it when a run takes long; False never.
    """

    def __init__(self, total: int, before: int = 0, show: bool | None = None) -> None:
        self.total, self.before, self.done = total, before, float(before)
        self.bar: Any = None
        self.lines = show is not False and not _has_bars()
        self.began = time.monotonic()
        self.said = show is True
        self.next = self.began + (_FIRST if show is None else 0.0)
        if show is not False and not self.lines:
            from tqdm.auto import tqdm

            class Bar(tqdm):
                monitor_interval = 0  # no thread that watches it

            # The terminal's own stream, for a bar moves the cursor.
            with _UNSEEN:
                self.bar = Bar(
                    total=total,
                    initial=before,
                    unit=" points",
                    unit_scale=True,
                    leave=False,
                    delay=0.0 if show else 1.5,
                    file=sys.__stderr__,
                )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            with _UNSEEN:
                self.bar.close()

    def to(self, points: float) -> None:
        """Say that so many points are done; never goes back."""
        if points <= self.done:
            return
        self.done = points
        if self.bar is not None:
            with _UNSEEN:
                self.bar.update(points - self.bar.n)
        elif self.lines and (time.monotonic() >= self.next or (self.said and points >= self.total)):
            self.said = True
            self.next = time.monotonic() + _BETWEEN
            say(self.text())

    def text(self) -> str:
        """Points and, once enough is done to tell, rate and time left, in a line."""
        words = f"{int(self.done):,} of {self.total:,} points ({self.done / self.total:.0%})"
        run = self.done - self.before
        if run < min(_TELLING[0], _TELLING[1] * (self.total - self.before)):
            return words
        rate = run / max(time.monotonic() - self.began, 1e-9)
        speed = f"{rate:,.0f} points/s" if rate >= 1 else f"{1 / rate:.3g} s/point"
        return f"{words}, {speed}, {duration((self.total - self.done) / rate)} left"


def say(words: str) -> None:
    """A line on stderr, where there is one."""
    if sys.stderr is not None:
        with _UNSEEN:
            print(f"mgsim: {words}", file=sys.stderr, flush=True)


def _has_bars() -> bool:
    """Whether this is a terminal, or a notebook with widgets."""
    if "ipykernel" in sys.modules:
        return importlib.util.find_spec("ipywidgets") is not None
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def duration(seconds: float) -> str:
    """A time span as one reads it."""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.2g} s" if seconds < 9.5 else f"{seconds:.0f} s"
