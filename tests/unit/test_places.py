"""The same part at other places: names, slots, doors, errors, and physics that places share."""

import re
from dataclasses import replace
from itertools import dropwhile, takewhile

import numpy as np
import pytest
from every import each
from running import BRIAN, FUSED, PARTS, run

import mgsim as mg
from mgsim.checks import examine
from mgsim.checks.drive import answerable_of, own_run
from mgsim.compose.model import Model
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import PORTS, Port

pytestmark = pytest.mark.usefixtures("unoptimised")

LOCAL = [
    p
    for p in PARTS
    if p.slot not in ("bath", "axial")
    and not any(p.words[n].everywhere for n in p.provides & p.words.keys())
]
TRAIN = mg.protocols["train_20hz"].lasting(120)
SYNAPSE = [
    *(mg.receptors[n] for n in ("dual_exponential", "nmda", "ampa_exponential")),
    mg.blocks["jahr_stevens_1990"],
    mg.calcium["fractional"],
]
CELL = (mg.baths["person"], mg.neurons["pospischil_2008_rs"])


def two(*places, cell=CELL, parts=SYNAPSE):
    """A cell with these parts as copies on its membrane."""
    return Model("copies", (*cell, *(mg.at(p, copy=c) if c else p for c in places for p in parts)))


@each(LOCAL)
def test_every_name_of_a_part_says_the_place_but_what_is_everywhere(part):
    there = mg.at(part, "spine")
    everywhere = {n for n, p in {**PORTS, **part.words}.items() if p.everywhere}
    assert all(n.endswith("_spine") for n in there.provides)
    assert {p.name for p in there.parameters if not p.name.endswith("_spine")} <= everywhere
    assert {n for n in there.requires if not n.endswith("_spine")} <= everywhere
    assert all(slot.endswith("_spine") for slot in there.slots)
    assert len(there.lines) == len(part.lines)
    assert [p.si for p in there.parameters] == [p.si for p in part.parameters]
    for old, new in zip(part.parameters, there.parameters, strict=True):
        assert new.source == old.source
        assert new.meaning == old.meaning + " (spine)" * (new.name != old.name)


def test_a_part_between_two_places_speaks_of_both():
    axial = mg.compartments["axial"]
    neck = mg.at(axial, "spine", parent="dendrite")
    assert neck.exchange[0][:2] == ("v_spine", "v_dendrite")
    assert [p.name for p in neck.parameters] == ["r_axial_spine"]
    assert mg.at(axial, "dendrite").exchange[0][:2] == ("v_dendrite", "v")
    with pytest.raises(PartError, match="has no parent"):
        mg.at(mg.blocks["kampa_2004"], "spine", parent="dendrite")


@each(p for p in LOCAL if p.slot != "neuron")
def test_a_copy_shares_the_membrane_and_stands_apart_otherwise(part):
    copy = mg.at(part, copy="extra")
    words = {**PORTS, **part.words}
    shared = {n for n, p in words.items() if p.everywhere or p.membrane}
    assert {n for n in copy.requires if not n.endswith("_extra")} <= shared
    assert set(copy.adds) == {n if n in shared else f"{n}_extra" for n in part.adds}
    assert mg.at(copy, "spine") == mg.at(part, "spine", copy="extra")


@pytest.mark.parametrize(
    "law",
    [b for b in mg.blocks.all if "v" in b.requires and not any(e.differential for e in b.lines)],
    ids=lambda b: b.name,
)
def test_a_law_at_a_place_is_the_same_law(law):
    v = np.linspace(-100, 40, 8)
    np.testing.assert_allclose(
        mg.at(law, "spine").evaluate("unblocked_spine", v_spine=v, mg_out=0.7),
        law.evaluate("unblocked", v=v, mg_out=0.7),
        rtol=1e-13,
    )


def test_a_measured_range_holds_at_a_place():
    law = mg.at(mg.blocks["kampa_2004"], "spine")
    with pytest.warns(UserWarning, match="kampa_2004 at spine"):
        law.evaluate("unblocked_spine", v_spine=-90, mg_out=1)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: mg.at(mg.baths["person"], "spine"), "nothing of a place"),
        (lambda: mg.at(mg.calcium["nernst_ca"], "spine"), "computes 'e_ca'"),
        (lambda: mg.at(mg.at(SYNAPSE[1], "spine"), "dendrite"), "has its place"),
        (lambda: mg.at(SYNAPSE[1], "a spine"), "place 'a spine'"),
        (
            lambda: mg.models["spine"].swap(mg.at(mg.blocks["kampa_2004"], copy="spine")),
            "'spine' is a place, so a copy needs another word",
        ),
        (lambda: mg.at(SYNAPSE[1], copy="2"), "copy '2'"),
        (lambda: mg.at(SYNAPSE[1]), "place ''"),
        (lambda: mg.at(mg.calcium["pool"], "out"), "'ca_out'"),
        (lambda: mg.measures["spike_count"].at("spine"), "is of spikes"),
    ],
)
def test_what_cannot_be_meant_is_refused(act, words):
    with pytest.raises(PartError, match=re.escape(words)):
        act()


