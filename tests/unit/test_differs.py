"""What is not as its source has it says so wherever it goes."""

from dataclasses import replace

import pytest

import mgsim as mg
from mgsim.cli import main
from mgsim.exports import export
from mgsim.figures.saving import caption

LAW = mg.blocks["jahr_stevens_1990"]
CHANGED = LAW.with_values(mg_k="1000 uM")
WORDS = "mg_k = 1 mM, set in place of 3.57 mM (jahr_1990: "
CLAMP = mg.protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0))


def run(of=None, /, **values):
    return mg.sweep(
        of or mg.models["patch"], CLAMP, mg.measures["mean_i_nmda"], progress=False, **values
    )


@pytest.mark.parametrize("to", ["neuron", "neuroml", "brian2"])
def test_an_exported_file_is_not_under_another_name(to, capsys):
    text = export(CHANGED, to)
    assert WORDS in text
    assert "jahr_stevens_1990, changed: " in text
    assert "differs" not in export(LAW, to)
    assert main(["export", LAW.name, "--to", to, "--set", "mg_k=1"]) == 0
    assert capsys.readouterr().out == text


@pytest.mark.parametrize("style", ["text", "bibtex"])
def test_a_citation_says_it(style):
    model = mg.models["patch"].swap(CHANGED)
    for thing in (CHANGED, model, run(model), run(mg_k=1.0), CHANGED["mg_k"]):
        text = mg.cite(thing, style)
        assert WORDS in text
        assert "Chosen for this run" in text
    assert "Chosen for this run" not in mg.cite(LAW, style)
    kampa = mg.models["patch"].swap(mg.blocks["kampa_2004"]).named("other")
    for others in ([model, kampa], [model, mg.models["patch"].named("as published")]):
        assert WORDS in mg.cite(run(model=others, mg_out=0.5), style)
    swept = mg.cite(run(mg_k=[1, 2]), style)
    assert "mg_k = 1 to 2 mM, set in place of 3.57 mM (jahr_1990" in swept


def test_a_result_and_its_caption_say_it(tmp_path):
    for ds in (run(mg_k=1.0), run(mg.models["patch"].swap(CHANGED)), run(mg_k=1, out=tmp_path)):
        assert ds.attrs["differs"].startswith(f"jahr_stevens_1990: {WORDS}")
        said = caption(mg.figures["block_curves"], ds)
        assert "\nDiffers from its source\n" in said
        assert WORDS in " ".join(said.split())
    assert run().attrs["differs"] == ""
    assert "Differs" not in caption(mg.figures["block_curves"], run(mg_k=[1, 2]))
    ds = mg.experiments["block_curves"].run(v=-60, mg_out=1, block=[CHANGED, "kampa_2004"])
    assert WORDS in ds.attrs["differs"]


def test_the_command_line_says_it(capsys):
    main(
        ["sweep", "run", "nmda_iv", "--set", "mg_k=1", "--axis", "v_hold=-60", "--axis", "mg_out=1"]
    )
    assert f"differs from its source: jahr_stevens_1990: {WORDS[:-1]}" in " ".join(
        capsys.readouterr().out.split()
    )


def test_what_is_as_the_source_has_it_does_not_differ():
    assert LAW.with_values(mg_k=3.57) == LAW
    assert CHANGED.with_values(mg_k="3570 uM") == LAW
    assert CHANGED.differs[0].startswith(WORDS)
    assert CHANGED.with_values(mg_k=2.0)["mg_k"].source.startswith("set: in place of 3.57 mM (jahr")
    assert run(mg_k=3.57).mg_k.attrs["source"] == LAW["mg_k"].source


def test_a_value_that_the_model_states_for_all_its_parts_says_it_too():
    rest = mg.protocols["rest"].lasting(1.0, (0.0, 1.0))
    words = "e_na = 60 mV, set in place of 50 mV (pospischil_2008"
    for model, given in (
        (mg.models["cell"].with_values(e_na=60.0), {}),
        (mg.models["cell"], {"e_na": 60}),
    ):
        ds = mg.sweep(model, rest, mg.measures["mean_v"], progress=False, **given)
        assert words in ds.attrs["differs"]
    warm = mg.models["kinetic"].swap(mg.neurons["clamped"]).with_values(celsius=30)
    assert "celsius = 30 degC, set in place of 36 degC" in mg.cite(warm)


def test_a_choice_without_a_source_is_no_difference():
    """What an experimenter assumes is a parameter of the run; it stands among them."""
    ds = run(g_nmda=3.0)
    assert ds.attrs["differs"] == ""
    assert ds.g_nmda.attrs["source"].startswith("set: in place of")


def test_equations_and_values_changed_behind_the_name_are_seen():
    other = replace(LAW, equations=LAW.equations.replace("mg_k", "(2*mg_k)"))
    quiet = replace(
        LAW,
        parameters=tuple(replace(p, value=4.0) if p.name == "mg_k" else p for p in LAW.parameters),
    )
    for law, words in (
        (other, "its equations are not those of mgsim's 'jahr_stevens_1990'"),
        (quiet, "mg_k = 4 mM in place of 3.57 mM"),
    ):
        model = mg.models["patch"].swap(law)
        ds = run(model)
        for text in (export(law, "neuron"), mg.cite(model), ds.attrs["differs"], mg.cite(ds)):
            assert words in text
    assert "differs" not in export(replace(other, name="mine_2020"), "neuron")
