"""Parts, protocol and measures joined into one closed set of equations."""
