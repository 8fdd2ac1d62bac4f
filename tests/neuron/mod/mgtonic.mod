: Tonic NMDA conductance with the block of Jahr & Stevens 1990; q is the charge that came in.
NEURON {
    POINT_PROCESS MgTonic
    NONSPECIFIC_CURRENT i
    RANGE g, e, mg
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER { g = 0 (uS)  e = 0 (mV)  mg = 1 }
ASSIGNED { v (mV)  i (nA) }
STATE { q (nanocoulomb) }
INITIAL { q = 0 }
BREAKPOINT {
    SOLVE charge METHOD derivimplicit
    i = g*(v - e)/(1 + mg/3.57*exp(-0.062*v))
}
DERIVATIVE charge { q' = -g*(v - e)/(1 + mg/3.57*exp(-0.062*v)) }
