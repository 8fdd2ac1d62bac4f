"""Compilers and the kernel cache: damaged entries, folders, no compiler, many processes."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

import mgsim as mg
from mgsim.engines import choose
from mgsim.engines.choose import FallbackWarning
from mgsim.engines.contract import EngineError
from mgsim.engines.fused import build, engine
from mgsim.engines.fused.kernel import load

CELL, SHORT = mg.models["cell"], mg.protocols["current_step"].lasting(5, (0, 5))


def sweep(**more):
    return float(mg.sweep(CELL, SHORT, mg.measures["mean_v"], **more).mean_v)


def forget():
    """Nothing remembered in this process, as in a new one."""
    engine._programs.clear()
    for remembered in (build.compiler, build._writable, build._machine, load, choose._say):
        remembered.cache_clear()


@pytest.fixture(autouse=True)
def clean():
    forget()
    yield
    forget()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "kernels"
    monkeypatch.setenv("MGSIM_CACHE", str(folder))
    return folder


def libraries(folder):
    return sorted(p for p in folder.iterdir() if p.suffix in (".so", ".dll"))


def test_the_folder_asked_for_is_used_and_used_again(cache):
    first = sweep()
    (library,) = libraries(cache)
    made = library.stat().st_mtime_ns
    assert [p.suffix for p in cache.iterdir() if p.is_dir()] == []  # no scratch left behind
    forget()
    assert sweep() == first
    assert libraries(cache) == [library]
    assert library.stat().st_mtime_ns == made


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty", "seal", "no seal", "one byte"])
def test_a_damaged_entry_is_made_anew(cache, damage):
    first = sweep()
    (library,) = libraries(cache)
    seal = next(p for p in cache.iterdir() if p.suffix == ".sha256")
    whole = library.read_bytes()
    library.unlink()  # a library that is loaded must not change under its process
    match damage:
        case "truncated":
            library.write_bytes(whole[: len(whole) // 2])
        case "garbage":
            library.write_bytes(os.urandom(4096))
        case "empty":
            library.write_bytes(b"")
        case "one byte":
            library.write_bytes(whole[:4000] + bytes([whole[4000] ^ 1]) + whole[4001:])
        case "seal":
            library.write_bytes(whole)
            seal.write_text("f" * 64)
        case "no seal":
            library.write_bytes(whole)
            seal.unlink()
    forget()
    assert sweep() == first
    (again,) = libraries(cache)
    assert again.stat().st_size == pytest.approx(len(whole), rel=0.05)


def test_another_model_gets_an_entry_of_its_own(cache):
    sweep()
    sweep(i_amp=100)  # the same kernel: values are not in it
    assert len(libraries(cache)) == 1
    mg.sweep(CELL, SHORT, mg.measures["peak_v"])
    assert len(libraries(cache)) == 2


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    blocked = tmp_path / "a_file"
    blocked.write_text("")
    monkeypatch.setenv("MGSIM_CACHE", str(blocked / "kernels"))
    assert -80 < sweep() < -60
    assert blocked.read_text() == ""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_folder(tmp_path, monkeypatch):
    folder = tmp_path / "read_only"
    folder.mkdir(mode=0o500)
    monkeypatch.setenv("MGSIM_CACHE", str(folder))
    assert -80 < sweep() < -60
    assert list(folder.iterdir()) == []


# ---- compilers ----------------------------------------------------------------------------------
@pytest.fixture
def no_compiler(cache, monkeypatch, tmp_path):
    remove_compiler(monkeypatch, tmp_path)


def remove_compiler(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "ziglang" else found(name, *a)
    )
    forget()


def test_without_a_compiler_brian_runs_and_one_line_says_what_to_install(no_compiler):
    with pytest.warns(
        FallbackWarning, match=r"no C compiler.*pip install -e '\.\[compiler\]'.*Brian2 runs this"
    ) as told:
        ds = mg.sweep(CELL, SHORT, mg.measures["mean_v"])
    assert len([w for w in told if issubclass(w.category, FallbackWarning)]) == 1
    assert ds.attrs["engine"] == "brian"
    forget()


def test_what_is_cached_needs_no_compiler_any_more(cache, monkeypatch, tmp_path):
    """Release test 13."""
    def run(measure="mean_v", **axes):
        ds = mg.sweep(CELL, SHORT, mg.measures[measure], **axes)
        return ds[measure].values.tolist(), ds.attrs["engine"]

    first, many = run(), run(i_amp=[700.0, 900.0], step_start=1.0)
    traces = mg.simulate(CELL, SHORT)
    remove_compiler(monkeypatch, tmp_path)
    assert run() == first == (first[0], "fused")
    assert run(i_amp=[700.0, 900.0], step_start=1.0) == many
    np.testing.assert_array_equal(mg.simulate(CELL, SHORT).v, traces.v)
    for other in ({"c_m": [0.9, 1.0]}, {"measure": "peak_v"}):
        forget()
        with pytest.warns(FallbackWarning, match="no C compiler") as told:
            assert run(**other)[1] == "brian"
        assert sum(issubclass(w.category, FallbackWarning) for w in told) == 1
    for library in libraries(cache):
        library.unlink()  # a library that is loaded must not change under its process
        library.write_bytes(b"damaged")
    with pytest.raises(EngineError, match="no C compiler"):
        mg.sweep(CELL, SHORT, mg.measures["mean_v"], engine="fused")


def test_without_a_compiler_the_fused_engine_refuses_with_the_reason(no_compiler):
    with pytest.raises(EngineError, match=r"engine 'fused' cannot run this: no C compiler"):
        mg.sweep(CELL, SHORT, mg.measures["mean_v"], engine="fused")


def test_with_and_without_a_compiler_the_numbers_agree(cache, monkeypatch):
    fused = sweep()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        monkeypatch.setattr(build, "compiler", lambda: None)
        monkeypatch.setattr(build, "cached", lambda _: None)
        assert sweep() == pytest.approx(fused, rel=1e-12)
        monkeypatch.undo()


def test_cc_is_tried_first_and_a_broken_one_is_passed_over(monkeypatch, tmp_path):
    import shutil

    real = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not real:
        pytest.skip("no system compiler")
    own = tmp_path / "mycc"
    own.symlink_to(real)
    monkeypatch.setenv("CC", str(own))
    forget()
    assert build.compiler() == (str(own),)
    monkeypatch.setenv("CC", str(tmp_path / "not_there"))
    forget()
    assert build.compiler() is not None
    assert "not_there" not in build.compiler()[0]
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    forget()
    assert str(broken) not in build.compiler()


def test_a_compiler_that_fails_is_quoted(cache, monkeypatch):
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "--no-such-flag-of-any-compiler"))
    forget()
    with pytest.raises(EngineError, match=r"could not compile the kernel"):
        sweep(engine="fused")


# ---- processes ----------------------------------------------------------------------------------
def test_processes_that_build_the_same_kernel_at_once(cache):
    """Release test 13: every cold process gets the right answer, and one entry is left."""
    code = (
        "import mgsim as mg; print(repr(float(mg.sweep(mg.models['cell'], "
        "mg.protocols['current_step'].lasting(5, (0, 5)), mg.measures['mean_v']).mean_v)))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for _ in range(6)]  # fmt: skip
    said = [p.communicate(timeout=120) for p in running]
    assert [p.returncode for p in running] == [0] * 6, said
    values = {out.strip() for out, _ in said}
    assert len(values) == 1
    assert len(libraries(cache)) == 1
    assert float(values.pop()) == sweep()
    assert not [p for p in cache.iterdir() if p.is_dir()]


def test_a_kernel_is_the_same_text_in_every_process():
    code = (
        "import mgsim as mg, hashlib; from mgsim.engines.fused.collect import collect; "
        "from mgsim.engines.fused.emit import emit; s = mg.lower(mg.models['standard'], "
        "mg.protocols['train_20hz'], mg.measures.all[:8]); p = collect(s, frozenset({'mg_out', "
        "'g_nmda', 'e_k'}), ('v', 'ca'), 'rk2'); "
        "print(hashlib.sha256(emit(p, 'float64', 16).text.encode()).hexdigest())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "012"
    }
    assert len(texts) == 1


def test_the_loaded_library_is_exact_where_the_process_is(cache):
    """Linking with -ffast-math would set flush-to-zero for the whole process at load."""
    sweep()
    assert not any(f in ("-ffast-math", "-Ofast") for f in build._flags())
    assert np.float64(1e-308) / 16 > 0
