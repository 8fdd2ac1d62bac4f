"""What lessons 4, 5 and 9 say in words, and their answers by another way."""

import warnings

import numpy as np
import pytest
from scipy.integrate import solve_ivp, trapezoid

import mgsim as mg
from mgsim import lessons
from mgsim.lessons.firing import AREA, LADDER, STRONG, last_second
from mgsim.lessons.spot_the_bug import difference, suspects
from mgsim.lessons.synapse import plateau

# ---- the synapse: lesson 4


def test_the_cost_of_a_plateau_without_magnesium_is_that_of_the_driving_force():
    """By another solver: the open fraction after one release; calcium reverses at 40 mV.

    Without magnesium nothing but 60 instead of 105 mV of driving force tells the 20 ms apart.
    """
    times = np.linspace(0, 550, 5501)
    opened = solve_ivp(
        lambda t, s: 0.5 * np.exp(-t / 2) * (1 - s) - s / 100,
        (0, 550),
        [0.0],
        t_eval=times,
        rtol=1e-9,
        atol=1e-12,
        max_step=1.0,
    ).y[0]
    force = np.where((times >= 10) & (times < 30), 60.0, 105.0)
    expected = trapezoid(opened * force, times) / trapezoid(opened * 105.0, times)
    assert lessons.exercises["without"].right == pytest.approx(expected, rel=1e-3)


def test_fourth_lesson_says_what_magnesium_takes_of_a_potential():
    """ "Without magnesium NMDA receptors nearly double" the peak; "nearly all of the tail"."""
    late = lessons.exercises["late_epsp"]
    (peaks,) = (s.value for s in late.slips if "peaks" in s.thought)
    assert 1.7 < peaks < 2
    assert 1 / late.right < 0.1


def test_fourth_lesson_says_what_a_plateau_does():
    charge = mg.sweep(
        "clamped_synapse",
        plateau,
        "ca_charge_nmda",
        mg_out=[0, 0.05, 0.2, 0.8, 1.2, 2, 4],
        step_stop=[60, 61, 80, 110, 260],
    ).ca_charge_nmda
    ratio = (charge / charge.sel(step_stop=60)).sel(step_stop=slice(61, None))
    assert bool((ratio.sel(mg_out=0) < 1).all())  # "below: it costs calcium"
    np.testing.assert_allclose(ratio.sel(mg_out=0.05), 1, atol=0.03)  # "the curve stays at 1"
    assert bool((ratio.diff("mg_out") > 0).all())  # "the ratio grows with magnesium"
    assert bool((charge.diff("mg_out") < 0).all())  # "the calcium itself falls"


def test_fourth_lesson_says_when_the_textbook_sentence_holds():
    gain = (
        mg.experiments["spine_coincidence"]
        .run(mg_out=[0, 0.8], post_delay=10, bap_fast_share=[0.75, 1])
        .ca_gain.sel(bap_height=100)
    )
    slow, fast = (gain.sel(bap_fast_share=s, mg_out=0.8) for s in (0.75, 1))
    assert float(slow.sel(block="chindemi_2022")) == pytest.approx(2, abs=0.15)  # "about twice"
    assert float(slow.sel(block="jahr_stevens_1990")) < float(slow.sel(block="chindemi_2022"))
    assert bool(((slow - fast) / (slow - 1) > 0.4).all())  # "much of the gain goes"
    assert bool((gain.sel(mg_out=0) < 1).all())  # "all of it goes"


# ---- a cell that fires: lesson 5


def test_fifth_lesson_says_where_firing_turns_and_that_calcium_does_not():
    kept = ("spike_rate", "ca_charge_nmda")
    drives = [0, 5, 20, 40, 80, 120, 160, 200]
    small = mg.sweep("tonic", last_second, kept, area=AREA, g_nmda=drives, mg_out=list(LADDER))
    tops = small.spike_rate.sel(g_nmda=drives[1:]).idxmax("mg_out").values
    assert np.all(tops[:4] == 0)  # "the top leaves 0 mM between 80 and 120 nS"
    assert np.all(np.diff(tops[3:]) > 0)  # "and then to the right"
    assert bool((small.ca_charge_nmda.sel(g_nmda=drives[1:]).diff("mg_out") < 0).all())
    assert float(small.ca_charge_nmda.sel(g_nmda=0).max()) == 0


def test_a_silent_cell_takes_in_what_its_level_potential_says():
    """Without magnesium all receptors conduct: calcium is a share of conductance times force."""
    at = {"area": AREA, "g_nmda": [STRONG], "mg_out": list(LADDER)}
    kept = ("spike_rate", "ca_charge_nmda", "mean_v")
    strong = mg.sweep("tonic", last_second, kept, **at).sel(g_nmda=STRONG)
    ca_out = mg.models["tonic"].stated("ca_out").value
    share = 0.6 * ca_out / (ca_out + 30 / 1.38)
    expected = share * STRONG * (40 - float(strong.mean_v[0]))  # nS mV s is pC
    assert float(strong.ca_charge_nmda[0]) == pytest.approx(expected, rel=1e-4)
    most = float(strong.ca_charge_nmda.sel(mg_out=lessons.exercises["top"].right))
    assert lessons.exercises["silent_calcium"].right == pytest.approx(expected / most, rel=1e-4)


