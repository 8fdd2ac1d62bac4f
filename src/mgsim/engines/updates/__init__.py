"""One time step of a system as text, which every engine that steps runs."""
