"""Six parts with a mistake each, and the exercises of the lesson that finds them.

Each mistake stands in public model files; here it is in a part of its own, that the cell of the
lesson takes in place of the right one. What a part says of itself is the same for all, so that
nothing but its text and what it does gives it away.
"""

from __future__ import annotations

import difflib
import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mgsim.catalogs.catalog import unknown
from mgsim.checks import Report, check
from mgsim.declare.component import Component
from mgsim.lessons.tools.answers import Count, Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.measures import ca_charge_nmda, spike_rate
from mgsim.models.cells import standard
from mgsim.models.receptors import patch
from mgsim.parts.baths import person
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.calcium.fractional import fractional
from mgsim.protocols.trains import train_20hz
from mgsim.runs.sweep import sweep
from mgsim.sweeps.prepare import DeadAxisWarning

if TYPE_CHECKING:
    import xarray as xr

#: Where (mV, mM) a number is known beforehand, and where another part has the same one.
V_KNOWN, MG_KNOWN = -70.0, 1.0
#: mV that part F moves the law by.
_SHIFT = 10.0

_LAW = jahr_stevens_1990


def _suspect(part: Component, name: str, **changes: Any) -> Component:
    """A part that is another in some piece, and says of itself what all of them say."""
    words = "a part of the lesson, with one mistake in it"
    return replace(part, name=name, meaning=words, deviations="", **changes)


def _with(part: Component, name: str, parameter: str, **other: Any) -> Component:
    """One parameter is another."""
    changed = tuple(replace(p, **other) if p.name == parameter else p for p in part.parameters)
    return _suspect(part, name, parameters=changed)


def _text(part: Component, name: str, old: str, new: str) -> Component:
    """One piece of the text is another."""
    if old not in part.equations:
        raise ValueError(f"'{old}' is not in the text of '{part.name}'")
    return _suspect(part, name, equations=part.equations.replace(old, new))


def _suspects() -> dict[str, Component]:
    k = _LAW["mg_k"].value * math.exp(-_SHIFT * _LAW["mg_slope"].value)
    share = replace(fractional, parameters=(fractional["pf_half"],))
    whole = "pf_scale*pf_nmda*g_conducting*clip(v - e_ca_nmda, -1*V, 0*mV)"
    return {
        "A": _text(_LAW, "A", "mg_out/mg_k", "1*mM/mg_k"),
        "B": _text(_LAW, "B", "1/(1 + ", "1 - 1/(1 + "),
        "C": _suspect(fractional, "C", currents={"i_ca_nmda": "ca"}),
        "D": _text(share, "D", whole, "pf_nmda*i_nmda"),
        "E": _with(_LAW, "E", "mg_slope", unit="1/V"),
        "F": _with(_LAW, "F", "mg_k", value=k),
    }


#: The parts with a mistake, by letter.
suspects: Mapping[str, Component] = MappingProxyType(_suspects())
#: The right parts, by their slot.
right: Mapping[str, Component] = MappingProxyType({p.slot: p for p in (_LAW, fractional)})


def _lines(part: Component) -> list[str]:
    """What a part computes, with what, and what its currents are, a line each."""
    return [
        *filter(None, part.equations.splitlines()),
        *(f"{p.name} = {p.value:.4g} {p.unit}" for p in part.parameters),
        *(f"{name} is {what or 'of all ions'}" for name, what in part.currents.items()),
    ]


def difference(letter: str) -> str:
    """The lines in which a suspect differs from the right part: ``-`` right, ``+`` the suspect's.

    Parameters
    ----------
    letter : a name in ``suspects``.

    Raises
    ------
    UnknownName
        For what is none of them.
    """
    if letter not in suspects:
        raise unknown("suspect", letter, suspects)
    part = suspects[letter]
    lines = difflib.ndiff(_lines(right[part.slot]), _lines(part))
    return "\n".join(line for line in lines if line[0] in "-+")


@cache
def _report(letter: str) -> Report:
    return check(patch.swap(suspects[letter]))


def _passing() -> list[str]:
    return [letter for letter in suspects if _report(letter)]


def _unblocked(letter: str | None = None, v: float = V_KNOWN, mg_out: float = MG_KNOWN) -> float:
    """B of the law of a suspect; of the right law where it has none of its own."""
    part = suspects[letter] if letter else _LAW
    law = part if part.slot == _LAW.slot else _LAW
    return float(law.evaluate("unblocked", v=v, mg_out=mg_out))


def _off(letter: str) -> bool:
    return not math.isclose(_unblocked(letter), _unblocked(), rel_tol=0.01)


def _caught() -> int:
    return len(suspects) - len(_passing())


def _caught_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "trusted it",
            len(suspects),
            "Run it on all of them and look: a green check is no proof.",
        ),
        Mistake(
            "counted the passes",
            len(_passing()),
            "That is how many it passes. Asked is how many it finds.",
        ),
        Mistake(
            "counted those with a wrong rate",
            sum(_wrong_rate(letter) for letter in suspects),
            "That is how many have a wrong rate at a person's magnesium. The check does not look "
            "at rates: run it.",
        ),
    )


def _numbered() -> int:
    return sum(map(_off, suspects))


def _numbered_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "only what the check missed",
            len([x for x in suspects if _off(x) and _report(x)]),
            "That is the one that the check lets pass. The number alone finds more.",
        ),
        Mistake(
            "all that concern the law",
            sum(p.slot == _LAW.slot for p in suspects.values()),
            f"A holds {MG_KNOWN:g} mM whatever you ask for, so at {MG_KNOWN:g} mM its number is "
            "right. A number at one magnesium does not see it.",
        ),
        Mistake(
            "all of them",
            len(suspects),
            "Two of them have a law that is right: their mistake is in the calcium.",
        ),
        Mistake(
            "as many as the check", _caught(), "The check and the number do not find the same ones."
        ),
    )


