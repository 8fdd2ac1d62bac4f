"""References: the file, what parts cite, and what ``cite`` prints."""

import subprocess
import sys

import pytest
from every import each

import mgsim as mg
from mgsim import references
from mgsim.catalogs.catalog import UnknownName
from mgsim.compose.finding import every
from mgsim.declare.ports import PORTS
from mgsim.references import Entry, entries, entry, read
from mgsim.report.citing import cite

PARTS = every()
PROTOCOLS, MEASURES = list(mg.protocols.values()), list(mg.measures.values())
PARAMETERS = [
    (owner.name, p) for owner in (*PARTS, *PROTOCOLS, *MEASURES) for p in owner.parameters
]
PARAMETERS += [("port", port.default) for port in PORTS.values() if port.default]


@each([*PARTS, *PROTOCOLS])
def test_every_reference_of_a_part_is_in_the_file(part):
    assert set(part.references) <= set(entries())


@each(PARAMETERS)
def test_every_source_is_a_reference_or_says_that_it_is_none(owner, parameter):
    key, _, where = parameter.source.partition(":")
    assert key in {*entries(), *references.UNCITED}, f"{owner}: {parameter.source}"
    assert where.strip()


def test_names_of_parts_are_unique_so_that_a_data_set_can_name_them():
    names = [part.name for part in PARTS]
    assert len(names) == len(set(names))


@each(entries().values())
def test_entry_is_complete(one):
    assert one.get("author")
    assert one.get("title")
    assert one.key.endswith((one.get("year"), f"{one.get('year')}b"))
    assert one.get("journal") or one.get("booktitle") or one.get("publisher")
    for text in (one.short, one.text):
        assert "{" not in text
        assert "\\" not in text
    assert one.bibtex.count("{") == one.bibtex.count("}")


def test_entries_stand_in_order_and_read_back():
    keys = list(entries())
    assert keys == sorted(keys)
    assert read("\n\n".join(e.bibtex for e in entries().values())) == entries()


def test_texts():
    assert entry("jahr_1990").short == "Jahr & Stevens 1990"
    assert entry("kampa_2004").short == "Kampa et al. 2004"
    assert entry("wang_2002").short == "Wang 2002"
    assert "Frégnac Y." in entry("pospischil_2008").text
    assert "https://doi.org/10.1113/jphysiol.2003.058842" in entry("kampa_2004").text
    assert "from memory" in entry("hessler_1993").text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@article{a_1,\n  year = {1},\n}\n@article{a_1,\n  year = {1},\n}", "twice"),
        ("@article{a_1,\n  year = {1},\n  year = {2},\n}", "line 3"),
        ("@article{a_1,\n  year = {1},", "not closed"),
        ("@article{a_1,\n  year = 1990,\n}", "line 2"),
        ("words", "line 1"),
        ("@article{a_1,\n}\n}", "line 3"),
    ],
)
def test_the_reader_is_strict(text, says):
    with pytest.raises(ValueError, match=says):
        read(text)


def test_unknown_key_offers_the_nearest():
    with pytest.raises(UnknownName, match="jahr_1990"):
        entry("jahr_1909")


def test_cite_a_part():
    text = cite(mg.blocks["kampa_2004"])
    assert "block kampa_2004" in text
    assert "mg_on, mg_off" in text
    assert text.count("10.1113/jphysiol.2003.058842") == 1
    assert "stimberg_2019" not in text  # nothing was run


def test_cite_a_model_names_engine_and_what_nobody_can_be_cited_for():
    text = cite(mg.models["standard"].swap(mg.blocks["kampa_2004"]))
    for word in ("pospischil_2008", "kampa_2004", "stimberg_2019", "Assumed", "g_ampa = 10 nS"):
        assert word in text
    assert "jahr_1990" not in text
    assert "bank_1985" not in text  # no kinetic scheme in it
    scheme = mg.models["standard"].swap(mg.receptors["lester_jahr_1992"])
    assert "bank_1985" in cite(scheme)


def test_what_is_unverified_is_never_among_the_references():
    odd = mg.Component(
        name="odd",
        slot="block",
        meaning="a block law",
        equations="unblocked = odd_k : 1",
        parameters=(mg.Parameter("odd_k", 0.5, "1", "a number", "unverified: a memory", (0, 1)),),
    )
    text = cite(odd)
    assert "Unverified" in text
    assert "odd_k = 0.5 (block odd): a memory" in text
    assert "References" not in text


