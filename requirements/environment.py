"""Make, complete or repair the environment of the Makefile: environment.py FOLDER LEVEL.

A stamp is written last and removed first, so a folder without one was killed in the middle and is
made anew; so is one that was moved, copied, or whose Python is gone. Where pyproject.toml or the
lock changed, only the difference is installed. A folder that bears no mark of this script is never
removed. A second call waits for the first. Standard library only; Linux and macOS.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {"core": "", "test": "[test]", "notebooks": "[notebooks]", "docs": "[docs]"}
# Imported once at the end: shows that the installation works, and compiles to byte code what will
# be used. Compiling all that pip installs would take twice as long.
IMPORTS = {
    "core": "brian2, h5netcdf, matplotlib.pyplot, scipy.integrate, scipy.optimize, scipy.stats,"
    " pydantic, tqdm, xarray, zarr, Cython.Build, setuptools.command.build_ext,"
    " brian2.codegen.runtime.cython_rt.extension_manager",
    "test": "dask.array, distributed, hypothesis, importlinter.cli, ipykernel.kernelapp,"
    " nbmake, pytest, pytest_mpl.plugin, pytest_timeout, xdist.plugin",
    "notebooks": "ipykernel.kernelapp, jupyterlab.labapp",
    "docs": "sphinx.cmd.build, myst_nb, furo, latex2mathml.converter, ipykernel.kernelapp",
}

#: In every folder that this script has made.
MARK = ".made-by-make"


class NotOwnError(ValueError):
    """A folder that this script has not made."""


class Environment:
    """One virtual environment and its stamps."""

    def __init__(self, folder: Path, python: str | None) -> None:
        self.folder = folder
        self.executable = folder / "bin" / "python"
        self.wanted = python

    def stamp(self, level: str) -> Path:
        return self.folder / f".stamp-{level}"

    def read(self, level: str) -> dict[str, str]:
        try:
            return dict(json.loads(self.stamp(level).read_text()))
        except (OSError, ValueError):
            return {}

    def usable(self) -> bool:
        """Whether it is whole, lies where it was made and has the Python that was asked for."""
        made = self.read("core")
        return (
            made.get("place") == str(self.folder)
            and self.executable.exists()
            and self.wanted in (None, made.get("python"))
        )

    def own(self) -> bool:
        """Whether it may be removed: nothing is there, or what this script has made."""
        if not self.folder.is_dir():
            return not os.path.lexists(self.folder)
        found = os.listdir(self.folder)
        return not found or MARK in found or any(self.stamp(n).name in found for n in EXTRAS)

    def current(self, level: str) -> bool:
        """Whether nothing has to be done."""
        made = self.read(level)
        return self.usable() and made.get("asked") == asked(made.get("python", ""))

    def bring(self, level: str) -> None:
        """Install `level`, from nothing if need be; what was whole before stays so."""
        start = time.monotonic()
        if not self.own():
            raise NotOwnError(
                f"{self.folder} is there and was not made by make, so it stays. Move it away, or "
                "name another folder: make VENV=..."
            )
        usable = self.usable()
        version = self.read("core")["python"] if usable else "{}.{}".format(*sys.version_info)
        whole = [name for name in EXTRAS if self.current(name)]
        if self.folder.exists():
            (self.folder / MARK).touch()
        for name in EXTRAS:
            self.stamp(name).unlink(missing_ok=True)
        if usable:
            say(f"Completing {self.folder.name} for {level} (once) ...")
        else:
            say(f"Setting up {self.folder.name} with Python {version} (once) ...")
            self.folder.mkdir(exist_ok=True)
            (self.folder / MARK).touch()
            for old in self.folder.iterdir():  # all but the mark, for this may be interrupted
                if old.is_dir() and not old.is_symlink():
                    shutil.rmtree(old)
                elif old.name != MARK:
                    old.unlink()
            # Not sys.executable: that may lie in the folder which has just been removed.
            call(getattr(sys, "_base_executable", sys.executable), "-m", "venv", self.folder)
        lock = lock_of(version)
        if not lock.exists():
            say(
                f"  not tried with Python {version} yet, so without a lock: the newest versions "
                "that fit together (make PYTHON=... names another Python)"
            )
        pins = ["-c", lock] if lock.exists() else []
        package = f"{ROOT}{EXTRAS[level]}"
        call(self.executable, "-m", "pip", "install", "-qq", "--no-compile", *pins, "-e", package)
        made = {"python": version, "place": str(self.folder), "asked": asked(version)}
        for name in dict.fromkeys(["core", level]):
            call(self.executable, "-W", "ignore", "-c", f"import {IMPORTS[name]}")
        for name in dict.fromkeys(["core", *whole, level]):
            part = self.stamp(name).with_suffix(".part")
            part.write_text(json.dumps(made) + "\n")
            part.replace(self.stamp(name))
        say(f"  done in {time.monotonic() - start:.0f} s")


def lock_of(version: str) -> Path:
    return ROOT / "requirements" / f"lock-{version}.txt"


def asked(version: str) -> str:
    """What the environment follows from: the package's declarations and the lock."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = json.dumps([declared["build-system"], declared["project"]], sort_keys=True).encode()
    lock = lock_of(version)
    return hashlib.sha256(text + (lock.read_bytes() if lock.exists() else b"")).hexdigest()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


_locked: tuple[int, ...] = ()


def call(*command: object) -> None:
    # The children hold the lock too: a pip that outlives a killed parent keeps others waiting.
    settings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([str(w) for w in command], check=True, cwd=ROOT, env=settings, pass_fds=_locked)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel frees when its last holder ends, however it ends."""
    global _locked
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up to end ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        _locked = (handle,)
        yield
    finally:
        _locked = ()
        os.close(handle)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("level", choices=list(EXTRAS))
    parser.add_argument("--this-python", action="store_true", help="keep no other Python version")
    options = parser.parse_args()
    version = "{}.{}".format(*sys.version_info)
    folder = options.folder.absolute()
    environment = Environment(
        folder.parent.resolve() / folder.name, version if options.this_python else None
    )
    if environment.current(options.level):
        return 0
    with alone(environment.folder.with_name(environment.folder.name + ".lock")):
        if environment.current(options.level):
            return 0
        try:
            environment.bring(options.level)
        except NotOwnError as error:
            say(str(error))
            return 1
        except subprocess.CalledProcessError as error:
            say("The set-up failed (see above); the next call starts afresh.")
            return error.returncode or 1
        except KeyboardInterrupt:
            say("The set-up was interrupted; the next call starts afresh.")
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
