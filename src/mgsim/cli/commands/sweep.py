"""``mgsim sweep``: plan, run, status, verify, repair, export."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgsim import experiments
from mgsim.cli import arguments, cluster, output, own_file
from mgsim.cli.arguments import Adder
from mgsim.cli.output import FAILED, GOOD

if TYPE_CHECKING:
    import xarray as xr

    from mgsim.store.folder import Store
    from mgsim.sweeps.prepare import Job

#: Rows of failures that are shown, and points up to which a finished run prints its table.
_SHOWN, _TABLE = 10, 100_000


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
        ("status", "say how far a sweep is, and which points failed", do_status),
        ("verify", "read everything again and compare checksums", do_verify),
        ("repair", "verify, and compute anew what is damaged, and only that", do_repair),
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
        do=do_export,
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
        found = experiment.run(threads=args.threads, **more, **arguments.given(args))
        return output.result(args, found, out)
    from mgsim.runs import half_step

    job = _job(args)
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
            recipe={"arguments": _arguments(args), "folder": os.getcwd()},
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

    job = _job(args)
    found = plan(job, large=args.large)
    if args.json:
        print(json.dumps({**asdict(found), **drawn(job.request)}))
        return GOOD
    print(f"points      {found.points:,} in {found.batches:,} batches of {found.batch:,}")
    print(f"on disk     {_bytes(found.bytes)} at most")
    print(f"engine      {found.engine}, {found.cores} cores")
    print(f"time        {duration(found.seconds)} here; {found.core_hours:.3g} core-hours")
    print(f"            (from {found.probed:,} points that ran now; nothing is stored)")
    _print_drawn(drawn(job.request))
    return GOOD


def do_status(args: argparse.Namespace) -> int:
    """How far a sweep is; what is missing is noticed by its size, what is damaged by ``verify``."""
    from mgsim.store.checked_json import Damaged
    from mgsim.store.opening import counts, failure_line, failures
    from mgsim.store.repair import half_step_fault, summary_fault

    store = _store(args.folder)
    done = store.done()
    numbers = counts(store, done)
    try:
        failed = failures(store, done, _SHOWN)
    except Damaged:  # an axis, of which the faults tell
        failed = []
    faults = {**store.faults(), **summary_fault(store, bool(done.all())), **half_step_fault(store)}
    what = store.frame.attrs
    if args.json:
        print(
            json.dumps(
                {
                    "points": store.n_points,
                    "batches": store.n_batches,
                    "batches_done": int(done.sum()),
                    "counts": numbers,
                    **{n: what[n] for n in ("priors", "follows", "arms") if n in what},
                    "failures": output.plain(failed),
                    "files": faults,
                    "faults": {str(k): v for k, v in store.noticed.items()},
                }
            )
        )
    else:
        print(
            f"{what['model']} under {what['protocol']}, engine {what['engine']}; started "
            f"{store.manifest['created']}"
        )
        print(
            f"{int(done.sum()):,} of {store.n_batches:,} batches, "
            f"{store.n_points - numbers['pending']:,} of {store.n_points:,} points done"
        )
        print(", ".join(f"{n:,} {name}" for name, n in numbers.items() if n))
        _print_drawn(what)
        for failure in failed:
            print(failure_line(failure))
    store.tell(faults)
    bad = store.n_points - numbers["pending"] - numbers["ok"]
    return FAILED if bad or store.noticed or faults else GOOD


def do_verify(args: argparse.Namespace) -> int:
    """Whether what is stored is what was written."""
    from mgsim.runs.progress import Progress
    from mgsim.store.repair import verify

    store = _store(args.folder)
    with Progress(store.n_batches) as shown:
        report = verify(store, shown.to)
    _print_report(args, report)
    return GOOD if report.good else FAILED


def do_repair(args: argparse.Namespace) -> int:
    """Compute what is damaged again, and only that, where the folder says how."""
    from mgsim.runs.in_folder import conclude, durable, failed_batches, forget
    from mgsim.store import repair

    store = _store(args.folder)
    report = repair.verify(store)
    _print_report(args, report)
    failed = failed_batches(store) if args.failed else []
    if report.good and not failed:
        return GOOD
    job = _job_again(store)
    if job is None:
        repair.files(store)
        if not store.faults():
            conclude(store)
    else:
        forget(store, failed)
        durable(
            job,
            args.folder,
            large=True,
            only={*report.faults, *failed},
            single_writer=args.single_writer,
        )
    left = repair.verify(_store(args.folder))
    stays = bool(failed and job is None)
    if not left.good or stays:
        with_what = ", with rerun_failed=True," if stays else ""
        print(
            f"mgsim: the rest can be computed anew by the same sweep again{with_what}: "
            "this folder does not say how it was run, or that means another sweep now",
            file=sys.stderr,
        )
    elif not args.json:
        print(f"{store.n_batches - left.pending:,} of {store.n_batches:,} batches are whole")
    return FAILED if stays or not left.good else GOOD


def do_export(args: argparse.Namespace) -> int:
    """One file for others."""
    from mgsim.store.export import export

    path, store = output.path_of(args.file), _store(args.folder)
    whole = export(store, path, args.overwrite)
    print(f"written: {path}")
    return GOOD if whole else FAILED


# ------------------------------------------------------------------------------------- parts


def _job(args: argparse.Namespace) -> Job:
    """The job that the arguments ask for: of a sweep file, or of an experiment."""
    from mgsim.runs.from_file import sweep_file
    from mgsim.sweeps import designs

    if args.experiment.endswith(".toml"):
        for flag in ("set", "axis", "draws", "design", "prior", "follow", "arm"):
            if getattr(args, "fixed" if flag == "set" else flag, None):
                raise ValueError(
                    f"a sweep file has its own axes and values; --{flag} is for experiments"
                )
        options = {
            "seed": args.seed,
            "dt": arguments.steps(args),
            "engine": args.engine,
            "threads": args.threads,
            **arguments.begun(args),
        }
        return sweep_file.read(
            output.path_of(args.experiment),
            large=args.large,
            **{k: v for k, v in options.items() if v is not None},
        )
    experiment = arguments.experiment(args, args.experiment)
    if experiment.record:
        raise ValueError(
            f"experiment '{experiment.name}' keeps traces or formulas; a folder keeps measures"
        )
    most = designs.MOST if args.large else designs.MANY
    return experiment.job(threads=args.threads, **arguments.given(args, most=most))


def _arguments(args: argparse.Namespace) -> dict[str, Any]:
    """The arguments from which :func:`_job` makes the job again."""
    names = ["experiment", "fixed", "axis", "seed", "dt", "engine", "large"]
    names += ["draws", "design", "prior", "follow", "arm", "start", "fresh", "keep_state"]
    found = {n: getattr(args, n) for n in names} | {"dt": arguments.steps(args)}
    if args.experiment.endswith(".toml"):
        found["experiment"] = str(Path(args.experiment).absolute())
    if args.start is not None:
        found["start"] = str(Path(args.start).absolute())
    return found


def _job_again(store: Store) -> Job | None:
    """The job of a folder that the command line has filled, if it is still the same."""
    from mgsim.catalogs.catalog import UnknownName
    from mgsim.store.description.identity import describe, identity

    recipe = store.manifest.get("recipe")
    if not recipe:
        return None
    try:
        with own_file.not_asked():
            job = _job(argparse.Namespace(**{**recipe["arguments"], "threads": 0, "large": True}))
    except (ValueError, OSError, UnknownName):
        return None
    return job if identity(describe(job)) == store.manifest["sha256"] else None


def _store(folder: str) -> Store:
    from mgsim.store.folder import Store

    return Store.open(output.path_of(folder))


def _add_single_writer(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--single-writer",
        action="store_true",
        help="no other run is at work in the folder: for a file system without locks",
    )


def _print_drawn(words: Mapping[str, Any]) -> None:
    """Priors, what follows from them and arms, as the attributes of a result say them."""
    for name in ("priors", "follows", "arms"):
        for line in str(words.get(name, "")).splitlines():
            print(f"{name:<12}{line}")


def _print_report(args: argparse.Namespace, report: Any) -> None:
    if args.json:
        print(
            json.dumps(
                {
                    "batches": report.batches,
                    "pending": report.pending,
                    "faults": {str(k): v for k, v in report.faults.items()},
                    "files": report.files,
                }
            )
        )
        return
    for name, words in report.files.items():
        print(f"{name} {words}")
    for batch, words in report.faults.items():
        print(f"batch {batch}: {words}")
    pending = f", {report.pending:,} not run yet" if report.pending else ""
    files = f" and {len(report.files):,} other files" if report.files else ""
    print(f"{report.batches:,} batches: {len(report.faults):,}{files} damaged{pending}")


def _ended(args: argparse.Namespace, ds: xr.Dataset, folder: str) -> int:
    """Say how a run into a folder ended."""
    from mgsim.store.opening import ended
    from mgsim.store.repair import summary

    store = _store(folder)
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
        for line in kept["failures"].splitlines()[:_SHOWN]:
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
