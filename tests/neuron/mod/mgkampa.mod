: The ten states of Kampa et al. 2004 (rates of ModelDB 50207), written anew; glu is set from outside.
NEURON {
    POINT_PROCESS MgKampa
    NONSPECIFIC_CURRENT i
    RANGE g, e, mg, glu, open, q
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER { g = 0 (uS)  e = 0 (mV)  mg = 1  glu = 0 }
ASSIGNED { v (mV)  i (nA)  open  kin  kout }
STATE { U Cl D1 D2 O UB ClB D1B D2B OB q }
INITIAL { U = 1  q = 0 }
BREAKPOINT {
    SOLVE states METHOD derivimplicit
    open = O
    i = g*O*(v - e)
}
DERIVATIVE states {
    kin = mg*exp(-1.6*(v - 40)/25)
    kout = exp(0.4*(v - 40)/25)
    U' = -(10*glu*U - 5.6e-3*Cl) - (5e-5*kin*U - 2.438312e-3*kout*UB)
    Cl' = 10*glu*U - 5.6e-3*Cl - (10e-3*Cl - 273e-3*O) - (2.2e-3*Cl - 1.6e-3*D1) - (5e-5*kin*Cl - 5.041915e-3*kout*ClB)
    D1' = 2.2e-3*Cl - 1.6e-3*D1 - (0.43e-3*D1 - 0.5e-3*D2) - (5e-5*kin*D1 - 2.98874e-3*kout*D1B)
    D2' = 0.43e-3*D1 - 0.5e-3*D2 - (5e-5*kin*D2 - 2.953408e-3*kout*D2B)
    O' = 10e-3*Cl - 273e-3*O - (0.05*kin*O - 12.8*kout*OB)
    UB' = -(10*glu*UB - 17.1e-3*ClB) + 5e-5*kin*U - 2.438312e-3*kout*UB
    ClB' = 10*glu*UB - 17.1e-3*ClB - (10e-3*ClB - 548e-3*OB) - (2.1e-3*ClB - 0.87e-3*D1B) + 5e-5*kin*Cl - 5.041915e-3*kout*ClB
    D1B' = 2.1e-3*ClB - 0.87e-3*D1B - (0.26e-3*D1B - 0.42e-3*D2B) + 5e-5*kin*D1 - 2.98874e-3*kout*D1B
    D2B' = 0.26e-3*D1B - 0.42e-3*D2B + 5e-5*kin*D2 - 2.953408e-3*kout*D2B
    OB' = 10e-3*ClB - 548e-3*OB + 0.05*kin*O - 12.8*kout*OB
    q' = -g*O*(v - e)
}
