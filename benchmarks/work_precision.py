"""Error against cost of each method and step on the reference sweep, against solve_ivp.

Cost is processor time of one thread, so that other work on the machine hardly matters. Errors are
those of the first points of the sweep (exact.npz). Writes work_precision.csv and
docs/images/work_precision.svg, and says what reaches all spikes and 1e-3 of the calcium cheapest.

    python benchmarks/work_precision.py [--with jaxley=/elsewhere/bin/python] [--draw]
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import exact
import numpy as np
import reference
import run as bench

TABLE = bench.HERE / "work_precision.csv"
FIGURE = bench.HERE.parent / "docs" / "images" / "work_precision.svg"
#: Each divides the 50 ms between pulses; those below 0.0125 ms for first-order methods alone.
STEPS = (0.1, 0.0625, 0.05, 0.04, 0.025, 0.02, 0.0125)
SMALL = (0.00625, 0.003125, 0.0015625)
METHODS = ("exponential_euler", "rk2", "rk4")
ENOUGH = 1e-3  # of the integral of calcium


@dataclass(frozen=True)
class Point:
    """One setting: its cost and errors. ``us``: microseconds a point and second of model time."""

    who: str
    precision: str
    method: str
    dt_ms: float
    us: float
    points_off: int
    most_spikes_off: float
    ca_worst: float
    ca_median: float
    spike_ms_worst: float
    spike_ms_median: float

    def enough(self, points_off: int = 0) -> bool:
        return self.points_off <= points_off and self.ca_worst <= ENOUGH


def errors(
    found: dict[str, np.ndarray], truth: exact.Exact, spikes: list[np.ndarray] | None = None
) -> dict[str, float]:
    """Distances from the truth; those of spike times where the counts agree."""
    n = truth.size
    off = np.abs(found["spike_count"][:n] - truth.spike_count)
    ca = np.abs(found["ca_load"][:n] / truth.ca_load - 1)
    late = np.full(1, np.nan)
    if spikes is not None:
        pairs = [
            (row, t[: len(row)])
            for row, t, o in zip(spikes, truth.spike_times, off, strict=True)
            if o == 0 and len(row)
        ]
        if pairs:
            late = np.concatenate([np.abs(a - b) for a, b in pairs])
    return {
        "points_off": int((off > 0).sum()),
        "most_spikes_off": float(off.max()),
        "ca_worst": float(ca.max()),
        "ca_median": float(np.median(ca)),
        "spike_ms_worst": float(late.max()),
        "spike_ms_median": float(np.median(late)),
    }


def fused(truth: exact.Exact, size: int, repeats: int) -> list[Point]:
    timed = reference.Fused(reference.columns(size))
    checked = reference.Fused(reference.columns(truth.size))
    found = []
    for method in METHODS:
        for dt in (*STEPS, *(SMALL[:2] if method == METHODS[0] else ())):
            for precision in ("float64", "float32"):
                settings = {"method": method, "precision": precision, "dt": dt, "threads": 1}
                outcome = checked.outcome(record=("v",), every=10**9, **settings)
                if outcome.status.any():
                    bench.say(f"{method}, {dt} ms, {precision}: diverged")
                    continue
                cost = []
                for _ in range(repeats):
                    start = time.process_time()
                    timed.run(**settings)
                    cost.append(time.process_time() - start)
                measures = {n: x / reference.UNITS[n] for n, x in outcome.measures.items()}
                spikes = [1e3 * row for row in outcome.spikes or []]
                found.append(
                    Point(
                        "mgsim fused",
                        precision,
                        method,
                        dt,
                        1e6 * min(cost) / size,
                        **errors(measures, truth, spikes),
                    )
                )  # type: ignore[arg-type]
                bench.say(str(found[-1]))
    return found


def others(truth: exact.Exact, size: int, pythons: dict[str, str]) -> list[Point]:
    """The other simulators, at the steps that they need."""
    kinds = {
        "brian2": ("Brian2 C++ standalone", "brian2_sweep.py", ("float64",), METHODS[0]),
        **bench.PEERS,
    }
    found = []
    for name, (label, script, precisions, method) in kinds.items():
        python = pythons.get(name) or (sys.executable if importlib.util.find_spec(name) else "")
        for precision in precisions if python else ():
            for dt in (0.025, *STEPS[-1:], *SMALL):
                with tempfile.TemporaryDirectory() as scratch:
                    file = Path(scratch) / "points.npz"
                    np.savez(file, **reference.columns(size))
                    row = bench.Row(label, precision, method, dt, 1)
                    try:
                        other = bench.Other(row, python, script, Path(scratch), file)
                        other.run()
                        other.run()
                    except RuntimeError as error:
                        bench.say(str(error))
                        break
                    result = other.results()
                    other.close()
                found.append(
                    Point(
                        row.who,
                        precision,
                        method,
                        dt,
                        1e6 * row.cpu_s / size,
                        **errors(result, truth),
                    )
                )  # type: ignore[arg-type]
                bench.say(str(found[-1]))
                if found[-1].enough(1):
                    break
    return found


def save(points: list[Point]) -> None:
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Point)], lineterminator="\n")
        writer.writeheader()
        for p in points:
            writer.writerow(
                {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(p).items()}
            )


def load() -> list[Point]:
    kinds = {f.name: str(f.type) for f in fields(Point)}
    cast = {"str": str, "float": float, "int": int}
    with TABLE.open(encoding="utf-8") as file:
        return [
            Point(**{k: cast[kinds[k]](v) for k, v in row.items()})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


#: Where the names of other simulators stand, in points from their last mark.
_PLACES = {
    ("Arbor", "float64"): ((-3, -5), "right"),
    ("NEURON", "float64"): ((3, -4), "left"),
    ("Jaxley", "float64"): ((3, 2), "left"),
}


def draw(points: list[Point]) -> None:
    """Error of the calcium integral and of spike times against cost."""
    from mgsim.figures.style import DASHES, GREY, MARKERS, PALETTE, sheet, styled

    names = {"exponential_euler": "exponential Euler", "rk2": "rk2 (midpoint)", "rk4": "rk4"}
    with styled():
        drawing, (calcium, spikes) = sheet(2, height=74, width="double")
        for method, colour, marker in zip(METHODS, PALETTE, MARKERS, strict=False):
            for precision, dash in zip(("float64", "float32"), (DASHES[0], DASHES[2]), strict=True):
                mine = sorted(
                    (
                        p
                        for p in points
                        if p.who == "mgsim fused"
                        and p.method == method
                        and p.precision == precision
                    ),
                    key=lambda p: p.dt_ms,
                )
                for axes, name in ((calcium, "ca_worst"), (spikes, "spike_ms_worst")):
                    y = [getattr(p, name) for p in mine]
                    axes.plot(
                        [p.us for p in mine],
                        y,
                        color=colour,
                        ls=dash,
                        zorder=2,
                        label=f"{names[method]}, {precision}",
                    )
                    for p, value in zip(mine, y, strict=True):
                        axes.plot(
                            p.us,
                            value,
                            marker,
                            mec=colour,
                            mew=0.8,
                            zorder=3,
                            mfc=colour if p.points_off == 0 else "white",
                        )
                        if precision == "float64" and p.dt_ms in (0.0125, 0.025, 0.05, 0.1):
                            axes.annotate(
                                f"{p.dt_ms:g}",
                                (p.us, value),
                                xytext=(3, 3),
                                textcoords="offset points",
                                fontsize=5.5,
                                color=colour,
                            )
        seen: dict[tuple[str, str], list[Point]] = {}
        for p in points:
            if p.who != "mgsim fused":
                seen.setdefault((p.who, p.precision), []).append(p)
        for (who, precision), theirs in seen.items():
            calcium.plot(
                [p.us for p in theirs],
                [p.ca_worst for p in theirs],
                color=GREY,
                ls=DASHES[0] if precision == "float64" else DASHES[2],
                lw=0.6,
                zorder=1,
            )
            for p in theirs:
                calcium.plot(
                    p.us,
                    p.ca_worst,
                    "o",
                    mec=GREY,
                    ms=2.4,
                    mew=0.6,
                    zorder=1,
                    mfc=GREY if p.points_off == 0 else "white",
                )
            place, side = _PLACES.get((who.split(" ")[0], precision), ((3, 0), "left"))
            short = who.split(" ")[0] + (", float32" if precision == "float32" else "")
            calcium.annotate(
                short,
                (theirs[-1].us, theirs[-1].ca_worst),
                xytext=place,
                ha=side,
                va="center",
                textcoords="offset points",
                fontsize=5.5,
                color=GREY,
            )
        calcium.axhline(ENOUGH, color=GREY, lw=0.5, ls=(0, (2, 2)), zorder=0)
        for axes in (calcium, spikes):
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xlabel("Processor time [µs per point and second of model time]")
        calcium.set_xlim(right=4e5)
        spikes.set_ylim(bottom=2e-5)
        calcium.set_ylabel("Largest relative error of the calcium integral")
        spikes.set_ylabel("Largest error of a spike time [ms]")
        spikes.legend(fontsize=6, handlelength=2.6)
        FIGURE.parent.mkdir(parents=True, exist_ok=True)
        drawing.savefig(FIGURE, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=512, help="for the cost; errors: exact.npz")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--with",
        dest="pythons",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="where arbor, neuron or jaxley is installed",
    )
    parser.add_argument("--draw", action="store_true", help="only draw, from work_precision.csv")
    given = parser.parse_args()
    if given.draw:
        points = load()
    else:
        truth = exact.load()
        points = fused(truth, given.points, given.repeats)
        points += others(
            truth, max(given.points, truth.size), dict(p.split("=", 1) for p in given.pythons)
        )
        save(points)
    draw(points)
    for off in (0, 1):
        print(
            f"calcium within {ENOUGH:g}, spike counts wrong at no more than {off} points: the "
            "cheapest setting of each"
        )
        best: dict[tuple[str, str, str], Point] = {}
        for p in sorted(points, key=lambda p: p.us):
            if p.enough(off):
                best.setdefault((p.who, p.precision, p.method), p)
        for p in best.values():
            print(f"  {p.us:9.0f} us  {p.who}, {p.precision}, {p.method}, {p.dt_ms:g} ms")


if __name__ == "__main__":
    main()
