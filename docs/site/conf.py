"""How Sphinx makes the site; `build.py` gives it the pages."""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

import mgsim

project, author, copyright = "mgsim", "The mgsim authors", "The mgsim authors"
version = release = mgsim.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc"]
root_doc = "index"
language = "en"

html_theme = "furo"
html_title = f"mgsim {version}"
html_static_path = ["style"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"sidebar_hide_name": False}

# A heading is linked to as on a code host, from 1 to 3 "#".
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath", "fieldlist"]
myst_links_external_new_tab = False
html_math_renderer = "mathml"  # by the browser itself: no script, no network

nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "__init__, __new__"}

_RULE = re.compile("-{3,}")
_ITEM = re.compile(r"([\w*][\w*, ]*) : (.*)")


def _readable(lines: list[str]) -> list[str]:
    """A docstring of mgsim as reStructuredText: sections as rubrics, ``name : text`` as a list."""
    found: list[str] = []
    section = ""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if _RULE.fullmatch(below) and line.strip():
            section = line.strip()
            found += [f".. rubric:: {section}", ""]
        elif section == "Parameters" and (item := _ITEM.fullmatch(line)):
            names = ", ".join(f"``{name.strip()}``" for name in item[1].split(","))
            found += [names, f"    {item[2]}"]
        elif not _RULE.fullmatch(line):
            if line[:1].strip() and found and found[-1].startswith(" "):
                found.append("")  # what follows a list is no part of it
            found.append(line)
    return found


def _math(display: str) -> tuple[Any, None]:
    def visit(writer: Any, node: nodes.Element) -> None:
        words = node.astext().replace(r"\mathrm{", r"\text{")  # a word is one token, read as one
        made = convert(words, display=display)
        writer.body.append(f'<div class="equation">{made}</div>' if display == "block" else made)
        raise nodes.SkipNode

    return visit, None


def setup(app: Any) -> None:
    """Docstrings are read by `_readable`, equations become MathML."""

    def read(_app: Any, _what: str, _name: str, _it: Any, _options: Any, lines: list[str]) -> None:
        lines[:] = _readable(lines)

    app.connect("autodoc-process-docstring", read)
    app.add_html_math_renderer("mathml", _math("inline"), _math("block"))
