"""A bath that sodium and potassium go to with chloride."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words
from mgsim.parts.homeostasis.surroundings import exchange_kcl

exchange_salts = Component(
    "exchange_salts",
    "bath_exchange",
    "sodium chloride and potassium chloride exchanged with a bath",
    f"{exchange_kcl.equations}\n"
    "dna_to_bath/dt = bath_rate*(na_out - na_bath)*vol_out*supply : fmol"
    "  # sodium that the bath took",
    parameters=(
        *exchange_kcl.parameters,
        Parameter(
            "na_bath", 144.0, "mM", "sodium of the bath", "assumed: as outside at rest", (50, 200)
        ),
    ),
    adds={"taken_k": "k_to_bath", "taken_na": "na_to_bath", "taken_cl": "(k_to_bath + na_to_bath)"},
    ports=(words.VOL_OUT, *words.TAKEN.values()),
    references=exchange_kcl.references,
    conditions=f"{exchange_kcl.conditions} Sodium comes in where potassium goes out, so that "
    "chloride is not washed out with it.",
    deviations="One rate for both salts; the published file moves potassium alone ('exchange_k').",
)
