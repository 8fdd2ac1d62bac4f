"""Time the fused engine beside other simulators on the reference sweep, in one run.

Each simulator runs in a process of its own (the fused engine in this one); repetitions alternate,
medians count. Results are checked against one another and against solve_ivp (exact.npz), so that a
number stands for the same model. Writes latest.json, latest.md, and the table of
docs/performance.md.

    make bench                        the full benchmark: about ten minutes on a quiet machine
    make bench ARGS="--quick"         a try; writes nothing unless told where
    make bench ARGS="--with jaxley=/elsewhere/bin/python"   a simulator of another environment
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import exact
import numpy as np
import reference

import mgsim as mg
from mgsim.engines.fused.trial import compiler
from mgsim.sweeps.result import outputs

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
MARKS = "<!-- table: made by make bench -->", "<!-- end of table -->"
METHOD, DT = "exponential_euler", 0.025
#: A result further away than this from solve_ivp is another model, or wrong.
SPIKES_OFF, CA_OFF = 6, 0.03


@dataclass
class Row:
    """One simulator in one setting."""

    who: str
    precision: str
    method: str
    dt: float
    threads: int
    version: str = ""
    build_s: float = 0.0
    seconds: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    points: int = 0
    spikes_off: int = 0
    ca_off: float = 0.0

    @property
    def steps_per_s(self) -> float:
        steps = reference.DURATION / self.dt
        return self.points * steps / statistics.median(self.seconds)

    @property
    def points_per_s(self) -> float:
        """Points times seconds of model time, a second."""
        return self.points * reference.DURATION / 1000 / statistics.median(self.seconds)

    def check(self, found: dict[str, np.ndarray], truth: exact.Exact) -> None:
        n = min(truth.size, self.points)
        off = np.abs(found["spike_count"][:n] - truth.spike_count[:n])
        self.spikes_off = int(off.max())
        self.ca_off = float(np.abs(found["ca_load"][:n] / truth.ca_load[:n] - 1).max())
        if self.spikes_off > SPIKES_OFF or not self.ca_off < CA_OFF:
            raise SystemExit(
                f"{self.who} computes something else: up to {self.spikes_off} spikes "
                f"and {self.ca_off:.1%} of the calcium away from solve_ivp"
            )


class Other:
    """A simulator in a process of its own, asked for one run after another."""

    def __init__(self, row: Row, python: str, script: str, folder: Path, points: Path) -> None:
        self.row = row
        self.result = folder / "result.npz"
        command = [
            python,
            HERE / "peers" / script,
            points,
            self.result,
            folder / "built",
            "--dt",
            str(row.dt),
            "--threads",
            str(row.threads),
            "--precision",
            row.precision,
        ]
        self.log = (folder / "log.txt").open("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        ready = self._heard()
        row.version, row.build_s = ready["version"], ready["build_s"]
        row.who += f" ({ready['note']})" if ready.get("note") else ""

    def _heard(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise RuntimeError(f"{self.row.who} stopped:\n{self.log.read()[-2000:]}")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def run(self) -> float:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        heard = self._heard()
        self.row.cpu_s = heard["cpu_s"]
        return float(heard["seconds"])

    def results(self) -> dict[str, np.ndarray]:
        with np.load(self.result) as data:
            return dict(data)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(60)
        self.log.close()


class Fused:
    """The fused engine in one setting."""

    def __init__(self, row: Row, sweep: reference.Fused) -> None:
        self.row, self.sweep = row, sweep
        row.version = mg.__version__
        self.settings = {
            "method": row.method,
            "dt": row.dt,
            "precision": row.precision,
            "threads": row.threads,
        }
        sweep.run(**self.settings)
        row.build_s = sweep.seconds
        row.build_s -= self.run()  # the first run compiled

    def run(self) -> float:
        self.found = self.sweep.run(**self.settings)
        return self.sweep.seconds

    def results(self) -> dict[str, np.ndarray]:
        return self.found

    def close(self) -> None:
        """Nothing to end."""


#: Script, precisions and method of each other simulator.
PEERS = {
    "arbor": ("Arbor", "arbor_sweep.py", ("float64",), "exp. Euler, implicit v"),
    "neuron": ("NEURON", "neuron_sweep.py", ("float64",), "exp. Euler, implicit v"),
    "jaxley": ("Jaxley", "jaxley_sweep.py", ("float64", "float32"), "exp. Euler, implicit v"),
}


def side_by_side(
    points: int, repeats: int, threads: int, pythons: dict[str, str], notes: list[str]
) -> list[Row]:
    """Every simulator on the same points, repetitions in turn."""
    columns = reference.columns(points)
    counts = sorted({1, threads})
    truth = exact.load()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "points.npz"
        np.savez(file, **columns)
        runners: list[Other | Fused] = []

        def start(name: str, script: str, python: str, precision: str, method: str) -> None:
            for n in counts:
                row = Row(name, precision, method, DT, n, points=points)
                folder = Path(tempfile.mkdtemp(dir=scratch))
                say(f"building {name}, {precision}, {n} threads")
                try:
                    runners.append(Other(row, python, script, folder, file))
                except (OSError, RuntimeError) as error:
                    if name.startswith("Brian2"):
                        raise
                    notes.append(f"{name} could not be measured.")
                    say(str(error))
                    return

        start("Brian2 C++ standalone", "brian2_sweep.py", sys.executable, "float64", METHOD)
        for name, (label, script, precisions, method) in PEERS.items():
            python = pythons.get(name) or (sys.executable if importlib.util.find_spec(name) else "")
            if not python:
                notes.append(f"{label} is not installed here, so it was not measured.")
                continue
            for precision in precisions:
                start(label, script, python, precision, method)
        sweep = reference.Fused(columns)
        for precision in ("float64", "float32"):
            for method, dt in ((METHOD, DT), ("rk2", 0.05)):
                runners += [
                    Fused(Row("mgsim fused", precision, method, dt, n, points=points), sweep)
                    for n in counts
                ]
        for i in range(repeats):
            for r in list(runners):
                try:
                    r.row.seconds.append(r.run())
                except RuntimeError as error:
                    notes.append(f"{r.row.who} failed while running.")
                    say(str(error))
                    runners.remove(r)
            say(f"repetition {i + 1} of {repeats}")
        for r in runners:
            r.row.check(r.results(), truth)
        _same(runners)
        for r in runners:
            r.close()
    return [r.row for r in runners]


def _same(runners: list[Other | Fused]) -> None:
    """Brian2 and the fused engine run the same method, so they must agree almost to rounding."""
    brian = next(r for r in runners if r.row.who.startswith("Brian2")).results()
    fused = next(
        r for r in runners if r.row.who == "mgsim fused" and r.row.precision == "float64"
    ).results()
    assert np.array_equal(brian["spike_count"], fused["spike_count"])
    np.testing.assert_allclose(brian["ca_load"], fused["ca_load"], rtol=1e-9)


_SWEEP = """
import sys
sys.path.insert(0, {here!r})
import mgsim as mg, reference
ds = mg.sweep(reference.model, reference.protocol, reference.measures, engine="fused",
              method="exponential_euler", dt=0.025, precision="float32", progress=False,
              **reference.grid({side}))
