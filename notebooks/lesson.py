"""A lesson as text, and back: to begin one, to edit one without Jupyter, to clear outputs.

    python notebooks/lesson.py new 10_title.ipynb       a skeleton with all that a lesson has
    python notebooks/lesson.py read 10_title.ipynb      the notebook as text
    python notebooks/lesson.py write text.md 10_title.ipynb
    python notebooks/lesson.py clear                    all notebooks without their outputs

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

HERE = Path(__file__).resolve().parent
#: What a teacher short of time may leave out: "cut" first, then "stretch"; "core" never.
TAGS = ("core", "cut", "stretch")
_PIECE = re.compile(
    r"^```python\n(?P<code>.*?)^```\n|^<!-- (?P<tag>\w+) -->\n", re.DOTALL | re.MULTILINE
)
#: The code cells that every lesson begins with.
BEGIN = """\
```python
import importlib.util
import subprocess
import sys

copy = ".."  # the folder with your copy of the repository
if importlib.util.find_spec("mgsim") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", copy], check=True)
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
_SKELETON = f"""\
# Lesson N: title

**Question.** ?

**Goals.** After this lesson you can

-

**You need** lesson 1.

**Time**: 50 minutes. The computing takes seconds and needs no network.

**How it goes.** Each part has three steps: *predict*, *run*, *compare*. Where a cell holds `None`,
write your prediction in its place, and your reason in a line.

**Where it runs.** In Jupyter, from a copy of this repository; in Colab or Binder, write the
folder of your copy in the next cell, which then installs from it. (The `mgsim` of the public
package index is another program.) Nothing to run it with? [The figures](../docs/lessons.md).

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
print(mg.cite([]))
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
                raise SystemExit(f"no tag '{piece['tag']}'; there are: {', '.join(TAGS)}")
            tag = piece["tag"]
        else:
            found.append(("code", tag, piece["code"].rstrip("\n")))
    prose(len(text))
    return found


def notebook(text: str) -> dict[str, Any]:
    """A notebook of a text."""
    made = []
    for k, (kind, tag, source) in enumerate(cells(text)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"c{k:02d}", "metadata": {"tags": [tag]}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell | {"source": source.splitlines(keepends=True)})
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": python, "language_info": {"name": "python"}}
    return {"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def as_text(book: dict[str, Any]) -> str:
    """The text of a notebook."""
    lines, before = [], TAGS[0]
    for cell in book["cells"]:
        source = "".join(cell["source"])
        tag = next((t for t in cell["metadata"].get("tags", ()) if t in TAGS), TAGS[0])
        lines += [f"<!-- {tag} -->"] if tag != before else []
        lines.append(f"```python\n{source}\n```" if cell["cell_type"] == "code" else source)
        before = tag
    return "\n\n".join(lines) + "\n"


def load(path: Path) -> dict[str, Any]:
    """The notebook in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def save(book: dict[str, Any], path: Path) -> None:
    """Write a notebook as Jupyter does."""
    text = json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def main(what: str = "", *given: str) -> None:
    """What the command line asks for."""
    match what, given:
        case "new", (name,) if not (HERE / name).exists():
            save(notebook(_SKELETON), HERE / name)
        case "read", (name,):
            print(as_text(load(HERE / name)), end="")
        case "write", (source, name):
            save(notebook(Path(source).read_text(encoding="utf-8")), HERE / name)
        case "clear", ():
            for path in HERE.glob("*.ipynb"):
                save(notebook(as_text(load(path))), path)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
