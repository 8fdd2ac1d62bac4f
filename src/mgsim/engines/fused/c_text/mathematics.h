/* Elementary functions that a compiler can vectorise: no tables, no branches, no calls. */
#include <math.h>
#define INLINE static inline __attribute__((always_inline))

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define FMA(a, b, c) __builtin_fma(a, b, c)
#define FMAF(a, b, c) __builtin_fmaf(a, b, c)
#else
#define FMA(a, b, c) ((a)*(b) + (c))
#define FMAF(a, b, c) ((a)*(b) + (c))
#endif

/* exp: x = n ln 2 + r, a polynomial in r (relative error 4e-18), and 2^n put into the exponent. n is
   rounded into the low bits of a large number and taken from there, which is defined for NaN too. What
   leaves the range of numbers is 0 or infinite. */
INLINE double exp_d(double of) {
  double x = of < -708.0 ? -708.0 : of;
  x = x > 709.0 ? 709.0 : x;
  const double shifted = x*1.4426950408889634 + 0x1.8p52;
  const double n = shifted - 0x1.8p52;
  const double r = FMA(-n, 0x1.a39ef35793c76p-33, FMA(-n, 0x1.62e42feep-1, x));
  double p = 0x1.af632a0f7e2cep-26;
  p = p*r + 0x1.28b4101c77212p-22;
  p = p*r + 0x1.71ddf56d8deb5p-19;
  p = p*r + 0x1.a01991a10d9aep-16;
  p = p*r + 0x1.a01a01b1461c5p-13;
  p = p*r + 0x1.6c16c1880029fp-10;
  p = p*r + 0x1.111111110f21ep-7;
  p = p*r + 0x1.555555554f0bap-5;
  p = p*r + 0x1.555555555555ap-3;
  p = p*r + 0x1.0000000000011p-1;
  p = p*r + 1.0;
  p = p*r + 1.0;
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;
  double scale;
  memcpy(&scale, &bits, sizeof scale);
  const double within = of < -708.0 ? 0.0 : p*scale;
  return of > 709.0 ? INFINITY : within;
}
INLINE float exp_f(float of) {
  float x = of < -87.0f ? -87.0f : of;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x*1.44269504f + 0x1.8p23f;
  const float n = shifted - 0x1.8p23f;
  const float r = FMAF(-n, 0x1.7f7d1cp-20f, FMAF(-n, 0x1.62e4p-1f, x));
  float p = 0x1.6d7544p-10f;
  p = p*r + 0x1.126fb8p-7f;
  p = p*r + 0x1.5554aep-5f;
  p = p*r + 0x1.555404p-3f;
  p = p*r + 0.5f;
  p = p*r + 1.0f;
  p = p*r + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  const float within = of < -87.0f ? 0.0f : p*scale;
  return of > 88.0f ? INFINITY : within;
}
/* (exp(x) - 1)/x near 0, where the quotient would lose digits. */
INLINE int near_zero_d(double x) { return fabs(x) < 0.02; }
INLINE int near_zero_f(float x) { return fabsf(x) < 0.25f; }
INLINE double exprel_series_d(double x) {
  return 1 + x*(1./2 + x*(1./6 + x*(1./24 + x*(1./120 + x*(1./720 + x*(1./5040))))));
}
INLINE float exprel_series_f(float x) {
  return 1 + x*(1.f/2 + x*(1.f/6 + x*(1.f/24 + x*(1.f/120 + x*(1.f/720 + x*(1.f/5040))))));
}
/* A number below LIMIT in size, by its bits, which no compiler's flags can reinterpret. */
INLINE int moderate_total(double x) {
  const double limit = 1e6;
  uint64_t a, b;
  memcpy(&a, &x, sizeof a);
  memcpy(&b, &limit, sizeof b);
  return (a & 0x7fffffffffffffffULL) < b;
}
INLINE int moderate_f(float x) {
  const float limit = 1e6f;
  uint32_t a, b;
  memcpy(&a, &x, sizeof a);
  memcpy(&b, &limit, sizeof b);
  return (a & 0x7fffffffU) < b;
}
/* What is left of x above a multiple of y, with the sign of y. */
INLINE double mod_d(double x, double y) {
  const double m = fmod(x, y);
  return m != 0.0 && (y < 0.0) != (m < 0.0) ? m + y : m;
}
INLINE float mod_f(float x, float y) {
  const float m = fmodf(x, y);
  return m != 0.0f && (y < 0.0f) != (m < 0.0f) ? m + y : m;
}
#define binomial_r(n, p, chance) ((real)binomial_d(n, p, chance))
#define floor_d floor
#define log_d log
#define pow_d pow
#define sin_d sin
#define cos_d cos
#define tanh_d tanh
#define sqrt_d sqrt
#define abs_d fabs
#if SINGLE
#define exp_r exp_f
#define near_zero_r near_zero_f
#define exprel_series_r exprel_series_f
#define moderate moderate_f
#define log_r logf
#define pow_r powf
#define sin_r sinf
#define cos_r cosf
#define tanh_r tanhf
#define sqrt_r sqrtf
#define abs_r fabsf
#define floor_r floorf
#define mod_r mod_f
#else
#define exp_r exp_d
#define near_zero_r near_zero_d
#define exprel_series_r exprel_series_d
#define moderate moderate_total
#define log_r log
#define pow_r pow
#define sin_r sin
#define cos_r cos
#define tanh_r tanh
#define sqrt_r sqrt
#define abs_r fabs
#define floor_r floor
#define mod_r mod_d
#endif
