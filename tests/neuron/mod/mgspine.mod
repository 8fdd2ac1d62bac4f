: AMPA, NMDA and free calcium of one synapse: the currents of mgsyn.mod with constants of their own,
: calcium as a share of the NMDA current (Chindemi et al. 2022), one pool with linear extrusion.
NEURON {
    POINT_PROCESS MgSpine
    NONSPECIFIC_CURRENT i
    RANGE g_ampa, g_nmda, mg, k, decay, cao, volume, tau, rest
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER {
    g_ampa = 0 (uS)  g_nmda = 0 (uS)  mg = 1  k = 3.57  decay = 100
    cao = 1       : mM
    volume = 1    : um3, times one plus the binding ratio of the buffer
    tau = 80      : ms
    rest = 0.05   : uM
}
ASSIGNED { v (mV)  i (nA) }
STATE { a  x  s  ca  q_ampa  q_nmda  q_ca }
INITIAL { a = 0  x = 0  s = 0  ca = rest  q_ampa = 0  q_nmda = 0  q_ca = 0 }
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = g_ampa*a*v + open()*v
}
DERIVATIVE gates {
    a' = -a/2
    x' = -x/2
    s' = 0.5*x*(1 - s) - s/decay
    ca' = -i_ca()*1e4*1.0364269656/(2*volume) - (ca - rest)/tau
    q_ampa' = -g_ampa*a*v
    q_nmda' = -open()*v
    q_ca' = -i_ca()
}
FUNCTION open() { open = g_nmda*s/(1 + mg/k*exp(-0.062*v)) }
FUNCTION i_ca() {
    i_ca = 0
    if (v < 40) { i_ca = 0.6*cao/(cao + 30/1.38)*open()*(v - 40) }
}
NET_RECEIVE(weight) { a = a + weight  x = x + weight }
