"""The self-check of models: what it finds on good ones, and on ones made wrong on purpose."""

import json
from dataclasses import replace

import pytest

import mgsim as mg
from mgsim.checks import check, examine
from mgsim.checks.drive import answerable_of, own_run
from mgsim.cli import BAD, FAILED, GOOD, main
from mgsim.sweeps.prepare import COARSE_DT

STANDARD, PATCH, CELL = (mg.models[n] for n in ("standard", "patch", "cell"))


def found(report, name):
    (one,) = [f for f in report.findings if f.check == name]
    return one


def look(model, name, protocol=None):
    """What one check finds; those after it are not run."""
    run = own_run(model, protocol, None, None)
    return next(f for f in examine(run, answerable_of(model, run.protocol)) if f.check == name)


def law(equations, *parameters):
    return mg.Component("made_up", "block", "made up", equations, parameters=parameters)


#: ms. The end of a burst is sensitive, so that this cell is judged at the step of `simulate`: at
#: 0.0125 ms, 1e-5 more of e_k moves its last spike by half of what it may move.
STEPS = {"bursting": 0.025}


@pytest.mark.parametrize("name", mg.models)
def test_every_model_of_the_catalog_is_good(name):
    report = check(mg.models[name], dt=STEPS.get(name))
    assert report, str(report)


@pytest.mark.parametrize("block", [b for b in mg.blocks.own if b != "none"])
def test_every_block_law_is_good(block):
    report = check(PATCH.swap(mg.blocks[block]))
    assert report, str(report)


@pytest.mark.parametrize("gating", ["kampa_2004_trapping", "ascher_nowak_kinetic"])
def test_schemes_that_block_are_good(gating):
    report = check(mg.models["kinetic_synapse"].swap(mg.receptors[gating]))
    assert report, str(report)


def test_a_law_without_magnesium_in_it_fails():
    report = check(
        STANDARD.swap(mg.blocks["hill_tononi_2005"])
        if "hill_tononi_2005" in mg.blocks
        else STANDARD.swap(mg.receptors["hill_tononi_2005"])
    )
    assert not report
    assert "mg_out" in found(report, "live parameters").words


def test_the_report_can_be_read():
    report = check(STANDARD)
    text = str(report)
    for word in (
        "model 'standard'",
        "each current acts on v once",
        "live parameters",
        "in its ion's sum once",
        "falls with Mg",
        "in the sourced laws",
        f"dt {COARSE_DT:g} -> {COARSE_DT / 8:g} ms",
    ):
        assert word in text
    assert all(len(line) <= 98 for line in text.splitlines())


def test_another_protocol():
    report = check(STANDARD, mg.protocols["train_20hz"].lasting(200))
    assert report.protocol == "train_20hz"
    assert report, str(report)


# ---- made wrong ----------------------------------------------------------------------------------


def test_parts_that_do_not_fit():
    report = check(mg.Model("torn", (mg.receptors["nmda"],)))
    assert not report
    assert "no part provides" in found(report, "assembles").words


def test_a_parameter_that_does_nothing():
    idle = mg.Parameter("mg_idle", 1.0, "mM", "idle", "assumed: for a test", (0, 10))
    text = "unblocked = 1/(1 + mg_out/(3*mM)*exp(-v/(16*mV)) + 0*mg_idle/mM) : 1"
    report = check(PATCH.swap(law(text, idle)))
    assert not report
    assert "mg_idle" in found(report, "live parameters").words


def test_a_parameter_that_no_equation_reads():
    idle = mg.Parameter("mg_idle", 1.0, "mM", "idle", "assumed: for a test", (0, 10))
    report = check(PATCH.swap(law("unblocked = 1/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1", idle)))
    assert "nothing changes with mg_idle" in found(report, "live parameters").words


