"""A model card as a reader sees it: the file that a run holds, in a real Chromium."""

import pytest

from chromium import chromium
from satispy.core.settings import Settings
from satispy.models.catalog import family_names
from satispy.registry.serving import ServingPointers

pytestmark = pytest.mark.browser

WHITE, DARK = "rgb(255, 255, 255)", "rgb(20, 24, 31)"


@pytest.fixture(scope="module")
def cards(trained_home):
    paths = Settings(home=trained_home).paths
    return {
        one.family: paths.runs / one.run / "card.html"
        for one in ServingPointers(paths.serving).all()
    }


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def open_card(browser):
    """Open a file; return the tab and what its console says."""
    tabs = []

    def opened(path, fragment="", *, scheme="light", width=1100):
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        tabs.append(tab)
        said = []
        tab.on("console", lambda message: said.append(message.text))
        tab.goto(path.as_uri() + fragment)
        return tab, said

    yield opened
    for tab in tabs:
        tab.close()


def background(tab):
    return tab.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("family", family_names())
@pytest.mark.parametrize("width", [1100, 380])
def test_a_card_fits_its_window_and_nothing_of_it_is_refused(open_card, cards, family, width):
    tab, said = open_card(cards[family], width=width)
    assert said == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    shown = tab.evaluate("[...document.querySelectorAll('svg')].map(one => one.clientHeight)")
    assert min(shown) > 100


def test_a_card_follows_its_readers_light_unless_its_address_says_which(open_card, cards):
    assert background(open_card(cards["gbc"])[0]) == WHITE
    assert background(open_card(cards["gbc"], scheme="dark")[0]) == DARK
    assert background(open_card(cards["gbc"], "#light", scheme="dark")[0]) == WHITE
    assert background(open_card(cards["gbc"], "#dark")[0]) == DARK


def test_a_card_is_printed_light_within_the_width_of_its_paper(open_card, cards):
    tab, _ = open_card(cards["svm"], "#dark", scheme="dark", width=690)  # A4 within its margins
    tab.emulate_media(media="print", color_scheme="dark")
    assert background(tab) == WHITE
    assert tab.evaluate("document.documentElement.scrollWidth") <= 690


def test_no_text_of_a_drawing_leaves_it(open_card, cards):
    tab, _ = open_card(cards["ann"])
    outside = tab.evaluate(
        """[...document.querySelectorAll('svg text')].filter(text => {
             const own = text.getBoundingClientRect();
             const all = text.ownerSVGElement.getBoundingClientRect();
             return own.left < all.left - 1 || own.right > all.right + 1
                 || own.top < all.top - 1 || own.bottom > all.bottom + 1;
           }).map(text => text.textContent)"""
    )
    assert outside == []


def test_a_script_that_came_into_a_card_would_not_run(open_card, cards, tmp_path):
    text = cards["gbc"].read_text("utf-8")
    spoilt = tmp_path / "card.html"
    spoilt.write_text(text.replace("</main>", "<script>document.title = 'ran'</script></main>"))
    tab, said = open_card(spoilt)
    assert tab.title().startswith("Model card: ")
    assert "Content Security Policy" in said[0]
