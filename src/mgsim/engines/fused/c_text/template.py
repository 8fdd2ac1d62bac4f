"""The C of every kernel, with gaps for what a program computes.

Braces of C stand twice, as :meth:`str.format` has them.
"""

#: Events of one train that have come.
EVENT = """
  {{
    const int64_t end = trains[{number}].offsets[q->train[{number}][l] + 1];
    int64_t *at = &q->cursor[{number}][l];
    for (; *at < end && trains[{number}].times[{row}] <= soon; ++*at) {{
{body}
      q->struck[l] = 1;
    }}
    if (*at < end && trains[{number}].times[{row}] < next) next = trains[{number}].times[{row}];
  }}
"""

#: Spikes that are listed.
SPIKES = """
for (int l = 0; l < LANES; l++)
  if ({0}[l] != 0 && on[l] != R(0) && n_spikes[first + l] < most_spikes)
    spikes[(first + l)*most_spikes + n_spikes[first + l]++] = {1}[l];
"""

#: What a kernel has where its system follows recordings, by the place in the template.
RECORDED = {
    "recorded_fields": """\
  double driven[{n_rows}][LANES];
  int64_t passed[{n_driven}][LANES];
  const double *const *recordings;
  const int64_t *n_points_of;
""",
    "recorded_follow": """
/* The line that a recording is on, as what past edges are: the points that have come. */
INLINE void follow(agenda *q, int l, int k, int jump, double begin, double soon, double *next) {{
  const int64_t n = q->n_points_of[k];
  const double *times = q->recordings[k], *values = times + n, *slopes = values + n;
  int64_t at = q->passed[k][l];
  if (at < 0) {{
    int64_t high = n;
    for (at = 0; at < high;) {{
      const int64_t middle = at + (high - at)/2;
      if (begin + times[middle] <= soon) at = middle + 1; else high = middle;
    }}
  }}
  while (at < n && begin + times[at] <= soon) ++at;
  q->passed[k][l] = at;
  q->driven[3*k][l] = at ? values[at - 1] : 0;
  q->driven[3*k + 1][l] = at ? slopes[at - 1] : 0;
  q->driven[3*k + 2][l] = at ? begin + times[at - 1] : 0;
  if (at && jump && begin + times[at - 1] > q->jumped[l]) q->jumped[l] = begin + times[at - 1];
  if (at < n && begin + times[at] < *next) *next = begin + times[at];
}}
""",
    "recorded_taken": """,
               const double *const *recordings, const int64_t *n_points_of""",
    "rec": ", recordings, n_points_of",
    "recorded_start": """\
  q.recordings = recordings;
  q.n_points_of = n_points_of;
  for (int k = 0; k < {n_driven}; k++)
    for (int l = 0; l < LANES; l++) q.passed[k][l] = -1;
""",
}