assert ds.sizes == {{"mg_out": {side}, "g_nmda": {side}}}
"""
_FIRST = """
import sys, time
sys.path.insert(0, {here!r})
import mgsim as mg, reference
def timed(**options):
    start = time.perf_counter()
    mg.simulate(mg.models["standard"], mg.protocols["train_20hz"], progress=False, **options)
    return time.perf_counter() - start
mg.simulate(mg.models["cell"], mg.protocols["current_step"], progress=False)  # imports
print(timed() - timed())
"""


def end_to_end(side: int, repeats: int) -> tuple[float, float]:
    """Seconds from starting Python to having the results: fused with an empty cache, Brian2."""
    fused, brian = [], []
    grid = np.meshgrid(*reference.grid(side).values(), indexing="ij")
    with tempfile.TemporaryDirectory() as scratch:
        points = Path(scratch) / "points.npz"
        np.savez(points, mg_out=grid[0].ravel(), g_nmda=grid[1].ravel())
        for i in range(repeats):
            fused.append(_fresh(_SWEEP.format(here=str(HERE), side=side))[0])
            if i == 0:  # minutes: once
                start = time.perf_counter()
                subprocess.run(
                    [
                        sys.executable,
                        HERE / "peers" / "brian2_sweep.py",
                        points,
                        Path(scratch) / "result.npz",
                        Path(scratch) / "built",
                    ],
                    input="go\n",
                    text=True,
                    check=True,
                    capture_output=True,
                )
                brian.append(time.perf_counter() - start)
    return statistics.median(fused), statistics.median(brian)


def _fresh(code: str) -> tuple[float, str]:
    """A cold process with an empty kernel cache: its seconds and output."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "MGSIM_CACHE": cache},
        )
        return time.perf_counter() - start, done.stdout


