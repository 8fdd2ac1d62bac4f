"""The functions that find mgsim's numbers, by what they are about; each names its rows."""

from mgsim.validation.sections import block as block
from mgsim.validation.sections import bursting as bursting
from mgsim.validation.sections import calcium as calcium
from mgsim.validation.sections import cell as cell
from mgsim.validation.sections import charge as charge
from mgsim.validation.sections import depolarisation as depolarisation
from mgsim.validation.sections import doses as doses
from mgsim.validation.sections import gating as gating
from mgsim.validation.sections import insult as insult
from mgsim.validation.sections import kinetics as kinetics
from mgsim.validation.sections import magnesium as magnesium
from mgsim.validation.sections import potassium as potassium
from mgsim.validation.sections import release as release
from mgsim.validation.sections import spine as spine
