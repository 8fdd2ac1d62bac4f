"""Compilers and the kernel cache: damaged entries, folders, no compiler, many processes."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

import mgsim as mg
from mgsim import files
from mgsim.engines import choose
from mgsim.engines.choose import FallbackWarning
from mgsim.engines.contract import EngineError
from mgsim.engines.fused import engine, trial
from mgsim.engines.fused.compiling import build, cache
from mgsim.engines.fused.kernel import load

#: A membrane alone: what is kept of it, and how, is that of any kernel.
CELL = mg.models["cell"].swap(mg.neurons["dendrite"])
SHORT = mg.protocols["current_step"].lasting(5, (0, 5))
#: The same, for a new process.
IN_A_PROCESS = (
    "mg.sweep(mg.models['cell'].swap(mg.neurons['dendrite']), "
    "mg.protocols['current_step'].lasting(5, (0, 5)), mg.measures['mean_v'])"
)


def sweep(**more):
    return float(mg.sweep(CELL, SHORT, mg.measures["mean_v"], **more).mean_v)


def forget():
    """Nothing remembered in this process, as in a new one."""
    engine._programs.clear()
    for remembered in (
        trial.compiler,
        trial._chosen,
        trial.verdict,
        build.version,
        build.machine,
        cache._usable,
        cache._say,
        load,
        choose._say,
    ):
        remembered.cache_clear()


@pytest.fixture(autouse=True)
def clean():
    forget()
    yield
    forget()


@pytest.fixture(scope="session")
def verdicts():
    """What is kept of the compiler's trial, wherever that was."""
    assert trial.compiler() or shutil.which("cc") is None
    return sorted(cache.folder().glob("trial-*"))


@pytest.fixture(name="kernels")
def kernel_folder(tmp_path, monkeypatch, verdicts):
    """A folder without kernels, in which the compiler was tried."""
    folder = tmp_path / "kernels"
    folder.mkdir(mode=0o700)
    for file in verdicts:
        shutil.copy2(file, folder)
    monkeypatch.setenv("MGSIM_CACHE", str(folder))
    return folder


@pytest.fixture
def cold(kernels):
    """A folder that is not there yet."""
    shutil.rmtree(kernels)
    return kernels


def libraries(folder):
    return sorted(p for p in folder.iterdir() if p.suffix in (".so", ".dll"))


def test_the_folder_asked_for_is_used_and_used_again(cold):
    kernels, first = cold, sweep()
    (library,) = libraries(kernels)
    made = library.stat().st_mtime_ns
    assert [p.suffix for p in kernels.iterdir() if p.is_dir()] == []  # no scratch left behind
    forget()
    assert sweep() == first
    assert libraries(kernels) == [library]
    assert library.stat().st_mtime_ns == made


def test_a_user_without_a_home_has_a_temporary_folder(monkeypatch):
    """As in a container whose user has no entry in the list of users."""

    def nowhere(*_, **__):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MGSIM_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", nowhere)
    assert cache.folder() == cache.temporary()


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty", "seal", "no seal", "one byte"])
def test_a_damaged_entry_is_made_anew(kernels, damage):
    first = sweep()
    (library,) = libraries(kernels)
    seal = library.with_suffix(".sha256")
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
    (again,) = libraries(kernels)
    assert again.stat().st_size == pytest.approx(len(whole), rel=0.05)


def test_another_model_gets_an_entry_of_its_own(kernels):
    sweep()
    sweep(i_amp=100)  # the same kernel: values are not in it
    assert len(libraries(kernels)) == 1
    mg.sweep(CELL, SHORT, mg.measures["peak_v"])
    assert len(libraries(kernels)) == 2


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
def no_compiler(kernels, monkeypatch, tmp_path):
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


def test_what_is_cached_needs_no_compiler_any_more(kernels, monkeypatch, tmp_path):
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
    for other in ({"e_leak": [-70.0, -69.0]}, {"measure": "peak_v"}):
        forget()
        with pytest.warns(FallbackWarning, match="no C compiler") as told:
            assert run(**other)[1] == "brian"
        assert sum(issubclass(w.category, FallbackWarning) for w in told) == 1
    for library in libraries(kernels):
        library.unlink()  # a library that is loaded must not change under its process
        library.write_bytes(b"damaged")
    with pytest.raises(EngineError, match="no C compiler"):
        mg.sweep(CELL, SHORT, mg.measures["mean_v"], engine="fused")


