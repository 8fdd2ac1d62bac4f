"""The equations of all parts side by side: who owns each name, and whether the parts fit."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare import events
from mgsim.declare.component import Component
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import MEMBRANE, PORTS, Port, check_port
from mgsim.equations import expressions
from mgsim.equations.lines import Equation
from mgsim.system import currents


class Joined:
    """The equations of all parts, and who owns each name."""

    def __init__(self, model: Model, protocol: Protocol) -> None:
        self.model, self.protocol = model, protocol
        self.parts: tuple[Component, ...] = (*model.parts, *protocol.stimuli)
        self.ports = dict(PORTS)
        for part in self.parts:
            for port in part.ports:
                if self.ports.setdefault(port.name, port) != port:
                    raise PartError(
                        f"part '{part.name}' declares the port '{port.name}' "
                        "otherwise than another part does"
                    )
        for place in {p.place for p in self.parts}:
            sums = (p.at(place) for p in PORTS.values() if p.combine == "currents")
            self.ports |= {p.name: p for p in sums}
        declared = [e for part in self.parts for e in part.events]
        self.events = events.known((*declared, *protocol.inputs), f"model '{model.name}'")
        self.currents = currents.declared(self.parts)
        unit_of = {e.name: e.unit for part in self.parts for e in part.lines}
        for name, port in currents.ports(self.currents, unit_of).items():
            self.ports.setdefault(name, port)
        self.owner: dict[str, str] = {}
        self.equations: dict[str, Equation] = {}
        self.parameters: dict[str, Parameter] = {}
        self._collect()

    def _slot_meant(self, owner: str, part: Component) -> str:
        """What to do about two parts of which one should have taken the other's place."""
        first = next((p for p in self.parts if p.name == owner and p is not part), None)
        if first is None or set(first.slots) & set(part.slots):
            return ""
        mine, theirs = ("' and '".join(p.slots) for p in (part, first))
        return (
            f"; '{part.name}' fills the slot '{mine}' and '{owner}' the slot '{theirs}': one that "
            f"is to take its place has the same slot"
        )

    def _collect(self) -> None:
        shared: dict[str, list[str]] = {
            n: [] for n, p in self.ports.items() if p.combine in ("sum", "product")
        }
        for part in self.parts:
            for equation in part.lines:
                name = equation.name
                if name in self.owner:
                    raise PartError(
                        f"'{name}' is defined twice: by '{self.owner[name]}' and by '{part.name}'"
                        + self._slot_meant(self.owner[name], part)
                    )
                port = self.ports.get(name)
                if port and port.combine == "currents":
                    raise PartError(
                        f"part '{part.name}' defines '{name}' ({port.meaning}), which sums what "
                        f"parts declare; name its own currents otherwise and declare each: "
                        f"currents={{'{name}_{part.name}': ...}}"
                    )
                if port and name in shared:
                    raise PartError(
                        f"part '{part.name}' defines the port '{name}', a "
                        f"{port.combine}; it may only give to it: "
                        f"adds={{'{name}': ...}}"
                    )
                if port:
                    check_port(part.name, name, equation.unit, port)
                self.owner[name] = part.name
                self.equations[name] = equation
            for name, text in part.adds.items():
                if name in self.ports and self.ports[name].combine == "currents":
                    raise PartError(
                        f"part '{part.name}' adds to '{name}' ({self.ports[name].meaning}), which "
                        f"sums what parts declare: currents={{'{text}': ...}}"
                    )
                if name not in shared:
                    raise unknown("summed port", name, shared, f"part '{part.name}'")
                shared[name].append(text)
        read = union(part.requires for part in self.parts) | union(
            expressions.variables(e.text) for e in self.equations.values()
        )
        stated = {p.name for p in self.model.shared}
        for parameter in self.model.shared:
            if parameter.name in read and parameter.name not in self.equations:
                self.owner[parameter.name] = f"model {self.model.name}"
                self.parameters[parameter.name] = parameter
        for part in self.parts:
            for parameter in part.parameters:
                name = parameter.name
                port = self.ports.get(name)
                if port and port.default and part in self.protocol.stimuli:
                    raise PartError(
                        f"protocol '{self.protocol.name}' states '{name}' "
                        f"({port.meaning}), which is the model's: give {name}=... with "
                        "the run, or model.with_values"
                    )
                if port and (
                    name in self.equations or name in stated or (port.default and name not in read)
                ):
                    continue  # gives way to what computes or states it, or nothing reads it
                if port and port.everywhere and self.parameters.get(name) == parameter:
                    continue
                if name in self.owner:
                    raise PartError(
                        f"'{name}' is defined twice: by '{self.owner[name]}' and by '{part.name}'"
                        + (
                            f"; it is one for all places: Model(..., shared=(Parameter('{name}', "
                            "...),)) states it"
                            if port and port.everywhere
                            else ""
                        )
                    )
                if port:
                    check_port(part.name, name, parameter.unit, port)
                self.owner[name] = part.name
                self.parameters[name] = parameter
        for name, terms in shared.items():
            port = self.ports[name]
            if terms and port.must_act and name not in read:
                by = next(part.name for part in self.parts if name in part.adds)
                raise PartError(
                    f"part '{by}' gives to '{name}' ({port.meaning}), which nothing in "
                    f"model '{self.model.name}' reads: it would have no effect"
                )
            if terms or name in read:
                text = (
                    " + ".join(terms)
                    if port.combine == "sum"
                    else "*".join(f"({t})" for t in terms)
                ) or f"{port.empty:g}*{port.unit}"
                self.owner[name] = f"the {port.combine} of all parts"
                self.equations[name] = Equation(name, text, port.unit, port.meaning, False)
        for equation in currents.sums(self.currents, read, [p.place for p in self.parts]):
            if equation.name in self.owner:
                raise PartError(
                    f"'{equation.name}' is defined twice: by '{self.owner[equation.name]}' and as "
                    f"{equation.meaning}"
                )
            self.owner[equation.name] = "the sum of all parts"
            self.equations[equation.name] = equation
        for name in sorted(read):
            port_ = self.ports.get(name)
            if name not in self.owner and port_ and port_.default:
                self.owner[name] = "its default"
                self.parameters[name] = port_.default

    def missing(self, texts: Iterable[str], also: set[str]) -> set[str]:
        read = union(expressions.variables(t) for t in texts)
        return {n for n in read if n not in self.owner and n not in also}

    def check_ports(self) -> None:
        """Every name that a part reads is its own or a port that somebody provides."""
        for part in self.parts:
            for name in sorted(part.requires):
                if name not in self.owner:
                    where = f"part '{part.name}' of model '{self.model.name}'"
                    if name in self.ports:
                        port = self.ports[name]
                        raise PartError(
                            f"{where} reads '{name}' ({port.meaning}), which no part "
                            "provides" + self._advice(port)
                        )
                    raise unknown("variable", name, {*self.owner, *self.ports}, where)
                if (
                    name not in self.ports
                    and self.owner[name] != part.name
                    and (part not in self.protocol.stimuli)
                ):
                    raise PartError(
                        f"part '{part.name}' reads '{name}' of part '{self.owner[name]}'; parts "
                        "speak through ports only: declare one with ports=(Port(...),)"
                    )

    @property
    def idle(self) -> dict[str, tuple[str, ...]]:
        """Parts of the model that do nothing in it, and what they provide that nothing reads.

        A part acts by its currents, by what others read of it, by what it gives to a sum or
        product, and by its spikes. What a model is run for is something to look at in any case, and
        so is every variable of a model without states.
        """
        if not any(e.differential for e in self.equations.values()):
            return {}
        outcomes = {n for n, port in self.ports.items() if port.outcome}
        found = {}
        for part in self.model.parts:
            others = union(p.reads for p in self.parts if p is not part)
            ports = tuple(sorted(part.provides & self.ports.keys()))
            acts = part.crossings or part.adds or part.currents or part.exchange
            if ports and not (acts or set(ports) & (others | outcomes)):
                found[part.name] = ports
        return found

    def _advice(self, port: Port) -> str:
        words = {
            "v_command": ": the neuron 'clamped' needs a voltage clamp protocol",
            "v": ": a neuron, or 'clamped', provides it",
            "mg_out": ": a bath provides it",
            "ca_out": ": a bath provides it",
            "unblocked": ": a block law (mg.blocks) provides it",
            "open_nmda": ": a gating scheme (slot nmda_gating) provides it",
            "glu": ": a cleft (slot cleft) provides it",
            "area": ": a membrane provides it",
        }.get(port.root, "")
        place = port.name.removeprefix(port.root).removeprefix("_")
        if words and place:
            words += f", put at '{place}' by mg.at"
        others = [n for n in self.owner if n in self.ports and self.ports[n].root == port.root]
        near = difflib.get_close_matches(port.name, others, n=1)
        return words + (f"; did you mean '{near[0]}'?" if near else "")

    def check_stimulus(self) -> None:
        """A stimulus that nothing reads would be a silent no-op."""
        shared = self.ports.keys() - {c.name for c in self.currents}
        read = union(p.reads for p in self.model.parts) | union(
            expressions.variables(e.text) for e in self.equations.values() if e.name in shared
        )
        for stimulus in self.protocol.stimuli:
            outputs = (stimulus.provides - stimulus.currents.keys()) | set(stimulus.adds)
            moves = stimulus.currents and self.membranes.get(stimulus.place)
            if not (outputs & read or moves or stimulus.changes - stimulus.provides):
                outputs |= stimulus.currents.keys()
                raise PartError(
                    f"protocol '{self.protocol.name}' sets {', '.join(sorted(outputs))}, which "
                    f"nothing in model '{self.model.name}' reads; a voltage clamp needs the "
                    "neuron 'clamped', an injected current a free neuron"
                )

    def check_currents(self) -> None:
        """The membrane sums every declared current once, and there is no other current.

        Found by walking from the membrane's equation through definitions: a current that only a
        state reads, such as a pool, does not move the potential. Where the potential is imposed,
        the sum stands for the membrane.

        Raises
        ------
        PartError
        """
        currents.check_wholes(self.currents)
        sums = {n for n, p in self.ports.items() if p.combine == "currents"}
        known = sums | {c.name for c in self.currents}
        wholes = [c for c in self.currents if not c.whole]
        acts: set[str] = set()
        for place, states in self.membranes.items():
            here = [c for c in wholes if c.place == place]
            through = PORTS[MEMBRANE].at(place).name
            reached: set[str] = set()
            for state in sorted(states):
                cell, text = self.owner[state], self.equations[state].text
                beside = self.behind([text], stop=known) & (known - {through})
                if beside:
                    raise PartError(
                        f"d{state}/dt of '{cell}' reads '{min(beside)}', a declared current, "
                        f"beside '{through}', which has it already"
                    )
                reached |= self.behind([text])
            if states and here and through not in reached:
                raise PartError(
                    f"part '{here[0].part}' declares the current '{here[0].name}', which does not "
                    f"reach the membrane: '{self.owner[min(states)]}' must read '{through}' "
                    f"in its equation of d{min(states)}/dt"
                )
            acts |= reached | self.behind([through])
        for one in (c for c in wholes if self.membranes and c.place not in self.membranes):
            raise PartError(
                f"part '{one.part}' declares the current '{one.name}' where there is no membrane: "
                f"no part gives '{PORTS['v'].at(one.place).name}'"
            )
        acts |= self.behind(self.equations[n].text for n in self.potentials) | self._exchanged
        for name, equation in self.equations.items():
            flows = not equation.differential and _dimension(equation.unit) in _CURRENT
            if flows and name not in known and name not in acts:
                raise PartError(
                    f"'{name}' of {self._whose(name)} is a current ({equation.unit}) that acts on "
                    f"no membrane; declare it with the ion that carries it: "
                    f"currents={{'{name}': 'ca'}}, '' where none is named, or 'ca of i_nmda' where "
                    "it is a part of another"
                )
        for one in currents.carrying("", self.currents):
            for ion in (i for i in IONS.values() if not i.trace):
                total = PORTS[ion.current].at(one.place).name
                if self._reads(total):
                    meant = f"na of {one.whole}" if one.whole else "na"
                    raise PartError(
                        f"part '{one.part}' declares the current '{one.name}' and no ion that "
                        f"carries it, in model '{self.model.name}', where {ion.meaning} moves "
                        f"('{self._reads(total)}' reads '{total}'): say which, "
                        f"currents={{'{one.name}': '{meant}'}}"
                    )

    @property
    def _exchanged(self) -> set[str]:
        """What a part defines of both ends of an exchange of its own, which acts by that."""
        return {
            e.name
            for part in self.parts
            for e in part.lines
            if any({a, b} <= self.behind([e.text]) for a, b, *_ in part.exchange)
        }

    def _whose(self, name: str) -> str:
        """Who owns a name, in words."""
        owner = self.owner[name]
        return f"part '{owner}'" if any(p.name == owner for p in self.parts) else owner

    def _reads(self, name: str) -> str:
        """The first part that reads a name; empty where none does."""
        return next((p.name for p in self.parts if name in p.requires), "")

    @property
    def potentials(self) -> set[str]:
        """Every state that is a potential."""
        volt = _dimension("V")
        return {
            n for n, e in self.equations.items() if e.differential and _dimension(e.unit) == volt
        }

    @property
    def membranes(self) -> dict[str, set[str]]:
        """By place, the states whose equations are those of its potential; none where imposed."""
        there = {
            n.removeprefix("v").removeprefix("_"): n
            for n, port in self.ports.items()
            if port.root == "v" and n in self.equations
        }
        states = self.potentials
        return {
            place: {n} if n in states else states & self.behind([self.equations[n].text])
            for place, n in there.items()
        }

    def behind(self, texts: Iterable[str], stop: Collection[str] = ()) -> set[str]:
        """Every name that expressions follow from, through definitions, but those of ``stop``."""
        known = {
            n: e.text for n, e in self.equations.items() if not e.differential and n not in stop
        }
        return expressions.behind(texts, known)


def _dimension(unit: str) -> units.Dimension:
    return units.unit(unit).dimension


_CURRENT = (_dimension("A"), _dimension("A/m**2"))


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Every name in any of the sets."""
    return frozenset().union(*sets)
