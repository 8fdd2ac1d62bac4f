"""What is kept of a run: numbers found while it runs, within the protocol's window."""

from __future__ import annotations

from mgsim.catalog import unknown
from mgsim.currents import carrying, declared
from mgsim.ions import IONS
from mgsim.model import Measure, Model
from mgsim.parameter import Parameter

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
_WINDOW = "(window_stop - window_start)"

spike_count = Measure("spike_count", "1", "spikes", on_spike="spike_count += 1")
spike_rate = Measure("spike_rate", "Hz", "firing rate", on_spike=f"spike_rate += 1/{_WINDOW}")
first_spike_time = Measure(
    "first_spike_time",
    "ms",
    "time of the first spike",
    initial=-1.0,
    undefined_below=0.0,
    on_spike="first_spike_time += int(first_spike_time < 0*s)*(t_spike - first_spike_time)",
)
last_spike_time = Measure(
    "last_spike_time",
    "ms",
    "time of the last spike",
    initial=-1.0,
    undefined_below=0.0,
    on_spike="last_spike_time = t_spike",
)
mean_v = Measure("mean_v", "mV", "mean membrane potential", rate=f"v/{_WINDOW}")
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
ca_charge_t_type = Measure(
    "ca_charge_t_type", "pC", "calcium charge in through T-type channels", rate="-i_ca_t"
)
ca_charge = Measure("ca_charge", "pC", "calcium charge in from all sources", rate="-i_ca")
nmda_charge = Measure("nmda_charge", "pC", "NMDA charge in, all ions", rate="-i_nmda")
time_ca_high = Measure(
    "time_ca_high",
    "ms",
    "time with high free calcium",
    rate="int(ca > ca_level)",
    parameters=(_CA_LEVEL,),
)


def by_source(model: Model, ion: str) -> tuple[Measure, ...]:
    """The charge that comes in through each current that an ion carries, a measure each.

    Found by what the parts declare; together they are the integral of the ion's current. What is
    left of a divided current is among them where its ion is named.

    Parameters
    ----------
    ion : a name of :data:`mgsim.ions.IONS`, such as ``"ca"``.

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
        m.rate: m for m in (ca_charge_nmda, ca_charge_ampa, ca_charge_l_type, ca_charge_t_type)
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
