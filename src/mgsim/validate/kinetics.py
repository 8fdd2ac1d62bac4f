"""Sections A and B: block that takes time, trapping, and receptors by subunit."""

from __future__ import annotations

from mgsim.validate.target import Target

TARGETS: tuple[Target, ...] = ()
