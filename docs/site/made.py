"""The pages that follow from the package: catalogs, API, command line, gallery."""

from __future__ import annotations

import argparse
import hashlib
import inspect
import io
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xarray as xr
from PIL import Image

import mgsim as mg
from mgsim.catalogs import CATALOGS, PARTS
from mgsim.cli import words
from mgsim.cli.parser import parser
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.equations.lines import read_equations
from mgsim.figures import saving
from mgsim.references import Entry
from mgsim.report import parts
from mgsim.report.table import table
from mgsim.store.description.identity import describe
from mgsim.sweeps.prepare import FailedPointsWarning

#: The public names by what they are for, as the API pages have them.
API = {
    "run": (
        "Running",
        ("simulate", "sweep", "threshold", "open_sweep", "parameters", "designs", "Prior"),
    ),
    "ask": ("Asking", ("Experiment", "figure", "fit", "read_data", "Shapley", "check", "validate")),
    "compose": (
        "Composing",
        ("Parameter", "Component", "Scheme", "Port", "Event", "Model", "assemble", "at", "lower"),
    ),
    "protocol": (
        "Protocols and measures",
        ("Protocol", "Train", "changes", "Measure", "by_source"),
    ),
    "dose": ("Doses", ("doses", "dose_to_neuron")),
    "tell": ("Citing and exporting", ("cite", "methods", "export")),
}
#: Errors and warnings that a caller may catch, by module.
ERRORS = {
    "catalogs.catalog": ("UnknownName",),
    "declare.parameter": ("PartError",),
    "units": ("UnitError",),
    "equations.expressions": ("EquationError",),
    "sweeps.designs": ("AxisError",),
    "declare.priors": ("PriorError",),
    "analysis.measured": ("DataError",),
    "exports.words": ("ExportError",),
    "engines.contract": ("EngineError", "Diverged"),
    "sweeps.point_rows": ("Shortage",),
    "store.description.identity": ("OtherSweep",),
    "store.description.manifest": ("NotASweep",),
    "store.checked_json": ("Damaged",),
    "declare.ports": ("ExtrapolationWarning",),
    "compose.model": ("SharedValueWarning",),
    "sweeps.resolving.run_warnings": ("IdlePartWarning", "MissedStimulusWarning", "RangeWarning"),
    "runs.sweep": ("UndefinedMeasureWarning",),
    "sweeps.prepare": ("DeadAxisWarning", "FailedPointsWarning"),
}
#: Of public modules that do not say themselves what they offer.
OFFERED = {
    "designs": ("zipped", "sobol", "latin_hypercube", "draws", "table"),
    "changes": ("step", "ramp", "wash", "steps", "course", "recorded"),
}


def pages(kept: Path, *, quick: bool) -> dict[str, str | bytes]:
    """Every page and image by its place. ``kept``: where results of experiments stay."""
    return {**texts(), **gallery(kept, quick=quick)}


def texts() -> dict[str, str]:
    """The pages without pictures, for which nothing is run."""
    own = parts.pages()
    below = "\n".join(f"parts/{kind}" for kind in PARTS)
    own["parts.md"] += f"\n```{{toctree}}\n:hidden:\n{below}\n```\n"
    found = {f"docs/{name}": text for name, text in own.items()}
    found |= {f"docs/catalogs/{kind}.md": text for kind, text in catalogs().items()}
    found |= {f"docs/api/{name}.md": text for name, text in api().items()}
    return found | {"docs/command_line.md": command_line()}


# ------------------------------------------------------------------------------------- catalogs


def catalogs() -> dict[str, str]:
    """A page for each catalog that holds no parts, but figures (the gallery) and claims."""
    tell: dict[str, tuple[str, Callable[[Any], Iterator[str]]]] = {
        "models": ("Parts that together close a set of equations.", _model),
        "protocols": ("What is done to a model, and when it is measured.", _protocol),
        "measures": ("What is kept of a run: one number each.", _measure),
        "experiments": ("A question with its models, protocol and axes.", _experiment),
    }
    others = [kind for kind in CATALOGS if kind not in {*PARTS, *tell, "figures", "claims"}]
    tell |= {kind: ("", lambda thing, kind=kind: _described(kind, thing)) for kind in others}
    return {
        kind: "\n".join([f"# {kind.capitalize()}", "", intro, "", *_entries(kind, one)])
        for kind, (intro, one) in tell.items()
    }


def _entries(kind: str, one: Callable[[Any], Iterator[str]]) -> Iterator[str]:
    for name, thing in CATALOGS[kind].items():
        yield from (f"## {name}", "")
        yield from one(thing)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


def _home(part: Any) -> str:
    """A link to a part of the catalogs; the plain name of any other, such as one at a place."""
    for kind, catalog in PARTS.items():
        if part.name in catalog.own:
            return f"[{part.name}](../parts/{kind}.md#{part.name})"
    return part.name


