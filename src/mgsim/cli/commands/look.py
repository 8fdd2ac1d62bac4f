"""What there is: ``list``, ``show``, ``cite``, ``methods``."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mgsim import experiments
from mgsim.catalogs import CATALOGS, PARTS
from mgsim.cli import arguments, interface, output, own_file, words
from mgsim.cli.arguments import KINDS, Adder, BadRequest
from mgsim.cli.output import GOOD
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.sweeps.result import outputs

#: Kinds whose catalog needs a slow import.
_SLOW = ("figures",)
#: How many names are shown that are about something.
_ABOUT = 12


def add(to: Any, command: Adder) -> None:
    """Add the commands to the command line."""
    listing = command(
        to,
        "list",
        "list what there is",
        """
        mgsim list
        mgsim list blocks
        mgsim list protocols --json
        mgsim list ports                   the words that parts share, who gives and who reads them
        mgsim list slots                   which parts can stand for one another
        """,
        do=names,
    )
    listing.add_argument(
        "kind", metavar="KIND", nargs="?", help=", ".join((*KINDS, *interface.TABLES))
    )
    showing = command(
        to,
        "show",
        "print a part, model, protocol, experiment or figure",
        """
        mgsim show jahr_stevens_1990        equations, numbers, sources, deviations
        mgsim show standard                 a model: its parts by slot
        mgsim show figures/block_curves     KIND/NAME asks for one kind
        mgsim show standard --table latex   its parameters for a supplement; also csv, md
        mgsim show --write docs/parts.md    the page of all parts, equations typeset
        """,
        do=show,
    )
    citing = command(
        to,
        "cite",
        "print what to cite for a part, model or experiment",
        """
        mgsim cite standard
        mgsim cite kampa_2004 --bibtex > mgsim.bib
        """,
        do=cite,
    )
    for one, many in ((showing, "?"), (citing, None)):
        one.add_argument(
            "name", metavar="NAME", nargs=many, help="a name from 'mgsim list', or KIND/NAME"
        )
    showing.add_argument(
        "--table",
        metavar="FORM",
        help="the parameters as a table with units, meanings, sources and ranges: csv, md, latex",
    )
    showing.add_argument("--write", metavar="FILE.md", help="write the page of all parts")
    citing.add_argument("--bibtex", action="store_true", help="for a reference manager")
    telling = command(
        to,
        "methods",
        "print a methods paragraph for a model, an experiment or a result",
        """
        mgsim methods standard
        mgsim methods mg_response
        mgsim methods study                a folder of 'sweep run --out', or a file: study.nc
        mgsim methods ./mymodel.py
        """,
        do=methods,
    )
    telling.add_argument(
        "name", metavar="NAME", help="a name from 'mgsim list', a .nc file, a folder, a .py file"
    )
    arguments.add_overwrite(showing)
    for one in (listing, showing):
        one.add_argument("--json", action="store_true", help="print JSON")


def names(args: argparse.Namespace) -> int:
    """Names and meanings, of one kind or of all."""
    from mgsim.catalogs.catalog import unknown

    if args.kind in interface.TABLES:
        return interface.table(args.kind, args.json)
    if args.kind and args.kind not in KINDS:
        raise unknown("kind", args.kind, (*KINDS, *interface.TABLES))
    kinds = [args.kind] if args.kind else [k for k in KINDS if args.json or k not in _SLOW]
    found = {kind: {name: words.meaning(x) for name, x in CATALOGS[kind].items()} for kind in kinds}
    if args.json:
        print(json.dumps(found, indent=1))
        return GOOD
    for kind, meanings in found.items():
        print("\n".join([kind, *output.columns(meanings.items())]))
    if not args.kind:
        print("figures\n  mgsim list figures")
        print(
            "what parts share\n  "
            + "\n  ".join(f"mgsim list {table}" for table in interface.TABLES)
        )
    return GOOD


def show(args: argparse.Namespace) -> int:
    """One thing, whole; or the page of all parts."""
    if args.write:
        return _written(args)
    if not args.name:
        raise BadRequest("give the NAME of what to show, or --write FILE.md for all parts")
    if args.table is not None:
        return _table(args)
    rows = [] if own_file.named(args.name) else interface.find(args.name)
    try:
        found = [words.describe(kind, thing) for kind, thing in _find(args.name)]
    except (KeyError, BadRequest):
        if not rows:
            raise
        found = []
    if args.json:
        both = [*found, *rows]
        print(json.dumps(both[0] if len(both) == 1 else both, indent=1))
    else:
        texts = [list(words.lines(d)) for d in found]
        texts += [interface.lines(str(r["name"]), r) for r in rows]
        print("\n\n".join("\n".join(lines) for lines in texts))
    return GOOD


def _table(args: argparse.Namespace) -> int:
    from mgsim.report.table import table

    if args.json:
        raise BadRequest("--table has forms of its own; leave out --json")
    found = _find(args.name)
    fits = [thing for _, thing in found if isinstance(thing, Model | Component | Protocol)]
    if not fits:
        kind, thing = found[0]
        raise BadRequest(
            f"{kind}/{thing.name} has no parameters of its own: --table takes a model, a part or "
            "a protocol"
        )
    print(table(fits[0], args.table), end="")
    return GOOD


def _written(args: argparse.Namespace) -> int:
    from mgsim.report import parts

    if args.name or args.table is not None:
        raise BadRequest("--write makes the page of all parts; leave out NAME and --table")
    out = outputs.check(output.path_of(args.write), args.overwrite)
    outputs.write(out, parts.page())
    print(f"written: {out.path}")
    return GOOD


def cite(args: argparse.Namespace) -> int:
    """References of one thing."""
    from mgsim.report import citing

    things = [thing for _, thing in _find(args.name)]
    print(citing.cite(things, style="bibtex" if args.bibtex else "text"))
    return GOOD


def methods(args: argparse.Namespace) -> int:
    """A paragraph on one thing, with its references."""
    from mgsim.report.methods import methods as paragraph
    from mgsim.runs.saved import saved

    path = output.path_of(args.name)
    if args.name.endswith(".nc") and not path.is_file():
        raise BadRequest(f"{args.name}: there is no file of that name")
    if path.suffix == ".nc" or path.is_dir():
        try:
            print(paragraph(saved(args.name)))
        except TypeError:
            raise BadRequest(f"{args.name} holds no result of mgsim") from None
        return GOOD
    found = dict(_find(args.name))
    for kind in ("experiments", "figures", "models", "protocols", *PARTS, "parts"):
        if kind in found:
            print(paragraph(experiments[found[kind].of] if kind == "figures" else found[kind]))
            return GOOD
    raise BadRequest(f"'{args.name}' is of {', '.join(found)}: methods are of what can be run")


def _own(name: str) -> tuple[str, Any]:
    """A part or model of one's own, with its kind."""
    thing = own_file.load(name, Component, Model)
    return "models" if isinstance(thing, Model) else "parts", thing


