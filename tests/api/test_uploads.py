"""What becomes of bad rows, of trial runs and of requests that come twice; on both databases."""

import codecs
import csv
import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from satispy.core.settings import load_settings
from satispy.workflows import base
from satispy.workflows.comments import CommentQueue

GOOD = b"Commentaire,star\nbien,5\n"
MIXED = (
    "Commentaire,star,company\n"
    "bien,5,A\n"
    "=1+1,9,A\n"
    "'=2,5 étoiles,B\n"
    '"-3;\n""x""",,C\n'
    "mal,1,A\n"
    "correct,3,A\n"
).encode()
CORRECTED = ["=1+1", "'=2", '-3;\n"x"']


@pytest.fixture(params=["sqlite_home", "postgresql_home"])
def home(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def send(api, auth, content=GOOD, name="avis.csv", key=None, **query):
    headers = {} if key is None else {"Idempotency-Key": key}
    files = {"file": (name, content, "text/csv")}
    return api.post("/uploadfile", auth=auth, files=files, headers=headers, params=query)


def comment(api, auth, text="bien", key=None):
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"Commentaire": text, "star": 5}
    return api.post("/comment", auth=auth, json=body, headers=headers)


def texts(home):
    with (home / "clean_data" / "data_MAJ.csv").open(encoding="utf-8", newline="") as file:
        return [row["Commentaire"] for row in csv.DictReader(file)]


