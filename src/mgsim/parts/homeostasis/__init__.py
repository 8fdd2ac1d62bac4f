"""Ions that move: amounts, volumes, reversal potentials, pump, glia, bath and glutamate.

Amounts are what came in since the start (fmol), so that no digit is lost beside what was there.
What spends energy reads ``supply``; as of any port, one slot may see a value of its own
(``supply_pump``, ``supply_glia``, ``supply_uptake``, ``supply_bath_exchange``).
"""
