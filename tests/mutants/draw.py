"""One-line faults of a source file: of its Python, and of the equation text in its strings.

Kept mutation tools know Python but not equation text, where most of the physics stands; so the
faults are made here, each as an exact replacement of a stretch of the file.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

#: Keywords of declarations whose strings are equation text.
_EQUATIONS = {"equations", "rate", "peak", "spike", "value"}
_EQUATION_MAPS = {"adds", "on", "on_event", "initial", "raises"}
_COMPARE = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: (" in ", " not in "),
    ast.NotIn: (" not in ", " in "),
    ast.Is: (" is ", " is not "),
    ast.IsNot: (" is not ", " is "),
}
_BINARY = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
}
_CALLS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "rint": "floor",
    "ceil": "floor",
    "isfinite": "isnan",
}


@dataclass(frozen=True)
class Fault:
    """``old`` at ``start`` of ``file`` becomes ``new``; ``kind`` says which sort of slip it is."""

    file: str
    start: int
    old: str
    new: str
    kind: str

    def applied(self, text: str) -> str:
        """The text with the fault; the text must hold ``old`` there."""
        end = self.start + len(self.old)
        if text[self.start : end] != self.old:
            raise ValueError(f"{self.file} does not hold '{self.old}' at {self.start}")
        return text[: self.start] + self.new + text[end:]

    def line(self, text: str) -> int:
        return text.count("\n", 0, self.start) + 1

    def words(self, text: str) -> str:
        line = text.splitlines()[self.line(text) - 1].strip()
        return f"{self.file}:{self.line(text)}: {self.kind}: '{self.old}' -> '{self.new}' in {line}"


def faults(file: str, text: str) -> list[Fault]:
    """Every fault of a file, some of which may not parse."""
    return sorted(set(_faults(file, text)), key=lambda f: (f.start, f.new))


def drawn(root: Path, files: Iterable[str], number: int, seed: int) -> list[Fault]:
    """``number`` faults of the files that parse, each as likely, from a seed.

    Each draws its lot by its own line, so that a change elsewhere, or a file in another folder,
    leaves the others drawn.
    """
    lots: list[tuple[bytes, Fault]] = []
    texts = {file: (root / file).read_text() for file in sorted(set(files))}
    for file, text in texts.items():
        lines = text.splitlines()
        alike: Counter[str] = Counter()
        for fault in faults(file, text):
            line = lines[fault.line(text) - 1].strip()
            mark = f"{seed} {Path(file).name} {line} {fault.old} {fault.new}"
            alike[mark] += 1
            lots.append((hashlib.sha256(f"{mark} {alike[mark]}".encode()).digest(), fault))
    lots.sort(key=lambda lot: lot[0])
    return list(islice((f for _, f in lots if _parses(f.applied(texts[f.file]))), number))


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _faults(file: str, text: str) -> Iterator[Fault]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = text.splitlines(keepends=True)

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def span(node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset))

    def between(left: ast.expr, right: ast.expr, old: str, new: str, kind: str) -> Iterator[Fault]:
        a, b = span(left)[1], span(right)[0]
        at = text.find(old, a, b)
        if at >= 0:
            yield Fault(file, at, old, new, kind)

    tree = ast.parse(text)
    hints = {id(n) for a in ast.walk(tree) for n in _annotations(a)}
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                yield from between(left, right, *_COMPARE[type(op)], "comparison")
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                yield from between(left, right, *_BINARY[type(op)], "arithmetic")
            case ast.BoolOp(op=op, values=[left, right, *_]):
                words = ("and", "or") if isinstance(op, ast.And) else ("or", "and")
                yield from between(left, right, *words, "logic")
            case ast.UnaryOp(op=ast.Not(), operand=inside):
                start, _ = span(node)
                yield Fault(file, start, text[start : span(inside)[0]], "", "negation lost")
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                start, end = span(test)
                yield Fault(file, start, text[start:end], f"not ({text[start:end]})", "condition")
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                start, end = span(node)
                other = (
                    "1"
                    if value == 0
                    else f"{value + 1}"
                    if isinstance(value, int)
                    else (f"{value * 1.5!r}")
                )
                yield Fault(file, start, text[start:end], other, "number")
            case ast.Constant(value=bool() as value):
                start, end = span(node)
                yield Fault(file, start, text[start:end], repr(not value), "truth")
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name) as func):
                if name in _CALLS:
                    end = span(func)[1]
                    yield Fault(file, end - len(name), name, _CALLS[name], "function")
            case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise():
                start, end = span(node)
                yield Fault(file, start, text[start:end], "pass", "statement lost")
    for node in _equation_texts(tree):
        start, end = span(node)
        for fault in _in_equations(text[start:end]):
            yield Fault(file, start + fault[0], fault[1], fault[2], "equation")


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        hint = getattr(node, name, None)
        if isinstance(hint, ast.AST):
            yield from ast.walk(hint)


def _equation_texts(tree: ast.AST) -> Iterator[ast.Constant]:
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        for keyword in call.keywords:
            inside = (
                [keyword.value]
                if keyword.arg in _EQUATIONS
                else (
                    keyword.value.values
                    if keyword.arg in _EQUATION_MAPS and isinstance(keyword.value, ast.Dict)
                    else []
                )
            )
            if keyword.arg == "kinetics":
                inside = [n for n in ast.walk(keyword.value) if isinstance(n, ast.Constant)]
            for n in inside:
                if isinstance(n, ast.Constant) and isinstance(n.value, str):
                    yield n


def _in_equations(source: str) -> Iterator[tuple[int, str, str]]:
    """Faults of equation text; what stands after '#' or names a unit after ':' is left alone."""
    offset = 0
    for line in source.splitlines(keepends=True):
        code = line.split("#", maxsplit=1)[0]
        code = code.rsplit(" : ", maxsplit=1)[0]
        for pattern, become in (
            (r"(?<![eE*(/=,<>+-])\s*(\+)(?!=)", "-"),
            (r"(?<=[\w)\]])\s*(-)", "+"),
            (r"(?<!\*)(\*)(?!\*)", "/"),
            (r"(?<!d)(/)(?!dt)", "*"),
            (r"(>)(?!=)", "<"),
            (r"(<)(?!=)", ">"),
            (r"exp\((-)", ""),
        ):
            for match in re.finditer(pattern, code):
                yield offset + match.start(1), match[1], become
        for match in re.finditer(r"(?<![\w.])(\d+\.?\d*)(?![\w.]|\*\*)", code):
            yield offset + match.start(1), match[1], repr(float(match[1]) * 1.5 + 0.5)
        offset += len(line)
