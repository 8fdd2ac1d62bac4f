"""``mgsim demo``: a sweep over magnesium, a table and a figure."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mgsim import experiments
from mgsim.cli import arguments, output
from mgsim.cli.arguments import Adder

_DEMO_MG = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 2.0]


def add(to: Any, command: Adder) -> None:
    """Add ``demo`` to the command line."""
    first = command(
        to,
        "demo",
        "sweep magnesium from 0 to 2 mM, print a table and draw the figure",
        """
                    mgsim demo
                    mgsim demo --out plots          the folder for the figure
                    """,
        do=demo,
    )
    first.add_argument(
        "--out",
        metavar="DIR",
        default="mgsim-demo",
        help="folder for the figure (default: mgsim-demo, here)",
    )
    arguments.add_overwrite(first)
    first.add_argument("--json", action="store_true", help="print JSON")


def demo(args: argparse.Namespace) -> int:
    """A small sweep over magnesium, its table and its figure."""
    from mgsim.figures import saving

    experiment = experiments["mg_response"]
    folder = output.folder(args.out)
    targets = saving.check("mg_response", folder, args.overwrite)
    if not args.json:
        print(
            f"{experiment.question}\nModel '{experiment.models[0].name}', protocol "
            f"'{experiment.protocol.name}'.\n",
            flush=True,
        )
    ds = experiment.run(mg_out=_DEMO_MG)
    files = saving.write("mg_response", ds, targets)
    if args.json:
        print(
            json.dumps(
                {"data": output.plain(ds.to_dict()), "files": [str(f) for f in files.values()]}
            )
        )
    else:
        output.table(
            ds[["spike_rate", "ca_charge_nmda"]].rename(
                mg_out="magnesium", spike_rate="firing rate", ca_charge_nmda="calcium load"
            )
        )
        print(f"\nfigure: {files['png']} ({', '.join(sorted(files))})")
        for step in (*output.activation(), "mgsim list, mgsim show standard, mgsim cite standard"):
            print(f"next: {step}")
    return output.ended(ds)
