"""What the API records by itself, for every route there is."""

from datetime import UTC, datetime

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from reviews_api.refused_often import ELSEWHERE, MOST_ADDRESSES, RefusedOften
from satispy.core.errors import StorageFull
from satispy.core.settings import load_settings
from satispy.workflows.audit import Act, verify_trail

CSV = {"file": ("a.csv", b"Commentaire,star\nbien,5")}
REVIEW = {"Commentaire": "un avis secret", "star": 5}


def trail(api, admin, **wanted):
    """All records but those of sign-ins, oldest first."""
    return [one for one in whole_trail(api, admin, **wanted) if one["act"] != "sign-in"]


def whole_trail(api, admin, **wanted):
    """All records, oldest first."""
    answer = api.get("/audit", auth=admin, params=wanted | {"page_size": 200})
    assert answer.status_code == 200
    return answer.json()["items"][::-1]


def told(records):
    return [(one["who"], one["act"], one["outcome"]) for one in records]


def test_a_write_is_recorded_before_it_begins_and_when_it_has_ended(api, admin):
    answer = api.post("/uploadfile", auth=admin, files=CSV)
    records = trail(api, admin)
    assert told(records) == [
        ("admin", "POST /uploadfile", "begun"),
        ("admin", "POST /uploadfile", "201"),
    ]
    names = {one["request_id"] for one in records}
    assert names == {answer.headers["x-request-id"]}
    assert {(one["role"], one["source"]) for one in records} == {("admin", "192.0.2.7")}
    assert verify_trail(load_settings()).wrong is None


def test_a_comment_is_recorded_once_for_the_ledger_has_it_too_and_its_text_never(api, admin, user):
    assert api.post("/comment", auth=user, json=REVIEW).status_code == 201
    records = trail(api, admin)
    assert told(records) == [("alice", "POST /comment", "201")]
    assert "secret" not in str(records)


def test_reading_and_predicting_leave_no_record(api, admin, user):
    assert api.get("/status", auth=user).status_code == 200
    assert api.post("/predict", auth=user, json={"texts": ["bien"]}).status_code == 503
    assert api.get("/uploads/none", auth=user).status_code == 404
    assert trail(api, admin) == []


@pytest.mark.parametrize(
    ("method", "path", "given", "outcome"),
    [
        ("GET", "/audit", {}, "403 forbidden"),
        ("POST", "/uploadfile", {"files": CSV}, "403 forbidden"),
        ("POST", "/predict", {"json": {}}, "422 invalid-input"),
        ("GET", "/uploads?page=0", {}, "422 invalid-input"),
        ("POST", "/predict", {"headers": {"Content-Encoding": "br"}}, "415 unsupported-file"),
    ],
)
def test_a_refusal_is_recorded_with_its_code(api, admin, user, method, path, given, outcome):
    api.request(method, path, auth=user, **given)
    record = trail(api, admin)[-1]
    assert (record["who"], record["outcome"]) == ("alice", outcome)
    assert record["act"] == f"{method} {path.partition('?')[0]}"


def test_the_route_and_what_it_was_done_to_stand_apart(api, admin):
    answer = api.post("/models/no%0Asuch/promote", auth=admin, json={})
    assert answer.status_code == 404
    begun, ended = trail(api, admin)
    assert begun["act"] == "POST /models/no\\nsuch/promote"
    assert (ended["act"], ended["object"]) == ("POST /models/{run}/promote", "run=no\\nsuch")
    assert ended["outcome"] == "404 not-found"


def test_a_route_that_is_added_later_is_recorded_too(api, admin, user):
    @api.app.delete("/things/{thing}")
    def remove(thing: str) -> None:
        raise HTTPException(409, "in use")

    assert api.delete("/things/7", auth=user).status_code == 409
    assert told(trail(api, admin)) == [
        ("alice", "DELETE /things/7", "begun"),
        ("alice", "DELETE /things/{thing}", "409 bad-request"),
    ]


def test_a_write_that_cannot_be_recorded_does_not_take_place(api, admin, monkeypatch):
    def full(*_given):
        raise StorageFull("no room left")

    with monkeypatch.context() as patch:
        patch.setattr("satispy.audit.trail.append", full)
        answer = api.post("/uploadfile", auth=admin, files=CSV)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage-full")
        assert api.get("/status", auth=admin).json()["dataset"]["rows"] == 0
    assert api.post("/uploadfile", auth=admin, files=CSV).status_code == 201


def test_a_fresh_sign_in_is_recorded_also_where_one_only_reads(api, admin, user):
    for _ in range(3):
        assert api.get("/status", auth=user).status_code == 200
    signed_in = [one for one in whole_trail(api, admin) if one["act"] == "sign-in"]
    assert [(one["who"], one["outcome"], one["source"]) for one in signed_in] == [
        ("alice", "done", "192.0.2.7")
    ]


