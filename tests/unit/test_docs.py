"""The pages of the documentation: their code runs, their links hold, the site has every page."""

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import mgsim as mg
from mgsim.catalogs import CATALOGS
from mgsim.cli.parser import parser

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "site"
PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("docs/how_to/*.md")])
TEXTS = [*ROOT.glob("*.md"), *PAGES, *ROOT.glob("notebooks/*.md"), SITE / "index.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

#: Pages that run so many points, or for so long, that an optimised kernel pays.
MANY = ["dose", "insult", "ions"]
#: Runs the code of pages in one fresh process, whose kernels are compiled without optimising: a
#: third of the time, and no other test ever meets them. A cluster is one of this process.
RUN = r"""
import contextlib, io, json, os, re, shlex, sys, traceback, types, warnings
from mgsim.engines.fused.compiling import build
usual, quickly = (build.FLAGS, build.GCC_FLAGS), (("-O0", *build.FLAGS[1:]), ())
from mgsim.cli import main
from mgsim.declare.ports import ExtrapolationWarning
warnings.simplefilter("ignore", ExtrapolationWarning)

class Local:
    def __new__(cls, **asked):
        from dask.distributed import LocalCluster
        made = LocalCluster(1, processes=False, threads_per_worker=1, dashboard_address=":0")
        made.scale = lambda jobs: None
        return made

sys.modules["dask_jobqueue"] = types.SimpleNamespace(SLURMCluster=Local)
failed = {}
many, pages = json.load(sys.stdin)
for name, blocks in pages.items():
    os.makedirs(name); home = os.getcwd(); os.chdir(name)
    names = {}
    build.FLAGS, build.GCC_FLAGS = usual if name in many else quickly
    try:
        for kind, text in blocks:
            with contextlib.redirect_stdout(io.StringIO()):
                if kind == "python":
                    exec(compile(text.replace("/shared/", "./"), name, "exec"), names)
                else:
                    for line in text.splitlines():
                        program, *words = shlex.split(line, comments=True) or ["mgsim", "list"]
                        assert program == "mgsim" and main(words) == 0, line
    except BaseException:
        failed[name] = traceback.format_exc()
    finally:
        os.chdir(home)
print("\n" + json.dumps(failed))
"""


def blocks(path):
    found = BLOCK.findall(path.read_text(encoding="utf-8"))
    return [(kind, text) for kind, text in found if kind in ("python", "console")]


def test_the_code_of_every_page_runs_as_it_is_written(tmp_path):
    """From top to bottom, as in a notebook; what a page claims of numbers stands in its code."""
    pages = {path.stem: found for path in PAGES if (found := blocks(path))}
    assert len(pages) > 15
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps([MANY, pages]),
        cwd=tmp_path,
        env={**os.environ, "MGSIM_CACHE": str(tmp_path / "kernels")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    failed = json.loads(done.stdout.splitlines()[-1])
    assert not failed, "\n".join(failed.values())


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_blocks_are_of_known_kinds(path):
    """So that no code is left out of the test above by its name."""
    kinds = {kind for kind, _ in BLOCK.findall(path.read_text(encoding="utf-8"))}
    assert kinds <= {"python", "console", "toml", "text"}, kinds


def test_every_command_that_a_text_shows_can_be_parsed():
    whole, count = parser(), 0
    for path in [*TEXTS, *ROOT.glob("notebooks/*.ipynb")]:
        for line in re.findall(r"^ *(mgsim [a-z]+ [^\n]*)$", path.read_text("utf-8"), re.MULTILINE):
            words = shlex.split(line.partition("   ")[0], comments=True)[1:]
            assert whole.parse_args(words).do, (path, line)
            count += 1
    assert count > 10


def anchors(path):
    """The links that the headings of a page can be reached by, as code hosts make them."""
    heads = re.findall(r"^#{1,6} (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", h) for h in heads]
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in plain}


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path, made):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    home = ROOT if path.parent == SITE else path.parent
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        found = (home / file).resolve() if file else path
        if found.relative_to(ROOT).as_posix() in made:
            continue  # a page that the site makes
        assert found.exists(), f"{path.name}: {target}"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{path.name}: {target}"


# ------------------------------------------------------------------------------------- the site


