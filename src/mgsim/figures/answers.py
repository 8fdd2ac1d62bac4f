"""What a figure shows, in a sentence that is computed from the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

_PERSON = 0.8


def _at(values: xr.DataArray, **where: float | str) -> float:
    """One number, at the nearest levels of axes of numbers."""
    for name, value in where.items():
        near = None if isinstance(value, str) else "nearest"
        values = values.sel({name: value}, method=near)
    return float(values)


def _level(ds: xr.Dataset, level: float = _PERSON) -> float:
    """The magnesium on the axis that is nearest to a level."""
    return float(ds.mg_out.sel(mg_out=level, method="nearest"))


def bistability(ds: xr.Dataset) -> str:
    """The least magnesium that gives two potentials, by law."""
    most = float(ds.mg_out.max())
    onset = {
        str(law): float(mg)
        for law, mg in zip(ds.block.values, ds.mg_onset.values, strict=True)
        if mg <= most
    }
    if not onset:
        return f"under none of {ds.sizes['block']} laws up to {most:g} mM"
    first, last = min(onset, key=onset.__getitem__), max(onset, key=onset.__getitem__)
    return (
        f"under {len(onset)} of {ds.sizes['block']} laws, from {onset[first]:.2f} mM ({first}) or "
        f"{onset[last]:.2f} mM ({last}) on; under the others nowhere up to {most:g} mM"
    )


def block_curves(ds: xr.Dataset) -> str:
    """What the laws leave at rest."""
    laws = ds.unblocked.where(ds.block != "none", drop=True)
    at = laws.sel(v=-65, method="nearest").sel(mg_out=1, method="nearest")
    ends = [int(k) for k in (at.argmin("block"), at.argmax("block"))]
    low, high = (f"{float(at[k]):.1%} ({at.block[k].item()})" for k in ends)
    return (
        f"at {float(at.v):g} mV and {float(at.mg_out):g} mM they leave {low} to {high}, "
        f"{float(at.max() / at.min()):.1f}-fold apart"
    )


def ca_map(ds: xr.Dataset) -> str:
    """From which conductance on the cell fires, and the span of the load."""
    told = []
    for mg in (0.0, _level(ds)):
        fires = ds.g_nmda.where(ds.spike_rate.sel(mg_out=mg) > 0, drop=True)
        most = f"nowhere up to {float(ds.g_nmda.max()):g} nS"
        from_ = f"from {float(fires.min()):g} nS on" if fires.size else most
        told.append(f"at {mg:g} mM {from_}")
    ratio = ds.ca_charge_nmda.sel(mg_out=0.0) / ds.ca_charge_nmda.sel(mg_out=_level(ds))
    return (
        f"it fires {', '.join(told)}; without magnesium {float(ratio.min()):.0f} to "
        f"{float(ratio.max()):.0f} times as much calcium enters as at {_level(ds):g} mM"
    )


def csf_studies(ds: xr.Dataset) -> str:
    """How many of the measured means lie within the range of people, by structure."""
    held = dict.fromkeys(ds.csf.values.tolist(), 0)
    count = 0
    for name in ds.study.values:
        one = ds.sel(study=name)
        seen = one.measured.notnull().values
        at, means = one.measured_at.values[seen], one.measured.values[seen]
        count += len(means)
        for structure in held:
            ends = one.change.sel(csf=structure).transpose("quantile", "moment").values[[0, -1]]
            low, high = (np.interp(at, one.hours.values, end) for end in ends)
            held[structure] += int(((low <= means) & (means <= high)).sum())
    told = ", ".join(f"{n} under {structure}" for structure, n in held.items())
    return f"of {count} measured means lie within 95 % of people: {told}"


def epsp_mg(ds: xr.Dataset) -> str:
    """What is taken from peak and late part, and the control."""
    mg, open_, gone = _level(ds), float(ds.g_nmda.max()), float(ds.g_nmda.min())

    def taken(what: xr.DataArray, g: float) -> float:
        return _at(what, mg_out=0, g_nmda=g) - _at(what, mg_out=mg, g_nmda=g)

    return (
        f"{mg:g} mM takes {taken(ds.epsp_peak, open_):.1f} mV of a peak of "
        f"{_at(ds.epsp_peak, mg_out=0, g_nmda=open_):.1f} mV, and {taken(ds.epsp_late, open_):.1f} "
        f"of {_at(ds.epsp_late, mg_out=0, g_nmda=open_):.1f} mV 60 ms after the input; at "
        f"{gone:g} nS it takes {abs(taken(ds.epsp_peak, gone)):.2g} mV"
    )


def fi_curve(ds: xr.Dataset) -> str:
    """Where firing begins, and how much of it is left after adaptation."""
    fires = ds.i_amp.where(ds.first_rate > 0, drop=True)
    most = float(ds.i_amp.max())
    return (
        f"it fires repeatedly from {float(fires.min()):g} pA on; at {most:g} pA with "
        f"{_at(ds.first_rate, i_amp=most):.0f} Hz at first and {_at(ds.last_rate, i_amp=most):.0f} "
        "Hz in the end"
        if fires.size
        else f"it does not fire up to {most:g} pA"
    )


def fi_mg(ds: xr.Dataset) -> str:
    """By how much the rate moves from the lowest to the highest magnesium, by way."""
    low, high = float(ds.mg_out.min()), float(ds.mg_out.max())
    moved = abs(ds.spike_rate.sel(mg_out=high) - ds.spike_rate.sel(mg_out=low)).max("i_amp")
    told = [
        f"{float(moved.sel(model=model, glu_tonic=glu)):.0f} Hz {str(model).replace('_', ' ')} at "
        f"{1e3 * glu:g} uM glutamate"
        for model in ds.model.values
        for glu in ds.glu_tonic.values.tolist()
    ]
    return f"from {low:g} to {high:g} mM firing moves by up to {', '.join(told)}"


def law_spread(ds: xr.Dataset) -> str:
    """What all laws share, and how far they differ."""
    one = ds.where(ds.block != "none", drop=True).sortby("mg_out")
    falls = int((one.ca_charge_nmda.diff("mg_out") < 0).all("mg_out").sum())
    silent = one.mg_out.where(one.spike_rate == 0).min("mg_out")
    at = one.ca_charge_nmda.sel(mg_out=_PERSON, method="nearest")
    return (
        f"under {falls} of {one.sizes['block']} laws the calcium load falls throughout, firing "
        f"ends at {float(silent.min()):g} to {float(silent.max()):g} mM, and at "
        f"{float(at.mg_out):g} mM the loads differ {float(at.max() / at.min()):.1f}-fold"
    )


def mg_response(ds: xr.Dataset) -> str:
    """Where firing ends, and what is left of the load."""
    one = ds.sortby("mg_out")
    silent = one.mg_out.where(one.spike_rate == 0).min()
    mg, least = _level(ds), float(one.mg_out.min())
    ends = f"is gone from {float(silent):g} mM on" if bool(silent.notnull()) else "goes on"
    load = _at(one.ca_charge_nmda, mg_out=least) / _at(one.ca_charge_nmda, mg_out=mg)
    return (
        f"firing falls from {_at(one.spike_rate, mg_out=least):.0f} Hz at {least:g} mM and {ends}; "
        f"the calcium load falls {load:.0f}-fold up to {mg:g} mM"
    )


def nmda_iv(ds: xr.Dataset) -> str:
    """Where the inward current is largest, and what is left of it at negative potentials."""
    mg, far = _level(ds, 1.0), float(ds.v_hold.min())
    inward = ds.mean_i_nmda.sel(mg_out=mg)
    peak = float(ds.v_hold[int(inward.argmin("v_hold"))])
    least = float(ds.mg_out.min())
    left = _at(inward, v_hold=far) / _at(ds.mean_i_nmda, mg_out=least, v_hold=far)
    return (
        f"at {mg:g} mM the inward current is largest at {peak:g} mV, and at {far:g} mV {left:.1%} "
        f"of what it is at {least:g} mM"
    )


def plasticity_timing(ds: xr.Dataset) -> str:
    """The strongest and the weakest outcome at each magnesium."""
    told = []
    for mg in ds.mg_out.values:
        one = ds.strength.sel(mg_out=mg)
        ends = [
            f"{float(one[k]):.2f} at {float(one.post_delay[k]):g} ms"
            for k in (int(one.argmin("post_delay")), int(one.argmax("post_delay")))
        ]
        told.append(f"at {mg:g} mM {' and '.join(ends)}")
    return f"weakest and strongest, {'; '.join(told)}"


def release_mg(ds: xr.Dataset) -> str:
    """What twice the magnesium of a person leaves of both releases."""
    mg = _level(ds, 2 * _PERSON)
    acts = ds.where(ds.first_over_normal.max("mg_out") > 1 + 1e-9)
    first, last = (acts[f"{n}_over_normal"].sel(mg_out=mg) for n in ("first", "last"))
    return (
        f"at {mg:g} mM the first spike releases {float(first.min()):.0%} to "
        f"{float(first.max()):.0%} of what it does in a person, the 20th {float(last.min()):.0%} "
        f"to {float(last.max()):.0%}, where magnesium acts at all"
    )


def spine_coincidence(ds: xr.Dataset) -> str:
    """The gain of a pair by magnesium and law."""
    told = []
    for mg in ds.mg_out.values:
        gains = [
            f"{_at(ds.ca_gain, block=str(law), mg_out=mg, bap_height=100, post_delay=10):.2g}"
            for law in ds.block.values
        ]
        told.append(f"{' or '.join(gains)} times at {mg:g} mM")
    delay = _at(ds.post_delay, post_delay=10)
    return f"at {delay:+g} ms {', '.join(told)} ({', '.join(map(str, ds.block.values))})"
