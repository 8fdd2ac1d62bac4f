"""Equation text as Brian2 is given it, so that it means there what it means here.

Literals are floating-point numbers, and arithmetic of literals is done here, for Brian2's targets
differ on integers. A division is a
call of ``quotient``, for its compiled target raises an error where one point divides by zero. What
is computed is assigned to a temporary name first, for an assignment to a known variable is
rewritten by sympy, which holds no NaN and cannot compare everything that has a value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mgsim import expressions

QUOTIENT = "quotient"


class _Rewrite(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        value = expressions.literal(node)
        if value is not None:
            number = ast.Constant(abs(value))
            return ast.UnaryOp(ast.USub(), number) if value < 0 else number
        self.generic_visit(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return ast.Call(ast.Name(QUOTIENT), [node.left, node.right], [])
        return node


def expression(text: str) -> str:
    """One expression in Brian2's dialect."""
    tree = _Rewrite().visit(ast.parse(text.strip(), mode="eval").body)
    return ast.unparse(ast.fix_missing_locations(tree))


def assignments(lines: Iterable[tuple[str, str]]) -> str:
    """Assignments in Brian2's dialect, in order."""
    found = []
    for number, (name, right) in enumerate(lines):
        if name.startswith("_"):
            found.append(f"{name} = {expression(right)}")
        else:
            found += [f"_put_{number} = {expression(right)}", f"{name} = _put_{number}"]
    return "\n".join(found)


def quotient(brian2: Any) -> Any:
    """The function that stands for a division; by zero it is infinite or NaN, as in numpy."""
    function = brian2.Function(np.divide, arg_units=[None, None], return_unit=lambda a, b: a / b)
    function.implementations.add_implementation("numpy", np.divide)  # without a check of units
    function.implementations.add_implementation("cython", f"""
@_cython.cdivision(True)
cdef inline double _{QUOTIENT}(double a, double b) nogil:
    return a / b
""", name=f"_{QUOTIENT}")  # fmt: skip
    return function


def verbatim(brian2: Any, text: str) -> Any:
    """Brian2's equations of a text for a group whose method brings its own code.

    Every state updater asks for the equations as sympy rewrites them, needed or not.
    """

    class Verbatim(brian2.Equations):  # type: ignore[misc]
        def get_substituted_expressions(self, *_: Any, **__: Any) -> list[Any]:
            return []

    return Verbatim(text)


@contextmanager
def targeting(brian2: Any, target: str) -> Iterator[None]:
    """Compile for a target, with flags that keep what an expression means (see ``fused.build``)."""
    wanted = {
        "codegen.target": target,
        "codegen.cpp.extra_compile_args_gcc": [
            *(f for f in brian2.prefs["codegen.cpp.extra_compile_args_gcc"]
              if f not in ("-ffast-math", "-fno-finite-math-only")),
            "-fno-math-errno", "-fno-trapping-math",
        ],
    }  # fmt: skip
    before = {name: brian2.prefs[name] for name in wanted}
    try:
        for name, value in wanted.items():
            brian2.prefs[name] = value
        yield
    finally:
        for name, value in before.items():
            brian2.prefs[name] = value
