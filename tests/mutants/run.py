"""Put one-line faults into copies of the package and see which of them some test notices.

    python tests/mutants/run.py --number 150 --seed 1      drawn from the files below
    python tests/mutants/run.py --listed                   those of listed.toml

Each fault runs the tests that speak most of what stands around it, until one fails or they have
computed for long enough. A fault that none of them notices ends the run with status 1, unless
harmless.toml says why it changes nothing. With --report a run goes on where it was stopped.
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
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import draw
import likely
from draw import Fault

from mgsim.catalogs import PARTS

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
#: Files from which faults are drawn: not those that only show.
DRAWN = (
    "src/mgsim/measures.py",
    "src/mgsim/salts.py",
    "src/mgsim/parts/*.py",
    *(f"src/mgsim/parts/{folder}/*.py" for folder in PARTS),
    *(f"src/mgsim/{folder}/**/*.py" for folder in ("engines", "sweeps", "store", "runs")),
    *(
        f"src/mgsim/{folder}/*.py"
        for folder in (
            "analysis",
            "catalogs",
            "compose",
            "declare",
            "equations",
            "files",
            "protocols",
            "system",
            "units",
        )
    ),
)
#: Tests that judge: not those that a change of the source fails whatever it does, nor the slowest.
JUDGES = ("agreement", "contract", "figures", "physics", "reliability", "unit")
_SECONDS, _MEMORY = 3600, 8 << 30


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

    def verdict(self, fault: Fault, cache: Path, files: int, seconds: float) -> str:
        """``"killed by ..."`` or ``"survived"``."""
        file = self.place / fault.file
        before = file.read_text()
        tests = [p for folder in JUDGES for p in (self.place / "tests" / folder).glob("test_*.py")]
        weight = likely.weights(fault, before, tests)
        near = sorted(tests, key=lambda p: -likely.told(weight, p.read_text() + p.stem))[:files]
        file.write_text(fault.applied(before))
        try:
            failed = self._run(near, weight, cache, seconds)
            return f"killed by {failed}" if failed else "survived"
        finally:
            file.write_text(before)

    def _run(
        self, tests: list[Path], weight: dict[str, float], cache: Path, seconds: float
    ) -> str | None:
        paths = [
            str(self.place / "src"),
            str(self.place / "tests/mutants"),
            *filter(None, [os.environ.get("PYTHONPATH")]),
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "MGSIM_CACHE": str(cache),
            "MGSIM_WORDS": json.dumps(weight),
            "MGSIM_SECONDS": str(seconds),
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
            "likely",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=--mpl",
            "-o",
            "timeout=1800",
            "--no-header",
            "--tb=no",
            *(str(t.relative_to(self.place)) for t in tests),
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
        words = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        if words:
            return words[0][:150]
        ended = done.returncode == 0 or " enough " in done.stdout
        return None if ended else f"status {done.returncode}"


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
    parser.add_argument("--files", type=int, default=8, help="of tests, that judge a fault")
    parser.add_argument("--seconds", type=float, default=120, help="that they compute at most")
    parser.add_argument("--file", help="only faults of files whose path holds this")
    parser.add_argument("--report", type=Path, help="verdicts as JSON, read first, then written")
    given = parser.parse_args()
    if given.listed:
        every = [f for f in listed() if not given.file or given.file in f.file]
    else:
        paths = (p.relative_to(ROOT).as_posix() for d in DRAWN for p in ROOT.glob(d))
        files = (p for p in paths if not given.file or given.file in p)
        every = draw.drawn(ROOT, files, given.number, given.seed)
    chosen = every[: given.number]
    began = time.monotonic()
    verdicts: dict[str, str] = {}
    if given.report and given.report.exists():
        verdicts |= json.loads(given.report.read_text())
    texts = {f.file: (ROOT / f.file).read_text() for f in chosen}
    asked = [f.words(texts[f.file]) for f in chosen]
    with tempfile.TemporaryDirectory() as scratch:
        copies: queue.Queue[Copy] = queue.Queue()
        for i in range(min(given.jobs, len(chosen))):
            copies.put(Copy(Path(scratch) / str(i)))

        def judge(fault: Fault) -> None:
            words = fault.words(texts[fault.file])
            if why := harmless(fault, texts[fault.file]):
                verdicts[words] = f"harmless: {why}"
            if verdicts.get(words, "survived") == "survived":
                copy = copies.get()
                try:
                    kernels = Path(scratch) / "kernels"
                    verdicts[words] = copy.verdict(fault, kernels, given.files, given.seconds)
                finally:
                    copies.put(copy)
            print(
                f"{verdicts[words].split()[0]:9} {words}   [{time.monotonic() - began:.0f} s]",
                flush=True,
            )
            if given.report:
                given.report.write_text(json.dumps(verdicts, indent=1))

        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(judge, chosen))
    found = {words: verdicts[words] for words in asked}
    noticed = sum(v.startswith("killed") for v in found.values())
    meant = sum(not v.startswith("harmless") for v in found.values())
    print(f"{noticed} of {meant} faults noticed ({len(found) - meant} change nothing)")
    survived = [words for words, verdict in found.items() if verdict == "survived"]
    for words in survived:
        print("not noticed:", words)
    return bool(survived)


if __name__ == "__main__":
    sys.exit(main())
