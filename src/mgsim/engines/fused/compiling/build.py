"""Find C compilers, compile a kernel, keep it on disk by digest."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from mgsim.engines.contract import EngineError
from mgsim.engines.fused.compiling import cache
from mgsim.files import scratch, sha256

Command = tuple[str, ...]

#: What an expression means must not depend on the compiler, for any value: nothing is reordered, a
#: division stays one, NaN and infinity are what they are. A product and a sum may be fused; nobody
#: reads errno or the exception flags. Nothing at link time: flush-to-zero must not leak.
FLAGS = (
    "-O2",
    "-std=c11",
    "-shared",
    "-fopenmp-simd",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
)
#: gcc gives up vectors for the parts of a step with the first. They compile in a third of the time
#: of -O3, and what they make is not slower (docs/performance.md).
GCC_FLAGS = (
    "-fno-tree-pre",
    "-fno-gcse",
    "-ftree-vectorize",
    "-fno-code-hoisting",
    "-fira-region=one",
)
_LONGEST = 600
SUFFIX = ".dll" if os.name == "nt" else ".so"


def candidates() -> Iterator[Command]:
    """The commands of the C compilers there are: ``$CC``, cc, gcc, clang, the package ziglang."""
    named = tuple(os.environ.get("CC", "").split())
    for command in (named, ("cc",), ("gcc",), ("clang",)):
        if command and shutil.which(command[0]) and version(command):
            yield command
    if importlib.util.find_spec("ziglang"):
        zig = (sys.executable, "-m", "ziglang", "cc")
        if version(zig):
            yield zig


@lru_cache(maxsize=16)
def version(command: Command) -> str:
    """What a compiler says of itself; '' if it does not work."""
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def identity(command: Command) -> str:
    """What tells a compiler from others: its file, arguments, version and flags."""
    file = Path(shutil.which(command[0]) or command[0]).resolve()
    try:
        found = file.stat()
        made = f"{found.st_size} {found.st_mtime_ns}"
    except OSError:
        made = ""
    return "\n".join([str(file), made, *command[1:], version(command), *flags(command)])


@lru_cache(maxsize=1)
def machine() -> str:
    """What a compiled kernel depends on besides its source and its compiler."""
    features = ""
    if Path("/proc/cpuinfo").exists():
        features = "".join(
            line
            for line in Path("/proc/cpuinfo").read_text().splitlines(True)
            if line.startswith(("flags", "Features", "model name"))
        )[:4000]
    return "\n".join([" ".join(FLAGS), platform.platform(), platform.processor(), features])


def flags(command: Command) -> tuple[str, ...]:
    """The flags for a compiler on this machine."""
    native = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
    wide = ("-mprefer-vector-width=512",) if platform.machine() in ("x86_64", "AMD64") else ()
    own = GCC_FLAGS if "Free Software Foundation" in version(command) else ()
    return (*FLAGS, *own, native, *wide, *(() if os.name == "nt" else ("-fPIC",)))


def cached(source: str) -> Path | None:
    """The library of a C source that some compiler has left in the cache."""
    found = cache.folder().glob(f"{_key(source)}-*{SUFFIX}")
    return next(filter(cache.sealed, sorted(found)), None)


def build(source: str, command: Command) -> Path:
    """The shared library of a C source: from the cache, or compiled now.

    A library is used only with the checksum that was written beside it; anything else is compiled
    anew and renamed into place, so that processes may do this at the same time. Where the cache
    takes no more, a temporary folder does.

    Raises
    ------
    EngineError
        The compiler failed; its first lines are shown.
    """
    name = f"{_key(source)}-{sha256(identity(command))[:16]}{SUFFIX}"
    return cache.anywhere(lambda folder: _build(source, command, folder / name))


def _build(source: str, command: Command, library: Path) -> Path:
    if cache.sealed(library):
        return library
    with scratch(library.parent) as made:
        cache.put(compile_in(made, source, command), library)
    return library


def compile_in(folder: Path, source: str, command: Command, name: str = "kernel") -> Path:
    """Compile a source in a folder; :class:`EngineError` if the compiler fails, OSError if full."""
    code, made = folder / f"{name}.c", folder / f"{name}{SUFFIX}"
    code.write_text(source)
    try:
        done = subprocess.run(
            [*command, *flags(command), "-o", str(made), str(code), "-lm"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST,
            check=False,
            env={**os.environ, "TMPDIR": str(folder)},
        )
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"{' '.join(command)} could not compile the kernel in {_LONGEST} s and was stopped"
        ) from None
    if done.returncode != 0 or not made.exists():
        (folder / "room").write_bytes(bytes(1 << 20))  # OSError if that was the reason
        first = "\n".join(done.stderr.splitlines()[:5])
        raise EngineError(f"{' '.join(command)} could not compile the kernel: {first}")
    return made


def _key(source: str) -> str:
    return sha256(f"{machine()}\n{source}")[:40]
