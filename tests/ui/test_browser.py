"""The page as a visitor sees it: the real Streamlit in a real Chromium."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from chromium import chromium
from ui import reports_answers
from ui.page_server import page_running
from ui.reviews_server import PASSWORD, USER, ApiState, good_reports, report, running

pytestmark = pytest.mark.browser

NOSY_CARD = """<!doctype html><html lang="en"><title>card</title><h1>Model card</h1><p id="seen">
<script>
try { seen.textContent = "it saw " + parent.document.title; }
catch (error) { seen.textContent = "it saw nothing"; }
</script></html>"""
"""What no card is: one with a script, to see how far it would come."""


@pytest.fixture(scope="module")
def page_url(request, tmp_path_factory):
    state = ApiState(items=[*good_reports(), report("gbc", 4, (0.85, 0.701, 0.9))])
    state.cards[state.items[-1]["run"]] = NOSY_CARD
    reports_answers.fill(state)
    folder = tmp_path_factory.mktemp("page")
    with running(state), page_running(request.config.rootpath, state.url, folder) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser, page_url):
    tab = browser.new_page(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    tab.set_default_timeout(60_000)  # a slow machine is no failure
    expect.set_options(timeout=60_000)
    tab.hosts = set()
    tab.on("request", lambda request: tab.hosts.add(urlsplit(request.url).hostname))
    yield tab
    tab.close()


def sign_in(tab):
    tab.get_by_label("Utilisateur").fill(USER)
    tab.locator("input[type=password]").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()


def test_a_visitor_signs_in_predicts_and_reads_the_reports(tab, page_url):
    """Also: nothing outside this machine is asked, and no developer's button is offered."""
    tab.goto(page_url)
    sign_in(tab)
    expect(tab.get_by_role("heading", name="Accueil")).to_be_visible()
    expect(tab.get_by_text("15 703 avis")).to_be_visible()
    expect(tab.get_by_test_id("stAppDeployButton")).to_have_count(0)

    tab.get_by_role("link", name="Prédiction à la demande").click()
    tab.get_by_label("Texte de l’avis").fill("Livraison rapide, je recommande.")
    tab.get_by_role("button", name="Prédire").click()
    cards = tab.locator(".sp-card")
    expect(cards).to_have_count(3)
    expect(cards.first).to_contain_text("ANN")
    expect(cards.first).to_contain_text("positif")
    expect(cards.first).to_contain_text("88,4 %")

    tab.get_by_role("link", name="Reporting et alertes").click()
    expect(tab.get_by_text("✓ OK")).to_have_count(2)
    expect(tab.locator(".sp-banner")).to_contain_text("GBC · f1_0 : 70,1 % (seuil : 80 %)")
    expect(tab.locator(".js-plotly-plot")).to_have_count(4)
    tab.get_by_text("Montrer le tableau").click()
    expect(tab.get_by_role("row")).to_have_count(1 + 10)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Télécharger le CSV").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert saved.startswith("Date-Heure (UTC),Famille,accuracy,accuracy_low,")
    assert tab.hosts == {"127.0.0.1"}


def test_every_tab_that_is_clicked_opens_however_many_were_open_before(tab, page_url):
    tab.goto(f"{page_url}/prediction")
    sign_in(tab)
    shown = {
        "Un fichier": tab.get_by_role("button", name="Prédire le fichier"),
        "Corrections": tab.get_by_text("Vos corrections, et ce qu’elles sont devenues."),
        "Un texte": tab.get_by_label("Texte de l’avis"),
    }
    for name in ("Un fichier", "Corrections", "Un fichier", "Un texte"):
        tab.get_by_role("tab", name=name).click()
        expect(shown[name]).to_be_visible()


def test_a_link_to_the_reports_survives_the_sign_in(tab, page_url):
    tab.goto(f"{page_url}/reporting")
    sign_in(tab)
    expect(tab.get_by_role("heading", name="Reporting et alertes")).to_be_visible()
    expect(tab).to_have_url(re.compile("/reporting$"))


def test_signing_out_leaves_the_form_alone(tab, page_url):
    tab.goto(page_url)
    sign_in(tab)
    tab.get_by_role("button", name="Se déconnecter").click()
    expect(tab.get_by_role("button", name="Se connecter")).to_be_visible()
    expect(tab.get_by_test_id("stSidebar")).to_be_hidden()


def test_a_card_is_read_in_a_frame_that_could_not_reach_the_page(tab, page_url):
    tab.goto(f"{page_url}/reporting?run=20261121T020410.000000Z-gbc")
    sign_in(tab)
    expect(tab.get_by_role("heading", name="Matrice de confusion")).to_be_visible()
    tab.get_by_role("radio", name="Fiche du modèle").click()
    expect(tab.locator("iframe")).to_have_attribute(
        "title", "Fiche du modèle 20261121T020410.000000Z-gbc"
    )
    frame = tab.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Model card")).to_be_visible()
    expect(frame.locator("#seen")).to_have_text("it saw nothing")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Télécharger la fiche (HTML)").click()
    assert download.value.suggested_filename == "20261121T020410.000000Z-gbc.html"
    assert Path(download.value.path()).read_text(encoding="utf-8") == NOSY_CARD
