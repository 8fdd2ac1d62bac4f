"""Figures: how they look, what they save, and that their experiments exist."""

import csv
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Text

import mgsim as mg
from mgsim import cli
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare.parameter import PartError
from mgsim.experiments.mg_shares import survival
from mgsim.figures.laws import looks
from mgsim.figures.points import table
from mgsim.figures.published import row
from mgsim.figures.saving import caption
from mgsim.figures.style import sheet
from mgsim.parts.baths import RANGES

BASELINES = Path(__file__).parent / "baseline"


@pytest.fixture(scope="module")
def result():
    return cache(lambda name: mg.experiments[name].few().run(progress=False))


@pytest.fixture(scope="module")
def drawn(result):
    """A figure as it is drawn, of few points: once for all tests that only look at it."""
    return cache(lambda name: mg.figures[name](result(mg.figures[name].of)))


def has_baseline(name):
    file = BASELINES / f"test_looks_like_the_baseline_{name}.png"
    assert file.is_file(), f"figure '{name}' has no image to compare with: run make baselines"


def test_a_figure_without_a_baseline_is_told_the_command():
    with pytest.raises(AssertionError, match=r"'nobody' has no image .*: run make baselines"):
        has_baseline("nobody")
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert "\nbaselines:" in makefile


@pytest.mark.parametrize("name", list(mg.figures))
@pytest.mark.mpl_image_compare(
    style="default", remove_text=True, tolerance=3, savefig_kwargs={"dpi": 80}
)
def test_looks_like_the_baseline(name, result, request):
    if not request.config.getoption("--mpl-generate-path"):
        has_baseline(name)
    figure = mg.figures[name]
    drawing = figure(result(figure.of))
    for text in drawing.findobj(Text):
        text.set_visible(False)
    return drawing


@pytest.mark.parametrize("figure", mg.figures.values(), ids=lambda f: f.name)
def test_labels_axes_and_series(figure, drawn):
    drawing = drawn(figure.name)
    assert figure.of in mg.experiments
    assert figure.caption.endswith(".")
    for axes in drawing.axes:
        if axes.get_label() != "<colorbar>":
            assert axes.get_xlabel()
            assert axes.get_ylabel() or axes is not drawing.axes[0]
            for line in axes.get_lines():
                if line.get_transform() == axes.transData:
                    assert not line.get_label().startswith("_"), "a series without a name"


@pytest.mark.parametrize("figure", mg.figures.values(), ids=lambda f: f.name)
def test_every_axis_has_two_numbers_to_read_it_by(figure, drawn):
    drawing = drawn(figure.name)
    drawing.draw_without_rendering()
    for axes in drawing.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            shown = [t for t in ticks if low <= t.get_loc() <= high and t.label1.get_text()]
            assert len(shown) >= 2 or not axis.get_label_text(), axis.get_label_text()
        magnesium = axes.get_xlabel().split() == ["Extracellular", "free", "magnesium", "[mM]"]
        side_by_side = axes.get_xscale() == "linear" and figure.name == "spreading_depolarisation"
        assert people_are_marked(axes) or not magnesium or side_by_side
    assert crowded(drawing) == []


def crowded(drawing):
    """What lies on what: keys of a panel on its data, and words on words, slanted ones apart."""
    found, boxes = [], []
    for axes in drawing.axes:
        for line in axes.get_lines() if axes.get_legend() else ():
            box = axes.get_legend().get_window_extent()
            if line.get_transform() == axes.transData and len(line.get_xdata()):
                path = line.get_path().transformed(axes.transData).cleaned(remove_nans=True)
                drawn = path.intersects_bbox(box, filled=False) and line.get_linestyle() != "None"
                if drawn or any(box.contains(x, y) for x, y in path.vertices):
                    found.append(f"the key lies on {line.get_label()}")
        words = [*axes.texts, axes.xaxis.label, axes.yaxis.label, axes.title]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = (x for x in axis.get_major_ticks() if low <= x.get_loc() <= high)
            words += [x.label1 for x in ticks if x.label1.get_visible()]
        boxes += [
            (x.get_text(), x.get_window_extent()) for x in words if x.get_rotation() % 90 == 0
        ]
    boxes = [(word, box) for word, box in boxes if word]
    found += [
        f"{a} on {b}" for i, (a, x) in enumerate(boxes) for b, y in boxes[:i] if x.overlaps(y)
    ]
    return found


