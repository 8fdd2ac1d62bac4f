"""Sections A and B: block that takes time, trapping, temperature, and receptors by subunit."""

from __future__ import annotations

from functools import cache

import numpy as np

from mgsim import models, protocols
from mgsim.analysis import schemes, traces
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts import blocks, receptors
from mgsim.runs.simulate import simulate
from mgsim.validation.rows import finds
from mgsim.validation.sections import gating

_AN, _KAMPA = "ascher_nowak_kinetic", "kampa_2004_trapping"
_STEP = 60.0  # ms, when the potential steps


def _number(name: str, value: float, unit: str, range: tuple[float, float]) -> Parameter:
    return Parameter(name, value, unit, name, "assumed: choice of the experimenter", range)


def _steps(duration: float) -> Protocol:
    """Glutamate from a time on, and a step of the potential."""
    return Protocol(
        "step_under_glutamate",
        "",
        duration,
        (
            Component(
                "step_under_glutamate",
                "stimulus",
                "a step of potential in glutamate",
                equations="""
v_command = v_before + (v_after - v_before)*int(t > v_time) : mV
glu_applied = glu_amp*int(t > glu_on)*int(t < glu_off) : mM
""",
                parameters=(
                    _number("v_before", -60.0, "mV", (-120, 80)),
                    _number("v_after", 40.0, "mV", (-120, 80)),
                    _number("v_time", _STEP, "ms", (0, 1e6)),
                    _number("glu_amp", 1.0, "mM", (0, 10)),
                    _number("glu_on", 0.0, "ms", (0, 1e6)),
                    _number("glu_off", 1e6, "ms", (0, 1e6)),
                ),
                adds={"glu_ambient": "glu_applied"},
            ),
        ),
    )


def _relaxation(name: str, v: float) -> float:
    """Time constant of the unblocked fraction of open receptors after a step to ``v`` (ms)."""
    model, _ = gating.held(receptors[name])
    dt = 0.001
    ds = simulate(
        model,
        _steps(_STEP + 3.0),
        record=("unblocked",),
        dt=dt,
        mg_out=1.0,
        v_before=40.0 if v < 0 else -60.0,
        v_after=v,
        progress=False,
    )
    t = ds.time.values - _STEP
    u = ds.unblocked.values
    start, end = float(np.interp(0.0, t, u)), float(u[-1])
    gone = np.abs(u - end) / abs(start - end)
    used = (t >= 0) & (gone > 0.1)
    used &= np.cumsum(~used & (t >= 0)) == 0
    return -1 / float(np.polyfit(t[used], np.log(gone[used]), 1)[0])


@finds("TA6.ascher_nowak.step", "TA6.kampa.step")
def _relaxations(scheme: str, v: list[float]) -> list[float]:
    return [_relaxation(scheme, x) for x in v]


#: What a run records of magnesium at the open state, and the parameter that it is a factor of.
_OPEN = {
    _AN: (("mg_binding", ""), ("mg_unbinding", "")),
    _KAMPA: (("mg_inward", "mg_on"), ("mg_outward", "mg_off")),
}


@finds("TA6.ascher_nowak", "TA6.kampa")
def _open_state(scheme: str, v: list[float]) -> list[float]:
    """1/(binding + unbinding) of the open state, from the rates that clamped runs record (ms)."""
    part = receptors[scheme]
    known = {p.name: p.value for p in part.parameters}
    model, _ = gating.held(part)
    ds = simulate(
        model,
        protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0)),
        record=[rate for rate, _ in _OPEN[scheme]],
        mg_out=1.0,
        v_hold=v,
        progress=False,
    ).isel(time=-1)
    rates = sum(ds[rate].values * known.get(factor, 1.0) for rate, factor in _OPEN[scheme])
    return [float(1 / x) for x in np.asarray(rates)]


@cache
def _unblock(delay: float) -> tuple[float, float, float]:
    """Share of the rise at 1 ms, time of the peak, and time constant of the fast part.

    After a step to +40 mV, ``delay`` (ms) after the end of a 1 ms pulse.
    """
    model, _ = gating.held(receptors[_KAMPA])
    step = 50.0 + delay
    ds = simulate(
        model,
        _steps(step + 40.0),
        record=("o_nmda",),
        dt=0.005,
        mg_out=1.0,
        glu_on=49.0,
        glu_off=50.0,
        v_time=step,
        progress=False,
    )
    t, o = ds.time.values - step, ds.o_nmda.values
    t_peak, peak = traces.extremum(t[t >= 0], o[t >= 0])
    start = float(np.interp(0.0, t, o))
    risen = (o - start) / (peak - start)
    early = (t >= 0) & (t <= 0.15)
    fast = float(np.interp(0.6, t, o)) - start
    left = 1 - (o[early] - start) / fast
    tau = -1 / float(np.polyfit(t[early], np.log(left), 1)[0])
    return float(np.interp(1.0, t, risen)), t_peak, tau


@finds("TA7.share")
def _early_share(delay: float) -> list[float]:
    return [_unblock(delay)[0]]


@finds("TA7.peak")
def _time_of_peak(delay: float) -> list[float]:
    return [_unblock(delay)[1]]


@finds("TA7.fast")
def _fast_part(delay: float) -> list[float]:
    return [_unblock(delay)[2]]


@finds("TA7.slow")
def _slow_share(delay: float) -> list[float]:
    return [1 - _unblock(delay)[0]]


@finds("TA7.delay")
def _slow_shares(delays: list[float]) -> list[float]:
    return [1 - _unblock(delay)[0] for delay in delays]


@finds("TA7.later")
def _later(first: float, delays: list[float]) -> list[float]:
    """Slow shares over that after the first delay."""
    return [x / _slow_share(first)[0] for x in _slow_shares(delays)]


