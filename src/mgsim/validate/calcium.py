"""Section C: calcium through NMDA receptors."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgsim.measures import ca_charge_ampa
from mgsim.validate.target import Target

_SCHNEGG = "schneggenburger_1993: about 6.8 % in forebrain neurons, not read"
_FORMULA = "chindemi_2022: neurodamus-models GluSynapse.mod, 4 Ca/(4 Ca + 120/1.38)"
_LEVELS = (1.0, 1.2, 1.8, 2.0, 2.5, 10.0)


def shares(ca: Any, v: Any = -60.0, mg: Any = 0.0, part: Any = None, **values: Any) -> np.ndarray:
    """Calcium's share of the NMDA current in a simulated clamp; axes mg, ca, v as given."""
    import mgsim

    model = mgsim.models["patch"]
    ds = mgsim.simulate(
        model.swap(part) if part else model,
        mgsim.protocols["voltage_clamp"].lasting(20.0, (0.0, 20.0)),
        record=("i_nmda", "i_ca_nmda"),
        ca_out=ca,
        v_hold=v,
        mg_out=mg,
        progress=False,
        **values,
    )
    share = (ds.i_ca_nmda / ds.i_nmda).isel(time=-1)
    return np.asarray(share.values)


def _percent(ca: Any, v: float = -60.0) -> list[float]:
    return [float(x) * 100 for x in np.atleast_1d(shares(ca, v))]


def _preset(name: str, ca: float, v: float, **values: Any) -> list[float]:
    import mgsim

    return [float(shares(ca, v, part=mgsim.calcium[name], **values)) * 100]


def _concentrations(p_ca: float) -> list[float]:
    return [
        _preset("ghk", ca, -60.0, act_ca=1.0, act_mono=1.0, p_ca=p_ca, celsius=22.0)[0]
        for ca in (1.6, 1.8, 2.0)
    ]


def _coefficient() -> list[float]:
    """I_Ca over g (V - 40 mV) at 2 mM calcium."""
    import mgsim

    ds = mgsim.simulate(
        mgsim.models["patch"],
        mgsim.protocols["voltage_clamp"].lasting(20.0, (0.0, 20.0)),
        record=("i_ca_nmda", "g_conducting"),
        ca_out=2.0,
        progress=False,
    )
    last = ds.isel(time=-1)
    return [float(last.i_ca_nmda / (last.g_conducting * (-60.0 - 40.0)))]


def _spread_with_mg() -> list[float]:
    """Largest relative spread of the share over magnesium, of three potentials and every law."""
    import mgsim

    spreads = []
    for law in mgsim.blocks.own.values():
        found = shares(2.0, [-80.0, -40.0, 20.0], [0.0, 0.1, 1.0, 10.0], law)
        axis = 0 if found.shape[0] == 4 else 1
        spreads.append(float(np.ptp(found, axis=axis).max() / np.abs(found).max()))
    return [max(spreads)]


def _ampa() -> tuple[Any, Any]:
    """A clamped synapse with calcium through AMPA receptors, and one release."""
    import mgsim

    model = mgsim.models["clamped_synapse"].without("ca_entry")
    clamp, pulse = mgsim.protocols["voltage_clamp"], mgsim.protocols["single_pulse"]
    return (
        model.swap(mgsim.calcium["ampa_calcium"]),
        mgsim.Protocol("p", "", 100.0, clamp.stimulus, pulse.events),
    )


def _ampa_share(**values: Any) -> list[float]:
    """Percent of the AMPA current that is calcium, over one response."""
    import mgsim

    ds = mgsim.simulate(*_ampa(), record=("i_ca_ampa", "i_ampa"), progress=False, **values)
    return [100 * float(ds.i_ca_ampa.sum() / ds.i_ampa.sum())]


def _calyx_ampa() -> list[float]:
    """Percent of the 3.0 pC of calcium that enter with a spike."""
    import mgsim

    ds = mgsim.sweep(
        *_ampa(),
        ca_charge_ampa,
        dt=0.005,
        v_hold=-80.0,
        pf_ampa=0.013,
        g_ampa=37.0,
        tau_ampa=1.1,
        progress=False,
    )
    return [100 * float(ds.ca_charge_ampa) / 3.0]


