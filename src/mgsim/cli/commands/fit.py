"""``mgsim fit``: block laws and schemes fitted to measurements."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgsim.cli import arguments, output
from mgsim.cli.arguments import Adder
from mgsim.cli.output import GOOD
from mgsim.sweeps.result import outputs


def add(to: Any, command: Adder) -> None:
    """Add ``fit`` to the command line."""
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
    arguments.add_overwrite(fit)


def do_fit(args: argparse.Namespace) -> int:
    """Fit laws to a file, print the constants, and draw if asked to."""
    from mgsim.analysis import fitted
    from mgsim.analysis.fit import compare, fit
    from mgsim.analysis.measured import read_data
    from mgsim.compose.finding import find

    laws = [find("block", name) for name in arguments.names(args.law, "--law")]
    folder = output.folder(args.out) if args.out is not None else None
    data = read_data(args.file)
    files = [folder / f"fit_{data.name}.{end}" for end in ("png", "pdf", "csv")] if folder else []
    targets = [outputs.check(file, args.overwrite) for file in files]
    options = arguments.fixed(args, compare, fit)
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
                                    "plausible": e.plausible,
                                    "outside": e.outside,
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
            near = 1e-6 * float(abs(f.fitted).max())
            same = [
                g.law.name
                for g in fits
                if g is not f and float(abs(g.fitted - f.fitted).max()) <= near
            ]
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
