"""Protocols and changes in words: the same in Python, in TOML and on the command line."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mgsim as mg
from mgsim import cli, protocols
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare import changes
from mgsim.declare.parameter import PartError
from mgsim.protocols.chosen import Ticks
from mgsim.runs.from_file import sweep_file
from mgsim.units import UnitError

TOML = """
model = "standard"
protocol = "train_20hz + current_step"
measures = ["spike_count", "peak_v"]
duration = 200
window = [0, 200]
[set]
i_amp = 900
step_start = 20
[changes]
mg_out = "wash(0.1, start=50 ms, tau=30 ms)"
[axes]
mg_out_after = [0.1, 1]
"""


def test_python_toml_and_the_command_line_say_the_same(tmp_path, capsys):
    both = mg.protocols["train_20hz"] + mg.protocols["current_step"]
    both = both.lasting(200, (0, 200)).changing(mg_out=changes.wash(0.1, 50, 30))
    expected = mg.sweep(
        mg.models["standard"],
        both,
        [mg.measures["spike_count"], mg.measures["peak_v"]],
        mg_out_after=[0.1, 1],
        i_amp=900,
        step_start=20,
    )
    (tmp_path / "x.toml").write_text(TOML)
    job = sweep_file.read(tmp_path / "x.toml")
    assert job.request.protocol == both
    out = tmp_path / "x.nc"
    assert cli.main(["sweep", "run", str(tmp_path / "x.toml"), "--out", str(out)]) == 0
    import xarray as xr

    with xr.open_dataset(out, engine="h5netcdf") as written:
        np.testing.assert_array_equal(written.spike_count, expected.spike_count)
        np.testing.assert_array_equal(written.peak_v, expected.peak_v)
    assert expected.spike_count[0] > 0
    arguments = ["simulate", "standard", "--protocol", "train_20hz + current_step"]
    arguments += ["--change", "mg_out=wash(0.1, start=50 ms, tau=30 ms)", "--duration", "200"]
    arguments += ["--set", "i_amp=900", "--set", "step_start=20", "--record", "mg_out_now"]
    assert cli.main([*arguments, "--out", str(tmp_path / "t.nc")]) == 0
    with xr.open_dataset(tmp_path / "t.nc", engine="h5netcdf") as traced:
        last = 0.8 - 0.7 * (1 - np.exp(-150 / 30))
        np.testing.assert_allclose(traced.mg_out_now[-1], last, rtol=1e-9)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("step(2 mM, start=500)", changes.step("2 mM", 500)),
        ("step(to=2, start=0.5 s, stop=1 s)", changes.step(2, "0.5 s", "1 s")),
        (" ramp( 1e-3 , 5 , 10 ) ", changes.ramp(1e-3, 5, 10)),
        ("steps([0, 100], [1, 2], mM)", changes.steps([0, 100], [1, 2], "mM")),
        ("course([0, 100], values=[-1, 2.5], unit=mV)", changes.course([0, 100], [-1, 2.5], "mV")),
    ],
)
def test_a_change_in_words(text, same):
    assert changes.read(text) == same


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stop(1, 2)", "did you mean step"),
        ("step(1)", "missing a required argument: 'start'; the form is step"),
        ("step(1, begin=2)", "form is step"),
        ("step(start=1, 2)", "not of the form step"),
        ("step(1, 2", "is no change"),
        ("step", "is no change"),
        ("step(1, start=2, start=3)", "not of the form"),
        ("step(1, 2 mV)", "must be in ms"),
        ("steps([0, 1], [1])", "as many times"),
        ("step(4, start=-30 s)", "start = -30 s .*from 0 ms on"),
        ("ramp(4, start=-30 s, lasting=1 s)", "from 0 ms on"),
        ("wash(4, start=-1, tau=1 s)", "from 0 ms on"),
        ("steps([0, 1], [1, 2], start=-1)", "from 0 ms on"),
        ("course([0, 1], [1, 2], start=-1)", "from 0 ms on"),
        ("step(4, start=inf)", "within the run"),
        ("step(4, start=500, stop=100)", "start at 500 ms and stop at 100 ms"),
        ("step(4, start=500, stop=500)", "stops later than it starts"),
        ("ramp(4, start=500, lasting=1, stop=100)", "stops later than it starts"),
        ("wash(4, start=500, tau=1, stop=0.1 s)", "stops later than it starts"),
    ],
)
def test_what_is_no_change_says_what_one_is(text, words):
    with pytest.raises((PartError, UnknownName, UnitError), match=words):
        changes.read(text)


@given(st.text(max_size=80))
def test_any_text_is_a_change_or_refused(text):
    with contextlib.suppress(PartError, UnknownName, UnitError):
        changes.read(f"step({text})")


def test_a_recording_in_words_lies_beside_its_sweep_file(tmp_path, monkeypatch):
    (tmp_path / "study").mkdir()
    np.save(tmp_path / "study" / "clamp.npy", [[0.0, -70.0], [5.0, -20.0], [9.0, -60.0]])
    (tmp_path / "outside.txt").write_text("0 1\n1 2\n")
    text = 'model = "patch"\nprotocol = "voltage_clamp"\nmeasures = ["nmda_charge"]\n[changes]\n'
    sweep = tmp_path / "study" / "x.toml"
    sweep.write_text(text + 'v_hold = "recorded(clamp.npy, start=20, then=back)"\n')
    made = changes.course([0, 5, 9], [-70, -20, -60], start=20, then="back")
    expected = mg.protocols["voltage_clamp"].changing(v_hold=made)
    found = sweep_file.read(sweep).request.protocol.changes["v_hold"]
    assert found.recording == made.recording
    assert found.text == expected.changes["v_hold"].text
    for name, words in (("../outside.txt", "lies outside"), ("none.txt", "no file 'none.txt'")):
        sweep.write_text(text + f'v_hold = "recorded({name})"\n')
        with pytest.raises(sweep_file.BadFile, match=words):
            sweep_file.read(sweep)
    monkeypatch.chdir(tmp_path / "study")
    out = str(tmp_path / "t.nc")
    words = ["simulate", "patch", "--protocol", "voltage_clamp", "--record", "v"]
    words += ["--change", "v_hold=recorded(clamp.npy, start=20)", "--duration", "40", "--out", out]
    assert cli.main(words) == 0
    import xarray as xr

    with xr.open_dataset(out, engine="h5netcdf") as ds:
        t = ds.time.values
        given = np.where(t < 20, -60, np.interp(t - 20, [0, 5, 9], [-70, -20, -60]))
        np.testing.assert_allclose(ds.v, given, rtol=1e-12)


def test_protocols_by_name():
    assert protocols.read("rest") is mg.protocols["rest"]
    assert protocols.read("train_20hz+mg_step").name == "train_20hz + mg_step"
    with pytest.raises(UnknownName, match="did you mean train_20hz"):
        protocols.read("train_2hz + mg_step")


def test_a_pulse_follows_each_presynaptic_spike_by_its_delay():
    pairing = mg.protocols["pairing"]
    values = {p.name: p.value for p in pairing.parameters} | {"pair_rate": 20.0}
    pre, on, off = (
        pairing.events[name].times(values, 1000.0, None) for name in ("pre", "post", "post_end")
    )
    np.testing.assert_allclose(pre, 100 + 50 * np.arange(5))
    np.testing.assert_allclose(on - pre, 10)
    np.testing.assert_allclose(off - on, 2)


@pytest.mark.parametrize("protocol", mg.protocols.values(), ids=lambda p: p.name)
def test_a_run_ends_before_what_would_come_at_its_end(protocol):
    """Of every train: cut at one of its own times, it ends before that one."""
    values = {p.name: p.value for p in protocol.parameters}
    for train in protocol.events.values():
        if isinstance(train.times, Ticks):  # of noise, of which the last may come by rounding
            continue
        for end in train.times(values, 1e4, np.random.default_rng(1))[-3:]:
            assert (train.times(values, end, np.random.default_rng(1)) < end).all()


def test_theta_bursts_are_four_spikes_at_100_hz_five_times_a_second():
    burst = mg.protocols["theta_burst"]
    values = {p.name: p.value for p in burst.parameters}
    times = burst.events["pre"].times(values, 1e6, None).reshape(10, 4)
    np.testing.assert_allclose(np.diff(times, axis=1), 10)
    np.testing.assert_allclose(np.diff(times[:, 0]), 200)


def test_pairing_counts_the_pulse_that_comes_first():
    """Each of five pulses fires the cell, before or after its presynaptic spike."""
    ds = mg.sweep(
        "standard",
        "pairing",
        ["spike_count", "first_spike_time"],
        post_delay=[-10, 10],
        i_pulse=5000,
        g_nmda=0,
        g_ampa=0,
    )
    np.testing.assert_array_equal(ds.spike_count, [5, 5])
    with pytest.raises(PartError, match=r"at -50 ms, before the run begins: pair_start \+ post_d"):
        mg.sweep("standard", "pairing", "spike_count", post_delay=-150)


def test_a_change_of_magnesium_begins_at_that_of_a_person():
    named = (q for protocol in mg.protocols.all for q in protocol.parameters)
    found = [q.value for q in named if q.name == "mg_before"]
    assert len(found) >= 2
    assert set(found) == {mg.baths["person"]["mg_out"].value}
