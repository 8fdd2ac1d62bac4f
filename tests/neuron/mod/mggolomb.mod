: The cell of Golomb et al. 2006 (ModelDB 147117), which is its own presynaptic cell, written anew.
NEURON {
    SUFFIX mggolomb
    NONSPECIFIC_CURRENT i
    RANGE g_ampa, g_nmda, mg, tau_n, on
}
UNITS { (mV) = (millivolt)  (mA) = (milliamp)  (S) = (siemens) }
PARAMETER {
    g_ampa = 8e-5 (S/cm2)  g_nmda = 2e-4 (S/cm2)  mg = 0.05  tau_n = 100 (ms)
    on = 0  : how active it starts
}
ASSIGNED { v (mV)  i (mA/cm2) }
STATE { h n z a x s }
INITIAL {
    h = sig(v, -45, -7)  n = sig(v, -33, 10)  z = sig(v, -39, 5)
    a = 0.5*on  x = 0.9*on  s = 0.9*on
}
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = (0.035*sig(v, -30, 9.5)^3*h + 2e-4*sig(v, -47, 3))*(v - 55)
    i = i + (6e-3*n^4 + 1.8e-3*z)*(v + 90) + 5e-5*(v + 70)
    i = i + (g_ampa*a + g_nmda*s*block(v))*v
}
DERIVATIVE gates {
    h' = (sig(v, -45, -7) - h)/(0.1 + 0.75*sig(v, -40.5, -6))
    n' = (sig(v, -33, 10) - n)/(0.1 + 0.5*sig(v, -27, -15))
    z' = (sig(v, -39, 5) - z)/75
    a' = sig(v, -20, 2)*(1 - a) - a/5
    x' = sig(v, -20, 2)*(1 - x) - (1 - sig(v, -20, 2))*x/14.3
    s' = x*(1 - s) - s/tau_n
}
FUNCTION sig(v (mV), th (mV), k (mV)) { sig = 1/(1 + exp(-(v - th)/k)) }
FUNCTION block(v (mV)) {
    if (mg <= 0) { block = 1 } else { block = sig(v, 10.5*log(mg/38.3), 10) }
}
