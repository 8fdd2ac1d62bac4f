"""Commands on what there is and for one run: demo, list, show, cite, simulate, figure."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from mgsim import experiments, figures
from mgsim.catalogs import CATALOGS, PARTS
from mgsim.cli import arguments, interface, output, own_file
from mgsim.cli.arguments import KINDS, Adder, BadRequest, given, progress
from mgsim.cli.output import GOOD
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.sweeps.result import outputs

_DEMO_MG = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 2.0]
#: Kinds whose catalog needs a slow import.
_SLOW = ("figures",)
#: How many names are shown that are about something.
_ABOUT = 12


def add(to: Any, command: Adder) -> None:
    """Add the commands to the command line."""
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

    listing = command(
        to,
        "list",
        "list what there is",
        """
        mgsim list
        mgsim list blocks
        mgsim list protocols --json
        mgsim list ports                   the words that parts share, who gives and who reads them
        mgsim list slots                   which parts can stand for one another
        """,
        do=names,
    )
    listing.add_argument(
        "kind", metavar="KIND", nargs="?", help=", ".join((*KINDS, *interface.TABLES))
    )

    showing = command(
        to,
        "show",
        "print a part, model, protocol, experiment or figure",
        """
        mgsim show jahr_stevens_1990        equations, numbers, sources, deviations
        mgsim show standard                 a model: its parts by slot
        mgsim show figures/block_curves     KIND/NAME asks for one kind
        mgsim show standard --table latex   its parameters for a supplement; also csv, md
        mgsim show --write docs/parts.md    the page of all parts, equations typeset
        """,
        do=show,
    )
    citing = command(
        to,
        "cite",
        "print what to cite for a part, model or experiment",
        """
        mgsim cite standard
        mgsim cite kampa_2004 --bibtex > mgsim.bib
        """,
        do=cite,
    )
    for one, many in ((showing, "?"), (citing, None)):
        one.add_argument(
            "name", metavar="NAME", nargs=many, help="a name from 'mgsim list', or KIND/NAME"
        )
    showing.add_argument(
        "--table",
        metavar="FORM",
        help="the parameters as a table with units, meanings, sources and ranges: csv, md, latex",
    )
    showing.add_argument("--write", metavar="FILE.md", help="write the page of all parts")
    citing.add_argument("--bibtex", action="store_true", help="for a reference manager")

    telling = command(
        to,
        "methods",
        "print a methods paragraph for a model, an experiment or a result",
        """
        mgsim methods standard
        mgsim methods mg_response
        mgsim methods study                a folder of 'sweep run --out', or a file: study.nc
        mgsim methods ./mymodel.py
        """,
        do=methods,
    )
    telling.add_argument(
        "name", metavar="NAME", help="a name from 'mgsim list', a .nc file, a folder, a .py file"
    )

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

    drawing = command(
        to,
        "figure",
        "run a figure's experiment and draw the figure",
        """
        mgsim figure mg_response --out plots
        mgsim figure block_curves --axis block=jahr_stevens_1990,kampa_2004
        mgsim figure mg_response --from response.nc
        mgsim figure mg_shares --draws 8
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
    for one in (run, search, drawing):
        arguments.add_run_options(one)
    arguments.add_draws(drawing)
    for one in (first, showing, run, search, drawing):
        arguments.add_overwrite(one)
    for one in (first, listing, showing, run, search):
        one.add_argument("--json", action="store_true", help="print JSON")


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
    ds = experiment.run(mg_out=_DEMO_MG, progress=progress())
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


def names(args: argparse.Namespace) -> int:
    """Names and meanings, of one kind or of all."""
    from mgsim.catalogs.catalog import unknown

    if args.kind in interface.TABLES:
        return interface.table(args.kind, args.json)
    if args.kind and args.kind not in KINDS:
        raise unknown("kind", args.kind, (*KINDS, *interface.TABLES))
    kinds = [args.kind] if args.kind else [k for k in KINDS if args.json or k not in _SLOW]
    found = {
        kind: {name: output.meaning(x) for name, x in CATALOGS[kind].items()} for kind in kinds
    }
    if args.json:
        print(json.dumps(found, indent=1))
        return GOOD
    for kind, meanings in found.items():
        print("\n".join([kind, *output.columns(meanings.items())]))
    if not args.kind:
        print("figures\n  mgsim list figures")
        print(
            "what parts share\n  "
            + "\n  ".join(f"mgsim list {table}" for table in interface.TABLES)
        )
    return GOOD


def show(args: argparse.Namespace) -> int:
    """One thing, whole; or the page of all parts."""
    if args.write:
        return _written(args)
    if not args.name:
        raise BadRequest("give the NAME of what to show, or --write FILE.md for all parts")
    if args.table is not None:
        return _table(args)
    rows = [] if own_file.named(args.name) else interface.find(args.name)
    try:
        found = [output.describe(kind, thing) for kind, thing in _find(args.name)]
    except (KeyError, BadRequest):
        if not rows:
            raise
        found = []
    if args.json:
        both = [*found, *rows]
        print(json.dumps(both[0] if len(both) == 1 else both, indent=1))
    else:
        texts = [list(output.lines(d)) for d in found]
        texts += [interface.lines(str(r["name"]), r) for r in rows]
        print("\n\n".join("\n".join(lines) for lines in texts))
    return GOOD


