"""``mgsim check``: whether a model keeps the rules."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mgsim.cli import arguments
from mgsim.cli.arguments import Adder
from mgsim.cli.output import FAILED, GOOD
from mgsim.compose.model import Model


def add(to: Any, command: Adder) -> None:
    """Add ``check`` to the command line."""
    check = command(
        to,
        "check",
        "check that a model keeps the rules every model has to keep",
        """
        mgsim check                              every model of the catalog
        mgsim check standard --set block=kampa_2004
        mgsim check tonic --engines              compare the engines too
        mgsim check cell --protocol current_step --set i_amp=900 --dt 0.05
        """,
        do=do_check,
    )
    check.add_argument("model", metavar="MODEL", nargs="?", help="a name from 'mgsim list models'")
    check.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="fixed",
        help="a part by its slot (block=kampa_2004) or a parameter; repeatable",
    )
    arguments.add_protocol(check, required=False, more=" (default: all that it listens to)")
    check.add_argument(
        "--measures",
        metavar="NAME,...",
        help="what is kept, which the step must not move (default: all that there is)",
    )
    check.add_argument("--dt", metavar="TIME", help="step of the run in ms, or with a unit")
    check.add_argument("--method", metavar="NAME", help="of the run")
    check.add_argument("--engines", action="store_true", help="also compare with Brian2")
    check.add_argument("--json", action="store_true", help="print JSON")


def do_check(args: argparse.Namespace) -> int:
    """Check one model, or all of them."""
    from mgsim import models
    from mgsim.checks import check
    from mgsim.sweeps.prepare import named
    from mgsim.sweeps.resolving.choices import changed

    chosen = [arguments.model(args.model)] if args.model else list(models.all)
    protocol = arguments.protocol(args)
    measures = (
        None
        if args.measures is None
        else named(arguments.names(args.measures, "--measures"), chosen)
    )
    if args.fixed and not args.model:
        raise ValueError("--set needs a MODEL")
    if args.fixed:
        given = arguments.fixed(args, Model.with_values)
        done = {p.name for p in protocol.parameters} & given.keys() if protocol else set()
        protocol = protocol and protocol.with_values(**{n: given.pop(n) for n in done})
        name = f"{args.model} with {', '.join(args.fixed)}"
        chosen = [changed(chosen[0], given).named(name)]
    reports = []
    for model in chosen:
        reports.append(
            check(
                model,
                protocol,
                measures,
                dt=arguments.step(args),
                method=args.method,
                engines=args.engines,
            )
        )
        if not args.json:
            print(reports[-1], flush=True)
    if args.json:
        print(
            json.dumps(
                [
                    {
                        "model": r.model,
                        "protocol": r.protocol,
                        "good": bool(r),
                        "findings": [
                            {"check": f.check, "state": f.state, "words": f.words}
                            for f in r.findings
                        ],
                    }
                    for r in reports
                ]
            )
        )
    return GOOD if all(reports) else FAILED
