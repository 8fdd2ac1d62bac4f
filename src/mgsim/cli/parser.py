"""The parser of the whole command line, with the commands of every module below."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from mgsim.cli.arguments import BadRequest
from mgsim.cli.commands import (
    check,
    claims,
    demo,
    dose,
    export,
    figure,
    fit,
    look,
    simulate,
    sweep,
    validate,
)
from mgsim.version import __version__

#: In the order in which help has them.
_COMMANDS = (demo, look, simulate, figure, sweep, check, validate, fit, export, dose, claims)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and which offers the nearest command."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options |= {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
        super().__init__(*args, **options)
        self.register("type", None, _given)  # of what has no type of its own

    def add_subparsers(self, **options: Any) -> Any:
        made = super().add_subparsers(**options)
        made.type = str  # a command's own parser reads what follows it
        return made

    def error(self, message: str) -> NoReturn:
        match = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message, re.DOTALL)
        if match:
            from mgsim.catalogs.catalog import unknown

            raise unknown("command", match[1], [n.strip(" '") for n in match[2].split(",")])
        if lacks := re.fullmatch(r"argument (?:-\w/)?(--\S+): expected one argument", message):
            message += f"; one that begins with '-' is written {lacks[1]}=-..."
        raise BadRequest(f"{message} (see {self.prog} --help)")


def _given(text: str) -> str:
    """A text that is not empty."""
    if not text.strip():
        raise argparse.ArgumentTypeError("what is given is empty, as of a variable that is not set")
    return text


@cache
def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; each command sets ``do``."""
    top = _Parser(
        prog="mgsim",
        description=(
            "Magnesium and the NMDA receptor: block, firing and calcium, from published equations."
        ),
        epilog=textwrap.dedent("""\
        first steps:
          mgsim demo                  a sweep over magnesium, a table and a figure
          mgsim list                  every model, experiment and part
          mgsim show kampa_2004       its equations, its numbers and where they come from
          mgsim figure mg_response    a figure with its data and caption
        exit codes: 0 good, 2 invalid request, 3 finished but points failed
        """),
    )
    top.add_argument("--version", action="version", version=f"mgsim {__version__}")
    to = top.add_subparsers(metavar="COMMAND", required=True)
    for module in _COMMANDS:
        module.add(to, _command)
    return top


def _command(
    to: Any,
    name: str,
    help: str,
    examples: str,
    do: Callable[[argparse.Namespace], int] | None = None,
) -> _Parser:
    """A command, or a group of commands, which does nothing itself."""
    made: _Parser = to.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog="examples:\n" + textwrap.indent(textwrap.dedent(examples).strip(), "  "),
    )
    if do:
        made.set_defaults(do=do)
    return made
