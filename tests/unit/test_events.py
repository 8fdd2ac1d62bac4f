"""Events: what is refused when a thing is made, and what measures hear."""

import math
from dataclasses import replace

import numpy as np
import pytest

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol, Train
from mgsim.declare import events
from mgsim.declare.component import Component
from mgsim.declare.events import EVENTS, Event
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import Port

STATE = "dx_x/dt = -x_x/ms : 1"
TRAIN = Train((), lambda *_: np.array([2.0, 4.0, 4.0, 6.5]))
PUFF = Event("puff", "a puff", carries=(Port("luck", "1", "a chance"),))
WAFT = Event(
    "waft", "what a puff brings", carries=(Port("whiff", "1", "how much"),), follows="puff"
)
PLATEAU = Event("plateau", "x is high", carries=(Port("t_plateau", "ms", "when"),), crossing=True)


def part(name="part", equations=STATE, **more):
    return Component(name, f"slot_{name}", "for a test", equations, **more)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: part(on_event={"relase": "x_x += 1"}), "did you mean release"),
        (lambda: part(on_event={"pufff": "x_x += 1"}, events=(PUFF,)), "did you mean puff"),
        (lambda: part(raises={"plato": "x_x > 1"}, events=(PLATEAU,)), "did you mean plateau"),
        (lambda: part(chances={"prer": 2}, on_event={"pre": "x_x += 1"}), "did you mean pre"),
        (lambda: part(events=(replace(WAFT, follows="pufff"), PUFF)), "did you mean puff"),
        (lambda: Protocol("p", "", 9, events={"pree": TRAIN}), "did you mean pre"),
        (
            lambda: Protocol("p", "", 9, events={"pufff": TRAIN}, inputs=(PUFF,)),
            "did you mean puff",
        ),
    ],
)
def test_a_misspelt_event_is_refused_when_the_thing_is_made(make, word):
    with pytest.raises(UnknownName, match=word):
        make()


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: part(on_event={"spike": "x_x = 0"}), "integrate-and-fire"),
        (lambda: part(on_event={"plateau": "x_x = 0"}, events=(PLATEAU,)), "changes no state"),
        (lambda: part(raises={"spike": "x_x > 1"}), "spike= says"),
        (lambda: part(raises={"puff": "x_x > 1"}, events=(PUFF,)), "own .*crossing=True"),
        (lambda: Event("a_a", "", carries=(Port("t_a", "s", ""),)), "chances.*: crossing=True"),
        (lambda: part(chances={"pre": 0}, on_event={"pre": "x_x += 1"}), "0 chances"),
        (lambda: part(equations="quanta = 1 : 1"), "'quanta', which an event carries"),
        (lambda: part(events=(replace(PUFF, name="pre"),)), "otherwise than it is known"),
        (lambda: part(events=(replace(WAFT, carries=PUFF.carries), PUFF)), "both carry 'luck'"),
        (lambda: part(events=(Event("a_a", "", follows="a_a"),)), "follows itself"),
        (lambda: part(events=(replace(WAFT, follows="spike"),)), "a crossing"),
        (lambda: Event("a_a", "", carries=(Port("x_x", "mV", ""),)), "chances, without a unit"),
        (lambda: replace(PLATEAU, carries=PUFF.carries), "its time"),
        (lambda: replace(PLATEAU, follows="pre"), "not both"),
        (lambda: Protocol("p", "", 9, events={"waft": TRAIN}, inputs=(PUFF, WAFT)), "sends 'puff'"),
        (lambda: Protocol("p", "", 9, events={"spike": TRAIN}), "a part raises it"),
        (
            lambda: Model(
                "m",
                (
                    part(events=(PUFF,)),
                    part("other", "", events=(replace(PUFF, meaning="another"),)),
                ),
            ),
            "otherwise than it is known",
        ),
        (lambda: part(on_event={"pre": "x_x *= 2"}), r"write 'name \+= expression'"),
    ],
)
def test_what_no_event_can_be(make, word):
    with pytest.raises(PartError, match=word):
        make()


def test_the_table():
    """What stands here stands nowhere else: what each event follows and carries."""
    assert {
        e.name: (e.follows, e.crossing, [p.name for p in e.carries]) for e in EVENTS.values()
    } == {
        "pre": ("", False, ["chance"]),
        "release": ("pre", False, ["quanta"]),
        "inhibition": ("", False, []),
        "spike": ("", True, ["t_spike"]),
    }
    known = events.known((PUFF, WAFT), "here")
    assert events.family("puff", known) == ("puff", "waft")
    assert events.root("waft", known) == "puff"


ENGINES = ["fused", "brian"]


