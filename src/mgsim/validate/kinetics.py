"""Sections A and B: block that takes time, trapping, temperature, and receptors by subunit."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from mgsim.analysis import traces
from mgsim.component import Component, Parameter
from mgsim.validate import gating
from mgsim.validate.target import Target

_AN, _KAMPA = "ascher_nowak_kinetic", "kampa_2004_trapping"
_STEP = 60.0  # ms, when the potential steps


def _number(name: str, value: float, unit: str, range: tuple[float, float]) -> Parameter:
    return Parameter(name, value, unit, name, "assumed: choice of the experimenter", range)


def _steps(duration: float) -> Any:
    """Glutamate from a time on, and a step of the potential."""
    import mgsim

    return mgsim.Protocol("step_under_glutamate", "", duration, Component(
        "step_under_glutamate", "stimulus", "a step of potential in glutamate",
        equations="""
v_command = v_before + (v_after - v_before)*int(t > v_time) : mV
glu_applied = glu_amp*int(t > glu_on)*int(t < glu_off) : mM
""",
        parameters=(_number("v_before", -60.0, "mV", (-120, 80)),
                    _number("v_after", 40.0, "mV", (-120, 80)),
                    _number("v_time", _STEP, "ms", (0, 1e6)),
                    _number("glu_amp", 1.0, "mM", (0, 10)),
                    _number("glu_on", 0.0, "ms", (0, 1e6)),
                    _number("glu_off", 1e6, "ms", (0, 1e6))),
        adds={"glu_ambient": "glu_applied"}))  # fmt: skip


def _relaxation(name: str, v: float) -> float:
    """Time constant of the unblocked fraction of open receptors after a step to ``v`` (ms)."""
    import mgsim

    model, _ = gating.held(mgsim.receptors[name])
    dt = 0.001
    ds = mgsim.simulate(model, _steps(_STEP + 3.0), record=("unblocked",), dt=dt, mg_out=1.0,
                        v_before=40.0 if v < 0 else -60.0, v_after=v, progress=False)
    t = ds.time.values - _STEP
    u = ds.unblocked.values
    start, end = float(np.interp(0.0, t, u)), float(u[-1])
    gone = np.abs(u - end) / abs(start - end)
    used = (t >= 0) & (gone > 0.1)
    used &= np.cumsum(~used & (t >= 0)) == 0
    return -1 / float(np.polyfit(t[used], np.log(gone[used]), 1)[0])


def _relaxations(name: str) -> list[float]:
    return [_relaxation(name, v) for v in (-80.0, -60.0, -40.0, 0.0, 40.0)]


@cache
def _unblock() -> tuple[float, float, float]:
    """Share of the rise at 1 ms, time of the peak, and time constant of the fast part.

    After a step to +40 mV, 10 ms after a 1 ms pulse.
    """
    import mgsim

    model, _ = gating.held(mgsim.receptors[_KAMPA])
    dt = 0.005
    ds = mgsim.simulate(model, _steps(100.0), record=("o_nmda",), dt=dt, mg_out=1.0, glu_on=49.0,
                        glu_off=50.0, progress=False)
    t, o = ds.time.values - _STEP, ds.o_nmda.values
    t_peak, peak = traces.extremum(t, o)
    start = float(np.interp(0.0, t, o))
    risen = (o - start) / (peak - start)
    early = (t >= 0) & (t <= 0.15)
    fast = float(np.interp(0.6, t, o)) - start
    left = 1 - (o[early] - start) / fast
    tau = -1 / float(np.polyfit(t[early], np.log(left), 1)[0])
    return float(np.interp(1.0, t, risen)), t_peak, tau


def _unblock_numbers(*which: int) -> list[float]:
    return [_unblock()[i] for i in which]


def _trapped(v: float) -> list[float]:
    return gating.pulse_numbers(_KAMPA, v=v, mg=1.0)


def _passed() -> list[float]:
    """Peak at -60 mV and 1 mM Mg over that without Mg."""
    return [_trapped(-60.0)[0] / gating.pulse_numbers(_KAMPA, v=-60.0, mg=0.0)[0]]


def _subunit(letter: str, which: int) -> float:
    end = {"a": 1500.0, "b": 8000.0, "c": 4000.0, "d": 60000.0}[letter]
    return gating.pulse_numbers(f"glun2{letter}", end=end, width=4.0, dt=0.02)[which]


def _ic50(letter: str, v: float) -> float:
    """Magnesium (uM) that blocks half, from the part's own law."""
    import mgsim

    part = mgsim.receptors[f"glun2{letter}"]
    b = float(part.evaluate("unblocked", v=v, mg_out=1.0))
    return 1e3 * b / (1 - b)


