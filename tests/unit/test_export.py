"""Laws as text for other simulators, each read back and compared with numpy."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import BAD, GOOD, main
from mgsim.exports import ExportError, export
from mgsim.exports.neuroml import exponential_form
from mgsim.exports.nmodl import scaled
from mgsim.units import unit

NML = "{http://www.neuroml.org/schema/neuroml2}"
V, M = np.linspace(-100.0, 60.0, 33), np.array([0.0, 1e-3, 0.1, 1.0, 10.0])
LAWS = [
    b
    for b in mg.blocks.own.values()
    if "unblocked" in {e.name for e in b.lines if not e.differential}
    and not any(e.differential for e in b.lines)
]
NOT_EXPONENTIAL = ("none", "antonov_johnson_1999", "golomb_2006", "jahr_stevens_1990_flicker")
EXPONENTIAL = [b for b in LAWS if b.name not in (*NOT_EXPONENTIAL, "otmakhova_2002")]


def expected(law):
    return law.evaluate("unblocked", v=V[:, None], mg_out=M[None, :])


# ---- NEURON --------------------------------------------------------------------------------------


def read_mod(text):
    """What FUNCTION fraction computes, by translating NMODL to Python, with its PARAMETERs."""
    body = re.search(r"FUNCTION fraction\(v \(mV\)\) \{(.*?)\n\}", text, re.DOTALL)[1]
    values = {
        m[1]: float(m[2])
        for m in re.finditer(
            r"^    (\w+) = (\S+)(?: :| \(|$)",
            re.search(r"PARAMETER \{(.*?)\n\}", text, re.DOTALL)[1],
            re.MULTILINE,
        )
    }
    lines = [line.strip().replace("^", "**") for line in body.splitlines() if "=" in line]
    known = {
        "exp": np.exp,
        "log": np.log,
        "sqrt": np.sqrt,
        "fabs": np.abs,
        "held": np.clip,
        "exprel": lambda x: np.expm1(x) / x,
    }
    compiled = compile("\n".join(lines), "mod", "exec")

    def fraction(v, mg, celsius=36.0):
        names = known | values | {"v": v, "mg": mg, "celsius": celsius}
        exec(compiled, {"__builtins__": {}}, names)  # noqa: S102 - text made here
        return names["fraction"]

    return fraction


@pytest.mark.parametrize("law", LAWS, ids=lambda b: b.name)
def test_a_mod_file_says_what_the_law_says(law):
    fraction = read_mod(export(law, "neuron"))
    found = np.broadcast_to(fraction(V[:, None], M[None, :]), (V.size, M.size))
    np.testing.assert_allclose(found, expected(law), rtol=1e-9)


def test_a_mod_file_says_where_the_law_is_from():
    text = export(mg.blocks["kampa_2004"], "neuron")
    assert "POINT_PROCESS mg_kampa_2004" in text
    assert ": reference: Kampa" in text
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")


def test_temperature_stays_a_variable_of_neuron():
    law = mg.blocks["spruston_1995"]
    text = export(law, "neuron")
    assert "celsius (degC)" in text
    found = read_mod(text)(V, 1.0, celsius=22.0)
    np.testing.assert_allclose(
        found, law.evaluate("unblocked", v=V, mg_out=1.0, celsius=22.0), rtol=1e-9
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mV", 1),
        ("V", 1e3),
        ("ms", 1),
        ("s", 1e3),
        ("pA", 1),
        ("nS", 1),
        ("mM", 1),
        ("uM", 1e-3),
        ("um**2", 1),
        ("cm**2", 1e8),
        ("1/mM/ms", 1),
        ("mS/cm**2", 1e-2),
        ("degC", 1),
        ("pC", 1e3),
    ],
)
def test_units_of_neuron(text, value):
    assert scaled(unit(text)) == pytest.approx(value, rel=1e-12)


# ---- NeuroML -------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", EXPONENTIAL, ids=lambda b: b.name)
def test_a_block_mechanism_says_what_the_law_says(law):
    text = export(law, "neuroml")
    element = ElementTree.fromstring(text).find(f".//{NML}blockMechanism")
    assert element.attrib["type"] == "voltageConcDepBlockMechanism"
    conc, u = element.attrib["scalingConc"].split()
    volt, w = element.attrib["scalingVolt"].split()
    assert (u, w, element.attrib["species"]) == ("mM", "mV", "mg")
    found = 1 / (1 + M[None, :] / float(conc) * np.exp(-V[:, None] / float(volt)))
    np.testing.assert_allclose(found, expected(law), rtol=1e-6)


def test_known_constants():
    """3.57 mM and 1/0.062 mV; NeuroML's own example holds 1.920544 mM and 16.129 mV."""
    assert exponential_form(mg.blocks["jahr_stevens_1990"]) == pytest.approx((3.57, 1 / 0.062))
    assert exponential_form(mg.blocks["maex_schutter_1998"]) == pytest.approx(
        (1.9205, 16.129), rel=1e-4
    )


