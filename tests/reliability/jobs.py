"""Sweeps for the tests of durability, in a module that worker processes can import too.

Run as a script it runs one of them into a folder: ``jobs.py KIND FOLDER BATCH``.
"""

import os
import sys
import time
from dataclasses import dataclass, field

import numpy as np

import mgsim as mg
from mgsim.engines.contract import Batch, Options, Outcome
from mgsim.runs import in_folder
from mgsim.sweeps.prepare import Job, prepare
from mgsim.system.lowering import System

#: Set for the long form, as `make reliability` does.
LONG = bool(os.environ.get("MGSIM_RELIABILITY"))
#: Points of :func:`slow`.
POINTS = 2000
MEASURES = (mg.measures["mean_v"], mg.measures["spike_count"], mg.measures["peak_ca"])


@dataclass(frozen=True)
class Law:
    """An engine whose numbers follow from the columns at once.

    ``seconds``: what a batch takes. ``bad``: values of mg_out (mM) for which it raises an error;
    ``deadly``: values for which it kills its process. All these change no value; ``phase`` does.
    """

    seconds: float = field(default=0.0, compare=False)
    bad: tuple[float, ...] = field(default=(), compare=False)
    deadly: tuple[float, ...] = field(default=(), compare=False)
    phase: float = 0.0
    name: str = "law"

    def refuses(self, system: System, options: Options) -> str | None:
        return None

    def run(self, system: System, batch: Batch, options: Options) -> Outcome:
        time.sleep(self.seconds)
        mg_out = np.broadcast_to(batch.columns["mg_out"], batch.size)
        if np.isin(np.round(mg_out, 9), np.round(self.bad, 9)).any():
            raise RuntimeError("this magnesium is not to be had")
        if np.isin(np.round(mg_out, 9), np.round(self.deadly, 9)).any():
            os._exit(11)
        x = np.sin(1e3 * mg_out) * np.broadcast_to(1e9 * batch.columns["g_nmda"], batch.size)
        values = {
            m.name: np.cos(place + self.phase + x) ** 2 for place, m in enumerate(system.measures)
        }
        return Outcome(values, np.zeros(batch.size, np.int8), np.full(batch.size, np.nan))


def law(n: int = 1000, engine: Law | None = None) -> Job:
    """``n`` points through :class:`Law`."""
    return prepare(
        mg.models["standard"],
        mg.protocols["train_20hz"],
        MEASURES,
        engine=engine or Law(),
        mg_out=np.arange(n) / 1000,
        g_nmda=[1.0, 2.0],
    )


def fused(n: int = 200, threads: int = 1, **options) -> Job:
    """``n`` points of three axes through the fused engine, 20 ms each."""
    return prepare(
        mg.models["standard"],
        mg.protocols["poisson_20hz"].lasting(20, (0, 20)),
        MEASURES,
        engine="fused",
        threads=threads,
        train_rate=200,
        train_start=0,
        mg_out=np.linspace(0, 2, n // 4),
        block=["kampa_2004", "jahr_stevens_1990"],
        seed=[1, 2],
        **options,
    )


def slow() -> Job:
    """:data:`POINTS` points, a batch of which takes 2 ms."""
    return law(POINTS // 2, Law(0.002))


def run(kind: str, folder: str, batch: int) -> None:
    """Run one of them into a folder."""
    job = {"slow": slow, "slower": lambda: law(1000, Law(0.01))}[kind]()
    in_folder.durable(job, folder, batch=batch)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
