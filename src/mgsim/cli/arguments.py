"""What can be asked for, and reading it: what the commands share."""

from __future__ import annotations

import argparse
import inspect
import math
import re
from collections.abc import Callable, Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mgsim.catalogs import CATALOGS, PARTS
from mgsim.cli import own_file
from mgsim.compose.model import Model
from mgsim.declare.component import Component

if TYPE_CHECKING:
    from mgsim.runs.experiment import Experiment

#: Kinds of things by the name of their catalog; those of parts last.
KINDS = (*(name for name in CATALOGS if name not in PARTS), *PARTS)
#: The options that stand for a keyword of another name.
_FLAGS = {
    "client": "dask",
    "axis": "along",
    "spacing": "log",
    "draws": "people",
    "serum": "kinetics",
    "priors": "prior",
    "arms": "arm",
    "laws": "law",
}
_MOST_POINTS, _LONGEST_AXIS = 10_000_000, 1_000_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-zµμ0-9 _.,:+*/^-]{1,20000}")


class BadRequest(ValueError):
    """An invalid command line."""


#: Adds a command: (where, name, help, examples, do=what it does); a group of commands without do.
Adder = Callable[..., argparse.ArgumentParser]


def add_run_options(one: argparse.ArgumentParser) -> None:
    """The options of every command that runs something."""
    one.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="fixed",
        help="a parameter, with a unit if you like (mg_out=0.8mM), or a part by its "
        "slot (block=kampa_2004), also one of your own (block=./mylaw.py, which is run); "
        "repeatable",
    )
    one.add_argument(
        "--axis",
        metavar="NAME=VALUES",
        action="append",
        default=[],
        help="an axis: start:stop:count in the parameter's own unit, or values or "
        "part names with commas; repeatable",
    )
    one.add_argument(
        "--start",
        metavar="PLACE",
        help="go on from the end of another run: a file (.nc) or folder made with --keep-state",
    )
    one.add_argument(
        "--fresh",
        metavar="NAME,...",
        help="slots and states that begin as the model says, and not as --start has them",
    )
    one.add_argument(
        "--keep-state", action="store_true", help="keep the end of each run, for --start"
    )
    one.add_argument("--seed", metavar="N", type=whole, help="of random trains (default: 0)")
    one.add_argument(
        "--dt",
        metavar="TIME",
        help="time step in ms, or with a unit such as 25us; "
        "several with commas are an axis "
        "(default: 0.1 for measures, 0.025 for traces)",
    )
    one.add_argument("--engine", metavar="NAME", help="what computes (default: the best there is)")


def add_draws(one: argparse.ArgumentParser) -> None:
    """The option of commands that run an experiment as it draws by itself."""
    one.add_argument(
        "--draws",
        metavar="N",
        type=count,
        help="draws of what the experiment draws by itself, the first N of a set that stays "
        "(mg_shares: 48)",
    )


def experiment(args: argparse.Namespace, name: str) -> Experiment:
    """The experiment of a name, with as many draws as ``--draws`` says."""
    from mgsim import experiments

    found: Experiment = experiments[name]
    if getattr(args, "draws", None) is None:
        return found
    if getattr(args, "design", None) is not None:
        raise BadRequest("--draws is for what the experiment draws by itself; --design has points=")
    return found.with_draws(args.draws)


def add_sample_options(one: argparse.ArgumentParser) -> None:
    """The options that a sweep file has as tables, and ``--draws``."""
    add_draws(one)
    one.add_argument(
        "--design",
        metavar="TABLE",
        help="points besides the axes, as the table [design] of a sweep file on one line: "
        "'kind=\"draws\", points=256'",
    )
    one.add_argument(
        "--prior",
        metavar="NAME=TABLE",
        action="append",
        default=[],
        help="a prior of the design, as its table: "
        '\'g_nmda=shape="uniform", arguments=[5, 50], source="assumed: why"\'; repeatable',
    )
    one.add_argument(
        "--follow",
        metavar="NAME=EXPRESSION",
        action="append",
        default=[],
        help="a parameter that follows from others: g_ampa=ampa_nmda_ratio*g_nmda; repeatable",
    )
    one.add_argument(
        "--arm",
        metavar="NAME=TABLE",
        action="append",
        default=[],
        help="a condition of the axis 'arm', with what it sets: 'without=g_nmda=0'; repeatable",
    )


