"""Every part: sources resolve, what a reader must know is there, units fit where parts join."""

import numpy as np
import pytest
from every import each
from running import PARTS, complete

import mgsim as mg
from mgsim import references, units
from mgsim.catalogs import CATALOGS
from mgsim.declare.parameter import NOT_STATED
from mgsim.declare.ports import PORTS
from mgsim.equations import expressions

IDS = [p.name for p in PARTS]
STIMULI = [s for p in mg.protocols.all for s in p.stimuli]
PARAMETERS = [
    *((p.name, q) for p in (*PARTS, *STIMULI) for q in p.parameters),
    *((p.name, q) for p in mg.protocols.all for t in p.events.values() for q in t.parameters),
    *((m.name, q) for m in mg.measures.all for q in m.parameters),
    *(("port", p.default) for p in PORTS.values() if p.default),
]
#: Parts that follow no paper; their deviations say so.
#: Slots that no catalog model fills, and that a part may add to one.
ADDED = {
    "cleft",
    "release",
    "release_law",
    "surface_charge",
    "competitor_apv",
    "competitor_cpp",
    "coagonist",
    "ca_entry_ampa",
    "e_ca",
    "ca_l",
    "ca_t",
    "can",
}
#: A figure may be called what its experiment is.
NAMED = [n for n in CATALOGS if n not in ("experiments", "figures")]
UNPUBLISHED = {"none", "fully_open", "clamped", "pool", "fractional"}


def test_a_published_part_states_everything():
    """Only a part for a notebook may leave out meaning, source or range."""
    left = [f"{o}: {p.name}" for o, p in PARAMETERS if not p.bounded or "not stated" in str(p)]
    assert not left
    assert not [f"{o}: {p.name}" for o, p in PARAMETERS if p.source == NOT_STATED]


@each(PARAMETERS)
def test_every_number_has_a_source_that_resolves(owner, parameter):
    """every constant has a source key that resolves."""
    key, _, where = parameter.source.partition(":")
    assert where.strip()
    if key not in references.UNCITED:
        assert references.entry(key).key == key
    assert parameter.meaning.strip()
    low, high = parameter.range
    assert low <= parameter.value <= high
    assert low < high
    units.unit(parameter.unit)


@each(PARTS)
def test_references_resolve_and_sources_are_listed(part):
    for key in part.references:
        assert references.entry(key).text
    cited = {p.source.partition(":")[0] for p in part.parameters} - set(references.UNCITED)
    if part.slot != "bath":
        assert cited <= set(part.references), "a source that the part's references lack"


@each(p for p in PARTS if p.measured)
def test_a_measured_range_has_a_source_that_resolves(part):
    for one in part.measured:
        key, _, where = one.source.partition(":")
        assert where.strip()
        if key not in references.UNCITED:
            assert references.entry(key).key == key
            assert key in part.references, "a source that the part's references lack"


@pytest.mark.parametrize("part", PARTS, ids=IDS)
def test_what_a_reader_must_know_is_there(part):
    assert part.meaning.strip()
    assert part.references or part.deviations or part.slot in ("bath", "ca_pool")
    if part.references and part.name not in UNPUBLISHED and part.slot != "bath":
        assert part.conditions.strip(), "preparation, temperature, validity"
        if part.slot in ("block", "nmda_gating", "neuron", "ca_entry"):
            assert part.reproduces.strip()
            assert part.deviations.strip()
    if part.slot == "block" and part.references:
        for text in (part.reproduces, part.conditions, part.deviations):
            assert len(text) > 15


@each(PARTS)
def test_every_equation_has_a_unit_and_every_read_name_an_owner(part):
    own = part.provides | {p.name for p in part.parameters}
    for line in part.lines:
        units.unit(line.unit)
        assert expressions.variables(line.text) <= own | set(PORTS) | {p.name for p in part.ports}
    assert part.requires <= set(PORTS) | {p.name for p in part.ports}
    for name in part.adds:
        assert part.words[name].combine in ("sum", "product")


@pytest.mark.filterwarnings("ignore::mgsim.compose.model.SharedValueWarning")
@pytest.mark.parametrize("part", PARTS, ids=IDS)
def test_some_model_and_protocol_take_the_part(part):
    """lower() checks the dimension of every equation where the parts join."""
    if part.slot == "axial":
        part = mg.at(part, "spine", parent="dendrite")
    for model in sorted(mg.models.all, key=lambda m: part not in m.parts):
        for protocol in mg.protocols.all:
            fits = complete(model.swap(part), protocol)
            if fits and part in fits.parts:
                system = mg.lower(fits, protocol, [])
                assert {line.name for line in part.lines} <= set(system.recordable)
                return
    pytest.fail(f"no catalog model takes '{part.name}'")


@pytest.mark.parametrize("part", PARTS, ids=IDS)
def test_brian_reads_the_part_with_its_units(part):
    """Brian2 checks the dimensions of every line a second time, on its own."""
    from brian2.equations.equations import Equations

    text = "\n".join(
        f"{'d' + e.name + '/dt' if e.differential else e.name} = {e.text} : "
        f"{units.base_text(units.unit(e.unit).dimension)}"
        for e in part.lines
    )
    if text:
        assert set(Equations(text).names) == {e.name for e in part.lines}


@each(NAMED)
def test_names_are_unique_over_the_catalogs(catalog):
    others = {n for c in NAMED if c != catalog for n in CATALOGS[c].own}
    assert not set(CATALOGS[catalog].own) & others


@each(b.name for b in mg.blocks.own.values() if b.references)
def test_a_law_is_named_after_its_paper(law):
    part = mg.blocks[law]
    author = law.split("_")[0]
    assert any(author in key for key in part.references)


def test_one_spelling_means_one_thing():
    """A parameter name that several parts use has one unit everywhere."""
    unit_of = {}
    for _, p in PARAMETERS:
        d = units.unit(p.unit).dimension
        assert unit_of.setdefault(p.name, d) == d, p.name


def test_values_are_finite():
    assert all(np.isfinite(p.value) for _, p in PARAMETERS)
