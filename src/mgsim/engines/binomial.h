/* The quantile of the binomial law: see mgsim/equations/binomial.py, which has the same arithmetic
   in the same order. No sum has a product as a term, and nothing is inlined, so that nothing is
   rounded otherwise. */
#if defined(__GNUC__)
__attribute__((noinline))
#endif
static double binomial_d(double n, double p, double chance) {
  const double tiny = 1e-60, slack = 1e-9, most = 1e6;
  const double whole = floor(n + 0.5);
  if (!(fabs(n - whole) <= slack && whole >= 0.0 && whole <= most && p >= -slack && p <= 1.0 + slack
        && chance >= 0.0 && chance <= 1.0)) return NAN;
  n = whole;
  if (n == 0.0 || p <= 0.0 || (chance == 0.0 && p < 1.0)) return 0.0;
  if (p >= 1.0 || chance == 1.0) return n;
  const int above = chance > 0.5;
  const double a = above ? 1.0 - p : p, b = above ? p : 1.0 - p, c = above ? 1.0 - chance : chance;
  const double odds = a/b;
  const double likely = floor((n + 1.0)*a), mode = likely > n ? n : likely;
  double low = mode, w = 1.0;
  while (low > 0.0 && w > tiny) {
    w = w*low/(n - low + 1.0)/odds;
    low -= 1.0;
  }
  const double first = w;
  double k = low, total = w;
  while (k < n && (k < mode || w > tiny)) {
    w = w*(n - k)*odds/(k + 1.0);
    k += 1.0;
    total += w;
  }
  const double wanted = c*total;
  double reached = first;
  k = low;
  w = first;
  while (k < n && (reached < wanted || (above && reached == wanted))) {
    w = w*(n - k)*odds/(k + 1.0);
    k += 1.0;
    reached += w;
  }
  return above ? n - k : k;
}