@pytest.mark.parametrize(
    ("equations", "name", "word"),
    [
        (
            "unblocked = 1.5/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1",
            "limits of the block",
            "exactly 1",
        ),
        (
            "unblocked = 0.5/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1",
            "limits of the block",
            "exactly 1",
        ),
        (
            "unblocked_without_mg = 0.6 : 1\n"
            "unblocked = 0.5/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1",
            "limits of the block",
            "its own unblocked_without_mg",
        ),
        (
            "unblocked = 1/(1 + mg_out/(3*mM)*exp(v/(16*mV))) : 1",
            "monotonic block",
            "falls somewhere",
        ),
        ("unblocked = exp(-mg_out*exp(-v/(16*mV))/(1*mM)) : 1", "limits of the block", ""),
        (
            "unblocked = 0.5 + 0.5/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1",
            "limits of the block",
            "endless Mg",
        ),
    ],
)
def test_laws_made_wrong(equations, name, word):
    finding = look(PATCH.swap(law(equations)), name)
    assert word in finding.words
    if word:
        assert finding.state == "FAIL"


def test_a_law_without_magnesium_is_said_to_be_one():
    bare = PATCH.swap(law("unblocked = 1/(1 + exp(-v/(16*mV))) : 1"))
    assert look(bare, "limits of the block").state == "skipped"


def changed(slot, old, new, model=STANDARD):
    """The model with the equations of one part changed."""
    part = model[slot]
    assert old in part.equations
    return model.swap(replace(part, equations=part.equations.replace(old, new)))


def bringing(slot, equation="", **currents):
    """The standard model with other declared currents of one part."""
    part = STANDARD[slot]
    return STANDARD.swap(
        replace(part, equations=f"{part.equations}\n{equation}", currents=currents)
    )


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (changed("neuron", "-i_membrane", "i_membrane"), "i_membrane moves v the wrong way"),
        (
            bringing("nmda_current", "i_more = 2*i_nmda : pA", i_nmda="", i_more=""),
            "i_nmda acts on v as 3 pA instead of 1",
        ),
        (
            bringing("ca_entry", "i_ca_x = 1*i_ca_nmda : pA", i_ca_nmda="ca of i_nmda", i_ca_x=""),
            "i_ca_nmda acts on v as 1 pA instead of 0, as a part of i_nmda",
        ),
        (
            bringing(
                "ca_entry",
                "i_ca_x = 2*i_ca_nmda : pA",
                i_ca_nmda="ca of i_nmda",
                i_ca_x="ca of i_nmda",
            ),
            "i_ca_nmda adds 3 pA to i_ca instead of 1",
        ),
    ],
)
def test_currents_that_do_not_act_once(model, word):
    """The commonest faults of published mechanisms: counted twice, split off and added, lost."""
    finding = look(model, "currents")
    assert finding.state == "FAIL"
    assert word in finding.words


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (changed("neuron", "-i_membrane", "-(i_membrane + i_nmda)"), "reads 'i_nmda'"),
        (changed("neuron", "-i_membrane", "-i_leak"), "reads 'i_leak'"),
        (bringing("nmda_current"), "a part of 'i_nmda', a current that no part"),
        (bringing("ampa"), "'i_ampa' of part 'ampa_exponential' is a current (pA) that acts on no"),
        (bringing("ca_entry"), "'i_ca_nmda' of part 'fractional' is a current (pA)"),
    ],
)
def test_currents_that_are_refused(model, word):
    finding = look(model, "assembles")
    assert finding.state == "FAIL"
    assert word in finding.words


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (changed("ca_pool", "(-i_ca/", "(i_ca/"), "i_ca moves ca the wrong way"),
        (changed("ca_pool", "(-i_ca/", "(-(i_ca + i_ampa)/"), "i_ampa fills the pool past i_ca"),
        (
            changed("ca_pool", "(-i_ca/", "(-(i_ca + 2*i_ca_nmda)/"),
            "i_ca_nmda fills the pool as 3 pA",
        ),
    ],
)
def test_a_pool_that_is_not_filled_by_its_current(model, word):
    finding = look(model, "filling of the pool")
    assert finding.state == "FAIL"
    assert word in finding.words


