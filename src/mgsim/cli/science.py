"""Commands that question the physics: check, validate, fit, export."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgsim.cli import arguments, output, own_file
from mgsim.cli.arguments import Adder, BadRequest
from mgsim.cli.output import FAILED, GOOD
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.sweeps.result import outputs


def add(to: Any, command: Adder) -> None:
    """Add the commands to the command line."""
    check = command(
        to,
        "check",
        "check that a model keeps the rules every model has to keep",
        """
        mgsim check                              every model of the catalog
        mgsim check standard --set block=kampa_2004
        mgsim check tonic --engines              compare the engines too
        mgsim check cell --protocol current_step --set i_amp=900 --dt 0.05
        """,
        do=do_check,
    )
    check.add_argument("model", metavar="MODEL", nargs="?", help="a name from 'mgsim list models'")
    check.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="fixed",
        help="a part by its slot (block=kampa_2004) or a parameter; repeatable",
    )
    arguments.add_protocol(check, required=False, more=" (default: all that it listens to)")
    check.add_argument(
        "--measures",
        metavar="NAME,...",
        help="what is kept, which the step must not move (default: all that there is)",
    )
    check.add_argument("--dt", metavar="TIME", help="step of the run in ms, or with a unit")
    check.add_argument("--method", metavar="NAME", help="of the run")
    check.add_argument("--engines", action="store_true", help="also compare with Brian2")
    check.add_argument("--json", action="store_true", help="print JSON")

    validate = command(
        to,
        "validate",
        "compare with numbers of the literature",
        """
        mgsim validate                           every target
        mgsim validate --section A               one section
        mgsim validate TA1 TD5.g0.30             some targets, with every number
        mgsim validate --write docs/validation.md
        """,
        do=do_validate,
    )
    validate.add_argument("ids", metavar="ID", nargs="*", help="an id, or its beginning")
    validate.add_argument(
        "--section",
        metavar="LETTER",
        help="A block, B gating, C calcium, D cell, G people and dishes",
    )
    validate.add_argument(
        "--long", action="store_true", help="run also what takes minutes, of which results are kept"
    )
    validate.add_argument(
        "--keep", metavar="FILE.json", help="with --long: write what is to be kept"
    )
    validate.add_argument("--write", metavar="FILE.md", help="write the page")
    validate.add_argument("--json", action="store_true", help="print JSON")

    fit = command(
        to,
        "fit",
        "fit block laws and schemes to measured currents or fractions",
        """
        mgsim fit iv.csv --law jahr_stevens_1990
        mgsim fit steps.csv --law ascher_nowak_kinetic,kampa_2004_trapping
        mgsim fit iv.csv --law jahr_stevens_1990,ascher_nowak_1988 --out fitted
        mgsim fit iv.csv --law spruston_1995 --free mg_delta --set celsius=22
        """,
        do=do_fit,
    )
    fit.description = (
        "Fit block laws, or schemes in which magnesium binds, to measurements. FILE.csv holds "
        "columns v [mV], mg [mM] and either current (then a conductance and a reversal potential "
        "are fitted too) or unblocked; other units go into the head, as in 'mg [uM]'; a column sd "
        "weighs the points. Columns t [ms] and v_before [mV] say that the potential stepped from "
        "v_before to v a time t ago, which is what rates need. A scheme is in lasting glutamate "
        "(--set glu=1mM) at the temperature of its rates (--set celsius=22degC)."
    )
    fit.add_argument("file", metavar="FILE.csv", help="the measurements")
    fit.add_argument(
        "--law",
        metavar="NAME,...",
        required=True,
        help="what fills a model's slot 'block'; several are compared by AICc (lower is better)",
    )
    fit.add_argument(
        "--free",
        metavar="NAME,...",
        help="the law's parameters to find (default: all that measurements could tell apart)",
    )
    fit.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="fixed",
        help="hold a parameter, such as celsius or e_nmda; repeatable",
    )
    fit.add_argument("--out", metavar="DIR", help="write the figure and the residuals here")
    fit.add_argument("--json", action="store_true", help="print JSON")

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
    for one in (validate, fit, export):
        arguments.add_overwrite(one)


def do_check(args: argparse.Namespace) -> int:
    """Check one model, or all of them."""
    from mgsim import models
    from mgsim.checks import check
    from mgsim.sweeps.prepare import named
    from mgsim.sweeps.resolving.choices import changed

    chosen = [arguments.model(args.model)] if args.model else list(models.all)
    protocol = arguments.protocol(args)
    measures = (
        None
        if args.measures is None
        else named(arguments.names(args.measures, "--measures"), chosen)
    )
    if args.fixed and not args.model:
        raise ValueError("--set needs a MODEL")
    if args.fixed:
        given = arguments.fixed(args)
        done = {p.name for p in protocol.parameters} & given.keys() if protocol else set()
        protocol = protocol and protocol.with_values(**{n: given.pop(n) for n in done})
        name = f"{args.model} with {', '.join(args.fixed)}"
        chosen = [changed(chosen[0], given).named(name)]
    reports = []
    for model in chosen:
        reports.append(
            check(
                model,
                protocol,
                measures,
                dt=arguments.step(args),
                method=args.method,
                engines=args.engines,
            )
        )
        if not args.json:
            print(reports[-1], flush=True)
    if args.json:
        print(
            json.dumps(
                [
                    {
                        "model": r.model,
                        "protocol": r.protocol,
                        "good": bool(r),
                        "findings": [
                            {"check": f.check, "state": f.state, "words": f.words}
                            for f in r.findings
                        ],
                    }
                    for r in reports
                ]
            )
        )
    return GOOD if all(reports) else FAILED


def do_validate(args: argparse.Namespace) -> int:
    """Judge targets and print them, whole where some were named."""
    from mgsim.validation import keeping, page, targets, validate
    from mgsim.validation.target import Row

    if args.write and (args.ids or args.section):
        raise ValueError("--write makes the whole page; leave out ids and --section")
    if args.keep and not args.long:
        raise ValueError("--keep keeps what --long runs; give both")
    out, kept = (
        outputs.check(output.path_of(name), args.overwrite) if name else None
        for name in (args.write, args.keep)
    )

    width = max(len(t.id) for t in targets())

    def said(row: Row) -> None:
        if not args.json:
            print("\n".join(page.detail(row)) if args.ids else page.line(row, width), flush=True)

    rows = validate(args.section, args.ids, said=said, long=args.long)
    if args.json:
        print(json.dumps([page.plain(r) for r in rows], indent=1))
    else:
        print(f"\n{page.counts(rows)}")
    if out:
        outputs.write(out, page.markdown(rows) + "\n")
        print(f"written: {out.path}", file=sys.stderr)
    if kept:
        outputs.write(kept, keeping(rows))
        print(f"written: {kept.path}", file=sys.stderr)
    return FAILED if any(r.state == "FAIL" for r in rows) else GOOD


def do_fit(args: argparse.Namespace) -> int:
    """Fit laws to a file, print the constants, and draw if asked to."""
    from mgsim.analysis import fitted
    from mgsim.analysis.fit import compare
    from mgsim.analysis.measured import read_data
    from mgsim.compose.finding import find

    laws = [find("block", name) for name in arguments.names(args.law, "--law")]
    folder = output.folder(args.out) if args.out is not None else None
    data = read_data(args.file)
    files = [folder / f"fit_{data.name}.{end}" for end in ("png", "pdf", "csv")] if folder else []
    targets = [outputs.check(file, args.overwrite) for file in files]
    options = arguments.fixed(args)
    if args.free is not None:
        options["free"] = arguments.names(args.free, "--free")
    fits, refused = compare(laws, data, **options)
    ds = fitted.dataset(fits)
    if args.json:
        print(
            json.dumps(
                {
                    "data": data.name,
                    "kind": data.kind,
                    "points": data.size,
                    "refused": refused,
                    "fits": [
                        {
                            "law": f.law.name,
                            "aicc": f.aicc,
                            "rss": f.rss,
                            "level": f.level,
                            "residuals": f.residuals.tolist(),
                            "constants": {
                                e.name: {
                                    "value": e.value,
                                    "low": e.low,
                                    "high": e.high,
                                    "unit": e.unit,
                                    "published": e.published,
                                }
                                for e in f.estimates
                            },
                        }
                        for f in fits
                    ],
                }
            )
        )
    else:
        print("\n\n".join(map(str, fits)))
        _compared(fits, refused)
    if targets:
        _write(ds, targets)
        for target in targets:
            print(f"written: {target.path}", file=sys.stderr)
    return GOOD


def _compared(fits: Sequence[Any], refused: dict[str, str]) -> None:
    if len(fits) > 1:
        print("\ndifference of AICc from the best:")
        for f in fits:
            same = [g.law.name for g in fits if g is not f and abs(g.rss / f.rss - 1) < 1e-6]
            words = f"   the same curve as {', '.join(same)}" if same else ""
            print(f"  {f.law.name:<28} {f.aicc - fits[0].aicc:8.2f}{words}")
    for name, why in refused.items():
        print(f"\nnot fitted: {name}: {why}")


def _write(ds: Any, targets: Sequence[outputs.Target]) -> None:
    """The figure, and measured, fitted and left over for each point and law."""
    from mgsim.figures import fit as figure

    drawing = figure.draw(ds)

    def drawn(part: Path) -> None:
        drawing.savefig(part, metadata={"CreationDate": None} if part.suffix == ".pdf" else {})

    places = [n for n in ("v", "mg_out", "t", "v_before") if n in ds.coords]
    columns = [*places, "measured", "fitted", "residual"]
    rows = [",".join(["law", *(f"{n} [{ds[n].attrs['units']}]" for n in columns)])]
    for law in ds.law.values:
        one = ds.sel(law=law)
        rows += [
            ",".join([str(law), *(f"{x:.10g}" for x in row)])
            for row in zip(*(one[n].values for n in columns), strict=True)
        ]
    png, pdf, csv = targets
    outputs.put({png: drawn, pdf: drawn, csv: outputs.writes("\n".join(rows) + "\n")})


def do_export(args: argparse.Namespace) -> int:
    """Print or write a law, or a run of a model."""
    from mgsim import models
    from mgsim.catalogs.catalog import unknown
    from mgsim.exports import export
    from mgsim.parts import blocks

    given: dict[str, Any] = arguments.fixed(args)
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