def _model(model: Any) -> Iterator[str]:
    yield f"{_sentence(model.meaning)}\n"
    yield from ("| slot | part | |", "|---|---|---|")
    for part in model.parts:
        yield f"| `{'`, `'.join(part.slots)}` | {_home(part)} | {part.meaning} |"
    yield f"\n<details><summary>Parameters</summary>\n\n{table(model, 'md')}\n</details>\n"


def _protocol(protocol: Any) -> Iterator[str]:
    yield f"{_sentence(protocol.meaning)} Lasts {protocol.duration:g} ms"
    yield "and measures from {:g} to {:g} ms.\n".format(*protocol.measured())
    for stimulus in protocol.stimuli:
        yield from _equations(stimulus)
    if protocol.events:
        yield f"Events: {', '.join(f'`{n}`' for n in protocol.events)}.\n"
    if protocol.parameters:
        yield table(protocol, "md")


def _equations(part: Any) -> Iterator[str]:
    units = parts.units_of(part)
    for line in read_equations(part.equations):
        yield f"$$\n{parts.typeset.equation(line, units)}\n$$\n"


def _measure(measure: Any) -> Iterator[str]:
    ways = {
        "Integral of": measure.rate,
        "Largest value of": measure.peak,
        **{f"On each {event}": text for event, text in measure.on.items()},
        "At each step": measure.every_step,
        "At the end": measure.value,
    }
    yield f"{_sentence(measure.meaning)} Unit: {measure.unit}.\n"
    for way, text in ways.items():
        if text:
            yield f"- {way}: `{' '.join(text.split())}`"
    if measure.needs:
        yield f"- Needs: {', '.join(f'[{m.name}](#{m.name})' for m in measure.needs)}"
    if measure.undefined:
        yield f"- Not a number where there is {measure.undefined}."
    yield ""


def _described(kind: str, thing: Any) -> Iterator[str]:
    """As `mgsim show` has it."""
    _, meaning, *rest = words.lines(words.describe(kind, thing))
    yield f"{_sentence(meaning)}\n"
    yield from ("```text", *"\n".join(rest).strip().splitlines(), "```", "")


def _experiment(experiment: Any) -> Iterator[str]:
    yield f"*{experiment.question}*\n"
    models = ", ".join(f"`{m.name}`" for m in experiment.models)
    yield f"- Model: {models}; protocol: `{experiment.protocol.name}`"
    if experiment.measures:
        yield f"- Keeps: {', '.join(f'`{m.name}`' for m in experiment.measures)}"
    else:
        yield f"- Traces: {', '.join(f'`{n}`' for n in experiment.record)}"
    if experiment.axes:
        yield f"- Axes: {', '.join(f'`{n}`' for n in experiment.axes)}"
    drawn = [n for n, f in mg.figures.items() if f.of == experiment.name]
    if drawn:
        yield f"- Figure: {', '.join(f'[{n}](../gallery.md#{n})' for n in drawn)}"
    yield ""


# ------------------------------------------------------------------------------------------ API


def api() -> dict[str, str]:
    """The pages of the reference: every public name, and the errors."""
    found = {name: _api_page(title, names) for name, (title, names) in API.items()}
    errors = "\n\n".join(
        f".. autoexception:: mgsim.{module}.{name}"
        for module, all in ERRORS.items()
        for name in all
    )
    found["errors"] = f"# Errors and warnings\n\n```{{eval-rst}}\n{errors}\n```\n"
    found["index"] = _api_index()
    return found


def _api_index() -> str:
    lines = [
        "# Python reference",
        "",
        "`import mgsim as mg`; a name loads when it is first used. Numbers are in the unit of "
        "their parameter (mV, ms, mM, nS, pA); texts such as `'0.8 mM'` and Brian2 quantities are "
        "read. Results are [xarray](https://docs.xarray.dev) data sets: a dimension for each "
        "axis, each coordinate with `units`, `long_name` and `source`.",
        "",
    ]
    for page, (title, names) in API.items():
        lines += [f"## [{title}]({page}.md)", ""]
        for name in names:
            first = (inspect.getdoc(getattr(mg, name)) or "").partition("\n\n")[0]
            lines.append(f"- `mg.{name}`: {' '.join(first.split()).replace('``', '`')}")
        lines.append("")
    lines += ["## Catalogs", ""]
    for kind, catalog in CATALOGS.items():
        home = f"../parts/{kind}.md" if kind in PARTS else f"../catalogs/{kind}.md"
        home = {"figures": "../gallery.md", "claims": "../claims.md"}.get(kind, home)
        lines.append(f"- `mg.{kind}`: [{len(catalog)} entries]({home})")
    lines += ["", "`mg.__version__` is the version.", ""]
    lines += ["```{toctree}", ":hidden:", *API, "errors", "```", ""]
    return "\n".join(lines)


