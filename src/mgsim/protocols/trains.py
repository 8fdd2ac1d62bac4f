"""Trains of presynaptic spikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mgsim.compose.protocol import Protocol, Train
from mgsim.declare.parameter import Parameter
from mgsim.protocols.chosen import APART, chosen


def _regular(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    if values["train_rate"] == 0:
        return np.empty(0)
    interval = 1000 / values["train_rate"]
    times = values["train_start"] + interval * np.arange(np.ceil(duration / interval) + 1)
    return times[times < min(duration, values["train_stop"])]


def _poisson(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    rate = values["train_rate"] / 1000
    stop = min(duration, values["train_stop"])
    times: list[float] = []
    now = values["train_start"]
    while rate > 0:
        now += rng.exponential(1 / rate)
        if now >= stop:
            break
        times.append(now)
    return np.array(times)


def _single(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    return np.array([t for t in (values["train_start"],) if t < duration])


def _start(value: float, meaning: str) -> Parameter:
    return chosen("train_start", value, "ms", meaning, (0, 1e6))


def train(
    name: str,
    meaning: str,
    rate: float,
    duration: float,
    *,
    poisson: bool = False,
    start: float = 50.0,
) -> Protocol:
    """Presynaptic spikes at ``rate`` Hz from ``start`` ms, regular or Poisson."""
    parameters = (
        chosen("train_rate", rate, "Hz", "rate of presynaptic spikes", (0, 200)),
        _start(
            start,
            "start of the presynaptic train" if poisson else "time of the first presynaptic spike",
        ),
        chosen("train_stop", 1e6, "ms", "end of the presynaptic train", (0, 1e6)),
    )
    times = _poisson if poisson else _regular
    return Protocol(
        name,
        meaning,
        duration,
        events={"pre": Train(parameters, times, goes_on=poisson)},
        window=("train_start", np.inf),
    )


train_20hz = train("train_20hz", "regular presynaptic train at 20 Hz", 20.0, 1000.0)
train_80hz = train("train_80hz", "regular presynaptic train at 80 Hz", 80.0, 1000.0)
poisson_20hz = train(
    "poisson_20hz",
    "Poisson presynaptic train at 20 Hz, one train a seed",
    20.0,
    1000.0,
    poisson=True,
)


def _inhibitory(values: Mapping[str, float], duration: float, rng: Any) -> np.ndarray:
    of = {name.replace("inhibition", "train"): value for name, value in values.items()}
    return _regular(of, duration, rng)


inhibition_20hz = Protocol(
    "inhibition_20hz",
    "regular train of inhibitory spikes at 20 Hz, to be added to one of excitatory spikes",
    1000.0,
    events={
        "inhibition": Train(
            (
                chosen("inhibition_rate", 20.0, "Hz", "rate of inhibitory spikes", (0, 200)),
                chosen(
                    "inhibition_start", 53.0, "ms", "time of the first inhibitory spike", (0, 1e6)
                ),
                chosen("inhibition_stop", 1e6, "ms", "end of the inhibitory train", (0, 1e6)),
            ),
            _inhibitory,
        )
    },
    window=("inhibition_start", np.inf),
)
single_pulse = Protocol(
    "single_pulse",
    "one presynaptic spike",
    500.0,
    events={"pre": Train((_start(50.0, "time of the presynaptic spike"),), _single)},
    window=("train_start", np.inf),
)


#: Why a rate cannot be 0.


def _bursts(values: Mapping[str, float], duration: float, rng: np.random.Generator) -> np.ndarray:
    starts = np.arange(round(values["burst_number"])) * (1000 / values["burst_rate"])
    inside = np.arange(round(values["burst_spikes"])) * (1000 / values["burst_within"])
    times = np.sort(np.add.outer(starts, inside).ravel()) + values["burst_start"]
    return times[times < duration]


theta_burst = Protocol(
    "theta_burst",
    "theta bursts: short presynaptic bursts at the theta rhythm",
    2500.0,
    window=("burst_start", np.inf),
    events={
        "pre": Train(
            (
                chosen("burst_rate", 5.0, "Hz", "bursts a second", (0.1, 20), nonzero=APART),
                chosen("burst_number", 10.0, "1", "number of bursts", (0, 1000), whole=True),
                chosen(
                    "burst_spikes", 4.0, "1", "presynaptic spikes in a burst", (0, 100), whole=True
                ),
                chosen(
                    "burst_within",
                    100.0,
                    "Hz",
                    "rate of spikes in a burst",
                    (10, 500),
                    nonzero=APART,
                ),
                chosen("burst_start", 100.0, "ms", "start of the first burst", (0, 1e6)),
            ),
            _bursts,
        )
    },
)
