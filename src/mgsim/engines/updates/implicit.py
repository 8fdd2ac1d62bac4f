"""The implicit half of a step: kinetic schemes, and what states exchange, by TR-BDF2.

The method is that of Bank et al. (1985), with its middle stage at half the step, where it meets the
midpoint of the explicit method for all else.
"""

from __future__ import annotations

from collections.abc import Mapping

from mgsim.declare.kinetics import Exchange, Scheme
from mgsim.engines.updates.timeline import WIDTH
from mgsim.engines.updates.writing import Stage, Writer, slope_of, weighted
from mgsim.equations import expressions

#: An occupancy this far below zero is more than rounding.
NEGATIVE = 1e-12


#: Exchange of this share in a quarter of a step is fast: what is linear in the state's source goes
#: to the matrix by half.
SLOW = 0.125


class Elimination:
    """Solves ``(I - A) x = b`` by elimination without subtraction, for any number of ``b``.

    ``A`` moves what there is: ``flow`` is by (from, to), ``loss`` what leaves a state altogether.
    Columns of ``I - A`` sum to 1 and the loss, so each pivot is its column's sum plus what flows
    out; computing it so loses no digits however stiff ``A`` is. The state with most neighbours goes
    last.
    """

    def __init__(
        self,
        writer: Writer,
        states: tuple[str, ...],
        flow: Mapping[tuple[str, str], str],
        tag: str,
        loss: Mapping[str, str] | None = None,
    ) -> None:
        self.writer, self.states, self.tag = writer, states, tag
        flow = dict(flow)
        column_sum = {s: f"1{(loss or {}).get(s, '')}" for s in states}
        left = list(states)
        self.inverse: dict[str, str] = {}
        #: By state, in the order in which they go: what it gives to others, and what comes in.
        self.rows: list[tuple[str, dict[str, str], dict[str, str]]] = []
        count = 0
        while left:
            degree = {s: len({a if b == s else b for a, b in flow if s in (a, b)}) for s in left}
            p = min(left, key=lambda s: degree[s])
            left.remove(p)
            outgoing = {b: q for (a, b), q in flow.items() if a == p}
            incoming = {a: q for (a, b), q in flow.items() if b == p}
            pivot = " + ".join([column_sum[p], *outgoing.values()])
            self.inverse[p] = writer.put(f"_{tag}i_{p}", f"1/({pivot})")
            flow = {k: q for k, q in flow.items() if p not in k}
            scaled = {
                b: writer.put(f"_{tag}l{len(p)}_{p}_{b}", f"{q}*{self.inverse[p]}")
                for b, q in outgoing.items()
            }
            self.rows.append((p, scaled, incoming))
            for b, q in scaled.items():
                for a, r in incoming.items():
                    if a != b:
                        count += 1
                        old = f"{flow[a, b]} + " if (a, b) in flow else ""
                        flow[a, b] = writer.put(f"_{tag}q{count}", f"{old}{q}*{r}")
            for a, r in incoming.items():
                count += 1
                column_sum[a] = writer.put(
                    f"_{tag}c{count}", f"{column_sum[a]} + ({column_sum[p]})*{self.inverse[p]}*{r}"
                )

    def solve(self, right: Mapping[str, str], tag: str = "") -> dict[str, str]:
        """``x`` by state, of ``b`` by state. ``tag``: tells one solution from another."""
        tag, count = f"{self.tag}{tag}", 0
        right = {s: self.writer.put(f"_{tag}v_{s}", x) for s, x in right.items()}
        for p, scaled, _ in self.rows:
            for b, q in scaled.items():
                count += 1
                right[b] = self.writer.put(f"_{tag}r{count}", f"{right[b]} + {q}*({right[p]})")
        solved: dict[str, str] = {}
        for p, _, incoming in reversed(self.rows):
            total = "".join(f" + {r}*{solved[a]}" for a, r in incoming.items())
            solved[p] = self.writer.put(f"_{tag}x_{p}", f"{self.inverse[p]}*({right[p]}{total})")
        return solved


