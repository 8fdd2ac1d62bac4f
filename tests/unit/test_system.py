"""Joining parts: what does not fit is refused before anything runs."""

import os
import subprocess
import sys

import pytest

import mgsim as mg
from mgsim import lower
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import PORTS, Port
from mgsim.equations.expressions import EquationError
from mgsim.system.listening import Crossing

NOTHING = Protocol("nothing", "", 10.0)


def parameter(name, value=1.0, unit="1", range=(0, 10)):
    return Parameter(name, value, unit, "a test value", "assumed: for a test", range)


def part(name, equations="", **more):
    return Component(name, more.pop("slot", f"slot_{name}"), "for a test", equations, **more)


def joined(*parts, protocol=NOTHING, measures=()):
    return lower(Model("m", parts), protocol, measures)


NEURON = part("cell", "dv/dt = -i_membrane/(100*pF) - v/(10*ms) : mV")


# ---- a port that nobody provides ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("slot", "model", "protocol", "message"),
    [
        ("bath", "standard", "train_20hz", r"reads 'mg_out'.*: a bath provides it|'ca_out'"),
        ("block", "standard", "train_20hz", r"'unblocked'.*a block law"),
        ("nmda_gating", "standard", "rest", r"'open_nmda'.*a gating scheme"),
        ("neuron", "standard", "train_20hz", r"reads 'v'"),
        ("nmda_current", "standard", "train_20hz", r"'fractional'.*reads '(g_conducting|i_nmda)'"),
    ],
)
def test_a_missing_part_is_named_and_who_reads_it(slot, model, protocol, message):
    with pytest.raises(PartError, match=message):
        lower(mg.models[model].without(slot), mg.protocols[protocol], [])


def test_a_clamped_cell_needs_a_clamp_protocol_and_a_free_one_must_not_have_it():
    with pytest.raises(PartError, match=r"'v_command'.*voltage clamp protocol"):
        lower(mg.models["patch"], mg.protocols["rest"], [])
    with pytest.raises(PartError, match=r"sets v_command.*nothing in model 'cell' reads"):
        lower(mg.models["cell"], mg.protocols["voltage_clamp"], [])


def test_a_name_that_is_nowhere_offers_the_nearest():
    with pytest.raises(
        KeyError, match=r"no variable 'i_mebrane' in part 'reader'.*did you mean.*i_membrane"
    ):
        joined(NEURON, part("reader", "x_r = i_mebrane/pA : 1"))


# ---- defined twice ------------------------------------------------------------------------------
def test_defined_twice():
    with pytest.raises(PartError, match=r"'x_one' is defined twice: by 'a' and by 'b'"):
        joined(part("a", "x_one = 1 : 1"), part("b", "x_one = 2 : 1"))
    with pytest.raises(PartError, match=r"'k_one' is defined twice"):
        joined(
            part("a", "x_one = k_one : 1", parameters=(parameter("k_one"),)),
            part("b", "y_one = k_one : 1", parameters=(parameter("k_one"),)),
        )
    with pytest.raises(PartError, match=r"'v' is defined twice"):
        joined(NEURON, mg.neurons["clamped"], protocol=mg.protocols["voltage_clamp"])


def test_a_summed_port_may_only_be_added_to():
    with pytest.raises(PartError, match="only give to it"):
        joined(part("a", "v_shift = 1*mV : mV"))
    with pytest.raises(KeyError, match=r"no summed port 'v_shiftt'.*did you mean v_shift"):
        joined(part("a", "x_a = 1*mV : mV", adds={"v_shiftt": "x_a"}))


def test_one_port_declared_in_two_ways():
    a = Port("w_port", "mV", "one meaning")
    b = Port("w_port", "mM", "another")
    with pytest.raises(PartError, match="declares the port 'w_port' otherwise"):
        joined(
            part("a", "w_port = 1*mV : mV", ports=(a,)), part("b", "x_b = w_port : mM", ports=(b,))
        )