#: A cell of two membranes in one part: the axial current acts on both and is no part's own.
TWO = mg.Component(
    "two",
    "neuron",
    "soma and dendrite",
    """
dv/dt = -(i_membrane + i_axial)/(200*pF) : mV
dv_far/dt = (i_axial - 5*nS*(v_far + 70*mV))/(100*pF) : mV
i_axial = g_axial*(v - v_far) : pA
i_leak = 10*nS*(v - e_leak) : pA
""",
    parameters=(mg.Parameter("g_axial", 20.0, "nS", "axial", "assumed: for a test", (1, 100)),),
    currents={"i_leak": ""},
    initial={"v": "e_leak", "v_far": "-70*mV"},
    ports=(mg.Port("v_far", "mV", "potential of the dendrite"),),
)


def test_a_cell_with_an_axial_current_is_good():
    parts = [p for p in STANDARD.parts if p.slot != "neuron"]
    report = check(mg.Model("two", (TWO, *parts)))
    assert report, str(report)


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (
            changed("ca_entry", "clip(v - e_ca_nmda, -1*V, 0*mV)", "(e_ca_nmda - v)"),
            "outward at negative potentials",
        ),
        (
            changed(
                "ca_entry",
                "pf_scale*pf_nmda*g_conducting*clip(v - e_ca_nmda, -1*V, 0*mV)",
                "pf_nmda*i_nmda + 0*pf_scale*pA + 0*e_ca_nmda*nS",
            ),
            "turns outward with i_nmda",
        ),
        (STANDARD.with_values(pf_scale=12.0), "% of i_nmda below -20 mV"),
    ],
)
def test_calcium_that_is_no_share_with_a_reversal_of_its_own(model, word):
    """31 of 43 published mechanisms that write calcium let it reverse with all other ions."""
    finding = look(model, "direction of calcium")
    assert finding.state == "FAIL"
    assert word in finding.words


def test_a_rate_with_a_hole():
    neuron = CELL["neuron"]
    naive = replace(
        neuron,
        equations=neuron.equations.replace(
            "alpha_n_k = 0.16/exprel(-(u_k - 15*mV)/(5*mV))/ms",
            "alpha_n_k = 0.032*(15*mV - u_k)/(exp((15*mV - u_k)/(5*mV)) - 1)/(mV*ms)",
        ),
    )
    assert naive.equations != neuron.equations
    finding = look(CELL.swap(naive), "finite")
    assert finding.state == "FAIL"
    assert "alpha_n_k" in finding.words


def test_free_calcium_below_zero():
    """An outward calcium current takes more from the pool than there is."""
    out = changed(
        "ca_entry",
        "clip(v - e_ca_nmda, -1*V, 0*mV)",
        "(v - e_ca_nmda)",
        mg.models["tonic"].swap(mg.neurons["clamped"]),
    )
    drained = out.with_values(e_ca_nmda=20.0, g_nmda=150.0)
    assert look(drained, "free calcium").state == "FAIL"
    assert look(mg.models["tonic"].swap(mg.neurons["clamped"]), "free calcium").state == "pass"


def test_parts_that_do_nothing():
    for part, port in ((mg.receptors["cleft_decay"], "glu"), (mg.calcium["nernst_ca"], "e_ca")):
        finding = look(STANDARD.swap(part), "idle parts")
        assert finding.state == "FAIL"
        assert f"nothing reads {port} of '{part.name}'" in finding.words
    with pytest.warns(UserWarning, match="part 'cleft_decay' does nothing in model 'standard'"):
        mg.sweep(
            STANDARD.swap(mg.receptors["cleft_decay"]),
            mg.protocols["rest"].lasting(1.0, (0, 1)),
            mg.measures["mean_v"],
        )


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (STANDARD.swap(mg.blocks["none"]), "mg_out: this is the control without block"),
        (STANDARD.with_values(mg_out=0.0), "0 mM, as set"),
        (mg.models["tonic"].with_values(g_nmda=0.5, g_na=0.5), "v_spike: nothing fires"),
        (STANDARD.swap(mg.calcium["ampa_calcium"]), ""),
    ],
)
def test_what_is_right_is_not_called_wrong(model, word):
    report = check(model)
    assert report, str(report)
    assert word in str(report).replace("\n" + " " * 11, " ")


