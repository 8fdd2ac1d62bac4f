"""The ledger's page in a real browser: what it asks for, filters, width, contrast, print."""

import importlib.util
import json
from pathlib import Path

import pytest

import mgsim as mg
from mgsim.judging.ledger import page

pytest.importorskip("playwright.sync_api", reason="Playwright is not here")

import browser as browsers

CLAIMS = mg.claims.all


@pytest.fixture(scope="module")
def made():
    return page.html(CLAIMS)


@pytest.fixture(scope="module")
def tab():
    try:
        browser = browsers.Browser()
    except FileNotFoundError as error:
        pytest.skip(f"the page was not opened in a browser: {error}")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory, made):
    path = tmp_path_factory.mktemp("page") / "ledger.html"
    path.write_text(made, encoding="utf-8")
    return path


SHOWN = "[...document.querySelectorAll('tr[data-claim]')].filter(r => r.offsetHeight)"


def rows(tab):
    return tab.js(f"{SHOWN}.map(r => r.dataset.claim)")


def sections(tab):
    return tab.js("document.querySelectorAll('[data-claim-of]:not([hidden])').length")


def test_it_opens_without_a_complaint_and_asks_for_nothing(tab, file):
    tab.open(file)
    assert tab.troubles() == ([], [])
    assert len(rows(tab)) == len(CLAIMS)
    unnamed = tab.js(
        "[...document.querySelectorAll('svg')].filter(s => s.getAttribute('role') !== 'img'"
        " || (s.getAttribute('aria-label') || '').length < 20).length"
    )
    assert unnamed == 0


def test_a_page_that_complains_or_asks_is_heard(tab, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<script>console.log('so'); none()</script><img src='http://127.0.0.1:9/x'>")
    tab.open(path)
    said, asked = tab.troubles()
    assert "so" in said
    assert any("none is not defined" in x for x in said)
    assert asked == ["http://127.0.0.1:9/x"]


def test_the_keyboard_filters(tab, file):
    tab.open(file)
    tab.js("document.querySelector('[name=document]').focus()")
    tab.type("002")  # a list of choices goes to what is typed
    with_002 = {c.name for c in CLAIMS if "002" in c.documents}
    assert set(rows(tab)) == with_002
    assert sections(tab) == len(with_002)
    tab.press("Tab")
    assert tab.js("document.activeElement.name") == "verdict"
    tab.type("OUT")
    out = {c.name for c in CLAIMS if "002" in c.documents and c.unrun == "OUT OF SCOPE"}
    assert set(rows(tab)) == out
    assert (
        tab.js("document.getElementById('count').textContent")
        == f"{len(out)} of {len(CLAIMS)} claims"
    )
    assert tab.js("document.querySelector('#run ~ .empty').offsetHeight") > 0


def test_the_mouse_filters(tab, file):
    tab.open(file)
    tab.click("[name=search]")
    tab.type("calcium block")
    found = rows(tab)
    assert 0 < len(found) < len(CLAIMS)
    assert "which_calcium_channel" in found
    tab.click("#filters button")
    tab.js("new Promise(done => setTimeout(done, 50))")
    assert len(rows(tab)) == len(CLAIMS)
    tab.click("tr[data-claim=mg_cuts_ca_entry] a")
    top = "document.getElementById('mg_cuts_ca_entry').getBoundingClientRect().top"
    tab.js("new Promise(done => setTimeout(done, 200))")
    assert abs(tab.js(top)) < 60


def test_a_link_to_a_claim_that_is_filtered_out_shows_it(tab, file):
    tab.open(file)
    tab.click("[name=search]")
    tab.type("serotonin")
    assert rows(tab) == ["serotonin"]
    tab.js("location.hash = '#mg_cuts_ca_entry'")
    tab.js("new Promise(done => setTimeout(done, 100))")
    assert len(rows(tab)) == len(CLAIMS)


@pytest.mark.parametrize("size", [browsers.DESK, browsers.PHONE], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_screen(size, tab, file):
    tab.open(file, size)
    tab.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.js("document.documentElement.scrollWidth") <= size[0]
    small = tab.js(
        "Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getScreenCTM().a"
        " * parseFloat(getComputedStyle(t).fontSize)).filter(x => x > 0))"
    )
    assert small >= 8.5, "the least letters of a picture, in px"


@pytest.mark.parametrize(
    ("size", "scheme"), [(browsers.DESK, "light"), (browsers.PHONE, "dark")], ids=["light", "dark"]
)
def test_axe_finds_nothing(size, scheme, tab, tmp_path):
    """Contrast, names and alternatives, on a page of every kind of part, all of it open."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None:
        pytest.skip("axe-core-python is not here: contrast and alternatives were not checked")
    axe = Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")
    path = tmp_path / "page.html"
    some = ("mg_prevents_excitotoxicity", "serotonin", "ryr_leak", "presynaptic_release_block")
    path.write_text(page.html([mg.claims[n] for n in some]), encoding="utf-8")
    tab.open(path, size, scheme)
    tab.js("document.querySelectorAll('details').forEach(d => d.open = true)")
    tab.js(f"{axe}; 0")
    told = json.loads(
        tab.js(
            "axe.run().then(r => JSON.stringify({bad: r.violations.map(v => [v.id, v.nodes.map("
            "n => n.html.slice(0, 200))]), good: r.passes.map(p => p.id)}))"
        )
    )
    assert told["bad"] == []
    assert {"color-contrast", "svg-img-alt", "label", "select-name"} <= set(told["good"])


def test_it_prints_in_ink_on_paper(tab, file):
    tab.open(file, scheme="dark", media="print")
    assert tab.js("document.getElementById('filters').offsetHeight") == 0
    assert tab.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.printed().startswith(b"%PDF")
