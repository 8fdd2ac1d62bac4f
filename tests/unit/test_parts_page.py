"""The page of all parts: up to date, and typeset right."""

import re
from pathlib import Path

import pytest
from every import each
from matplotlib.mathtext import MathTextParser

from mgsim.cli import BAD, GOOD, main
from mgsim.compose.finding import every
from mgsim.equations.lines import read_equations
from mgsim.references import entry
from mgsim.report import parts, typeset

PAGE = Path(__file__).parents[2] / "docs" / "parts.md"
PARTS = every()


@pytest.fixture(scope="module")
def page():
    return parts.page()


def test_the_page_is_up_to_date(page):
    assert PAGE.read_text(encoding="utf-8") == page, "run: make tables"


def test_a_part_is_there_whole(page):
    @each(PARTS)
    def whole(part):
        text = page.partition(f"\n### {part.name}\n")[2].partition("\n##")[0]
        assert text.count("$$\n") == 2 * len(read_equations(part.equations))
        for p in part.parameters:
            assert f"| `{p.name}` |" in text
            assert p.source.partition(": ")[2] in text
        for words in (part.conditions, part.reproduces, part.deviations):
            assert words in text
        for key in part.references:
            assert entry(key).get("doi") in text

    whole()


def test_all_of_it_can_be_rendered(page):
    read = MathTextParser("path").parse
    formulas = set(re.findall(r"\$\$\n(.*?)\n\$\$", page)) | set(
        re.findall(r"\$([^$\n]+)\$", page.replace("$$", ""))
    )
    assert len(formulas) > 300
    for formula in formulas:
        read(f"${formula}$")
        assert not re.search(r"\\[^a-z]", formula), "Markdown would take it for an escape"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("a - (b - c)", "a - (b - c)"),
        ("a - b + c", "a - b + c"),
        ("(a + b)*c", "(a + b) c"),
        ("-(a + b)*c", "-(a + b) c"),
        ("a*-b/c", "-frac{a b}{c}"),
        ("-a**2", "-a^{2}"),
        ("(-a)**2", "(-a)^{2}"),
        ("a/(b*c)", "frac{a}{b c}"),
        ("a/b/c", "frac{a}{b c}"),
        ("a/(b/c)", "frac{a}{frac{b}{c}}"),
        ("a/(b + c)", "frac{a}{b + c}"),
        ("(a + b)/(2*c)", "frac{a + b}{2 c}"),
        ("2*3*a", "2cdot 3 a"),
        ("2*exp(-a)/b", "frac{2}{b} exp(-a)"),
        ("4*mV", "4 mathrm{mV}"),
        ("a/ms", "a mathrm{ms}^{-1}"),
        ("1e-5*a", "10^{-5} a"),
        ("log(a)", "ln(a)"),
        ("1/mM", "1 mathrm{mM}^{-1}"),
        ("clip(a, -80, 80)", "[a]_{-80}^{80}"),
        ("int(a < 1*mV)", "mathbf{1}[a < 1 mathrm{mV}]"),
        ("2.5e-12", "2.5times 10^{-12}"),
        ("sqrt(abs(a))", "sqrt{vert avert }"),
        (
            "mg_out + tau_m_max + p_inf",
            "[mathrm{Mg}]_{mathrm{out}} + tau_{mathrm{m},mathrm{max}} + p_{infty}",
        ),
    ],
)
def test_typesetting(text, latex):
    found = typeset.expression(text, {"mg_out": "mM"})
    for command, short in ((r"\thinspace ", " "), (r"\left", ""), (r"\right", ""), ("\\", "")):
        found = found.replace(command, short)
    assert found == latex


def test_units_are_upright():
    assert typeset.unit("1/mM/ms") == r"\mathrm{mM}^{-1}\thinspace \mathrm{ms}^{-1}"
    assert typeset.unit("uF/cm**2") == r"\mathrm{µF}\thinspace \mathrm{cm}^{-2}"
    assert typeset.unit("degC") == r"\mathrm{°C}"
    assert typeset.unit("1") == ""


def test_the_command(tmp_path, capsys):
    assert main(["show", "--write", str(tmp_path / "parts.md")]) == GOOD
    assert (tmp_path / "parts.md").read_text(encoding="utf-8").startswith("# Parts")
    for words in (["show"], ["show", "none", "--write", "x.md"], ["show", "--write", "no/x.md"]):
        assert main(words) == BAD
    assert "no folder" in capsys.readouterr().err
