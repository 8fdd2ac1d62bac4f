"""What is done to a sweep's folder: ``mgsim sweep status``, ``verify``, ``repair``, ``export``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mgsim.cli import jobs, output
from mgsim.cli.output import FAILED, GOOD

if TYPE_CHECKING:
    from mgsim.store.folder import Store

#: Rows of failures that are shown.
SHOWN = 10


def do_status(args: argparse.Namespace) -> int:
    """How far a sweep is; what is missing is noticed by its size, what is damaged by ``verify``."""
    from mgsim.store.checked_json import Damaged
    from mgsim.store.opening import counts, failure_line, failures
    from mgsim.store.repair import half_step_fault, summary_fault

    store = opened(args.folder)
    done = store.done()
    numbers = counts(store, done)
    try:
        failed = failures(store, done, SHOWN)
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
        print_drawn(what)
        for failure in failed:
            print(failure_line(failure))
    store.tell(faults)
    bad = store.n_points - numbers["pending"] - numbers["ok"]
    return FAILED if bad or store.noticed or faults else GOOD


def do_verify(args: argparse.Namespace) -> int:
    """Whether what is stored is what was written."""
    from mgsim.runs.progress import Progress
    from mgsim.store.repair import verify

    store = opened(args.folder)
    with Progress(store.n_batches) as shown:
        report = verify(store, shown.to)
    _print_report(args, report)
    return GOOD if report.good else FAILED


def do_repair(args: argparse.Namespace) -> int:
    """Compute what is damaged again, and only that, where the folder says how."""
    from mgsim.runs.in_folder import conclude, durable, failed_batches, forget
    from mgsim.store import repair

    store = opened(args.folder)
    report = repair.verify(store)
    _print_report(args, report)
    failed = failed_batches(store) if args.failed else []
    if report.good and not failed:
        return GOOD
    job = jobs.again(store)
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
    left = repair.verify(opened(args.folder))
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

    path, store = output.path_of(args.file), opened(args.folder)
    whole = export(store, path, args.overwrite)
    print(f"written: {path}")
    return GOOD if whole else FAILED


def opened(folder: str) -> Store:
    """The sweep in a folder that an argument names."""
    from mgsim.store.folder import Store

    return Store.open(output.path_of(folder))


def print_drawn(words: Mapping[str, Any]) -> None:
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