# ---- schemes -------------------------------------------------------------------------------------
def _closed(elimination: Elimination, right: Mapping[str, str]) -> dict[str, str]:
    """Occupancies, of which the last takes up the rounding so that they sum to 1."""
    solved, states = elimination.solve(right), elimination.states
    last = elimination.rows[-1][0]
    others = " - ".join(solved[s] for s in states if s != last)
    solved[last] = elimination.writer.put(
        f"_{elimination.tag}y_{last}", f"1 - {others}" if others else "1"
    )
    return {s: solved[s] for s in states}


def _rates(
    writer: Writer, scheme: Scheme, stage: Stage, factor: str, tag: str
) -> dict[tuple[str, str], str]:
    """``factor`` times each transition's rate, by (from, to)."""
    found: dict[tuple[str, str], str] = {}
    for start, end, forward, backward in scheme.transitions:
        for key, rate in (((start, end), forward), ((end, start), backward)):
            if expressions.is_zero(rate):
                continue
            name = f"_{tag}{len(key[0])}_{key[0]}_{key[1]}"  # tells a, b_c from a_b, c
            found[key] = writer.put(name, f"{factor}*({stage.text(rate)})")
    return found


def trapezoid(writer: Writer, scheme: Scheme, start: Stage, middle: Stage) -> dict[str, str]:
    """Occupancies at half the step by the trapezoidal rule, or by backward Euler."""
    here = _rates(writer, scheme, start, f"0.25*{WIDTH}", "ta")
    second = {
        s: writer.put(
            f"_tb_{s}",
            s
            + "".join(f" + {q}*{a}" for (a, b), q in here.items() if b == s)
            + "".join(f" - {q}*{a}" for (a, _), q in here.items() if a == s),
        )
        for s in scheme.states
    }
    first = {s: s for s in scheme.states}
    right, share = _positive(writer, second, first, "t")
    factor = writer.put(f"_tf_{scheme.states[0]}", f"(0.5 - 0.25*{share})*{WIDTH}")
    rates = _rates(writer, scheme, middle, factor, "tm")
    return _closed(Elimination(writer, scheme.states, rates, "t"), right)


def backward(
    writer: Writer, scheme: Scheme, middle: Mapping[str, str], end: Stage
) -> dict[str, str]:
    """Occupancies at the end of the step by the second-order backward formula, or by Euler's."""
    first = {s: middle[s] for s in scheme.states}
    second = {s: writer.put(f"_bb_{s}", f"(4*{mid} - {s})/3") for s, mid in first.items()}
    right, share = _positive(writer, second, first, "b")
    factor = writer.put(f"_bf_{scheme.states[0]}", f"(0.5 - {share}/6)*{WIDTH}")
    rates = _rates(writer, scheme, end, factor, "be")
    return _closed(Elimination(writer, scheme.states, rates, "b"), right)


def _positive(
    writer: Writer, second: Mapping[str, str], first: Mapping[str, str], tag: str
) -> tuple[dict[str, str], str]:
    """The right side of the second-order formula, or Euler's where it would be negative.

    The matrix of a step keeps what is positive positive, so occupancies can turn negative only
    through the right side, when a rate jumps by much within a step. Such a half step is Euler's.
    Also returned: the name of what is 1 for the second-order formula and 0 for Euler's.
    """
    scheme = next(iter(second))
    share = writer.put(
        f"_{tag}w_{scheme}", "*".join(f"int({right} >= {-NEGATIVE!r})" for right in second.values())
    )
    right = {
        s: writer.put(f"_{tag}p_{s}", f"{first[s]} + {share}*({r} - {first[s]})")
        for s, r in second.items()
    }
    return right, share


