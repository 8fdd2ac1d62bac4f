"""How a claim is judged: what it says, its runs, the statistics that decide, and the result."""
