"""How much work a call is, against a known piece of work: a bound that a busy machine keeps."""

import statistics
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def unit() -> float:
    """Seconds of processor time for 100,000 additions in Python, here and now."""

    def once() -> float:
        began = time.process_time()
        total = 0
        for i in range(100_000):
            total += i
        return time.process_time() - began

    return statistics.median(once() for _ in range(9))


def effort(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call returns, and its processor time in :func:`unit`, some milliseconds each."""
    began = time.process_time()
    result = call()
    return result, (time.process_time() - began) / unit()
