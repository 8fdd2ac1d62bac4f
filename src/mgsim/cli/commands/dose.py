"""The command ``dose``: from a dose of magnesium to a neuron."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mgsim.cli import arguments, output
from mgsim.cli.arguments import Adder, BadRequest
from mgsim.cli.output import GOOD

if TYPE_CHECKING:
    import xarray as xr

_ARMS = ("iv", "im", "oral", "threonate", "deficiency")
#: Options of an arm by the name of its function's keyword.
_OF = {
    "iv": ("load", "over", "rate", "until", "every", "times", "salt", "weight"),
    "im": ("dose", "load", "over", "every", "times", "salt", "weight"),
}
_SHOWN = (
    "serum_total",
    "serum_ionised",
    "csf_total",
    "mg_brain",
    "mean_unblocked",
    "mean_unblocked_over_before",
    "ca_charge_nmda",
    "ca_charge_nmda_over_before",
    "ca_charge_over_before",
    "spike_count",
)


def add(to: Any, command: Adder) -> None:
    """Add the command to the command line."""
    dose = command(
        to,
        "dose",
        "follow a dose of magnesium through serum and brain to a neuron",
        """
        mgsim dose iv --load "4 g" --rate "1 g/h" --at 0.5h,2h,24h
        mgsim dose iv --load "60 mg/kg" --weight 70 --over 15min --at 4h --model tonic --out d.csv
        mgsim dose im --dose "10 g" --load "4 g" --people 256
        mgsim dose oral --set csf_gain=0.2
        mgsim dose iv --load "4 g" --set "serum_mg=1.5 mEq/L" --set g_nmda=60 --csf csf_linear
        mgsim dose im --dose "5 g" --every 4h --times 6 --kinetics salinger_2013 --at 2h,24h
        """,
        do=do_dose,
    )
    dose.description = (
        f"{dose.description} Each structure of the cerebrospinal fluid, which the human data "
        "leave open, is shown, "
        "with the median and 95 % of people. No advice on doses, for anybody."
    )
    dose.add_argument("arm", metavar="ARM", help=", ".join(_ARMS))
    for name, word, help in (
        ("load", "AMOUNT", "into a vein at the beginning: '4 g', '16 mmol', '60 mg/kg'"),
        ("over", "TIME", "how long the load takes, with its unit (default: '20 min')"),
        ("rate", "RATE", "of an infusion after the load: '1 g/h', '80 mmol/24 h'"),
        ("until", "TIME", "when the infusion ends, as '24 h' (default: it goes on)"),
        ("dose", "AMOUNT", "one injection into a muscle"),
        ("every", "TIME", "the load, or the injection, again and again, as '4 h'"),
        ("salt", "NAME", "that masses are of (default: sulfate_heptahydrate); mgsim list salts"),
        ("weight", "MASS", "of the person, for amounts for each kg"),
        (
            "at",
            "TIME,...",
            "in hours, or with units (default: 0.5,2,6,24); before always comes first",
        ),
    ):
        dose.add_argument(f"--{name}", metavar=word, help=help)
    dose.add_argument("--times", metavar="N", type=arguments.count, help="how many, with --every")
    dose.add_argument("--kinetics", metavar="NAME", help="of serum (default: lu_2002)")
    dose.add_argument("--csf", metavar="NAME,...", help="structures (default: all three)")
    dose.add_argument(
        "--people",
        metavar="N",
        type=arguments.whole,
        default=64,
        help="drawn; 0 is the typical person alone (default: 64)",
    )
    dose.add_argument("--model", metavar="MODEL", default="standard", help="default: standard")
    arguments.add_protocol(dose, required=False, more=" (default: a train of 20 a second, or rest)")
    dose.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="fixed",
        help="a parameter of a stage (csf_gain=0.2) or of the neuron, or a part by its slot",
    )
    dose.add_argument(
        "--prior",
        metavar="NAME=TABLE",
        action="append",
        default=[],
        help="of a parameter of the neuron, drawn with each person: "
        '\'g_nmda=shape="uniform", arguments=[5, 50], source="assumed: why"\'',
    )
    dose.add_argument(
        "--fluid",
        metavar="NAME",
        help="what is the cell's magnesium: mg_brain, csf_ionised or, outside the barrier, "
        "serum_ionised (default: as the model's bath is)",
    )
    dose.add_argument(
        "--measures",
        metavar="NAME,...",
        help="what is kept of the neuron (default: unblocked share, calcium, spikes)",
    )
    dose.add_argument("--seed", metavar="N", type=arguments.whole, default=0, help="of the draws")
    dose.add_argument("--dt", metavar="TIME", help="time step in ms, or with a unit")
    dose.add_argument("--engine", metavar="NAME", help="what computes (default: the best there is)")
    dose.add_argument(
        "--out",
        metavar="PLACE",
        help="the whole result in a file (.nc, .csv, .parquet), or the runs in a folder",
    )
    arguments.add_overwrite(dose)
    dose.add_argument("--json", action="store_true", help="print JSON")


def do_dose(args: argparse.Namespace) -> int:
    """A dose, its course and the neuron."""
    from mgsim.doses import neuron

    dose = _dose(args)
    more = {
        "serum": args.kinetics,
        "csf": None if args.csf is None else arguments.names(args.csf, "--csf"),
        "protocol": arguments.protocol(args),
        "at": None if args.at is None else [t.strip() for t in args.at.split(",")],
        "dt": arguments.step(args),
        "engine": args.engine,
        "fluid": args.fluid,
        "measures": args.measures and arguments.names(args.measures, "--measures"),
        "priors": _priors(args),
    }
    ds = neuron.dose_to_neuron(
        dose,
        model=arguments.model(args.model),
        draws=args.people,
        seed=args.seed,
        out=args.out if args.out is None else output.path_of(args.out),
        overwrite=args.overwrite,
        **{n: x for n, x in more.items() if x is not None},
        **arguments.fixed(args, neuron.dose_to_neuron),
    )
    found = neuron.summary(ds)
    if args.json:
        print(json.dumps(output.plain(found.to_dict())))
    else:
        print("\n".join(_lines(dose, ds, found)))
        print(f"\nwritten: {args.out}" if args.out else "\n--out FILE.csv keeps every person")
    return output.ended(ds) or GOOD


def _dose(args: argparse.Namespace) -> Any:
    """The regimen that the options describe."""
    from mgsim import doses
    from mgsim.catalogs.catalog import unknown

    if args.arm not in _ARMS:
        raise unknown("arm", args.arm, _ARMS)
    every = {n for names in _OF.values() for n in names}
    given = {n: getattr(args, n) for n in sorted(every) if getattr(args, n) is not None}
    known = _OF.get(args.arm, ())
    for name in given:
        if name not in known:
            raise BadRequest(f"--{name} is not for {args.arm}" + _takes(known))
    if args.arm == "iv":
        return doses.intravenous(**given)
    if args.arm == "im":
        if "dose" not in given:
            raise BadRequest("im needs --dose, one injection into a muscle")
        return doses.intramuscular(given.pop("dose"), **given)
    return getattr(doses, args.arm)()


def _takes(known: tuple[str, ...]) -> str:
    return f"; it takes {', '.join(f'--{n}' for n in known)}" if known else ", which takes no times"


def _priors(args: argparse.Namespace) -> Any:
    """Priors of the neuron's parameters."""
    from mgsim.runs.from_file import sweep_file

    if not args.prior:
        return None
    tables = arguments.tables_of(args, "prior")
    return sweep_file.typed('kind="draws", points=1', tables, {}, {})["design"].priors