def test_a_level_out_of_view_has_no_word(result):
    drawing = mg.figures["mg_dose"](result("mg_dose"))
    wide, narrow = (
        [x.get_text() for x in one.axes[0].texts]
        for one in (drawing, mg.figures["ca_map"](result("ca_map").sel(mg_out=slice(0, 0.3))))
    )
    assert "person" in wide
    assert [x for x in narrow if "Hz" not in x] == ["dish “zero”"]


def test_what_lies_on_top_of_what_is_found():
    """Planted: a key on a point, and a word on another."""
    drawing, (axes,) = sheet(height=40)
    axes.plot([0, 1], [0, 1], label="line")
    axes.legend(loc="upper right")
    axes.text(0.2, 0.5, "one word")
    axes.text(0.25, 0.52, "another")
    drawing.draw_without_rendering()
    assert crowded(drawing) == ["the key lies on line", "another on one word"]


@pytest.mark.parametrize(
    ("published", "error", "says"),
    [
        ("", PartError, "needs published='key: words'"),
        ("jahr_1990", PartError, "none known"),
        ("jahr_1900: curves; here others", UnknownName, "jahr_1990"),
    ],
)
def test_a_figure_without_a_counterpart_is_refused(published, error, says):
    with pytest.raises(error, match=says):
        replace(mg.figures["nmda_iv"], published=published)


def people_are_marked(axes):
    """Whether a magnesium axis has the ends of a person's range, of a band or as two lines."""
    at = axes.transData.transform([(x, 1.0) for x in RANGES["person"]])[:, 0]
    ends = {x for patch in axes.patches for x in patch.get_window_extent().get_points()[:, 0]}
    ends |= {axes.transData.transform((x, 1.0))[0] for line in axes.lines for x in line.get_xdata()}
    return all(any(abs(x - e) < 0.5 for x in ends) for e in at)


def test_published_numbers_stand_on_what_they_were_published_of(result):
    """As their rows have them, and on no cell with other values."""
    one = row("TS4b2")
    drawing = mg.figures["plasticity_timing"](result("plasticity_timing"))
    (crosses,) = (x for x in drawing.axes[1].lines if x.get_label() == "published numbers")
    assert crosses.get_xdata().tolist() == one["given"]["intervals"]
    assert crosses.get_ydata().tolist() == one["expected"]
    for g_leak, there in ((0.1, True), (0.12, False)):
        ds = mg.experiments["fi_curve"].run(i_amp=[0, 750.0], g_leak=g_leak, progress=False)
        assert ("published spikes" in table(mg.figures["fi_curve"](ds))) == there


@pytest.mark.parametrize("figure", mg.figures.values(), ids=lambda f: f.name)
def test_a_figure_answers_its_question_in_numbers_of_its_result(figure, result):
    ds = result(figure.of)
    told = figure.found(ds)
    assert re.fullmatch(r"[A-Z].*\d.*\.", told, re.DOTALL)
    assert "nan" not in told
    said = " ".join(caption(figure, ds).split())
    assert " ".join(told.split()) in said
    papers, words = figure.counterpart
    assert papers or figure.published.startswith("none known")
    assert "here" in words  # what differs
    assert all(paper.short in said for paper in papers)
    assert words in said
    if figure.answer and "found" not in ds.attrs:  # of other axes the sentence would not be true
        others = ds.expand_dims(another=[20.0, 30.0])
        assert figure.found(others) == ""


def test_answers_are_those_of_closed_forms(result):
    """Jahr & Stevens: with u = v/16.13 the inward peak is where B + v dB/dv = 0."""
    v = np.arange(-100.0, 41.0)
    b = 1 / (1 + np.exp(-0.062 * v) / 3.57)
    ds = mg.experiments["nmda_iv"].run(mg_out=[0, 1], v_hold=v, progress=False)
    told = mg.figures["nmda_iv"].found(ds)
    assert f"at 1 mM the inward current is largest at {v[np.argmin(b * v)]:g} mV" in told
    assert f"at -100 mV {b[0]:.1%} of what it is at 0 mM" in told
    spread = result("law_spread")
    flat = spread.assign(ca_charge_nmda=spread.ca_charge_nmda * 0 + 1)
    assert "under 0 of 2 laws the calcium load falls" in mg.figures["law_spread"].found(flat)