# ---- units --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("unblocked = 1*mV : mV", r"gives 'unblocked' in mV; the port 'unblocked'.*is in 1"),
        ("v = 1*mM : mM", "port 'v'"),
        ("x_a = 1*mV : mM", "the unit is mM, but '1 \\* mV|'1\\*mV'"),
        ("dx_a/dt = x_a : 1", "equation of 'x_a'"),
        ("dx_a/dt = 1*mV : mV", "equation of 'x_a'"),
        ("x_a = exp(1*mV) : 1", "x_a"),
        ("x_a = 1*mV + 1*mM : mV", "beside"),
    ],
)
def test_wrong_units_are_refused_with_the_place(equations, message):
    with pytest.raises(EquationError, match=message):
        joined(part("a", equations))


def test_wrong_units_of_start_values_statements_shares_and_measures():
    with pytest.raises(EquationError, match="start value of 'x_a'"):
        joined(part("a", "dx_a/dt = -x_a/ms : 1", initial={"x_a": "1*mV"}))
    with pytest.raises(EquationError, match="'x_a'"):
        joined(part("a", "dx_a/dt = -x_a/ms : mV", on_event={"release": "x_a += quanta"}))
    with pytest.raises(EquationError, match="v_shift"):
        joined(NEURON, part("a", "x_a = 1*mM : mM", adds={"v_shift": "x_a"}))
    with pytest.raises(EquationError, match="measure 'm_x'"):
        joined(NEURON, measures=[Measure("m_x", "mM", "", peak="v")])
    with pytest.raises(EquationError, match="measure 'm_x'"):
        joined(NEURON, measures=[Measure("m_x", "mV", "", rate="v")])
    with pytest.raises(EquationError, match=r"the port .* is in mM"):
        joined(part("a", "x_a = mg_out : mV", parameters=(parameter("mg_out", 1, "mV"),)))


# ---- circles ------------------------------------------------------------------------------------
def test_an_algebraic_circle():
    with pytest.raises(PartError, match=r"circle: .*x_a.*y_a|circle: .*y_a.*x_a"):
        joined(part("a", "x_a = y_a + 1 : 1\ny_a = x_a - 1 : 1"))
    with pytest.raises(PartError, match="circle"):
        joined(part("a", "x_a = x_a + 1 : 1"))


def test_a_circle_of_start_values():
    with pytest.raises(PartError, match=r"start values.*circle"):
        joined(
            part(
                "a",
                "dx_a/dt = -x_a/ms : 1\ndy_a/dt = -y_a/ms : 1",
                initial={"x_a": "y_a", "y_a": "x_a"},
            )
        )


def test_a_circle_of_parts_on_an_event():
    x, y = Port("x_a", "1", "of a"), Port("y_b", "1", "of b")
    a = part("a", "dx_a/dt = -x_a/ms : 1", ports=(x, y), on_event={"release": "x_a += y_b"})
    b = part("b", "dy_b/dt = -y_b/ms : 1", ports=(x, y), on_event={"release": "y_b += x_a"})
    with pytest.raises(
        PartError,
        match=r"on 'pre' these parts .*circle: 'a' -> 'b' -> 'a'|"
        r"'b' -> 'a' -> 'b'",
    ):
        joined(a, b)


def test_what_an_event_may_not_do():
    x = Port("x_a", "1", "of a")
    a = part("a", "dx_a/dt = -x_a/ms : 1", ports=(x,))
    listens = {"on_event": {"pre": "x_a = 0"}, "ports": (x,)}
    with pytest.raises(PartError, match="part 'b', on 'pre', changes 'x_a' of part 'a'"):
        joined(a, part("b", "dy_b/dt = -y_b/ms : 1", **listens))
    sets = {"on_event": {"pre": "quanta = 0.5"}}
    with pytest.raises(PartError, match="'b' and 'c' both say what 'quanta' is"):
        joined(a, part("b", **sets), part("c", **sets))
    with pytest.raises(PartError, match="'x_a' reads 'quanta' before it is set"):
        joined(part("a", "dx_a/dt = -x_a/ms : 1", on_event={"pre": "x_a += quanta; quanta = 0.5"}))
    with pytest.raises(PartError, match="'quanta' is set, not added to"):
        joined(part("b", on_event={"pre": "quanta += 0.5"}))
    with pytest.raises(PartError, match="sends 'pre', and release follows"):
        joined(
            part("a", "dx_a/dt = -x_a/ms : 1", on_event={"release": "x_a += 1"}),
            protocol=Protocol("odd", "", 10.0, events={"release": Train((), lambda *_: [])}),
        )


