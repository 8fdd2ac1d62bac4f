"""Valid files changed at random, and what reads them: fuzz.py READER SEED TIMES prints JSON.

Run as a process of its own, which may take little memory: what would take gigabytes is a fault.
"""

import json
import random
import re
import resource
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

from effort import effort

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.runs.from_file import sweep_file
from mgsim.store import checked_json
from mgsim.store.description.manifest import NAMES

SWEEP = """\
model = ["standard", "kinetic"]  # two cells
protocol = "train_20hz"
measures = ["mean_v", "peak_ca"]
duration = "20 ms"
window = [0, "20 ms"]
seed = [1, 2]
dt = 0.05
engine = "brian"
[set]
tau_ca = "0.04 s"
block = "kampa_2004"
[axes]
mg_out = {start = 0.01, stop = 4, count = 5, spacing = "log"}
g_nmda = "1 nS:10 nS:3"
e_k = [-90, "-0.1 V"]
[design]
kind = "sobol"
points = 8
ranges = {pf_scale = [0.4, 1.0]}
log = ["pf_scale"]
seed = 3
"""
TABLED = """\
model = "standard"
protocol = "train_20hz"
measures = ["mean_v"]
[design]
kind = "table"
file = "x.csv"
"""
POINTS = "mg_out,block,tau_ca\n0,none,40\n0.8,kampa_2004,0.04 s\n1e-1,none,4e1\n"
DATA = """\
# measured
v [mV],mg [uM],current [pA],sd
-60,500,-1.25,0.1
-40,1e3,-2.5,0.1
20,10,3,.2
"""
#: What stands in place of a word, and what is put in anywhere.
WORDS = [
    "0",
    "-1",
    "2.5",
    "1e-300",
    "1e300",
    "9" * 400,
    "true",
    "nan",
    "-inf",
    '""',
    '"0.8 mM"',
    '"x"',
    '"1 mV"',
    '"9 ** 9 mM"',
    "[]",
    "[1, 2]",
    "{}",
    "[[1]]",
    "mg_out",
    "block",
    "seed",
    '"model"',
    '"0:1:3"',
    '"0:1:x"',
    "99999999999",
    "none",
    '"none"',
    "ampa",
    "1979-05-27",
    '"\\u0007"',
]
TOKENS = [
    "\0",
    "\x1b[31m",
    "\ufeff",
    "\r",
    "\n",
    "\t",
    '"',
    "'",
    '"""',
    "[",
    "]",
    "[[",
    "{",
    "}",
    "(",
    ")",
    ",",
    ";",
    ".",
    ":",
    "=",
    "#",
    "-",
    "+",
    "e",
    "_",
    "nan",
    "inf",
    "true",
    "null",
    "-1",
    "0",
    "1e999",
    "9" * 400,
    "9" * 5000,
    "0x" + "f" * 400,
    ".a" * 5000,
    " " * 50_000,
    "[" * 3000,
    "x" * 200_000,
    "mM",
    "1 mM",
    "degC",
    "µ",
    "\u202e",
    "../../etc/passwd",
    "__class__",
    "2020-01-01",
    "%s",
    "\\u0000",
]


def mutated(text: str, rng: random.Random) -> bytes:
    """The text with one to four changes, half of them a word in place of a word."""
    for _ in range(rng.choice([1, 1, 2, 4])):
        words = [*re.finditer(r"[\w.\"-]+", text)]
        if words and rng.random() < 0.5:
            word = rng.choice(words)
            text = text[: word.start()] + rng.choice(WORDS) + text[word.end() :]
            continue
        a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + 40)
        how = rng.randrange(6)
        if how == 0:
            text = text[:a] + text[b:]
        elif how == 1:
            text = text[:a] + text[a:b] * rng.choice([2, 50]) + text[b:]
        elif how == 2:
            text = text[:a] + rng.choice(TOKENS) + text[a:]
        elif how == 3:
            text = text[:a] + rng.choice(TOKENS) + text[b:]
        elif how == 4:
            lines = text.split("\n")
            rng.shuffle(lines)
            text = "\n".join(lines)
        else:
            text = (
                text[:a]
                + "".join(
                    chr(rng.choice([rng.randrange(128), rng.randrange(0x2500)]))
                    for _ in range(b - a)
                )
                + text[b:]
            )
        text = text or "\n"
    content = bytearray(text.encode("utf-8", "replace"))
    if rng.random() < 0.2:
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def read_sweep(folder: Path, content: bytes) -> None:
    (folder / "x.toml").write_bytes(content)
    sweep_file.read(folder / "x.toml")


def read_points(folder: Path, content: bytes) -> None:
    (folder / "x.csv").write_bytes(content)
    (folder / "x.toml").write_text(TABLED)
    sweep_file.read(folder / "x.toml")


def read_data(folder: Path, content: bytes) -> None:
    (folder / "x.csv").write_bytes(content)
    mg.read_data(folder / "x.csv")


def read_manifest(folder: Path, content: bytes) -> None:
    """Both copies say so, and with a good checksum: what guards is what may stand there."""
    try:
        said = json.loads(content)
        (said.pop("checksum"), said.pop("what"))
        for name in NAMES:
            checked_json.write(folder / "s" / name, "manifest", said, sync=False)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        for name in NAMES:
            (folder / "s" / name).write_bytes(content)
    mg.open_sweep(folder / "s")


def kept(folder: Path) -> str:
    """The manifest of a sweep in a folder, to be changed."""
    mg.sweep(
        mg.models["tonic"],
        mg.protocols["rest"].lasting(1, (0, 1)),
        mg.measures["mean_v"],
        mg_out=[0, 1],
        engine="brian",
        out=folder / "s",
    )
    return (folder / "s" / "manifest.json").read_text()


READERS = {
    "sweep": (read_sweep, SWEEP),
    "points": (read_points, POINTS),
    "data": (read_data, DATA),
    "manifest": (read_manifest, kept),
}
#: What a file that cannot be meant may raise: :func:`mgsim.cli.main` says each in a line.
FINE = (ValueError, OSError, UnknownName)


def main(name: str, seed: int, times: int) -> dict:
    """How many were read, how many refused; the tracebacks of what may not be; the slowest."""
    read, text = READERS[name]
    rng = random.Random(seed)
    found = {"read": 0, "refused": 0, "faults": [], "slowest": 0.0, "slow": ""}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = text if isinstance(text, str) else text(folder)
        read(folder, text.encode())  # what it starts from is good
        soft = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (soft + 10**9,) * 2)
        for _ in range(times):
            content = mutated(text, rng)

            def once(content: bytes = content) -> str:
                try:
                    read(folder, content)
                except FINE as error:
                    return "refused" if str(error).strip() else "faults"
                return "read"

            try:
                how, work = effort(once)
            except Exception:
                found["faults"].append((repr(content[:3000]), traceback.format_exc()[-1500:]))
                continue
            found[how] += 1
            if work > found["slowest"]:
                found |= {"slowest": work, "slow": repr(content[:300])}
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
