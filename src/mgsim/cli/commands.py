"""What each command does, through the public functions of mgsim."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgsim.cli import FAILED, GOOD, arguments, output
from mgsim.cli.arguments import KINDS, BadRequest, given, progress

if TYPE_CHECKING:
    import xarray as xr

_DEMO_MG = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 2.0]
#: Kinds whose catalog needs a slow import.
_SLOW = ("figures",)


def demo(args: argparse.Namespace) -> int:
    """A small sweep over magnesium, its table and its figure."""
    import mgsim

    experiment = mgsim.experiments["mg_response"]
    folder = output.folder(args.out)
    if not args.json:
        print(f"{experiment.question}\nModel '{experiment.models[0].name}', protocol "
              f"'{experiment.protocol.name}'.\n", flush=True)
    ds = experiment.run(mg_out=_DEMO_MG, progress=progress())
    files = mgsim.figures.save("mg_response", ds, folder)
    if args.json:
        print(json.dumps({"data": output.plain(ds.to_dict()),
                          "files": [str(f) for f in files.values()]}))  # fmt: skip
    else:
        output.table(ds[["spike_rate", "ca_charge_nmda"]].rename(
            mg_out="magnesium", spike_rate="firing rate", ca_charge_nmda="calcium load"))
        print(f"\nfigure: {files['png']} ({', '.join(sorted(files))})")
        print("next: mgsim list, mgsim show standard, mgsim cite standard")
    return _ended(ds)


def names(args: argparse.Namespace) -> int:
    """Names and meanings, of one kind or of all."""
    import mgsim
    from mgsim.catalog import unknown

    if args.kind and args.kind not in KINDS:
        raise unknown("kind", args.kind, KINDS)
    kinds = [args.kind] if args.kind else [k for k in KINDS if args.json or k not in _SLOW]
    found = {kind: {x.name: output.meaning(x) for x in getattr(mgsim, kind).values()}
             for kind in kinds}  # fmt: skip
    if args.json:
        print(json.dumps(found, indent=1))
        return GOOD
    for kind, meanings in found.items():
        print(kind)
        for name, meaning in meanings.items():
            print(f"  {name:<22}  {meaning}")
    if not args.kind:
        print("figures\n  mgsim list figures")
    return GOOD


def show(args: argparse.Namespace) -> int:
    """One thing, whole; or the page of all parts."""
    if args.write:
        return _written(args)
    if not args.name:
        raise BadRequest("give the NAME of what to show, or --write FILE.md for all parts")
    found = [output.describe(kind, thing) for kind, thing in _find(args.name)]
    if args.json:
        print(json.dumps(found[0] if len(found) == 1 else found, indent=1))
    else:
        print("\n\n".join("\n".join(output.lines(d)) for d in found))
    return GOOD


def _written(args: argparse.Namespace) -> int:
    from mgsim.report import parts

    if args.name:
        raise BadRequest("--write makes the page of all parts; leave out NAME")
    out = Path(args.write)
    if not out.parent.is_dir():
        raise BadRequest(f"--write {args.write}: there is no folder {out.parent}")
    out.write_text(parts.page(), encoding="utf-8", newline="\n")
    print(f"written: {out}")
    return GOOD


def cite(args: argparse.Namespace) -> int:
    """References of one thing."""
    import mgsim

    things = [thing for _, thing in _find(args.name)]
    print(mgsim.cite(things, style="bibtex" if args.bibtex else "text"))
    return GOOD


def simulate(args: argparse.Namespace) -> int:
    """Traces of a model."""
    import mgsim

    model, protocol = mgsim.models[args.model], mgsim.protocols[args.protocol]
    out = output.file(args.out)
    if args.duration is not None:
        duration = arguments.time_in_ms(args.duration, "--duration")
        protocol = protocol.lasting(duration, window=(0.0, duration))
    options = given(args)
    if args.record is not None:
        options["record"] = arguments.names(args.record, "--record")
    return _result(args, mgsim.simulate(model, protocol, every=args.every, **options), out)


def sweep(args: argparse.Namespace) -> int:
    """Numbers for each point of an experiment."""
    import mgsim

    experiment, out = mgsim.experiments[args.experiment], output.file(args.out)
    return _result(args, experiment.run(**given(args)), out)


def figure(args: argparse.Namespace) -> int:
    """A figure and everything that belongs to it."""
    import mgsim

    drawn, folder = mgsim.figures[args.name], output.folder(args.out)
    ds = mgsim.experiments[drawn.of].run(**given(args))
    for file in mgsim.figures.save(drawn, ds, folder).values():
        print(file)
    return _ended(ds)


DO: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": demo, "list": names, "show": show, "cite": cite, "simulate": simulate, "run": sweep,
    "figure": figure,
}  # fmt: skip


def _find(name: str) -> list[tuple[str, Any]]:
    """Everything of that name, with its kind; ``KIND/NAME`` asks for one kind."""
    import mgsim
    from mgsim.catalog import unknown

    kind, slash, short = name.rpartition("/")
    kinds = [k for k in KINDS if not slash or kind in (k, k.removesuffix("s"))]
    if not kinds:
        raise unknown("kind", kind, KINDS)
    known: set[str] = set()
    for some in ([k for k in kinds if k not in _SLOW], [k for k in kinds if k in _SLOW]):
        catalogs = {k: getattr(mgsim, k) for k in some}
        found = [(k, c[short]) for k, c in catalogs.items() if short in c]
        if found:
            return found
        known |= {n for c in catalogs.values() for n in c}
    error = unknown(kind if slash else "part, model, experiment or figure", short, known)
    if not slash and "did you mean" not in str(error):
        raise BadRequest(f"nothing is called '{name}'; 'mgsim list' has the names")
    raise error


def _result(args: argparse.Namespace, ds: xr.Dataset, out: Path | None) -> int:
    if out:
        output.write(ds, out)
    if args.json:
        print(json.dumps(output.plain(ds.to_dict())))
    else:
        output.table(output.summary(ds))
        print(f"\nwritten: {out}" if out else "\n--out FILE.nc keeps the whole result")
    return _ended(ds)


def _ended(ds: xr.Dataset) -> int:
    return FAILED if "status" in ds and bool((ds.status != 0).any()) else GOOD
