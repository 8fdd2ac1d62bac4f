"""Composing: models, protocols, measures."""

import re

import numpy as np
import pytest
from open_channel import open_channel_block

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError


def test_swap_puts_a_part_in_its_slot_and_leaves_the_old_model_alone():
    standard = mg.models["standard"]
    other = standard.swap(mg.blocks["kampa_2004"])
    assert other["block"].name == "kampa_2004"
    assert standard["block"].name == "jahr_stevens_1990"
    assert [p.slot for p in other.parts] == [p.slot for p in standard.parts]


def test_swap_removes_all_that_a_part_fills_and_adds_where_nothing_was():
    other = mg.models["standard"].swap(open_channel_block)
    assert other["block"] is other["nmda_gating"] is open_channel_block
    assert {"dual_exponential", "jahr_stevens_1990"}.isdisjoint(p.name for p in other.parts)
    back = other.swap(mg.blocks["kampa_2004"])
    assert "nmda_gating" not in back.slots  # the trapping part is gone as a whole
    with_cleft = mg.models["standard"].swap(mg.receptors["cleft_pulse"])
    assert with_cleft["cleft"].name == "cleft_pulse"


def test_without():
    rest = mg.models["standard"].without("ampa")
    assert "ampa" not in rest.slots
    with pytest.raises(KeyError, match=r"no slot 'amp'.*did you mean ampa"):
        mg.models["standard"].without("amp")


def test_with_values_changes_defaults_everywhere_they_stand():
    other = mg.models["standard"].with_values(mg_out=0, g_nmda="10 nS")
    values = {p.name: p.value for part in other.parts for p in part.parameters}
    assert (values["mg_out"], values["g_nmda"]) == (0, 10)
    with pytest.raises(KeyError, match="did you mean g_nmda"):
        mg.models["standard"].with_values(g_nmd=1)


def test_two_parts_in_one_slot_are_refused():
    with pytest.raises(PartError, match=r"both fill the slot 'block'; use swap"):
        Model("twice", (mg.blocks["none"], mg.blocks["kampa_2004"]))
    with pytest.raises(PartError, match="both fill the slot"):
        Model("twice", (mg.blocks["none"], open_channel_block))


@pytest.mark.parametrize("duration", [0, -1, float("inf"), float("nan")])
def test_a_protocol_needs_a_duration(duration):
    with pytest.raises(PartError, match="duration"):
        Protocol("p", "", duration)


@pytest.mark.parametrize("window", [(5, 5), (8, 2), (20, 30)])
def test_a_window_lies_within_its_protocol(window):
    with pytest.raises(PartError, match="window"):
        Protocol("p", "", 10.0, window=window)


def test_windows():
    assert Protocol("p", "", 10.0).measured() == (0, 10)
    assert Protocol("p", "", 10.0, window=(-4, np.inf)).measured() == (6, 10)
    assert Protocol("p", "", 10.0, window=(-4, np.inf)).lasting(20).measured() == (16, 20)
    assert Protocol("p", "", 10.0).lasting(20, (5, 8)).measured() == (5, 8)
    late = Protocol("p", "", 10.0, window=(-4, np.inf))
    assert late.lasting(20, (0, np.inf)).measured() == (0, 20)


def test_protocol_values():
    step = mg.protocols["current_step"].with_values(i_amp=900)
    assert step["i_amp"].value == 900
    train = mg.protocols["train_20hz"].with_values(train_rate=5)
    assert train["train_rate"].value == 5
    assert mg.protocols["train_20hz"]["train_rate"].value == 20
    with pytest.raises(KeyError, match="did you mean i_amp"):
        step.with_values(i_am=900)


@pytest.mark.parametrize(
    "ways",
    [
        {},
        {"rate": "v", "peak": "v"},
        {"on": {"spike": "m_x += 1"}, "every_step": "m_x += 1"},
        {"on": {"spike": "other += 1"}},
    ],
)
def test_a_measure_is_found_in_exactly_one_way(ways):
    with pytest.raises(PartError):
        Measure("m_x", "1", "", **ways)


def test_a_measure_needs_a_usable_name_and_unit():
    with pytest.raises(PartError):
        Measure("mV", "1", "", rate="v")
    with pytest.raises(ValueError, match="furlong"):
        Measure("m_x", "furlong", "", rate="v")


def test_slots_of_a_part_that_fills_several():
    part = Component("a", "x_slot", "", fills=("y_slot",))
    assert part.slots == ("x_slot", "y_slot")
    assert Model("m", (part,))["y_slot"] is part


def test_parts_are_swapped_by_slot_and_several_at_once():
    spine = mg.models["spine"]
    made = spine.swap("dish_normal", block_spine="kampa_2004")
    assert made["bath"].name == "dish_normal"
    assert made["block_spine"] == mg.at("kampa_2004", "spine")
    with pytest.raises(PartError, match="'kampa_2004' fills the slot 'block', not 'block_spin'"):
        spine.swap(block_spin="kampa_2004")
    with pytest.raises(PartError, match="swap what"):
        spine.swap()


@pytest.mark.parametrize("name", mg.models)
def test_what_is_listed_as_a_parameter_can_be_set_and_what_is_advised_too(name):
    from mgsim.cli.words import describe

    model = mg.models[name]
    names = [p["name"] for p in describe("models", model)["parameters"]]
    assert len(names) == len(set(names))
    assert not [n for n in names if model.computed(n)]
    for n in (e.name for part in model.parts for e in part.lines if model.computed(e.name)):
        why = model.computed(n)
        advised = re.findall(r"\w+", why.partition("; set ")[2].partition(" in its place")[0])
        advised = [a for a in advised if a != "or"]
        assert len(advised) == len(set(advised)), why
        assert set(advised) <= {*names}, why


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mg_in", "; set mg_in_rest in its place"),
        (
            "e_nmda",
            "; set share_k_nmda, k_in_rest, k_out_rest, na_in_rest or na_out_rest in its place",
        ),
        ("k_out", "; set k_out_rest in its place"),
    ],
)
def test_what_follows_from_others_names_what_it_starts_from_first(name, words):
    with pytest.raises(PartError, match=words):
        mg.models["full_moving"].with_values(**{name: 1})


def test_methods_state_no_value_that_does_not_hold():
    text, model = mg.methods("full_moving"), mg.models["full_moving"]
    stated = {p.name for part in model.parts for p in part.parameters}
    assert not [n for n in stated if model.computed(n) and f" {n} = " in text]
