"""mgsim.units against brian2.units, and what a user may type."""

import numpy as np
import pytest
from every import each

from mgsim import units
from mgsim.equations import expressions
from mgsim.units import UnitError

SIMPLE = ["m", "g", "s", "A", "K", "mol", "V", "S", "F", "C", "J", "Hz", "ohm"]
PREFIXES = "pnumckMG"
# Brian2 spells these words otherwise
BRIAN_SPELLING = {
    "m": "metre",
    "g": "gram",
    "s": "second",
    "A": "amp",
    "K": "kelvin",
    "mol": "mole",
    "M": "molar",
    "V": "volt",
    "S": "siemens",
    "F": "farad",
    "C": "coulomb",
    "J": "joule",
    "Hz": "hertz",
    "ohm": "ohm",
}


def brian_exponents(quantity):
    return tuple(float(x) for x in quantity.dim._dims[:6])


def our_exponents(unit):
    by_name = dict(zip(units.BASE, unit.dimension, strict=True))
    return tuple(by_name[n] for n in ("metre", "kilogram", "second", "amp", "kelvin", "mole"))


@each(p + w for w in (*SIMPLE, "M") for p in ("", *PREFIXES))
def test_every_unit_is_brians(word):
    """Source of the expected value: brian2.units.allunits."""
    import brian2.units.allunits as brian

    found = units.named(word)
    assert found is not None
    prefix, rest = ("", word) if word in BRIAN_SPELLING else (word[0], word[1:])
    full = BRIAN_SPELLING[rest]
    theirs = getattr(brian, prefix + full) if hasattr(brian, prefix + full) else None
    if theirs is None:  # Brian2 has no prefixed form of some; then the prefix times the plain one
        scale = {
            "p": 1e-12,
            "n": 1e-9,
            "u": 1e-6,
            "m": 1e-3,
            "c": 1e-2,
            "k": 1e3,
            "M": 1e6,
            "G": 1e9,
        }[prefix]
        theirs = scale * getattr(brian, full)
    assert found.factor == pytest.approx(float(np.asarray(theirs)), rel=1e-15)
    assert our_exponents(found) == brian_exponents(theirs)


@pytest.mark.parametrize("name", sorted(units.CONSTANTS))
def test_constants_are_brians(name):
    """Source: brian2.units.constants (CODATA 2014 to 2018 differ in the ninth digit)."""
    from brian2.units import constants

    theirs = getattr(constants, name)
    assert units.CONSTANTS[name].factor == pytest.approx(float(np.asarray(theirs)), rel=1e-6)
    assert our_exponents(units.CONSTANTS[name]) == brian_exponents(theirs)
    assert units.unit(units.CONSTANTS[name].text).dimension == units.CONSTANTS[name].dimension


@pytest.mark.parametrize(
    ("text", "si"),
    [
        ("mV", 1e-3),
        ("uM", 1e-3),
        ("mM", 1.0),
        ("mS/cm**2", 10.0),
        ("mS/cm^2", 10.0),
        ("uF/cm**2", 1e-2),
        ("1/mM/ms", 1e3),
        ("um**2", 1e-12),
        ("pC", 1e-12),
        ("1", 1.0),
        ("nS*mV", 1e-12),
        ("mV**-1", 1e3),
        ("µM", 1e-3),
        ("μM", 1e-3),
        ("mmol/L", 1.0),
        ("µmol/l", 1e-3),
        ("1/mmol/L/ms", 1e3),
    ],
)
def test_products_quotients_and_powers(text, si):
    assert units.unit(text).factor == pytest.approx(si, rel=1e-14)


def test_brian_agrees_on_composed_units():
    from brian2 import cm, mM, mS, ms

    assert units.unit("mS/cm**2").factor == pytest.approx(float(np.asarray(mS / cm**2)), rel=1e-14)
    assert our_exponents(units.unit("mS/cm**2")) == brian_exponents(mS / cm**2)
    assert our_exponents(units.unit("1/mM/ms")) == brian_exponents(1 / mM / ms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "volt",
        "mv",
        "Mm2",
        "2",
        "mV + mV",
        "1/0",
        "mV;s",
        "mV\0",
        "__import__('os')",
        "mV.real",
        "mV[0]",
        "(" * 300 + "mV" + ")" * 300,
        "-mV",
        "lambda: 1",
        "mV**x",
    ],
)
def test_what_is_no_unit_is_refused(text):
    with pytest.raises(UnitError):
        units.unit(text)


