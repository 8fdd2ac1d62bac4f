"""One run, or a search: ``simulate``, ``threshold``."""

from __future__ import annotations

import argparse
from typing import Any

from mgsim.cli import arguments, output
from mgsim.cli.arguments import Adder, BadRequest, given


def add(to: Any, command: Adder) -> None:
    """Add the commands to the command line."""
    run = command(
        to,
        "simulate",
        "run a model under a protocol and keep traces",
        """
        mgsim simulate standard --protocol train_20hz --set mg_out=0.8mM --out traces.nc
        mgsim simulate patch --protocol voltage_ramp --record v,i_nmda --axis mg_out=0,0.2,1
        mgsim simulate standard --protocol single_pulse --set block=kampa_2004 --duration 200
        mgsim simulate standard --protocol 'train_20hz + current_step' --set i_amp=300
        mgsim simulate standard --protocol train_20hz --change 'mg_out=step(0.1, start=500)'
        """,
        do=simulate,
    )
    run.add_argument("model", metavar="MODEL", help="a name from 'mgsim list models'")
    arguments.add_protocol(run, required=True)
    run.add_argument(
        "--record",
        metavar="NAME,...",
        help="variables to keep (default: v,ca; 'mgsim show MODEL' has more)",
    )
    run.add_argument("--duration", metavar="TIME", help="in ms, or with a unit such as 2s")
    run.add_argument(
        "--every",
        metavar="N",
        type=arguments.whole,
        default=1,
        help="keep each Nth step (default: 1)",
    )
    run.add_argument(
        "--out",
        metavar="FILE",
        help="write the result: a name that ends with .nc (netCDF), .csv or .parquet",
    )
    search = command(
        to,
        "threshold",
        "find where a measure reaches a level along a parameter",
        """
        mgsim threshold cell --protocol current_step --along i_amp --between 0,1000 --to 1 \\
              --measure spike_count --level 1
        mgsim threshold standard --protocol train_80hz --along mg_out --between 1uM,4mM --to 1uM \\
              --log --measure spike_count --level 1 --axis g_nmda=20,40,60 --out mg.csv
        """,
        do=threshold,
    )
    search.add_argument("model", metavar="MODEL", help="a name from 'mgsim list models'")
    arguments.add_protocol(search, required=True)
    for flag, word, words in (
        ("--along", "NAME", "the parameter along which it is looked for"),
        ("--measure", "NAME", "a name from 'mgsim list measures'"),
        ("--level", "VALUE", "what the measure has to reach"),
        ("--between", "LOW,HIGH", "the lowest and the highest value that are tried"),
        ("--to", "WIDTH", "how well the threshold is wanted, in the parameter's unit"),
    ):
        search.add_argument(flag, metavar=word, required=True, help=words)
    search.add_argument("--log", action="store_true", help="the first looks are spaced by ratios")
    search.add_argument(
        "--looks",
        metavar="N",
        type=arguments.count,
        default=9,
        help="values tried first, which tell how often the level is crossed (default: 9)",
    )
    search.add_argument("--duration", metavar="TIME", help="in ms, or with a unit such as 2s")
    search.add_argument(
        "--out",
        metavar="PLACE",
        help="a file (.nc, .csv or .parquet), or a folder in which the search is kept",
    )
    for one in (run, search):
        arguments.add_run_options(one)
        arguments.add_overwrite(one)
        one.add_argument("--json", action="store_true", help="print JSON")


def simulate(args: argparse.Namespace) -> int:
    """Traces of a model."""
    from mgsim.runs.simulate import simulate as traces

    model, protocol = arguments.model(args.model), arguments.protocol(args)
    out = output.file(args.out, args.overwrite)
    if args.out is not None and out is None:
        raise BadRequest(f"--out {args.out}: traces are kept in a file, .nc, .csv or .parquet")
    if args.duration is not None:
        duration = arguments.time_in_ms(args.duration, "--duration")
        protocol = protocol.lasting(duration)
    options = given(args, traces)
    if args.record is not None:
        options["record"] = arguments.names(args.record, "--record")
    ds = traces(model, protocol, every=args.every, **options)
    return output.result(args, ds, out)


def threshold(args: argparse.Namespace) -> int:
    """Where a measure reaches a level."""
    from mgsim.runs.sweep import threshold as searched

    protocol, options = arguments.protocol(args), given(args, searched)
    if args.duration is not None:
        protocol = protocol.lasting(arguments.time_in_ms(args.duration, "--duration"))
    ends = [word.strip() for word in args.between.split(",")]
    if len(ends) != 2:
        raise BadRequest(f"--between '{args.between}' is not of the form LOW,HIGH")
    low, high = (arguments.value("--between", word) for word in ends)
    out = output.file(args.out, args.overwrite)
    ds = searched(
        arguments.model(args.model),
        protocol,
        axis=args.along,
        measure=args.measure,
        level=arguments.value("--level", args.level),
        between=(low, high),
        to=arguments.value("--to", args.to),
        spacing="log" if args.log else "linear",
        looks=args.looks,
        out=args.out if out is None else None,
        overwrite=args.overwrite,
        **options,
    )
    return output.result(args, ds, out)
