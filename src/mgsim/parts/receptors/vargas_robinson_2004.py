"""Vargas-Caballero & Robinson (2004): asymmetric trapping block, in two public versions.

The two differ fifteenfold in the unbinding of glutamate (the decay of the response is about 20 or
100 ms) and cannot both be the paper's. Neither was compared with the paper's table.
"""

from mgsim.declare.ports import Measured
from mgsim.parts.receptors.trapping import asymmetric

_REFERENCES = ("vargas-caballero_2004", "edmonds_1992", "ascher_1988", "hestrin_1990")
_CONDITIONS = (
    "Cortical pyramidal neurons, rat, nucleated patches (the header of ModelDB 145836 "
    "says hippocampal slices). The Mg rates are those of Ascher & Nowak "
    "1988."
)
_REST = (
    "Without glutamate magnesium in a closed channel stays there for ever, so the scheme has "
    "no single resting state; every receptor starts free, in C0 (the authors' file starts in "
    "a steady state)."
)
_MEASURED = (
    Measured(
        "mg_out", 1.0, 1.0, "vargas-caballero_2004: 1 mM, as the authors' mod file of 2005 says"
    ),
    Measured(
        "celsius",
        20.0,
        25.0,
        "vargas-caballero_2004: room temperature, as the authors' mod file of 2005 says",
    ),
)

vargas_robinson_2004 = asymmetric(
    "vargas_robinson_2004",
    free=(5.0, 82e-3, 46.5e-3, 91.6e-3, 8.4e-3, 1.8e-3),
    bound=(82e-3, 41.85e-3, 229e-3, 8.4e-3, 1.8e-3),
    source="vargas-caballero_2004: the authors' own mod file of 2005 (header Vargas Caballero, "
    "Robinson and Roth)",
    meaning="asymmetric trapping block, constants of the authors' own code of 2005",
    references=_REFERENCES,
    reproduces="The authors' file: closing 2.5 times and opening 0.9 times as fast with magnesium.",
    conditions=_CONDITIONS,
    measured=_MEASURED,
    deviations="k_off is 82 /s where Edmonds & Colquhoun, whose other rates it shares, have 4.7 "
    "/s; unexplained, and in conflict with the other public version. The file holds magnesium at 1 "
    "mM; here binding is proportional to it. Its current reverses at -3 mV; set e_nmda for that. "
    + _REST,
)
vargas_robinson_2004_corrected = asymmetric(
    "vargas_robinson_2004_corrected",
    free=(5.0, 5.5e-3, 46.5e-3, 91.6e-3, 8.4e-3, 1.8e-3),
    bound=(5.5e-3, 46.5e-3, 3 * 91.6e-3, 8.4e-3, 1.8e-3),
    source="vargas-caballero_2004: as coded in ModelDB 145836 SynNMDA10_2.mod, there said to be "
    "corrected to the article",
    meaning="asymmetric trapping block, constants of ModelDB 145836 said to follow the article",
    references=_REFERENCES,
    reproduces="The file NMDA10_2: closing three times as fast with magnesium, opening unchanged.",
    conditions=_CONDITIONS,
    measured=_MEASURED,
    deviations="k_off is 5.5 /s, in conflict with the 82 /s of the authors' own file. Its current "
    "reverses at -0.7 mV; set e_nmda for that. " + _REST,
)