TARGETS: tuple[Target, ...] = (
    Target(
        "TC1",
        "calcium's share of the NMDA current, 1.6 mM Ca, -60 mV, no Mg",
        (6.8,),
        "%",
        lambda: _percent(1.6),
        abs=0.7,
        source=_SCHNEGG,
        evidence="unverified",
        circular=True,
        note="The formula that public code uses was set to this number; it returns 6.855 %.",
    ),
    Target(
        "TC2",
        "calcium's share at -60 mV at 1.0, 1.2, 1.8, 2.0, 2.5, 10 mM Ca",
        (4.39770554, 5.23123578, 7.64684152, 8.42490842, 10.3139013, 31.5068493),
        "%",
        lambda: _percent(list(_LEVELS)),
        rel=1e-6,
        source=_FORMULA,
        priority=2,
        note="First listed as the limit of very negative potential; they are the ratio at "
        "-60 mV with E = 0 (closed form).",
    ),
    Target(
        "TC3",
        "I_Ca/(g (V - 40 mV)) at 2 mM Ca",
        (0.0505494505,),
        obtain=_coefficient,
        rel=1e-6,
        source=_FORMULA,
        priority=2,
    ),
    Target(
        "TC4",
        "calcium's share for recombinant GluN2A receptors, 1.8 mM Ca, -60 mV",
        unit="%",
        obtain=lambda: _preset("fractional_glun2a", 1.8, -60.0),
        between=(8.0, 13.0),
        source="burnashev_1995: about 11 %, not read",
        evidence="unverified",
        priority=2,
        needs=("calcium/fractional_glun2a",),
        circular=True,
        note="The size is set to 11 %.",
    ),
    Target(
        "TC4.ampa",
        "calcium's share of the AMPA current, receptors with GluA2",
        unit="%",
        obtain=_ampa_share,
        between=(0.45, 0.65),
        evidence="unverified",
        priority=2,
        source="burnashev_1995: 0.5 %, and about 0.6 % in CA1 (Garaschuk et al. 1996), not read",
        circular=True,
        note="The part's constant is 0.6 %; within what rounds to 0.5 or 0.6.",
    ),
    Target(
        "TC4.ampa_without",
        "the same, receptors without GluA2",
        unit="%",
        obtain=lambda: _ampa_share(pf_ampa=0.035),
        between=(3.2, 4.0),
        evidence="unverified",
        source="burnashev_1995: 3.2 to 4 %, not read",
        priority=2,
        circular=True,
        note="pf_ampa set to 0.035, as the part's conditions say.",
    ),
    Target(
        "TC5.share",
        "calcium's share at the calyx synapse, 2 mM Ca, -80 mV",
        unit="%",
        obtain=lambda: _preset("fractional_calyx", 2.0, -80.0),
        between=(11.5 / 1.5, 11.5 * 1.5),
        source="page: PMC6793368, 11-12 %",
        evidence="page",
        priority=2,
        needs=("calcium/fractional_calyx",),
        circular=True,
        note="The size is set to 11.5 %.",
    ),
    Target(
        "TC5.ampa",
        "calcium's share of the AMPA current at the calyx synapse",
        (1.3,),
        "%",
        lambda: _ampa_share(pf_ampa=0.013),
        rel=1e-4,
        source="page: PMC6793368, 1.3 %",
        evidence="page",
        priority=2,
        circular=True,
        note="pf_ampa set to 0.013.",
    ),
    Target(
        "TC5.ampa_charge",
        "calcium through the AMPA receptors of the calyx in one response of "
        "37 nS that decays in 1.1 ms, at -80 mV, over the 3.0 pC of a spike",
        unit="%",
        obtain=_calyx_ampa,
        between=(0.0, 5.0),
        source="bollmann_1998: as quoted in PMC6793368, "
        "3.0 pC, AMPA below 5 %; 37 nS and 1.1 ms of Forsythe & Barnes-Davies 1993, abstract "
        "(PubMed 8096081)",
        evidence="page",
        priority=2,
        note="By hand 37 nS x 80 mV x 1.1 ms x 1.3 % / 3.0 pC = 1.41 %.",
    ),
    Target(
        "TC5.budget",
        "calcium of one spike at the calyx: 3.0 pC, 70 % by channels, up to 30 % by NMDA receptors",
        source="page: PMC6793368",
        evidence="page",
        priority=2,
        lacks="the conductances, concentrations and channel kinetics of that cell: the source "
        "gives the budget of a synaptic response with its spike and none of these could be "
        "read, so that a cell made to show it would be a fit, not a test",
    ),
    Target(
        "TC7.activities",
        "constant field share, P_Ca/P_Na 10.6 with activities, 2 mM Ca, -60 mV, at 22 and 37 degC",
        (18.5781382, 18.6131476),
        "%",
        lambda: [_preset("ghk", 2.0, -60.0, celsius=t)[0] for t in (22.0, 37.0)],
        rel=1e-6,
        source="mayer_1987: activities as coded in ModelDB 6763 inmda.mod; closed form",
        priority=2,
        needs=("calcium/ghk",),
        note="With 150 mM monovalent ions on either side and 50 nM calcium inside.",
    ),
    Target(
        "TC7.concentrations",
        "the same with concentrations, 22 degC, at 1.6, 1.8, 2.0 mM Ca",
        (31.3348442, 33.9229861, 36.3231093),
        "%",
        lambda: _concentrations(10.6),
        rel=1e-6,
        priority=2,
        source="mayer_1987: 10.6 with concentrations; closed form",
        needs=("calcium/ghk",),
        note="Over-predicts what was measured (7-12 %).",
    ),
    Target(
        "TC7.low",
        "the same for P 3.6",
        (13.4187381, 14.847045, 16.228992),
        "%",
        lambda: _concentrations(3.6),
        rel=1e-6,
        priority=2,
        source="independent: constant field, closed form",
        needs=("calcium/ghk",),
    ),
    Target(
        "TC10",
        "largest spread of calcium's share over 0, 0.1, 1, 10 mM Mg, at -80, -40, +20 "
        "mV and with every block law",
        (0.0,),
        obtain=_spread_with_mg,
        abs=1e-6,
        circular=True,
        source=_FORMULA + "; an identity of a block that takes all ions alike",
    ),
    Target(
        "TC11",
        "calcium of a spine: 1.1 uM (0.6 to 8.2) at a spike and 70 +- 29 nM at rest; "
        "0.7 +- 0.4 uM at a synaptic input and 1.7 +- 0.6 uM at a back-propagating spike",
        source="sabatini_2002: at a spike and at rest as quoted in ten public copies of "
        "GluSynapse.mod; 0.7 and 1.7 uM from elsewhere, not read",
        evidence="unverified",
        priority=2,
        beyond="needs a spine",
    ),
)
