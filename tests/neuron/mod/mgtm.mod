: AMPA (instantaneous rise) and NMDA (rise, decay, saturation; Jahr & Stevens 1990) of one input that
: depletes and facilitates (Tsodyks & Markram), its use scaled by Dodge & Rahamimoff's fourth power.
NEURON {
    POINT_PROCESS MgTm
    NONSPECIFIC_CURRENT i
    RANGE g_ampa, g_nmda, mg, ca, mg0, ca0, use, tau_rec, tau_facil, out
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER {
    g_ampa = 0 (uS)  g_nmda = 0 (uS)
    mg = 1  ca = 2  mg0 = 1  ca0 = 2
    use = 0.5  tau_rec = 671 (ms)  tau_facil = 17 (ms)
}
ASSIGNED { v (mV)  i (nA)  out }
STATE { a  x  s  q_nmda }
INITIAL { a = 0  x = 0  s = 0  q_nmda = 0  out = 0 }
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = g_ampa*a*v + g_nmda*s*v/(1 + mg/3.57*exp(-0.062*v))
}
DERIVATIVE gates {
    a' = -a/2
    x' = -x/2
    s' = 0.5*x*(1 - s) - s/100
    q_nmda' = -g_nmda*s*v/(1 + mg/3.57*exp(-0.062*v))
}
FUNCTION bound(ca, mg) {
    bound = (ca/1.1)/(1 + ca/1.1 + mg/2.97)
}
NET_RECEIVE(weight, ready, u, before (ms)) {
    LOCAL now
    INITIAL { ready = 1  u = 0  before = 0 }
    now = use*(bound(ca, mg)/bound(ca0, mg0))^4
    if (now > 1) { now = 1 }
    u = u*exp(-(t - before)/tau_facil)
    u = u + now*(1 - u)
    ready = 1 - (1 - ready)*exp(-(t - before)/tau_rec)
    out = u*ready
    ready = ready - out
    before = t
    a = a + weight*out
    x = x + weight*out
}
