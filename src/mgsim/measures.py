"""What is kept of a run: numbers found while it runs, within the protocol's window."""

from __future__ import annotations

from mgsim.catalogs.catalog import unknown
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter
from mgsim.system.currents import carrying, declared

_V_LEVEL = Parameter(
    "v_level",
    -40.0,
    "mV",
    "level above which time counts as depolarised",
    "assumed: clearly above rest, below spikes",
    (-70, 0),
)
_CA_LEVEL = Parameter(
    "ca_level",
    1.0,
    "uM",
    "free calcium above which time counts as high",
    "assumed: no single harmful level is known; sweep it",
    (0.1, 50),
)
_BURST_GAP = Parameter(
    "burst_gap",
    20.0,
    "ms",
    "interval of spikes below which they are of one burst",
    "assumed: between the intervals of a burst, a few ms, and those of regular firing; sweep it",
    (2, 100),
)
_NO_SPIKE = "no spike in the window"
_NO_RELEASE = "no release in the window"
_NO_INTERVAL = "fewer than two spikes in the window"
_WINDOW = "(window_stop - window_start)"

spike_count = Measure("spike_count", "1", "spikes", on={"spike": "spike_count += 1"})
spike_rate = Measure("spike_rate", "Hz", "firing rate", on={"spike": f"spike_rate += 1/{_WINDOW}"})
first_spike_time = Measure(
    "first_spike_time",
    "ms",
    "time of the first spike",
    on={"spike": "first_spike_time += int(spike_count < 1)*t_spike"},
    needs=(spike_count,),
    defined="spike_count > 0",
    undefined=_NO_SPIKE,
)
last_spike_time = Measure(
    "last_spike_time",
    "ms",
    "time of the last spike",
    on={"spike": "last_spike_time = t_spike"},
    needs=(spike_count,),
    defined="spike_count > 0",
    undefined=_NO_SPIKE,
)
#: The mean interval before a spike and with it, 0 where there is none.
_BEFORE = "(last_spike_time - first_spike_time)/(spike_count - 1 + 2*int(spike_count < 2))"
_WITH = "(t_spike - first_spike_time)/(spike_count + int(spike_count < 1))"
mean_interval = Measure(
    "mean_interval",
    "ms",
    "mean interval of spikes",
    value="(last_spike_time - first_spike_time)/(spike_count - 1)",
    needs=(spike_count, first_spike_time, last_spike_time),
    defined="spike_count > 1",
    undefined=_NO_INTERVAL,
)
#: Welford (1962): a sum that loses no digits where the intervals are alike.
interval_squares = Measure(
    "interval_squares",
    "ms**2",
    "sum of squares of the intervals of spikes about their mean",
    on={
        "spike": "interval_squares += int(spike_count > 0)"
        f"*(t_spike - last_spike_time - {_BEFORE})*(t_spike - last_spike_time - {_WITH})"
    },
    needs=(spike_count, first_spike_time, last_spike_time),
    defined="spike_count > 1",
    undefined=_NO_INTERVAL,
)
cv_interval = Measure(
    "cv_interval",
    "1",
    "coefficient of variation of the intervals of spikes",
    value="sqrt(interval_squares/(spike_count - 1))/mean_interval",
    needs=(spike_count, interval_squares, mean_interval),
    defined="spike_count > 2",
    undefined="fewer than three spikes in the window",
)
short_intervals = Measure(
    "short_intervals",
    "1",
    "intervals of spikes shorter than the gap of a burst",
    on={
        "spike": "short_intervals += int(spike_count > 0)"
        "*int(t_spike - last_spike_time < burst_gap)"
    },
    needs=(spike_count, last_spike_time),
    parameters=(_BURST_GAP,),
)
burst_index = Measure(
    "burst_index",
    "1",
    "share of the intervals of spikes that are shorter than the gap of a burst",
    value="short_intervals/(spike_count - 1)",
    needs=(spike_count, short_intervals),
    defined="spike_count > 1",
    undefined=_NO_INTERVAL,
)
mean_v = Measure("mean_v", "mV", "mean membrane potential", rate=f"v/{_WINDOW}")
mean_unblocked = Measure(
    "mean_unblocked",
    "1",
    "mean share of open NMDA receptors that magnesium leaves unblocked",
    rate=f"unblocked/{_WINDOW}",
)
peak_v = Measure("peak_v", "mV", "largest membrane potential", peak="v")
time_depolarised = Measure(
    "time_depolarised",
    "ms",
    "time above the depolarisation level",
    rate="int(v > v_level)",
    parameters=(_V_LEVEL,),
)
mean_i_nmda = Measure("mean_i_nmda", "pA", "mean NMDA receptor current", rate=f"i_nmda/{_WINDOW}")
peak_ca = Measure("peak_ca", "uM", "largest free calcium", peak="ca")
mean_ca = Measure("mean_ca", "uM", "mean free calcium", rate=f"ca/{_WINDOW}")
ca_charge_nmda = Measure(
    "ca_charge_nmda", "pC", "calcium charge in through NMDA receptors", rate="-i_ca_nmda"
)
ca_charge_ampa = Measure(
    "ca_charge_ampa", "pC", "calcium charge in through AMPA receptors", rate="-i_ca_ampa"
)
ca_charge_l_type = Measure(
    "ca_charge_l_type", "pC", "calcium charge in through L-type channels", rate="-i_ca_l"
)
ca_charge_r_type = Measure(
    "ca_charge_r_type", "pC", "calcium charge in through R-type channels", rate="-i_ca_r"
)
ca_charge_t_type = Measure(
    "ca_charge_t_type", "pC", "calcium charge in through T-type channels", rate="-i_ca_t"
)
ca_charge = Measure("ca_charge", "pC", "calcium charge in from all sources", rate="-i_ca")


