"""``mgsim sweep``: what is run, and what it will cost."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING, Any

from mgsim import experiments
from mgsim.cli import arguments, cluster, jobs, output
from mgsim.cli.arguments import Adder
from mgsim.cli.commands import sweep_folder
from mgsim.cli.output import FAILED, GOOD

if TYPE_CHECKING:
    import xarray as xr

#: Points up to which a finished run prints its table.
_TABLE = 100_000


def add(to: Any, command: Adder) -> None:
    """Add ``sweep`` and its commands."""
    sweeps = command(
        to,
        "sweep",
        "keep numbers for each of many points: in memory, or in a folder that survives anything",
        """
        mgsim sweep run mg_response --axis mg_out=0:2:9
        mgsim sweep run study.toml --out study
        mgsim sweep run --help
        """,
    ).add_subparsers(metavar="COMMAND", required=True)

    run = command(
        sweeps,
        "run",
        "run an experiment over its axes, or a sweep file",
        """
        mgsim sweep run mg_response --axis mg_out=0:2:9          start:stop:count
        mgsim sweep run mg_response --axis mg_out=0,0.8 --axis block=none,kampa_2004
        mgsim sweep run mg_response --set tau_ca=40ms --out response.nc    or .csv, .parquet
        mgsim sweep run study.toml --out study                   a folder: goes on where it stopped
        mgsim sweep run study.toml --out study --dask tcp://10.0.0.1:8786
        """,
        do=do_run,
    )
    run.add_argument(
        "--out",
        metavar="FILE|DIR",
        help="a name that ends with .nc, .csv or "
        ".parquet is a file, any other a folder that keeps each finished batch",
    )
    run.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="run on a dask.distributed cluster: its "
        "scheduler's address, or its scheduler file (.json)",
    )
    run.add_argument(
        "--batch", metavar="N", type=arguments.count, help="points of a batch, for a new folder"
    )
    run.add_argument(
        "--processes",
        metavar="N",
        type=arguments.count,
        help="for an engine that needs processes (default: one a core)",
    )
    run.add_argument(
        "--converge",
        action="store_true",
        help="run at most 32 points again at half "
        "the step, and say how far each measure is from that",
    )
    _add_single_writer(run)
    arguments.add_overwrite(run)
    plan = command(
        sweeps,
        "plan",
        "say what a sweep will cost, from a few of its points",
        """
        mgsim sweep plan study.toml
        mgsim sweep plan mg_response --axis mg_out=0:2:1000 --axis g_nmda=0:20:1000
        """,
        do=do_plan,
    )
    for one in (run, plan):
        one.add_argument(
            "experiment",
            metavar="EXPERIMENT|FILE.toml",
            help="a name from 'mgsim list experiments', or a sweep file",
        )
        one.add_argument("--large", action="store_true", help="more than 100 million points")
        one.add_argument(
            "--threads",
            metavar="N",
            type=arguments.count,
            default=0,
            help="cores to use (default: all)",
        )
        arguments.add_run_options(one)
        arguments.add_sample_options(one)
        one.add_argument("--json", action="store_true", help="print JSON")

    for name, help, do in (
        ("status", "say how far a sweep is, and which points failed", sweep_folder.do_status),
        ("verify", "read everything again and compare checksums", sweep_folder.do_verify),
        (
            "repair",
            "verify, and compute anew what is damaged, and only that",
            sweep_folder.do_repair,
        ),
    ):
        one = command(sweeps, name, help, f"mgsim sweep {name} study", do=do)
        one.add_argument("folder", metavar="DIR", help="the --out of 'mgsim sweep run'")
        one.add_argument("--json", action="store_true", help="print JSON")
        if name == "repair":
            _add_single_writer(one)
            one.add_argument(
                "--failed",
                action="store_true",
                help="run points again that failed, crashed or lacked memory",
            )
    export = command(
        sweeps,
        "export",
        "write a sweep as one file",
        """
        mgsim sweep export study study.nc
        mgsim sweep export study study.csv           a row a point; .parquet likewise
        """,
        do=sweep_folder.do_export,
    )
    export.add_argument("folder", metavar="DIR", help="the --out of 'mgsim sweep run'")
    export.add_argument("file", metavar="FILE", help="a name that ends with .nc, .csv or .parquet")
    arguments.add_overwrite(export)


def do_run(args: argparse.Namespace) -> int:
    """A sweep: in memory and printed, or into a folder."""
    out = output.file(args.out, args.overwrite)
    folder = args.out is not None and out is None
    for option in ("dask", "batch", "processes"):
        if not folder and getattr(args, option) is not None:
            raise ValueError(f"--{option} is for a sweep that is kept in a folder: give --out DIR")
    if not folder and not args.experiment.endswith(".toml"):
        experiment = arguments.experiment(args, args.experiment)
        more = {"converge": True} if args.converge else {}
        given = arguments.given(args, experiment.run)
        found = experiment.run(threads=args.threads, **more, **given)
        return output.result(args, found, out)
    from mgsim.runs import half_step

    job = jobs.asked(args)
    if not folder:
        from mgsim.runs.sweep import in_memory
        from mgsim.sweeps.designs import check_size

        check_size(10 * job.request.size)
        found = in_memory(job)
        return output.result(args, half_step.told(job, found) if args.converge else found, out)
    from mgsim.runs.in_folder import durable

    client = cluster.client(args.dask) if args.dask else None
    try:
        ds = durable(
            job,
            output.path_of(args.out),
            large=args.large,
            batch=args.batch,
            client=client,
            processes=args.processes,
            single_writer=args.single_writer,
            recipe={"arguments": jobs.told(args), "folder": os.getcwd()},
        )
        if args.converge:
            ds = half_step.told(job, ds, output.path_of(args.out))
    finally:
        if client is not None:
            client.close()
    return _ended(args, ds, args.out)


def do_plan(args: argparse.Namespace) -> int:
    """What a sweep will cost."""
    from dataclasses import asdict

    from mgsim.runs.plan import plan
    from mgsim.runs.progress import duration
    from mgsim.sweeps.labels import drawn

    job = jobs.asked(args)
    found = plan(job, large=args.large)
    if args.json:
        print(json.dumps({**asdict(found), **drawn(job.request)}))
        return GOOD
    print(f"points      {found.points:,} in {found.batches:,} batches of {found.batch:,}")
    print(f"on disk     {_bytes(found.bytes)} at most")
    print(f"engine      {found.engine}, {found.cores} cores")
    print(f"time        {duration(found.seconds)} here; {found.core_hours:.3g} core-hours")
    print(f"            (from {found.probed:,} points that ran now; nothing is stored)")
    sweep_folder.print_drawn(drawn(job.request))
    return GOOD


def _add_single_writer(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--single-writer",
        action="store_true",
        help="no other run is at work in the folder: for a file system without locks",
    )


def _ended(args: argparse.Namespace, ds: xr.Dataset, folder: str) -> int:
    """Say how a run into a folder ended."""
    from mgsim.store.opening import ended
    from mgsim.store.repair import summary

    store = sweep_folder.opened(folder)
    done = store.done()
    kept = summary(store)
    if isinstance(kept, str):  # a folder that may only be read
        kept = ended(store, done, ds)
    if args.json:
        print(
            json.dumps(
                {
                    "folder": folder,
                    "counts": kept["counts"],
                    "failures": kept["failures"],
                    "dead_axes": kept["dead_axes"],
                }
            )
        )
    else:
        if ds.status.size <= _TABLE:
            derive = (
                None if args.experiment.endswith(".toml") else (experiments[args.experiment].derive)
            )
            output.tables(derive(ds) if derive else ds)
        for line in kept["failures"].splitlines()[: sweep_folder.SHOWN]:
            print(line)
        print(
            f"\nkept in {folder}: mgsim.open_sweep('{folder}'), or 'mgsim sweep export {folder} "
            "FILE.nc'"
        )
    return GOOD if kept["counts"]["ok"] == store.n_points else FAILED


def _bytes(n: int) -> str:
    for size, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n} bytes"