def _ratios() -> list[float]:
    """Least and most of IC50 of 2C and 2D over that of 2A and 2B, -100 to 0 mV."""
    found = [_ic50(x, v) / _ic50(y, v) for x in "cd" for y in "ab" for v in (-100.0, -60.0, 0.0)]
    return [min(found), max(found)]


def _warmed() -> list[float]:
    """Decay at 22 over that at 32 degC."""
    import mgsim

    model, _ = gating.held(mgsim.receptors["lester_jahr_1992"])
    ds = mgsim.simulate(model, gating.protocol(2000.0), record=("open_nmda",), dt=0.02,
                        celsius=[22.0, 32.0], progress=False)
    t = ds.time.values - 10.0
    decays = [traces.pulse(t[t > 0], y[t > 0]).decay
              for y in ds.open_nmda.transpose("celsius", "time").values]
    return [decays[0] / decays[1]]


_RATES = "independent: 1/([Mg] k_on + k_off) of the published rates"
_V5 = tuple(f"{v} mV" for v in ("-80", "-60", "-40", "0", "+40"))
_TRAP = ("The receptors start in equilibrium with 1 mM Mg, as they are at rest; the number first "
         "listed had every receptor start without Mg. Computed independently by matrix "
         "exponentials from the published constants.")
_G = tuple(f"receptors/glun2{x}" for x in "abcd")