def test_a_token_is_recorded_with_whom_it_is_for_and_a_wrong_password_is_counted(api, admin, user):
    right = {"grant_type": "password", "username": user[0], "password": user[1]}
    assert api.post("/token", data=right).status_code == 200
    for _ in range(5):
        assert api.post("/token", data={**right, "password": "wrong"}).status_code == 400
    assert told(whole_trail(api, admin))[:3] == [
        ("alice", "sign-in", "done"),
        ("alice", "POST /token", "200"),
        ("", "POST /token", "400"),
    ]
    assert [one["outcome"] for one in trail(api, admin)].count("400") == 1


def test_a_flood_of_wrong_passwords_is_two_records(api, admin):
    for _ in range(30):
        assert api.get("/status", auth=("alice", "wrong")).status_code in {401, 429}
    assert told(trail(api, admin)) == [("", "GET /status", "401 unauthenticated")]
    window = api.app.state.refused_often
    window._now = lambda now=window._now: now() + 61
    api.get("/audit", auth=("alice", "wrong"))
    first, closing, again = trail(api, admin)
    assert (closing["act"], closing["outcome"]) == ("refused", "29 more")
    assert closing["request_id"] == first["request_id"]
    assert closing["detail"].endswith("9 × 401 unauthenticated, 20 × 429 too-many-attempts")
    assert again["outcome"] == "429 too-many-attempts"


def test_nothing_that_a_stranger_sends_fills_the_trail(api, admin):
    form = {"grant_type": "password", "username": "a", "password": "b"}
    for _ in range(5):
        for options in (
            {"data": form, "headers": {"Content-Encoding": "gzip"}},
            {"data": form | {"username": "x" * 30_000}},
            {"files": {"username": ("a", b"b")}},
        ):
            assert api.post("/token", **options).status_code in {400, 413, 415, 422}
    (first,) = whole_trail(api, admin)
    assert first["outcome"].startswith("415")


def test_a_key_in_the_wrong_place_is_not_kept(api, admin):
    key = "sat_0123456789abcdef_" + "x" * 43
    assert api.delete(f"/keys/{key}", auth=admin).status_code == 404
    assert "x" * 20 not in str(whole_trail(api, admin))


def test_a_defect_before_the_route_is_answered_and_recorded(api, admin, user, monkeypatch):
    def fail(*_given):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("satispy.accounts.users.UserDirectory.authenticate", fail)
        answer = api.post("/comment", auth=user, json=REVIEW)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert told(trail(api, admin)) == [("", "POST /comment", "500 internal")]


def test_what_is_still_counted_is_recorded_as_the_process_ends(open_api, home, admin):
    with TestClient(create_app(load_settings())) as first:
        for _ in range(3):
            first.get("/status")
    assert "2 more" in {one["outcome"] for one in trail(open_api(), admin)}


def refused(source):
    return Act("", "", source, "r", "GET /status", outcome="401 unauthenticated")


def test_floods_from_many_addresses_take_no_more_memory_than_is_set_aside():
    now = [0.0]
    counts = RefusedOften(lambda: now[0])
    sources = [f"10.0.{n // 256}.{n % 256}" for n in range(5000)]
    acts = [act for source in sources for act in counts.passed(refused(source))]
    assert len(acts) == MOST_ADDRESSES + 1
    now[0] = 61.0
    (closing,) = counts.ended()
    assert closing.source == ELSEWHERE
    assert closing.outcome == f"{5000 - MOST_ADDRESSES - 1} more"
    assert counts.ended() == []


def test_admins_alone_read_the_trail_in_pages_and_by_what_they_look_for(api, admin, user):
    assert api.get("/audit").status_code == 401
    assert api.get("/audit", auth=user).status_code == 403
    assert [one["who"] for one in trail(api, admin, who="alice")] == ["alice"]
    assert [one["outcome"] for one in trail(api, admin, outcome="403")] == ["403 forbidden"]
    assert trail(api, admin, act="DELETE /x") == []
    now = datetime.now(UTC)
    assert trail(api, admin, since=now.replace(year=now.year + 1).isoformat()) == []
    assert len(trail(api, admin, until=now.replace(year=now.year + 1).isoformat())) == 2
    pages = api.get("/audit", auth=admin, params={"page": 4, "page_size": 1}).json()
    assert (pages["total"], [one["number"] for one in pages["items"]]) == (4, [1])


@pytest.mark.parametrize("wrong", ["2026-01-01T00:00:00", "0.5", "0001-01-01T00:00:00+14:00", "x"])
def test_a_moment_without_zone_or_beyond_the_calendar_is_refused(api, admin, wrong):
    answer = api.get("/audit", auth=admin, params={"since": wrong})
    assert answer.status_code == 422
    assert "expected a moment with its time zone" in answer.json()["detail"]


def test_no_password_enters_the_trail(api, admin, user):
    api.get("/status", auth=("alice", "hunter2-hunter2"))
    api.post("/comment", auth=user, json={"password": "hunter2-hunter2"})
    assert "hunter2" not in str(trail(api, admin))
