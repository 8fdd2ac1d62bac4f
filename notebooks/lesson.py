"""A lesson as text, and back: to begin one, to edit one without Jupyter, to clear outputs.

    python notebooks/lesson.py new 10_title.ipynb       a skeleton with all that a lesson has
    python notebooks/lesson.py read 10_title.ipynb      the notebook as text
    python notebooks/lesson.py write text.md 10_title.ipynb
    python notebooks/lesson.py clear     all lessons without outputs, with the same beginning

A notebook that is there is replaced where this wrote it and nobody has changed it since; any other
with --overwrite at the end. What is no lesson, or holds what a text does not, is never cleared.

The text is Markdown. Each ```python block is a code cell, what lies between is a text cell, and a
line <!-- core -->, <!-- cut --> or <!-- stretch --> says from there on what a teacher short of
time may leave out. The notebook is what is kept.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from mgsim.sweeps.result import outputs

HERE = Path(__file__).resolve().parent
#: What a teacher short of time may leave out: "cut" first, then "stretch"; "core" never.
TAGS = ("core", "cut", "stretch")
_PIECE = re.compile(
    r"^```python\n(?P<code>.*?)^```\n|^<!-- (?P<tag>\w+) -->\n", re.DOTALL | re.MULTILINE
)
#: Where mgsim comes from in a notebook that does not find it: what pip can install from, such as
#: a folder, a wheel, or git+https://...@version. The only place to set it; then run "clear".
ADDRESS = ".."
#: What every lesson says of itself at its beginning.
ABOUT = {
    "How it goes": "Each part has three steps: *predict*, *run*, *compare*. Where a cell holds "
    "`None`, write your prediction and your reason before you go on. Neither is marked. Figures "
    "stay closed until then; code that gives an answer away is folded: run it all the same, read "
    "it after. The exercises are checked, and the check says why an answer is wrong.",
    "Where it runs": "In Jupyter, from a copy of this repository; in Colab or Binder, write into "
    "the next cell where mgsim is to come from: it installs what is missing. (The `mgsim` of the "
    "public index is another program.) Nothing to run it with? [The figures](../docs/lessons.md).",
}
#: The code cells that every lesson begins with.
BEGIN = f"""\
```python
import importlib.util
import pathlib
import subprocess
import sys

address = "{ADDRESS}"  # of mgsim: a folder with its repository, a wheel, or git+https://...
if importlib.util.find_spec("mgsim") is None:
    print("mgsim is not here: installing it, and what it needs, from", address)
    lock = pathlib.Path(address, f"requirements/lock-3.{{sys.version_info.minor}}.txt")
    pins = ["-c", str(lock)] if lock.exists() else []
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *pins, address], check=True)
    importlib.invalidate_caches()
elif importlib.util.find_spec("mgsim.lessons") is None:
    raise ImportError("another program called mgsim is here: pip uninstall mgsim, restart")
```

```python
import warnings

import matplotlib.pyplot as plt
import numpy as np

import mgsim as mg
from mgsim import lessons

warnings.filterwarnings("ignore", message=".*extrapolate")  # the text says where
```
"""
#: What waits for a prediction: its code is folded in Jupyter, for it says what is to be found.
_AHEAD = re.compile(r"\bafter=")
_SKELETON = f"""\
# Lesson N: title

**Question.** ?

**Goals.** After this lesson you can

-

**You need** lesson 1.

**Time**: 50 minutes. The computing takes seconds and needs no network.

**How it goes.** {ABOUT["How it goes"]}

**Where it runs.** {ABOUT["Where it runs"]}

{BEGIN}
## 1. Part

### Predict

```python
my_number = None
my_reason = None  # in one line, in quotes
```

### Run

```python
found = 1.0
lessons.compare(my_number, found, because=my_reason)
```

### Compare

```python
lessons.say(f"It is {{found:.2g}}.", after=my_number)
```

### Exercise 1

```python
my_answer = None

lessons.check("name", my_answer)
```

```python
lessons.solution("name")
```

## Misconceptions

| People say | What you have seen |
|---|---|
| “” | |

## What this lesson cannot say

- **Nothing about your health or anybody's.** It is no medical advice.

## Summary

## Where to read more

```python
lessons.listing(mg.cite([]))
```

## For the instructor

<details><summary>Open</summary>

**What students get wrong.**

**Cut.** **Stretch.**

**Assess.**

