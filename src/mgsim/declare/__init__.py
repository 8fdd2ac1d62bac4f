"""What a text declares: parameters, ports, events, ions, kinetics, changes, and parts of these."""
