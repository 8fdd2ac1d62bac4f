"""Find a C compiler, compile a kernel, keep it on disk by digest."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from mgsim.engines.contract import EngineError

#: What an expression means must not depend on the compiler, for any value: nothing is reordered, a
#: division stays one, NaN and infinity are what they are. A product and a sum may be fused; nobody
#: reads errno or the exception flags. Nothing at link time: flush-to-zero must not leak.
FLAGS = (
    "-O3", "-std=c11", "-shared", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math",
    "-ffp-contract=fast",
)  # fmt: skip
#: gcc schedules for the registers there are; half as fast again on kernels that spill. Without the
#: last it gives up vectors for the parts of a step.
GCC_FLAGS = ("-fschedule-insns", "-fsched-pressure", "--param=sched-pressure-algorithm=2",
             "-fno-tree-pre")
_SUFFIX = ".dll" if os.name == "nt" else ".so"
ADVICE = "no C compiler found (in mgsim's folder, pip install -e '.[compiler]' brings one)"


@lru_cache(maxsize=1)
def compiler() -> tuple[str, ...] | None:
    """The command of the C compiler: ``$CC``, cc, gcc, clang, then the package ziglang."""
    named = os.environ.get("CC", "").split()
    for command in ([*named], ["cc"], ["gcc"], ["clang"]):
        if command and shutil.which(command[0]) and _works(tuple(command)):
            return tuple(command)
    import importlib.util

    if importlib.util.find_spec("ziglang"):
        command_ = (sys.executable, "-m", "ziglang", "cc")
        if _works(command_):
            return command_
    return None


def _works(command: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@lru_cache(maxsize=1)
def _machine() -> str:
    """What a compiled kernel depends on besides its source and its compiler."""
    features = ""
    if Path("/proc/cpuinfo").exists():
        features = "".join(line for line in Path("/proc/cpuinfo").read_text().splitlines(True)
                           if line.startswith(("flags", "Features", "model name")))[:4000]
    return "\n".join([" ".join(FLAGS), platform.platform(), platform.processor(), features])


@lru_cache(maxsize=1)
def _version() -> str:
    done = subprocess.run([*(compiler() or ()), "--version"], capture_output=True, timeout=60,
                          check=False)  # fmt: skip
    return done.stdout.decode(errors="replace")


def _flags() -> tuple[str, ...]:
    native = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
    wide = ("-mprefer-vector-width=512",) if platform.machine() in ("x86_64", "AMD64") else ()
    own = GCC_FLAGS if "Free Software Foundation" in _version() else ()
    return (*FLAGS, *own, native, *wide, *(() if os.name == "nt" else ("-fPIC",)))


def cache_folder() -> Path:
    """Where kernels are kept: ``$MGSIM_CACHE``, the platform's cache, or a temporary folder."""
    if os.environ.get("MGSIM_CACHE"):
        return Path(os.environ["MGSIM_CACHE"])
    import platformdirs

    return Path(platformdirs.user_cache_dir("mgsim", appauthor=False)) / "kernels"


@lru_cache(maxsize=8)
def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="mgsim-kernels-"))


def cached(source: str) -> Path | None:
    """The library of a C source that some compiler has left in the cache."""
    found = _writable(cache_folder()).glob(f"{_key(source)}-*{_SUFFIX}")
    return next(filter(_sealed, sorted(found)), None)


def build(source: str) -> Path:
    """The shared library of a C source: from the cache, or compiled now.

    A library is used only with the checksum that was written beside it; anything else is compiled
    anew and renamed into place, so that processes may do this at the same time. Without a compiler
    a library that another process has left will do.

    Raises
    ------
    EngineError
        No compiler and nothing in the cache, or the compiler failed; its first lines are shown.
    """
    command = compiler()
    if command is None:
        found = cached(source)
        if found is None:
            raise EngineError(ADVICE)
        return found
    folder = _writable(cache_folder())
    by = _digest("\n".join([_version(), *_flags()]))[:16]
    library = folder / f"{_key(source)}-{by}{_SUFFIX}"
    if _sealed(library):
        return library
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        code, made = Path(scratch) / "kernel.c", Path(scratch) / f"kernel{_SUFFIX}"
        code.write_text(source)
        done = subprocess.run([*command, *_flags(), "-o", str(made), str(code), "-lm"],
                              capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0 or not made.exists():
            first = "\n".join(done.stderr.splitlines()[:5])
            raise EngineError(f"{command[0]} could not compile the kernel: {first}")
        mark = Path(scratch) / "seal"
        mark.write_text(hashlib.sha256(made.read_bytes()).hexdigest())
        os.replace(made, library)
        os.replace(mark, library.with_suffix(".sha256"))
    return library


def _key(source: str) -> str:
    return _digest(f"{_machine()}\n{source}")[:40]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sealed(library: Path) -> bool:
    try:
        seal = library.with_suffix(".sha256").read_text()
        return hashlib.sha256(library.read_bytes()).hexdigest() == seal
    except (OSError, UnicodeDecodeError):
        return False
