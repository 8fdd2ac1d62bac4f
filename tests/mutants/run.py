"""Put one-line faults into copies of the package and see which of them some test notices.

    python tests/mutants/run.py --number 150 --seed 1      drawn from the files below
    python tests/mutants/run.py --listed                   those of listed.toml

Each fault runs the tests that speak most of what stands around it, until one fails or they have
computed for long enough. A fault that none of them notices ends the run with status 1, unless
harmless.toml says why it changes nothing. A test that fails of any change, even of one that changes
nothing, notices none. With --report a run goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
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
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
#: What every value and equation of a part stands on.
_PAGE = "tests/unit/test_parts_page.py::test_the_page_is_up_to_date"
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

    def verdict(
        self, fault: Fault, cache: Path, files: int, seconds: float, unsound: Collection[str]
    ) -> str:
        """``"killed by ..."`` or ``"survived"``."""
        file = self.place / fault.file
        before = file.read_text()
        tests = [p for folder in JUDGES for p in (self.place / "tests" / folder).glob("test_*.py")]
        weight = likely.weights(fault, before, tests)
        near = sorted(tests, key=lambda p: -likely.told(weight, p.read_text() + p.stem))[:files]
        options = ["-x", *(f"--deselect={test}" for test in unsound)]
        part = fault.file.startswith("src/mgsim/parts/")
        with self._holding({file: fault.applied(before)}):
            for chosen in ([_PAGE], near) if part else (near,):
                failed = self._failed([*options, *map(str, chosen)], weight, cache, seconds)
                if failed:
                    return f"killed by {failed[0]}"
        return "survived"

    def unsound(self, tests: Collection[str], cache: Path) -> set[str]:
        """Those of the tests that fail as well where a change of the source changes nothing.

        One without ``::`` is a file that could not be imported.

        Raises
        ------
        ValueError
            When one of them is not there, as a report may say that is older than the tests.
        """
        files = (self.place / "src").rglob("*.py")
        whole = sorted(t for t in tests if "::" not in t)
        single = sorted(set(tests) - set(whole))
        ways = ((single, ()), (whole, ("--collect-only",)))
        with self._holding({p: p.read_text() + "\n_ = 0\n" for p in files}):
            failed = {
                test
                for these, options in ways
                if these
                for test in self._failed([*options, *these], {}, cache, _SECONDS)
            }
        if "status 4" in failed:
            raise ValueError(f"not all of these tests are there: {', '.join(sorted(tests))}")
        return failed & set(tests)

    @contextmanager
    def _holding(self, texts: Mapping[Path, str]) -> Iterator[None]:
        before = {path: path.read_text() for path in texts}
        try:
            self._put(texts)
            yield
        finally:
            self._put(before)

    def _put(self, texts: Mapping[Path, str]) -> None:
        for path, text in texts.items():
            path.write_text(text)
            # By time and size it might be taken for that of another text.
            Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)

    def _failed(
        self, arguments: list[str], weight: dict[str, float], cache: Path, seconds: float
    ) -> list[str]:
        told = self.place / "failed.txt"
        told.write_text("")
        paths = [str(self.place / "src"), str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "MGSIM_CACHE": str(cache),
            "MGSIM_WORDS": json.dumps(weight),
            "MGSIM_FAILED": str(told),
            "MGSIM_SECONDS": str(seconds),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # loading all takes longer than most faults do
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        plugins = ("likely", "pytest_mpl.plugin", "pytest_timeout", "no:cacheprovider")
        try:
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no"),
                    *(f"-p{plugin}" for plugin in plugins),
                    *("-o", "addopts=--mpl", "-o", f"timeout={_SECONDS}"),
                    *arguments,
                ],
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
            return ["taking too long"]
        ended = done.returncode == 0 or " enough " in done.stdout
        return told.read_text().splitlines() or ([] if ended else [f"status {done.returncode}"])


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
    parser.add_argument("--files", type=int, default=24, help="of tests, that judge a fault")
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
    asked = {f: f.words(texts[f.file]) for f in chosen}
    with tempfile.TemporaryDirectory() as scratch:
        copies: queue.Queue[Copy] = queue.Queue()
        for i in range(min(given.jobs, len(chosen))):
            copies.put(Copy(Path(scratch) / str(i)))

        kernels = Path(scratch) / "kernels"

        def judge(fault: Fault) -> None:
            words = fault.words(texts[fault.file])
            if why := harmless(fault, texts[fault.file]):
                verdicts[words] = f"harmless: {why}"
            if verdicts.get(words, "survived") == "survived":
                copy = copies.get()
                try:
                    verdicts[words] = copy.verdict(
                        fault, kernels, given.files, given.seconds, unsound
                    )
                finally:
                    copies.put(copy)
            spent = f"[{time.monotonic() - began:.0f} s]"
            print(f"{verdicts[words].split()[0]:9} {words}   {spent}", flush=True)
            if given.report:
                given.report.write_text(json.dumps(verdicts, indent=1))

        sound: set[str] = set()
        unsound: set[str] = set()
        left = chosen
        while left:
            with ThreadPoolExecutor(given.jobs) as pool:
                list(pool.map(judge, left))
            killers = {f: verdicts[w].removeprefix("killed by ") for f, w in asked.items()}
            new = {test for test in killers.values() if ".py" in test} - sound
            failing = copies.queue[0].unsound(new, kernels) if new else set()
            sound |= new - failing
            unsound |= failing
            left = [f for f, test in killers.items() if test in failing]
            verdicts |= {asked[f]: "survived" for f in left}
    found = {words: verdicts[words] for words in asked.values()}
    noticed = sum(v.startswith("killed") for v in found.values())
    meant = sum(not v.startswith("harmless") for v in found.values())
    print(f"{noticed} of {meant} faults noticed ({len(found) - meant} change nothing)")
    survived = [words for words, verdict in found.items() if verdict == "survived"]
    for words in survived:
        print("not noticed:", words)
    return bool(survived)


if __name__ == "__main__":
    sys.exit(main())