def test_without_a_compiler_the_fused_engine_refuses_with_the_reason(no_compiler):
    with pytest.raises(EngineError, match=r"engine 'fused' cannot run this: no C compiler"):
        mg.sweep(CELL, SHORT, mg.measures["mean_v"], engine="fused")


def test_with_and_without_a_compiler_the_numbers_agree(kernels, monkeypatch):
    fused = sweep()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        monkeypatch.setattr(trial, "compiler", lambda: None)
        monkeypatch.setattr(build, "cached", lambda _: None)
        assert sweep() == pytest.approx(fused, rel=1e-12)
        monkeypatch.undo()


def test_cc_is_tried_first_and_a_broken_one_is_passed_over(monkeypatch, tmp_path):
    real = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not real:
        pytest.skip("no system compiler")
    own = tmp_path / "mycc"
    own.symlink_to(real)
    monkeypatch.setenv("CC", str(own))
    forget()
    assert trial.compiler() == (str(own),)
    monkeypatch.setenv("CC", str(tmp_path / "not_there"))
    forget()
    assert trial.compiler() is not None
    assert "not_there" not in trial.compiler()[0]
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    forget()
    assert str(broken) not in trial.compiler()


def test_a_compiler_that_fails_is_quoted(kernels, monkeypatch):
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "--no-such-flag-of-any-compiler"))
    forget()
    with pytest.raises(EngineError, match=r"could not compile the kernel"):
        sweep(engine="fused")


# ---- processes ----------------------------------------------------------------------------------
def test_processes_that_build_the_same_kernel_at_once(cold):
    """Release test 13: every cold process gets the right answer, and one entry is left."""
    kernels = cold
    code = f"import mgsim as mg; print(repr(float({IN_A_PROCESS}.mean_v)))"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [p.communicate(timeout=120) for p in running]
    assert [p.returncode for p in running] == [0] * 3, said
    values = {out.strip() for out, _ in said}
    assert len(values) == 1
    assert len(libraries(kernels)) == 1
    assert float(values.pop()) == sweep()
    assert not [p for p in kernels.iterdir() if p.is_dir()]


def test_a_kernel_is_the_same_text_in_every_process():
    code = (
        "import mgsim as mg, hashlib; from mgsim.engines.fused.program.collect import collect; "
        "from mgsim.engines.fused.c_text.emit import emit; s = mg.lower(mg.models['standard'], "
        "mg.protocols['train_20hz'], mg.measures.all[:8]); p = collect(s, frozenset({'mg_out', "
        "'g_nmda', 'e_k'}), ('v', 'ca'), 'rk2', True); "
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


def test_the_loaded_library_is_exact_where_the_process_is(kernels):
    """Linking with -ffast-math would set flush-to-zero for the whole process at load."""
    sweep()
    assert np.float64(1e-308) / 16 > 0


# ---- nobody else's ------------------------------------------------------------------------------
posix = pytest.mark.skipif(os.name == "nt", reason="owners and modes are POSIX")


@posix
@pytest.mark.parametrize("how", ["by group", "by all", "its seal", "a link", "another's"])
def test_a_library_that_another_could_have_written_is_not_loaded(kernels, tmp_path, how):
    """It has the right checksum: whoever writes a library writes its checksum too."""
    first = sweep()
    (library,) = libraries(kernels)
    match how:
        case "by group":
            library.chmod(0o660)
        case "by all":
            library.chmod(0o606)
        case "its seal":
            library.with_suffix(".sha256").chmod(0o620)
        case "a link":
            elsewhere = tmp_path / "planted.so"
            library.rename(elsewhere)
            library.symlink_to(elsewhere)
        case "another's":
            if os.geteuid() != 0:
                pytest.skip("needs root")
            os.chown(library, 12345, 12345)
    assert build.cached(engine_source()) is None
    forget()
    assert sweep() == first
    assert not library.is_symlink()
    assert (library.stat().st_uid, library.stat().st_mode & 0o777) == (os.geteuid(), 0o600)
    assert build.cached(engine_source()) == library


def engine_source():
    (key,) = engine._programs
    return engine._programs[key].source.text


@posix
@pytest.mark.parametrize("how", ["by all", "by group", "exchanged", "another's"])
def test_a_folder_that_others_can_write_is_not_used(kernels, monkeypatch, how):
    first = sweep()
    before = {p: p.stat().st_mtime_ns for p in kernels.iterdir()}
    match how:
        case "by all":
            kernels.chmod(0o777)
        case "by group":
            kernels.chmod(0o770)
        case "exchanged":
            kernels.parent.chmod(0o777)
        case "another's":
            monkeypatch.setattr(os, "geteuid", lambda: 4242)
    forget()
    with pytest.warns(cache.CacheWarning, match=r"kernels is not used: .*temporary folder"):
        assert sweep() == first
    assert {p: p.stat().st_mtime_ns for p in kernels.iterdir()} == before
    kernels.parent.chmod(0o700)


@posix
def test_what_is_kept_is_for_oneself_alone(cold):
    kernels, before = cold, os.umask(0)
    try:
        sweep()
    finally:
        os.umask(before)
    assert kernels.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in kernels.iterdir()} == {0o600}