def _lines(dose: Any, ds: xr.Dataset, found: xr.Dataset) -> Iterator[str]:
    """What came of it: for each structure a row a quantity, a column a time."""
    from mgsim import body

    people = f"{ds.sizes['person']} people: median (95 % of them)"
    total = ds.sizes["person"]
    one = total == 1
    yield f"{dose.words}"
    if dose.given:
        yield f"{dose.mmol(max(float(ds.hours[-1]), 1e-9)):.1f} mmol of magnesium by the last time"
    yield f"serum {ds.attrs['serum']}; {ds.attrs['model']} under {ds.attrs['protocol']}; " + (
        "the typical person" if one else people
    )
    if ds.attrs["fluid"] != "mg_brain":
        yield f"the cell's magnesium is {ds.attrs['fluid']}"
    heads = [
        "before" if t == 0 else "settled" if t == float("inf") else f"{t:g} h"
        for t in ds.hours.values
    ]
    for name in ds.csf.values:
        yield f"\n{name}: {body[str(name)].meaning}"
        rows = [["", *heads]]
        here = found.sel(csf=name)
        for n in (*_SHOWN, *_others(found)):
            if n in here:
                rows.append(
                    [
                        _title(here[n]),
                        *(
                            _cell(here[n].sel(hours=t), here.people.sel(of=n, hours=t), total)
                            for t in ds.hours
                        ),
                    ]
                )
        yield from output.columns(rows)
    if "note" in ds.attrs:
        yield f"\nnote: {ds.attrs['note']}"
    if "extrapolates" in ds.serum_ionised.attrs:
        yield f"\nserum_ionised: {ds.serum_ionised.attrs['extrapolates']}"
    yield f"\n{ds.attrs['advice']}"


def _others(found: xr.Dataset) -> list[str]:
    """Measures beyond the usual ones."""
    hidden = {*_SHOWN, "csf_ionised", "ca_charge", "spike_count_over_before", "people"}
    return [str(n) for n in found.data_vars if str(n) not in hidden]


def _title(one: xr.DataArray) -> str:
    unit = one.attrs.get("units", "1")
    return str(one.name) + (f" [{unit}]" if unit != "1" else "")


def _cell(one: xr.DataArray, people: xr.DataArray, total: int) -> str:
    low, middle, high = (float(x) for x in one.values)
    if middle != middle:
        return "none before" if "_over_before" in str(one.name) else "none"
    few = "" if int(people.min()) == total else f", of {int(people.min())}"
    return f"{middle:.3g}" + ("" if total == 1 else f" ({low:.3g} to {high:.3g}{few})")