#: The whole kernel.
TEMPLATE = """\
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif
typedef {precision} real;
#define SINGLE {single}
#define R(x) ((real)(x))
#define LANES {lanes}
#define EVERY 64
{mathematics}
typedef struct {{ const double *times; const int64_t *offsets, *of_point; }} train_list;

/* What comes to each lane, and what has: flags of edges passed, the next edge or event, the last
   jump of a stimulus, events not delivered yet, and whether one was delivered just now. */
typedef struct {{
  real past[{n_edges} + 1][LANES];
  double coming[LANES], jumped[LANES];
  int64_t cursor[{n_events} + 1][LANES], train[{n_events} + 1][LANES];
  int struck[LANES];
{recorded_fields}}} agenda;

INLINE void reach(agenda *q, int l, int k, int jump, double edge, double soon, double *next) {{
  const int past = edge <= soon;
  q->past[k][l] = past;
  if (past && jump && edge > q->jumped[l]) q->jumped[l] = edge;
  if (edge > soon && edge < *next) *next = edge;
}}
{recorded_follow}
/* Events and edges that have come to a lane; X is the state. */
static void arrive(int l, double now, double dt, real (*X)[LANES], const double *U,
                   const double *points, int64_t first, int64_t n_points, const train_list *trains,
                   agenda *q) {{
  const double soon = now + {snap}*dt;
  double next = INFINITY;
  (void)X; (void)U; (void)points; (void)first; (void)n_points; (void)trains;
{follows}{events}
{edges}
  if (q->struck[l]) q->jumped[l] = now;
  q->coming[l] = next;
}}

static const int INTEGRALS[] = {{ {integrals} }}, MOVED[] = {{ {moved} }};

/* Points first..first+LANES through steps from..to; the arrays hold n_points a row, padded to whole
   blocks. All that outlives a step is in them, so that pieces of a run make the run to the bit:
   integrals since they were last added to summed are carried. failed_at is the first step checked
   at which a point was no longer finite. A step is one for all lanes; those that must or ask do it
   again in parts, each with its own start and width. */
static void block(int64_t first, int64_t n_points, int64_t from, int64_t to, int64_t n_steps,
                  double dt, double duration, int64_t parts, const double *U, const double *points,
                  double *carried, double *summed, const train_list *trains,
                  int64_t *const *cursors, int64_t every, int64_t n_samples,
                  double *traces, double *spikes, int64_t *n_spikes, int64_t most_spikes,
                  double *jumped, int64_t *failed_at{recorded_taken}) {{
  real A[{n_states}][LANES], B[{n_states}][LANES], N[{n_moved} + 1][LANES];
  real P[{n_per_point}][LANES], H[{n_hoisted}][LANES];
  real (*S)[LANES] = A, (*T)[LANES] = B;
  real {told}, width[LANES], on[LANES];
  double begin[LANES], soonest = -INFINITY, fine_until = -INFINITY;
  const int local = {local} && parts > 1;
  const double eps = {snap}*dt, part = dt/(double)parts, finest = part/{finest};
  agenda q;
  (void){doubt}; (void)summed; (void)cursors; (void)finest; (void)local;
  int alive = 0;
  for (int l = 0; l < LANES; l++) alive |= failed_at[first + l] < 0;
  if (!alive) return;
  for (int k = 0; k < {n_carried}; k++)
    for (int l = 0; l < LANES; l++) S[k][l] = (real)carried[k*n_points + first + l];
  for (int k = 0; points && k < {n_per_point}; k++)
    for (int l = 0; l < LANES; l++) P[k][l] = (real)points[k*n_points + first + l];
{uniform}
  for (int l = 0; l < LANES; l++) {{
{points}
  }}
{recorded_start}  for (int l = 0; l < LANES; l++) {{
    q.coming[l] = -INFINITY;
    q.jumped[l] = jumped[first + l];
    for (int k = 0; k < {n_events}; k++) {{
      q.train[k][l] = trains[k].of_point[first + l];
      q.cursor[k][l] = cursors[k][first + l];
    }}
  }}
  for (int64_t step = from; step < to + (to == n_steps); step++) {{
      const double start = step < n_steps ? (double)step*dt : duration;
      const double stop = step + 1 < n_steps ? (double)(step + 1)*dt : duration;
      int must = step == n_steps - 1 && stop - start < dt - eps, all = must, asking = 0;
      for (int l = 0; l < LANES; l++) on[l] = all;
      if (soonest <= start + eps) {{
        soonest = INFINITY;
        for (int l = 0; l < LANES; l++) {{
          q.struck[l] = 0;
          if (q.coming[l] <= start + eps)
            arrive(l, start, dt, S, U, points, first, n_points, trains, &q);
          if (q.coming[l] < soonest) soonest = q.coming[l];
          if ({finer} && q.jumped[l] + {stretch}*part > fine_until)
            fine_until = q.jumped[l] + {stretch}*part;
          if (local && q.struck[l]) must = 1, on[l] = 1;
        }}
      }}
{stepwise}
      if (traces && ({since} % every == 0 || step == n_steps)) {{
        const int64_t sample = step < n_steps ? {since}/every : n_samples - 1;
        for (int l = 0; l < LANES; l++) {{
{record}
          (void)sample;
        }}
      }}
      if (step == n_steps) break;
      if (soonest < stop - eps || start < fine_until - eps) {{
        must = 1;
        for (int l = 0; l < LANES; l++)
          if (q.coming[l] < stop - eps
              || ({finer} && start < q.jumped[l] + {stretch}*part - eps)) on[l] = 1;
      }}
      if (must) {{
        all = 1;
        for (int l = 0; l < LANES; l++) {{ all &= on[l] != R(0); asking |= on[l] != R(0); }}
      }}
      if (!all) {{
        #pragma omp simd
        for (int l = 0; l < LANES; l++) {{
{step}
        }}
        if (local)
          for (int l = 0; l < LANES; l++)
            if (!({doubt}[l] <= R(1))) on[l] = 1, asking = 1;
        for (int l = 0; l < LANES; l++) on[l] = R(1) - on[l];
{spikes}
        for (int l = 0; l < LANES; l++) on[l] = R(1) - on[l];
      }}
      if (asking) {{
        for (int k = 0; k < {n_carried}; k++)
          for (int l = 0; l < LANES; l++) T[k][l] = on[l] != R(0) ? S[k][l] : T[k][l];
        double now[LANES];
        for (int l = 0; l < LANES; l++) now[l] = start;
        while (asking) {{
          for (int l = 0; l < LANES; l++) {{
            begin[l] = now[l];
            width[l] = 0;
            if (on[l] == R(0)) continue;
            const double since = now[l] - q.jumped[l];
            const double j = floor((now[l] - start)/part + 1e-6) + 1;
            double end = j < (double)parts ? ((double)step + j/(double)parts)*dt : stop;
            if ({finer} && since < {stretch}*part - eps)
              end = q.jumped[l] + (floor(since/finest + 1e-6) + 1)*finest;
{halved}            if (end <= now[l]) end = now[l] + finest;
            if (end > stop - eps) end = stop;
            if (q.coming[l] < end - eps) end = q.coming[l];
            width[l] = (real)(end - now[l]);
            now[l] = end;
          }}
          #pragma omp simd
          for (int l = 0; l < LANES; l++) {{
{part}
          }}
          for (int k = 0; k < {n_moved}; k++)
            for (int l = 0; l < LANES; l++)
              T[MOVED[k]][l] = on[l] != R(0) ? N[k][l] : T[MOVED[k]][l];
{spikes}
          asking = 0;
          for (int l = 0; l < LANES; l++) {{
            if (now[l] >= stop) on[l] = 0;
            if (on[l] == R(0)) continue;
            asking = 1;
            if (q.coming[l] <= now[l] + eps) {{
              q.struck[l] = 0;
              arrive(l, now[l], dt, T, U, points, first, n_points, trains, &q);
            }}
          }}
        }}
        soonest = INFINITY;
        for (int l = 0; l < LANES; l++) {{
          if (q.coming[l] < soonest) soonest = q.coming[l];
          if ({finer} && q.jumped[l] + {stretch}*part > fine_until)
            fine_until = q.jumped[l] + {stretch}*part;
        }}
      }}
      real (*swap)[LANES] = S;
      S = T;
      T = swap;
      if (step % EVERY == EVERY - 1 || step == n_steps - 1) {{
        for (int k = 0; k < {n_integrals}; k++)
          for (int l = 0; l < LANES; l++) {{
            summed[k*n_points + first + l] += S[INTEGRALS[k]][l];
            S[INTEGRALS[k]][l] = 0;
          }}
        alive = 0;
        for (int l = 0; l < LANES; l++) {{
          int good = failed_at[first + l] < 0;
          for (int k = 0; k < {n_checked}; k++) good &= moderate(S[k][l]);
          if (!good && failed_at[first + l] < 0) failed_at[first + l] = step;
          alive |= good;
        }}
        if (!alive) break;
      }}
  }}
  for (int k = 0; k < {n_carried}; k++)
    for (int l = 0; l < LANES; l++) carried[k*n_points + first + l] = S[k][l];
  for (int k = 0; k < {n_events}; k++)
    for (int l = 0; l < LANES; l++) cursors[k][first + l] = q.cursor[k][l];
  for (int l = 0; l < LANES; l++) jumped[first + l] = q.jumped[l];
}}

#if defined(_WIN32)
__declspec(dllexport)
#endif
void mgsim_run(int64_t first, int64_t last, int64_t n_points, int64_t from, int64_t to,
               int64_t n_steps, double dt, double duration, int64_t parts, const double *U,
               const double *points, double *carried, double *summed, const double *const *times,
               const int64_t *const *offsets, const int64_t *const *of_point,
               int64_t *const *cursors, int64_t every, int64_t n_samples, double *traces,
               double *spikes, int64_t *n_spikes, int64_t most_spikes, double *jumped,
               int64_t *failed_at{recorded_taken}) {{
  train_list trains[{n_events} + 1];
  for (int k = 0; k < {n_events}; k++) {{
    trains[k].times = times[k];
    trains[k].offsets = offsets[k];
    trains[k].of_point = of_point[k];
  }}
#if defined(__SSE2__)
  const unsigned int mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040); /* flush denormals, in this call only */
#endif
  for (int64_t at = first; at < last; at += LANES)
    block(at, n_points, from, to, n_steps, dt, duration, parts, U, points, carried, summed, trains,
          cursors, every, n_samples, traces, spikes, n_spikes, most_spikes, jumped, failed_at{rec});
#if defined(__SSE2__)
  _mm_setcsr(mode);
#endif
}}
"""