def _factor() -> float:
    return _unblocked("E") / _unblocked()


def _factor_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake("turned over", 1 / _factor(), "That is the right one over E: turn it over."),
        Mistake(
            "compared at 0 mV",
            _unblocked("E", v=0.0) / _unblocked(v=0.0),
            f"At 0 mV the two agree: the mistake is in what the voltage does. Asked is "
            f"{V_KNOWN:g} mV.",
        ),
        Mistake("gave B alone", _unblocked("E"), "That is B of E. Divide it by the right one."),
        Mistake(
            "divided by F",
            _unblocked("E") / _unblocked("F"),
            "That divides by another suspect. Divide by the law that is named.",
        ),
    )


@cache
def _run(letter: str = "") -> xr.Dataset:
    model = standard.swap(suspects[letter]) if letter else standard
    levels = [0.0, person["mg_out"].value]
    kept = (spike_rate, ca_charge_nmda)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeadAxisWarning)  # A's: the lesson shows it
        return sweep(model, train_20hz, kept, mg_out=levels, progress=False)


def _wrong_rate(letter: str) -> bool:
    one, other = (_run(x).spike_rate.sel(mg_out=person["mg_out"].value) for x in (letter, ""))
    return float(one) != float(other)


def _charge(letter: str, mg_out: float) -> float:
    return float(_run(letter).ca_charge_nmda.sel(mg_out=mg_out))


def _same(mg_out: float = 0.0) -> float:
    return 100 * (_charge("D", mg_out) / _charge("", mg_out) - 1)


def _same_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "same spikes, same calcium",
            0.0,
            "The rates are the same. Rates do not see calcium: compare the calcium itself.",
        ),
        Mistake(
            "divided by D",
            100 * (_charge("", 0.0) / _charge("D", 0.0) - 1),
            "That is how far the right one is from D. Divide by the right one.",
        ),
        Mistake("lost the sign", -_same(), "D takes in less than the right one: below 0."),
        Mistake(
            "took the magnesium of a person",
            _same(person["mg_out"].value),
            "That is at a person's 0.8 mM. Asked is 0 mM, where the cell fires.",
        ),
        Mistake(
            "thought of a clamp at 0 mV",
            -100.0,
            "That would be so in a cell held at 0 mV, where its calcium turns with all ions. This "
            "cell only passes there.",
        ),
    )


caught = Exercise(
    "caught",
    _caught,
    _caught_mistakes,
    "All but one. The one that passes is consistent, has its units right, falls with magnesium, "
    "rises with voltage and lies among the published laws: nothing in it says that it is not the "
    "law whose name it bears.",
    "Run, do not guess: a report is true where nothing failed.",
    """from mgsim.lessons.spot_the_bug import suspects
reports = {letter: mg.check(mg.models["patch"].swap(part)) for letter, part in suspects.items()}
sum(not report for report in reports.values())""",
    "not report",
    Count((-1, 6), "There are six."),
)
by_number = Exercise(
    "by_number",
    _numbered,
    _numbered_mistakes,
    "The number finds the one that the check passes, and misses three that it finds. Two nets "
    "with different holes: use both.",
    f"Ask each of them for B at {V_KNOWN:g} mV and {MG_KNOWN:g} mM, and the named law too; what "
    "has no law of its own has the right one.",
    f"""from mgsim.lessons.spot_the_bug import suspects
at = {{"v": {V_KNOWN:g}, "mg_out": {MG_KNOWN:g}}}
known = float(mg.blocks["jahr_stevens_1990"].evaluate("unblocked", **at))
laws = [part for part in suspects.values() if part.slot == "block"]
sum(abs(float(law.evaluate("unblocked", **at)) / known - 1) > 0.01 for law in laws)""",
    'part.slot == "block"',
    Count((-1, 6), "There are six."),
)
factor = Exercise(
    "factor",
    _factor,
    _factor_mistakes,
    "The block is all but switched off. The units agree, the curve is smooth, the rates look "
    "alive: a number known beforehand says in one line what they do not.",
    "Divide B of E by B of the right law, both at the same potential and magnesium.",
    f"""from mgsim.lessons.spot_the_bug import suspects
at = {{"v": {V_KNOWN:g}, "mg_out": {MG_KNOWN:g}}}
known = mg.blocks["jahr_stevens_1990"].evaluate("unblocked", **at)
float(suspects["E"].evaluate("unblocked", **at) / known)""",
    'suspects["E"]',
    Number((0, math.inf), "A ratio of two fractions is above 0."),
)
same_spikes = Exercise(
    "same_spikes",
    _same,
    _same_mistakes,
    "Every spike is where it should be, and the calcium is not. A test that counts spikes never "
    "sees this one.",
    "Spikes do not see calcium: sweep D and the right model, and compare the calcium at 0 mM.",
    """from mgsim.lessons.spot_the_bug import suspects
kept = ("spike_rate", "ca_charge_nmda")
good = mg.sweep("standard", "train_20hz", kept, mg_out=[0])
with_d = mg.sweep(mg.models["standard"].swap(suspects["D"]), "train_20hz", kept, mg_out=[0])
100 * ((with_d.ca_charge_nmda / good.ca_charge_nmda).item() - 1)""",
    'suspects["D"]',
    Number((-100.001, math.inf), "Less than none cannot come in: -100 % at the least.", 0.03),
)