def test_a_misspelt_place_is_answered_with_the_nearest():
    model = two("", "extra")
    with pytest.raises(KeyError, match="did you mean block_extra"):
        mg.sweep(model, TRAIN, block_extr="kampa_2004")
    with pytest.raises(KeyError, match="did you mean kampa_2004"):
        mg.sweep(model, TRAIN, block_extra="kampa_2005")
    with pytest.raises(KeyError, match="i_nmda_extra"):
        mg.sweep(model, TRAIN, mg.measures["nmda_charge"].at(copy="extr"))
    with pytest.raises(KeyError, match="nmda_charge_extra"):
        mg.sweep(model, TRAIN, measures=["nmda_charge_extr"])
    other = model.without("nmda_current_extra").without("ca_entry_extra")
    with pytest.raises(PartError, match=r"put at 'extr' by mg.at; did you mean 'open_nmda_extra'"):
        mg.lower(other.swap(mg.at(SYNAPSE[1], copy="extr")), TRAIN, ())


def test_what_is_everywhere_is_stated_once_or_alike():
    cell = mg.neurons["pospischil_2008_rs"]
    other = mg.at(cell.with_values(e_k=-90), "dendrite")
    with pytest.raises(PartError, match=r"'e_k' is defined twice.*one for all places"):
        mg.lower(Model("m", (cell, other)), mg.protocols["rest"], ())


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_two_halves_of_a_population_are_the_whole(engine):
    """Two copies with half the conductance each are one with all of it."""
    given = {"record": ("v",), "method": "rk4", "dt": 0.1}
    train = mg.protocols["train_20hz"].with_values(train_start=5).lasting(20)
    one = run(engine, two(""), train, (), [{"g_nmda": 40.0, "g_ampa": 30.0}], **given)
    halves = {f"g_{r}{e}": g for r, g in (("nmda", 20.0), ("ampa", 15.0)) for e in ("", "_extra")}
    both = run(engine, two("", "extra"), train, (), [halves], **given)
    np.testing.assert_allclose(both.traces["v"], one.traces["v"], atol=1e-12)
    assert np.ptp(one.traces["v"]) > 5e-3


def test_a_slot_of_a_copy_is_an_axis_with_the_names_of_the_catalog():
    ds = mg.sweep(
        two("", "extra"),
        TRAIN,
        measures=["nmda_charge", "nmda_charge_extra"],
        block_extra=["none", "jahr_stevens_1990"],
    )
    assert ds.block_extra.values.tolist() == ["none", "jahr_stevens_1990"]
    more = ds.nmda_charge_extra.values
    assert more[0] > 2 * more[1]
    assert more[1] == pytest.approx(float(ds.nmda_charge[1]), rel=1e-9)


def test_cite_and_the_account_of_differences_know_a_part_at_a_place():
    model = two("", "extra")
    ds = mg.sweep(
        model, TRAIN, measures=["nmda_charge_extra"], block_extra="kampa_2004", g_nmda_extra=12
    )
    assert "kampa_2004 as extra" in ds.attrs["parts"]
    assert ds.attrs["differs"] == ""  # g_nmda is assumed
    assert "Kampa et al. 2004 [kampa_2004]" in mg.cite(ds)
    assert "Not in the catalogs" not in mg.cite(ds)
    law = mg.at(mg.blocks["kampa_2004"], "spine")
    assert "kampa_2004" in mg.cite(law)
    told = mg.at(mg.blocks["kampa_2004"].with_values(mg_on=0.1), "spine").differs
    assert told[0].startswith("mg_on_spine = 0.1 1/mM/ms, set in place of 0.05")


def test_every_measure_at_every_place_is_kept_by_default():
    ds = mg.sweep(two("", "extra"), TRAIN.lasting(60))
    assert {"nmda_charge", "nmda_charge_extra", "peak_v"} <= set(ds.data_vars)


# ---- the check sees what stands at a place ------------------------------------------------------
SPINE = mg.models["spine"]


def found(model, name):
    """What one check says; those after it are not run."""
    run = own_run(model, None, None, None)
    told = dropwhile(lambda f: f.check != name, examine(run, answerable_of(model, run.protocol)))
    return [*takewhile(lambda f: f.check == name, told)]


def test_the_check_passes_a_spine_and_says_what_it_saw_there():
    report = mg.check(SPINE)
    assert bool(report), str(report)
    for words in (
        "g_conducting_spine",
        "i_ca_spine alone",
        "ca_spine never below",
        "unblocked_spine",
    ):
        assert words in " ".join(str(report).split())


@pytest.mark.parametrize(
    ("slot", "old", "new", "name"),
    [
        ("block", "-mg_slope", "mg_slope", "monotonic block"),
        ("block", "mg_out/mg_k", "1000*mg_out/mg_k", "published laws"),
        ("nmda_current", "*unblocked", "*unblocked**2", "block acts once"),
        ("nmda_current", "(v - e_nmda)", "(e_nmda - v)", "direction of currents"),
        ("ca_pool", "-i_ca/", "-2*i_ca_nmda/", "filling of the pool"),
    ],
)
def test_the_check_finds_a_fault_at_a_place(slot, old, new, name):
    part = {**mg.models["standard"].slots, "ca_pool": mg.calcium["pool_spine"]}[slot]
    assert old in part.equations
    ports = (Port("i_ca_nmda", "pA", "calcium current"),) if slot == "ca_pool" else ()
    faulty = replace(part, equations=part.equations.replace(old, new), ports=ports)
    failed = [f for f in found(SPINE.swap(mg.at(faulty, "spine")), name) if f.state == "FAIL"]
    (finding,) = failed
    assert "_spine" in finding.words or name in ("monotonic block", "published laws")