def test_cite_refuses_a_key_that_does_not_exist():
    odd = mg.Parameter("odd_k", 0.5, "1", "a number", "jahr_1991: table 1", (0, 1))
    with pytest.raises(UnknownName, match="jahr_1990"):
        cite(odd)


def test_cite_small_things():
    assert cite(mg.measures["spike_rate"]) == "nothing to cite"
    assert "v_level = -40 mV" in cite(mg.measures["time_depolarised"])
    assert "choice of the experimenter" in cite(mg.protocols["train_20hz"])
    assert "jahr_1990" in cite(mg.blocks["jahr_stevens_1990"].parameters[0])


def test_cite_several_is_the_union():
    text = cite([mg.blocks["kampa_2004"], mg.blocks["spruston_1995"]])
    assert "[kampa_2004]" in text
    assert "[woodhull_1973]" in text


@pytest.mark.parametrize("name", list(mg.experiments))
def test_cite_every_experiment(name):
    experiment = mg.experiments[name]
    text = cite(experiment)
    assert "Chosen for this run" in text
    assert ("stimberg_2019" in text) is not experiment.algebraic


def test_cite_an_experiment_over_laws_cites_each_law():
    text = cite(mg.experiments["block_curves"])
    for law in mg.experiments["block_curves"].axes["block"]:
        for key in law.references:
            assert f"[{key}]" in text


@pytest.mark.parametrize("name", list(mg.figures))
def test_cite_a_figure_is_to_cite_its_experiment(name):
    figure = mg.figures[name]
    assert cite(figure) == cite(mg.experiments[figure.of])


def test_cite_a_data_set():
    model = mg.models["patch"].swap(mg.blocks["kampa_2004"])
    protocol = mg.protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0))
    ds = mg.sweep(
        model, protocol, mg.measures["mean_i_nmda"], mg_out=[0, 1], v_hold=-40, progress=False
    )
    text = cite(ds)
    chosen = text.partition("Chosen for this run")[2].partition("\n\n")[0]
    assert "mg_out = 0 to 1 mM" in chosen
    assert "v_hold = -40 mV" in chosen
    assert "[kampa_2004]" in text
    assert "[jahr_1990]" not in text
    assert "[stimberg_2019]" in text


def test_cite_a_data_set_of_an_experiment_knows_its_own_parts():
    ds = mg.experiments["block_curves"].run(block=["none", "kampa_2004"], v=-60, mg_out=[0, 1])
    text = cite(ds)
    assert "[kampa_2004]" in text
    assert "Not in the catalogs" not in text


def test_cite_a_data_set_with_a_part_from_a_notebook_says_so():
    own = mg.Component("mine", "block", "my law", equations="unblocked = 1 : 1")
    ds = mg.simulate(
        mg.models["patch"].swap(own),
        mg.protocols["voltage_clamp"].lasting(1, (0, 1)),
        record=("i_nmda",),
        progress=False,
    )
    assert "mine" in cite(ds).partition("Not in the catalogs")[2]


def test_bibtex_reads_back_and_keeps_the_warnings_as_comments():
    text = cite(mg.models["standard"], style="bibtex")
    lines = text.splitlines()
    comments = [line for line in lines if line.startswith("%")]
    assert any("g_ampa" in line for line in comments)
    found = read("\n".join(line for line in lines if not line.startswith("%")))
    assert "jahr_1990" in found
    assert isinstance(found["jahr_1990"], Entry)


def test_cite_is_pure():
    assert cite(mg.models["standard"]) == cite(mg.models["standard"])


@pytest.mark.parametrize("thing", [3, "kampa_2004", None, b"x"])
def test_cite_refuses_what_has_no_parts(thing):
    with pytest.raises(TypeError, match=r"mg\.blocks"):
        cite(thing)


def test_cite_refuses_a_style():
    with pytest.raises(UnknownName, match="bibtex"):
        cite(mg.blocks["kampa_2004"], style="bibtext")


def test_citing_a_model_imports_nothing_heavy():
    code = (
        "import sys, mgsim as mg; mg.cite(mg.models['standard']); "
        "print(*({'xarray', 'brian2', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
