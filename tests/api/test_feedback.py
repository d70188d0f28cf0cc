"""Corrections by HTTP: who may send, see and decide, and every refusal; on both databases."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.settings import load_settings
from satispy.workflows.predict import Prediction

VIEWER = ("vera", "vera's password")
BOB = ("bob", "bob's password")


@pytest.fixture(params=["sqlite_home", "postgresql_home"])
def home(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


@pytest.fixture
def people(api):
    for (name, password), role in ((VIEWER, "viewer"), (BOB, "user")):
        api.app.state.home.users.add(name, password, role)


def correct(api, auth, text="pas mal", star=4, **more):
    return api.post("/feedback", auth=auth, json={"text": text, "star": star, **more})


def rows(home):
    with (home / "clean_data" / "data_MAJ.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def code_of(answer):
    return answer.status_code, answer.json()["code"]


# What is refused


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"star": 4}, "text"),
        ({"text": "bien"}, "star"),
        ({"text": " \n", "star": 4}, "blank"),
        ({"text": "a\0b", "star": 4}, "NUL"),
        ({"text": "x" * 10_001, "star": 4}, "10000 characters"),
        ({"text": "bien", "star": 0}, "star"),
        ({"text": "bien", "star": 6}, "star"),
        ({"text": "bien", "star": 3.5}, "star"),
        ({"text": "bien", "star": "4"}, "star"),
        ({"text": "bien", "star": 4, "comment": "x" * 2001}, "2000"),
        ({"text": "bien", "star": 4, "comment": "a\0b"}, "NUL"),
        ({"text": "bien", "star": 4, "comment": None}, "comment"),
        ({"text": "bien", "star": 4, "prediction_id": "x" * 65}, "prediction_id"),
        ({"text": "bien", "star": 4, "author": "somebody"}, "author"),
    ],
)
def test_a_correction_that_cannot_be_one_is_refused_by_field(api, user, admin, body, said):
    answer = api.post("/feedback", auth=user, json=body)
    assert code_of(answer) == (422, "invalid-input")
    assert said in answer.json()["detail"]
    assert api.get("/feedback", auth=admin).json()["total"] == 0


def test_half_of_a_character_is_refused_wherever_it_stands(api, user):
    for name in ("text", "comment"):
        body = {"text": "bien", "star": 4, name: "\ud83d"}
        content = str(body).replace("'", '"').replace("\ud83d", "\\ud83d")
        answer = api.post(
            "/feedback", auth=user, content=content, headers={"Content-Type": "application/json"}
        )
        assert code_of(answer) == (422, "invalid-input")
        assert name in answer.json()["detail"]


@pytest.mark.parametrize("name", ["f" * 30, "none", "%00", "é"])
def test_a_prediction_that_was_never_made_is_not_found(api, user, name):
    assert code_of(correct(api, user, prediction_id=name)) == (404, "not-found")


def test_a_prediction_that_somebody_else_asked_for_is_not_found_but_by_an_admin(
    api, user, admin, people
):
    kept = api.app.state.home.predictions
    (number,) = kept.record("bob", ["bien"], [{"svm": Prediction(1, "positif", 0.9, "run")}])
    assert code_of(correct(api, user, prediction_id=number)) == (404, "not-found")
    assert correct(api, BOB, prediction_id=number).json()["prediction_id"] == number
    assert correct(api, admin, prediction_id=number).status_code == 201


def test_who_only_reads_cannot_correct_and_who_corrects_cannot_decide(api, user, people):
    assert code_of(correct(api, VIEWER)) == (403, "forbidden")
    number = correct(api, user).json()["id"]
    for decision in ("accept", "reject"):
        for auth in (VIEWER, user):
            answer = api.post(f"/feedback/{number}/{decision}", auth=auth)
            assert code_of(answer) == (403, "forbidden")
    assert api.get("/feedback", auth=user).json()["items"][0]["state"] == "waiting"


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_what_is_not_there_cannot_be_decided(api, admin, decision):
    assert code_of(api.post(f"/feedback/7/{decision}", auth=admin)) == (404, "not-found")
    for wrong in ("0", "-1", "x", "2147483648"):
        answer = api.post(f"/feedback/{wrong}/{decision}", auth=admin)
        assert code_of(answer) == (422, "invalid-input")


def test_a_mistyped_parameter_or_state_is_refused(api, admin, user):
    number = correct(api, user).json()["id"]
    for path in (f"/feedback/{number}/accept?reson=x", f"/feedback/{number}/reject?reason=x"):
        assert code_of(api.post(path, auth=admin)) == (422, "invalid-input")
    assert code_of(api.get("/feedback?state=open", auth=admin)) == (422, "invalid-input")
    assert code_of(api.get("/feedback?page_size=201", auth=admin)) == (422, "invalid-input")


@pytest.mark.parametrize("reason", ["x" * 2001, "a\0b", 7])
def test_a_reason_that_cannot_be_kept_is_refused_and_nothing_is_decided(api, admin, user, reason):
    number = correct(api, user).json()["id"]
    answer = api.post(f"/feedback/{number}/reject", auth=admin, json={"reason": reason})
    assert code_of(answer) == (422, "invalid-input")
    assert api.get("/feedback?state=waiting", auth=admin).json()["total"] == 1


@pytest.mark.parametrize(("first", "second"), [("accept", "reject"), ("reject", "accept")])
def test_the_same_decision_again_changes_nothing_and_the_other_one_is_refused(
    api, admin, user, first, second, home
):
    number = correct(api, user).json()["id"]
    done = api.post(f"/feedback/{number}/{first}", auth=admin)
    assert done.status_code == 200
    before = rows(home)
    again = api.post(f"/feedback/{number}/{first}", auth=admin)
    assert (again.status_code, again.json()) == (200, done.json())
    other = api.post(f"/feedback/{number}/{second}", auth=admin)
    assert code_of(other) == (409, "already-decided")
    assert f"{first}ed by admin" in other.json()["detail"]
    assert rows(home) == before
    assert len(before) == (first == "accept")


# What is done


def test_a_correction_waits_and_says_all_that_is_known_of_it(api, user):
    found = correct(api, user, comment="c'est ironique").json()
    assert found.pop("at").endswith("Z")
    assert found == {
        "id": 1,
        "text": "pas mal",
        "star": 4,
        "prediction_id": None,
        "comment": "c'est ironique",
        "author": user[0],
        "state": "waiting",
        "decided_by": None,
        "decided_at": None,
        "reason": None,
        "review_id": None,
    }


def test_the_same_correction_is_one_while_it_waits_and_another_one_afterwards(api, user, admin):
    first, again = correct(api, user), correct(api, user)
    assert (again.status_code, again.json()) == (201, first.json())
    assert correct(api, user, star=5).json()["id"] == 2
    assert correct(api, admin).json()["id"] == 3
    api.post("/feedback/1/reject", auth=admin)
    assert correct(api, user).json()["id"] == 4


def test_an_accepted_correction_is_a_row_that_names_it(api, user, admin, home):
    correct(api, user)
    done = api.post("/feedback/1/accept", auth=admin).json()
    assert (done["state"], done["decided_by"], done["review_id"]) == ("accepted", "admin", 0)
    (row,) = rows(home)
    day = done["at"][:10]
    assert row == {
        "inID": "0",
        "Commentaire": "pas mal",
        "star": "4",
        "source": "feedback",
        "company": "",
        "index_org": "feedback 1",
        "star_org": "",
        "date": day,
    }
    newest = api.app.state.home.store.history.current()
    assert (newest.kind, newest.received_by) == ("feedback", f"{user[0]}, accepted by admin")


def test_a_rejected_one_leaves_the_base_as_it_is_and_tells_its_author_why(api, user, admin, home):
    correct(api, user)
    api.post("/feedback/1/reject", auth=admin, json={"reason": "hors sujet"})
    (found,) = api.get("/feedback", auth=user).json()["items"]
    assert (found["state"], found["reason"], found["review_id"]) == ("rejected", "hors sujet", None)
    assert rows(home) == []


def test_everybody_sees_their_own_newest_first_and_an_admin_sees_all(api, user, admin, people):
    for auth, star in ((user, 1), (BOB, 2), (user, 3)):
        correct(api, auth, star=star)
    api.post("/feedback/2/reject", auth=admin)

    def seen(auth, **query):
        answer = api.get("/feedback", auth=auth, params=query).json()
        return [item["id"] for item in answer["items"]], answer["total"]

    assert seen(user) == ([3, 1], 2)
    assert seen(BOB) == ([2], 1)
    assert seen(VIEWER) == ([], 0)
    assert seen(admin) == ([3, 2, 1], 3)
    assert seen(admin, state="waiting") == ([3, 1], 2)
    assert seen(user, state="rejected") == ([], 0)
    assert seen(admin, page=2, page_size=2) == ([1], 3)


def test_two_admins_who_accept_at_once_add_one_row(api, user, admin, home):
    """Each in a process of its own, as far as the application knows."""
    with TestClient(create_app(load_settings())) as other:
        for number in range(1, 9):
            correct(api, user, text=f"avis {number}")
            with ThreadPoolExecutor(2) as pool:
                answers = list(
                    pool.map(
                        lambda one, number=number: one.post(
                            f"/feedback/{number}/accept", auth=admin
                        ),
                        (api, other),
                    )
                )
            assert [answer.status_code for answer in answers] == [200, 200]
            assert answers[0].json() == answers[1].json()
    assert [row["Commentaire"] for row in rows(home)] == [f"avis {n}" for n in range(1, 9)]


def test_one_accepts_while_another_rejects_and_one_of_them_is_told(api, user, admin, home):
    for number in range(1, 9):
        correct(api, user, text=f"avis {number}")
        with ThreadPoolExecutor(2) as pool:
            paths = [f"/feedback/{number}/{what}" for what in ("accept", "reject")]
            answers = list(pool.map(lambda path: api.post(path, auth=admin), paths))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, 409]
        added = any(row["Commentaire"] == f"avis {number}" for row in rows(home))
        assert added == (answers[0].status_code == 200)


def test_corrections_are_masked_where_the_settings_ask_for_it(home, open_api, user, monkeypatch):
    monkeypatch.setenv("SATISPY_MASK_PERSONAL_DATA", "true")
    api = open_api()
    found = correct(api, user, text="écrivez à a@b.fr", comment="06 12 34 56 78").json()
    assert (found["text"], found["comment"]) == ("écrivez à [email]", "[téléphone]")


def test_decisions_stand_in_the_audit_trail_and_texts_do_not(api, user, admin):
    correct(api, user, text="un texte secret")
    api.post("/feedback/1/accept", auth=admin)
    items = api.get("/audit", auth=admin).json()["items"]
    acts = {(item["who"], item["act"], item["object"], item["outcome"]) for item in items}
    accepted = "POST /feedback/{feedback_id}/accept", "feedback_id=1", "200"
    assert ("admin", *accepted) in acts
    assert (user[0], "POST /feedback", "", "201") in acts
    assert "secret" not in str(items)


def test_prometheus_is_told_how_many_wait(api, user, admin):
    def waiting():
        text = api.get("/metrics", auth=user).text
        (line,) = [one for one in text.splitlines() if one.startswith("satispy_feedback_waiting ")]
        return float(line.split()[1])

    for star in (1, 2):
        correct(api, user, star=star)
    assert waiting() == 2
    api.post("/feedback/1/accept", auth=admin)
    assert waiting() == 1