def table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def written(rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def versions(api):
    return [version.entry for version in base.newest_versions(api.app.state.home, 1000)]


# The quarantine


def test_the_answer_says_why_rows_were_bad_and_says_it_again_by_its_key(api, admin):
    found = send(api, admin, MIXED, key="k").json()["bad_rows"]
    assert (found["rows_quarantined"], found["by_column"]) == (3, {"star": 3})
    assert [(row["line"], row["column"]) for row in found["first"]] == [
        (3, "star"),
        (4, "star"),
        (5, "star"),
    ]
    assert send(api, admin, MIXED, key="k").json()["bad_rows"] == found
    for path in load_settings().paths.quarantine.iterdir():
        path.unlink()
    assert send(api, admin, MIXED, key="k").json()["bad_rows"] is None
    for dry in (True, False):
        assert send(api, admin, GOOD + b"mal,1\n", dry_run=dry).json()["bad_rows"] is None


def test_an_upload_is_told_again_to_every_user(api, admin, user):
    receipt = send(api, admin, MIXED).json()
    told = api.get(f"/uploads/{receipt['upload_id']}", auth=user).json()
    assert {name: told[name] for name in receipt} == receipt | {"bad_rows": None}
    assert (told["received_by"], told["resubmitted_by"]) == ("admin", [])


@pytest.mark.parametrize("upload_id", ["none", "0" * 32, "%00", "a%00b", "x" * 300, "é", "'"])
def test_an_upload_that_never_came_is_not_found(api, admin, upload_id):
    for path in (f"/uploads/{upload_id}", f"/uploads/{upload_id}/quarantine"):
        answer = api.get(path, auth=admin)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_bad_rows_are_taken_as_csv_with_what_is_wrong_and_nothing_that_a_spreadsheet_runs(
    api, admin
):
    upload_id = send(api, admin, MIXED).json()["upload_id"]
    taken = api.get(f"/uploads/{upload_id}/quarantine", auth=admin)
    assert taken.status_code == 200
    assert taken.headers["content-type"] == "text/csv; charset=utf-8"
    wanted = f'attachment; filename="quarantine-{upload_id}.csv"'
    assert taken.headers["content-disposition"] == wanted
    assert taken.content.startswith(codecs.BOM_UTF8)  # else Excel reads it as Windows-1252
    header, *rows = table(taken.content)
    assert header == ["line", "column", "reason", "Commentaire", "star", "company"]
    assert [row[:2] + row[3:] for row in rows] == [
        ["3", "star", "'=1+1", "9", "A"],
        ["4", "star", "''=2", "5 étoiles", "B"],
        ["5", "star", '\'-3;\n"x"', "", "C"],
    ]
    assert texts(api_home(api)) == ["bien", "mal", "correct"]


def api_home(api):
    return api.app.state.home.settings.paths.home


def test_bad_rows_are_for_admins(api, admin, user):
    upload_id = send(api, admin, MIXED).json()["upload_id"]
    answer = api.get(f"/uploads/{upload_id}/quarantine", auth=user)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_an_upload_without_bad_rows_has_no_quarantine(api, admin):
    upload_id = send(api, admin).json()["upload_id"]
    answer = api.get(f"/uploads/{upload_id}/quarantine", auth=admin)
    assert answer.status_code == 404
    assert "no row" in answer.json()["detail"]


# Resubmission


def with_stars(rows):
    return [[*row[:-2], "2", row[-1]] for row in rows]


def test_a_corrected_quarantine_brings_the_texts_back_as_they_were(api, admin, user):
    first = send(api, admin, MIXED).json()["upload_id"]
    header, *rows = table(api.get(f"/uploads/{first}/quarantine", auth=admin).content)
    again = send(api, admin, written([header, *with_stars(rows)]), resubmits=first).json()
    assert (again["resubmits"], again["rows_accepted"], again["warnings"]) == (first, 3, [])
    assert texts(api_home(api)) == ["bien", "mal", "correct", *CORRECTED]
    told = api.get(f"/uploads/{first}", auth=user).json()
    assert told["resubmitted_by"] == [again["upload_id"]]


def test_so_it_does_where_our_three_columns_were_cut_out(api, admin):
    first = send(api, admin, MIXED).json()["upload_id"]
    header, *rows = table(api.get(f"/uploads/{first}/quarantine", auth=admin).content)
    cut = [header[3:], *with_stars([row[3:] for row in rows])]
    assert send(api, admin, written(cut), resubmits=first).json()["rows_accepted"] == 3
    assert texts(api_home(api))[3:] == CORRECTED


def test_an_apostrophe_that_we_did_not_put_there_stays(api, admin):
    first = send(api, admin, MIXED).json()["upload_id"]
    new = [["Commentaire", "star"], ["'=9", 5], ["''=2", 4], ["'bien'", 3]]
    send(api, admin, written(new), resubmits=first)
    assert texts(api_home(api))[3:] == ["'=9", "'=2", "'bien'"]


def test_without_resubmits_a_file_is_taken_as_it_is(api, admin):
    send(api, admin, MIXED)
    send(api, admin, written([["Commentaire", "star"], ["''=2", 4]]))
    assert texts(api_home(api))[3:] == ["''=2"]


def test_what_is_still_bad_is_set_aside_again_and_can_be_taken_and_mended_again(api, admin):
    first = send(api, admin, MIXED).json()["upload_id"]
    header, *rows = table(api.get(f"/uploads/{first}/quarantine", auth=admin).content)
    mended = [header, *with_stars(rows[:2]), rows[2]]
    second = send(api, admin, written(mended), resubmits=first).json()
    assert (second["rows_accepted"], second["rows_quarantined"]) == (2, 1)
    header, row = table(api.get(f"/uploads/{second['upload_id']}/quarantine", auth=admin).content)
    assert header.count("reason") == 1
    third = send(api, admin, written([header, *with_stars([row])]), resubmits=second["upload_id"])
    assert third.json()["rows_accepted"] == 1
    assert texts(api_home(api))[3:] == CORRECTED


@pytest.mark.parametrize("first", ["none", "../users", "a\0b", ""])
def test_the_resubmission_of_an_upload_that_never_came_is_refused(api, admin, first):
    answer = send(api, admin, resubmits=first)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert texts(api_home(api)) == []


def test_a_quarantine_that_comes_back_with_its_mark_and_one_row_mended_is_taken(api, admin):
    """Two of its three rows are still wrong, more than half: they are set aside once more."""
    first = send(api, admin, MIXED).json()["upload_id"]
    header, *rows = table(api.get(f"/uploads/{first}/quarantine", auth=admin).content)
    mended = codecs.BOM_UTF8 + written([header, *with_stars(rows[:1]), *rows[1:]])
    again = send(api, admin, mended, resubmits=first)
    assert again.status_code == 201
    assert (again.json()["rows_accepted"], again.json()["rows_quarantined"]) == (1, 2)
    _, *left = table(
        api.get(f"/uploads/{again.json()['upload_id']}/quarantine", auth=admin).content
    )
    assert [row[3:] for row in left] == [row[3:] for row in rows[1:]]


def test_a_quarantine_in_which_nothing_was_mended_is_refused(api, admin):
    first = send(api, admin, MIXED).json()["upload_id"]
    taken = api.get(f"/uploads/{first}/quarantine", auth=admin).content
    answer = send(api, admin, taken, resubmits=first)
    assert (answer.status_code, answer.json()["code"]) == (422, "too-many-bad-rows")
    assert "all 3 rows of 'avis.csv' are still bad, so nothing was added" in answer.json()["detail"]


def test_an_upload_without_bad_rows_cannot_be_resubmitted(api, admin):
    first = send(api, admin).json()["upload_id"]
    answer = send(api, admin, GOOD + b"mal,1\n", resubmits=first)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
    assert f"no row of upload {first} was bad" in answer.json()["detail"]
    assert texts(api_home(api)) == ["bien"]


def test_a_quarantine_without_resubmits_is_taken_as_it_is_with_a_warning(api, admin):
    first = send(api, admin, MIXED).json()["upload_id"]
    header, *rows = table(api.get(f"/uploads/{first}/quarantine", auth=admin).content)
    receipt = send(api, admin, written([header, *with_stars(rows)])).json()
    assert (receipt["resubmits"], receipt["rows_accepted"]) == (None, 3)
    assert receipt["warnings"] == [
        "this looks like a quarantine; send it with resubmits=ID so that it is linked"
    ]
    assert texts(api_home(api))[3:] == [row[3] for row in rows]


# Dry runs


def state(api):
    folder = api.app.state.home.settings.paths.clean_data
    elsewhere = ("sqlite", "audit_head")  # the audit trail grows by each trial
    files = [path for path in folder.rglob("*") if not any(word in path.name for word in elsewhere)]
    content = {path: path.read_bytes() if path.is_file() else b"" for path in files}
    return content, versions(api)


def quick(answer):
    """What a dry run and the upload itself tell alike."""
    own = {"upload_id", "request_id"}
    return {k: v for k, v in answer.json().items() if k not in own}


@pytest.mark.parametrize(
    "content",
    [
        MIXED,
        b"Commentaire,star,x\nbien,5,1\nbien,5,2\nnouveau,4,\nmal,9,\n",
        b"Commentaire,star\na,9\n",
        b"a,b\n",
        b"PK\x03\x04",
        GOOD,
    ],
    ids=["bad rows", "duplicates", "too many bad rows", "no reviews", "a ZIP", "known"],
)
def test_a_dry_run_foretells_the_upload_and_leaves_everything_as_it_is(api, admin, content):
    send(api, admin)
    before = state(api)
    trial = send(api, admin, content, dry_run=True)
    assert state(api) == before
    real = send(api, admin, content)
    assert quick(trial) == quick(real)
    if real.status_code == 201:
        assert (trial.status_code, trial.json()["upload_id"]) == (200, None)
    else:
        assert trial.status_code == real.status_code


def test_a_dry_run_of_a_resubmission_foretells_it_too(api, admin):
    first = send(api, admin, MIXED).json()["upload_id"]
    header, *rows = table(api.get(f"/uploads/{first}/quarantine", auth=admin).content)
    content = written([header, *with_stars(rows)])
    trial, real = (send(api, admin, content, resubmits=first, dry_run=dry) for dry in (True, False))
    assert quick(trial) == quick(real)
    assert send(api, admin, resubmits="none", dry_run=True).status_code == 404


def test_a_dry_run_leaves_its_key_free_and_answers_one_that_was_used(api, admin):
    assert send(api, admin, key="k", dry_run=True).status_code == 200
    real = send(api, admin, key="k")
    assert real.status_code == 201
    assert send(api, admin, key="k", dry_run=True).json() == real.json()
    other = send(api, admin, GOOD + b"mal,1\n", key="k", dry_run=True)
    assert (other.status_code, other.json()["code"]) == (409, "key-reused")


# What must not pass without a word


@pytest.mark.parametrize("wrong", ["dryRun", "dryrun", "resubmit", ""])
def test_a_mistyped_parameter_is_refused_and_nothing_is_added(api, admin, wrong):
    for answer, known in (
        (send(api, admin, **{wrong: "true"}), "known are dry_run, resubmits"),
        (
            api.post(f"/comment?{wrong}=1", auth=admin, json={"Commentaire": "a", "star": 5}),
            "none is known here",
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
        assert answer.json()["detail"] == f"unknown parameter {wrong!r}; {known}"
    assert texts(api_home(api)) == []


@pytest.mark.parametrize("second", ["file", "other"])
def test_two_files_in_one_request_are_refused(api, admin, second):
    files = [("file", ("a.csv", GOOD)), (second, ("b.csv", GOOD + b"mal,1\n"))]
    answer = api.post("/uploadfile", auth=admin, files=files)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
    assert answer.json()["detail"] == "expected one file, received 2; nothing was added"
    assert texts(api_home(api)) == []


# Idempotency-Key


def test_an_upload_that_comes_twice_under_a_key_is_answered_alike_and_added_once(api, admin):
    first, second = (send(api, admin, MIXED, key="k") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(versions(api)) == 2
    assert send(api, admin, MIXED, key="another").json()["code"] == "duplicate-upload"
    assert len(list(load_settings().paths.quarantine.iterdir())) == 1


def test_a_comment_that_comes_twice_under_a_key_is_answered_alike_and_added_once(api, user):
    first, second = (comment(api, user, key="k") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert texts(api_home(api)) == ["bien"]


@pytest.mark.parametrize(
    "other",
    [
        lambda api, auth: send(api, auth, GOOD + b"mal,1\n", key="k"),
        lambda api, auth: send(api, auth, name="autre.csv", key="k"),
        lambda api, auth: comment(api, auth, key="k"),
    ],
    ids=["content", "name", "route"],
)
def test_a_key_that_comes_with_something_else_is_refused(api, admin, other):
    send(api, admin, key="k")
    answer = other(api, admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "key-reused")
    assert texts(api_home(api)) == ["bien"]


def test_the_key_of_a_comment_that_comes_with_another_is_refused(api, user):
    comment(api, user, "bien", key="k")
    answer = comment(api, user, "mal", key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "key-reused")
    assert texts(api_home(api)) == ["bien"]


def test_keys_of_two_users_have_nothing_to_do_with_each_other(api, admin, user):
    ids = [comment(api, who, key="k").json()["id"] for who in (admin, user, admin, user)]
    assert ids == [0, 1, 0, 1]


@pytest.mark.parametrize("key", ["", " ", "a b", "clé".encode(), "a\0b", "a\n", "x" * 256])
def test_a_key_is_1_to_255_printable_characters(api, admin, key):
    for answer in (send(api, admin, key=key), comment(api, admin, key=key)):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
        assert "Idempotency-Key" in answer.json()["detail"]
    assert texts(api_home(api)) == []


def test_the_longest_key_is_good_on_either_database(api, admin):
    key = "!~" * 127 + "x"
    assert [comment(api, admin, key=key).json()["id"] for _ in range(2)] == [0, 0]


def test_a_refused_request_leaves_its_key_free(api, admin):
    assert send(api, admin, b"a,b\n", key="k").status_code == 422
    assert comment(api, admin, "  ", key="l").status_code == 422
    assert send(api, admin, key="k").status_code == 201
    assert comment(api, admin, key="l").status_code == 201


def test_another_process_answers_a_key_as_the_first_one_did(open_api, admin):
    first = open_api()
    answers = [send(first, admin, MIXED, key="k").json(), comment(first, admin, key="l").json()]
    second = open_api()
    assert send(second, admin, MIXED, key="k").json() == answers[0]
    assert comment(second, admin, key="l").json() == answers[1]
    assert len(texts(api_home(first))) == 4


def test_keys_that_come_at_once_add_once(open_api, admin):
    """Through two processes' worth of applications on one home."""
    apis = [open_api(), open_api()]
    for api in apis:
        # FastAPI makes its routes for the first request, and warns where two applications of one
        # process do so at once. Two processes never do.
        assert api.get("/nowhere").status_code == 404
    with ThreadPoolExecutor(8) as pool:
        uploads = list(pool.map(lambda n: send(apis[n % 2], admin, MIXED, key="k"), range(8)))
        comments = list(pool.map(lambda n: comment(apis[n % 2], admin, key="l"), range(16)))
    assert {answer.status_code for answer in (*uploads, *comments)} == {201}
    assert len({answer.json()["upload_id"] for answer in uploads}) == 1
    assert len({answer.json()["id"] for answer in comments}) == 1
    assert texts(api_home(apis[0])) == ["bien", "mal", "correct", "bien"]
    assert len(list(load_settings().paths.quarantine.iterdir())) == 1


# Comments that come together, and what an erasure says of models


def test_comments_that_wait_together_are_one_row_of_the_ledger(api, admin, user, monkeypatch):
    """The first is taken up alone, or with others; whatever waits by then goes at once."""
    add, arrived = CommentQueue.add, threading.Semaphore(0)

    def counted(self, *given):
        waiting = add(self, *given)
        arrived.release()
        return waiting

    monkeypatch.setattr(CommentQueue, "add", counted)
    with ThreadPoolExecutor(50) as pool:
        with api.app.state.home.store.guard.locked():
            sent = [pool.submit(comment, api, (admin, user)[n % 2], f"avis {n}") for n in range(50)]
            for _ in sent:
                arrived.acquire()
        answers = [one.result() for one in sent]
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["id"] for answer in answers) == list(range(50))
    assert sorted(texts(api_home(api))) == sorted(f"avis {n}" for n in range(50))
    entries = versions(api)[:-1]
    assert len(entries) <= 2
    assert sum(entry.rows_accepted for entry in entries) == 50
    assert entries[0].received_by == "admin, alice"


def test_a_bad_comment_among_those_that_wait_is_refused_alone(api, user):
    with ThreadPoolExecutor(9) as pool:
        sent = ["bien", "  ", "a\0b"] * 3
        answers = list(pool.map(lambda text: comment(api, user, text), sent))
    assert [answer.status_code for answer in answers] == [201, 422, 422] * 3
    assert texts(api_home(api)) == ["bien"] * 3


def test_the_answer_names_the_version_in_which_the_row_stands(api, admin, user):
    receipt = comment(api, user, "à retrouver").json()
    content = io.BytesIO()
    base.write_version(api.app.state.home, receipt["dataset_version"], content)
    assert re.search(rf"^{receipt['id']},à retrouver,", content.getvalue().decode(), re.MULTILINE)