def sampled(args: argparse.Namespace) -> dict[str, Any]:
    """What the options of :func:`add_sample_options` mean, as keywords of a run."""
    from mgsim.runs.from_file import sweep_file

    tables = {flag: tables_of(args, flag) for flag in ("prior", "follow", "arm")}
    design = getattr(args, "design", None)
    if design is None and not any(tables.values()):
        return {}
    return sweep_file.typed(design, tables["prior"], tables["follow"], tables["arm"])


def tables_of(args: argparse.Namespace, flag: str) -> dict[str, str]:
    """The tables of an option of :func:`add_sample_options`, by name."""
    found: dict[str, str] = {}
    for text in getattr(args, flag, []):
        name, _, value = text.partition("=")
        name = name.strip()
        if not _NAME.fullmatch(name) or len(name) > 100:
            raise BadRequest(f"--{flag} '{text[:100]}' is not of the form NAME=...")
        if name in found:
            raise BadRequest(f"--{flag} {name} is given twice")
        found[name] = value
    return found


def given(
    args: argparse.Namespace, verb: Callable[..., Any], most: int = _MOST_POINTS
) -> dict[str, Any]:
    """The keyword arguments of a run of at most so many points: parameters, axes, options."""
    sample = sampled(args)
    points = math.prod(map(_count, args.axis))
    points *= math.prod(sample["design"].dims.values()) if "design" in sample else 1
    points *= len(sample.get("arms", " "))
    if points > most:
        raise BadRequest(
            f"{points:,} points do not fit into memory; at most {most:,}"
            if most == _MOST_POINTS
            else f"{points:,} points; at most {most:,} more need --large"
        )
    found = fixed(args, verb)
    for name, values in _pairs(args, args.axis, "--axis NAME=VALUES", _taken(verb) - {"seed"}):
        if name in found:
            raise BadRequest(f"'{name}' is given twice")
        found[name] = _axis(name, values)
    if "seed" in found and args.seed is not None:
        raise BadRequest("'seed' is given twice")
    if args.seed is not None and not 0 <= args.seed < 2**63:
        raise BadRequest(f"--seed {args.seed}: a seed is a whole number from 0")
    options = {"seed": args.seed, "engine": args.engine, "dt": steps(args)}
    options = {k: v for k, v in {**options, **begun(args)}.items() if v is not None}
    return {**options, **sample, **found}


def model(text: str) -> Model:
    """The model of a name, or the one in a file of one's own."""
    from mgsim import models

    found: Model = own_file.load(text, Model) if own_file.named(text) else models[text]
    return found


def begun(args: argparse.Namespace) -> dict[str, Any]:
    """What ``--start``, ``--fresh`` and ``--keep-state`` say; None where nothing."""
    fresh = getattr(args, "fresh", None)
    return {
        "start": getattr(args, "start", None),
        "fresh": None if fresh is None else names(fresh, "--fresh"),
        "keep_state": getattr(args, "keep_state", False) or None,
    }


def add_protocol(one: argparse.ArgumentParser, required: bool, more: str = "") -> None:
    """The options of a command that does something to a model."""
    one.add_argument(
        "--protocol",
        metavar="NAME",
        required=required,
        help="what is done to it: a name from 'mgsim list protocols', or several at once "
        "('train_20hz + mg_step')" + more,
    )
    one.add_argument(
        "--change",
        metavar="NAME=HOW",
        action="append",
        default=[],
        help="a parameter of the model that changes during the run, as in "
        "mg_out='wash(2 mM, start=500 ms, tau=300 ms)'; also step, ramp, steps, course; "
        "repeatable",
    )


def protocol(args: argparse.Namespace) -> Any:
    """What ``--protocol`` and ``--change`` say is done; None where nothing is said."""
    from mgsim import protocols

    changed: dict[str, str] = {}
    for text in args.change:
        name, _, how = text.partition("=")
        if not _NAME.fullmatch(name) or not how or name in changed:
            raise BadRequest(f"--change '{text[:60]}' is not of the form NAME=HOW, once a name")
        changed[name] = how
    if args.protocol is None:
        if changed:
            raise BadRequest("--change needs --protocol")
        return None
    return protocols.read(args.protocol, changed)


def step(args: argparse.Namespace) -> float | None:
    """The time step in ms, where one was given."""
    return None if args.dt is None else time_in_ms(str(args.dt), "--dt")


