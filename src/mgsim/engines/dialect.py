"""Equation text as Brian2 is given it, so that it means there what it means here.

Literals are floating-point numbers, and arithmetic of literals is done here, for Brian2's targets
differ on integers. A division is a call of ``quotient``, for its compiled target raises an error
where one point divides by zero. ``exprel`` is called by another name, for Brian2's own prints its
arguments at each call, in case their units are wrong. What is computed is assigned to a temporary
name first, for an assignment to a known variable is rewritten by sympy, which holds no NaN and
cannot compare everything that has a value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mgsim import expressions

QUOTIENT, EXPREL = "quotient", "relative_exponential"


class _Rewrite(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        value = expressions.literal(node)
        if value is not None:
            number = ast.Constant(abs(value))
            return ast.UnaryOp(ast.USub(), number) if value < 0 else number
        self.generic_visit(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return ast.Call(ast.Name(QUOTIENT), [node.left, node.right], [])
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and (node.func.id == "exprel")
        ):
            return ast.Call(ast.Name(EXPREL), node.args, [])
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


def functions(brian2: Any) -> dict[str, Any]:
    """By name, the functions that the dialect adds.

    A quotient by zero is infinite or NaN, as in numpy. Neither checks units when it is called.
    """
    quotient = brian2.Function(np.divide, arg_units=[None, None], return_unit=lambda a, b: a / b)
    quotient.implementations.add_implementation("numpy", np.divide)
    quotient.implementations.add_implementation(
        "cython",
        f"""
@_cython.cdivision(True)
cdef inline double _{QUOTIENT}(double a, double b) nogil:
    return a / b
""",
        name=f"_{QUOTIENT}",
    )
    relative = expressions.FUNCTIONS["exprel"]
    exprel = brian2.Function(relative, arg_units=[1], return_unit=1)
    exprel.implementations.add_implementation("numpy", relative)
    exprel.implementations.add_implementation(
        "cython",
        f"""
cdef inline double _{EXPREL}(double x) nogil:
    if x == 0.0 or x > 709.0:
        return 1.0 if x == 0.0 else exp(x) / x
    return expm1(x) / x
""",
        name=f"_{EXPREL}",
    )
    return {QUOTIENT: quotient, EXPREL: exprel}


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
            *(
                f
                for f in brian2.prefs["codegen.cpp.extra_compile_args_gcc"]
                if f not in ("-ffast-math", "-fno-finite-math-only")
            ),
            "-fno-math-errno",
            "-fno-trapping-math",
        ],
    }
    before = {name: brian2.prefs[name] for name in wanted}
    try:
        for name, value in wanted.items():
            brian2.prefs[name] = value
        yield
    finally:
        for name, value in before.items():
            brian2.prefs[name] = value
