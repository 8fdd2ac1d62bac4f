"""A part asked for what lies outside the range in which it was measured says so, once, in words."""

import re
import warnings

import numpy as np
import pytest

import mgsim as mg
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import ExtrapolationWarning, Measured
from mgsim.parts.baths import RANGES

JS, KAMPA = mg.blocks["jahr_stevens_1990"], mg.blocks["kampa_2004"]
CLAMP = mg.protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0))


def warned(recorded):
    return [str(w.message) for w in recorded if issubclass(w.category, ExtrapolationWarning)]


def test_a_law_names_its_range_and_source():
    with pytest.warns(
        ExtrapolationWarning,
        match=r"'jahr_stevens_1990' was measured at mg_out of "
        r"0\.001 to 10 mM \(jahr_1990: abstract",
    ):
        JS.evaluate("unblocked", v=-60, mg_out=[1.0, 20.0])
    with pytest.warns(ExtrapolationWarning, match="v of -100 to 60 mV"):
        JS.evaluate("unblocked", v=-150, mg_out=1.0)
    with pytest.warns(ExtrapolationWarning, match=r"mg_out of 1 mM \(kampa_2004: 1 mM\)"):
        KAMPA.evaluate("unblocked", v=-60, mg_out="100 uM")


def test_inside_and_at_zero_magnesium_nothing_is_said():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        JS.evaluate("unblocked", v=[-100, 60], mg_out=[[0.001], [10.0]])
        JS.evaluate("unblocked", v=-60, mg_out=0)  # no block: nothing is extrapolated
        KAMPA.evaluate("unblocked", v=-60, mg_out=[0.0, 1.0])
        mg.simulate(mg.models["patch"], CLAMP, mg_out=1.0, record=("i_nmda",), progress=False)


def test_a_sweep_warns_once_for_all_its_laws():
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        ds = mg.sweep(
            mg.models["patch"],
            CLAMP,
            mg.measures["mean_i_nmda"],
            block=["jahr_stevens_1990", "kampa_2004"],
            mg_out=[0.0, 0.8, 1.0],
        )
    (said,) = warned(recorded)
    assert "kampa_2004 at mg_out 0 to 1 mM, measured at mg_out of 1 mM" in said
    assert "jahr_stevens_1990" not in said
    assert "kampa_2004 at mg_out" in ds.attrs["extrapolates"]


def test_a_block_of_room_temperature_in_a_warm_cell_is_visible():
    """Nobody asked for a temperature, so no warning; but every result says it."""
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        ds = mg.sweep(
            mg.models["standard"], mg.protocols["single_pulse"].lasting(60.0), mg.measures["peak_v"]
        )
    assert not warned(recorded)
    assert ds.attrs["extrapolates"].startswith(
        "jahr_stevens_1990 at celsius 36 degC, measured at celsius of 20 to 25 degC"
    )


def test_a_cell_without_temperature_says_so_when_cooled():
    with pytest.warns(ExtrapolationWarning, match="pospischil_2008_rs at celsius 22 degC"):
        mg.simulate(mg.models["kinetic"], mg.protocols["single_pulse"].lasting(60.0), celsius=22.0)


def test_ranges_that_cannot_be_meant():
    with pytest.raises(KeyError, match="mg_out"):
        Measured("mg_ot", 0, 1, "assumed: a")
    with pytest.raises(PartError, match="needs a source"):
        Measured("mg_out", 0, 1, "")
    with pytest.raises(PartError, match="is above"):
        Measured("mg_out", 2, 1, "assumed: a")


@pytest.mark.parametrize(
    "law", [b for b in mg.blocks.own.values() if b.references], ids=lambda b: b.name
)
def test_published_laws_name_a_range_or_nothing_known(law):
    unknown = {"golomb_2006", "major_2008", "otmakhova_2002"}
    assert bool(law.measured) != (law.name in unknown)
    for span in law.measured:
        low, high = span.low, span.high
        assert np.all([span.holds(x) for x in (low, high, (low + high) / 2)])
        assert not span.holds(high + 1.0)


SYNAPSE = mg.Model(
    "synapse",
    (
        mg.baths["person"],
        mg.mechanisms["depressing_release"],
        mg.mechanisms["dodge_rahamimoff_1967"],
    ),
)
PULSE = mg.protocols["single_pulse"].lasting(60.0)


def least(ca, mg_out):
    """The words that say how little of the release in 2 mM calcium and 1 mM magnesium is left."""

    def law(ca, mg_out):
        return ((ca / 1.1) / (1 + ca / 1.1 + mg_out / 2.97)) ** 4

    left = re.escape(f"{law(ca, mg_out) / law(2, 1):g}")
    return rf"dodge_rahamimoff_1967 at modulation_release {left} to .*, measured at .* 0.01 or more"


def test_a_law_is_held_to_the_range_of_what_it_gives():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inside = mg.sweep(SYNAPSE, PULSE, "release_first", mg_out=[0.0, 4.0])
    assert inside.attrs["extrapolates"] == ""
    with pytest.warns(ExtrapolationWarning, match=least(0.2, 8.0)):
        beyond = mg.sweep(SYNAPSE, PULSE, "release_first", ca_out=0.2, mg_out=[0.0, 8.0])
    assert "modulation_release" in beyond.attrs["extrapolates"]
    washed = PULSE.changing(ca_out=mg.changes.wash(0.1, start=10, tau=5))
    with pytest.warns(ExtrapolationWarning, match=least(0.1, 8.0)):
        mg.sweep(SYNAPSE, washed, "release_first", mg_out=8.0)
    drawn = mg.Prior("uniform", (0.1, 0.2), "assumed: for a test")
    with pytest.warns(ExtrapolationWarning, match="modulation_release 0.000"):
        mg.sweep(SYNAPSE, PULSE, "release_first", design=mg.designs.draws(8, ca_out=drawn))


def test_ranges_of_magnesium_lie_apart_hold_their_baths_and_stand_in_their_words():
    of = {
        "dish “zero”": ("dish_zero",),
        "person": ("person", "person_iv", "person_threonate"),
        "usual dish": ("dish_normal",),
    }
    words = " ".join(f"{b.conditions} {[p.source for p in b.parameters]}" for b in mg.baths.all)
    told = {float(x) for x in re.findall(r"\d+\.?\d*", words)}
    last = -1.0
    for name, (low, high) in sorted(RANGES.items(), key=lambda item: item[1]):
        assert last < low < high
        last = high
        assert high in told
        assert all(low <= mg.baths[b]["mg_out"].value <= high for b in of[name])