</details>
"""


def cells(text: str) -> list[tuple[str, str, str]]:
    """Kind, tag and source of each cell of a text."""
    found, tag, at = [], TAGS[0], 0

    def prose(until: int) -> None:
        words = text[at:until].strip()
        if words:
            found.append(("markdown", tag, words))

    for piece in _PIECE.finditer(text):
        prose(piece.start())
        at = piece.end()
        if piece["tag"]:
            if piece["tag"] not in TAGS:
                raise ValueError(f"no tag '{piece['tag']}'; there are: {', '.join(TAGS)}")
            tag = piece["tag"]
        else:
            found.append(("code", tag, piece["code"].rstrip("\n")))
    prose(len(text))
    return found


def begun(text: str) -> str:
    """A text with the beginning that all lessons have.

    Raises
    ------
    ValueError
        Where its first two code cells are of somebody's own.
    """
    for head, words in ABOUT.items():
        said = f"**{head}.** {words}"
        text = re.sub(rf"(?m)^\*\*{head}\.\*\* .*$", lambda _, said=said: said, text, count=1)
    found = [p for p in _PIECE.finditer(text) if p["code"]][:2]
    marks = ('find_spec("mgsim")', "from mgsim import lessons")
    if [m in p["code"] for m, p in zip(marks, found, strict=False)] != [True, True] or (
        text[found[0].end() : found[1].start()].strip()
    ):
        raise ValueError("its first two code cells are not those that lessons begin with")
    return text[: found[0].start()] + BEGIN + text[found[1].end() :]


def notebook(text: str) -> dict[str, Any]:
    """A notebook of a text."""
    made = []
    for k, (kind, tag, source) in enumerate(cells(text)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"c{k:02d}", "metadata": {"tags": [tag]}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
            if _AHEAD.search(source):
                cell["metadata"]["jupyter"] = {"source_hidden": True}
        made.append(cell | {"source": source.splitlines(keepends=True)})
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": python, "language_info": {"name": "python"}}
    return {"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def as_text(book: dict[str, Any]) -> str:
    """The text of a notebook.

    Raises
    ------
    ValueError
        For what would not come back from a text: an attachment, a cell that holds a fence.
    """
    lines, before = [], TAGS[0]
    for number, cell in enumerate(book["cells"], 1):
        kind, source = cell["cell_type"], "".join(cell["source"])
        tag = next((t for t in cell["metadata"].get("tags", ()) if t in TAGS), TAGS[0])
        words = f"```python\n{source}\n```" if kind == "code" else source
        back = [(kind, TAGS[0], source.rstrip("\n") if kind == "code" else source.strip())]
        if cell.get("attachments") or (source.strip() and cells(f"{words}\n") != back):
            raise ValueError(f"cell {number} holds what a text does not: {source[:40]!r}")
        lines += [f"<!-- {tag} -->"] if tag != before else []
        lines.append(words)
        before = tag
    return "\n\n".join(lines) + "\n"


def load(path: Path) -> dict[str, Any]:
    """The notebook in a file.

    Raises
    ------
    ValueError
        Where there is none.
    """
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        for cell in book["cells"]:
            "".join(cell["source"]) + cell["cell_type"] + "".join(cell["metadata"].get("tags", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path.name} is no notebook ({type(error).__name__}: {error})") from None
    return book


def is_lesson(book: dict[str, Any]) -> bool:
    """Whether a notebook begins as lessons do, in whatever version."""
    code = next((c["source"] for c in book["cells"] if c["cell_type"] == "code"), "")
    return 'importlib.util.find_spec("mgsim")' in "".join(code)


def save(book: dict[str, Any], path: Path, *, overwrite: bool = False) -> None:
    """Write a notebook as Jupyter does, whole or not at all.

    Raises
    ------
    ValueError
        Where there is one that is not as this wrote it.
    """
    text = json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True)
    outputs.write(outputs.check(path, overwrite), text + "\n")


def clear(*, overwrite: bool = False) -> None:
    """Write each lesson anew, and say what is none.

    Raises
    ------
    SystemExit
        At the end, where one stays that is not as it should be.
    """
    stays = False
    for path in sorted(HERE.glob("*.ipynb")):
        try:
            book = load(path)
            if not is_lesson(book):
                print(f"{path.name} is no lesson and stays as it is")
            elif (anew := notebook(begun(as_text(book)))) != book:
                save(anew, path, overwrite=overwrite)
        except (ValueError, OSError) as error:
            stays = True
            about = "" if path.name in str(error) else f"{path.name} stays as it is: "
            print(f"{about}{error}", file=sys.stderr)
    if stays:
        raise SystemExit(1)


def main(what: str = "", *given: str) -> None:
    """What the command line asks for."""
    *rest, last = given or ("",)
    overwrite = last == "--overwrite"
    match what, tuple(rest) if overwrite else given:
        case "new", (name,):
            save(notebook(_SKELETON), HERE / name, overwrite=overwrite)
        case "read", (name,):
            print(as_text(load(HERE / name)), end="")
        case "write", (source, name):
            text = Path(source).read_text(encoding="utf-8")
            save(notebook(text), HERE / name, overwrite=overwrite)
        case "clear", ():
            clear(overwrite=overwrite)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (ValueError, OSError) as error:
        raise SystemExit(f"lesson.py: {error}") from None