def test_laws_are_told_apart_by_colour_and_by_dash():
    found = looks([f"law_{i}" for i in range(50)])
    first = list(found.values())[2:10]  # after the usual law and the control
    assert len({look["color"] for look in first}) == len({look["ls"] for look in first}) == 8
    assert len({(look["color"], look["ls"]) for look in found.values()}) == 52


def test_save_writes_everything_and_the_same_bytes_twice(tmp_path, result):
    ds = result("mg_response")
    first = mg.figures.save("mg_response", ds, tmp_path / "a")
    second = mg.figures.save(mg.figures["mg_response"], ds, tmp_path / "b")
    assert {p.name for p in first.values()} == {
        f"mg_response.{end}" for end in ("pdf", "svg", "png", "csv", "txt")
    }
    for end, path in first.items():
        assert path.read_bytes() == second[end].read_bytes(), end
    pdf = first["pdf"].read_bytes()
    assert b"/Type0" in pdf
    assert b"/Type3" not in pdf


def test_bytes_do_not_depend_on_the_process_or_the_users_settings(tmp_path, result):
    ds = result("block_curves")
    ds.to_netcdf(tmp_path / "ds.nc")
    here = mg.figures.save("block_curves", ds, tmp_path / "here")
    script = (
        "import sys, matplotlib, mgsim as mg, xarray as xr\n"
        "matplotlib.rcParams.update({'font.size': 20, 'axes.grid': True, 'pdf.fonttype': 3})\n"
        "mg.figures.save('block_curves', xr.load_dataset(sys.argv[1]), sys.argv[2])\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, tmp_path / "ds.nc", tmp_path / "there"], check=True
    )
    for path in here.values():
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes(), path.name


