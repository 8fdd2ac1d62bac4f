"""Which names something divides by: where one of them is 0, so is what stands under the line."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import numpy as np

from mgsim.equations import expressions

#: What a state stands at, where a divisor is tried: no value that equations name.
_STATE = 0.37


def divisors(
    texts: Iterable[str],
    definitions: Mapping[str, str],
    states: Iterable[str],
    parameters: Mapping[str, float],
) -> dict[str, str]:
    """By parameter, a quotient of the texts whose divisor is 0 where the parameter is.

    ``parameters``: other values of them, in SI, which do not make it 0. What is no parameter, state
    or definition comes from elsewhere, and may be 0 as a concentration may.
    """
    known = {**parameters, **dict.fromkeys(states, _STATE), "t": _STATE, "dt": _STATE}
    found: dict[str, str] = {}
    for quotient, under in _quotients({*texts, *definitions.values()}):
        reads = expressions.behind([under], definitions)
        others = dict.fromkeys(reads - known.keys() - definitions.keys(), 1.0)
        for name in sorted(parameters.keys() & reads - found.keys()):
            for given in (others, dict.fromkeys(others, 0.0)):
                values = {**known, **given}
                if (
                    _value(under, definitions, {**values, name: 0.0}) == 0.0
                    and _value(under, definitions, values) != 0.0
                ):
                    found[name] = quotient
                    break
    return found


def _quotients(texts: Iterable[str]) -> list[tuple[str, str]]:
    found = []
    for text in sorted(texts):
        for node in ast.walk(expressions.parse(text)):
            match node:
                case ast.BinOp(op=ast.Div(), right=under):
                    found.append((ast.unparse(node), ast.unparse(under)))
                case ast.Call(func=ast.Name(id="mod"), args=[_, under]):
                    found.append((ast.unparse(node), ast.unparse(under)))
                case ast.BinOp(left=under, op=ast.Pow(), right=power) if (
                    expressions.literal(power) or 0.0
                ) < 0:
                    found.append((ast.unparse(node), ast.unparse(under)))
    return found


def _value(text: str, definitions: Mapping[str, str], known: Mapping[str, float]) -> float:
    with np.errstate(all="ignore"):
        try:
            return float(expressions.follow(definitions, known)(text))
        except (expressions.EquationError, TypeError):  # what the checks of units refuse
            return np.nan
