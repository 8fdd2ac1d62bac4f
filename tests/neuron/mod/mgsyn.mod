: AMPA (instantaneous rise) and NMDA (rise, decay, saturation; Jahr & Stevens 1990) of one input.
NEURON {
    POINT_PROCESS MgSyn
    NONSPECIFIC_CURRENT i
    RANGE g_ampa, g_nmda, mg
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER { g_ampa = 0 (uS)  g_nmda = 0 (uS)  mg = 1 }
ASSIGNED { v (mV)  i (nA) }
STATE { a  x  s  q_ampa  q_nmda }
INITIAL { a = 0  x = 0  s = 0  q_ampa = 0  q_nmda = 0 }
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = g_ampa*a*v + g_nmda*s*v/(1 + mg/3.57*exp(-0.062*v))
}
DERIVATIVE gates {
    a' = -a/2
    x' = -x/2
    s' = 0.5*x*(1 - s) - s/100
    q_ampa' = -g_ampa*a*v
    q_nmda' = -g_nmda*s*v/(1 + mg/3.57*exp(-0.062*v))
}
NET_RECEIVE(weight) { a = a + weight  x = x + weight }
