"""A compiler is tried on a known answer before its kernels are believed.

The trial is a small system that uses what kernels use: exponentials and their quotients, limits,
conditions, events, spikes, peaks, integrals, points that overflow and points that become NaN. What
its kernel says, in both precisions, is compared with the same equations stepped in numpy. It runs
in a process of its own, which a bad kernel may crash; the verdict is kept beside the kernels.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import warnings
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path

import numpy as np

from mgsim.compose.measure import Measure
from mgsim.declare.parameter import Parameter
from mgsim.declare.window import WINDOW
from mgsim.engines.contract import LIMIT, Batch, EngineError, Options, Outcome, Trains
from mgsim.engines.fused.c_text.emit import Source
from mgsim.engines.fused.compiling import build, cache
from mgsim.engines.fused.compiling.build import Command
from mgsim.engines.fused.execute import FusedRun, source_of
from mgsim.engines.fused.kernel import load
from mgsim.engines.fused.threads import together
from mgsim.equations import expressions
from mgsim.equations.lines import read_equations, read_statements
from mgsim.files import scratch, sha256
from mgsim.system.listening import Crossing
from mgsim.system.lowering import System

BRING = "in mgsim's folder, pip install -e '.[compiler]' brings one"
ADVICE = f"no C compiler found ({BRING})"
#: Relative, against numpy.
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
_DT, _STEPS, _SIZE = 1e-3, 400, 40
_WINDOW, _EVENTS = (0.0505, 0.3505), (100 * _DT, 100 * _DT, 200 * _DT)
_EQUATIONS = read_equations("""
gate = 1/(1 + exp(-6*(v - 0.3))) : 1
flow = exprel((0.4 - v)*(1 - 0.5*int(v > w))*10) : 1
held = clip(v + w, 0.2, 0.8)**3/(1 + held_share*w) : 1
dv/dt = -2*pi*rate*u + (held - v)/s : 1
du/dt = 2*pi*rate*v : 1
dw/dt = (gate*flow - w)*5/s - int(v > 0.5)*int(w < 2)*30*w/s : 1
dz/dt = grow*z + abs(z)/s : 1
dq/dt = log(room - tanh(w))/s : 1
""")
#: Comparisons with NaN, where v is negative.
_SOUND = "int(log(v) <= 3) + 2*int(not (log(v) > 3) or v > 9) + 4*int(0.01/log(v) < 0.1)"


class CompilerWarning(UserWarning):
    """A compiler whose kernels are wrong was passed over."""


def _parameter(name: str, unit: str) -> Parameter:
    return Parameter(name, 1.0, unit, name, "assumed: for a trial", (-1e300, 1e300))


def system() -> System:
    """The system that is tried."""
    return System(
        states=tuple(e for e in _EQUATIONS if e.differential),
        schemes=(),
        definitions=tuple(e for e in _EQUATIONS if not e.differential),
        parameters=(
            _parameter("rate", "Hz"),
            _parameter("grow", "Hz"),
            _parameter("room", "1"),
            _parameter("held_share", "1"),
            *WINDOW,
        ),
        initial={"v": "-0.9", "u": "0", "w": "0.1", "z": "1", "q": "0"},
        events={"pulse": read_statements("w += 0.75")},
        crossings={"spike": Crossing("v", "0.5", "t_spike")},
        measures=(
            Measure("spikes", "1", "", on={"spike": "spikes += 1"}),
            Measure("last", "s", "", on={"spike": "last = t_spike"}),
            Measure("lowest", "1", "", peak="-v - 3"),
            Measure("top", "1", "", peak="w*gate"),
            Measure("area", "s", "", rate="held*w"),
            Measure("beats", "1", "", every_step="beats += int(v > 0.5)"),
            Measure("sound", "1", "", every_step=f"sound += {_SOUND}"),
        ),
    )


def batch() -> Batch:
    """Its points: some pass all bounds, some become NaN, one ends as it began."""
    point = np.arange(_SIZE)
    one = np.asarray
    return Batch(
        _SIZE,
        {
            "rate": 4 + point / 7,
            "grow": np.where(point % 9 == 4, 900.0, -3.0),
            "room": np.where(point % 7 == 5, 0.05, 1.5),
            "held_share": one(0.25),
            "window_start": one(_WINDOW[0]),
            "window_stop": one(_WINDOW[1]),
        },
        {"pulse": Trains(np.array(_EVENTS), np.array([0, 0, 3]), point % 2)},
    )


def options(precision: str) -> Options:
    """How it is run: Euler's method, so that numpy's version is short."""
    return Options(
        dt=_DT,
        duration=_STEPS * _DT,
        method="euler",
        precision=precision,  # type: ignore[arg-type]
        threads=1,
        record=("v", "w", "flow"),
    )


def by_numpy() -> tuple[dict[str, np.ndarray], list[list[float]], np.ndarray]:
    """Measures, spike times and which points are good, in plain numpy."""
    points, s = batch(), system()
    x = {
        e.name: np.full(_SIZE, float(expressions.evaluate(s.initial[e.name], {}))) for e in s.states
    }
    found = {m.name: np.zeros(_SIZE) for m in s.measures}
    found["lowest"][:] = found["top"][:] = -np.inf
    times: list[list[float]] = [[] for _ in range(_SIZE)]
    good = np.ones(_SIZE, dtype=bool)

    def known() -> dict[str, np.ndarray]:
        values = {**points.columns, **x}
        for e in s.definitions:
            values[e.name] = expressions.evaluate(e.text, values)
        return values

    ends = sorted({*(k * _DT for k in range(_STEPS + 1)), *_WINDOW})  # a window cuts its steps
    for start, stop in itertools.pairwise(ends):
        for _ in range(_EVENTS.count(start)):
            x["w"] = x["w"] + 0.75 * (np.arange(_SIZE) % 2)
        values, before, width = known(), x["v"], stop - start
        inside = _WINDOW[0] <= start < _WINDOW[1]
        found["area"] += inside * width * values["held"] * values["w"]
        x = {e.name: x[e.name] + width * expressions.evaluate(e.text, values) for e in s.states}
        good &= np.all([np.abs(y) < LIMIT for y in x.values()], axis=0)
        spiked = (before < 0.5) & (x["v"] >= 0.5)
        at = start + width * (0.5 - before) / np.where(spiked, x["v"] - before, 1.0)
        for i in np.flatnonzero(spiked):
            times[i].append(float(at[i]))
        if inside:
            found["spikes"] += spiked
            found["last"] = np.where(spiked, at, found["last"])
            found["lowest"] = np.maximum(found["lowest"], -x["v"] - 3)
            found["top"] = np.maximum(found["top"], x["w"] * known()["gate"])
            found["beats"] += x["v"] > 0.5
            found["sound"] += expressions.evaluate(_SOUND, x)
    return found, times, good


def judge(outcome: Outcome, tolerance: float) -> str:
    """'' for a run of the trial that is right, else what is wrong."""
    with np.errstate(all="ignore"):
        measures, spikes, good = by_numpy()
    if ((outcome.status == 0) != good).any():
        return "points that leave all bounds are not told from the others"
    for name, right in measures.items():
        near = np.isclose(outcome.measures[name], right, rtol=tolerance, atol=tolerance)
        if not near[good].all():
            i = int(np.flatnonzero(good & ~near)[0])
            return f"'{name}' is {outcome.measures[name][i]:.9g}, not {right[i]:.9g}"
    for i in np.flatnonzero(good):
        found = (outcome.spikes or [])[i]
        if len(found) != len(spikes[i]) or not np.allclose(found, spikes[i], tolerance, tolerance):
            return f"spikes are at {found.tolist()} s, not {spikes[i]}"
    if not np.float64(1e-308) / 16 > 0:
        return "loading it changes the arithmetic of the whole process"
    return ""


def _sources() -> list[tuple[str, Source]]:
    per_point = frozenset(n for n, v in batch().columns.items() if np.ndim(v))
    return [(p, source_of(system(), per_point, options(p))) for p in TOLERANCE]


def run(libraries: list[str]) -> str:
    """The verdict on compiled trials, one a precision: '' or what is wrong."""
    for library, (precision, source) in zip(libraries, _sources(), strict=True):
        kernel = load(Path(library), source)
        tried = FusedRun(kernel, system(), batch(), options(precision))
        tried.to(_STEPS)
        outcome = tried.outcome()
        wrong = judge(outcome, TOLERANCE[precision])
        if wrong:
            return f"in {precision}, {wrong}"
    return ""


@lru_cache(maxsize=16)
def verdict(command: Command) -> str:
    """'' for a compiler whose kernels are right, else what is wrong with it."""
    sources = _sources()
    own = resources.files(__package__).joinpath("trial.py").read_text()
    text = "\n".join([build.machine(), build.identity(command), own, *(s.text for _, s in sources)])
    name = f"trial-{sha256(text)[:40]}.txt"
    return cache.anywhere(lambda folder: _tried(command, sources, folder / name))


def _tried(command: Command, sources: list[tuple[str, Source]], kept: Path) -> str:
    if cache.sealed(kept):
        return kept.read_text()
    with scratch(kept.parent) as folder:
        try:
            made = _compiled(folder, sources, command)
        except EngineError as error:
            return str(error)
        try:
            done = subprocess.run(
                [
                    sys.executable,
                    "-P",
                    "-c",
                    "from mgsim.engines.fused import trial; trial.main()",
                    *map(str, made),
                ],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=600,
                check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except subprocess.TimeoutExpired:
            return f"the kernel that {' '.join(command)} makes does not end"
        last = (done.stdout.splitlines() or [""])[-1]
        if done.returncode or not last.startswith("verdict:"):
            said = f"its kernel ended the process with status {done.returncode}"
        else:
            said = last.removeprefix("verdict:").strip()
        words = said and f"{' '.join(command)} gives wrong numbers: {said}"
        note = folder / "verdict.txt"
        note.write_text(words)
        cache.put(note, kept)
    return words


def _compiled(folder: Path, sources: list[tuple[str, Source]], command: Command) -> list[Path]:
    """The libraries of sources, compiled side by side."""
    made: dict[str, Path] = {}

    def one(name: str, source: Source) -> None:
        made[name] = build.compile_in(folder, source.text, command, name)

    together([partial(one, *s) for s in sources], os.cpu_count() or 1)
    return [made[name] for name, _ in sources]


def main() -> None:
    """What the process of its own does: libraries as arguments, the verdict as last line."""
    print("verdict:" + run(sys.argv[1:]))


@lru_cache(maxsize=1)
def _chosen() -> tuple[Command | None, tuple[str, ...]]:
    wrong: dict[str, str] = {}
    for command in build.candidates():
        known = build.version(command)
        if known in wrong:
            continue  # the same compiler by another name
        words = verdict(command)
        if not words:
            return command, tuple(wrong.values())
        wrong[known] = words
    return None, tuple(wrong.values())


@lru_cache(maxsize=1)
def compiler() -> Command | None:
    """The first compiler that gives right numbers; a word for those before it that do not."""
    command, wrong = _chosen()
    if command and wrong:
        warnings.warn(
            f"{'; '.join(wrong)}; {' '.join(command)} compiles instead",
            CompilerWarning,
            stacklevel=6,
        )
    return command


def lacking() -> str:
    """Why there is no compiler, in words."""
    _, wrong = _chosen()
    return f"{'; '.join(wrong)} ({BRING})" if wrong else ADVICE
