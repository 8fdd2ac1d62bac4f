"""The self-check of models: what it finds on good ones, and on ones made wrong on purpose."""

import json
from dataclasses import replace

import pytest

import mgsim as mg
from mgsim.check import check
from mgsim.cli import BAD, FAILED, GOOD, main

STANDARD, PATCH, CELL = (mg.models[n] for n in ("standard", "patch", "cell"))


def found(report, name):
    (one,) = [f for f in report.findings if f.check == name]
    return one


def law(equations, *parameters):
    return mg.Component("made_up", "block", "made up", equations, parameters=parameters)


@pytest.mark.parametrize("name", mg.models)
def test_every_model_of_the_catalog_is_good(name):
    report = check(mg.models[name])
    assert report, str(report)


@pytest.mark.parametrize("block", [b for b in mg.blocks if b != "none"])
def test_every_block_law_is_good(block):
    report = check(PATCH.swap(mg.blocks[block]))
    assert report, str(report)


@pytest.mark.parametrize("gating", ["kampa_2004_trapping", "ascher_nowak_kinetic"])
def test_schemes_that_block_are_good(gating):
    report = check(mg.models["kinetic_synapse"].swap(mg.receptors[gating]))
    assert report, str(report)


def test_a_law_without_magnesium_in_it_fails():
    report = check(STANDARD.swap(mg.blocks["hill_tononi_2005"]) if "hill_tononi_2005" in mg.blocks
                   else STANDARD.swap(mg.receptors["hill_tononi_2005"]))  # fmt: skip
    assert not report
    assert "mg_out" in found(report, "live parameters").words


def test_the_report_can_be_read():
    report = check(STANDARD)
    text = str(report)
    for word in ("model 'standard'", "charge balance: i_syn = i_nmda + i_ampa", "live parameters",
                 "falls with Mg", "dt 0.025 -> 0.0125 ms"):  # fmt: skip
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
        ("unblocked = 1.5/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1", "limits of the block",
         "exactly 1"),
        ("unblocked = 1/(1 + mg_out/(3*mM)*exp(v/(16*mV))) : 1", "monotonic block",
         "falls somewhere"),
        ("unblocked = exp(-mg_out*exp(-v/(16*mV))/(1*mM)) : 1", "limits of the block", ""),
        ("unblocked = 0.5 + 0.5/(1 + mg_out/(3*mM)*exp(-v/(16*mV))) : 1", "limits of the block",
         "endless Mg"),
    ],
)  # fmt: skip
def test_laws_made_wrong(equations, name, word):
    report = check(PATCH.swap(law(equations)))
    assert word in found(report, name).words
    if word:
        assert not report


def test_a_law_without_magnesium_is_said_to_be_one():
    report = check(PATCH.swap(law("unblocked = 1/(1 + exp(-v/(16*mV))) : 1")))
    assert found(report, "limits of the block").state == "skipped"


def test_a_current_of_the_wrong_sign():
    neuron = STANDARD["neuron"]
    wrong = replace(neuron, equations=neuron.equations.replace("+ i_syn", "- i_syn"))
    assert wrong.equations != neuron.equations
    assert "i_syn" in found(check(STANDARD.swap(wrong)), "signs").words
    pool = STANDARD["ca_pool"]
    wrong = replace(pool, equations=pool.equations.replace("(-i_ca/", "(i_ca/"))
    assert wrong.equations != pool.equations
    assert "i_ca" in found(check(STANDARD.swap(wrong)), "signs").words


def test_calcium_counted_twice():
    entry = STANDARD["ca_entry"]
    twice = replace(entry, adds={**entry.adds, "i_syn": "i_ca_nmda"})
    finding = found(check(STANDARD.swap(twice)), "charge balance")
    assert finding.state == "FAIL"
    assert "share of i_nmda" in finding.words


def test_calcium_that_does_not_conserve_the_current():
    entry = STANDARD["ca_entry"]
    lost = replace(entry, equations=entry.equations.replace("i_nmda - i_ca_nmda", "i_nmda"))
    words = found(check(STANDARD.swap(lost)), "charge balance").words
    assert "differ from the NMDA current" in words


def test_calcium_that_flows_outward():
    entry = STANDARD["ca_entry"]
    out = replace(entry, equations=entry.equations.replace("(v - e_ca_nmda)", "(e_ca_nmda - v)"))
    assert found(check(STANDARD.swap(out)), "direction of calcium").state == "FAIL"


def test_a_rate_with_a_hole():
    neuron = CELL["neuron"]
    naive = replace(neuron, equations=neuron.equations.replace(
        "alpha_n_k = 0.16/exprel(-(u_gate - 15*mV)/(5*mV))/ms",
        "alpha_n_k = 0.032*(15*mV - u_gate)/(exp((15*mV - u_gate)/(5*mV)) - 1)/(mV*ms)"))
    assert naive.equations != neuron.equations
    finding = found(check(CELL.swap(naive)), "finite")
    assert finding.state == "FAIL"
    assert "alpha_n_k" in finding.words


def test_a_step_that_is_too_long():
    fast = mg.Component("fast", "extra", "", "dfast_x/dt = (v/mV - fast_x)/tau_fast : 1",
                        parameters=(mg.Parameter("tau_fast", 0.03, "ms", "fast", "assumed: test",
                                                 (0.01, 1)),))  # fmt: skip
    port = mg.Port("fast_x", "1", "fast")
    model = mg.Model("stiff", (*CELL.parts, replace(fast, ports=(port,))))
    assert found(check(model), "step size").state in ("pass", "FAIL")


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


def test_a_failing_check_is_exit_code_3(capsys):
    assert main(["check", "patch", "--protocol", "train_20hz"]) == FAILED
    assert "FAIL     assembles" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "word"),
    [("check ptch", "patch"), ("check patch --set block=kmpa_2004", "kampa_2004"),
     ("check patch --set blck=kampa_2004", "blck"), ("check patch --set seed=1", "no parameter"),
     ("check patch --set g_nmda=1 --set g_nmda=2", "twice"),
     ("check patch --set g_nmd=1", "g_nmda"), ("check patch --set nonsense", "NAME=VALUE"),
     ("check --set block=none", "MODEL"), ("check patch --set g_nmda=2mV", "nS")],
)  # fmt: skip
def test_refusals(command, word, capsys):
    assert main(command.split()) == BAD
    assert word in capsys.readouterr().err
