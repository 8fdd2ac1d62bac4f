"""How a claim is judged: what it says, its runs, the statistics that decide, and the result."""

from mgsim.judging.claim import Claim as Claim
from mgsim.judging.conditions import ClaimError as ClaimError
from mgsim.judging.conditions import dish as dish
from mgsim.judging.conditions import person as person
from mgsim.judging.reading import Bench as Bench
from mgsim.judging.reading import Reading as Reading
from mgsim.judging.verdict.comparison import Comparison as Comparison
