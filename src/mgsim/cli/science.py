"""Commands that question the physics: check, validate, fit, export."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mgsim.cli import FAILED, GOOD

Adder = Callable[..., argparse.ArgumentParser]


def add(to: Any, command: Adder) -> None:
    """Add the commands to the command line."""
    check = command(to, "check", "check that a model keeps the rules every model has to keep", """
        mgsim check                              every model of the catalog
        mgsim check standard --set block=kampa_2004
        mgsim check tonic --engines              compare the engines too
        """, do=do_check)
    check.add_argument("model", metavar="MODEL", nargs="?", help="a name from 'mgsim list models'")
    check.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="fixed",
                       help="a part by its slot (block=kampa_2004) or a parameter; repeatable")
    check.add_argument("--protocol", metavar="NAME",
                       help="what is done to it (default: everything that it listens to)")
    check.add_argument("--engines", action="store_true", help="also compare with Brian2")
    check.add_argument("--json", action="store_true", help="print JSON")

    validate = command(to, "validate", "compare with numbers of the literature", """
        mgsim validate                           every target
        mgsim validate --section A               one section
        mgsim validate TA1 TD5.g0.30             some targets, with every number
        mgsim validate --write docs/validation.md
        """, do=do_validate)
    validate.add_argument("ids", metavar="ID", nargs="*", help="an id, or its beginning")
    validate.add_argument("--section", metavar="LETTER", help="A block, B gating, C calcium, "
                          "D cell, G people and dishes")
    validate.add_argument("--write", metavar="FILE.md", help="write the page")
    validate.add_argument("--json", action="store_true", help="print JSON")


def do_check(args: argparse.Namespace) -> int:
    """Check one model, or all of them."""
    import mgsim
    from mgsim.check import check

    chosen = [mgsim.models[args.model]] if args.model else list(mgsim.models.values())
    protocol = mgsim.protocols[args.protocol] if args.protocol else None
    if args.fixed and not args.model:
        raise ValueError("--set needs a MODEL")
    reports = []
    for model in chosen:
        reports.append(check(_assembled(model, args.fixed), protocol, engines=args.engines))
        if not args.json:
            print(reports[-1], flush=True)
    if args.json:
        print(json.dumps([{
            "model": r.model, "protocol": r.protocol, "good": bool(r),
            "findings": [{"check": f.check, "state": f.state, "words": f.words}
                         for f in r.findings]} for r in reports]))  # fmt: skip
    return GOOD if all(reports) else FAILED


def _assembled(model: Any, texts: Sequence[str]) -> Any:
    from mgsim import units
    from mgsim.catalog import unknown
    from mgsim.cli.arguments import BadRequest
    from mgsim.sweeps.resolve import find

    words: list[str] = []
    for text in texts:
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not value:
            raise BadRequest(f"'{text}' is not of the form --set NAME=VALUE")
        known = {p.name: p for part in model.parts for p in part.parameters}
        if name in known:
            model = model.with_values(**{name: float(units.read(value, known[name].unit, name))})
        elif name in model.slots or value.replace("_", "").isalnum() and not value[0].isdigit():
            model = model.swap(find(name, value))
        else:
            raise unknown("slot or parameter", name, {*known, *model.slots},
                          f"model '{model.name}'")
        words.append(f"{name}={value}")
    return model.named(f"{model.name} with {', '.join(words)}") if words else model


def do_validate(args: argparse.Namespace) -> int:
    """Judge targets and print them, whole where some were named."""
    from mgsim import validate
    from mgsim.validate import page

    if args.write and (args.ids or args.section):
        raise ValueError("--write makes the whole page; leave out ids and --section")
    out = Path(args.write) if args.write else None
    if out and not out.parent.is_dir():
        raise ValueError(f"--write {args.write}: there is no folder {out.parent}")

    def said(row: validate.Row) -> None:
        if not args.json:
            print("\n".join(page.detail(row)) if args.ids else page.line(row), flush=True)

    rows = validate.run(args.section, args.ids, said=said)
    if args.json:
        print(json.dumps([page.plain(r) for r in rows], indent=1))
    else:
        print(f"\n{page.counts(rows)}")
    if out:
        out.write_text(page.markdown(rows) + "\n", encoding="utf-8", newline="\n")
        print(f"written: {out}", file=sys.stderr)
    return FAILED if any(r.state == "FAIL" for r in rows) else GOOD
