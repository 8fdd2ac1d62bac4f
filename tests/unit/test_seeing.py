"""One slot sees a value of its own: `mg_out_block` beside `mg_out`.

What is expected is the run without it: the block that sees 0.2 mM, in a cell where it alone reads
magnesium, is the cell in 0.2 mM, to the bit; and a part that sees a constant of its own is the part
written with that constant.
"""

from dataclasses import replace

import numpy as np
import pytest

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.checks import block, runs
from mgsim.compose.finding import differences
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import Measured
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.resolving.choices import changed
from mgsim.units import UnitError

pytestmark = pytest.mark.usefixtures("unoptimised")

REST = mg.protocols["rest"].lasting(60, (0, np.inf))
READ = [mg.measures["ca_charge_nmda"], mg.measures["mean_v"]]
TONIC = mg.models["tonic"]


def charge(level):
    """A second part that magnesium acts on: it shifts gates, as a surface charge does."""
    return mg.Component(
        "charge",
        "charge",
        "shift of gates in proportion to magnesium",
        equations=f"shift_mg = shift_per_mm*{level} : mV",
        adds={"v_shift": "shift_mg"},
        parameters=(
            mg.Parameter("shift_per_mm", -3.0, "mV/mM", "shift", "assumed: for a test", (-9, 9)),
            *(
                [mg.Parameter("mg_fixed", 1.2, "mM", "level", "assumed: for a test", (0, 4))]
                if level == "mg_fixed"
                else []
            ),
        ),
    )


CHARGED = replace(TONIC, name="charged", parts=(*TONIC.parts, charge("mg_out")))
WRITTEN = replace(TONIC, name="written", parts=(*TONIC.parts, charge("mg_fixed")))


def run(model, protocol=REST, **given):
    return mg.sweep(model, protocol, READ, **given)


def same(a, b):
    for m in READ:
        np.testing.assert_array_equal(a[m.name].values.ravel(), b[m.name].values.ravel())


def test_the_block_alone_sees_it_and_is_the_cell_in_that_bath():
    levels = [0.0, 0.2, 1.2]
    same(run(TONIC, mg_out=0.8, mg_out_block=levels), run(TONIC, mg_out=levels))


def test_each_of_several_slots_sees_its_own():
    """Against the part written with a constant, and each against the other's range."""
    apart = run(CHARGED, mg_out_block=[0.2, 0.8], mg_out_charge=1.2)
    same(apart, run(WRITTEN, mg_out=[0.2, 0.8], mg_fixed=1.2))
    same(run(CHARGED, mg_out=[0.2, 0.8], mg_out_charge="1200 uM"), apart)
    assert float(apart.mean_v[0]) != float(run(CHARGED, mg_out=0.2).mean_v)


def test_what_is_not_set_follows():
    """Unset, nothing is another system: the bath, and its changes in time, are what all see."""
    washed = REST.changing(mg_out=mg.changes.step(0.1, start=20))
    apart = run(CHARGED, washed, mg_out=1.2, mg_out_charge=[1.2])
    same(apart, run(WRITTEN, washed, mg_out=1.2, mg_fixed=[1.2]))
    one = mg.simulate(CHARGED, REST, record=("v",), mg_out=0.3)
    assert "mg_out_block" not in one.coords
    assert "mg_out_block" not in mg.parameters(one)


def test_it_changes_in_time_from_what_the_others_see():
    own = REST.changing(mg_out_block=mg.changes.step(0.1, start=20))
    both = REST.changing(mg_out=mg.changes.step(0.1, start=20))
    same(run(TONIC, own, mg_out=[0.5, 1.2]), run(TONIC, both, mg_out=[0.5, 1.2]))
    same(run(TONIC, own, mg_out=0.8, mg_out_block=[1.2]), run(TONIC, both, mg_out=[1.2]))
    baked = TONIC.with_values(mg_out_block=1.2)
    same(run(baked, own, mg_out=[0.8]), run(TONIC, both, mg_out=[1.2]))
    ds = mg.simulate(TONIC, own, record=("mg_out_block_now",), mg_out=1.2)
    np.testing.assert_allclose(ds.mg_out_block_now.sel(time=[0, 40]), [1.2, 0.1])


def test_the_other_engine_sees_it():
    levels = [0.1, 1.2]
    apart = run(TONIC, engine="brian", mg_out_block=levels, mg_out=2.0)
    same(apart, run(TONIC, engine="brian", mg_out=levels))


def test_in_arms_priors_and_what_follows():
    arms = {"none": {"mg_out": 1.2}, "all": {"mg_out": 0.2}, "block": {"mg_out_block": 0.2}}
    ds = run(TONIC, arms=arms)
    assert ds.ca_charge_nmda[0] < ds.ca_charge_nmda[1] == ds.ca_charge_nmda[2]
    np.testing.assert_array_equal(ds.mg_out_block, [np.nan, np.nan, 0.2])
    half = run(TONIC, mg_out=[0.4, 2.4], follow={"mg_out_block": "mg_out/2"})
    same(half, run(TONIC, mg_out=[0.2, 1.2]))
    spread = mg.Prior("uniform", (0.1, 0.3), "assumed: for a test")
    design = mg.designs.draws(2, own=["mg_out_block"], mg_out_block=spread)
    drawn = run(TONIC, design=design)
    same(drawn, run(TONIC, mg_out=drawn.mg_out_block.values))