@posix
def test_a_temporary_folder_goes_with_its_process_and_not_with_a_fork_of_it():
    code = (
        "import os, sys; from mgsim.engines.fused.compiling import cache\n"
        "made = cache.temporary()\n"
        "if not os.fork(): sys.exit()\n"
        "os.wait(); print(made, made.exists(), cache.temporary() == made)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    made, *there = done.stdout.split()
    assert there == ["True", "True"]
    assert not os.path.exists(made)


# ---- killed, and full ---------------------------------------------------------------------------
@posix
def test_what_killed_compilers_left_is_removed_and_running_ones_are_let_be(
    kernels, tmp_path, monkeypatch
):
    slow = tmp_path / "slow"
    slow.write_text(
        '#!/bin/sh\ncase "$*" in *--version*) echo slow; exit;; esac\n'
        f"touch {tmp_path}/started; exec sleep 60\n"
    )
    slow.chmod(0o755)
    code = f"import mgsim as mg; {IN_A_PROCESS}"
    running = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "CC": str(slow)}, start_new_session=True
    )
    while not (tmp_path / "started").exists():
        assert running.poll() is None
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    (left,) = (p for p in kernels.iterdir() if p.is_dir())
    like_it = kernels / ".mgsim-abcdefgh.partial"
    like_it.mkdir()
    (like_it / "thesis.txt").write_text("mine")
    with files.scratch(kernels) as at_work:
        assert not left.exists()
        sweep()
        assert {p for p in kernels.iterdir() if p.is_dir()} == {at_work, like_it}
    assert [p for p in kernels.iterdir() if p.is_dir()] == [like_it]


def test_a_cache_that_takes_no_more_does_not_end_the_run(kernels, monkeypatch):
    first, replace = sweep(), os.replace
    for file in kernels.iterdir():
        file.unlink()

    def full(a, b):
        if kernels in type(kernels)(b).parents:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(a, b)

    forget()
    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(cache.CacheWarning, match=r"cannot be written \(No space left"):
        assert sweep() == first
    assert list(kernels.iterdir()) == []


@posix
def test_a_full_disk_does_not_end_the_run(tmp_path):
    """A file system of 40 kB: nothing fits, not even what the compiler writes on its way."""
    disk = tmp_path / "disk"
    disk.mkdir()
    code = f"import mgsim as mg; print({IN_A_PROCESS}.attrs['engine'])"
    mount = f"mount -t tmpfs -o size=40k,mode=700 none {disk}"
    inside = ["unshare", "-rm", "sh", "-c"]
    try:
        if subprocess.run([*inside, mount], capture_output=True, check=False).returncode:
            pytest.skip("no file system can be mounted here")
    except FileNotFoundError:
        pytest.skip("no unshare")
    done = subprocess.run(
        [*inside, f'{mount} && exec "$0" -c "$1"', sys.executable, code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MGSIM_CACHE": str(disk / "kernels")},
    )
    assert (done.returncode, done.stdout.strip()) == (0, "fused"), done.stderr
    assert "cannot be written" in done.stderr
