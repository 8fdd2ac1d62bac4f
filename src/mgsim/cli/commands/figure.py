"""``mgsim figure``: a figure of an experiment, or all of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from mgsim import figures
from mgsim.cli import arguments, output
from mgsim.cli.arguments import Adder, BadRequest, given
from mgsim.sweeps.result import outputs
from mgsim.sweeps.result.file import read


def add(to: Any, command: Adder) -> None:
    """Add ``figure`` to the command line."""
    drawing = command(
        to,
        "figure",
        "run a figure's experiment and draw the figure",
        """
        mgsim figure mg_response --out plots
        mgsim figure block_curves --axis block=jahr_stevens_1990,kampa_2004
        mgsim figure mg_response --from response.nc
        mgsim figure mg_shares --draws 8              a first look: about 15 s of one core
        mgsim figure all --out plots
        """,
        do=figure,
    )
    drawing.add_argument("name", metavar="NAME", help="a name from 'mgsim list figures', or all")
    drawing.add_argument("--out", metavar="DIR", default=".", help="folder (default: this one)")
    drawing.add_argument(
        "--from",
        metavar="FILE.nc",
        dest="result",
        help="draw a result that is kept, such as the --out of 'mgsim sweep run'",
    )
    arguments.add_run_options(drawing)
    arguments.add_draws(drawing)
    arguments.add_overwrite(drawing)


def figure(args: argparse.Namespace) -> int:
    """A figure, or all of them, and everything that belongs to it."""
    if args.name != "all":
        return _drawn(args)
    if args.result is not None or args.fixed or args.axis or args.draws:
        raise BadRequest("--from, --set and --axis are for one figure; 'all' draws each as it is")
    from mgsim.figures import saving

    folder = output.folder(args.out)
    targets = {name: saving.check(name, folder, args.overwrite) for name in figures}
    codes = []
    for i, name in enumerate(figures, 1):
        print(f"{name} ({i} of {len(figures)})", file=sys.stderr, flush=True)
        codes.append(_drawn(argparse.Namespace(**{**vars(args), "name": name}), targets[name]))
    return max(codes)


def _drawn(args: argparse.Namespace, targets: Mapping[str, outputs.Target] | None = None) -> int:
    """One figure, into files that were checked, or are."""
    from mgsim.figures import saving

    drawn = figures[args.name]
    experiment = arguments.experiment(args, drawn.of)
    if args.result is not None:
        if args.fixed or args.axis or args.draws:
            raise BadRequest("--from draws a result as it is; --set and --axis are for a run")
        ds = read(output.path_of(args.result))
        targets = saving.check(drawn, output.folder(args.out), args.overwrite)
    else:
        asked = given(args, experiment.run)
        several = {
            n: len(v)
            for n, v in {**experiment.axes, **asked}.items()
            if n not in ("arms", "follow") and not isinstance(v, str) and hasattr(v, "__len__")
        }
        if len(experiment.models) > 1 and "model" not in asked:
            several["model"] = len(experiment.models)
        drawn.check(several, (experiment.axes.keys() | asked.keys()) - several.keys())
        targets = targets or saving.check(drawn, output.folder(args.out), args.overwrite)
        ds = experiment.run(**asked)
    for file in saving.write(drawn, ds, targets).values():
        print(file)
    return output.ended(ds)
