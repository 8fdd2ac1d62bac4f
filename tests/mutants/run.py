"""Put one-line faults into copies of the package and see which of them some test notices.

    python tests/mutants/run.py --number 150 --seed 1      drawn from the files below
    python tests/mutants/run.py --listed                   those of listed.toml

Each fault runs the tests nearest to its file first, then all others, until one fails. A fault that
no test notices ends the run with status 1, unless harmless.toml says why it changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import draw
from draw import Fault

from mgsim.catalogs import PARTS
from mgsim.sweeps.result import outputs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COPIED = (
    "src",
    "tests",
    "docs",
    "notebooks",
    "requirements",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
)
#: The tests nearest to sweeps, in memory and in a folder.
_SWEEPS = (
    "tests/unit/test_batches.py",
    "tests/unit/test_chunks.py",
    "tests/unit/test_converge.py",
    "tests/unit/test_resolve.py",
    "tests/unit/test_dataset.py",
    "tests/unit/test_designs.py",
    "tests/unit/test_three_ways.py",
    "tests/reliability/test_damage.py",
    "tests/reliability/test_folder.py",
    "tests/unit/test_cli.py",
)
#: Files from which faults are drawn, and the tests nearest to each, in order.
NEAREST = {
    "src/mgsim/engines/**/*": (
        "tests/unit/test_timeline.py",
        "tests/unit/test_stepping.py",
        "tests/unit/test_fused_passes.py",
        "tests/agreement",
        "tests/physics/test_schemes.py",
        "tests/physics/test_depression.py",
    ),
    "src/mgsim/runs/workers/*.py": (
        "tests/reliability/test_refused.py",
        "tests/reliability/test_stops.py",
        "tests/reliability/test_cluster.py",
    ),
    **{f"src/mgsim/{folder}/**/*.py": _SWEEPS for folder in ("sweeps", "store", "runs")},
    "src/mgsim/analysis/*.py": (
        "tests/unit/test_fit.py",
        "tests/unit/test_fit_schemes.py",
        "tests/physics",
    ),
    **{f"src/mgsim/parts/{folder}/*.py": ("tests/contract", "tests/physics") for folder in PARTS},
    "src/mgsim/*.py": ("tests/unit", "tests/contract"),
    **{
        f"src/mgsim/{folder}/*.py": ("tests/unit", "tests/contract")
        for folder in (
            "catalogs",
            "compose",
            "declare",
            "equations",
            "files",
            "parts",
            "protocols",
            "system",
            "units",
        )
    },
}
#: Not drawn from: what only shows, and what the tests of lessons and figures look at.
SPARED = (
    "src/mgsim/references.py",
    "src/mgsim/report/citing.py",
    *(
        f"src/mgsim/exports/{n}.py"
        for n in (
            "__init__",
            "brian",
            "laws",
            "neuroml",
            "neuron",
            "nmodl",
            "python",
            "runs",
            "words",
        )
    ),
)
_SECONDS, _MEMORY = 1500, 8 << 30


class Copy:
    """A copy of the tree into which one fault after another is put."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
                shutil.copytree(source, place / name, ignore=ignored)
            elif source.exists():
                shutil.copy(source, place / name)

    def verdict(self, fault: Fault, cache: Path, near_only: bool) -> str:
        """``"killed by ..."`` or ``"survived"``."""
        file = self.place / fault.file
        before = file.read_text()
        file.write_text(fault.applied(before))
        try:
            near = [t for t in nearest(fault.file) if (self.place / t).exists()]
            rest = [f"--ignore={t}" for t in (*near, "tests/mutants", "notebooks", "tests/neuron")]
            for tests in (near,) if near_only else (near, ["tests", *rest]):
                failed = self._run(tests, cache)
                if failed:
                    return f"killed by {failed}"
            return "survived"
        finally:
            file.write_text(before)

    def _run(self, tests: list[str], cache: Path) -> str | None:
        paths = [str(self.place / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "MGSIM_CACHE": str(cache),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=--mpl",
            "--no-header",
            "--tb=no",
            *tests,
        ]
        try:
            done = subprocess.run(
                command,
                cwd=self.place,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
            )
        except subprocess.TimeoutExpired:
            return "taking too long"
        if done.returncode == 0:
            return None
        words = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return words[0][:150] if words else f"status {done.returncode}"


def nearest(file: str) -> tuple[str, ...]:
    """The tests to run first for a file."""
    return next(
        (
            tests
            for pattern, tests in NEAREST.items()
            if Path(file).match(pattern) or Path(file).match(pattern.replace("**/", ""))
        ),
        ("tests/unit",),
    )


def listed() -> list[Fault]:
    """The faults of listed.toml, each found in its file by its text, however that is laid out."""
    found = []
    for entry in tomllib.loads((HERE / "listed.toml").read_text())["fault"]:
        words = re.findall(r"\w+|\S", entry["old"])
        text = (ROOT / entry["file"]).read_text()
        there = list(re.finditer(r"\s*".join(map(re.escape, words)), text))
        if len(there) != 1:
            raise ValueError(
                f"listed.toml: '{entry['old']}' stands {len(there)} times in {entry['file']}, "
                "not once"
            )
        place, old = there[0].start(), there[0][0]
        found.append(Fault(entry["file"], place, old, entry["new"], entry["kind"]))
    return found


def harmless(fault: Fault, text: str) -> str | None:
    """Why a fault changes nothing, where harmless.toml says so."""
    line = text.splitlines()[fault.line(text) - 1].strip()
    for entry in tomllib.loads((HERE / "harmless.toml").read_text()).get("fault", []):
        if (entry["file"], entry["line"], entry["old"], entry["new"]) == (
            fault.file,
            line,
            fault.old,
            fault.new,
        ):
            return str(entry["why"])
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--listed", action="store_true")
    parser.add_argument("--near", action="store_true", help="only the nearest tests: a first look")
    parser.add_argument("--file", help="only faults of files whose path holds this")
    parser.add_argument("--report", type=Path, help="write verdicts as JSON here")
    given = parser.parse_args()
    if given.report:
        outputs.check(given.report)
    every = (
        listed()
        if given.listed
        else [
            f for f in draw.drawn(ROOT, tuple(NEAREST), 10**9, given.seed) if f.file not in SPARED
        ]
    )
    chosen = [f for f in every if not given.file or given.file in f.file][: given.number]
    began = time.monotonic()
    verdicts: dict[str, str] = {}
    writing = threading.Lock()
    with tempfile.TemporaryDirectory() as scratch:
        copies: queue.Queue[Copy] = queue.Queue()
        for i in range(min(given.jobs, len(chosen))):
            copies.put(Copy(Path(scratch) / str(i)))

        def judge(fault: Fault) -> None:
            copy = copies.get()
            try:
                text = (ROOT / fault.file).read_text()
                verdict = copy.verdict(fault, Path(scratch) / "kernels", given.near)
                if verdict == "survived" and (why := harmless(fault, text)):
                    verdict = f"harmless: {why}"
                verdicts[fault.words(text)] = verdict
                left = len(chosen) - len(verdicts)
                print(
                    f"{verdict.split()[0]:9} {fault.words(text)}   [{left} left, "
                    f"{time.monotonic() - began:.0f} s]",
                    flush=True,
                )
                if given.report:
                    with writing:
                        report = outputs.check(given.report, overwrite=True)
                        outputs.write(report, json.dumps(verdicts, indent=1))
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(judge, chosen))
    survived = [words for words, verdict in verdicts.items() if verdict == "survived"]
    noticed = sum(v.startswith("killed") for v in verdicts.values())
    meant = sum(not v.startswith("harmless") for v in verdicts.values())
    print(f"{noticed} of {meant} faults noticed ({len(verdicts) - meant} change nothing)")
    for words in survived:
        print("not noticed:", words)
    return bool(survived)


if __name__ == "__main__":
    sys.exit(main())
