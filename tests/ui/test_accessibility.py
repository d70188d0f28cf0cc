"""axe-core finds no serious violation in what is ours, on every page, in both themes.

Pages are those of the navigation, so a new one is covered by being there. What the small API
answers on it comes from every `*_answers.py` beside this file that has a function `fill`.
"""

from importlib import import_module
from pathlib import Path

import pytest
from playwright.sync_api import expect

from chromium import chromium
from requires import missing
from ui.page_server import page_running
from ui.reviews_server import PASSWORD, USER, ApiState, good_reports, report, running

pytestmark = pytest.mark.browser

PLACES = ("/usr/local/share/axe-core", "node_modules/axe-core")
CHROME: dict[str, str] = {}
"""Selectors of Streamlit's own parts that are left out, and why: none has to be (1.67)."""
SERIOUS = ("serious", "critical")
LOOK = """async ([theme, chrome]) => {
  const found = await axe.run({exclude: chrome}, {resultTypes: ["violations"]});
  return found.violations.map(one => ({
    rule: one.id, impact: one.impact,
    nodes: one.nodes.map(node => `${node.target.join(" ")}: ${node.html.slice(0, 200)}`),
  }));
}"""


@pytest.fixture(scope="module")
def axe(request):
    files = [request.config.rootpath / place / "axe.min.js" for place in PLACES]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        missing("axe-core", "tools/install_test_parts.sh, or npm install --no-save axe-core@4.14.1")
    return found.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page_url(request, tmp_path_factory):
    state = ApiState(items=[*good_reports(), report("gbc", 4, (0.85, 0.701, 0.9))], role="admin")
    for path in sorted(Path(__file__).parent.glob("[!t]*_answers.py")):
        import_module(f"ui.{path.stem}").fill(state)
    folder = tmp_path_factory.mktemp("page")
    with running(state), page_running(request.config.rootpath, state.url, folder) as url:
        yield url


@pytest.fixture(params=["light", "dark"])
def tab(request, page_url, axe):
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="fr-FR", color_scheme=request.param
        )
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        tab.goto(page_url)
        tab.get_by_label("Utilisateur").wait_for()
        tab.evaluate(axe)
        yield tab


def settled(tab):
    """Wait until the script has run and everything is drawn."""
    tab.wait_for_function(
        """() => document.querySelector("[data-testid=stApp]").dataset.testScriptState
                 === "notRunning"
               && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")"""
    )


def violations(tab):
    settled(tab)
    return [
        f"{one['rule']} ({one['impact']}): {node}"
        for one in tab.evaluate(LOOK, ["", [[selector] for selector in CHROME]])
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def sign_in(tab):
    tab.get_by_label("Utilisateur").fill(USER)
    tab.locator("input[type=password]").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()
    tab.get_by_test_id("stSidebarNavLink").first.wait_for()


def test_no_page_has_a_serious_violation(tab):
    found = {"sign-in": violations(tab)}
    sign_in(tab)
    links, title = tab.get_by_test_id("stSidebarNavLink"), tab.get_by_role("heading", level=1)
    assert links.count() >= 6
    for place in range(links.count()):
        before = title.inner_text()
        links.nth(place).click()
        if place:
            expect(title).not_to_have_text(before)
        found[title.inner_text()] = violations(tab)
    assert len(found) == 1 + links.count()
    bad = [f"{name}: {one}" for name, said in found.items() for one in said]
    assert not bad, "\n".join(bad)


VIEWS = {
    "Évolution": "Champion et décisions",
    "Un modèle en détail": "Matrice de confusion",
    "Comparer deux modèles": "Score des tranches",
    "Fiche du modèle": "Ce modèle n’a pas de fiche à montrer ici.",
    "Toutes les alertes": "Les alertes que l’installation garde",
}
"""The views of the reports, and what stands in each of them alone."""


def test_no_view_of_the_reports_has_a_serious_violation(tab):
    sign_in(tab)
    tab.get_by_role("link", name="Reporting et alertes").click()
    found = {}
    for view, landmark in VIEWS.items():
        tab.get_by_role("radio", name=view).click()
        tab.get_by_text(landmark).first.wait_for()
        settled(tab)
        for switch in tab.get_by_test_id("stCheckbox").all():
            switch.click()
            settled(tab)
        for more in tab.locator("[data-testid=stExpander] summary").all():
            more.click()
        found[view] = violations(tab)
    bad = [f"{name}: {one}" for name, said in found.items() for one in said]
    assert not bad, "\n".join(bad)
