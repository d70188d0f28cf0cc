"""A model card as a reader sees it: the file that a run holds, in a real Chromium."""

import pytest

from card_making import runs_of
from chromium import chromium
from satispy.models.catalog import family_names

pytestmark = pytest.mark.browser

WHITE, DARK = "rgb(255, 255, 255)", "rgb(20, 24, 31)"


BOTH = pytest.mark.parametrize("cards", ["card.html", "card.fr.html"], indirect=True)


@pytest.fixture
def cards(request, trained_home):
    """The card of each family; the English one, unless a test names another."""
    file = getattr(request, "param", "card.html")
    return {family: run / file for family, run in runs_of(trained_home).items()}


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


@BOTH
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


@BOTH
@pytest.mark.parametrize("family", family_names())
def test_no_text_of_a_drawing_leaves_it_or_runs_into_another(open_card, cards, family):
    tab, _ = open_card(cards[family])
    outside = tab.evaluate(
        """[...document.querySelectorAll('svg text')].filter(text => {
             const own = text.getBoundingClientRect();
             const all = text.ownerSVGElement.getBoundingClientRect();
             return own.left < all.left - 1 || own.right > all.right + 1
                 || own.top < all.top - 1 || own.bottom > all.bottom + 1;
           }).map(text => text.textContent)"""
    )
    assert outside == []
    overlapping = tab.evaluate(
        """[...document.querySelectorAll('svg')].flatMap(drawing => {
             const texts = [...drawing.querySelectorAll('text')];
             const boxes = texts.map(text => text.getBoundingClientRect());
             return texts.flatMap((text, one) => texts.slice(one + 1).flatMap((other, next) => {
               const a = boxes[one], b = boxes[one + 1 + next];
               return a.left < b.right && b.left < a.right
                   && a.top + 4 < b.bottom && b.top + 4 < a.bottom
                 ? [[text.textContent, other.textContent]] : [];
             }));
           })"""
    )
    assert overlapping == []


def test_a_script_that_came_into_a_card_would_not_run(open_card, cards, tmp_path):
    text = cards["gbc"].read_text("utf-8")
    spoilt = tmp_path / "card.html"
    spoilt.write_text(text.replace("</main>", "<script>document.title = 'ran'</script></main>"))
    tab, said = open_card(spoilt)
    assert tab.title().startswith("Model card: ")
    assert "Content Security Policy" in said[0]
