"""``mgsim claims``: the evidence ledger, listed, shown, run and reported."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import arguments, cluster, output
from mgsim.cli.arguments import Adder
from mgsim.cli.output import GOOD
from mgsim.sweeps.result import outputs


def add(to: Any, command: Adder) -> None:
    """Add ``claims`` and its commands."""
    claims = command(
        to,
        "claims",
        "judge what documents claim about magnesium, by statistics fixed beforehand",
        """
        mgsim claims                     the short answer
        mgsim claims list
        mgsim claims show mg_cuts_ca_entry
        mgsim claims run mg_voltage_block --draws 64 --quick
        """,
        do=do_answer,
    ).add_subparsers(metavar="COMMAND")
    listed = command(
        claims,
        "list",
        "every claim with its words for a dish and a person",
        """
        mgsim claims list
        mgsim claims list --json
        """,
        do=do_list,
    )
    shown = command(
        claims,
        "show",
        "a claim, how it is read, and its result",
        "mgsim claims show mg_cuts_ca_entry",
        do=do_show,
    )
    shown.add_argument("name", metavar="NAME", help="a name from 'mgsim claims list'")
    run = command(
        claims,
        "run",
        "run claims and judge them: all that have readings, or some",
        """
        mgsim claims run mg_voltage_block
        mgsim claims run mg_cuts_ca_entry --draws 64 --quick     a first look, no verdict
        mgsim claims run --out ledger                            all; goes on where it stopped
        """,
        do=do_run,
    )
    run.add_argument("names", metavar="NAME", nargs="*", help="claims (default: all with readings)")
    run.add_argument(
        "--draws",
        metavar="N",
        type=arguments.count,
        default=0,
        help="draws of the priors (default: those that the claim fixes, 1024 or fewer)",
    )
    run.add_argument("--seed", metavar="N", type=arguments.whole, default=0, help="of the draws")
    run.add_argument(
        "--quick",
        action="store_true",
        help="without second scramble, other cells and widths of priors: no verdict",
    )
    run.add_argument(
        "--step",
        metavar="N",
        type=float,
        default=1.0,
        help="times the usual step; the control of the step has to pass (default: 1)",
    )
    run.add_argument(
        "--precision",
        choices=("float64", "float32"),
        default="float64",
        help="float32 is faster; half the step stays in float64, so that the control sees it",
    )
    run.add_argument(
        "--out", metavar="DIR", help="keep the sweeps there; what is there is not run again"
    )
    run.add_argument(
        "--dask", metavar="ADDRESS", help="run on a dask.distributed cluster; needs --out"
    )
    run.add_argument(
        "--threads",
        metavar="N",
        type=arguments.count,
        default=0,
        help="cores to use (default: all)",
    )
    run.add_argument("--results", metavar="DIR", help="write each result there as NAME.json")
    report = command(
        claims,
        "report",
        "the page of all claims, from the results that are kept",
        """
        mgsim claims report
        mgsim claims report --write ledger.html       for a browser, with pictures
        mgsim claims report --write docs/claims.md --overwrite
        """,
        do=do_report,
    )
    report.add_argument(
        "--write", metavar="FILE", help="write the page: FILE.html for a browser, FILE.md as text"
    )
    report.add_argument(
        "--short", action="store_true", help="the few words of the front page alone"
    )
    for one in (run, report):
        arguments.add_overwrite(one)
    for one in (listed, shown, run, report):
        one.add_argument("--json", action="store_true", help="print JSON")


def do_answer(args: argparse.Namespace) -> int:
    """The first answer, in plain words."""
    from mgsim import claims
    from mgsim.judging.ledger import plain

    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    for line in plain.lines(claims.all):
        print(textwrap.fill(line, width, subsequent_indent="    " if line[:1] == " " else ""))
    print("\nall claims: mgsim claims list; one of them: mgsim claims show NAME")
    return GOOD


def do_list(args: argparse.Namespace) -> int:
    """Every claim in a line."""
    from mgsim import claims
    from mgsim.judging.ledger import report

    rows = [report.row(c) for c in claims.all]
    if args.json:
        told = [r | {"doubts": report.doubts(c)} for r, c in zip(rows, claims.all, strict=True)]
        print(json.dumps(told, indent=1))
        return GOOD
    width = shutil.get_terminal_size((10**4, 24)).columns
    for line in report.table(rows):
        long = line.startswith("  ") and len(line) > width
        print(f"{line[: width - 3].rstrip()}..." if long else line)
    print("\nwhat a word rests on, and its numbers: mgsim claims show NAME")
    return GOOD


def do_show(args: argparse.Namespace) -> int:
    """One claim, whole."""
    from mgsim.judging.ledger import report

    claim = _claim(args.name)
    print(
        json.dumps(report.detail(claim), indent=1) if args.json else "\n".join(report.lines(claim))
    )
    return GOOD


def _claim(name: str) -> Any:
    from mgsim import claims

    try:
        return claims[name]
    except UnknownName as error:
        raise UnknownName(f"{error} (all: mgsim claims list)") from None


def do_run(args: argparse.Namespace) -> int:
    """Judge claims, one after the other; what several need runs once."""
    from mgsim import claims
    from mgsim.judging.verdict.runs import Sweeps

    chosen = [_claim(n) for n in args.names] or [c for c in claims.all if c.readings]
    for claim in chosen:
        if not claim.readings:
            raise ValueError(f"'{claim.name}' is {claim.unrun}: {claim.reason}")
    if args.dask and not args.out:
        raise ValueError("--dask needs --out: a folder that the workers can write to")
    out = output.path_of(args.out) if args.out else None
    folder = output.folder(args.results, "--results") if args.results else None
    files = {c.name: folder / f"{c.name}.json" for c in chosen} if folder else {}
    targets = {n: outputs.check(file, args.overwrite) for n, file in files.items()}
    client = cluster.client(args.dask) if args.dask else None
    found = []
    try:
        for claim in chosen:
            run = Sweeps(out, client, threads=args.threads)
            result = claim.judge(
                args.draws,
                seed=args.seed,
                quick=args.quick,
                step=args.step,
                precision=args.precision,
                run=run,
            )
            found.append(result)
            if targets:
                outputs.write(targets[claim.name], result.json())
                print(f"written: {targets[claim.name].path}", file=sys.stderr)
            if not args.json:
                print("\n".join(_judged(claim, result)), flush=True)
    finally:
        if client is not None:
            client.close()
    if args.json:
        print(json.dumps([json.loads(r.json()) for r in found], indent=1))
    return GOOD


def _judged(claim: Any, result: Any) -> list[str]:
    from mgsim.judging.ledger.verdicts import verdicts

    quick = " (quick: no verdict)" if result.quick else ""
    look = "first look: " if result.quick else ""
    words = {x: word for x, word in verdicts(claim, result).items() if word}
    told = [f"{result.claim}{quick}"]
    told += [f"  {x}: {look}{word}. {result.because[x]}" for x, word in words.items()]
    return told + [f"    {r.name}: {look}{r.told}, {r.because}" for r in result.readings]


def do_report(args: argparse.Namespace) -> int:
    """The page of all claims."""
    from mgsim import claims
    from mgsim.judging.ledger import report

    if args.json and (args.write or args.short):
        raise ValueError("--json prints all claims: leave --write and --short out")
    if args.json:
        print(json.dumps([report.detail(c) for c in claims.all], indent=1))
        return GOOD
    if not args.write:
        print(report.short(claims) if args.short else report.markdown(claims.all))
        return GOOD
    out: Path = output.path_of(args.write)
    if out.suffix not in (".html", ".md"):
        raise ValueError(f"{out}: the page is written as FILE.html or FILE.md")
    if args.short and out.suffix == ".html":
        raise ValueError("--short is a table of text: give FILE.md, or leave --short out")
    target = outputs.check(out, args.overwrite)
    if out.suffix == ".html":
        from mgsim.judging.ledger import page

        text = page.html(claims.all)
    else:
        text = report.short(claims) if args.short else report.markdown(claims.all)
    outputs.write(target, text)
    print(f"written: {out}", file=sys.stderr)
    return GOOD