@pytest.mark.parametrize("law", EXPONENTIAL, ids=lambda b: b.name)
def test_a_document_that_the_schema_of_neuroml_takes(law, tmp_path):
    utils = pytest.importorskip("neuroml.utils")
    file = tmp_path / "law.nml"
    file.write_text(export(law, "neuroml"), encoding="utf-8")
    utils.validate_neuroml2(str(file))


@pytest.mark.parametrize("name", NOT_EXPONENTIAL)
def test_forms_that_neuroml_does_not_have(name):
    with pytest.raises(ExportError, match="not of the form"):
        export(mg.blocks[name], "neuroml")


# ---- Brian2 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS, ids=lambda b: b.name)
def test_brian_reads_the_equations(law):
    import brian2

    brian2.prefs.codegen.target = "numpy"
    text = export(law, "brian2")
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    v, m = (a.ravel() for a in np.meshgrid(V, M, indexing="ij"))
    group = brian2.NeuronGroup(
        v.size,
        f"{bare}\nv : volt\nmg_out : mmolar",
        namespace={},
        clock=brian2.Clock(dt=0.1 * brian2.ms),
    )
    group.v, group.mg_out = v * brian2.mV, m * brian2.mM
    found = np.broadcast_to(np.asarray(group.unblocked[:]), v.size).reshape(V.size, M.size)
    np.testing.assert_allclose(found, expected(law), rtol=1e-9)


# ---- refusals ------------------------------------------------------------------------------------


def test_what_cannot_be_exported():
    with pytest.raises(UnknownName, match="did you mean neuron"):
        export(mg.blocks["kampa_2004"], "neurn")
    with pytest.raises(ExportError, match="at once"):
        export(mg.receptors["lester_jahr_1992"], "neuron")
    odd = mg.Component("odd", "block", "", "unblocked = 1/(1 + ca_out/mM + mg_out/mM) : 1")
    with pytest.raises(ExportError, match="reads 'ca_out'"):
        export(odd, "neuron")


@pytest.mark.parametrize("form", ["neuron", "neuroml", "brian2"])
def test_every_export_says_what_is_not_in_it(form):
    assert "not exported: " in export(mg.blocks["kampa_2004"], form)


def test_temperature_and_magnesium_can_be_set(capsys):
    law = mg.blocks["spruston_1995"]
    cold = law.evaluate("unblocked", v=V, mg_out=0.5, celsius=22.0)
    found = read_mod(export(law, "neuron", celsius=22, mg_out=0.5))(V, 0.5)
    np.testing.assert_allclose(found, cold, rtol=1e-9)
    text = export(law, "neuroml", celsius="22 degC", mg_out="500 uM")
    of = ElementTree.fromstring(text).find(f".//{NML}blockMechanism").attrib
    level, conc, volt = (
        float(of[k].split()[0]) for k in ("blockConcentration", "scalingConc", "scalingVolt")
    )
    np.testing.assert_allclose(1 / (1 + level / conc * np.exp(-V / volt)), cold, rtol=1e-6)
    assert main(["export", law.name, "--to", "brian2", "--set", "celsius=22"]) == GOOD
    assert "celsius = 22.0*kelvin" in capsys.readouterr().out


def test_the_command(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "jahr_stevens_1990", "--to", "neuroml", "--set", "mg_k=4mM"]) == GOOD
    assert 'scalingConc="4 mM"' in capsys.readouterr().out
    assert main(["export", "kampa_2004", "--to", "neuron", "--out", "k.mod"]) == GOOD
    assert (tmp_path / "k.mod").read_text() == export(mg.blocks["kampa_2004"], "neuron")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("kampa_2005 --to neuron", "kampa_2004"),
        ("kampa_2004 --to nest", "no format"),
        ("hill_tononi_2005 --to neuron", "'hill_tononi_2005' is no block law that gives"),
        ("kampa_2004 --to neuron --out nowhere/k.mod", "folder"),
        ("kampa_2004 --to neuron --set mg_onn=1", "did you mean mg_on"),
        ("none --to neuroml", "not of the form"),
    ],
)
def test_the_command_refuses(command, word, capsys):
    assert main(["export", *command.split()]) == BAD
    assert word in capsys.readouterr().err
