"""What texts, docstrings, comments and messages speak of is there: names, files, commands."""

import ast
import builtins
import importlib
import re
from functools import cache
from pathlib import Path

import mgsim as mg
from mgsim.catalogs import CATALOGS
from mgsim.cli.parser import parser

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "mgsim"
SOURCES = ("src", "docs", "notebooks", "benchmarks")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
#: Pages made from the package, whose sources name files of other projects.
MADE = {ROOT / "docs" / f"{name}.md" for name in ("parts", "validation", "claims", "lessons")}
TEXTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml")),
    *(p for top in ("docs", "notebooks") for p in ROOT.glob(f"{top}/**/*.md") if p not in MADE),
    *PACKAGE.rglob("*.h"),
    *PACKAGE.glob("**/templates/*"),
]
CODE = [p for top in SOURCES for p in ROOT.glob(f"{top}/**/*.py")]
TESTS = [p for p in ROOT.glob("tests/**/*.py") if p != Path(__file__)]
#: Files that a reader writes, or that mgsim writes elsewhere.
OTHERS = {
    "10_title.ipynb",
    "FILE.py",
    "cell_current_step.py",
    "src/mgsim/lessons/title.py",
    "docs/catalogs/models.md",
    "docs/command_line.md",
    "docs/gallery.md",
    "standard_poisson_20hz.py",
    "text.md",
}
_PART = r"[A-Za-z_][\w-]*"


@cache
def told(path):
    """Comments and docstrings of Python."""
    text = path.read_text(encoding="utf-8")
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = (ast.get_docstring(n) for n in ast.walk(ast.parse(text)) if isinstance(n, holders))
    return "\n".join([*re.findall(r"(?:^|\s)#:? .*$", text, re.MULTILINE), *filter(None, found)])


@cache
def said(path):
    """A text; of Python its comments and strings, docstrings among them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    strings = (n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant))
    return "\n".join([told(path), *(s for s in strings if isinstance(s, str))])


def lost(pattern, paths, there, of=said):
    """What the files speak of that is not there, each with the files."""
    places = {}
    for path in paths:
        for match in re.finditer(pattern, of(path), re.MULTILINE):
            places.setdefault(match[1].strip(), []).append(path)
    assert len(places) > 5
    return {
        word: {p.relative_to(ROOT).as_posix() for p in where}
        for word, where in places.items()
        if not all(there(word, p) for p in where)
    }


def resolves(words, home):
    """Whether names lead from one to the next: modules, attributes, fields."""
    for word in words:
        try:  # a module before what its package calls by the same name
            home = importlib.import_module(f"{home.__name__}.{word}")
        except (ImportError, AttributeError):
            if word not in getattr(home, "__annotations__", {}):
                if not hasattr(home, word):
                    return False
                home = getattr(home, word)
    return True


def test_dotted_names():
    """``mgsim.a.b``, ``mg.a``, and in pages also ``judging.ledger`` by a folder of the package."""
    files = {"bib", "csv", "nc", "pdf", "py", "txt"}

    def there(name, path):
        head, *words = name.split(".")
        return words[-1] in files or resolves(
            words if head in ("mg", "mgsim") else [head, *words], mg
        )

    inside = "|".join(p.stem for p in PACKAGE.iterdir() if p.stem.isidentifier())
    pattern = rf"(?<![\w./-])((?:mgsim|mg)(?:\.{_PART})+)"
    assert not lost(pattern, [*TEXTS, *CODE], there)
    assert not lost(rf"`((?:{inside})(?:\.[a-z_]+)+)`", TEXTS, there)


def test_things_of_a_catalog():
    """``mg.blocks["kampa_2004"]``; what a page makes or adds itself is run by other tests."""
    own = {"author_2020"}

    def there(words, path):
        kind, name = re.split(r"\W+", words)[:2]
        return kind not in CATALOGS or name in own or name in getattr(mg, kind)

    assert not lost(r'mg(?:sim)?\.(\w+\["\w+)"\]', [*TEXTS, *CODE], there)


def test_roles_of_docstrings():
    """``:func:`name``` of the module, of a class in it, of its folder, or public; any class."""
    defined = {}
    for file in CODE:
        for name in re.findall(r"^class (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            if PACKAGE in file.parents:
                defined[name] = _dotted(file)

    def there(role, path):
        words = role.split(".")
        if words[0] in ("mg", "mgsim"):
            return resolves(words[1:], mg)
        own = importlib.import_module(_dotted(path))
        classes = [x for x in vars(own).values() if isinstance(x, type)]
        above = importlib.import_module(own.__name__.rpartition(".")[0] or "mgsim")
        homes = [own, *classes, above, mg, builtins]
        homes += [importlib.import_module(defined[words[0]])] if words[0] in defined else []
        return any(resolves(words, home) for home in homes) or _module(role)

    roles = r":(?:mod|func|class|data|meth|attr|exc):`~?([\w.]+)`"
    assert not lost(roles, PACKAGE.rglob("*.py"), there)


def _dotted(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _module(name):
    try:
        return bool(importlib.import_module(name))
    except ImportError:
        return False


def test_files():
    """A path from the root, the package, the tests or the file; in comments a file by its name."""
    tops = {p.name for home in (ROOT, PACKAGE) for p in home.glob("[a-z]*") if p.is_dir()}
    named = {p.name for top in (*SOURCES, "tests") for p in (ROOT / top).rglob("*.*")}
    named |= {p.name for p in ROOT.iterdir()} | OTHERS
    added = set(re.findall(r"`((?:\w+/)+\w+\.py)`:\n\n```", said(ROOT / "CONTRIBUTING.md")))

    def there(name, path):
        if name in OTHERS | added or name.partition("/")[0] not in tops:
            return True
        homes = (ROOT, PACKAGE, PACKAGE.parent, ROOT / "tests", path.parent)
        return any(any(home.glob(name)) for home in homes)

    file = r"[\w*-]+\.(?:py|h|md|toml|bib|ipynb)(?![\w/<{])"
    path = rf"(?<![\w./<{{:*-])((?:[\w*-]+/)+{file})"
    assert not lost(path, [*TEXTS, *CODE], there)
    assert not lost(path, TESTS, there, told)
    assert not lost(rf"`((?:{'|'.join(tops)})/[\w/]*)`", [*TEXTS, *CODE, *TESTS], there)
    alone = rf"(?<![\w./<{{:*-])({file})"
    assert not lost(alone, [*CODE, *TESTS], lambda name, path: "*" in name or name in named, told)


def test_commands():
    """Words and options of a command within a sentence; whole lines are parsed in test_docs."""

    def there(line, path):
        here, words = parser(), line.split()[1:]
        while words and (inside := [a for a in here._actions if isinstance(a.choices, dict)]):
            if not re.fullmatch("[a-z]+", words[0]):
                break  # as in 'mgsim --version', or a placeholder
            if words[0] not in inside[0].choices:
                return False
            here = inside[0].choices[words.pop(0)]
        options = {option for action in here._actions for option in action.option_strings}
        return {w.partition("=")[0] for w in words if re.match("--[a-z]", w)} <= options

    assert not lost(
        r"[`'](mgsim [a-z-][^`'\n{]*)", [p for p in (*TEXTS, *CODE, *TESTS) if p.suffix], there
    )
    targets = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
    made = r"[`'](make [a-z]+)\b(?=[^`'\n]*[`'])"
    assert not lost(made, [*TEXTS, *CODE], lambda line, path: line.split()[1] in targets)
