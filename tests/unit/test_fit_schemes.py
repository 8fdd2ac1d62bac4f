"""Fitting schemes in which magnesium binds: steady block gives ratios, steps give rates."""

import numpy as np
import pytest

import mgsim as mg
from mgsim.analysis import fitted
from mgsim.analysis.fit import compare, determinable, fit
from mgsim.analysis.fraction import fraction
from mgsim.analysis.measured import Data, DataError
from mgsim.cli import GOOD, main

AN, KAMPA = mg.receptors["ascher_nowak_kinetic"], mg.receptors["kampa_2004_trapping"]
JS = mg.blocks["jahr_stevens_1990"]
V, M = (a.ravel() for a in np.meshgrid(np.arange(-90.0, 51, 10), [0.05, 0.2, 1.0, 4.0]))


def steps(law, noise=0.0, **values):
    """Currents (30 nS) after steps to three potentials, at two magnesium concentrations."""
    t, v, m = (
        a.ravel() for a in np.meshgrid(np.geomspace(0.01, 5, 10), [-50.0, 15.0, 40.0], [0.3, 1.0])
    )
    empty = Data(
        v, m, np.zeros(v.size), "current", None, "steps", t, np.where(v < -20, 40.0, -70.0)
    )
    y = 30 * v * fraction(law, empty, {"glu": 1.0, "celsius": 22.0, **values})
    y = y + np.random.default_rng(0).normal(0, noise, y.size)
    return Data(v, m, y, "current", None, "steps", t, empty.v_before)


def test_at_equilibrium_the_open_channel_scheme_blocks_as_its_rates_say():
    """Without trapping and with every receptor bound, B = 1/(1 + [Mg] k_on/k_off P), where P is
    the share of receptors that are open without magnesium: 0.2765, steady, of Lester & Jahr."""
    data = Data(V, M, np.zeros(V.size), "unblocked")
    found = fraction(AN, data, {"glu": 1000.0, "celsius": 22.0})
    bound = M * 0.61 * np.exp(-V / 17) / (5.4 * np.exp(V / 47))
    np.testing.assert_allclose(found, 1 / (1 + 0.27647 * bound), rtol=2e-5)


@pytest.mark.parametrize(
    "law", [AN, mg.receptors["vargas_robinson_2004"], KAMPA], ids=lambda p: p.name
)
def test_steady_block_gives_back_what_was_put_in(law):
    free = determinable(law)
    known = {p.name: p.value for p in law.parameters}
    truth = {n: 1.15 * known[n] for n in free}
    b = fraction(law, Data(V, M, V, "current"), {"glu": 1.0, "celsius": 22.0, **truth})
    fitted = fit(law, Data(V, M, 2.5 * b * (V - 3.0), "current"))
    found = fitted.values
    assert found.pop("g_nmda") == pytest.approx(2.5, rel=1e-4)
    assert found.pop("e_nmda") == pytest.approx(3.0, abs=1e-3)
    assert found == pytest.approx({**known, "glu": 1.0, "celsius": 22.0, **truth}, rel=1e-3)
    assert {n: fitted.law[n].value for n in truth} == pytest.approx(truth, rel=1e-3)
    assert fitted.law[free[0]].source.startswith("fitted: to data, 95 % interval")


def test_steady_block_does_not_tell_binding_from_unbinding():
    assert determinable(AN) == ("mg_on", "mg_on_v")
    assert determinable(AN, timed=True) == ("mg_on", "mg_on_v", "mg_off", "mg_off_v")
    b = fraction(AN, Data(V, M, V, "current"), {"glu": 1.0, "celsius": 22.0})
    with pytest.raises(DataError, match="no measurement can determine 'mg_off'"):
        fit(AN, Data(V, M, b, "unblocked"), free=("mg_on", "mg_off"))


def test_steps_give_rates_with_intervals():
    truth = {"mg_on": 0.8, "mg_on_v": 18.0, "mg_off": 4.5, "mg_off_v": 42.0}
    found = fit(AN, steps(AN, 10.0, **truth), level=0.999)
    assert {e.name for e in found.estimates} == {*truth, "g_nmda", "e_nmda"}
    for e in found.estimates[:4]:
        assert e.low < truth[e.name] < e.high, e
        assert e.high / e.low < 2
    rates = {p.name: p.value for p in found.law.parameters}
    assert rates["mg_off"] == found.values["mg_off"]


