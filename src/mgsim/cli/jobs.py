"""The job that the arguments of a sweep ask for, and the one that has filled a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgsim.cli import arguments, output, own_file

if TYPE_CHECKING:
    from mgsim.store.folder import Store
    from mgsim.sweeps.prepare import Job


def asked(args: argparse.Namespace) -> Job:
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
    given = arguments.given(args, experiment.job, most)
    return experiment.job(threads=args.threads, **given)


def told(args: argparse.Namespace) -> dict[str, Any]:
    """The arguments from which :func:`asked` makes the job again."""
    names = ["experiment", "fixed", "axis", "seed", "dt", "engine", "large"]
    names += ["draws", "design", "prior", "follow", "arm", "start", "fresh", "keep_state"]
    found = {n: getattr(args, n) for n in names} | {"dt": arguments.steps(args)}
    if args.experiment.endswith(".toml"):
        found["experiment"] = str(Path(args.experiment).absolute())
    if args.start is not None:
        found["start"] = str(Path(args.start).absolute())
    return found


def again(store: Store) -> Job | None:
    """The job of a folder that the command line has filled, if it is still the same."""
    from mgsim.catalogs.catalog import UnknownName
    from mgsim.store.description.identity import describe, identity

    recipe = store.manifest.get("recipe")
    if not recipe:
        return None
    try:
        with own_file.not_asked():
            job = asked(argparse.Namespace(**{**recipe["arguments"], "threads": 0, "large": True}))
    except (ValueError, OSError, UnknownName):
        return None
    return job if identity(describe(job)) == store.manifest["sha256"] else None