def test_a_law_that_takes_the_slot_sees_it_too_and_the_control_does_not_mind():
    own = TONIC.with_values(mg_out_block="200 uM")
    same(run(own, mg_out=[1.2], block="kampa_2004"), run(TONIC, mg_out=[0.2], block="kampa_2004"))
    trapping = mg.models["kinetic"].swap(mg.receptors["kampa_2004_trapping"]).apart("mg_out_block")
    assert trapping["nmda_gating"].called("mg_out") == "mg_out_block"
    free = run(own.swap(mg.blocks["none"]), mg_out=[1.2])
    same(free, run(TONIC, mg_out=[0.2], block="none"))
    several = run(TONIC, mg_out=1.2, mg_out_block=[0.2], block=["none", "jahr_stevens_1990"])
    assert several.ca_charge_nmda.values[0, 0] == free.ca_charge_nmda.values[0]
    assert not any(part.sees for part in own.without("block").parts)


def test_any_port_and_any_place():
    """A block that sees one potential is a flat one, the control of voltage dependence."""
    flat = mg.simulate(TONIC, REST, record=("unblocked", "v"), v_block=-65.0)
    expected = mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=-65, mg_out=0.8)
    np.testing.assert_allclose(flat.unblocked, expected, rtol=1e-12)
    assert float(flat.v.std()) > 0
    spine = mg.models["spine"].with_values(mg_out_block_spine=0.1)
    law = spine["block_spine"]
    assert law["mg_out_block_spine"].value == 0.1
    assert law.called("mg_out") == "mg_out_block_spine"
    there = mg.models["spine"].apart("v_spine_block_spine")["block_spine"]
    assert there.called("v") == "v_spine_block_spine"
    moved = mg.at(TONIC.with_values(mg_out_block=0.1)["block"], "spine")
    assert moved["mg_out_block_spine"].value == 0.1
    assert moved.called("mg_out") == "mg_out_block_spine"


def test_a_result_says_it_with_its_source():
    model = TONIC.with_values(mg_out_block=0.2)
    (told,) = differences(model["block"])
    assert told.startswith("mg_out_block = 0.2 mM, set in place of 0.8 mM (mckee_2005")
    ds = run(model)
    assert told in ds.attrs["differs"]
    assert "mg_out_block = 0.2 mM" in mg.cite(ds)
    assert "equations are not those" not in mg.cite(model)
    assert mg.parameters(ds).mg_out_block.long_name.endswith("as seen by 'block'")
    assert changed(TONIC, {"mg_out_block": 0.2})["block"].sees == {"mg_out": "mg_out_block"}


def test_it_is_kept_by_a_folder(tmp_path):
    given = {"mg_out_block": [0.2, 1.2], "mg_out": 0.8}
    run(TONIC, out=tmp_path / "kept", **given)
    ds = mg.open_sweep(tmp_path / "kept")
    same(ds, run(TONIC, **given))
    np.testing.assert_array_equal(ds.mg_out_block, [0.2, 1.2])


def test_a_measured_range_is_that_of_what_the_part_sees():
    law = mg.blocks["jahr_stevens_1990"]
    narrow = replace(law, measured=(Measured("mg_out", 0.1, 2.0, "assumed: for a test"),))
    model = TONIC.swap(narrow)
    assert "mg_out 5 mM" not in run(model, mg_out=5, mg_out_block=1).attrs["extrapolates"]
    assert "mg_out 5 mM" in run(model, mg_out=1, mg_out_block=5).attrs["extrapolates"]


def test_the_checks_of_a_model_know_it():
    model = mg.models["patch"].with_values(mg_out_block=0.5)
    protocol = mg.protocols["voltage_clamp"].lasting(5, (0, np.inf))
    system = mg.lower(model, protocol, ())
    found = [f for c in (block.laws, runs.held) for f in c(model, protocol, system)]
    assert {f.check: f.state for f in found} == dict.fromkeys(
        ("limits of the block", "monotonic block", "magnesium under clamp"), "pass"
    ) | {f.check: "pass" for f in found}


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("mg_out_blok", UnknownName, "did you mean mg_out_block"),
        ("mg_out_calcium_entry", PartError, "does not read 'mg_out', but"),
        ("v_neuron", PartError, "does more to 'v' than read it"),
        ("mg_out_slot", UnknownName, "no parameter 'mg_out_slot'"),
    ],
)
def test_what_no_slot_can_see(name, error, said):
    if name == "mg_out_calcium_entry":
        name = f"mg_out_{TONIC.parts[-2].slot}"
    with pytest.raises(error, match=said):
        TONIC.with_values(**{name: 1})
    with pytest.raises(error):
        run(TONIC, **{name: 1})


def test_what_cannot_be_meant():
    with pytest.raises(UnitError, match="negative"):
        TONIC.with_values(mg_out_block=-1)
    change = REST.changing(v_block=mg.changes.step(0, start=20))
    with pytest.raises(AxisError, match=r"give v_block=\.\.\. with the run"):
        run(TONIC, change)
    with pytest.raises(UnknownName, match="mg_out_block"):
        TONIC.apart("mg_outt_block")
