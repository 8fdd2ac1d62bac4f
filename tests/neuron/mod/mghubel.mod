: The cell of Huebel et al. 2017 (ModelDB 235774), its ions, volumes and glutamate, written anew.
NEURON {
    SUFFIX mghubel
    NONSPECIFIC_CURRENT i
    RANGE bath, rate, mg, co, supply, ke, ve, gc
}
UNITS { (mV) = (millivolt)  (mA) = (milliamp) }
PARAMETER { bath = 15  rate = 1e-4  mg = 1.2  co = -1  supply = 1 }
ASSIGNED {
    v (mV)  i (mA/cm2)
    na_i k_i cl_i na_e ke cl_e vi ve ena ek ecl
    ina ik icl gc ge taken to_n rel gone
}
STATE { h n ra rn dk dcl kg kb r c e }
INITIAL {
    h = ah(v)/(ah(v) + bh(v))  n = an(v)/(an(v) + bn(v))
    ra = 0  rn = 0  dk = 0  dcl = 0  kg = 0  kb = 0  r = 0  c = 0  e = 0
}
BREAKPOINT {
    SOLVE all METHOD derivimplicit
    flows()
    i = (ina + ik + icl)*1e-3
}
DERIVATIVE all {
    flows()
    h' = 3*(ah(v)*(1 - h) - bh(v)*h)
    n' = 3*(an(v)*(1 - n) - bn(v)*n)
    ra' = 1.1*gc*(1 - ra) - 0.19*ra
    rn' = 0.072*gc*(1 - rn) - 0.0066*rn
    dk' = -18000/96485*1e-2*ik
    dcl' = 18000/96485*1e-2*icl
    kg' = 2.5*supply*(0.0144/(1 + exp((5.5 - ke)/2.5))*(350 - kg)/350 - 0.0051)
    kb' = 1e-3*rate*supply*(ke - bath)*ve
    r' = rel - 1e-4*(r - c - e)
    c' = rel - gone - taken
    e' = gone - 0.03*(0.12 + 4*0.24)*2.5*supply*ge/(ge + 0.03)
}
PROCEDURE flows() { LOCAL p, q, w, m
    : particles: 315 mM in 7500, 2500 and 7500 um3
    p = 2362.5 + 2*dcl
    q = 787.5 - 2*dcl - kg - 0.8*kg + 0.2*kg - kb
    w = 17500/(p + q + 2362.5 + 1.6*kg)
    vi = p*w  ve = q*w
    na_i = (112.5 + dcl - dk)/vi*1e3
    k_i = (1050 + dk)/vi*1e3
    cl_i = (67.5 + dcl)/vi*1e3
    na_e = (360 - dcl + dk + 0.2*kg)/ve*1e3
    ke = (10 - dk - kg - kb)/ve*1e3
    cl_e = (325 - dcl - 0.8*kg)/ve*1e3
    ena = 26.64*log(na_e/na_i)
    ek = 26.64*log(ke/k_i)
    ecl = -26.64*log(cl_e/cl_i)
    gc = c/(5000*6*3.14159265358979*0.01*0.02)*1e3
    ge = e/ve*1e3
    taken = 5*0.03*5000*6*3.14159265358979*0.01*0.02*1e-3*supply*gc/(gc + 0.03)
    to_n = taken/5 + 0.03*0.12*2.5*supply*ge/(ge + 0.03)
    gone = 0.3*5000/20*4*3.14159265358979*0.01*0.05*(gc - ge)*1e-3
    rel = 0
    if (v > -50) { rel = 0.075*((v + 50)/100)^2*(10 - r)/10 }
    m = am(v)/(am(v) + 4*exp(-(v + 55)/18))
    q = 6.46*supply/(1 + exp((15 - na_i)/3))/(1 + exp(5.5 - ke))
    p = 0.138888888888889*rn/(1 + 0.33*mg*exp(-(0.07*v + 0.7))) + 0.486111111111111*ra
    w = to_n*96485/18000*100
    ina = (100*m^3*h + 0.0135 + p)*(v - ena) + 3*q - 3*co*w
    ik = (40*n^4 + 0.05 + p)*(v - ek) - 2*q + co*w
    icl = 0.05*(v - ecl) + co*w
}
FUNCTION ratio(x) { if (fabs(x) < 1e-6) { ratio = 1 + x/2 } else { ratio = x/(1 - exp(-x)) } }
FUNCTION am(v (mV)) { am = ratio((v + 30)/10) }
FUNCTION an(v (mV)) { an = 0.1*ratio((v + 34)/10) }
FUNCTION bn(v (mV)) { bn = 0.125*exp(-(v + 44)/80) }
FUNCTION ah(v (mV)) { ah = 0.07*exp(-(v + 44)/20) }
FUNCTION bh(v (mV)) { bh = 1/(1 + exp(-(v + 14)/10)) }