# ---- stimulus, events, spikes, measures ---------------------------------------------------------
def test_a_stimulus_that_nothing_reads():
    with pytest.raises(PartError, match="sets glu_ambient, which nothing in model 'tonic' reads"):
        lower(mg.models["tonic"], mg.protocols["tonic_glutamate"], [])


def test_events_that_nobody_hears():
    with pytest.raises(PartError, match="'pre' events, which no part of model 'tonic' listens to"):
        lower(mg.models["tonic"], mg.protocols["train_20hz"], [])
    train = Train((), lambda *_: [])
    puff = Event("puff", "a puff of glutamate")
    odd = Protocol("odd", "", 10.0, events={"puff": train}, inputs=(puff,))
    with pytest.raises(PartError, match="'puff' events"):
        lower(mg.models["standard"], odd, [])


def test_an_event_may_change_states_only():
    with pytest.raises(PartError, match="changes 'x_a', which is not a state of model"):
        joined(part("a", "x_a = 1 : 1", on_event={"release": "x_a += 1"}))
    with pytest.raises(PartError, match="integrate-and-fire"):
        joined(part("a", "dx_a/dt = -x_a/ms : 1", on_event={"spike": "x_a = 0"}))


def test_measures_that_do_not_fit():
    with pytest.raises(KeyError, match=r"no variable 'vv' in measure 'm_x' on model 'cell'.*\bv\b"):
        lower(mg.models["cell"], NOTHING, [Measure("m_x", "mV", "", peak="vv")])
    with pytest.raises(PartError, match="listens to 'spike'; model 'patch' has none"):
        lower(mg.models["patch"], mg.protocols["voltage_clamp"], [mg.measures["spike_count"]])
    count = mg.measures["spike_count"]
    with pytest.raises(PartError, match="asked for twice"):
        lower(mg.models["cell"], NOTHING, [count, count])
    with pytest.raises(PartError, match="has the name of something"):
        lower(mg.models["cell"], NOTHING, [Measure("v", "mV", "", peak="v")])


def test_only_one_part_says_what_a_spike_is():
    with pytest.raises(PartError, match="both say what a spike is"):
        joined(
            part("a", "dx_a/dt = -x_a/ms : 1", spike="x_a > 0"),
            part("b", "dy_b/dt = -y_b/ms : 1", spike="y_b > 0"),
        )


@pytest.mark.parametrize(
    "spike", ["x_a > 0.5 and x_a > 0.7", "x_a >= 0.5", "x_a < 0.5", "x_a", "x_a >", ""]
)
def test_a_spike_is_one_comparison(spike):
    with pytest.raises(PartError, match="part 'a': cannot read the"):
        part("a", "dx_a/dt = -x_a/ms : 1", spike=spike)


def test_signal_and_level_of_a_spike():
    a = part("a", "dx_a/dt = -x_a/ms : 1", spike="(2*x_a + int(x_a > 1))*3 > (x_a + 1)/2")
    assert joined(a).spike == Crossing("(2 * x_a + int(x_a > 1)) * 3", "(x_a + 1) / 2", "t_spike")


