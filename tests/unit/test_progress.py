"""Progress in lines: what is told, and when the time left can be told."""

import io
import re
import sys
import types

import pytest

from mgsim.runs import progress
from mgsim.runs.progress import Progress


@pytest.mark.parametrize(
    ("total", "before", "done", "words"),
    [
        (2, 0, 1e-4, r"0 of 2 points \(0%\)"),  # no rate tells of the rest yet
        (2, 0, 1.6, r"1 of 2 points \(80%\), 12\.5 s/point, 5 s left"),  # 1.6 in 20 s
        (1_000_000, 0, 9, r"9 of 1,000,000 points \(0%\)"),
        (10_000, 8_000, 8_100, r"8,100 of 10,000 points \(81%\), 5 points/s, 6\.33 min left"),
        (100, 60, 61, r"61 of 100 points \(61%\)"),  # points of earlier runs tell nothing
    ],
)
def test_the_time_left_is_told_once_enough_is_done(total, before, done, words, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    shown = Progress(total, before, show=False)
    now[0] += 20.0
    shown.to(done)
    assert re.fullmatch(words, shown.text())


class Full(io.StringIO):
    def write(self, text):
        raise OSError("No space left on device")


@pytest.mark.parametrize(
    ("stream", "lines"), [(None, True), ("closed", True), (Full(), True), (Full(), False)]
)
def test_what_cannot_be_shown_ends_no_run(stream, lines, monkeypatch, capsys):
    if stream == "closed":
        stream = io.StringIO()
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "__stderr__", stream)
    if not lines:
        monkeypatch.setattr(progress, "_has_bars", lambda: True)
    with Progress(10, show=True) as shown:
        shown.to(5)
        shown.to(10)
    assert shown.done == 10
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("widgets", [None, types.ModuleType("ipywidgets")])
def test_a_notebook_without_widgets_is_told_in_lines_and_warned_of_nothing(widgets, monkeypatch):
    """tqdm warns of the missing widgets, which no run needs; warnings are errors here."""
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "ipywidgets", widgets)
    if widgets is not None:
        widgets.__spec__ = object()
    assert progress._has_bars() is (widgets is not None)
    if widgets is None:
        with Progress(10) as shown:
            assert shown.bar is None
            assert shown.lines
