: L- and T-type calcium currents and calcium beneath the membrane, of the bursting and low-threshold
: cells of Pospischil et al. 2008 (constants of ModelDB 123623), written anew. To stand beside mgrs.
NEURON {
    SUFFIX mgca
    NONSPECIFIC_CURRENT i
    RANGE g_l, g_t, pool, e
}
UNITS { (mV) = (millivolt)  (mA) = (milliamp)  (S) = (siemens)  (mM) = (milli/liter) }
PARAMETER {
    g_l = 0 (S/cm2)
    g_t = 0 (S/cm2)
    pool = 0            : 1 where calcium moves the reversal potential
    out = 2 (mM)
    rest = 2.4e-4 (mM)
    depth = 1           : um
    tau = 5 (ms)
}
ASSIGNED { v (mV)  i (mA/cm2)  e (mV) }
STATE { q r u ca (mM) }
INITIAL {
    q = aq(v)/(aq(v) + bq(v))
    r = ar(v)/(ar(v) + br(v))
    u = uinf(v + 2)
    ca = rest
}
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    e = rev(ca)
    i = g(v)*(v - e)
}
DERIVATIVE gates {
    q' = aq(v)*(1 - q) - bq(v)*q
    r' = ar(v)*(1 - r) - br(v)*r
    u' = (uinf(v + 2) - u)/tauu(v + 2)
    ca' = -1e4*pool*g(v)*(v - rev(ca))/(2*96485.332*depth) + (rest - ca)/tau
}
FUNCTION g(v (mV)) { g = g_l*q*q*r + g_t*u/(1 + exp(-(v + 59)/6.2))^2 }
FUNCTION rev(c (mM)) { rev = 13.32024289*log(out/c) }
FUNCTION ratio(x, y) {
    if (fabs(x/y) < 1e-6) { ratio = y*(1 - x/y/2) } else { ratio = x/(exp(x/y) - 1) }
}
FUNCTION aq(v (mV)) { aq = 0.055*ratio(-27 - v, 3.8) }
FUNCTION bq(v (mV)) { bq = 0.94*exp((-75 - v)/17) }
FUNCTION ar(v (mV)) { ar = 0.000457*exp((-13 - v)/50) }
FUNCTION br(v (mV)) { br = 0.0065/(exp((-15 - v)/28) + 1) }
FUNCTION uinf(w (mV)) { uinf = 1/(1 + exp((w + 81)/4)) }
FUNCTION tauu(w (mV)) {
    tauu = (30.8 + (211.4 + exp((w + 113.2)/5))/(1 + exp((w + 84)/3.2)))/3^1.2
}