def _api_page(title: str, names: tuple[str, ...]) -> str:
    blocks = [line for name in names for line in _directives(name)]
    return f"# {title}\n\n```{{eval-rst}}\n" + "\n\n".join(blocks) + "\n```\n"


def _directives(name: str) -> Iterator[str]:
    thing = getattr(mg, name)
    if inspect.ismodule(thing):
        yield f".. automodule:: mgsim.{name}\n    :no-members:"
        for one in OFFERED.get(name) or thing.__all__:
            if one not in mg.__all__:
                kind = "class" if inspect.isclass(getattr(thing, one)) else "function"
                yield f".. auto{kind}:: mgsim.{name}.{one}"
    else:
        kind = "class" if inspect.isclass(thing) else "function"
        yield f".. auto{kind}:: mgsim.{name}"


# --------------------------------------------------------------------------------- command line


def command_line() -> str:
    """Every command with its options, from the parser itself."""
    lines = ["# Command line", "", "The same words as in Python and in a sweep file.", ""]
    for name, one in _commands(parser()):
        lines += [f"## mgsim {name}", "", one.description or "", ""]
        text = one.format_help()
        lines += ["```text", text.partition("\n\n")[2].partition("\n\n")[2].strip(), "```", ""]
    return "\n".join(lines)


def _commands(
    of: argparse.ArgumentParser, above: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, one in action.choices.items():
                below = list(_commands(one, f"{above}{name} "))
                yield from below or [(f"{above}{name}", one)]


# -------------------------------------------------------------------------------------- gallery


def gallery(kept: Path, *, quick: bool) -> dict[str, str | bytes]:
    """Each figure with its question, its answer and its caption, and the images."""
    for told in (ExtrapolationWarning, FailedPointsWarning):  # each caption says it
        warnings.simplefilter("ignore", told)
    found: dict[str, str | bytes] = {}
    lines = [
        "# Gallery",
        "",
        "Each figure answers one question. `mgsim figure NAME --out DIR` draws it anew as PDF, SVG "
        "and PNG, with every plotted point as CSV and its caption; `--axis` and `--set` ask it "
        "again of other laws, cells or levels. Each names its published counterpart and what "
        "differs, as far as abstracts, captions and public code tell; none is copied.",
        "",
    ]
    for name, figure in mg.figures.items():
        ds = result(figure.of, kept, quick=quick)
        folder = kept / ("quick" if quick else "whole") / name
        files = saving.save(figure, ds, folder, overwrite=True)
        found[f"docs/images/gallery/{name}.png"] = _smaller(files["png"])
        for end in ("svg", "csv", "txt"):
            found[f"docs/images/gallery/{name}.{end}"] = files[end].read_bytes()
        said = figure.found(ds).removeprefix("Found").lstrip(": ")
        lines += [
            f"## {name}",
            "",
            f"**{ds.attrs['question']}** {_sentence(said) if said else ''}",
            "",
        ]
        image = f"![{figure.caption.partition('. ')[0]}](images/gallery/{name}.png)"
        lines += ['<div class="wide">', "", image, "", "</div>", ""]
        papers, differs = figure.counterpart
        named = "; ".join(map(_linked, papers)) or "none known"
        lines += [f"Published counterpart ({named}): {differs}", ""]
        lines += [f"<details><summary>Caption</summary>\n\n{figure.caption}\n\n</details>", ""]
        lines += [
            f"`mgsim figure {name}`; [points](images/gallery/{name}.csv), [parameters and "
            f"sources](images/gallery/{name}.txt), [SVG](images/gallery/{name}.svg)",
            "",
        ]
    found["docs/gallery.md"] = "\n".join(lines)
    return found


def _smaller(png: Path) -> bytes:
    """An image with a third of its dots, which a page loads and shows faster."""
    whole = io.BytesIO()
    with Image.open(png) as image:
        image.convert("RGB").reduce(3).save(whole, "png")
    return whole.getvalue()


def _linked(paper: Entry) -> str:
    doi = paper.get("doi")
    return f"[{paper.short}](https://doi.org/{doi})" if doi else paper.short


def result(name: str, kept: Path, *, quick: bool) -> xr.Dataset:
    """The result of an experiment, run anew where anything that it depends on has changed."""
    experiment = mg.experiments[name]
    if quick:
        return experiment.few().run(progress=False)
    home = Path(inspect.getfile(mg)).parent
    said = json.dumps(describe(experiment.job()), sort_keys=True, default=str)
    for file in sorted([*home.glob("experiments/*.py"), *home.glob("analysis/*.py")]):
        said += file.read_text(encoding="utf-8")
    file = kept / f"{name}_{hashlib.sha256(said.encode()).hexdigest()[:16]}.nc"
    if not file.exists():
        for old in kept.glob(f"{name}_????????????????.nc"):
            old.unlink()
        kept.mkdir(parents=True, exist_ok=True)
        experiment.run(out=file, overwrite=True, progress=False)
    with xr.open_dataset(file) as ds:
        return ds.load()
