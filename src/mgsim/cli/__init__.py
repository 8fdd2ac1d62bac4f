"""The command line: names and numbers in, text, JSON and files out."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mgsim.cli import output
from mgsim.cli.output import BAD, FAILED, STOPPED
from mgsim.cli.output import GOOD as GOOD


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 good; 2 invalid request; 3 finished, but points failed; 130 stopped by Ctrl-C. That of the
    work, also where nobody reads what is printed.
    """
    from mgsim.cli.parser import parser

    with output.terminal() as out, _plain_warnings():
        try:
            args = parser().parse_args(argv)
            code: int = args.do(args)
            out.flush()
            if out.fault and not isinstance(out.fault, BrokenPipeError):  # no reader that left
                print(f"mgsim: error: cannot print: {out.fault}", file=sys.stderr)
                return code or BAD
            return code
        except KeyboardInterrupt as stop:
            print(f"mgsim: stopped{f': {stop}' if str(stop) else ''}", file=sys.stderr)
            return STOPPED
        except Exception as error:
            found = _exit_code(error)
            if found is None:
                raise
            words = (
                "not enough memory for that many points"
                if isinstance(error, MemoryError)
                else " ".join(str(error).split())
            )
            print(f"mgsim: error: {output.shortened(words)}", file=sys.stderr)
            return found


def _exit_code(error: Exception) -> int | None:
    """The code of an error that a user can act on; None for a fault of mgsim."""
    from mgsim.catalogs.catalog import UnknownName

    if isinstance(error, UnknownName | ValueError | OSError | MemoryError | OverflowError):
        return BAD
    from mgsim.engines.contract import Diverged, EngineError

    if isinstance(error, Diverged):
        return FAILED
    return BAD if isinstance(error, EngineError) else None


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Warnings for the user as one line each, once."""
    seen = set()

    def show(message: Any, *_: Any, **__: Any) -> None:
        line = f"mgsim: warning: {' '.join(str(message).split())}"
        if line not in seen:
            seen.add(line)
            print(line, file=sys.stderr)

    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
