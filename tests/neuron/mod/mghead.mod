: The head of a spine: AMPA and NMDA receptors, R-type channels and calcium, with the constants of the
: public GluSynapse.mod of Chindemi et al. 2022, written anew. An event of weight 1 is a release, one
: of weight -1 an action potential of the command, which takes the place of v where clamp is 1.
NEURON {
    POINT_PROCESS MgHead
    NONSPECIFIC_CURRENT i
    RANGE g_ampa, g_nmda, g_r, mg, cao, temp, clamp, hold, height, surface, volume, ca
    RANGE q_nmda, q_ca, q_r
}
UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }
PARAMETER {
    g_ampa = 0 (uS)  g_nmda = 5.5e-4 (uS)
    g_r = 7.44e-5   : uS/um2
    mg = 1  cao = 2 : mM
    temp = 34       : degC
    clamp = 1  hold = -70  height = 100
    surface = 0.94951  volume = 0.087  : um2, um3
}
ASSIGNED { v (mV)  i (nA)  factor }
STATE { a  x  late  m  h  ca  fast  slow  q_nmda  q_ca  q_r }
INITIAL {
    LOCAL peak
    peak = 0.29*70/(70 - 0.29)*log(70/0.29)
    factor = 1/(exp(-peak/70) - exp(-peak/0.29))
    a = 0  x = 0  late = 0  fast = 0  slow = 0  q_nmda = 0  q_ca = 0  q_r = 0
    m = minf(where())
    h = hinf(where())
    ca = 0.07
}
BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    i = 0
    if (clamp < 0.5) { i = g_ampa*a*v + open()*(v + 3) + ir() }
}
DERIVATIVE gates {
    a' = -a/2
    x' = -x/0.29
    late' = -late/70
    fast' = -fast/3
    slow' = -slow/25
    m' = minf(where()) - m
    h' = (hinf(where()) - h)/27
    ca' = -(entry() + ir())*1e4*1.0364269656/(2*volume*25) - (ca - 0.07)/12
    q_nmda' = -open()*(where() + 3)
    q_ca' = -entry()
    q_r' = -ir()
}
FUNCTION where() {
    where = v
    if (clamp > 0.5) { where = hold + height*(0.75*fast + 0.25*slow) }
}
FUNCTION open() { open = g_nmda*(late - x)*factor/(1 + mg/2.552*exp(-0.072*where())) }
FUNCTION entry() {
    entry = 0
    if (where() < 40) { entry = 0.6*4*cao/(4*cao + 120/1.38)*open()*(where() - 40) }
}
FUNCTION ir() {
    ir = g_r*surface*m*m*h*(where() - 1000*8.314462618*(temp + 273.15)/(2*96485.33212)*log(1000*cao/ca))
}
FUNCTION minf(u) { minf = 1/(1 + exp(-(u + 5.9)/9.5)) }
FUNCTION hinf(u) { hinf = 1/(1 + exp((u + 39)/9.2)) }
NET_RECEIVE(weight) {
    if (weight > 0) {
        a = a + weight
        x = x + weight
        late = late + weight
    } else {
        fast = fast + 1
        slow = slow + 1
    }
}
