"""Files changed at random: read or refused, never a traceback, and without much work."""

import contextlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import fuzz
import jobs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mgsim as mg
from mgsim import cli


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize("reader", fuzz.READERS)
def test_a_changed_file_is_read_or_refused(reader, capsys):
    """In a process that may take 1 GB more than it starts with."""
    tests = str(Path(fuzz.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([tests, *sys.path])}
    times = 3000 if jobs.LONG else 150
    done = subprocess.run(
        [sys.executable, fuzz.__file__, reader, "1", str(times)],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["faults"] == []
    assert found["read"] + found["refused"] == times
    assert found["refused"] > times / 2
    with capsys.disabled():
        print(
            f"\n{reader}: {times} changed files, {found['refused']} refused, none wrong; the "
            f"slowest took the work of {found['slowest']:.0f} times 100,000 additions: "
            f"{found['slow'][:60]}..."
        )
    assert found["slowest"] < 500


@settings(max_examples=100)
@given(st.text(max_size=200) | st.text('v,mg current[]()"\n;0123456789.e-', max_size=200))
def test_any_text_is_a_table_or_is_not(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_text(text, encoding="utf-8", errors="replace")
    for read in (mg.read_data, mg.designs.table):
        with contextlib.suppress(ValueError):
            read(path)


@pytest.mark.parametrize(
    ("reader", "command"),
    [
        ("sweep", "sweep plan x.toml"),
        ("points", "sweep plan x.toml"),
        ("data", "fit x.csv --law kampa_2004"),
    ],
)
def test_the_command_line_says_it_in_one_line_that_names_the_place(
    reader, command, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    _, text = fuzz.READERS[reader]
    rng = random.Random(2)
    refused = 0
    for _ in range(60):
        (tmp_path / "x.csv").write_bytes(fuzz.mutated(text, rng))
        (tmp_path / "x.toml").write_bytes(
            fuzz.TABLED.encode() if reader != "sweep" else (tmp_path / "x.csv").read_bytes()
        )
        monkeypatch.setattr("mgsim.runs.plan.plan", lambda *_, **__: 1 / 0)
        monkeypatch.setattr("mgsim.analysis.fit.compare", lambda *_, **__: 1 / 0)
        try:
            code = cli.main(command.split())
        except ZeroDivisionError:  # it could be read
            capsys.readouterr()
            continue
        err = [x for x in capsys.readouterr().err.splitlines() if "warning" not in x]
        assert code == cli.BAD
        assert len(err) == 1
        assert err[0].startswith("mgsim: error: ")
        assert len(err[0]) < 800
        refused += 1
    assert refused > 30
