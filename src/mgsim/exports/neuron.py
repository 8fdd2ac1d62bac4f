"""A run for NEURON: a mod file with every part but the membrane, and a script that runs it."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

from mgsim import units
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import MEMBRANE
from mgsim.equations import expressions
from mgsim.equations.lines import Equation, Statement
from mgsim.exports import words
from mgsim.exports.nmodl import check_lines, converted, functions, nmodl, word
from mgsim.exports.runs import Run
from mgsim.exports.words import ExportError
from mgsim.system.currents import carrying

#: The resistance in megohm through which a voltage clamp holds NEURON's section.
_CLAMP = 1e-5
#: The area in um**2 of a section whose area the model does not say.
_AREA = 1000.0
#: Nanoampere, of point processes, in those of the equations' picoampere.
_NANO = 1e-3


def files(run: Run, dt: float | None, method: str) -> dict[str, str]:
    """The mod file and the script by name. NEURON steps as it sees fit: no step is taken.

    Raises
    ------
    ExportError
        For a membrane that no section of NEURON can be.
    """
    if dt is not None:
        raise ExportError("the script for NEURON chooses its own steps (CVODE); leave dt out")
    there = dict.fromkeys(place for place, _ in run.model.places if place)
    if there:
        where = ", ".join(there)
        raise ExportError(
            f"'{run.model.name}' has parts at {where}; only cells of one compartment go to NEURON, "
            "the others to Brian2"
        )
    if not any(e.name == "v" for e in (*run.system.states, *run.system.definitions)):
        raise ExportError(
            f"'{run.model.name}' has no membrane potential, which a section of NEURON is; it goes "
            "to Brian2"
        )
    return {f"{run.name}.mod": _Mod(run).text(), f"{run.name}.py": _script(run)}


def membrane(run: Run) -> tuple[float, float]:
    """Capacitance in uF/cm**2 and area in um**2 of the section.

    Raises
    ------
    ExportError
    """
    areas = [p.value for p in run.parameters if p.name == "area"]
    area = areas[0] if areas else _AREA
    potential = next((e for e in run.system.states if e.name == "v"), None)
    if potential is None:
        return 1.0, area
    match expressions.parse(potential.text):
        case ast.BinOp(
            left=ast.UnaryOp(op=ast.USub(), operand=ast.Name(id=name)), op=ast.Div(), right=below
        ) if name == MEMBRANE:
            text = ast.unparse(below)
            if expressions.variables(text) <= {p.name for p in run.parameters}:
                return run.value(text) / (area * 1e-12) * 1e2, area
    raise ExportError(
        f"dv/dt = {potential.text} is no membrane of NEURON's; that is "
        f"-{MEMBRANE}/(a capacitance that stays)"
    )


class _Mod:
    """The mod file: one point process."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.definitions = [e for e in run.system.definitions if e.name != "v"]
        self.command = next((e for e in run.system.definitions if e.name == "v"), None)
        self.states = [e for e in run.states if e.name != "v"]
        self.parameters = [p for p in run.parameters if p.name != "celsius"]
        self.chances = [n for x in run.chances.values() for n in x]
        self.of = {n: units.unit(u) for n, u in run.unit_of.items()}
        self.words = {n: n if n in ("v", "celsius") else word(n) for n in self.of}

    def put(self, e: Equation) -> str:
        return f"{self.words[e.name]} = {self.right(e.name, e.text)}"

    def right(self, name: str, text: str) -> str:
        """An expression in the display unit of a name."""
        return converted(text, self.of[name], self.of, self.words)

    def currents(self) -> dict[str, str]:
        """What NEURON is told by the name of the current there, in nA."""
        by = {"i": carrying("", self.run.system.currents)}
        by |= {f"i{ion}": carrying(ion, self.run.system.currents) for ion in IONS}
        found = {}
        for name, carried in by.items():
            terms = [nmodl(c.name, self.of, self.words) for c in carried]
            if terms or name == "i":
                found[name] = f"{_NANO}*({' + '.join(terms)})" if terms else "0"
        if self.command:
            imposed = nmodl(self.command.text, self.of, self.words)
            found["i_clamp"] = f"(v - ({imposed}))/clamp_r"
        return found

    def text(self) -> str:
        run = self.run
        sums = self.currents()
        defined = [self.put(e) for e in self.definitions]
        slopes = [self._slope(e) for e in self.states]
        starts, events = self._starts(), self._events()
        own = [self.words[e.name] for e in self.definitions]
        names = [*(self.words[p.name] for p in self.parameters), *own]
        names += [*(e.name for e in run.edges), *(["clamp_r"] if self.command else [])]
        uses = [f"USEION {n[1:]} WRITE {n}{_valence(n[1:])}" for n in sums if n[1:] in IONS]
        plain = [n for n in sums if n[1:] not in IONS]
        celsius = ["celsius (degC)"] if "celsius" in self.of else []
        header = words.lines([*run.header(*_MISSING), _UNITS], ":")
        solve = ["SOLVE states METHOD derivimplicit"] if self.states else []
        parts = [
            "\n".join(header),
            _block(
                "NEURON",
                [
                    f"POINT_PROCESS {run.name}",
                    f"NONSPECIFIC_CURRENT {', '.join(plain)}",
                    *uses,
                    *(f"RANGE {row}" for row in _rows(names)),
                ],
            ),
            _block("UNITS", ["(nA) = (nanoamp)", "(mV) = (millivolt)"]),
            _block(
                "PARAMETER",
                [
                    *(f"{self.words[p.name]} = {p.value!r} : {_about(p)}" for p in self.parameters),
                    *([f"clamp_r = {_CLAMP!r} : Mohm, of the clamp"] if self.command else []),
                ],
            ),
            _block("STATE", [f"{self.words[e.name]} : {_about(e)}" for e in self.states]),
            _block(
                "ASSIGNED",
                [
                    "v (mV)",
                    *celsius,
                    *(f"{n} (nA)" for n in sums),
                    *(f"{self.words[e.name]} : {_about(e)}" for e in self.definitions),
                    *(f"{e.name} : {e.meaning}" for e in run.edges),
                ],
            ),
            "UNITSOFF",
            _block("INITIAL", starts),
            _block("BREAKPOINT", [*solve, "define(v)", *(f"{n} = {x}" for n, x in sums.items())]),
            _block("PROCEDURE define(v (mV))", defined) if defined else _NOTHING,
            _block("DERIVATIVE states", ["define(v)", *slopes]) if slopes else "",
            _block(f"NET_RECEIVE ({', '.join(['kind', *self.chances])})", events) if events else "",
            functions([*defined, *slopes, *starts, *events, *sums.values()]).strip(),
            "UNITSON",
        ]
        return check_lines("\n\n".join(p for p in parts if p) + "\n")

    def _slope(self, e: Equation) -> str:
        return f"{self.words[e.name]}' = {self.right(e.name, e.text)}"

    def _starts(self) -> list[str]:
        run = self.run
        lines = [f"{e.name} = 0" for e in run.edges]
        settled = [n for n in run.system.state_names if n not in run.system.initial]
        lines += [f"{self.words[n]} = {run.start[n]!r} : at equilibrium" for n in settled]
        for name, text in run.system.initial.items():
            if name != "v":
                lines += [*self._fresh(text), self._set(name, text)]
        lines += [self._edge(k, "0") for k in range(1, len(run.edges) + 1)]
        return [*lines, "define(v)"]

    def _fresh(self, text: str) -> list[str]:
        """Definitions worked out again where an expression reads one."""
        read = expressions.variables(text) & {e.name for e in self.definitions}
        return ["define(v)"] if read else []

    def _set(self, name: str, text: str, before: str = "") -> str:
        return f"{self.words[name]} = {before}{self.right(name, text)}"

    def _events(self) -> list[str]:
        run = self.run
        known = {*run.system.state_names}
        carried = {s.name: None for x in run.events for s in run.system.events[x]}
        local = [self.words[n] for n in carried if n not in known]
        lines = [f"LOCAL {', '.join(local)}"] if local else []
        if self.chances:
            lines += ["INITIAL {", "    : empty, or NEURON sets what an event brings to 0", "}"]
        for number, event in enumerate(run.events, 1):
            lines.append(f"if (flag == 0 && kind == {number}) {{ : {event}")
            for s in run.system.events[event]:
                lines += [f"    {row}" for row in self._statement(s)]
            moved = (k for k, e in enumerate(run.edges, 1) if e.moves)
            lines += [f"    {self._edge(k, 't')}" for k in moved]
            lines.append("}")
        for k, e in enumerate(run.edges, 1):
            # An event may have moved the time since this one was sent.
            now = f"(t >= {nmodl(e.time, self.of, self.words)} - 1e-9)" if e.moves else "1"
            lines.append(f"if (flag == {k}) {{ {e.name} = {now} }}")
        return lines

    def _edge(self, k: int, now: str) -> str:
        """Turn the name of an edge to what it is, and send for when it turns to 1."""
        edge = self.run.edges[k - 1]
        time = nmodl(edge.time, self.of, self.words)
        sent = f"{time} - ({now})" if now != "0" else time
        return (
            f"if ({time} > {now}) {{ {edge.name} = 0  net_send({sent}, {k}) }} "
            f"else {{ {edge.name} = 1 }}"
        )

    def _statement(self, s: Statement) -> list[str]:
        before = f"{self.words[s.name]} + " if s.adds else ""
        return [*self._fresh(s.right), self._set(s.name, s.right, before)]