def _find(name: str) -> list[tuple[str, Any]]:
    """Everything of that name, each once, with its kind; ``KIND/NAME`` asks for one kind."""
    from mgsim.catalogs.catalog import SURE, about, likeness, unknown

    if own_file.named(name):
        return [_own(name)]
    kind, slash, short = name.rpartition("/")
    kinds = [k for k in KINDS if not slash or kind in (k, k.removesuffix("s"))]
    if not kinds:
        raise unknown("kind", kind, KINDS)
    known: dict[str, str] = {}
    for some in ([k for k in kinds if k not in _SLOW], [k for k in kinds if k in _SLOW]):
        catalogs = {k: CATALOGS[k] if slash else CATALOGS[k].own for k in some}
        found = [(k, c[short]) for k, c in catalogs.items() if short in c]
        if found:
            return found
        known |= {n: words.meaning(x) for c in catalogs.values() for n, x in c.items()}
    if slash:
        raise unknown(kind, short, known)
    tables = [table() for table in interface.TABLES.values()]
    shared = [{n: str(row.get("meaning", "")) for n, row in rows.items()} for rows in tables]
    names = {n for some in (known, *shared) for n in some}
    subject = dict.fromkeys(n for some in (*shared, known) for n in about(name, some))
    if subject and max(likeness(name, n) for n in names) < SURE:
        more = f" and {len(subject) - _ABOUT} more" if len(subject) > _ABOUT else ""
        shown = ", ".join([*subject][:_ABOUT])
        raise BadRequest(f"nothing is called '{name}'; about it: {shown}{more}")
    error = unknown("part, model, experiment, figure or parameter", name, names)
    if "did you mean" not in str(error):
        raise BadRequest(f"nothing is called '{name}'; 'mgsim list' has the names")
    raise error