# ---- exchange ------------------------------------------------------------------------------------
class Exchanging:
    """An exchange through one step, all else being its source.

    Each stage of the explicit method gets what was exchanged until then, so that both methods are
    what they are alone, and together of second order. The same flow goes and comes, so its sum is
    kept. The matrix is that of the first stage at half the step, and at its end.

    A state that exchanges fast follows its source, which the explicit weights have at half the step
    where the end is meant: what they are off by is added where the exchange is fast, and there only
    (twice what the matrix takes away, which is of fourth order where it is slow). There the source
    may be stiff too, as a conductance is that opens in a spine: what is linear in the state goes to
    the matrix, in the same measure.
    """

    def __init__(self, writer: Writer, exchange: Exchange, start: Stage) -> None:
        self.writer, self.exchange, self.states = writer, exchange, exchange.states
        self.tag = f"_x{self.states[0]}"
        self.capacity = {
            s: writer.put(f"{self.tag}_c_{s}", start.text(c)) for s, c in exchange.capacities
        }
        self.ends = [self._values(start)]
        self.ways: dict[str, list[tuple[str, str]]] = {}
        self.matrix: dict[str, Elimination] = {}
        quarter = self._conductances(start, "a", f"0.25*{WIDTH}")
        self.moved = self._flows("a", quarter, self.ends[0])
        self.leak = self._leaks(start, quarter)
        self.sources: dict[str, list[str]] = {s: [] for s in self.states}
        self.before: dict[str, tuple[str, str]] = {}

    def half(
        self, stage: Stage, row: tuple[float, ...], slopes: Mapping[str, list[str]]
    ) -> dict[str, str]:
        """The states at half the step; ``row``: the explicit weights of the slopes until now."""
        explicit = self._explicit(stage, row, slopes)
        right = {s: f"{self.capacity[s]}*{x}{self.moved[s]}" for s, x in explicit.items()}
        off = {s: f"0.25*{WIDTH}*({n[0]} - {n[1]})" for s, n in self.sources.items() if len(n) > 1}
        found = self._stage("h", stage, 0.25, right, off)
        self.before = {
            s: (f"4*({found[s]} - {x})/3", self.sources[s][-1]) for s, x in explicit.items()
        }
        return found

    def whole(
        self, stage: Stage, row: tuple[float, ...], slopes: Mapping[str, list[str]]
    ) -> dict[str, str]:
        """The states at the end of the step."""
        explicit = self._explicit(stage, row, slopes)
        right, off = {}, {}
        for s, n in self.sources.items():
            lag, source = self.before[s]
            late = n[3] if len(n) > 3 else f"2*{n[-1]} - {n[0]}"
            right[s] = f"{self.capacity[s]}*({explicit[s]} + {lag})"
            off[s] = f"{WIDTH}*(({late} + 2*{source})/3 - ({weighted(n, row)}))"
        return self._stage("w", stage, 1 / 3, right, off)

    def apart(self) -> dict[str, str]:
        """By state, what the middle slopes of the source and the two stages disagree by.

        As it reaches the end of the step: what is fast forgets. For what the stages disagree by,
        that is the error of TR-BDF2, filtered once more (Hosea & Shampine 1996).
        """
        before, middle, after = self.ends[0], self.ends[-3], self.ends[-1]
        bent = {n: f"(0.5*({before[n]} + {after[n]}) - {middle[n]})" for n in before}
        flows = self._flows("d", self.ways["w"], bent)
        error = self.matrix["w"].solve({s: f"0{x}" for s, x in flows.items()}, "d")
        found = self.matrix["w"].solve(
            {
                s: f"{error[s]} + {self.capacity[s]}*{WIDTH}/3*({n[2]} - {n[1]})"
                for s, n in self.sources.items()
            },
            "e",
        )
        return {s: f"{x}/{self.capacity[s]}" for s, x in found.items()}

    def _explicit(
        self, stage: Stage, row: tuple[float, ...], slopes: Mapping[str, list[str]]
    ) -> dict[str, str]:
        """What the explicit method makes of the source, without what goes to the matrix."""
        found = {}
        for s, known in self.sources.items():
            for j in range(len(known), len(slopes[s])):
                known.append(slopes[s][j])
                if s in self.leak and j:
                    lifted = f"{slopes[s][j]} + {self.leak[s]}*({self.ends[j][s]} - {s})"
                    known[j] = self.writer.put(f"{self.tag}_n{j}_{s}", lifted)
            found[s] = self.writer.put(
                f"{self.tag}_p{stage.tag}_{s}", f"{s} + {WIDTH}*({weighted(known, row)})"
            )
        return found

    def _leaks(self, start: Stage, quarter: list[tuple[str, str]]) -> dict[str, str]:
        """By state, how fast it would forget by itself (1/s), where it exchanges fast."""
        out = dict.fromkeys(self.states, "")
        for (a, b, *_), both in zip(self.exchange.ways, quarter, strict=True):
            for name, q in zip((a, b), both, strict=True):
                if name in out:
                    out[name] += f" + {q}"
        found = {}
        for e in self.writer.system.states:
            slope = slope_of(e.text, e.name, self.writer.definitions) if e.name in out else ""
            if slope:
                fast = self.writer.put(
                    f"{self.tag}_z_{e.name}", f"(0{out[e.name]})/{self.capacity[e.name]}"
                )
                found[e.name] = self.writer.put(
                    f"{self.tag}_u_{e.name}",
                    f"clip(-({start.text(slope)}), 0, 1e300)*{fast}**2/({SLOW}**2 + {fast}**2)",
                )
        return found

    def _stage(
        self,
        when: str,
        stage: Stage,
        share: float,
        right: Mapping[str, str],
        off: Mapping[str, str],
    ) -> dict[str, str]:
        if when not in self.ways:
            self.ways[when] = self._conductances(stage, when, f"{share!r}*{WIDTH}")
            self.matrix[when] = self._matrix(when, share)
        values = self._values(stage)
        right = dict(right)
        for (a, b, *_), (q, r) in zip(self.exchange.ways, self.ways[when], strict=True):
            if b not in right:
                right[a] += f" + {r}*{values[b]}"
            elif a not in right:
                right[b] += f" + {q}*{values[a]}"
        for s, leak in self.leak.items():
            right[s] += f" + {share!r}*{WIDTH}*{leak}*{self.capacity[s]}*{s}"
        rest = {s: f"{self.capacity[s]}*({x})" for s, x in off.items()}
        for k in range(2 if rest else 0):
            taken = self.matrix[when].solve(rest, f"{stage.tag}{k}")
            rest = {s: f"{x} - {taken[s]}" for s, x in rest.items()}
        solved = self.matrix[when].solve(
            {s: f"{x} + {rest[s]}" if rest else x for s, x in right.items()}, stage.tag
        )
        found = {
            s: self.writer.put(f"{self.tag}_{stage.tag}_{s}", f"{x}/{self.capacity[s]}")
            for s, x in solved.items()
        }
        self.ends.append(values | found)
        return found

    def _values(self, stage: Stage) -> dict[str, str]:
        """Both ends of every way: states as they are, what is imposed as it is at a stage."""
        imposed = {n for a, b, *_ in self.exchange.ways for n in (a, b)} - {*self.states}
        return {s: s for s in self.states} | {n: stage.text(n) for n in sorted(imposed)}

    def _conductances(self, stage: Stage, when: str, factor: str) -> list[tuple[str, str]]:
        """``factor`` times how fast it moves, there and back, by way."""
        return [
            (
                self.writer.put(f"{self.tag}_{when}there{i}", f"{factor}*({stage.text(forward)})"),
                self.writer.put(f"{self.tag}_{when}back{i}", f"{factor}*({stage.text(backward)})"),
            )
            for i, (_, _, forward, backward) in enumerate(self.exchange.ways)
        ]

    def _flows(
        self, when: str, ways: list[tuple[str, str]], values: Mapping[str, str]
    ) -> dict[str, str]:
        """By state, terms of what comes and goes."""
        net = dict.fromkeys(self.states, "")
        for i, ((a, b, *_), (q, r)) in enumerate(zip(self.exchange.ways, ways, strict=True)):
            flow = self.writer.put(f"{self.tag}_{when}f{i}", f"{q}*{values[a]} - {r}*{values[b]}")
            for name, sign in ((a, "-"), (b, "+")):
                if name in net:
                    net[name] += f" {sign} {flow}"
        return net

    def _matrix(self, when: str, share: float) -> Elimination:
        flow: dict[tuple[str, str], str] = {}
        loss = {s: f" + {share!r}*{WIDTH}*{leak}" for s, leak in self.leak.items()}
        for i, ((a, b, *_), both) in enumerate(
            zip(self.exchange.ways, self.ways[when], strict=True)
        ):
            for start, end, q, word in ((a, b, both[0], "out"), (b, a, both[1], "in")):
                if start in self.capacity:
                    rate = self.writer.put(
                        f"{self.tag}_{when}{word}{i}", f"{q}/{self.capacity[start]}"
                    )
                    if end in self.capacity:
                        flow[start, end] = rate
                    else:
                        loss[start] = f"{loss.get(start, '')} + {rate}"
        return Elimination(self.writer, self.states, flow, f"{self.tag[1:]}_{when}", loss)
