"""Write docs/lessons.md: the figures of the lessons with their words, to read where nothing runs.

    python notebooks/page.py

Runs the code of each notebook, without predictions and answers, in a fresh namespace.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mgsim.lessons import Picture, Slider

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
PAGE = DOCS / "lessons.md"
_INTRO = """\
# The figures of the lessons

For reading where no notebook runs; `make tables` writes this page. The lessons ask for a prediction
before each figure, so that looking here first takes away the best part. [For teachers](course.md):
which lesson for which hour.
"""


def contents() -> str:
    """The head of the page: each lesson with its question and minutes."""
    rows = ["| lesson | question | minutes |", "|---|---|---|"]
    for notebook in sorted(HERE.glob("*.ipynb")):
        first = "".join(json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"])
        title = first.splitlines()[0].removeprefix("# Lesson ")
        question = re.findall(r"^\*\*Question\.\*\* (.+)$", first, re.MULTILINE)[0]
        minutes = re.findall(r"(\d+) minutes", first)[0]
        rows.append(f"| [{title}](../notebooks/{notebook.name}) | {question} | {minutes} |")
    return "\n".join([_INTRO, *rows]) + "\n"


def figures(notebook: Path) -> Iterator[tuple[str, str, Picture]]:
    """The part of the lesson, a line above the picture if any, and the picture, for each figure."""
    names: dict[str, Any] = {}
    part = ""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            part = (re.findall(r"^## (.+)$", source, re.MULTILINE) or [part])[-1]
            continue
        shown = _last_value(source, names)
        if isinstance(shown, Picture):
            yield part, "", shown
        elif isinstance(shown, Slider):
            for text, picture in shown.shown_still().items():
                yield part, f"{shown.about}: {text}", picture


def _last_value(source: str, names: dict[str, Any]) -> Any:
    """What a notebook shows for a cell: the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "lesson", "exec"), names)  # noqa: S102
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "lesson", "eval"), names)  # noqa: S307


def section(notebook: Path) -> tuple[str, dict[str, bytes]]:
    """The part of the page about a lesson, and its images by file name."""
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    title = "".join(first).splitlines()[0].removeprefix("# ")
    lines, images = [f"## [{title}](../notebooks/{notebook.name})\n"], {}
    before = ""
    for k, (part, text, picture) in enumerate(figures(notebook), start=1):
        name = f"lesson_{notebook.stem[:2]}_{k}.png"
        images[name] = picture.png
        lines += [f"### {part}\n"] if part != before else []
        lines += [f"{text}:\n"] if text else []
        lines.append(f"![{picture.words}](images/{name})\n")
        before = part
    return "\n".join(lines), images


def write(text: str, images: dict[str, bytes]) -> None:
    """The page and its images; those that only the page before it shows are removed."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    for old in {*re.findall(r"\]\(images/(lesson_\d+_\d+\.png)\)", before)} - images.keys():
        (DOCS / "images" / old).unlink(missing_ok=True)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    for name, png in images.items():
        (DOCS / "images" / name).write_bytes(png)


if __name__ == "__main__":
    sections = [section(notebook) for notebook in sorted(HERE.glob("*.ipynb"))]
    text = "\n".join([contents(), *(text for text, _ in sections)])
    write(text, {name: png for _, images in sections for name, png in images.items()})
    print(f"written: {PAGE.relative_to(HERE.parent)}")