@pytest.fixture(scope="module")
def site():
    """The modules that make the site, which import nothing that only the site needs."""
    sys.path.insert(0, str(SITE))
    try:
        import build
        import made
        import picture
        import stub
    finally:
        sys.path.remove(str(SITE))
    return build, made, picture, stub


@pytest.fixture(scope="module")
def made(site):
    """The places of the pages that follow from the package, without drawing the gallery."""
    return {*site[1].texts(), "docs/gallery.md"}


def test_every_page_is_named_once(site, made):
    build, _, _, _ = site
    kept = build.kept()
    pages = {f.with_suffix("").as_posix() for f in kept if f.suffix in (".md", ".ipynb")}
    lost = set(build.listed(build.index(kept))) - set(build.named(kept))
    named = [*build.named(kept), *lost]
    assert sorted(named) == sorted(set(named))
    assert pages <= set(named)
    assert {f"{name}.md" for name in set(named) - pages if "*" not in name} <= made


def test_code_that_a_notebook_folds_is_folded_on_its_page(site):
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        assert "source_hidden" in text
        for was, cell in zip(
            json.loads(text)["cells"], json.loads(site[0].shut(text))["cells"], strict=True
        ):
            tags = ["hide-input"] if "jupyter" in was["metadata"] else []
            assert cell["metadata"]["tags"] == [*was["metadata"]["tags"], *tags]
            plain = "".join(was["source"])
            if was["cell_type"] == "markdown":  # Sphinx knows no target that is HTML already
                plain = re.sub(r"\[([^]]+)\]\(([^)]+\.html)\)", r'<a href="\2">\1</a>', plain)
            assert "".join(cell["source"]) == plain


def test_the_reference_has_every_public_name(site):
    _, made, _, _ = site
    listed = [name for _, names in made.API.values() for name in names]
    assert sorted(listed) == sorted(set(mg.__all__) - {"__version__"} - set(CATALOGS))
    text = "\n".join(made.api().values())
    for name in listed:
        assert f"mgsim.{name}" in text
    for module, names in made.ERRORS.items():
        found = __import__(f"mgsim.{module}", fromlist=["_"])
        assert all(issubclass(getattr(found, n), Exception) for n in names)


def test_every_error_that_a_docstring_names_is_in_the_reference(site):
    """What a caller is told to catch can be looked up."""
    _, made, _, _ = site
    known = {n for names in made.ERRORS.values() for n in names}
    for module, names in made.ERRORS.items():
        assert set(names) <= set(dir(importlib.import_module(f"mgsim.{module}"))), module
    builtin = {"TypeError", "ValueError", "KeyError", "ImportError"}
    for name in set(mg.__all__) - set(CATALOGS) - {"__version__"}:
        text = getattr(mg, name).__doc__ or ""
        for section in re.findall(
            r"(?:Raises|Warns)\n\s*-+\n(.*?)(?:\n\s*\n\s*\w+\n\s*-+|\Z)", text, re.S
        ):
            told = re.findall(
                r"\b([A-Z]\w*(?:Error|Warning|Name|Sweep|Damaged|Diverged))\b", section
            )
            assert set(told) <= known | builtin, (name, set(told) - known - builtin)


def test_the_picture_is_that_of_the_imports(site):
    """Its colours follow the length of files and may lag; boxes and lines may not."""
    _, _, picture, _ = site
    kept = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")
    plain = [re.sub(r' fill="[^"]*"', "", text) for text in (kept, picture.drawn())]
    assert plain[0] == plain[1], "run: make tables"


def test_what_checkers_see_is_the_package(site):
    stub = site[3]
    assert stub.FILE.read_text(encoding="utf-8") == stub.text(), "run: make tables"


def test_the_picture_draws_each_import_downward(site):
    _, _, picture, _ = site
    rows = {name: k for k, row in enumerate(picture.layers()) for name in row}
    of = {name: picture.imports(name) & set(rows) for name in rows}
    for name, below in picture.essential(of).items():
        assert all(rows[name] < rows[other] for other in below)
    reached = {}
    for name in reversed(rows):  # the lines alone still lead to every import
        lines = picture.essential(of)[name]
        reached[name] = {*lines}.union(*(reached[n] for n in lines))
        assert of[name] <= reached[name]
