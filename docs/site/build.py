"""Build the site into build/site/html: python docs/site/build.py [--quick].

The pages lie in build/site/pages as they lie in the repository, so that their links hold in both
places; those that follow from the package are written beside them. `--quick` runs no lesson and
draws the figures of the gallery from a few points.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "build" / "site"
#: What the site has of the repository.
KEPT = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "docs/*.*",
    "docs/images/*",
    "docs/how_to/*.md",
    "notebooks/*.ipynb",
    "notebooks/*.md",
)
#: A link to a page that is HTML already, and stays as it is.
_HTML = re.compile(r"\[([^\]]+)\]\(([\w./-]+\.html)\)")
_TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)


def kept() -> list[Path]:
    """The files of the repository that the site has, relative to its root."""
    return sorted(f.relative_to(ROOT) for pattern in KEPT for f in ROOT.glob(pattern))


def listed(text: str) -> list[str]:
    """What the toctrees of a page name, without endings."""
    return [
        line.strip().rpartition("<")[2].rstrip(">")
        for block in _TOCTREE.findall(text)
        for line in block.splitlines()
        if line.strip() and not line.startswith((":", "<!--"))
    ]


def named(pages: Iterable[Path]) -> list[str]:
    """The pages that toctrees name, those of the first page before those of others."""
    texts = {Path(): (HERE / "index.md").read_text(encoding="utf-8")}
    texts |= {f: (ROOT / f).read_text(encoding="utf-8") for f in pages if f.suffix == ".md"}
    found = []
    for page, text in texts.items():
        for name in listed(text):
            place = os.path.normpath(page.parent / name)
            several = [f.with_suffix("").as_posix() for f in pages if f.match(f"{place}.*")]
            found += several if "*" in name else [place]
    return found


def index(pages: list[Path]) -> str:
    """The first page; what of ``docs`` no page names stands at its end."""
    there = named(pages)
    names = [f.with_suffix("").as_posix() for f in pages if f.match("docs/*.md")]
    lost = [name for name in names if name not in there]
    text = (HERE / "index.md").read_text(encoding="utf-8")
    return text.replace("<!-- further -->", "\n".join(lost))


def _plain(text: str) -> str:
    return _HTML.sub(r'<a href="\2">\1</a>', text)


def shut(notebook: str) -> str:
    """A notebook with the code folded on its page that Jupyter folds, and links to HTML kept."""
    book = json.loads(notebook)
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _plain("".join(cell["source"]))
        if cell["metadata"].get("jupyter", {}).get("source_hidden"):
            cell["metadata"]["tags"] = [*cell["metadata"].get("tags", ()), "hide-input"]
    return json.dumps(book)


def assemble(folder: Path, *, quick: bool) -> None:
    """Write every page into a folder."""
    sys.path.insert(0, str(HERE))
    import made

    shutil.rmtree(folder, ignore_errors=True)
    for file in kept():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
        if file.suffix == ".ipynb":
            (folder / file).write_text(shut((ROOT / file).read_text(encoding="utf-8")), "utf-8")
        if file.suffix == ".md":
            text = (folder / file).read_text(encoding="utf-8")
            (folder / file).write_text(_plain(text), encoding="utf-8")
    for name, content in made.pages(BUILT / "gallery", quick=quick).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "index.md").write_text(index(kept()), encoding="utf-8")


def _quiet_kernels(home: Path) -> None:
    """Lessons run under settings of their own, whatever the user's, and say only what is wrong."""
    settings = home / "profile_default" / "ipython_kernel_config.py"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("get_config().Application.log_level = 40\n", encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(home)
    logging.getLogger("traitlets").setLevel(logging.WARNING)


def main() -> int:
    """Assemble the pages and run Sphinx, whose warnings are errors."""
    from sphinx.cmd.build import main as sphinx

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no lessons run, coarse figures")
    quick = parser.parse_args().quick
    start = time.monotonic()
    assemble(BUILT / "pages", quick=quick)
    _quiet_kernels(BUILT / "ipython")
    words = ["-q", "-W", "--keep-going", "-E", "-b", "html", "-c", str(HERE)]
    for page in (BUILT / "pages").rglob("*.html"):
        to = BUILT / "as_it_is" / page.relative_to(BUILT / "pages")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(page, to)
    words += ["-D", f"html_extra_path={BUILT / 'as_it_is'}"]
    words += ["-D", "nb_execution_mode=off"] if quick else []
    code = sphinx([*words, str(BUILT / "pages"), str(BUILT / "html")])
    where = (BUILT / "html" / "index.html").relative_to(ROOT)
    print(f"{where} ({time.monotonic() - start:.0f} s)" if code == 0 else "the site has faults")
    return code


if __name__ == "__main__":
    sys.exit(main())
