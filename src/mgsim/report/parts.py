"""The reference page of the parts: equations, numbers, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mgsim.catalogs import PARTS
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import PORTS
from mgsim.equations.lines import read_equations
from mgsim.references import UNCITED, entry
from mgsim.report import typeset

_HEAD = r"""# Parts

Written by `mgsim show --write docs/parts.md`; nothing here is typed by hand. Each equation is the
text that is computed with, typeset. A name is a symbol with an index: `g_nmda` is
$g_{\mathrm{NMDA}}$; a concentration stands in brackets. $\left[x\right]_a^b$ is $x$ held between
$a$ and $b$, $\mathbf{1}\left[c\right]$ is 1 where $c$ holds and 0 elsewhere,
$\mathrm{exprel}\left(x\right) = \left(e^x - 1\right)/x$, $\mathrm{Bin}^{-1}\left(n, p, c\right)$
is the number among $n$, each of probability $p$, that the chance $c$ stands for; $F$ and
$R$ are Faraday's and the gas constant. Currents are outward positive. "Range" is what is
plausible, not what is possible. What is *assumed* or *unverified* has no source that was read.
"""


def page() -> str:
    """Every part of the catalogs, as Markdown."""
    groups = {name.capitalize(): catalog.own.values() for name, catalog in PARTS.items()}
    out = [_HEAD]
    for title, parts in groups.items():
        out.append(f"{title}: " + ", ".join(f"[{p.name}](#{p.name})" for p in parts) + ".\n")
    for title, parts in groups.items():
        out.append(f"## {title}\n")
        out += ["\n".join(_part(part, "###")) for part in parts]
    return "\n".join(out)


def pages() -> dict[str, str]:
    """The same in pages, by file: ``parts.md`` with the names, and one for each catalog."""
    found = {"parts.md": _HEAD}
    for name, catalog in PARTS.items():
        parts = catalog.own.values()
        found["parts.md"] += f"\n## [{name.capitalize()}](parts/{name}.md)\n\n" + "".join(
            f"- [{p.name}](parts/{name}.md#{p.name}): {p.meaning}\n" for p in parts
        )
        found[f"parts/{name}.md"] = f"# {name.capitalize()}\n\n" + "\n".join(
            "\n".join(_part(part, "##")) for part in parts
        )
    return found


def units_of(part: Component) -> dict[str, str]:
    """The unit of every name that the equations of a part may hold."""
    found = {name: port.unit for name, port in PORTS.items()}
    found |= {port.name: port.unit for port in part.ports}
    return found | {p.name: p.unit for p in part.parameters} | {e.name: e.unit for e in part.lines}


def _part(part: Component, head: str) -> Iterator[str]:
    units = units_of(part)
    yield f"{head} {part.name}\n"
    yield f"{part.meaning[0].upper()}{part.meaning[1:]}. Slot: {_names(part.slots)}.\n"
    for line in read_equations(part.equations):
        yield f"$$\n{typeset.equation(line, units)}\n$$\n"
    for scheme in part.kinetics:
        yield from _table(
            ("from", "to", "forward", "backward"),
            (
                [
                    _math(typeset.symbol(a)),
                    _math(typeset.symbol(b)),
                    *(_math(typeset.expression(rate, units)) for rate in (forward, backward)),
                ]
                for a, b, forward, backward in scheme.transitions
            ),
        )
        if scheme.start == "equilibrium":
            yield "Starts at equilibrium.\n"
    for a, b, forward, backward in part.exchange:
        flow = f"({forward})*{a} - ({backward})*{b}"
        ends = " to ".join(_math(typeset.symbol(n, units.get(n, "1"))) for n in (a, b))
        yield f"From {ends} moves {_math(typeset.expression(flow, units))} each second.\n"
    yield from _about(part, units)
    if part.parameters:
        yield from _table(
            ("name", "symbol", "value", "unit", "range", "meaning", "source"),
            map(_parameter, part.parameters),
        )
    if part.measured:
        yield f"**Measured at.** {'; '.join(map(str, part.measured))}.\n"
    for title in ("conditions", "reproduces", "deviations"):
        if text := getattr(part, title):
            yield f"**{title.capitalize()}.** {text}\n"
    if part.references:
        yield "**References.**\n"
        yield "".join(f"- {key}: {entry(key).text}\n" for key in part.references)


def _about(part: Component, units: Mapping[str, str]) -> Iterator[str]:
    """What the part does beside its equations."""

    def symbol(name: str) -> str:
        return _math(typeset.symbol(name, units.get(name, "1")))

    def formula(text: str) -> str:
        return _math(typeset.expression(text, units))

    known = [
        f"{symbol(e.name)}{' in ' + unit if (unit := _math(typeset.unit(e.unit))) else ''}: "
        f"{e.meaning}"
        for e in read_equations(part.equations)
        if e.meaning
    ]
    if known:
        yield f"Here {'; '.join(known)}.\n"
    if part.currents:
        named = (symbol(n) + (f" ({text})" if text else "") for n, text in part.currents.items())
        yield f"Currents: {', '.join(named)}.\n"
    if part.adds:
        added = (f"{formula(text)} to {symbol(port)}" for port, text in part.adds.items())
        yield f"Adds {', '.join(added)}.\n"
    for name, text in part.capacity.items():
        yield f"The capacity of {symbol(name)} is {formula(text)}.\n"
    for event, statements in part.on_event.items():
        drawn = part.chances.get(event, 1)
        brings = f" (it brings {drawn} chances)" if drawn > 1 else ""
        yield f"On each {event}{brings}: `{statements}`.\n"
    if part.initial:
        begun = (f"{symbol(name)} = {formula(text)}" for name, text in part.initial.items())
        yield f"Starts with {', '.join(begun)}.\n"
    for event, text in part.crossings.items():
        yield f"A {event} is an upward crossing of {formula(text)}.\n"


def _parameter(p: Parameter) -> list[str]:
    low, high = p.range
    key, _, where = p.source.partition(":")
    source = f"{entry(key).short}:{where}" if key not in UNCITED else f"*{key}*:{where}"
    return [
        f"`{p.name}`",
        _math(typeset.symbol(p.name, p.unit)),
        f"{p.value:.6g}",
        _math(typeset.unit(p.unit)),
        f"{low:.4g} to {high:.4g}",
        p.meaning,
        source,
    ]


def _math(latex: str) -> str:
    return f"${latex.strip()}$" if latex else ""


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
