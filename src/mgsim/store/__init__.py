"""A sweep in a folder on disk: what it holds, whose it is, opening and mending it."""
