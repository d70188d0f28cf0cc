"""Two stories, told in the real page over the running product, in both languages.

An admin uploads, sees what was set aside, corrects it, retrains and reads the report; an analyst
predicts, sees why, corrects and exports. Pictures of each step stay in the tests' folder.
"""

import csv
import re
import tomllib
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from chromium import chromium
from satispy.demo.reviews import write_reviews

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
PATIENCE = 90_000  # milliseconds; a slow machine is no failure
RETRAINING = 300_000


class Words:
    """The texts of the page in one language."""

    def __init__(self, language):
        self.language = language
        self._texts = {}
        for path in (ROOT / "services/streamlit/locale" / language).glob("*.toml"):
            self._texts |= tomllib.loads(path.read_text(encoding="utf-8"))

    def __getitem__(self, key):
        return self._texts[key]

    def like(self, key):
        """Return a pattern of a text, whatever stands in its fields."""
        parts = re.split(r"\{\w+\}", self[key].replace("*", "").replace("`", ""))
        return re.compile(".+".join(re.escape(part) for part in parts))


@pytest.fixture(params=["fr", "en"])
def words(request):
    return Words(request.param)


@pytest.fixture
def tab(words):
    with chromium() as browser:
        page = browser.new_context(
            locale=LOCALES[words.language],
            viewport={"width": 1280, "height": 1000},
            color_scheme="light" if words.language == "fr" else "dark",
        ).new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield page


def api_of(product):
    return httpx2.Client(base_url=product.url("API"), auth=product.auth, timeout=60)


def sign_in(tab: Page, words, url, name, password):
    tab.goto(url)
    tab.get_by_label(words["login.username"], exact=True).fill(name)
    tab.locator("input[type=password]").fill(password)
    tab.get_by_role("button", name=words["login.submit"]).click()
    expect(tab.get_by_role("link", name=words["nav.home"], exact=True)).to_be_visible()