def _share(of: Measure, source: str) -> Measure:
    return Measure(
        of.name.replace("charge", "share"),
        "1",
        f"share of the calcium charge that comes in through {source}",
        value=f"{of.name}/ca_charge",
        needs=(of, ca_charge),
        defined="ca_charge > 0*pC",
        undefined="no calcium came in",
    )


ca_share_nmda = _share(ca_charge_nmda, "NMDA receptors")
ca_share_ampa = _share(ca_charge_ampa, "AMPA receptors")
ca_share_l_type = _share(ca_charge_l_type, "L-type channels")
ca_share_r_type = _share(ca_charge_r_type, "R-type channels")
ca_share_t_type = _share(ca_charge_t_type, "T-type channels")
release_count = Measure("release_count", "1", "releases", on={"release": "release_count += 1"})
release_first = Measure(
    "release_first",
    "1",
    "amount that the first spike releases",
    on={"release": "release_first += int(release_count < 0.5)*quanta"},
    needs=(release_count,),
    defined="release_count > 0",
    undefined=_NO_RELEASE,
)
release_second = Measure(
    "release_second",
    "1",
    "amount that the second spike releases",
    on={"release": "release_second += int(release_count > 0.5)*int(release_count < 1.5)*quanta"},
    needs=(release_count,),
    defined="release_count > 1",
    undefined="fewer than two releases in the window",
)
release_last = Measure(
    "release_last",
    "1",
    "amount that the last spike releases",
    on={"release": "release_last = quanta"},
    needs=(release_count,),
    defined="release_count > 0",
    undefined=_NO_RELEASE,
)
paired_pulse_ratio = Measure(
    "paired_pulse_ratio",
    "1",
    "release of the second spike over that of the first",
    value="release_second/release_first",
    needs=(release_count, release_first, release_second),
    defined="release_count > 1 and release_first > 0",
    undefined="fewer than two releases in the window, or nothing at the first",
)
transmissions = Measure(
    "transmissions",
    "1",
    "releases that fire the muscle fibre",
    on={"release": "transmissions += int(quanta > quanta_needed)"},
)
_LESS_ATP = Measure("less_atp", "mM", "lowest ATP, its sign turned", peak="-atp")
ca_charge_receptors = Measure(
    "ca_charge_receptors",
    "pC",
    "calcium charge in through all NMDA receptors, synaptic and others",
    rate="2*faraday_constant*ca_by_nmda",
)
injury_index = Measure(
    "injury_index",
    "1",
    "HYPOTHESIS, ordinal: injury by the calcium that NMDA receptors let in, 0 to 1, a half where "
    "cultures die by half; it ranks insults and is no share of cells",
    value="1/(1 + (injury_half/ca_charge_receptors)**injury_power)",
    needs=(ca_charge_receptors,),
    parameters=(
        Parameter(
            "injury_half",
            3872.0,
            "pC",
            "calcium charge through NMDA receptors at an index of a half",
            "assumed: that of 'full_moving' in 70 uM of glutamate for 5 min, amid the 50 to 100 uM "
            "that kill half the cells of cultures",
            (1.0, 1e7),
            nonzero="the charge is held against it",
        ),
        Parameter(
            "injury_power", 2.0, "1", "steepness of the index", "assumed: sweep it", (1.0, 8.0)
        ),
    ),
    defined="ca_charge_receptors > 0*pC",
    undefined="no calcium came in through NMDA receptors",
)
least_atp = Measure("least_atp", "mM", "lowest ATP", value="-less_atp", needs=(_LESS_ATP,))
time_atp_low = Measure(
    "time_atp_low",
    "ms",
    "time with little ATP",
    rate="int(atp < atp_level)",
    parameters=(
        Parameter(
            "atp_level",
            1.0,
            "mM",
            "ATP below which time counts as depleted",
            "assumed: a third of that at rest; sweep it",
            (0.05, 3),
        ),
    ),
)
swelling = Measure(
    "swelling", "1", "largest volume of the cell over that at the start", peak="vol_in/vol_in_rest"
)
nmda_charge = Measure("nmda_charge", "pC", "NMDA charge in, all ions", rate="-i_nmda")
time_ca_high = Measure(
    "time_ca_high",
    "ms",
    "time with high free calcium",
    rate="int(ca > ca_level)",
    parameters=(_CA_LEVEL,),
)
time_depressing = Measure(
    "time_depressing", "ms", "time above the threshold of depression", rate="depressing"
)
time_potentiating = Measure(
    "time_potentiating", "ms", "time above the threshold of potentiation", rate="potentiating"
)


