"""Equation text as Brian2 is given it, so that it means there what it means here.

Literals are floating-point numbers, and arithmetic of literals is done here, for Brian2's targets
differ on integers. A division is a call of ``quotient``, for its compiled target raises an error
where one point divides by zero. Some functions are called by another name: Brian2's own ``exprel``
prints its arguments at each call, in case their units are wrong, and its ``floor`` is an integer of
32 bits. What is computed is assigned to a temporary
name first, for an assignment to a known variable is rewritten by sympy, which holds no NaN and
cannot compare everything that has a value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mgsim.engines.headers import HEADERS
from mgsim.equations import expressions

QUOTIENT = "quotient"
#: ``either(which, a, b)``: a where ``which`` is not 0, else b, whatever the other one is.
EITHER = "either"
#: Functions by the names that Brian2 is given.
_NAMES = {
    "exprel": "relative_exponential",
    "floor": "whole_below",
    "mod": "floored_remainder",
    "binomial": "binomial_quantile",
}
#: Those of them that keep the unit of their arguments.
_KEEPING = {"mod"}
#: What Brian2's compiled target is given for each, in Cython.
_COMPILED = {
    QUOTIENT: """
@_cython.cdivision(True)
cdef inline double _quotient(double a, double b) nogil:
    return a / b
""",
    EITHER: """
cdef inline double _either(double which, double a, double b) nogil:
    return a if which != 0.0 else b
""",
    "exprel": """
cdef inline double _relative_exponential(double x) nogil:
    if x == 0.0 or x > 709.0:
        return 1.0 if x == 0.0 else exp(x) / x
    return expm1(x) / x
""",
    "floor": '''
cdef extern from *:
    """
    #include <math.h>
    static inline double floor_d(double x) { return floor(x); }
    """
    double _whole_below "floor_d"(double) nogil
''',
    "mod": '''
cdef extern from *:
    """
    #include <math.h>
    static inline double mod_d(double x, double y) {
      const double m = fmod(x, y);
      return m != 0.0 && (y < 0.0) != (m < 0.0) ? m + y : m;
    }
    """
    double _floored_remainder "mod_d"(double, double) nogil
''',
    "binomial": f'''
cdef extern from *:
    """
    #include <math.h>
{HEADERS["binomial.h"]}
    """
    double _binomial_quantile "binomial_d"(double, double, double) nogil
''',
}


def _rewritten(node: ast.expr) -> ast.expr | None:
    value = expressions.literal(node)
    if value is not None:
        number = ast.Constant(abs(value))
        return ast.UnaryOp(ast.USub(), number) if value < 0 else number
    match node:
        case ast.BinOp(left=a, op=ast.Div(), right=b):
            return _call(QUOTIENT, [a, b])
        case ast.Call(func=ast.Name(id=name), args=args) if name in _NAMES:
            return _call(_NAMES[name], args)
    return None


def _call(name: str, args: Iterable[ast.expr]) -> ast.expr:
    return ast.Call(ast.Name(name), [expressions.rewritten(x, _rewritten) for x in args], [])


def expression(text: str) -> str:
    """One expression in Brian2's dialect."""
    tree = ast.parse(text.strip(), mode="eval").body  # also of what the engine itself has written
    return ast.unparse(expressions.rewritten(tree, _rewritten))


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

    A quotient by zero is infinite or NaN, as in numpy. None checks units when it is called.
    """
    found = {
        QUOTIENT: _function(
            brian2, QUOTIENT, QUOTIENT, np.divide, [None, None], lambda a, b: a / b
        ),
        EITHER: _function(
            brian2,
            EITHER,
            EITHER,
            lambda which, a, b: np.where(np.not_equal(which, 0), a, b),
            [1, None, None],
            lambda _, a, b: a,
        ),
    }
    for function, name in _NAMES.items():
        apply = expressions.FUNCTIONS[function]
        if function in _KEEPING:
            found[name] = _function(brian2, function, name, apply, [None, None], lambda a, _: a)
        else:
            count = 3 if function == "binomial" else 1
            found[name] = _function(brian2, function, name, apply, [1] * count, 1)
    return found


def _function(
    brian2: Any, key: str, name: str, apply: Any, arguments: list[Any], result: Any
) -> Any:
    made = brian2.Function(apply, arg_units=arguments, return_unit=result)
    made.implementations.add_implementation("numpy", apply)
    made.implementations.add_implementation("cython", _COMPILED[key], name=f"_{name}")
    return made


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
    """Compile for a target, keeping what an expression means (see ``fused.compiling.build``)."""
    wanted = {
        "codegen.target": target,
        "codegen.loop_invariant_optimisations": target != "numpy",  # take longer than they save
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
