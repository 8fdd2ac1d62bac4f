"""From values and axes to an engine and back to a labelled data set."""