def test_parts_speak_through_ports_only():
    with pytest.raises(PartError, match="parts speak through ports only"):
        joined(part("a", "x_a = 1 : 1"), part("b", "y_b = x_a : 1"))
    port = Port("x_a", "1", "declared")
    system = joined(
        part("a", "x_a = 1 : 1", ports=(port,)), part("b", "y_b = x_a : 1", ports=(port,))
    )
    assert [d.name for d in system.definitions] == ["x_a", "y_b"]


# ---- what lowering makes ------------------------------------------------------------------------
def test_sums_hold_every_share_and_an_empty_sum_is_zero():
    reader = part("reader", "x_r = v_shift/mV : 1")
    system = joined(
        reader,
        part("a", "x_a = 1*mV : mV", adds={"v_shift": "x_a"}),
        part("b", "x_b = 2*mV : mV", adds={"v_shift": "2*x_b"}),
    )
    by_name = {d.name: d.text for d in system.definitions}
    assert by_name["v_shift"] == "x_a + 2*x_b"
    empty = joined(reader)
    assert {d.name: d.text for d in empty.definitions}["v_shift"].startswith("0")


def test_standard_model_sums():
    by_name = {
        d.name: d.text
        for d in lower(mg.models["standard"], mg.protocols["train_20hz"], []).definitions
    }
    assert by_name["i_membrane"] == "i_leak + i_na_fast + i_k_dr + i_m + i_nmda + i_ampa"
    assert by_name["i_k"] == "i_k_dr + i_m"
    assert by_name["i_ca"] == "i_ca_nmda"
    assert by_name["i_nmda_rest"] == "i_nmda - i_ca_nmda"


def test_a_parameter_gives_way_to_a_part_that_computes_it():
    computed = part("ions", "e_k = -90*mV - 1*mV*int(t > 5*ms) : mV")
    system = lower(Model("m", (*mg.models["cell"].parts, computed)), NOTHING, [])
    assert "e_k" not in {p.name for p in system.parameters}
    assert "e_k" in {d.name for d in system.definitions}
    assert "e_k" in {p.name for p in lower(mg.models["cell"], NOTHING, []).parameters}


def test_a_stimulus_takes_the_place_of_a_bath_value():
    system = lower(mg.models["tonic"], mg.protocols["mg_step"], [])
    assert "mg_out" in {d.name for d in system.definitions}
    assert "mg_out" not in {p.name for p in system.parameters}


def test_defaults_of_ports_come_in_when_read():
    system = lower(mg.models["tonic"].swap(mg.blocks["spruston_1995"]), NOTHING, [])
    assert {"celsius", "v_shift"} <= {p.name for p in system.parameters} | {
        d.name for d in system.definitions
    }
    assert all(PORTS[n].default for n in ("celsius", "e_na", "e_k", "e_ca", "e_cl", "area"))


def test_release_acts_before_the_receptors_that_read_it():
    """Parts sort by what they write and read; without a release part the amount is 1."""
    receptor = part("z_first", "dx_r/dt = -x_r/ms : 1", on_event={"release": "x_r += quanta"})
    release = part(
        "release",
        "du_r/dt = -u_r/ms : 1",
        slot="release",
        on_event={"pre": "u_r += 0.5*(1 - u_r); quanta = u_r"},
    )
    for parts in ((receptor, release), (release, receptor)):
        statements = joined(*parts).events["pre"]
        assert [s.name for s in statements] == ["u_r", "quanta", "x_r"]
    (alone,) = joined(receptor).events["pre"]
    assert (alone.name, alone.right) == ("x_r", "1")


def test_inside_a_part_the_authors_order_stands():
    """What is released is what was there before it is taken away."""
    states = "du_r/dt = -u_r/ms : 1\ndr_r/dt = -r_r/ms : 1"
    for written in ("quanta = u_r*r_r; r_r += -quanta; u_r += 0.1", "u_r += 0.1; r_r = u_r*r_r"):
        statements = joined(part("release", states, on_event={"pre": written})).events["pre"]
        assert [s.name for s in statements] == [w.split()[0] for w in written.split("; ")]


