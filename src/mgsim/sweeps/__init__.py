"""From values and axes to an engine and back to a labelled data set."""

import time

#: When what computes was loaded: source that is newer is not what runs.
LOADED = time.time()
