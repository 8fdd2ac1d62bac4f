"""The tests likeliest to notice a fault come first: those that speak of what stands around it.

Words weigh by how few files of tests hold them. As a plugin of pytest this orders the tests
collected, writes what fails to ``MGSIM_FAILED``, and ends when it has computed for
``MGSIM_SECONDS``.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from draw import Fault


def words(text: str) -> set[str]:
    """Names, and what they are joined of."""
    names = set(re.findall(r"[A-Za-z]\w\w+", text))
    return names | {word for name in names for word in name.split("_") if len(word) > 2}


def weights(fault: Fault, text: str, tests: list[Path]) -> dict[str, float]:
    """What each word around the fault tells: of its line and statement most, of its file least.

    Of what is no Python the paragraph counts as a statement.
    """
    line = fault.line(text)
    tree = ast.parse(text if fault.file.endswith(".py") else "")
    around = [n for n in ast.walk(tree) if _holds(n, line)]
    names = {n.name for n in around if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    statements = [n for n in around if isinstance(n, ast.stmt)]
    paragraph = text[: fault.start].split("\n\n")[-1] + text[fault.start :].split("\n\n")[0]
    near = ast.get_source_segment(text, statements[-1]) if statements else paragraph
    whole = ast.get_source_segment(text, statements[0]) if statements else ""
    public = {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    found: Counter[str] = Counter()
    for told, share in (
        (
            {
                *names,
                f"test_{Path(fault.file).stem}",
                Path(fault.file).stem,
                *words(text.splitlines()[line - 1]),
            },
            4.0,
        ),
        (words(near or ""), 2.0),
        (words(f"{whole} {ast.get_docstring(tree)} {fault.file}") | public, 1.0),
    ):
        for word in told:
            found[word] += share
    held = Counter(w for path in tests for w in words(path.read_text() + path.stem))
    return {w: share / held[w] for w, share in found.items() if held[w]}


def _holds(node: ast.AST, line: int) -> bool:
    first = getattr(node, "lineno", None)
    return first is not None and first <= line <= node.end_lineno  # type: ignore[attr-defined]


def told(weight: dict[str, float], text: str) -> float:
    """How much a text speaks of what the words are of; a long one says more of anything."""
    said = words(text)
    return sum(weight.get(w, 0.0) for w in said) / max(1, len(said)) ** 0.5


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    weight = json.loads(os.environ["MGSIM_WORDS"])
    items.sort(key=lambda i: -told(weight, i.nodeid + inspect.getsource(i.function)))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    pytest_runtest_logreport(report)


def pytest_runtest_logreport(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.failed:
        with open(os.environ["MGSIM_FAILED"], "a") as file:
            file.write(f"{report.nodeid}\n")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    yield
    if sum(os.times()[:4]) > float(os.environ["MGSIM_SECONDS"]):
        item.session.shouldstop = "enough"