def _table(args: argparse.Namespace) -> int:
    from mgsim.report.table import table

    if args.json:
        raise BadRequest("--table has forms of its own; leave out --json")
    found = _find(args.name)
    fits = [thing for _, thing in found if isinstance(thing, Model | Component | Protocol)]
    if not fits:
        kind, thing = found[0]
        raise BadRequest(
            f"{kind}/{thing.name} has no parameters of its own: --table takes a model, a part or "
            "a protocol"
        )
    print(table(fits[0], args.table), end="")
    return GOOD


def _written(args: argparse.Namespace) -> int:
    from mgsim.report import parts

    if args.name or args.table is not None:
        raise BadRequest("--write makes the page of all parts; leave out NAME and --table")
    out = outputs.check(output.path_of(args.write), args.overwrite)
    outputs.write(out, parts.page())
    print(f"written: {out.path}")
    return GOOD


def cite(args: argparse.Namespace) -> int:
    """References of one thing."""
    from mgsim.report import citing

    things = [thing for _, thing in _find(args.name)]
    print(citing.cite(things, style="bibtex" if args.bibtex else "text"))
    return GOOD


def methods(args: argparse.Namespace) -> int:
    """A paragraph on one thing, with its references."""
    from mgsim.report.methods import methods as paragraph
    from mgsim.runs.saved import saved

    path = output.path_of(args.name)
    if args.name.endswith(".nc") and not path.is_file():
        raise BadRequest(f"{args.name}: there is no file of that name")
    if path.suffix == ".nc" or path.is_dir():
        try:
            print(paragraph(saved(args.name)))
        except TypeError:
            raise BadRequest(f"{args.name} holds no result of mgsim") from None
        return GOOD
    found = dict(_find(args.name))
    for kind in ("experiments", "figures", "models", "protocols", *PARTS, "parts"):
        if kind in found:
            print(paragraph(experiments[found[kind].of] if kind == "figures" else found[kind]))
            return GOOD
    raise BadRequest(f"'{args.name}' is of {', '.join(found)}: methods are of what can be run")


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
    options = given(args)
    if args.record is not None:
        options["record"] = arguments.names(args.record, "--record")
    ds = traces(model, protocol, every=args.every, **options)
    return output.result(args, ds, out)


def threshold(args: argparse.Namespace) -> int:
    """Where a measure reaches a level."""
    from mgsim.runs.sweep import threshold as searched

    protocol, options = arguments.protocol(args), given(args)
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
        import xarray as xr

        if not output.path_of(args.result).is_file():
            raise BadRequest(f"--from {args.result}: there is no file of that name")
        with xr.open_dataset(args.result, engine="h5netcdf") as opened:
            ds = opened.load()
        targets = saving.check(drawn, output.folder(args.out), args.overwrite)
    else:
        asked = given(args)
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


def _own(name: str) -> tuple[str, Any]:
    """A part or model of one's own, with its kind."""
    thing = own_file.load(name, Component, Model)
    return "models" if isinstance(thing, Model) else "parts", thing


def _find(name: str) -> list[tuple[str, Any]]:
    """Everything of that name, each once, with its kind; ``KIND/NAME`` asks for one kind."""
    from mgsim.catalogs.catalog import SURE, about, likeness, unknown

    if own_file.named(name):
        return [_own(name)]
    kind, slash, short = name.rpartition("/")
    kinds = [k for k in KINDS if not slash or kind in (k, k.removesuffix("s"))]
    if not kinds:
        raise unknown("kind", kind, KINDS)
    known: dict[str, str] = {}
    for some in ([k for k in kinds if k not in _SLOW], [k for k in kinds if k in _SLOW]):
        catalogs = {k: CATALOGS[k] if slash else CATALOGS[k].own for k in some}
        found = [(k, c[short]) for k, c in catalogs.items() if short in c]
        if found:
            return found
        known |= {n: output.meaning(x) for c in catalogs.values() for n, x in c.items()}
    if slash:
        raise unknown(kind, short, known)
    tables = [table() for table in interface.TABLES.values()]
    shared = [{n: str(row.get("meaning", "")) for n, row in rows.items()} for rows in tables]
    names = {n for some in (known, *shared) for n in some}
    subject = dict.fromkeys(n for some in (*shared, known) for n in about(name, some))
    if subject and max(likeness(name, n) for n in names) < SURE:
        more = f" and {len(subject) - _ABOUT} more" if len(subject) > _ABOUT else ""
        shown = ", ".join([*subject][:_ABOUT])
        raise BadRequest(f"nothing is called '{name}'; about it: {shown}{more}")
    error = unknown("part, model, experiment, figure or parameter", name, names)
    if "did you mean" not in str(error):
        raise BadRequest(f"nothing is called '{name}'; 'mgsim list' has the names")
    raise error
