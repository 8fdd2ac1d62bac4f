"""The fused engine: a system as one compiled loop, blocks of points outside and time inside.

The passes are those of a small compiler: ``collect`` (abstract code to a graph), ``graph`` and
``share`` (simplify, group by how often a value changes, share exponentials), ``emit`` (C text),
``build`` (compile), ``cache`` (keep), ``kernel`` (load and call), ``execute`` (points on threads).
``trial`` finds the compiler.
"""

from mgsim.engines.fused.engine import FusedEngine as FusedEngine