def test_a_step_that_is_too_long():
    """A state that follows v in 1 us needs steps below 2 us; at 25 us it leaves all bounds."""
    fast = mg.Component(
        "fast",
        "extra",
        "",
        "dfast_x/dt = (v/mV - fast_x)/tau_fast : 1",
        parameters=(mg.Parameter("tau_fast", 1e-3, "ms", "fast", "assumed: test", (1e-3, 1)),),
    )
    port = mg.Port("fast_x", "1", "fast")
    report = check(mg.Model("stiff", (*CELL.parts, replace(fast, ports=(port,)))))
    assert not report
    assert "diverged" in str(report)


def test_the_engines_can_be_compared():
    assert found(check(PATCH, engines=True), "engines").state == "pass"


# ---- command line --------------------------------------------------------------------------------


def test_the_command(capsys):
    assert main(["check", "patch", "--set", "block=kampa_2004", "--set", "g_nmda=20nS"]) == GOOD
    assert "patch with block=kampa_2004, g_nmda=20nS" in capsys.readouterr().out
    assert main(["check", "standard", "--set", "ca_l=ca_l_type", "--json"]) == GOOD
    assert json.loads(capsys.readouterr().out)[0]["model"] == "standard with ca_l=ca_l_type"
    assert main(["check", "patch", "--json"]) == GOOD
    (report,) = json.loads(capsys.readouterr().out)
    assert report["good"] is True


def test_the_run_that_is_meant(capsys):
    line = (
        "check cell --protocol current_step --set i_amp=900 --set g_leak=0.11 --measures "
        "spike_rate --dt 12.5us --method rk4 --json"
    )
    assert main(line.split()) == GOOD
    (report,) = json.loads(capsys.readouterr().out)
    assert report["protocol"] == "current_step"
    (step,) = [f["words"] for f in report["findings"] if f["check"] == "step size"]
    assert step.startswith("dt 0.0125 -> 0.0015625 ms")
    for wrong, word in (
        ("--measures spike_rat", "spike_rate"),
        ("--dt 1mV", "ms"),
        ("--method rk5", "rk4"),
        ("--set i_am=3", "no parameter"),
    ):
        assert main(["check", "cell", "--protocol", "current_step", *wrong.split()]) == BAD
        assert word in capsys.readouterr().err


def test_a_failing_check_is_exit_code_3(capsys):
    assert main(["check", "patch", "--protocol", "train_20hz"]) == FAILED
    assert "FAIL     assembles" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("check ptch", "patch"),
        ("check patch --set block=kmpa_2004", "kampa_2004"),
        ("check patch --set blck=kampa_2004", "blck"),
        ("check patch --set seed=1", "no parameter"),
        ("check patch --set g_nmda=1 --set g_nmda=2", "twice"),
        ("check patch --set g_nmd=1", "g_nmda"),
        ("check patch --set nonsense", "NAME=VALUE"),
        ("check --set block=none", "MODEL"),
        ("check patch --set g_nmda=2mV", "nS"),
    ],
)
def test_refusals(command, word, capsys):
    assert main(command.split()) == BAD
    assert word in capsys.readouterr().err


def test_a_whole_number_of_vesicles_does_not_hide_what_refills_them():
    """A tenth of a range moves no vesicle in a short drive; the end of the range does."""
    synapse = mg.models["neuromuscular_junction"].swap(mg.mechanisms["vesicle_release"])
    found = {f.check: f.state for f in mg.check(synapse).findings}
    assert found["live parameters"] == "pass"