def by_source(model: Model, ion: str) -> tuple[Measure, ...]:
    """The charge that comes in through each current that an ion carries, a measure each.

    Found by what the parts declare; together they are the integral of the ion's current. What is
    left of a divided current is among them where its ion is named.

    Parameters
    ----------
    ion : a name of :data:`mgsim.declare.ions.IONS`, such as ``"ca"``.

    Returns
    -------
    Measures in pC, inward positive, in the order of the parts.

    Raises
    ------
    UnknownName
        For an ion that there is none of.

    Examples
    --------
    >>> import mgsim as mg
    >>> [m.name for m in mg.by_source(mg.models["standard"], "ca")]
    ['ca_charge_nmda']
    >>> [m.name for m in mg.by_source(mg.models["standard"], "k")]
    ['charge_of_i_k_dr', 'charge_of_i_m']
    """
    if ion not in IONS:
        raise unknown("ion", ion, IONS)
    named = {
        m.rate: m
        for m in (
            ca_charge_nmda,
            ca_charge_ampa,
            ca_charge_l_type,
            ca_charge_r_type,
            ca_charge_t_type,
        )
    }
    return tuple(
        named.get(f"-{c.name}")
        or Measure(
            f"charge_of_{c.name}",
            "pC",
            f"{IONS[ion].meaning} charge in: {c.meaning or c.name}",
            rate=f"-{c.name}",
        )
        for c in carrying(ion, declared(model.parts))
    )