@finds("TA7.eigenvalues", "TA7.four", "TA7.three_hundred")
def _time_constants(which: list[int]) -> list[float]:
    """Time constants of the Kampa scheme at +40 mV and 1 mM Mg, no glutamate; 1 is the fastest."""
    part = receptors[_KAMPA]
    rates = schemes.generator(part, part.kinetics[0], v=40.0, mg_out=1.0, glu=0.0, celsius=22.0)
    found = sorted(-1e3 / np.sort(np.linalg.eigvals(rates).real)[:-1])
    return [float(found[i - 1]) for i in which]


@finds("TB1.B7.passed", "TB1.B7.free_passed")
def _passed(scheme: str, v: float, **given: float) -> list[float]:
    """Peak at 1 mM Mg over that without Mg."""
    whole = gating.pulse_numbers(_KAMPA, v=v, mg=0.0)[0]
    return [gating.pulse_numbers(scheme, v=v, mg=1.0, **given)[0] / whole]


def _subunit(name: str) -> list[float]:
    """The numbers of :func:`gating.pulse_numbers` after 4 ms."""
    end = {"glun2a": 1500.0, "glun2b": 8000.0, "glun2c": 4000.0, "glun2d": 60000.0}[name]
    return gating.pulse_numbers(name, end=end, width=4.0, dt=0.02)


@finds("TB4.2A", "TB4.2B", "TB4.2C", "TB4.2D")
def _peak(subunit: str) -> list[float]:
    return [_subunit(subunit)[0]]


@finds("TB5.rise")
def _rises(subunits: list[str]) -> list[float]:
    return [_subunit(name)[2] for name in subunits]


@finds("TB5.2A", "TB5.2B", "TB5.2D")
def _deactivation(subunit: str) -> list[float]:
    return [_subunit(subunit)[4]]


@finds("TB4.2A.lasting", "TB4.2B.lasting", "TB4.2C.lasting", "TB4.2D.lasting")
def _lasting(subunit: str) -> list[float]:
    """Largest open fraction in lasting 1 mM glutamate."""
    return [float(gating.response(subunit, end=500.0, width=1e6, dt=0.02)[1].max())]


@finds("TB4.within")
def _within(subunits: list[str]) -> list[float]:
    """Open share of the receptors that hold two glutamates and are not desensitised."""
    found = [schemes.equilibrium(receptors[n], glu=1.0, celsius=22.0) for n in subunits]
    return [float(at["o_nmda"] / (at["o_nmda"] + at["c2_nmda"])) for at in found]


@finds("TB5.2B.parts")
def _decay_in_parts(subunit: str) -> tuple[float, float, float]:
    t, y = gating.response(subunit, end=8000.0, width=4.0, dt=0.02)
    return gating.two_parts(t[::50], y[::50])


@finds("TB9.glycine.2A", "TB9.glycine.2B", "TB9.glycine.2D")
def _glycine(site: str) -> list[float]:
    """Glycine (uM) at which half the conductance is left."""
    levels = np.geomspace(0.01, 100.0, 161)
    model = models["patch"].without("ca_entry").swap(blocks["none"])
    ds = simulate(
        model.swap(receptors[site]),
        protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0)),
        record=("g_conducting",),
        g_nmda=1.0,
        glycine=levels,
        progress=False,
    ).isel(time=-1)
    return [float(np.exp(traces.crossing(np.log(levels), ds.g_conducting.values, 0.5)))]


def _ic50(letter: str, v: float) -> float:
    """Magnesium (uM) that blocks half, from the part's own law."""
    part = receptors[f"glun2{letter}"]
    b = float(part.evaluate("unblocked", v=v, mg_out=1.0))
    return 1e3 * b / (1 - b)


@finds("TA2.subunits")
def _ratios(v: list[float]) -> list[float]:
    """Least and most of IC50 of 2C and 2D over that of 2A and 2B."""
    found = [_ic50(x, at) / _ic50(y, at) for x in "cd" for y in "ab" for at in v]
    return [min(found), max(found)]


@cache
def _warmed() -> tuple[float, float]:
    """Decay and rise at 22 over those at 32 degC."""
    model, _ = gating.held(receptors["lester_jahr_1992"])
    ds = simulate(
        model,
        gating.protocol(2000.0),
        record=("open_nmda",),
        dt=0.02,
        celsius=[22.0, 32.0],
        progress=False,
    )
    t = ds.time.values - 10.0
    cold, warm = (
        traces.pulse(t[t > 0], y[t > 0]) for y in ds.open_nmda.transpose("celsius", "time").values
    )
    return cold.decay / warm.decay, cold.rise / warm.rise


@finds("TB7.q10")
def _decay_warmed() -> list[float]:
    return [_warmed()[0]]


@finds("TB7.q10_rise")
def _rise_warmed() -> list[float]:
    return [_warmed()[1]]


@finds("TB7.decays.lester_jahr_1992", "TB7.decays.destexhe_1998", "TB7.decays.kampa_2004_trapping")
def _synaptic_decay(scheme: str) -> tuple[float, float, float]:
    """Decay of the synaptic current at 31 degC, 1 mM Mg and -40 mV, in two parts over 500 ms."""
    model = models["kinetic_synapse"].without("ca_entry").swap(receptors[scheme])
    clamp, pulse = protocols["voltage_clamp"], protocols["single_pulse"]
    ds = simulate(
        model,
        Protocol("p", "", 550.0, clamp.stimuli, pulse.events),
        record=("i_nmda",),
        dt=0.02,
        every=5,
        v_hold=-40.0,
        mg_out=1.0,
        celsius=31.0,
        progress=False,
    )
    after = ds.time.values >= 50.0
    return gating.two_parts(ds.time.values[after], -ds.i_nmda.values[after])