@pytest.mark.parametrize("text", ["mV**'a'", "kV**999", "-" * 20000 + "1"])
def test_hostile_unit_text_is_refused(text):
    with pytest.raises(UnitError):
        units.unit(text)


@pytest.mark.parametrize(
    ("value", "to", "expected"),
    [
        ("0.8 mM", "mM", 0.8),
        ("800 uM", "mM", 0.8),
        ("0.8mM", "mM", 0.8),
        (" 1e-3 M ", "mM", 1.0),
        ("0.8", "mM", 0.8),
        (".5", "mM", 0.5),
        ("5.", "ms", 5.0),
        ("-70 mV", "mV", -70.0),
        ("2 s", "ms", 2000.0),
        (3, "nS", 3.0),
        ([1, 2], "nS", [1.0, 2.0]),
        ("800 µM", "mM", 0.8),
        (["0 mM", "800 uM", 1.2, "2"], "mM", [0.0, 0.8, 1.2, 2.0]),
        ("1.2 mmol/L", "mM", 1.2),
    ],
)
def test_read(value, to, expected):
    np.testing.assert_allclose(units.read(value, to, "x"), expected, rtol=1e-14)


def test_read_brian_quantities():
    from brian2 import mM, mV, nS, uM

    assert units.read(800 * uM, "mM", "mg_out") == pytest.approx(0.8, rel=1e-14)
    np.testing.assert_allclose(units.read([1, 2] * nS, "pS", "g"), [1000, 2000])
    np.testing.assert_allclose(units.read([-70 * mV, -40 * mV], "mV", "v"), [-70, -40])
    with pytest.raises(UnitError, match=r"mg_out.*has the unit of V.*must be in mM"):
        units.read(1 * mV, "mM", "mg_out")
    with pytest.raises(UnitError, match="mg_out"):
        units.read(1 * mM / mV, "mM", "mg_out")


@pytest.mark.parametrize(
    "value",
    [
        "one",
        "1 mV",
        "1 volt",
        "1 mM mM",
        "",
        "1,2",
        "0x10",
        "1 mM; import os",
        ["a"],
        ["1 mM", "1 mV"],
        ["1 mM", [1, 2]],
        object(),
        1j,
    ],
)
def test_read_refuses_and_names_the_parameter(value):
    with pytest.raises(UnitError, match="mg_out"):
        units.read(value, "mM", "mg_out")


def test_describe():
    assert units.describe(units.unit("mV").dimension) == "V"
    assert units.describe(units.NONE) == "no unit"


@pytest.mark.parametrize("text", ["mV", "mS/cm**2", "1/mM/ms", "pA", "um**2", "J/mol/K", "1"])
def test_brian_reads_a_dimension_as_it_was_meant(text):
    from brian2.equations.equations import dimensions_and_type_from_string

    dim, _ = dimensions_and_type_from_string(units.base_text(units.unit(text).dimension))
    assert tuple(float(x) for x in dim._dims[:6]) == our_exponents(units.unit(text))


@pytest.mark.parametrize(
    ("text", "to", "value"),
    [
        ("90 min", "h", 1.5),
        ("1 day", "h", 24),
        ("2 h", "ms", 7.2e6),
        ("48.1 dl/h", "L/h", 4.81),
        ("5 ml/min", "L/h", 0.3),
        ("3 mmol/L", "mM", 3),
        ("1 1/h", "1/s", 1 / 3600),
    ],
)
def test_times_and_volumes_as_people_say_them(text, to, value):
    """Expected: 60 minutes an hour, 24 hours a day, 10 dl a litre."""
    assert units.one(text, to, "x") == pytest.approx(value, rel=1e-14)


def test_equations_do_not_know_spoken_units():
    """So that a gate may be called h, and a minute is no name that an equation takes for 60 s."""
    for word in ("h", "min", "day", "L", "dl", "ml"):
        assert units.named(word) is None
        assert not expressions.is_known(word)
    with pytest.raises(UnitError, match="unit"):
        units.one("1 h", "mM", "x")