_NOTHING = "PROCEDURE define(v (mV)) {\n}"
_UNITS = (
    "Inside UNITSOFF numbers are in mV, ms, pA, nS, pF, mM and um2, those of parameters and "
    "variables in the units that stand beside them; mgsim has checked the units of every equation."
)
_MISSING = (
    "NEURON's concentrations and reversal potentials: the mechanism writes the currents of its "
    "ions and reads nothing of them, for the model has its own",
    "mgsim's own steps: NEURON chooses its own (CVODE)",
)


def _about(e: Equation | Parameter) -> str:
    return words.one_line(f"{e.unit}, {e.meaning}" if e.meaning else e.unit)


def _valence(ion: str) -> str:
    return f" VALENCE {IONS[ion].valence}" if ion not in ("na", "k", "ca") else ""


def _rows(names: Iterable[str]) -> list[str]:
    names = list(names)
    return [", ".join(names[k : k + 8]) for k in range(0, len(names), 8)]


def _block(head: str, rows: Iterable[str]) -> str:
    inside = "".join(f"    {row}\n" for row in rows)
    return f"{head} {{\n{inside}}}" if inside else ""


def _script(run: Run) -> str:
    capacitance, area = membrane(run)
    size = math.sqrt(area / math.pi)
    spike = run.system.spike
    unseen = spike is not None and spike.signal != "v"
    lost = [f"spikes, which are no crossing of v: {spike.signal}"] if spike and unseen else []
    about = "\n".join(words.lines([*run.header(*_MISSING, *lost), *_HOW])).replace("\\", "/")
    about = about.replace('"""', "'''")
    start = run.value("v") * 1e3
    values = [
        f'    "{word(p.name)}": {p.value!r},  # {p.unit}: '
        f"{words.one_line(f'{p.meaning}; {p.source}')}"
        for p in run.parameters
        if p.name != "celsius"
    ]
    celsius = [f"h.celsius = {p.value!r}" for p in run.parameters if p.name == "celsius"]
    names = [n for x in run.chances.values() for n in x]
    events = []
    for number, (event, times) in enumerate(run.events.items(), 1):
        brought = run.chances.get(event, {})
        for k, t in enumerate(times):
            numbers = [float(number), *(brought[n][k] if n in brought else 0.0 for n in names)]
            events.append(f"    ({t:.12g}, {numbers}),  # {event}")
    record = [
        f'    "{n} [{run.unit_of[n]}]": {"section(0.5)" if n == "v" else "process"}'
        f"._ref_{n if n == 'v' else word(n)},"
        for n in run.record
    ]
    detect = []
    if spike and not unseen:
        detect = [
            "spikes = h.Vector()",
            "detector = h.NetCon(section(0.5)._ref_v, None, sec=section)",
            f"detector.threshold = {run.value(spike.level) * 1e3!r}",
            "detector.record(spikes)",
        ]
    return f'''"""{about}
"""

import csv

from neuron import h

# Parameters of the mechanism: unit, meaning, source
PARAMETERS = {{
{_joined(values)}}}
# Events: time in ms, and what it brings to NET_RECEIVE
EVENTS = [
{_joined(events)}]
DURATION = {run.duration:.12g}  # ms
SAMPLE = 0.1  # ms between samples of a trace

{_joined(celsius)}section = h.Section(name="cell")
section.nseg = 1
section.L = section.diam = {size!r}  # um: an area of {area:g} um2
section.cm = {capacitance!r}  # uF/cm2
process = h.{run.name}(section(0.5))
for name, value in PARAMETERS.items():
    setattr(process, name, value)

TRACES = {{
{_joined(record)}}}
samples = h.Vector([k * SAMPLE for k in range(int(DURATION / SAMPLE + 1e-9) + 1)])
traces = {{name: h.Vector().record(where, samples) for name, where in TRACES.items()}}
{_joined(detect)}connections = []
for event, numbers in EVENTS:
    connection = h.NetCon(None, process)
    connection.delay = 0.0
    for place, number in enumerate(numbers):
        connection.weight[place] = number
    connections.append((connection, event))

cvode = h.CVode()
cvode.active(True)
cvode.rtol(1e-8)
cvode.atol(1e-9)
cvode.condition_order(2)  # spikes between steps
h.finitialize({start!r})  # mV
for connection, time in connections:
    connection.event(time)
cvode.solve(DURATION)

{'print("spikes at", list(spikes), "ms")' if detect else ""}
with open("{run.name}.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["time [ms]", *traces])
    rows.writerows(zip(samples, *traces.values()))
'''


_HOW = ("To run it: 'nrnivmodl' in this folder, then 'python' with this file, in this folder too.",)


def _joined(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
