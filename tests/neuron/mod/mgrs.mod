: The regular spiking cell of Pospischil et al. 2008 (constants of ModelDB 123623), written anew.
NEURON {
    SUFFIX mgrs
    NONSPECIFIC_CURRENT i
    RANGE g_leak, e_leak, g_na, e_na, g_k, e_k, g_m, tau_max, vt
}
UNITS { (mV) = (millivolt)  (mA) = (milliamp)  (S) = (siemens) }
PARAMETER {
    g_leak = 1e-4 (S/cm2)  e_leak = -70 (mV)
    g_na = 0.05 (S/cm2)    e_na = 50 (mV)
    g_k = 0.005 (S/cm2)    e_k = -100 (mV)
    g_m = 7e-5 (S/cm2)     tau_max = 1000 (ms)
    vt = -55 (mV)
}
ASSIGNED { v (mV)  i (mA/cm2) }
STATE { m h n p }
INITIAL {
    m = am(v - vt)/(am(v - vt) + bm(v - vt))
    h = ah(v - vt)/(ah(v - vt) + bh(v - vt))
    n = an(v - vt)/(an(v - vt) + bn(v - vt))
    p = pinf(v)
}
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = g_leak*(v - e_leak) + g_na*m*m*m*h*(v - e_na) + (g_k*n*n*n*n + g_m*p)*(v - e_k)
}
DERIVATIVE gates {
    m' = am(v - vt)*(1 - m) - bm(v - vt)*m
    h' = ah(v - vt)*(1 - h) - bh(v - vt)*h
    n' = an(v - vt)*(1 - n) - bn(v - vt)*n
    p' = (pinf(v) - p)*(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))/tau_max
}
FUNCTION ratio(x, y) {
    if (fabs(x/y) < 1e-6) { ratio = y*(1 - x/y/2) } else { ratio = x/(exp(x/y) - 1) }
}
FUNCTION am(u (mV)) { am = 0.32*ratio(13 - u, 4) }
FUNCTION bm(u (mV)) { bm = 0.28*ratio(u - 40, 5) }
FUNCTION ah(u (mV)) { ah = 0.128*exp((17 - u)/18) }
FUNCTION bh(u (mV)) { bh = 4/(1 + exp((40 - u)/5)) }
FUNCTION an(u (mV)) { an = 0.032*ratio(15 - u, 5) }
FUNCTION bn(u (mV)) { bn = 0.5*exp((10 - u)/40) }
FUNCTION pinf(v (mV)) { pinf = 1/(1 + exp(-(v + 35)/10)) }