def open_page(tab: Page, words, name):
    aside = tab.get_by_test_id("stSidebarNavItems")  # a page links to others under the same name
    aside.get_by_role("link", name=words[f"nav.{name}"], exact=True).click()
    expect(tab.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()


def a_file(folder, language):
    """Write fifty good reviews and two bad ones, which nobody has seen before."""
    path = folder / f"reviews-{language}.csv"
    with write_reviews(folder, seed=len(language) + ord(language[0]))[2].open(newline="") as file:
        rows = list(csv.DictReader(file))[:50]
    bad = [
        {**rows[0], "Commentaire": f"Livraison en retard ({language})", "star": "9"},
        {**rows[1], "Commentaire": f"Très bon accueil ({language})", "star": "cinq"},
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows([*rows, *bad])
    return path


def test_an_admin_uploads_corrects_retrains_and_reads_the_report(product, tab, words, tmp_path):
    sign_in(tab, words, product.url("UI"), *product.auth)

    open_page(tab, words, "data")
    tab.locator("input[type=file]").set_input_files(a_file(tmp_path, words.language))
    expect(tab.get_by_text(words["receipt.foretold"])).to_be_visible()
    expect(tab.get_by_role("region", name=words["receipt.bad.table"])).to_contain_text("9")
    tab.screenshot(path=tmp_path / "1-checked.png", full_page=True)
    tab.get_by_role("button", name=words.like("draft.add")).click()
    expect(tab.get_by_text(words.like("receipt.added"))).to_be_visible()

    tab.get_by_role("button", name=words["upload.mend"]).click()
    expect(tab.get_by_text(words["mend.how"])).to_be_visible()
    correct_stars(tab, words)
    tab.get_by_role("button", name=words["mend.check"]).click()
    add = tab.get_by_role("button", name=words.like("draft.add"))
    expect(add).to_contain_text("1 ")
    tab.screenshot(path=tmp_path / "2-corrected.png", full_page=True)
    add.click()
    expect(tab.get_by_text(words.like("receipt.added"))).to_be_visible()

    open_page(tab, words, "models")
    tab.get_by_role("radio", name=words["models.part.retraining"], exact=True).click()
    tab.get_by_role("button", name=words["retrain.submit"]).click()
    expect(tab.get_by_text(words.like("retrain.title"))).to_be_visible()
    tab.screenshot(path=tmp_path / "3-retraining.png", full_page=True)
    # The form comes back once nothing goes on any more.
    expect(tab.get_by_role("button", name=words["retrain.submit"])).to_be_visible(
        timeout=RETRAINING
    )
    newest = tab.get_by_role("row").nth(1)
    expect(newest).to_contain_text(words["retrain.state.success"])

    open_page(tab, words, "reports")
    with api_of(product) as api:
        rows = api.get("/status").json()["dataset"]["rows"]
        newest = api.get("/reports").json()["items"][-1]
    assert newest["rows"] == rows
    shown = f"{rows:,}".replace(",", "\u202f" if words.language == "fr" else ",")
    expect(tab.get_by_text(shown).first).to_be_visible()
    tab.screenshot(path=tmp_path / "4-report.png", full_page=True)


def correct_stars(tab: Page, words):
    """Write a star of 2 into the first bad row, by the keyboard alone."""
    table = tab.get_by_test_id("stDataFrame").first
    table.locator(".dvn-scroller").click(position={"x": 40, "y": 52})
    for _ in range(20):  # to the first column
        tab.keyboard.press("ArrowLeft")
    expect(table.locator("th", has_text="star")).to_be_attached()
    titles = table.locator("th").all_text_contents()
    for _ in range(titles.index("star")):
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    cell = tab.locator(".gdg-input")
    cell.fill("2")  # the click that follows ends it, as people do
    expect(cell).to_have_value("2")


def test_an_analyst_predicts_sees_why_corrects_and_exports(product, tab, words, tmp_path):
    name, password = f"analyst-{words.language}", "a long word of the analyst"
    with api_of(product) as api:
        account = {"name": name, "password": password, "role": "user"}
        api.post("/users", json=account).raise_for_status()
    sign_in(tab, words, product.url("UI"), name, password)

    open_page(tab, words, "prediction")
    tab.get_by_role("button", name=words["predict.example.negative"]).click()
    expect(tab.get_by_label(words["predict.text"])).to_have_value(re.compile("Colis"))
    tab.get_by_role("button", name=words["predict.submit"], exact=True).click()
    expect(tab.locator(".sp-card")).to_have_count(3)
    expect(tab.get_by_text(words["explain.title"])).to_be_visible()
    expect(tab.get_by_role("region", name=words["near.title"])).to_be_visible()
    tab.screenshot(path=tmp_path / "1-why.png", full_page=True)
    with tab.expect_download() as download:
        tab.get_by_role("button", name=words["predict.export.json"]).click()
    assert "Colis" in Path(download.value.path()).read_text(encoding="utf-8")

    tab.get_by_role("radio", name="2 ★").click()
    tab.get_by_role("button", name=words["correct.submit"]).click()
    expect(tab.get_by_text(words.like("correct.done"))).to_be_visible()
    tab.get_by_role("tab", name=words["predict.tab.corrections"]).click()
    expect(tab.get_by_text(words["corrections.waiting"]).last).to_be_visible()
    tab.screenshot(path=tmp_path / "2-corrections.png", full_page=True)

    tab.get_by_role("tab", name=words["predict.tab.batch"]).click()
    texts = tmp_path / "texts.csv"
    texts.write_text("Commentaire,id\nTrès bon produit,1\nÀ fuir,2\n", encoding="utf-8")
    tab.locator("input[type=file]").set_input_files(texts)
    tab.get_by_role("button", name=words["batch.submit"]).click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name=words["batch.download"]).click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        answered = list(csv.DictReader(file))
    assert [row["id"] for row in answered] == ["1", "2"]
    assert all(row["error"] == "" and row["model_version"] for row in answered)