def test_a_part_reads_on_an_event_what_another_has_left_of_a_definition():
    """A definition counts as read wherever it leads, and is the one after the event."""
    share = Port("share_r", "1", "what is left, over what there was")
    reader = part(
        "a_reader", "dx_r/dt = -x_r/ms : 1", ports=(share,), on_event={"release": "x_r += share_r"}
    )
    writer = part(
        "writer",
        "dr_r/dt = -r_r/ms : 1\nshare_r = r_r/2 : 1",
        ports=(share,),
        on_event={"pre": "r_r += 1"},
    )
    statements = joined(reader, writer).events["pre"]
    assert [s.name for s in statements] == ["r_r", "x_r"]


def test_a_scheme_starts_in_its_first_state():
    scheme = Scheme(("c_x", "o_x"), (("c_x", "o_x", "1/ms", "1/ms"),))
    system = joined(part("a", kinetics=(scheme,)))
    assert (system.initial["c_x"], system.initial["o_x"]) == ("1", "0")
    assert system.state_names == ("c_x", "o_x")


def test_a_state_without_transitions_keeps_its_occupancy():
    scheme = Scheme(("c_x", "o_x", "apart_x"), (("c_x", "o_x", "1/ms", "1/ms"),))
    assert "apart_x" in joined(part("a", kinetics=(scheme,))).state_names


def test_start_values_come_after_those_they_need():
    order = list(lower(mg.models["cell"], NOTHING, []).initial)
    assert order.index("v") < min(order.index(n) for n in ("m_na", "h_na", "n_k", "p_m"))


# ---- the digest ---------------------------------------------------------------------------------
def digest(model="standard", protocol="train_20hz", measures=()):
    chosen = mg.models[model] if isinstance(model, str) else model
    return lower(chosen, mg.protocols[protocol], measures).digest


def test_the_digest_holds_no_values_but_all_that_is_computed():
    first = digest()
    assert first == digest(mg.models["standard"].with_values(mg_out=0.1, g_nmda=3))
    assert first == digest(mg.models["standard"].named("other"))
    changed = [
        digest("tonic", "rest"),
        digest(mg.models["standard"].swap(mg.blocks["kampa_2004"])),
        digest(measures=[mg.measures["spike_count"]]),
        digest(mg.models["standard"].without("ampa")),
        digest(protocol="tonic_glutamate"),
    ]
    assert len({first, *changed}) == len(changed) + 1


_SCRIPT = """
import mgsim as mg
from mgsim.declare.component import Component
for model, protocol in (("standard", "train_20hz"), ("patch", "voltage_step")):
    print(mg.lower(mg.models[model], mg.protocols[protocol], mg.measures.all[:0]).digest)
part = Component("a", "slot_a", "", equations='''
total = aa_x + bb_x + cc_x + dd_x : 1
dx_a/dt = -(x_a - total)/(10*ms) : 1
aa_x = 1 : 1
bb_x = 2 : 1
cc_x = 3 : 1
dd_x = 4 : 1
v_a = e_na + e_k + e_cl + e_ca : mV
''')
{extra}
"""


def _digests(extra, seed):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.replace("{extra}", extra)],
        text=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    return done.stdout


def test_the_digest_of_catalog_models_is_the_same_in_every_process():
    assert len({_digests("", seed) for seed in "0123"}) == 1


def test_the_digest_of_any_model_is_the_same_in_every_process():
    own = "print(mg.lower(mg.Model('m', (part,)), mg.Protocol('p', '', 10.0), []).digest)"
    assert len({_digests(own, seed) for seed in "0123"}) == 1


def test_a_part_in_a_misspelt_slot_is_told_of_the_other():
    law = mg.Component("mine", "blok", "a law", "unblocked = 1/(1 + mg_out/(1*mM)) : 1")
    model = mg.models["patch"].swap(law)
    with pytest.raises(PartError, match=r"twice.*'mine' fills the slot 'blok'.*slot 'block'"):
        mg.lower(model, mg.protocols["voltage_ramp"], ())
