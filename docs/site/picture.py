"""The structure of `src/mgsim` as a picture, from the import rules and the imports themselves.

A row is a layer of the checked contract in pyproject.toml; a box is a module or package, as wide as
its name, the darker the longer its source; a line is an import that does not follow from others.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "src" / "mgsim"
_ROW, _HIGH, _GAP, _LETTER, _PAD, _WIDE, _LEFT = 30, 20, 14, 6.5, 9, 900, 130
#: Where a lone box of a row stands, so that lines do not run through all of them.
_PLACES = (0.5, 0.25, 0.75, 0.4, 0.6, 0.15, 0.85)
#: What a group of layers is for, by the highest that is in it.
_BANDS = {
    "cli": "what a\nperson meets",
    "claims": "questions",
    "analysis": "running",
    "engines": "computing",
    "system": "joining",
    "parts": "parts",
    "compose": "what parts\nare made of",
    "references": "ground",
}


def layers() -> list[list[str]]:
    """The modules of each layer, highest first."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        c for c in told["tool"]["importlinter"]["contracts"] if c.get("containers") == ["mgsim"]
    )
    rows = [[n.strip(" ()") for n in line.split("|")] for line in contract["layers"]]
    found = [[n for n in row if n != "__main__" and files(n)] for row in rows]
    return [row for row in found if row]


def files(name: str) -> list[Path]:
    """The source of a module or package."""
    one = HOME / f"{name}.py"
    return [one] if one.is_file() else sorted((HOME / name).rglob("*.py"))


def imports(name: str) -> set[str]:
    """Modules of mgsim that a module or package imports when it is loaded or used."""
    found = set()
    for file in files(name):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        typing = {
            id(one)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for one in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in typing:
                continue
            if isinstance(node, ast.ImportFrom) and node.module == "mgsim":
                found |= {a.name for a in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mgsim."):
                found.add((node.module or "").split(".")[1])
            elif isinstance(node, ast.Import):
                found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("mgsim.")}
    return found - {name}


def essential(of: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """The imports that do not follow from a chain of others."""
    reached: dict[str, set[str]] = {}
    for name in reversed(of):  # the lowest layer first
        reached[name] = of[name].union(*(reached.get(n, set()) for n in of[name]))
    return {
        name: [n for n in of if n in own and not any(n in reached.get(m, ()) for m in own - {n})]
        for name, own in of.items()
    }


def _bands(rows: list[list[str]], high: int) -> Iterator[str]:
    """A stripe behind each group of layers, with its words at the left."""
    starts = [k for k, row in enumerate(rows) if _BANDS.keys() & set(row)]
    for n, (k, end) in enumerate(zip(starts, [*starts[1:], len(rows)], strict=True)):
        top, bottom = 5 + k * _ROW, min(5 + end * _ROW, high)
        if n % 2 == 0:
            yield (f'<rect y="{top}" width="{_WIDE}" height="{bottom - top}" fill="#eef3f7"/>')
        words = next(_BANDS[name] for name in rows[k] if name in _BANDS).split("\n")
        for j, line in enumerate(words):
            y = (top + bottom) / 2 + 4 + 13 * (j - (len(words) - 1) / 2)
            yield f'<text x="12" y="{y:.1f}" font-style="italic" fill="#33506b">{line}</text>'


def drawn() -> str:
    """The picture as SVG."""
    rows = layers()
    names = [n for row in rows for n in row]
    lines = {
        n: sum(len(f.read_text(encoding="utf-8").splitlines()) for f in files(n)) for n in names
    }
    of = {n: imports(n) & set(names) for n in names}
    at: dict[str, tuple[float, float, float]] = {}
    for k, row in enumerate(rows):
        widths = [len(n) * _LETTER + 2 * _PAD for n in row]
        free = _WIDE - _LEFT - sum(widths) - _GAP
        space = free / (len(row) + 1)
        x = _LEFT + (space if len(row) > 1 else free * _PLACES[k % len(_PLACES)])
        for name, width in zip(row, widths, strict=True):
            at[name] = x, 10 + k * _ROW, width
            x += width + space
    high = 14 + len(rows) * _ROW
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" role="img" '
        'font-family="DejaVu Sans, Verdana, sans-serif" font-size="11">',
        "<title>Packages of mgsim in layers; each imports only what is below it</title>",
        f'<rect width="{_WIDE}" height="{high}" fill="white"/>',
        *_bands(rows, high),
    ]
    for name, below in essential(of).items():
        x, y, width = at[name]
        for other in below:
            x2, y2, width2 = at[other]
            a, b, c, d = x + width / 2, y + _HIGH, x2 + width2 / 2, y2
            bend = (d - b) / 2
            strength = max(0.25, 1.1 - 0.1 * (y2 - y) / _ROW)  # what is near is what one follows
            out.append(
                f'<path d="M{a:.1f} {b:.1f}C{a:.1f} {b + bend:.1f} {c:.1f} {d - bend:.1f} '
                f'{c:.1f} {d:.1f}" fill="none" stroke="#4a6580" stroke-opacity="{strength:.2f}"/>'
            )
    most = max(lines.values())
    for name, (x, y, width) in at.items():
        depth = round((lines[name] / most) ** 0.5, 1)
        shade = "#" + "".join(f"{round(255 - depth * (255 - c)):02x}" for c in (0x1F, 0x6F, 0xB4))
        ink = "white" if depth > 0.6 else "black"
        out.append(
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_HIGH}" rx="4" '
            f'fill="{shade}" stroke="#33506b" stroke-width="0.8"/>'
            f'<text x="{x + width / 2:.1f}" y="{y + 14}" text-anchor="middle" '
            f'fill="{ink}">{name}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


if __name__ == "__main__":
    (ROOT / "docs" / "images" / "architecture.svg").write_text(drawn(), encoding="utf-8")
