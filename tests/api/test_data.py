import hashlib

import pytest

from satispy.core.settings import load_settings

GOOD = "Commentaire,star,date\nTrès bien,5,27/07/2020\nDéçue,1,2020-07-28\n".encode()


def send(api, auth, content, name="avis.csv", kind="text/csv"):
    return api.post("/uploadfile", auth=auth, files={"file": (name, content, kind)})


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"a,b\n1,2\n", 422, "not-a-review-file"),
        (b"Commentaire,star\n", 422, "not-a-review-file"),
        ("Commentaire,star\ndéçu,1\n".encode("latin-1"), 422, "not-a-review-file"),
        (b"Commentaire,star\na,9\nb,8\nc,5\n", 422, "not-a-review-file"),
        (b"PK\x03\x04rest", 415, "unsupported-file"),
        (b"", 422, "not-a-review-file"),
    ],
)
def test_mistake_8_a_bad_file_is_refused_and_nothing_is_written(api, admin, content, status, code):
    paths = load_settings().paths
    before = paths.base.read_bytes()
    answer = send(api, admin, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert paths.base.read_bytes() == before
    assert not paths.quarantine.exists()
    assert api.get("/uploads", auth=admin).json()["total"] == 0


def test_a_missing_file_field_is_named(api, admin):
    answer = api.post("/uploadfile", auth=admin)
    assert answer.status_code == 422
    assert "file" in answer.json()["detail"]


def test_the_same_file_is_refused_but_a_refused_file_may_come_again(api, admin):
    bad = b"Commentaire,star\na,9\n"
    assert [send(api, admin, bad).status_code for _ in range(2)] == [422, 422]
    assert [send(api, admin, GOOD).status_code for _ in range(2)] == [201, 409]


def test_an_upload_is_counted_row_by_row(api, admin):
    content = GOOD + b"Bad,7,\n" + "Très bien,5,2020-07-27\n".encode()
    answer = send(api, admin, content)
    assert answer.status_code == 201
    receipt = answer.json()
    upload_id = receipt.pop("upload_id")
    assert receipt == {
        "filename": "avis.csv",
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows_received": 4,
        "rows_accepted": 2,
        "rows_quarantined": 1,
        "rows_duplicate": 1,
        "dataset_version": 1,
        "rows_total": 2,
    }
    paths = load_settings().paths
    assert paths.base.read_text().splitlines()[1:] == [
        "0,Très bien,5,,,,,2020-07-27",
        "1,Déçue,1,,,,,2020-07-28",
    ]
    aside = (paths.quarantine / f"{upload_id}.csv").read_text()
    assert aside.splitlines()[1].startswith("4,star,")
    assert aside.splitlines()[1].endswith("Bad,7,")


def test_the_content_decides_not_the_declared_type(api, admin):
    assert send(api, admin, GOOD, "avis.bin", "application/octet-stream").status_code == 201


def test_uploads_are_listed_newest_first_by_page(api, admin, user):
    for star in (1, 2, 3):
        send(api, admin, f"Commentaire,star\nx,{star}\n".encode(), name=f"{star}.csv")
    page = api.get("/uploads", auth=user, params={"page": 2, "page_size": 2}).json()
    assert (page["total"], [item["filename"] for item in page["items"]]) == (3, ["1.csv"])
    assert page["items"][0]["received_by"] == "admin"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"Commentaire": "  "}, "blank"),
        ({"Commentaire": None}, "Commentaire"),
        ({"star": None}, "star"),
        ({"star": 0}, "star"),
        ({"star": 6}, "star"),
        ({"star": 4.5}, "star"),
        ({"star": "5"}, "star"),
        ({"star": True}, "star"),
        ({"date": "31/02/2020"}, "date"),
        ({"date": "hier"}, "date"),
        ({"inconnu": 1}, "inconnu"),
    ],
)
def test_a_bad_comment_is_refused_and_nothing_is_written(api, user, change, what):
    answer = api.post("/comment", auth=user, json={"Commentaire": "bien", "star": 5} | change)
    assert answer.status_code == 422
    assert what in answer.json()["detail"]
    assert api.get("/status", auth=user).json()["dataset"] == {"version": 0, "rows": 0}


def test_a_comment_is_added_each_time_with_the_next_id(api, user):
    comment = {"Commentaire": "bien", "star": 5, "source": "site", "date": "21/11/2026"}
    answers = [api.post("/comment", auth=user, json=comment) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].json() == {"id": 1, "dataset_version": 2}
    base = load_settings().paths.base.read_text()
    assert base.splitlines()[2] == "1,bien,5,site,,,,2026-11-21"
