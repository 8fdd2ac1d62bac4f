"""``mgsim export``: laws and models for other simulators."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from mgsim.cli import arguments, output, own_file
from mgsim.cli.arguments import Adder, BadRequest
from mgsim.cli.output import GOOD
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.sweeps.result import outputs


def add(to: Any, command: Adder) -> None:
    """Add ``export`` to the command line."""
    export = command(
        to,
        "export",
        "write a block law, or a model and what is done to it, for another simulator",
        """
        mgsim export jahr_stevens_1990 --to neuron --out mg_jahr_stevens_1990.mod
        mgsim export kampa_2004 --to neuroml
        mgsim export spruston_1995 --to brian2 --set mg_delta=0.9 --set celsius=22
        mgsim export standard --to brian2 --protocol train_20hz --set mg_out=0.5 --out run.py
        mgsim export standard --to neuron --protocol train_20hz --out standard
        """,
        do=do_export,
    )
    export.add_argument(
        "what", metavar="NAME", help="a name from 'mgsim list blocks' or 'mgsim list models'"
    )
    export.add_argument(
        "--to", metavar="FORMAT", required=True, help="neuron, brian2 or, of a law, neuroml"
    )
    arguments.add_protocol(export, required=False, more=" (of a model)")
    export.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="fixed",
        help="another value of a parameter or, of a model, a part by its slot; repeatable",
    )
    export.add_argument("--record", metavar="NAME,...", help="what a model's scripts trace")
    export.add_argument("--seed", metavar="N", type=arguments.whole, help="of random trains")
    export.add_argument(
        "--dt", metavar="TIME", help="step of a Brian2 script in ms, or with a unit"
    )
    export.add_argument("--method", metavar="NAME", help="of a Brian2 script: rk4 or rk2")
    export.add_argument(
        "--out", metavar="FILE", help="write a file; of a model for NEURON a folder"
    )
    arguments.add_overwrite(export)


def do_export(args: argparse.Namespace) -> int:
    """Print or write a law, or a run of a model."""
    from mgsim import models
    from mgsim.catalogs.catalog import unknown
    from mgsim.exports import export
    from mgsim.parts import blocks

    given: dict[str, Any] = arguments.fixed(args, export)
    protocol = arguments.protocol(args)
    record = arguments.names(args.record, "--record") if args.record else None
    options = {"record": record, "seed": args.seed, "dt": args.dt, "method": args.method}
    options = {n: x for n, x in options.items() if x is not None}
    what: Component | Model
    if own_file.named(args.what):
        what = own_file.load(args.what, Component, Model)
    elif args.what in models or args.what in blocks:
        what = models[args.what] if args.what in models else blocks[args.what]
    else:
        raise unknown("block law or model", args.what, {*blocks, *models})
    if isinstance(what, Model):
        if protocol is None:
            raise BadRequest(f"'{args.what}' is a model; say what is done to it: --protocol NAME")
        found = export(what, args.to, protocol=protocol, **options, **given)
    else:
        if protocol is not None or options:
            used = "protocol" if protocol is not None else next(iter(options))
            raise BadRequest(f"--{used}: '{args.what}' is a law, of which there is no run")
        found = export(what, args.to, **given)
    if isinstance(found, str) and not args.out:
        print(found, end="")
        return GOOD
    if not args.out:
        raise BadRequest(f"this is {len(found)} files: give a folder, --out DIR")
    if isinstance(found, str):
        files = {output.path_of(args.out): found}
    else:
        folder = output.folder(args.out)
        files = {folder / name: text for name, text in found.items()}
    outputs.put({outputs.check(p, args.overwrite): outputs.writes(t) for p, t in files.items()})
    for file in files:
        print(f"written: {file}", file=sys.stderr)
    return GOOD
