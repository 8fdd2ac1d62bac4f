"""Claims whose verdicts are known from closed forms, and what gives their numbers."""

from dataclasses import replace

import numpy as np

import mgsim as mg
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish
from mgsim.judging.reading import Bench, Reading
from mgsim.judging.verdict.runs import Table
from mgsim.measures import ca_charge_nmda

WHY = "assumed: planted"
DISH = {"low": dish(0.2), "usual": dish(1.2)}
CLAMP = mg.Experiment(
    "planted_clamp",
    "What passes at a fixed potential?",
    (mg.models["patch"],),
    mg.protocols["voltage_clamp"].lasting(2, (1, np.inf)),
    measures=(ca_charge_nmda,),
)
#: A potential, and a number that nothing but the planted runner reads.
PRIORS = {
    "v_hold": mg.Prior("uniform", (-65, 0), WHY),
    "g_nmda": mg.Prior("uniform", (0.0, 1.0), WHY),
}
BENCH = Bench("planted", CLAMP, PRIORS, laws=("jahr_stevens_1990", "kampa_2004"))
#: Where half of the draws pass a ratio of 2 between 0.2 and 1.2 mM: block over open is 1.25/mM.
CROSSINGS = {
    "jahr_stevens_1990": -np.log(1.25 * 3.57) / 0.062,
    "kampa_2004": 40 - np.log(1.25 * 12.8 / 0.05) / (2 / 25),
}


def ratio(low, usual):
    """Calcium through NMDA receptors: times as much at low magnesium."""
    return low.ca_charge_nmda / usual.ca_charge_nmda


def uniform(low, usual):
    """A number that is uniform from 0 to 1."""
    return low.ca_charge_nmda / usual.ca_charge_nmda


def claim(name, statistic=ratio, bench=BENCH, conditions=DISH, **options):
    reading = Reading("planted", bench, conditions, statistic, WHY, **options)
    return Claim(name, "A planted claim.", ("000",), "A", (reading,))


def closed(arm):
    """The calcium charge of the clamp, but for a factor, by law and draw."""
    drawn, mg_out = arm.drawn(), arm.condition.mg_out
    v = drawn["v_hold"]
    by = {
        "jahr_stevens_1990": 1 / (1 + mg_out / 3.57 * np.exp(-0.062 * v)),
        "kampa_2004": 1 / (1 + mg_out * 0.05 / 12.8 * np.exp(-2 * (v - 40) / 25)),
        "none": np.ones_like(v),
    }
    return Table({"ca_charge_nmda": np.array([by[law] * (40 - v) for law in arm.laws])})


def chosen(value):
    """A runner in which the ratio of low to usual is ``value(arm, draws)``, and 1 without block."""

    def one(arm):
        drawn = arm.drawn()
        shape = (len(arm.laws), arm.take.draws)
        low = arm.condition.mg_out < 1 and arm.laws != ("none",)
        numbers = value(arm, drawn) if low else np.ones(shape[1])
        return Table({"ca_charge_nmda": np.broadcast_to(numbers, shape)})

    return lambda arms: {arm.key: one(arm) for arm in arms}


def by_form(arms):
    return {arm.key: closed(arm) for arm in arms}


def with_laws(*names):
    return replace(BENCH, laws=names)


def of_several_words():
    """A claim whose readings have each word: FAILS turns with the line, HOLDS does not."""
    lines = {"surely": 1.2, "open": 2.05, "half": 2.5, "never": 4.0}
    readings = tuple(
        Reading(f"dish, {name}", BENCH, DISH, uniform, WHY, at_least=line)
        for name, line in lines.items()
    )
    return Claim("planted", "A planted claim.", ("000",), "A", readings, mechanism="block")


def several_words(draws=512):
    """Its result: a number that is uniform from 2 to 3."""
    run = chosen(lambda arm, drawn: 2 + drawn["g_nmda"])
    return of_several_words().judge(draws, run=run)
