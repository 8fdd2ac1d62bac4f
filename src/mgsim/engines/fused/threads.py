"""Tasks on several threads, as many as the machine has room for, and never waiting in vain."""

from __future__ import annotations

from _thread import LockType, allocate_lock, start_new_thread
from collections import deque
from collections.abc import Callable, Sequence


def together(tasks: Sequence[Callable[[], object]], threads: int) -> None:
    """Run tasks on this thread and on as many others as there can be.

    What a lack of memory does to a thread, at whatever place, ends in an error: this thread waits
    for those alone that have begun, and counts what has ended. (``threading`` and pools wait for a
    thread to say that it has begun, or for a task whose thread is gone.)

    Raises
    ------
    MemoryError
        When a thread was lost. Otherwise the first error of a task.
    """
    left = deque(range(len(tasks)))
    ended = bytearray(len(tasks))
    errors: list[BaseException] = []
    stop = False

    def work() -> None:
        while not (stop or errors):
            try:
                place = left.popleft()
            except IndexError:
                return
            tasks[place]()
            ended[place] = 1

    def help_out(begun: LockType) -> None:
        with begun:
            try:
                work()
            except BaseException as error:
                errors.append(error)

    def wait() -> None:
        for begun in others:
            with begun:  # one that begins later finds nothing to do
                pass

    others = [allocate_lock() for _ in range(min(threads, len(tasks)) - 1)]
    try:
        for begun in others:
            try:
                start_new_thread(help_out, (begun,))
            except RuntimeError:  # no room for another
                break
        work()
        wait()
    finally:
        stop = True
        wait()
    if errors:
        raise errors[0]
    if not all(ended):
        raise MemoryError("a thread ended before its work did")
