: AMPA and NMDA receptors of one synapse: the currents of mgsyn.mod with constants of their own.
NEURON {
    POINT_PROCESS MgSpine
    NONSPECIFIC_CURRENT i
    RANGE g_ampa, g_nmda, mg, k, decay
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER { g_ampa = 0 (uS)  g_nmda = 0 (uS)  mg = 1  k = 3.57  decay = 100 }
ASSIGNED { v (mV)  i (nA) }
STATE { a  x  s  q_ampa  q_nmda }
INITIAL { a = 0  x = 0  s = 0  q_ampa = 0  q_nmda = 0 }
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = g_ampa*a*v + open()*v
}
DERIVATIVE gates {
    a' = -a/2
    x' = -x/2
    s' = 0.5*x*(1 - s) - s/decay
    q_ampa' = -g_ampa*a*v
    q_nmda' = -open()*v
}
FUNCTION open() { open = g_nmda*s/(1 + mg/k*exp(-0.062*v)) }
NET_RECEIVE(weight) { a = a + weight  x = x + weight }
