"""Limites: each figure with its command and day; what was not measured says so."""

import json
import re

import pytest

from reviews_ui.i18n import speaking
from reviews_ui.limits.amounts import amount
from ui.figure_answers import EMPTY, FILE, figures
from ui.parts import english
from ui.visitor import said, visit


def answer(api_server, body):
    api_server.route("GET", "/figures", lambda _asked: (200, body))


def with_memory_at_rest(mebibytes):
    body = figures()
    stack = next(one for one in body["recorded"]["figures"] if one["id"] == "memory-rest")
    stack.update(value=mebibytes, date="2026-11-21", met=True, beats_published=True)
    return body


def test_every_figure_is_shown_with_its_command_and_its_day(page, api_server):
    answer(api_server, figures())
    visit(page, "limits")
    text = said(page)
    recorded = json.loads(FILE.read_text(encoding="utf-8"))
    for figure in recorded["figures"]:
        row = re.search(rf'<th scope="row">{re.escape(figure["titre"])}.*?</tr>', text)[0]
        assert figure["command"] in row
        if figure["value"] is None:
            assert "pas mesuré" in row
        else:
            year, month, day = figure["date"].split("-")
            assert f"le {day}/{month}/{year}, " in row


def test_the_published_system_stands_beside_ours_with_a_verdict_in_words(page, api_server):
    answer(api_server, with_memory_at_rest(1_032))
    visit(page, "limits")
    row = re.search(r"Tout ce qui tourne, au repos.*?</tr>", said(page))[0]
    assert "<td>11,8\u00a0Go</td>" in row
    assert "1\u202f032\u00a0Mio" in row
    assert "✓ objectif tenu" in row
    assert "✓ mieux que publié" in row


def test_an_aim_that_was_missed_is_said_and_stands_in_the_roadmap(page, api_server):
    body = figures()
    slow = next(one for one in body["recorded"]["figures"] if one["id"] == "retraining")
    slow.update(value=400, met=False, beats_published=False)
    answer(api_server, body)
    visit(page, "limits")
    assert "▼ objectif manqué" in said(page)
    assert "▼ moins bien que publié" in said(page)
    assert "examen et contrôle compris : 400\u00a0s, objectif 60\u00a0s" in said(page)


def test_what_was_not_measured_is_never_a_number_and_says_why(page, api_server):
    answer(api_server, figures())
    visit(page, "limits")
    row = re.search(r"Vulnérabilités connues.*?</tr>", said(page))[0]
    assert "<b>pas mesuré</b>" in row
    assert "○ pas mesuré" in row
    assert "Aucune base de vulnérabilités" in row


def test_mistakes_that_are_no_numbers_name_the_test_that_holds_them_off(page, api_server):
    answer(api_server, figures())
    visit(page, "limits")
    assert "admin/admin, dans le code" in said(page)
    assert "tenu par le test unit/accounts/test_passwords.py::" in said(page)


def test_the_installation_says_what_it_measures_of_itself(page, api_server):
    answer(api_server, figures())
    visit(page, "limits")
    assert "206,4\u00a0Mio" in said(page)
    assert "SVM : 24,31\u00a0s pour 15\u202f703 avis (25/11/2026 08:00 UTC)" in said(page)
    assert "satispy 0.1.0, python 3.11.7" in said(page)


def test_what_the_models_cannot_do_is_told_by_their_answers(page, api_server):
    answer(api_server, figures())
    visit(page, "limits")
    assert re.search(r"Négation.{0,90}sp-bad\">▼ 6 sur 12", said(page))
    assert re.search(r"Autres langues.{0,60}sp-good\">✓ 12 sur 12", said(page))
    assert "of tomorrow" in said(page)
    assert "bravo, &lt;i&gt;deux mois&lt;/i&gt; pour un colis" in said(page)
    assert re.search(r"Une négation change.{0,80}10 sur 12", said(page))


def test_short_reviews_are_told_with_their_interval_and_how_few_they_are(page, api_server):
    answer(api_server, figures())
    visit(page, "limits")
    assert "0 à 3 mots" in said(page)
    assert "<b>87,1\u00a0%</b><small>85,1\u00a0% à 89,1\u00a0% · seulement 61 avis" in said(page)
    assert "61 mots ou plus" in said(page)


def test_before_the_first_model_nothing_is_invented(page, api_server):
    answer(api_server, figures(**EMPTY))
    visit(page, "limits")
    assert "Aucun modèle ne répond encore" in said(page)
    assert "sur 12" not in said(page)


def test_a_base_that_cannot_be_read_is_unknown(page, api_server):
    answer(api_server, figures(rows=None, dataset_version=None, uploads=None))
    visit(page, "limits")
    assert said(page).count("<dd>état indisponible</dd>") == 3


def test_an_installation_without_the_file_says_where_it_should_be(page, api_server):
    answer(api_server, {**figures(), "recorded": None})
    visit(page, "limits")
    assert "SATISPY_FIGURES" in said(page)
    assert "206,4\u00a0Mio" in said(page)


def test_the_page_speaks_english(page, api_server):
    answer(api_server, with_memory_at_rest(1_032))
    visit(page, "limits")
    english(page)
    row = re.search(r"All that runs, at rest.*?</tr>", said(page))[0]
    assert "1,032\u00a0MiB" in row
    assert "on 2026-11-21, .venv/bin/python benchmarks/bench_stack.py" in row
    assert "admin/admin, in the source" in said(page)
    assert "What the models cannot do" in said(page)


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (500, {"code": "x", "detail": "no"}, "L’API a rencontré une erreur interne."),
        (401, {"code": "unauthenticated", "detail": "no"}, "votre session est terminée"),
        (200, {"recorded": None}, "La réponse de l’API n’est pas celle attendue."),
    ],
)
def test_figures_that_do_not_come_are_explained(page, api_server, status, body, sentence):
    answer(api_server, figures())
    api_server.fail(status, body, "/figures")
    visit(page, "limits")
    assert sentence in said(page)


def test_amounts_are_written_as_each_language_does():
    assert amount(3.37, "GB") == "3,37\u00a0Go"
    assert amount(1032.0, "MiB") == "1\u202f032\u00a0Mio"
    assert amount(2.7, "ms") == "2,7\u00a0ms"
    assert amount(99, "") == "99"
    with speaking("en"):
        assert amount(90.42, "%") == "90.42%"
        assert amount(11.8, "GB") == "11.8\u00a0GB"