TARGETS: tuple[Target, ...] = (
    Target("TA2.subunits", "IC50 of 2C and 2D receptors over that of 2A and 2B, least and most",
           obtain=_ratios, between=(4.0, 20.0), source="page: Qian et al. 2005, J Physiol 562:319, "
           "2D at least 4 times less inhibited than 2A", evidence="page", priority=2, needs=_G),
    Target("TA6.ascher_nowak", "relaxation of block after a step, 1 mM Mg, Ascher & Nowak",
           (.0146, .0448, .1147, .1664, .0787), "ms", partial(_relaxations, _AN), rel=0.05,
           source="ascher_1988: rates as coded in ModelDB 145836, closed form", priority=2,
           labels=_V5, needs=(f"receptors/{_AN}",)),
    Target("TA6.kampa", "the same, open state of Kampa et al.",
           (.0091, .0306, .0839, .1352, .0778), "ms", partial(_relaxations, _KAMPA), rel=0.1,
           source="kampa_2004: ModelDB 50207, closed form", priority=2, labels=_V5,
           needs=(f"receptors/{_KAMPA}",),
           note="The closed form leaves out closing (0.3-0.5 /ms), which speeds the relaxation."),
    Target("TA7.share", "Kampa scheme, -60 to +40 mV, 10 ms after 1 ms of glutamate: share of the "
           "rise within 1 ms", (.730,), obtain=partial(_unblock_numbers, 0), rel=0.05,
           source="kampa_2004: ModelDB 50207; matrix exponential", priority=2,
           needs=(f"receptors/{_KAMPA}",)),
    Target("TA7.peak", "the same: time of the peak", (7.95,), "ms", partial(_unblock_numbers, 1),
           rel=0.05, source="kampa_2004: ModelDB 50207; matrix exponential", priority=2,
           needs=(f"receptors/{_KAMPA}",)),
    Target("TA7.fast", "the same: time constant of the fast part", unit="ms",
           obtain=partial(_unblock_numbers, 2), between=(0.05, 0.15), evidence="page",
           source="kampa_2004: abstract, about 0.1 ms dominant", priority=2,
           needs=(f"receptors/{_KAMPA}",)),
    Target("TA7.slow", "the same: share of the rise that comes later than 1 ms",
           obtain=lambda: [1 - _unblock()[0]], between=(0.15, 0.40), evidence="page",
           source="kampa_2004: abstract, further parts of 4 and about 300 ms", priority=2,
           needs=(f"receptors/{_KAMPA}",)),
    Target("TB1.B7.+40mV", "Kampa scheme at +40 mV and 1 mM Mg: response to 1 mM for 1 ms",
           (.031815, 13.169, 6.126, 141.84, 184.19), obtain=partial(_trapped, 40.0), rel=0.02,
           source="kampa_2004: ModelDB 50207; matrix exponential", labels=gating.LABELS,
           needs=(f"receptors/{_KAMPA}",), note=_TRAP),
    Target("TB1.B7.-60mV", "Kampa scheme at -60 mV and 1 mM Mg: response to 1 mM for 1 ms",
           (.0013179, 6.642, 3.142, 56.613, 62.913), obtain=partial(_trapped, -60.0), rel=0.02,
           source="kampa_2004: ModelDB 50207; matrix exponential", labels=gating.LABELS,
           needs=(f"receptors/{_KAMPA}",), note=_TRAP),
    Target("TB1.B7.passed", "Kampa scheme at -60 mV: peak at 1 mM Mg over the peak without",
           (.04103,), obtain=_passed, rel=0.02, needs=(f"receptors/{_KAMPA}",), note=_TRAP,
           source="kampa_2004: ModelDB 50207; matrix exponential"),
    *(Target(f"TB4.2{x.upper()}", f"peak open fraction of GluN2{x.upper()} receptors, 4 ms of 1 mM",
             (po,), obtain=lambda x=x: [_subunit(x, 0)], rel=0.2, source=source,  # type: ignore[misc]
             evidence="page", priority=2, needs=(f"receptors/glun2{x}",),
             note="The rates were fitted to this number.")
      for x, po, source in (("a", 0.50, "erreger_2005: PMC1665591"),
                            ("b", 0.12, "erreger_2005: PMC1665591"),
                            ("c", 0.01, "gielen_2009: PMC2711440, about 0.01"),
                            ("d", 0.01, "gielen_2009: PMC2711440, about 0.01"))),
    *(Target(f"TB5.2{x.upper()}", f"deactivation of GluN2{x.upper()} receptors (area over peak)",
             (tau,), "ms", lambda x=x: [_subunit(x, 4)], rel=0.2,  # type: ignore[misc]
             source="page: PMC6858497 table 1, GluN1-1a", evidence="page", priority=2,
             needs=(f"receptors/glun2{x}",), note="The rates were fitted to this number.")
      for x, tau in (("a", 87.0), ("b", 548.0), ("d", 5714.0))),
    Target("TB7.q10", "decay of Lester & Jahr's scheme at 22 over that at 32 degC", (3.5,),
           obtain=_warmed, abs=0.9, source="code: comments of ModelDB 145836 SynExp5NMDA.mod on "
           "Hestrin 1990, 3.5 +- 0.9", evidence="code", priority=2),
    Target("TB7.decays", "synaptic decay in CA1 above 30 degC: 23.5 ms (65 %) and 123 ms",
           source="code: comments of ModelDB 145836 SynExp5NMDA.mod on Hestrin 1990",
           evidence="code", priority=2, lacks="a gating scheme fitted at that temperature"),
    *(Target(f"TB9.2{x.upper()}", f"glutamate EC50 of GluN2{x.upper()} receptors, steady",
             unit="uM", obtain=lambda x=x: [gating.steady(f"glun2{x}")[0]],  # type: ignore[misc]
             between=(ec50 / 1.5, ec50 * 1.5), evidence="unverified", priority=2,
             source="unverified: Traynelis et al. 2010, remembered",
             needs=(f"receptors/glun2{x}",), note="The rates were fitted to this number.")
      for x, ec50 in (("a", 3.3), ("b", 2.9), ("c", 1.7), ("d", 0.5))),
    Target("TB9.glycine", "glycine EC50 by subunit: 2A 1.1-1.7, 2B 0.4-0.7, 2D 0.1-0.2 uM",
           source="unverified: Traynelis et al. 2010, remembered", evidence="unverified",
           priority=2, lacks="glycine affinities by subunit"),
)  # fmt: skip
