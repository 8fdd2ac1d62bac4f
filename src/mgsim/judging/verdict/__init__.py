"""From a claim to its verdict: what is run, what the draws say, and the result."""
