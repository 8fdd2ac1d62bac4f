"""Chunks are those that zarr writes and reads; tasks on threads that there may not be."""

import json
import random
import threading
import time
from inspect import getclosurevars

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from zarr.storage import LocalStore, MemoryStore

import mgsim as mg
from mgsim.engines.fused import threads
from mgsim.store import chunks
from mgsim.store.description import manifest as manifests

DTYPES = ["float64", "float32", "float16", "int64", "int8", "uint16", "bool"]


def metadata(dtype, length, chunk, width=None):
    fill = {"f": "NaN", "b": False}.get(np.dtype(dtype).kind, 0)
    more = [] if width is None else [width]
    names = ["point", "measure"][: 1 + len(more)]
    return manifests._array([length, *more], [chunk, *more], dtype, fill, names, {})


def values_of(dtype, shape, rng):
    drawn = np.asarray(rng.normal(size=shape) * 50)
    with np.errstate(invalid="ignore"):
        return drawn.astype(dtype) if dtype != "bool" else drawn > 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("length", "chunk", "width"), [(12, 5, None), (5, 5, 3), (7, 4, 2)])
def test_chunks_are_those_of_zarr_to_the_byte(dtype, length, chunk, width):
    """zarr 3 is the second writer: also of a last chunk that is not full, and of a row of NaN."""
    about = metadata(dtype, length, chunk, width)
    shape = (length,) if width is None else (length, width)
    values = values_of(dtype, shape, np.random.default_rng(1))
    if np.dtype(dtype).kind == "f":
        values[:chunk] = np.nan
    held = {"zarr.json": zarr.core.buffer.cpu.Buffer.from_bytes(json.dumps(about).encode())}
    with zarr.config.set({"array.write_empty_chunks": True}):
        zarr.open_array(MemoryStore(held), mode="r+", zarr_format=3)[:] = values
    for place, start in enumerate(range(0, length, chunk)):
        piece = values[start : start + chunk]
        data = chunks.encoded(about, piece)
        assert data == held[f"{place}.0" if width else str(place)].to_bytes()
        back = chunks.decoded(about, data)
        assert back.dtype == np.dtype(dtype)
        assert np.array_equal(back[: len(piece)], piece, equal_nan=np.dtype(dtype).kind == "f")


@given(st.sampled_from(DTYPES), st.integers(1, 70_000), st.randoms(use_true_random=False))
def test_a_chunk_comes_back_at_every_size(dtype, length, rng):
    """zstd frames say their size in one, two, four or eight bytes."""
    values = values_of(dtype, (length,), np.random.default_rng(rng.randrange(2**32)))
    about = metadata(dtype, length, length)
    assert np.array_equal(chunks.decoded(about, chunks.encoded(about, values)), values)


def test_what_is_no_chunk_is_refused_before_it_is_unpacked():
    """Any byte changed, cut off, or a frame that would unpack to gigabytes."""
    import google_crc32c
    from numcodecs.zstd import Zstd

    about = metadata("float64", 64, 64)
    good = chunks.encoded(about, np.random.default_rng(0).normal(size=64))
    rng = random.Random(3)
    for _ in range(200):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        with pytest.raises((ValueError, RuntimeError)):
            chunks.decoded(about, bytes(bad))
    for end in range(len(good)):
        with pytest.raises((ValueError, RuntimeError)):
            chunks.decoded(about, good[:end])

    def sealed(frame):
        return frame + google_crc32c.value(frame).to_bytes(4, "little")

    huge = bytearray(sealed(Zstd(level=1).encode(np.zeros(1 << 20))))
    for frame in (
        bytes(huge[:-4]),
        b"",
        b"\x28\xb5\x2f\xfd",
        b"\x28\xb5\x2f\xfd\x00\x58",
        b"x" * 40,
    ):
        with pytest.raises(ValueError, match=r"bytes|frame|size"):
            chunks.decoded(about, sealed(frame))


# ------------------------------------------------------------------------------------ threads


def task(seen, place, error=None):
    def act():
        if error:
            raise error
        seen.append(place)

    return act


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("possible", [0, 1, 99])
def test_tasks_run_once_each_on_the_threads_that_there_are(n, possible, monkeypatch):
    start, left = threads.start_new_thread, [possible]

    def scarce(*given):
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        return start(*given)

    monkeypatch.setattr(threads, "start_new_thread", scarce)
    seen = []
    threads.together([task(seen, place) for place in range(20)], n)
    assert sorted(seen) == list(range(20))


def test_an_error_of_any_thread_is_raised_and_ends_the_others():
    seen = []
    tasks = [task(seen, place, ValueError("here") if place == 7 else None) for place in range(99)]
    with pytest.raises(ValueError, match="here"):
        threads.together(tasks, 3)
    left = len(seen)
    time.sleep(0.05)
    assert len(seen) == left


def test_a_thread_that_never_begins_is_not_waited_for(monkeypatch):
    seen = []
    monkeypatch.setattr(threads, "start_new_thread", lambda *_: 0)
    threads.together([task(seen, place) for place in range(4)], 3)
    assert len(seen) == 4


def test_a_thread_that_is_lost_is_no_result(monkeypatch):
    """It takes a task, and dies where there is no memory even to say so."""

    def lost(function, given):
        work = getclosurevars(function).nonlocals["work"]
        getclosurevars(work).nonlocals["left"].popleft()

    monkeypatch.setattr(threads, "start_new_thread", lost)
    with pytest.raises(MemoryError, match="a thread ended before its work did"):
        threads.together([task([], place) for place in range(4)], 2)


def no_thread(*_):
    raise RuntimeError("can't start new thread")


def test_a_sweep_needs_no_thread(tmp_path, monkeypatch):
    """In memory, into a folder, opened, exported and read by others."""
    values = {"mg_out": np.linspace(0, 2, 150), "dt": 0.1}
    what = mg.models["tonic"], mg.protocols["rest"].lasting(5, (0, 5)), mg.measures["mean_v"]
    expected = mg.sweep(*what, threads=3, **values)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    monkeypatch.setattr(threading, "_start_new_thread", no_thread)
    monkeypatch.setattr(threads, "start_new_thread", no_thread)
    assert mg.sweep(*what, threads=3, **values).equals(expected)
    assert mg.sweep(*what, threads=3, out=tmp_path / "s", **values).equals(expected)
    assert mg.open_sweep(tmp_path / "s").equals(expected)
    assert mg.sweep(*what, threads=3, out=tmp_path / "s", **values).equals(expected)
    mg.sweep(*what, threads=3, out=tmp_path / "s.nc", progress=True, **values)
    monkeypatch.undo()
    array = zarr.open_array(LocalStore(tmp_path / "s" / "values", read_only=True), mode="r")
    assert np.array_equal(array[:, 0], expected.mean_v)
