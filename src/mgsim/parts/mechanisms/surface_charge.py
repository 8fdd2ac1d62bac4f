"""What divalent ions do to the gates of all channels by screening fixed charge outside.

Gates feel the potential across the membrane's own field. Fixed negative charge adds to it outside,
and calcium and magnesium take of that: fewer divalents shift all gates as a depolarisation would.
"""

from __future__ import annotations

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_BATH = (
    Parameter(
        "ca_unshifted",
        2.0,
        "mM",
        "calcium of the bath in which the gates were measured",
        "assumed: slices in the usual 2 mM; give that of the cell's source",
        (0.1, 20),
    ),
    Parameter(
        "mg_unshifted",
        1.0,
        "mM",
        "magnesium of the bath in which the gates were measured",
        "assumed: slices in the usual 1 mM; give that of the cell's source",
        (0, 20),
    ),
)


def _potency(value: float, source: str) -> Parameter:
    return Parameter(
        "mg_screening",
        value,
        "1",
        "magnesium that screens as much as one calcium",
        source,
        (1, 2.5),
        nonzero="magnesium is divided by it",
    )


def _surface(ca: str, mg: str, end: str) -> str:
    """The surface potential in one bath, as lines whose names end in ``end``.

    With x = 2 sinh(phi/2), of the potential phi over -RT/F, the law of Grahame is
    x**2*(A + D*exp(phi)) = K with A the anions and D the divalents. ``charge_0`` starts below the
    root, from exp(phi) estimated from above; two Newton steps of x = sqrt(K/(A + D*exp(phi))) leave
    1e-11 mV over any bath and charge, none and 0 among them.
    """
    lines = [
        f"divalent{end} = {ca} + {mg}/mg_screening : mM  # divalents, as calcium",
        f"anions{end} = mono_out + 2*divalent{end} : mM  # anions outside",
        f"charge_far{end} = 2*(mono_out + anions{end} + divalent{end} + charge_k)/(mono_out"
        f" + sqrt(mono_out**2 + 4*divalent{end}*(mono_out + anions{end} + divalent{end}"
        " + charge_k))) : 1",
        f"charge_0{end} = sqrt(charge_k/(anions{end} + divalent{end}*charge_far{end})) : 1",
    ]
    for i in range(2):
        x = f"charge_{i}{end}"
        cosh, exp = f"sqrt(1 + {x}**2/4)", f"boltzmann_{i}{end}"
        all_of = f"(anions{end} + divalent{end}*{exp})"
        lines += [
            f"{exp} = ({x}/2 + {cosh})**2 : 1",
            f"charge_next_{i}{end} = sqrt(charge_k/{all_of}) : 1",
            f"charge_{i + 1}{end} = {x} - ({x} - charge_next_{i}{end})"
            f"/(1 + charge_next_{i}{end}*divalent{end}*{exp}/(2*{all_of}*{cosh})) : 1",
        ]
    x = f"charge_2{end}"
    lines.append(
        f"v_surface{end} = -2*thermal_v*log({x}/2 + sqrt(1 + {x}**2/4)) : mV  # surface potential"
    )
    return "\n".join(lines)


grahame = Component(
    name="grahame",
    slot="surface_charge",
    meaning="shift of all gates by the screening of fixed surface charge (Grahame)",
    equations=f"""
thermal_v = gas_constant*(celsius + zero_celsius)/faraday_constant : mV  # RT/F
charge_k = sigma**2/(2*permittivity*gas_constant*(celsius + zero_celsius)) : mM
{_surface("ca_out", "mg_out", "")}
{_surface("ca_unshifted", "mg_unshifted", "_ref")}
gate_shift = v_surface - v_surface_ref : mV  # positive: gates need more depolarisation
""",
    parameters=(
        Parameter(
            "sigma",
            -0.16,
            "C/m**2",
            "density of fixed charge at the channels",
            "assumed: 9 mV per e-fold at 1 to 4 mM, as the logarithmic law; to be drawn "
            "log-uniform from -0.02 to -0.24, of which -0.20 to -0.24 gives the shifts of nerve",
            (-0.24, 0),
        ),
        Parameter(
            "mono_out",
            150.0,
            "mM",
            "monovalent cations outside",
            "assumed: usual solutions",
            (50, 600),
            nonzero="without any ion there is no screening",
        ),
        _potency(1.0, "assumed: pure screening, by the charge alone"),
        Parameter(
            "permittivity",
            78.5 * 8.8541878128,
            "pF/m",
            "permittivity of the solution",
            "assumed: water at 25 degC, 78.5 times that of empty space",
            (600, 800),
        ),
        *_BATH,
    ),
    adds={"v_shift": "-gate_shift"},
    references=("hille_1975",),
    reproduces="+20 to +25 mV per tenfold of one divalent, and -18 mV without divalents against 2 "
    "mM calcium, at a charge of -0.20 to -0.24 C/m2 in 120 mM at 18 degC.",
    conditions="Smeared charge, ions as points (Gouy and Chapman). The shift is 0 in the bath of "
    "ca_unshifted and mg_unshifted, whatever the charge, and follows the bath at every moment.",
    deviations="No binding of ions to the charge, no protons: with mg_screening above 1 magnesium "
    "screens less than calcium, as measured at sodium channels. The same shift for every gate, and "
    "none of the current through the pore or of the block by magnesium. The paper's own model has "
    "three kinds of surface groups that bind protons and calcium.",
)

log_shift = Component(
    name="log_shift",
    slot="surface_charge",
    meaning="shift of all gates by the logarithm of divalent ions",
    equations="""
gate_shift = shift_slope*log((ca_out + mg_out/mg_screening)
             /(ca_unshifted + mg_unshifted/mg_screening)) : mV  # positive: more depolarisation
""",
    parameters=(
        Parameter(
            "shift_slope",
            9.0,
            "mV",
            "shift for e times as many divalent ions",
            "hille_1975: abstract, +20 to +25 mV per tenfold, or 8.7 to 10.9 mV per e-fold",
            (5, 13),
        ),
        _potency(1.4, "isaev_2012: abstract, calcium 1.4 times as strong as magnesium"),
        *_BATH,
    ),
    adds={"v_shift": "-gate_shift"},
    references=("hille_1975", "isaev_2012"),
    reproduces="The slopes that both abstracts state.",
    conditions="Myelinated nerve of the frog; calcium against magnesium at sodium channels of "
    "hippocampal pyramidal cells. About 0.5 to 20 mM divalents.",
    deviations="Without any divalent ion the logarithm has no value, where -18 mV were measured: "
    "'grahame' has no such end.",
)