def test_csv_holds_the_plotted_points(tmp_path, result):
    ds = result("mg_response")
    with open(mg.figures.save("mg_response", ds, tmp_path)["csv"], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for panel, name in (("a", "spike_rate"), ("b", "ca_charge_nmda")):
        own = [r for r in rows if r["panel"] == panel]
        np.testing.assert_allclose([float(r["x"]) for r in own], ds.mg_out, rtol=1e-9)
        np.testing.assert_allclose([float(r["y"]) for r in own], ds[name], rtol=1e-9)
        assert {r["series"] for r in own} == {"standard"}
        assert own[0]["x_axis"] == "Extracellular free magnesium [mM]"


def test_csv_holds_bands_and_maps(tmp_path, result):
    ds = result("ca_map")
    rows = list(csv.DictReader(table(mg.figures["ca_map"](ds)).splitlines()))
    cells = {(float(r["x"]), float(r["y"])): float(r["z"]) for r in rows if r["kind"] == "map"}
    for mg_out in ds.mg_out.values:
        for g in ds.g_nmda.values:
            expected = float(ds.ca_charge_nmda.sel(mg_out=mg_out, g_nmda=g))
            assert cells[mg_out, g] == pytest.approx(expected, rel=1e-9)
    ds = result("block_curves")
    rows = list(csv.DictReader(table(mg.figures["block_curves"](ds)).splitlines()))
    band = [r for r in rows if r["kind"] == "band" and r["panel"] == "a"]
    laws = ds.unblocked.where(ds.block != "none", drop=True).sel(mg_out=1.0, method="nearest")
    np.testing.assert_allclose([float(r["y"]) for r in band], laws.min("block"), rtol=1e-9)
    np.testing.assert_allclose([float(r["y_high"]) for r in band], laws.max("block"), rtol=1e-9)


def test_caption_names_every_parameter_with_its_source(tmp_path, result):
    ds = result("mg_response")
    text = mg.figures.save("mg_response", ds, tmp_path)["txt"].read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 96
    words = " ".join(text.split())
    for name, coordinate in ds.coords.items():
        assert f"  {name} = " in text
        assert name in ds.dims or coordinate.attrs["source"] in words
    assert f"system_digest: {ds.attrs['system_digest'][:12]}\n" in text
    assert mg.__version__ in text


def test_caption_of_several_laws_says_whose_each_value_is(result):
    ds = result("law_spread")
    text = caption(mg.figures["law_spread"], ds)
    assert "nan" not in text
    assert "mg_k = 3.57 mM (jahr_stevens_1990), 2.55224 mM (chindemi_2022): magnesium" in text
    assert "mg_v_ref = 0 mV (jahr_stevens_1990, chindemi_2022): potential" in text
    digests = re.search(r"system_digest: (.*)", text)[1].split(", ")
    assert digests == list(dict.fromkeys(d[:12] for d in ds.attrs["system_digest"].split(", ")))
    both = mg.experiments["mg_response"].run(
        model=["standard", "kinetic"],
        block=["jahr_stevens_1990", "spruston_1995"],
        mg_out=[0, 1],
        progress=False,
    )
    assert "mg_k = 3.57, 4.1 mM: magnesium" in caption(mg.figures["mg_response"], both)


def test_drawing_leaves_the_users_settings_alone(result):
    before = dict(matplotlib.rcParams)
    drawing = mg.figures["nmda_iv"](result("nmda_iv"))
    assert drawing._repr_png_().startswith(b"\x89PNG")
    assert dict(matplotlib.rcParams) == before


def test_wrong_data_are_refused_with_the_right_experiment(result):
    with pytest.raises(UnknownName, match=r"mg\.experiments\['ca_map'\]\.run\(\)"):
        mg.figures["ca_map"](result("nmda_iv"))


def test_mg_response_draws_a_line_for_each_further_axis(result):
    ds = result("law_spread")
    drawing = mg.figures["mg_response"](ds)
    names = {
        line.get_label()
        for line in drawing.axes[0].get_lines()
        if line.get_transform() == drawing.axes[0].transData
    }
    assert names == set(ds.block.values)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("ca_map --axis block=none,kampa_2004 --axis g_ampa=0:9:10", "20 rows are too many"),
        ("law_spread --axis celsius=20:36:9", "each value of celsius is a row of its own"),
        ("epsp_mg --set g_nmda=100", "draws over 'g_nmda', which has one value"),
        ("mg_response --set mg_out=0.8", "draws over 'mg_out', which has one value"),
        ("mg_response --from none.nc", "there is no file"),
        ("mg_response --from none.nc --set g_nmda=3", "--from draws a result as it is"),
    ],
)
def test_axes_that_a_figure_cannot_draw_are_refused_before_the_run(
    command, says, tmp_path, monkeypatch, capsys
):
    """With the axes that it takes, and whether the result comes from a run or from a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mgsim.runs.experiment.Experiment.run", lambda *_, **__: 1 / 0)
    assert cli.main(["figure", *command.split()]) == cli.BAD
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "axis", "values"),
    [
        ("ca_map", "block", ["none", "kampa_2004"]),
        ("law_spread", "g_nmda", [10.0, 30.0]),
        ("fi_curve", "mg_out", [0.1, 0.8, 1.2]),
        ("nmda_iv", "block", ["none", "kampa_2004"]),
    ],
)
def test_each_value_of_a_further_axis_is_a_row_with_its_name(name, axis, values, result):
    ds = result(mg.figures[name].of)
    several = xr.concat([ds.assign_coords({axis: x}) for x in values], axis)
    alone, drawing = mg.figures[name](ds), mg.figures[name](several)
    titles = [row.get_suptitle() for row in drawing.subfigs]
    assert titles == [x if isinstance(x, str) else f"{axis} = {x:g}" for x in values]
    assert len(drawing.axes) == len(values) * len(alone.axes)
    assert drawing.get_figheight() == pytest.approx(len(values) * alone.get_figheight())
    rows = list(csv.DictReader(table(drawing).splitlines()))
    one = list(csv.DictReader(table(alone).splitlines()))
    assert len(rows) == len(values) * len(one)
    first = [r for r in rows if r["panel"].endswith("1")]
    assert [{**r, "panel": r["panel"][0]} for r in first] == one


def test_rows_have_the_same_limits(result):
    ds = result("nmda_iv")
    two = xr.concat([ds.assign_coords(g_nmda=x) * x for x in (1.0, 3.0)], "g_nmda")
    two = two.assign_coords(g_nmda=[1.0, 3.0])
    a, b = mg.figures["nmda_iv"](two).axes
    assert a.get_ylim() == b.get_ylim()
    assert a.get_ylim()[0] < 3e-3 * float(ds.mean_i_nmda.min())


def test_a_result_with_too_many_values_or_one_too_few_is_refused_by_name(result):
    ds = result("law_spread")
    with pytest.raises(ValueError, match="each value of celsius is a row of its own, and 9 rows"):
        mg.figures["law_spread"](ds.expand_dims(celsius=np.linspace(20, 36, 9)))
    with pytest.raises(ValueError, match="draws over 'mg_out', which has one value"):
        mg.figures["law_spread"](ds.sel(mg_out=0.8, method="nearest"))


def test_the_caption_says_what_does_not_survive(result):
    """Planted: release leads all calcium under the other cell, and nothing else changes."""
    ds = result("mg_shares")
    assert " ".join(ds.attrs["found"].split()) in " ".join(
        caption(mg.figures["mg_shares"], ds).split()
    )
    assert "but" not in ds.attrs["found"]
    assert ds.attrs["found"].count("so no action leads every effect") == 2
    moved = ds.share.copy()
    moved.loc[{"readout": "all_calcium", "factor": "release"}] = 2.0
    other = ds.assign(share=moved).assign_coords(neuron=["other"])
    said = survival(xr.concat([ds, other], "neuron", combine_attrs="override"))
    assert said.count("but release under other") == 2
    assert "under every variant" in said
    assert survival(ds.isel(neuron=0, release_law=0)) == ds.attrs["found"]
    twice = xr.concat([ds.assign_coords(g_leak=x) for x in (0.1, 0.2)], "g_leak")
    assert survival(twice).count(ds.attrs["found"]) == 2


def test_a_figure_is_drawn_from_a_file(result, tmp_path, capsys):
    result("mg_response").to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    assert (
        cli.main(
            [
                "figure",
                "mg_response",
                "--from",
                str(tmp_path / "x.nc"),
                "--out",
                str(tmp_path / "plots"),
            ]
        )
        == cli.GOOD
    )
    mg.figures.save("mg_response", result("mg_response"), tmp_path / "other")
    for end in ("csv", "svg"):
        name = f"mg_response.{end}"
        assert (tmp_path / "plots" / name).read_text() == (tmp_path / "other" / name).read_text()


def test_lines_of_numbers_have_names_and_units(result):
    ds = xr.concat([result("mg_response").assign_coords(tau_ca=x) for x in (20.0, 40.0)], "tau_ca")
    ds.tau_ca.attrs["units"] = "ms"
    legend = mg.figures["mg_response"](ds).axes[-1].get_legend()
    assert [t.get_text() for t in legend.get_texts()] == ["tau_ca = 20 ms", "tau_ca = 40 ms"]


@pytest.mark.parametrize(
    ("given", "in_key"),
    [
        ({"mg_out": np.linspace(0, 2, 9)}, True),
        ({"mg_out": np.linspace(0, 2, 30)}, False),
        ({"block": "none", "mg_out": [0, 0.1, 1]}, True),
        ({"mg_out": [0, 0.01, 0.1, 1, 10]}, False),
    ],
)
@pytest.mark.filterwarnings("ignore:axis 'mg_out' changed no output")  # under the control
def test_names_of_curves_do_not_overlap(given, in_key):
    ds = mg.experiments["nmda_iv"].run(v_hold=np.arange(-100.0, 41.0, 5), progress=False, **given)
    drawing = mg.figures["nmda_iv"](ds)
    (axes,) = drawing.axes
    drawing.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert boxes
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert len([x for x in axes.lines if x.get_label().endswith(" Mg")]) == ds.sizes["mg_out"]
    assert (axes.get_legend() is not None) == in_key
    if in_key:
        assert len(axes.get_legend().get_texts()) == ds.sizes["mg_out"]


def test_import_of_mgsim_does_not_load_matplotlib():
    script = "import sys, mgsim; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("of", ["block_curves", "bistability", "law_spread"])
@pytest.mark.parametrize("law", ["kampa_2004", "jahr_stevens_1990_flicker", "none"])
@pytest.mark.filterwarnings("ignore:axis 'mg_out' changed no output")  # under the control
def test_one_law_is_drawn_alone(of, law):
    experiment = mg.experiments[of]
    few = {n: x for n, x in experiment.few().axes.items() if n != "block"}
    few |= {"mg_out": [0.0, 0.8, 1.2]}
    ds = experiment.run(**few, block=law, progress=False)
    assert str(ds.block.values) == law
    lines = {line.get_label() for axes in mg.figures[of](ds).axes for line in axes.get_lines()}
    name = "no block (control)" if law == "none" else mg.blocks[law].meaning.split(",")[0]
    assert {x for x in lines if not x.startswith("_")} == {name}


def test_one_magnesium_is_drawn_alone():
    ds = mg.experiments["nmda_iv"].run(mg_out=0.8, v_hold=np.arange(-80.0, 41.0, 10))
    assert "0.8 mM Mg" in {line.get_label() for line in mg.figures["nmda_iv"](ds).axes[0].lines}
