"""What checks find, and the report of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["pass", "FAIL", "skipped"]


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    words: str


def judged(check: str, wrong: Iterable[str], good: str) -> Finding:
    """What is wrong, or the words for nothing being so."""
    told = "; ".join(wrong)
    return Finding(check, "FAIL" if told else "pass", told or good)


@dataclass(frozen=True)
class Report:
    """What the checks found on one model; true when none failed."""

    model: str
    protocol: str
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return all(f.state != "FAIL" for f in self.findings)

    def __str__(self) -> str:
        lines = [
            f"model '{self.model}'" + (f", protocol '{self.protocol}'" if self.protocol else "")
        ]
        for f in self.findings:
            lines += textwrap.wrap(
                f"{f.state:<8} {f.check}: {f.words}",
                98,
                initial_indent="  ",
                subsequent_indent=" " * 11,
            )
        return "\n".join(lines)

    __repr__ = __str__
