"""``mgsim validate``: numbers of the literature beside mgsim's."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from mgsim.cli import arguments, output
from mgsim.cli.arguments import Adder
from mgsim.cli.output import FAILED, GOOD
from mgsim.sweeps.result import outputs


def add(to: Any, command: Adder) -> None:
    """Add ``validate`` to the command line."""
    validate = command(
        to,
        "validate",
        "compare with numbers of the literature",
        """
        mgsim validate                           every target
        mgsim validate --section A               one section
        mgsim validate TA1 TD5.g0.30             some targets, with every number
        mgsim validate --write docs/validation.md
        """,
        do=do_validate,
    )
    validate.add_argument("ids", metavar="ID", nargs="*", help="an id, or its beginning")
    validate.add_argument(
        "--section",
        metavar="LETTER",
        help="A block, B gating, C calcium, D cell, G people and dishes",
    )
    validate.add_argument(
        "--long", action="store_true", help="run also what takes minutes, of which results are kept"
    )
    validate.add_argument(
        "--keep", metavar="FILE.json", help="with --long: write what is to be kept"
    )
    validate.add_argument("--write", metavar="FILE.md", help="write the page")
    validate.add_argument("--json", action="store_true", help="print JSON")
    arguments.add_overwrite(validate)


def do_validate(args: argparse.Namespace) -> int:
    """Judge targets and print them, whole where some were named."""
    from mgsim.validation import keeping, page, targets, validate
    from mgsim.validation.target import Row

    if args.write and (args.ids or args.section):
        raise ValueError("--write makes the whole page; leave out ids and --section")
    if args.keep and not args.long:
        raise ValueError("--keep keeps what --long runs; give both")
    out, kept = (
        outputs.check(output.path_of(name), args.overwrite) if name else None
        for name in (args.write, args.keep)
    )

    width = max(len(t.id) for t in targets())

    def said(row: Row) -> None:
        if not args.json:
            print("\n".join(page.detail(row)) if args.ids else page.line(row, width), flush=True)

    rows = validate(args.section, args.ids, said=said, long=args.long)
    if args.json:
        print(json.dumps([page.plain(r) for r in rows], indent=1))
    else:
        print(f"\n{page.counts(rows)}")
    if out:
        outputs.write(out, page.markdown(rows) + "\n")
        print(f"written: {out.path}", file=sys.stderr)
    if kept:
        outputs.write(kept, keeping(rows))
        print(f"written: {kept.path}", file=sys.stderr)
    return FAILED if any(r.state == "FAIL" for r in rows) else GOOD
