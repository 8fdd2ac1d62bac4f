"""Ctrl-C while something runs: heard even where it was swallowed, or kept until something ends."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def heard() -> Iterator[Callable[[], None]]:
    """Whatever becomes of a ``KeyboardInterrupt`` within, it leaves as one.

    Python drops one that comes in a destructor or the callback of a weak reference, and what it
    breaks may raise anything else. What is yielded raises the one that was dropped.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, where the handler that is set raises it.
    """
    asked = False

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    before, unraised = _handler(), sys.unraisablehook
    if not callable(before):
        yield check
        return

    def hear(number: int, frame: object) -> None:
        nonlocal asked
        try:
            before(number, frame)
        except KeyboardInterrupt:
            asked = True
            raise

    def dropped(what: Any) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            unraised(what)

    signal.signal(signal.SIGINT, hear)
    sys.unraisablehook = dropped
    try:
        yield check
    except Exception:
        check()
        raise
    finally:
        sys.unraisablehook = unraised
        signal.signal(signal.SIGINT, before)
    check()


@contextmanager
def deferred() -> Iterator[None]:
    """Ctrl-C waits until the end, and so does a handler that something within sets."""
    before = _handler()
    asked: list[tuple[int, Any]] = []
    if callable(before):
        signal.signal(signal.SIGINT, lambda number, frame: asked.append((number, frame)))
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    if asked and callable(before):
        before(*asked[0])


def _handler() -> Any:
    """What answers Ctrl-C; None where nothing of Python's does, or in another thread."""
    if threading.current_thread() is not threading.main_thread():
        return None
    return signal.getsignal(signal.SIGINT)
