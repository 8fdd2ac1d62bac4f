"""A run for the tests of Ctrl-C and of shortages, in a process of its own.

``pressed.py KIND FOLDER``: a sweep into a folder; says ``ready`` before it starts and at the end
how it ended. ``pressed.py memory ENGINE TIMES``: so many runs, each with Ctrl-C at some instant
of it or soon after.
``pressed.py KIND FOLDER LACK AMOUNT``: the sweep where so much of something is left: ``threads``,
``files``, or MB of memory, ``start`` as mgsim is imported, ``memory`` when libraries are.
"""

import os
import random
import resource
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import jobs
import numpy as np

import mgsim as mg
from mgsim.runs import in_folder
from mgsim.sweeps.point_rows import libraries
from mgsim.sweeps.prepare import prepare


def brian(n=32):
    """``n`` points through Brian2, 20 ms each."""
    return prepare(
        mg.models["standard"],
        mg.protocols["train_20hz"].lasting(20, (0, 20)),
        jobs.MEASURES,
        engine="brian",
        train_start=0,
        mg_out=np.linspace(0, 2, n),
    )


KINDS = {"brian": (brian, 4), "fused": (lambda: jobs.fused(4000, threads=2), 40)}


def in_memory(engine, times):
    """Ctrl-C in ``simulate``: how many ended as interrupts, and how many were whole before."""
    rng = random.Random(engine)
    steps = {"brian": 40, "fused": 8000}[engine]
    where = mg.models["standard"], mg.protocols["train_20hz"].lasting(steps, (0, steps))
    found = {"interrupted": 0, "whole": 0}
    for _ in range(2):  # the first compiles
        began = time.monotonic()
        mg.simulate(*where, engine=engine)
    took = time.monotonic() - began
    for _ in range(times):
        after = rng.uniform(0, 1.2 * took)
        key = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
        try:
            key.start()
            ds = mg.simulate(*where, engine=engine)
        except KeyboardInterrupt:
            found["interrupted"] += 1
            continue
        try:
            assert int(ds.status) == 0
            assert ds.sizes["time"] == steps * 40 + 1
            key.join()
            time.sleep(0.1)  # the key comes now at the latest
        except KeyboardInterrupt:
            pass
        found["whole"] += 1
    print(found["interrupted"], found["whole"], flush=True)


def lack(what, amount):
    """Leave so much: MB of memory, threads, or open files."""
    if what in ("memory", "start"):
        if what == "memory":
            libraries()
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        used = pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + amount * 2**20, resource.RLIM_INFINITY))
    elif what == "files":
        used = len(os.listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + amount, 4096))
    else:
        most, start = threading.active_count() + amount, threading.Thread.start

        def scarce(thread):
            if threading.active_count() >= most:
                raise RuntimeError("can't start new thread")
            start(thread)

        threading.Thread.start = scarce


def main():
    if sys.argv[1] == "memory":
        in_memory(sys.argv[2], int(sys.argv[3]))
        return
    kind, folder, *limits = sys.argv[1:]
    make, batch = KINDS[kind]
    warnings.simplefilter("ignore")
    job = make()
    try:
        print("ready", flush=True)
        if limits:
            lack(limits[0], int(limits[1]))
        in_folder.durable(
            job,
            folder,
            batch=batch,
            progress=False,
            **({"processes": 2} if kind == "brian" else {}),
        )
        print("ended", flush=True)
    except BaseException as end:
        print(type(end).__name__, str(end).partition("\n")[0][:200], flush=True)


if __name__ == "__main__":
    main()
