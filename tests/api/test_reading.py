import io

import pytest

from satispy.core.settings import load_settings
from satispy.workflows import base
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

FILE = """Commentaire,star,source,company,date
Livraison rapide,5,web,X,2020-01-02
"Déçu, colis perdu",1,web,Y,2020-01-31
Rien à dire,3,,X,
"""


@pytest.fixture
def filled(api, admin, user):
    """The application, asked by a user, with three reviews of one upload."""
    api.auth = admin
    answer = api.post("/uploadfile", files={"file": ("avis.csv", FILE.encode(), "text/csv")})
    api.upload_id = answer.json()["upload_id"]
    api.auth = user
    return api


def test_an_empty_base_answers_too(api, user):
    empty = {"items": [], "page": 1, "page_size": 50, "total": 0}
    assert api.get("/comments", auth=user).json() == empty
    assert api.get("/comments", auth=user, params={"text": "rien", "star": 5}).json() == empty
    found = api.get("/statistics", auth=user).json()
    assert (found["rows"], found["months"], found["undated"]) == (0, [], 0)
    assert api.get("/versions", auth=user).json()["total"] == 1


def test_reviews_come_with_the_upload_that_brought_them_the_last_first(filled):
    filled.post("/comment", json={"Commentaire": "Nouveau", "star": 4})
    found = filled.get("/comments").json()
    assert [one["id"] for one in found["items"]] == [3, 2, 1, 0]
    assert found["items"][2] == {
        "id": 1,
        "Commentaire": "Déçu, colis perdu",
        "star": 1,
        "source": "web",
        "company": "Y",
        "date": "2020-01-31",
        "upload_id": filled.upload_id,
    }
    assert found["items"][0]["upload_id"] is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"text": "decu COLIS"}, [1]),
        ({"text": "livr*"}, [0]),
        ({"star": [1, 5]}, [1, 0]),
        ({"source": "web", "star": 5}, [0]),
        ({"company": ["X", "Z"]}, [2, 0]),
        ({"since": "2020-01-03", "until": "2020-01-31"}, [1]),
        ({"page_size": 1, "page": 2}, [1]),
        ({"page": 1_000_000, "page_size": 200}, []),
    ],
    ids=str,
)
def test_parameters_narrow_the_answer(filled, asked, expected):
    answer = filled.get("/comments", params=asked)
    assert [one["id"] for one in answer.json()["items"]] == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "?!"},
        {"text": "x" * 201},
        {"star": 6},
        {"star": "bad"},
        {"since": "2020-13-01"},
        {"since": "1577836800"},
        {"until": "hier"},
        {"page": 0},
        {"page_size": 201},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(filled, asked):
    answer = filled.get("/comments", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_an_erased_review_is_not_found_by_an_api_that_had_found_it(filled):
    assert filled.get("/comments", params={"text": "colis"}).json()["total"] == 1
    with open_home(load_settings()) as home:
        base.erase_reviews(home, [1], "operator")
    assert filled.get("/comments", params={"text": "colis"}).json()["total"] == 0
    rest = filled.get("/comments").json()["items"]
    assert [(one["id"], one["upload_id"]) for one in rest] == [(2, None), (0, None)]


def test_another_process_sees_what_this_one_adds(filled):
    assert filled.get("/comments").json()["total"] == 3
    with open_home(load_settings()) as home:
        more = Delivery(io.BytesIO(b"Commentaire,star\nencore,2\n"), "more.csv", "admin")
        ingest_file(home, more)
    assert filled.get("/comments", params={"text": "encore"}).json()["total"] == 1


def test_statistics_are_those_of_the_newest_version(filled):
    found = filled.get("/statistics").json()
    assert (found["version"], found["rows"], found["undated"]) == (1, 3, 1)
    assert found["stars"][:3] == [
        {"star": 1, "rows": 1},
        {"star": 2, "rows": 0},
        {"star": 3, "rows": 1},
    ]
    assert found["sources"] == [{"source": "web", "rows": 2}, {"source": "", "rows": 1}]
    assert found["companies"] == [{"company": "X", "rows": 2}, {"company": "Y", "rows": 1}]
    assert found["lengths"][0] == {"from": 0, "to": 49, "rows": 3}
    assert found["months"] == [{"month": "2020-01", "rows": 2, "mean_star": 3.0}]
    filled.post("/comment", json={"Commentaire": "Nouveau", "star": 4})
    assert filled.get("/statistics").json()["version"] == 2


def test_versions_say_what_made_them_and_whether_they_can_be_read(filled):
    filled.post("/comment", json={"Commentaire": "Nouveau", "star": 4})
    with open_home(load_settings()) as home:
        base.erase_reviews(home, [1], "operator")
    found = filled.get("/versions", params={"page_size": 3}).json()
    told = [
        (one["version"], one["kind"], one["rows_total"], one["readable"]) for one in found["items"]
    ]
    assert told == [
        (3, "erased", 3, True),
        (2, "comment", 4, False),
        (1, "upload", 3, False),
    ]
    assert found["total"] == 4
    assert found["items"][2]["upload_id"] == filled.upload_id
    assert found["items"][2]["filename"] == "avis.csv"
    assert filled.get("/versions", params={"page": 2, "page_size": 3}).json()["items"][0] == {
        **found["items"][2],
        "version": 0,
        "kind": "genesis",
        "rows_accepted": 0,
        "rows_total": 0,
        "upload_id": None,
        "filename": None,
        "received_by": "satispy",
        "received_at": filled.get("/versions").json()["items"][3]["received_at"],
    }


def test_before_the_first_retraining_there_are_no_neighbours(filled):
    answer = filled.post("/neighbours", json={"text": "bien"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert "retrain_reviews" in answer.json()["detail"]


def test_neighbours_are_reviews_of_the_base(served):
    found = served.post("/neighbours", json={"text": "Livraison rapide, très satisfait", "k": 3})
    answer = found.json()
    assert set(answer) == {"vectors_version", "dataset_version", "items"}
    assert [set(one) for one in answer["items"]] == [
        {"id", "Commentaire", "star", "source", "similarity"}
    ] * 3
    words = answer["items"][0]["Commentaire"]
    reviews = served.get("/comments", params={"text": words[:100]}).json()["items"]
    assert answer["items"][0]["id"] in [one["id"] for one in reviews]
    assert len(served.post("/neighbours", json={"text": "Livraison rapide"}).json()["items"]) == 5


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": "bien", "k": 0},
        {"text": "bien", "k": 21},
        {"text": "x" * 10_001},
    ],
    ids=str,
)
def test_what_has_no_neighbours_is_refused(served, body):
    assert served.post("/neighbours", json=body).status_code == 422


def test_asking_for_neighbours_is_no_write(served, admin):
    with open_home(load_settings()) as home:
        home.users.add(*admin, "admin")
    assert served.post("/neighbours", json={"text": "bien"}).status_code == 200
    acts = [one["act"] for one in served.get("/audit", auth=admin).json()["items"]]
    assert set(acts) == {"sign-in"}
