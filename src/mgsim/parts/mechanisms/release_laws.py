"""How release depends on calcium and magnesium outside: laws that disagree, to choose from.

A law gives the release in a bath over that in the bath where the synapse was recorded. It scales
the probability of release, at most to 1, so that what it does to a train follows from depletion.
"""

from __future__ import annotations

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Measured

_RECORDED = (
    Parameter(
        "ca_recorded",
        2.0,
        "mM",
        "calcium of the bath in which the synapse was recorded",
        "assumed: slices in the usual 2 mM; give that of your recording",
        (0.1, 10),
    ),
    Parameter(
        "mg_recorded",
        1.0,
        "mM",
        "magnesium of the bath in which the synapse was recorded",
        "assumed: slices in the usual 1 mM; give that of your recording",
        (0, 10),
    ),
)
_CENTRAL = (
    "Central synapses are less steep than the endplate: log-log slope 2.1 at most in CA1 (Mulkeen "
    "1988, abstract), and 0.51 of the release at 1.0 over 2.5 mM calcium in neocortex (Hardingham "
    "2006, abstract), against 0.17 by the fourth power."
)


def _dodge_rahamimoff(name: str, meaning: str, power: float, source: str) -> Component:
    site = "(({ca}/ca_release_k)/(1 + {ca}/ca_release_k + {mg}/mg_release_k))**release_power"
    return Component(
        name=name,
        slot="release_law",
        meaning=meaning,
        equations=f"""
release_here = {site.format(ca="ca_out", mg="mg_out")} : 1  # release in this bath
release_recorded = {site.format(ca="ca_recorded", mg="mg_recorded")} : 1  # in that of the recording
release_ratio = release_here/release_recorded : 1  # release over that of the recording
""",
        parameters=(
            Parameter(
                "ca_release_k",
                1.1,
                "mM",
                "calcium that fills half the release sites, without magnesium",
                "unverified: Dodge & Rahamimoff 1967, K1 = 1.1 mM",
                (0.3, 4),
            ),
            Parameter(
                "mg_release_k",
                2.97,
                "mM",
                "magnesium that competes for half the release sites, without calcium",
                "unverified: Dodge & Rahamimoff 1967, K2 = 2.97 mM",
                (1, 8),
            ),
            Parameter(
                "release_power", power, "1", "calcium ions that act together", source, (1.5, 4.5)
            ),
            *_RECORDED,
        ),
        adds={"modulation_release": "release_ratio"},
        references=("dodge_1967",),
        measured=(
            Measured(
                "modulation_release",
                0.01,
                float("inf"),
                "unverified: below about a hundredth of normal release lies above the law",
            ),
        ),
        reproduces="The form of the law; its slope of 3.78 +- 0.2 at low calcium, unchanged by "
        "magnesium, is reached within the scatter: 3.5 at 0.1 to 0.2 mM.",
        conditions="Frog neuromuscular junction, endplate potentials. " + _CENTRAL,
        deviations="Half-saturations and exponent are recalled, not looked up. In 2 to 10 mM "
        "magnesium the lowest quantal contents lie above the law (Andreu & Barrett 1980, "
        "abstract): it does not hold below a hundredth of normal release. Acute only: the "
        "synapse does not adapt to its bath.",
    )


dodge_rahamimoff_1967 = _dodge_rahamimoff(
    "dodge_rahamimoff_1967",
    "magnesium and calcium compete for release, four calcium ions together (endplate)",
    4.0,
    "unverified: Dodge & Rahamimoff 1967, fourth power; a slope of 3.78 +- 0.2 in the abstract",
)
dodge_rahamimoff_central = _dodge_rahamimoff(
    "dodge_rahamimoff_central",
    "magnesium and calcium compete for release, two calcium ions together (central synapse)",
    2.0,
    "assumed: as the log-log slope of at most 2.1 in CA1 (Mulkeen 1988, abstract)",
)

_CODE = "markram_2015: as coded in BlueBrain/BlueCelluLab bluecellulab/synapse/synapse_types.py"
_SCRIPT = "unverified: a public script of the same group, half-saturation of "
#: What is added up of each law, over its value at 2 mM; ``k`` is the half-saturation.
_HILL = "({k}**4 + (2*mM)**4)/(2*mM)**4*{ca}**4/({k}**4 + {ca}**4)"


def _half(name: str, value: float, which: str, source: str) -> Parameter:
    return Parameter(
        name, value, "mM", f"calcium of half release, {which}", source, (0.5 * value, 2 * value)
    )


def _blue_brain(which: str, meaning: str, *halves: Parameter) -> Component:
    def scale(ca: str) -> str:
        text = " + ".join(_HILL.format(k=k.name, ca=ca) for k in halves)
        return f"({text})/{len(halves)}" if len(halves) > 1 else text

    return Component(
        name=f"blue_brain_{which}",
        slot="release_law",
        meaning=meaning,
        equations=f"""
release_here = {scale("ca_out")} : 1  # release in this bath, over that in 2 mM calcium
release_recorded = {scale("ca_recorded")} : 1  # in the bath of the recording
release_ratio = release_here/release_recorded : 1  # release over that of the recording
""",
        parameters=(*halves, _RECORDED[0]),
        adds={"modulation_release": "release_ratio"},
        references=("markram_2015",),
        reproduces="The scale of the utilisation in the code of the simulators.",
        conditions="Excitatory synapses of rat neocortex, 1 to 2 mM calcium. " + _CENTRAL,
        deviations="No magnesium anywhere in it: the control that isolates what magnesium does by "
        "release. Calcium acts as in the code, a Hill law of fourth power.",
    )


_SHALLOW = _half("ca_shallow_k", 1.09, "shallow", _SCRIPT + "1.09 mM, shallow")
_STEEP = _half("ca_steep_k", 2.79, "steep", _SCRIPT + "2.79 mM, steep")
blue_brain_shallow = _blue_brain(
    "shallow", "calcium scales release by a shallow Hill law, magnesium does not act", _SHALLOW
)
blue_brain_steep = _blue_brain(
    "steep", "calcium scales release by a steep Hill law, magnesium does not act", _STEEP
)
blue_brain_intermediate = _blue_brain(
    "intermediate",
    "calcium scales release by the mean of the shallow and the steep law, magnesium does not act",
    _SHALLOW,
    _STEEP,
)
