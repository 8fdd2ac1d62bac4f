"""A compiler that computes wrongly is found out before it computes anything for a user."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from running import BRIAN
from test_kernel_cache import (
    CELL,
    SHORT,
    clean,
    forget,
    kernel_folder,
    remove_compiler,
    sweep,
    verdicts,
)

import mgsim as mg
from mgsim.engines.choose import FallbackWarning
from mgsim.engines.contract import EngineError
from mgsim.engines.fused import trial
from mgsim.engines.fused.compiling import build
from mgsim.engines.fused.trial import CompilerWarning

__all__ = ["clean", "kernel_folder", "verdicts"]  # fixtures
pytestmark = pytest.mark.skipif(os.name == "nt", reason="compilers are imitated by shell scripts")

#: What an imitated compiler does to the source ($c) or adds to the arguments ($more).
FAULTS = {
    "reorders": 'more="-ffast-math"',
    "assumes finite numbers": 'more="-ffinite-math-only"',
    "rounds constants": "sed -i 's/0x1.555555555555ap-3/0x1.5555p-3/; "
    's/0x1.5554aep-5f/0x1.6p-5f/\' "$c"',
    "takes >= for >": "sed -i -E 's/\\) >= /) < /g; s/(s[0-9]+|x[0-9]+) >= /\\1 > 1 + /g' \"$c\"",
    "forgets the sign": "sed -i 's/ - / + /g' \"$c\"",
    "watches nothing": "sed -i 's/good &= moderate/good |= moderate/' \"$c\"",
    "crashes": "sed -i 's/^void mgsim_run(.*/&/; s/  train_list trains\\[/  *(volatile int *)0 = 1;"
    '&/\' "$c"',
    "hangs up": "exit 3",
}


def imitate(tmp_path, monkeypatch, fault, others=True):
    """A script in ``$CC`` that calls the real compiler; it writes down each source it is given."""
    real = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not real:
        pytest.skip("no system compiler")
    script = tmp_path / "odd_cc"
    script.write_text(f"""#!/bin/sh
PATH={os.environ["PATH"]}
case "$*" in *--version*) echo odd compiler 1.0; exit 0;; esac
for a in "$@"; do case "$a" in *.c) c="$a";; esac; done
echo "$c" >> {tmp_path}/asked
more=
{fault}
exec {real} "$@" $more
""")
    script.chmod(0o755)
    if not others:
        remove_compiler(monkeypatch, tmp_path / "nothing")
    monkeypatch.setenv("CC", str(script))
    forget()
    return script


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_compiler_is_taken_and_a_word_says_why(tmp_path, monkeypatch, fault):
    right = sweep()
    script = imitate(tmp_path, monkeypatch, FAULTS[fault])
    said = "could not compile" if fault == "hangs up" else "gives wrong numbers"
    with pytest.warns(CompilerWarning, match=rf"odd_cc {said}.*compiles instead"):
        assert sweep(engine="fused") == right
    assert str(script) not in trial.compiler()


def test_without_another_compiler_brian_runs_and_says_why(kernels, tmp_path, monkeypatch):
    right = sweep()
    for file in kernels.iterdir():
        file.unlink()  # what is cached was made by a compiler that was right
    imitate(tmp_path, monkeypatch, FAULTS["reorders"], others=False)
    with pytest.warns(FallbackWarning, match=r"odd_cc gives wrong numbers.*so Brian2 runs this"):
        ds = mg.sweep(CELL, SHORT, mg.measures["mean_v"])
    assert (ds.attrs["engine"], float(ds.mean_v)) == ("brian", pytest.approx(right, rel=1e-12))
    with pytest.raises(EngineError, match=r"'fused' cannot run this: .*odd_cc gives wrong numbers"):
        sweep(engine="fused")


def test_a_compiler_is_tried_once(kernels, tmp_path, monkeypatch):
    script = imitate(tmp_path, monkeypatch, "")
    sweep()
    asked = tmp_path / "asked"
    assert len(asked.read_text().splitlines()) == 3  # the trial in two precisions, the kernel
    forget()
    sweep()
    mg.sweep(CELL, SHORT, mg.measures["peak_v"])
    assert len(asked.read_text().splitlines()) == 4
    script.write_text(script.read_text() + "# another compiler under the same name\n")
    forget()
    sweep()
    assert len(asked.read_text().splitlines()) == 7


@pytest.fixture(scope="module")
def outcome():
    """Brian2's run of the trial: the third who computes it."""
    return BRIAN.run(trial.system(), trial.batch(), trial.options("float64"))


def test_brian_agrees_with_the_known_answer(outcome):
    assert trial.judge(outcome, 1e-9) == ""
    assert 0 < (outcome.status != 0).sum() < trial.batch().size / 2
    assert min(map(len, outcome.spikes)) >= 2


@pytest.mark.parametrize("name", [m.name for m in trial.system().measures])
def test_the_trial_sees_a_digit_that_is_wrong_in_one_point(outcome, name):
    measures = {n: x.copy() for n, x in outcome.measures.items()}
    measures[name][0] *= 1 + 1e-7
    assert f"'{name}' is" in trial.judge(replace(outcome, measures=measures), 1e-9)


def test_the_trial_sees_a_spike_and_a_status_that_are_wrong(outcome):
    late = [s + 1e-6 * (i == 3) for i, s in enumerate(outcome.spikes)]
    assert "spikes are at" in trial.judge(replace(outcome, spikes=late), 1e-9)
    fewer = [s[: len(s) - (i == 3)] for i, s in enumerate(outcome.spikes)]
    assert "spikes are at" in trial.judge(replace(outcome, spikes=fewer), 1e-9)
    assert "bounds" in trial.judge(replace(outcome, status=np.zeros(40, np.int8)), 1e-9)


def test_every_compiler_that_is_there_is_right():
    for command in build.candidates():
        assert trial.verdict(command) == "", command