def test_a_scheme_beats_an_instantaneous_law_where_block_takes_time():
    t, v = (a.ravel() for a in np.meshgrid([0.02, 0.1, 1.0, 100.0], np.arange(-80.0, 50, 15)))
    bare = Data(v, v * 0 + 1, v, "current", None, "steps", t, v * 0 - 90)
    y = 30 * v * fraction(AN, bare, {"glu": 1.0, "celsius": 22.0})
    data = Data(
        v,
        bare.mg,
        y + np.random.default_rng(1).normal(0, 5, v.size),
        "current",
        None,
        "steps",
        t,
        bare.v_before,
    )
    fits, refused = compare([JS, AN], data)
    assert not refused
    assert fits[0].law.name == AN.name
    assert fits[1].aicc - fits[0].aicc > 10


def test_temperature_and_glutamate_are_held_as_told():
    b = fraction(AN, Data(V, M, V, "current"), {"glu": 0.01, "celsius": 22.0})
    right, wrong = (fit(AN, Data(V, M, b, "unblocked"), glu=x).values["mg_on"] for x in (0.01, 1.0))
    assert right == pytest.approx(0.61, rel=1e-4)
    assert abs(wrong / 0.61 - 1) > 0.02


def test_states_without_a_scheme_are_refused():
    slow = mg.Component(
        "slow",
        "block",
        "block that follows",
        equations="""
du_mg/dt = (1/(1 + mg_out/mg_k) - u_mg)/ms : 1
unblocked = u_mg : 1
""",
        parameters=(
            mg.Parameter("mg_k", 1.0, "mM", "half block", "assumed: an example", (0.1, 9)),
        ),
    )
    with pytest.raises(DataError, match="'u_mg', a state outside a linear kinetic scheme"):
        fit(slow, Data(V, M, V * 0 + 0.5, "unblocked"))
    with pytest.raises(DataError, match="no block law"):
        fit(mg.receptors["hill_tononi_2005"], Data(V, M, V * 0 + 0.5, "unblocked"))


# ---- files, figure, command ----------------------------------------------------------------------


def written(tmp_path, data):
    rows = "\n".join(
        f"{t * 1e-3:.8g},{b:g},{v:g},{m:g},{y:.6g}"
        for t, b, v, m, y in zip(data.t, data.v_before, data.v, data.mg, data.y, strict=True)
    )
    path = tmp_path / "steps.csv"
    path.write_text(f"t [s],v_before,v,mg,current\n{rows}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("head", "word"),
    [
        ("t,v,mg,unblocked\n1,40,1,0.5\n", "needs a column v_before"),
        ("v_before,v,mg,unblocked\n-60,40,1,0.5\n", "needs a column t"),
        ("t,v_before,v,mg,unblocked\n-1,-60,40,1,0.5\n", "time counts from the step"),
        ("t,v_before,v,mg,unblocked\n1,-0.06,40,1,0.5\n", "every v_before lies within"),
        ("t [mV],v_before,v,mg,unblocked\n1,-60,40,1,0.5\n", "column t in mV"),
    ],
)
def test_files_that_cannot_be_meant(tmp_path, head, word):
    path = tmp_path / "steps.csv"
    path.write_text(head, encoding="utf-8")
    with pytest.raises(DataError, match=word):
        mg.read_data(path)


def test_the_data_set_of_steps():
    ds = fitted.dataset([fit(AN, steps(AN, 10.0))])
    assert ds.sizes["condition"] == 6
    name = "1 mM Mg, -70 to 40 mV"
    here = ds.condition_point.values == name
    late = here & (ds.t.values > 0.5)
    near = np.interp(ds.t.values[late], ds.x, ds.curve.sel(condition=name)[0])
    np.testing.assert_allclose(near, ds.fitted.values[0, late], rtol=1e-3)


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, steps(AN, 10.0))
    laws = "ascher_nowak_kinetic,none"
    assert main(["fit", "steps.csv", "--law", laws, "--out", "out"]) == GOOD
    said = capsys.readouterr()
    assert "mg_off_v" in said.out
    assert "not fitted: none" in said.out
    head = (tmp_path / "out" / "fit_steps.csv").read_text().splitlines()[0]
    assert head == (
        "law,v [mV],mg_out [mM],t [ms],v_before [mV],measured [pA],fitted [pA],residual [pA]"
    )