def simulate_warm(repeats: int = 20) -> float:
    """Milliseconds of one simulate of 1 s of the standard model, kernel cached."""
    times = []
    for _ in range(repeats + 3):
        start = time.perf_counter()
        mg.simulate(
            mg.models["standard"], mg.protocols["train_20hz"], record=("v", "ca"), progress=False
        )
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times[3:])


def machine() -> dict[str, Any]:
    model, flags = platform.processor(), ""
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else []:
        name, _, value = line.partition(":")
        model = value.strip() if name.startswith("model name") else model
        flags = value if name.startswith("flags") else flags
    command = compiler() or ("cc",)
    version = subprocess.run([*command, "--version"], capture_output=True, text=True).stdout
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cpu": model,
        "cores": cores,
        "avx512": "avx512f" in flags,
        "avx2": "avx2" in flags,
        "system": f"{platform.system()} {platform.machine()}",
        "compiler": version.partition("\n")[0],
        "load_at_start": load,
    }


def versions(rows: list[Row]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    found |= {n: importlib.metadata.version(n) for n in ("numpy", "scipy")}
    return found | {r.who: r.version for r in rows}


def _median_ratio(rows: list[Row], precision: str, threads: int) -> float:
    brian = next(r for r in rows if r.who.startswith("Brian2") and r.threads == 1)
    (mine,) = (
        r
        for r in rows
        if r.who == "mgsim fused"
        and r.precision == precision
        and r.method == METHOD
        and r.threads == threads
    )
    return mine.steps_per_s / brian.steps_per_s


def _build(row: Row) -> str:
    """Seconds, or nothing where an earlier row built the same kernel."""
    return f"{row.build_s:.1f}" if row.build_s > 0.05 else ""


def table(result: dict[str, Any], rows: list[Row], notes: list[str]) -> str:
    m = result["machine"]
    base = next(r for r in rows if r.who.startswith("Brian2") and r.threads == 1)
    lines = [
        f"{m['cpu']}, {m['cores']} cores, AVX-512 {'yes' if m['avx512'] else 'no'}, "
        f"{m['compiler']}; {result['date']}; {result['points']} points x 1 s.",
        "",
        "| who | precision | method, step | threads | million steps/s | points x s of model time, "
        "per s | x Brian2 | first build, s | spikes off | Ca off |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for r in rows:
        lines.append(
            f"| {r.who} | {r.precision} | {r.method.replace('_', ' ')}, {r.dt:g} ms | {r.threads} "
            f"| {r.steps_per_s / 1e6:.1f} | {r.points_per_s:.0f} "
            f"| {r.points_per_s / base.points_per_s:.1f} | {_build(r)} | {r.spikes_off} "
            f"| {r.ca_off:.1e} |"
        )
    lines += [
        "",
        "x Brian2: model time per second, against Brian2 C++ standalone on one thread. Spikes and "
        f"Ca off: the largest distance from solve_ivp over {result['checked_points']} points.",
        "",
        "| | fused | Brian2 | ratio |",
        "|---|--:|--:|--:|",
        f"| float64, {result['threads']} threads, same method and step | | "
        f"| {result['f64_over_brian']:.1f} |",
        f"| float32, {result['threads']} threads, same method and step | | "
        f"| {result['f32_over_brian']:.1f} |",
        f"| cold process to results, {result['end_to_end_points']} points x 1 s, float32 "
        f"| {result['end_to_end_fused_s']:.2f} s | {result['end_to_end_brian_s']:.1f} s "
        f"| {result['end_to_end_f32_over_brian']:.1f} |",
        f"| `simulate`, 1 s of the standard model, warm | {result['simulate_warm_ms']:.1f} ms "
        "| | |",
        f"| first compile of the standard model | {result['first_compile_s']:.2f} s | | |",
    ]
    return "\n".join([*lines, *([""] if notes else []), *notes]) + "\n"


def into_page(text: str) -> None:
    """Put the table between its marks in docs/performance.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--side", type=int, default=128, help="end to end: side x side points")
    parser.add_argument("--quick", action="store_true", help="a try with few points")
    parser.add_argument(
        "--with",
        dest="pythons",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="where arbor, neuron or jaxley is installed",
    )
    parser.add_argument("--out", type=Path, help="folder for latest.json and latest.md")
    given = parser.parse_args()
    if given.quick:
        given.points, given.repeats, given.side = 256, 2, 32
    out = given.out or (None if given.quick else HERE)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        targets = [outputs.check(out / f"latest.{end}", out == HERE) for end in ("json", "md")]
    notes: list[str] = []
    about = machine()
    kernels = tempfile.TemporaryDirectory()
    os.environ["MGSIM_CACHE"] = kernels.name  # nothing compiled before
    if about["load_at_start"] is not None and about["load_at_start"] > 0.5:
        say(f"the machine is busy (load {about['load_at_start']:.1f}): do not publish this")
    stages: dict[str, Callable[[], Any]] = {
        "rows": lambda: side_by_side(
            given.points,
            given.repeats,
            given.threads,
            dict(p.split("=", 1) for p in given.pythons),
            notes,
        ),
        "first": lambda: statistics.median(
            float(_fresh(_FIRST.format(here=str(HERE)))[1]) for _ in range(3)
        ),
        "warm": simulate_warm,
        "whole": lambda: end_to_end(given.side, min(3, given.repeats)),
    }
    done = {}
    for name, stage in stages.items():
        done[name] = stage()
        say(f"{name}: done")
    rows: list[Row] = done["rows"]
    fused, brian = done["whole"]
    result = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": about,
        "versions": versions(rows),
        "points": given.points,
        "checked_points": min(exact.load().size, given.points),
        "threads": given.threads,
        "f64_over_brian": _median_ratio(rows, "float64", given.threads),
        "f32_over_brian": _median_ratio(rows, "float32", given.threads),
        "end_to_end_f32_over_brian": brian / fused,
        "end_to_end_fused_s": fused,
        "end_to_end_brian_s": brian,
        "end_to_end_points": given.side**2,
        "simulate_warm_ms": done["warm"],
        "first_compile_s": done["first"],
        "rows": [
            asdict(r) | {"steps_per_s": r.steps_per_s, "points_per_s": r.points_per_s} for r in rows
        ],
        "notes": notes,
    }
    text = table(result, rows, notes)
    print(text)
    if out:
        texts = json.dumps(result, indent=1) + "\n", text
        outputs.put({t: outputs.writes(x) for t, x in zip(targets, texts, strict=True)})
        if out == HERE and PAGE.exists():
            into_page(text)


if __name__ == "__main__":
    main()