@pytest.mark.parametrize("law", ["jahr_stevens_1990", "chindemi_2022", "kampa_2004"])
def test_fifth_lesson_says_that_the_inverted_u_is_there_under_each_law(law):
    rate = mg.sweep(
        "tonic",
        last_second,
        ("spike_rate", "ca_charge_nmda"),
        block=law,
        area=AREA,
        g_nmda=STRONG,
        mg_out=list(LADDER),
    ).spike_rate.squeeze()
    assert float(rate[0]) == 0
    assert float(rate.max()) > 300
    assert float(rate[-1]) < float(rate.max()) / 5


def test_fifth_lesson_says_what_fifteen_percent_do():
    drive = np.arange(40, 131, 5)
    free = mg.sweep(
        "tonic", last_second, ("spike_rate", "ca_charge_nmda"), g_nmda=drive, mg_out=[0.8, 0.92]
    )
    fall = 100 * (1 - free.ca_charge_nmda.sel(mg_out=0.92) / free.ca_charge_nmda.sel(mg_out=0.8))
    assert float(fall.min()) < 5  # "from a few percent
    assert 20 < float(fall.max()) < 30  # to a quarter"
    assert float(fall.max()) > 100 * (1 - 1 / 1.15)
    fires = free.spike_rate.sel(mg_out=0.8) > 0
    assert float(fall.idxmax()) == float(fall.g_nmda[~fires].max())  # "just below threshold"


# ---- spot the bug: lesson 9


def by_hand(v, mg_out, k=3.57, slope=0.062):
    """Jahr and Stevens' law, from its two published constants."""
    return 1 / (1 + mg_out / k * np.exp(-slope * v))


def test_ninth_lesson_has_suspects_whose_block_is_what_their_mistake_makes_it():
    v, levels = np.array([-90.0, -70, -40, 0, 30]), np.array([[0.0], [0.05], [1.0], [4.0]])
    right = by_hand(v, levels)
    expected = {
        "A": np.broadcast_to(by_hand(v, 1.0), right.shape),  # magnesium is not read
        "B": 1 - right,
        "E": by_hand(v, levels, slope=0.062e-3),  # per volt
        "F": by_hand(v - 10, levels),  # another law's shift
    }
    for letter, b in expected.items():
        found = suspects[letter].evaluate("unblocked", v=v, mg_out=levels)
        np.testing.assert_allclose(np.broadcast_to(found, b.shape), b, rtol=1e-12, atol=1e-15)
    assert lessons.exercises["factor"].right == pytest.approx(
        by_hand(-70, 1, slope=0.062e-3) / by_hand(-70, 1), rel=1e-9
    )
    other = mg.blocks["maex_schutter_1998"].evaluate("unblocked", v=v, mg_out=levels)
    np.testing.assert_allclose(suspects["F"].evaluate("unblocked", v=v, mg_out=levels), other)
    assert by_hand(-60 - 10, 1) == pytest.approx(by_hand(-70, 1))  # what its report shows


def test_ninth_lesson_says_who_is_seen_where():
    kept, levels = ("spike_rate", "ca_charge_nmda"), [0, 0.05, 0.2, 0.4, 0.8, 1.2, 4]
    cell = mg.models["standard"]
    right = mg.sweep(cell, "train_20hz", kept, mg_out=levels)
    off = {}
    for letter, part in suspects.items():
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            run = mg.sweep(cell.swap(part), "train_20hz", kept, mg_out=levels)
        assert bool(said) is (letter == "A")  # "the package said something unasked"
        off[letter] = (run.spike_rate != right.spike_rate).values
        seen = np.abs(run.ca_charge_nmda / right.ca_charge_nmda - 1).max()
        assert float(seen) > 0.01, letter
    table = np.array(list(off.values()))
    assert table[:, levels.index(0.8)].sum() == 2  # "four of six are right"
    assert off["E"][levels.index(0.8)]  # "E is one of the two whose cell fired"
    assert float(right.spike_rate.sel(mg_out=0.8)) == 0
    assert [k for k, row in off.items() if not row.any()] == ["D"]
    assert table[:, levels.index(0.05)].sum() == 5  # "all but one"
    assert table.sum(axis=0).max() == 5  # "at no setting all six"


def test_ninth_lesson_says_what_two_nets_find():
    assert lessons.exercises["caught"].right == 5
    assert lessons.exercises["by_number"].right == 3
    known = by_hand(-70, 1)
    law = mg.blocks["jahr_stevens_1990"]
    for letter, part in suspects.items():
        one = part if part.slot == "block" else law
        by_number = abs(one.evaluate("unblocked", v=-70, mg_out=1) / known - 1) > 0.01
        assert bool(by_number) is (letter in "BEF")
    assert mg.check(mg.models["patch"].swap(suspects["F"]))


def test_ninth_lesson_shows_the_line_that_is_wrong():
    assert "1*mM/mg_k" in difference("A")
    assert "1 - 1/(1" in difference("B")
    assert "+ i_ca_nmda is ca" in difference("C").splitlines()
    assert "*i_nmda : pA" in difference("D")
    assert "0.062 1/V" in difference("E")
    assert "- mg_k = 3.57 mM" in difference("F").splitlines()
    with pytest.raises(KeyError, match="no suspect 'a'"):
        difference("a")