def steps(args: argparse.Namespace) -> float | list[float] | None:
    """The time step in ms, or an axis of several, where any was given."""
    if args.dt is None or isinstance(args.dt, list):  # a list: as a folder has kept it
        return args.dt
    if "," not in str(args.dt):
        return step(args)
    return [time_in_ms(text, "--dt") for text in args.dt.split(",")]


def fixed(args: argparse.Namespace, *verbs: Callable[..., Any]) -> dict[str, Any]:
    """What ``--set`` gives: numbers, and texts that are a part's name or have a unit.

    ``verbs`` are handed it by keyword: what they take besides is refused.
    """
    found: dict[str, Any] = {}
    for name, text in _pairs(args, args.fixed, "--set NAME=VALUE", _taken(*verbs)):
        if name in found:
            raise BadRequest(f"'{name}' is given twice")
        found[name] = value(name, text)
    return found


def _taken(*verbs: Callable[..., Any]) -> set[str]:
    """Names that are no parameter's for functions that take parameters by keyword."""
    from mgsim.declare.parameter import RESERVED

    own = [p for verb in verbs for p in inspect.signature(verb).parameters.values()]
    keywords = {p.name for p in own if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return keywords | {"self", "duration"} | (RESERVED - {"model"})


def _pairs(
    args: argparse.Namespace, texts: Sequence[str], form: str, taken: Container[str]
) -> Iterator[tuple[str, str]]:
    for text in texts:
        name, _, value = text.partition("=")
        if not _NAME.fullmatch(name) or not _PLAIN.fullmatch(value):
            raise BadRequest(f"'{text}' is not of the form {form}")
        if name in taken:
            flags = [f for f in (_FLAGS.get(name, name), name) if f != "axis" and hasattr(args, f)]
            use = f"; use --{flags[0].replace('_', '-')}" if flags else ""
            raise BadRequest(f"'{name}' is no parameter{use}")
        yield name, value.strip()


def _count(axis: str) -> int:
    """How many values the text of an axis stands for, before they are made."""
    last = axis.rpartition(":")[2]
    return (
        int(last) if ":" in axis and re.fullmatch(r"[0-9]{1,18}", last) else (axis.count(",") + 1)
    )


def value(name: str, text: str) -> Any:
    """A number, a text that has a unit or is a name, or the part in a file of one's own."""
    from mgsim import units

    if own_file.named(text):
        return own_file.load(text, Component, slot=name)
    try:
        return units.number(text, name)
    except units.UnitError:
        if len(text) > 100:
            raise BadRequest(f"the value of '{name}' is too long") from None
        return text


def count(text: str) -> int:
    """A whole number from 1, for an option."""
    number = whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1")
    return number


def add_overwrite(one: argparse.ArgumentParser) -> None:
    """The option of every command that writes files."""
    one.add_argument(
        "--overwrite",
        action="store_true",
        help="replace plain files of that name whoever's they are (without: those that mgsim "
        "wrote under that name and nobody has changed since)",
    )


def names(text: str, flag: str) -> tuple[str, ...]:
    """Names with commas between."""
    found = tuple(word.strip() for word in text.split(",") if word.strip())
    if not found or not all(_NAME.fullmatch(word) for word in found):
        raise BadRequest(f"{flag} '{text}' is not of the form NAME,NAME,...")
    return found


def time_in_ms(text: str, flag: str) -> float:
    """A time in ms, from a number or a number with a unit."""
    from mgsim import units

    if len(text) > 100 or not _PLAIN.fullmatch(text):
        raise BadRequest(f"{flag} '{text}' is not a time such as 500 or 2s")
    return units.one(text, "ms", flag)


def whole(text: str) -> int:
    """A whole number in plain digits."""
    if not re.fullmatch(r"\s*[-+]?[0-9]{1,18}\s*", text):
        raise argparse.ArgumentTypeError(f"'{text[:60]}' is not a whole number")
    return int(text)


def _axis(name: str, text: str) -> list[Any]:
    from mgsim.sweeps import designs

    if ":" not in text:
        return [value(name, word.strip()) for word in text.split(",") if word.strip()]
    try:
        low, high, count = text.split(":")
        start, stop, number = value(name, low), value(name, high), whole(count)
    except (ValueError, argparse.ArgumentTypeError):
        raise BadRequest(f"--axis {name}={text}: write start:stop:count, such as 0:2:41") from None
    if not 1 <= number <= _LONGEST_AXIS:
        raise BadRequest(f"--axis {name}: {number:,} points; an axis has 1 to {_LONGEST_AXIS:,}")
    return designs.spread(start, stop, number)