@pytest.mark.parametrize("engine", ENGINES)
def test_events_of_ones_own_and_what_they_carry(engine):
    """x and y fall by 1/ms; at 2, 4, 4 and 6.5 ms the whiff is y + 1, and added to x and y."""
    own = {"events": (PUFF, WAFT)}
    sets = {"puff": "whiff = y_y + 1; y_y += whiff"}
    sender = part("sender", "dy_y/dt = -y_y/ms : 1", on_event=sets, **own)
    hearer = part("hearer", on_event={"waft": "x_x -= -whiff"}, **own)
    kept = [
        Measure("m_peak", "1", "", peak="x_x"),
        Measure("m_puffs", "1", "", on={"puff": "m_puffs += 1"}),
        Measure("m_sum", "1", "", on={"waft": "m_sum += whiff"}),
        Measure("m_last", "1", "", on={"waft": "m_last = whiff"}),
        Measure("m_either", "1", "", on={"puff": "m_either += 1", "waft": "m_either += 10"}),
    ]
    protocol = Protocol("p", "", 8.0, events={"puff": TRAIN}, inputs=(PUFF, WAFT), window=(2, 6.5))
    ds = mg.sweep(Model("m", (hearer, sender)), protocol, kept, engine=engine, dt=0.05)
    x, whiffs, after, now = 0.0, [], [], 0.0
    for at in (2.0, 4.0, 4.0, 6.5):
        x *= math.exp(-(at - now))
        whiffs.append(x + 1)
        x, now = x + whiffs[-1], at
        after.append(x)
    inside = whiffs[:3]  # an event at the start of the window is in it, one at its end is not
    assert float(ds.m_peak) == pytest.approx(after[2], rel=0.06)  # a step of 0.05 ms later
    assert float(ds.m_puffs) == 3
    assert float(ds.m_either) == 33
    assert float(ds.m_sum) == pytest.approx(sum(inside), rel=1e-7)
    assert float(ds.m_last) == pytest.approx(inside[-1], rel=1e-7)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_window_that_follows_the_train_holds_its_first_event(engine):
    """Times and ends of a window are found by other sums; all three events of 50 Hz are inside."""
    count = Measure("m_n", "1", "", on={"release": "m_n += quanta"})
    first = Measure("m_t", "ms", "", on={"pre": "m_t += int(m_n < 1)*t"}, needs=(count,))
    hears = part(on_event={"release": "x_x += quanta"})
    protocol = replace(
        mg.protocols["train_20hz"], window=("train_start + 100*ms", "train_start + 160.1*ms")
    ).lasting(200)
    ds = mg.sweep(
        Model("m", (hears,)),
        protocol,
        (count, first),
        engine=engine,
        train_rate=50,
        train_start=[3.1, 7.7, 33.3],
    )
    assert ds.m_n.values.tolist() == [4, 4, 4]
    np.testing.assert_allclose(ds.m_t, [103.1, 107.7, 133.3], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_crossing_of_a_parts_own(engine):
    """x = sin(t/ms) rises through 0.5 at pi/6 + 2 pi k."""
    level = Parameter("x_level", 0.5, "1", "level", "assumed: for a test", (0, 1))
    wave = part(
        equations="dx_x/dt = cos(t/ms)/ms : 1",
        parameters=(level,),
        events=(PLATEAU,),
        raises={"plateau": "x_x > x_level"},
    )
    kept = [
        Measure("m_n", "1", "", on={"plateau": "m_n += 1"}),
        Measure("m_t", "ms", "", on={"plateau": "m_t = t_plateau"}),
    ]
    ds = mg.sweep(
        Model("m", (wave,)),
        Protocol("p", "", 20.0),
        kept,
        engine=engine,
        dt=0.01,
        x_level=[0.5, 0.25],
    )
    assert ds.m_n.values.tolist() == [4, 4]
    expected = np.arcsin([0.5, 0.25]) + 6 * np.pi
    np.testing.assert_allclose(ds.m_t, expected, atol=1e-4)  # a chord over 0.01 ms


def test_a_measure_of_an_event_that_cannot_happen():
    hears = Model("m", (part(on_event={"release": "x_x += quanta"}),))
    rest = Protocol("p", "", 8.0)
    for on, word in (
        ("release", "sends none$"),
        ("spike", "has none, which '.*' or .* others in the slot 'neuron' would bring"),
        ("post_spike", "has none, which 'spike_calcium.* in the slot '.*' would bring"),
        ("releese", "release"),
    ):
        with pytest.raises((PartError, UnknownName), match=word):
            mg.lower(hears, rest, [Measure("m_n", "1", "", on={on: "m_n += 1"})])
    with pytest.raises(UnknownName, match="no variable 'chance'"):  # dice are a part's
        mg.lower(
            hears,
            mg.protocols["train_20hz"],
            [Measure("m_n", "1", "", on={"pre": "m_n += chance"})],
        )


def test_what_an_event_carries_is_there_on_it_alone():
    for wrong in (
        {"equations": "dx_x/dt = -quanta/ms : 1"},
        {"on_event": {"pre": "x_x += chance_2"}, "chances": {"pre": 1}},
    ):
        with pytest.raises(UnknownName):
            mg.lower(Model("m", (part(**wrong),)), mg.protocols["train_20hz"], [])
