import bz2
import csv
import gzip
import hashlib
import io
import lzma
import shutil
import zipfile

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.errors import ArtifactDamaged, DatabaseLost, NotReady, StorageFull
from satispy.core.settings import load_settings
from satispy.workflows import base
from satispy.workflows.opening import open_home

GOOD = "Commentaire,star,date\nTrès bien,5,27/07/2020\nDéçue,1,2020-07-28\n".encode()
HEADER = "inID,Commentaire,star,source,company,index_org,star_org,date"


def send(api, auth, content, name="avis.csv", kind="text/csv", **options):
    return api.post("/uploadfile", auth=auth, files={"file": (name, content, kind)}, **options)


def base_lines():
    return load_settings().paths.base.read_text(encoding="utf-8").splitlines()


def home_files():
    """Every file that an upload might leave, with its content."""
    folder = load_settings().paths.clean_data
    elsewhere = ("sqlite", "audit_head")  # database and audit trail may grow
    written = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(word in path.name for word in elsewhere)
    ]
    return {path: path.read_bytes() for path in written}


def zipped(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, GOOD)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "code", "said"),
    [
        (b"a,b\n1,2\n", 422, "not-a-review-file", "missing: Commentaire, star"),
        (b"Commentaire,star\n", 422, "not-a-review-file", "at least one review"),
        (b"", 422, "not-a-review-file", "the file is empty"),
        (b"Commentaire,star,star\na,5,5\n", 422, "not-a-review-file", "star stands twice"),
        (b'Commentaire,star\n"a,5\nb,1\n', 422, "not-a-review-file", "never closed"),
        (GOOD.decode().encode("latin-1"), 422, "not-a-review-file", "as in Latin-1"),
        (GOOD.decode().encode("utf-16"), 422, "not-a-review-file", "starts as UTF-16 does"),
        (GOOD.decode().encode("utf-16-le"), 422, "not-a-review-file", "without a byte-order mark"),
        (GOOD.decode().encode("utf-16-be"), 422, "not-a-review-file", "without a byte-order mark"),
        (b"Commentaire,star\na,9\nb,8\nc,5\n", 422, "too-many-bad-rows", "2 of 3 rows"),
        (gzip.compress(GOOD, mtime=0), 415, "unsupported-file", "a gzip file"),
        (bz2.compress(GOOD), 415, "unsupported-file", "a bzip2 file"),
        (lzma.compress(GOOD), 415, "unsupported-file", "an xz file"),
        (zipped("avis.csv"), 415, "unsupported-file", "a ZIP archive or an .xlsx spreadsheet"),
        (zipped("xl/workbook.xml"), 415, "unsupported-file", "Export it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", 415, "unsupported-file", "an .xls spreadsheet"),
    ],
)
def test_mistake_8_a_bad_file_is_refused_and_nothing_is_written(
    api, admin, content, status, code, said
):
    before = home_files()
    answer = send(api, admin, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert said in answer.json()["detail"]
    assert home_files() == before
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
        "resubmits": None,
        "warnings": [],
        "bad_rows": {
            "rows_received": None,
            "rows_quarantined": 1,
            "by_column": {"star": 1},
            "first": [
                {
                    "line": 4,
                    "column": "star",
                    "reason": "expected a whole number from 1 to 5, but received '7'",
                }
            ],
        },
    }
    assert base_lines()[1:] == ["0,Très bien,5,,,,,2020-07-27", "1,Déçue,1,,,,,2020-07-28"]
    aside = (load_settings().paths.quarantine / f"{upload_id}.csv").read_text(encoding="utf-8")
    assert aside.splitlines()[1].startswith("4,star,")
    assert aside.splitlines()[1].endswith("Bad,7,")


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\n\n"),
        GOOD.rstrip(b"\n"),
        "date,star,Commentaire\n27/07/2020,5,Très bien\n2020-07-28,1,Déçue\n".encode(),
    ],
    ids=["comma", "BOM", "semicolon", "tab", "CRLF", "empty lines", "no last end", "reordered"],
)
def test_however_the_columns_are_written_the_same_rows_come_in(api, admin, content):
    answer = send(api, admin, content)
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])
    assert base_lines() == [HEADER, "0,Très bien,5,,,,,2020-07-27", "1,Déçue,1,,,,,2020-07-28"]


def test_columns_that_the_base_does_not_have_are_left_out_with_a_warning(api, admin, user):
    content = b"id,Commentaire,inID,star,note\n7,bien,41,5,x\n"
    receipt = send(api, admin, content).json()
    (warning,) = receipt["warnings"]
    assert warning == "columns that the base does not have were left out: 'id', 'note'"
    assert base_lines()[1:] == ["0,bien,5,,,,,"]
    assert api.get("/uploads", auth=user).json()["items"][0]["warnings"] == [warning]


def test_what_excel_adds_to_a_file_is_skipped_with_a_warning(api, admin):
    content = GOOD.decode().replace(",", ";").replace("Commentaire;star", "COMMENTAIRE;Star ")
    answer = send(api, admin, f"sep=;\n{content};;\n;;\n".encode())
    assert answer.json()["warnings"] == ["2 empty rows were skipped"]
    assert (answer.status_code, answer.json()["rows_received"]) == (201, 2)
    assert base_lines()[1:] == ["0,Très bien,5,,,,,2020-07-27", "1,Déçue,1,,,,,2020-07-28"]


def test_a_cell_may_hold_line_ends_quotes_and_the_separator(api, admin):
    text = 'Commandé;\nreçu "cassé",\r\nrenvoyé.'
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([["Commentaire", "star"], [text, 1], ["bien", 5]])
    assert send(api, admin, buffer.getvalue().encode()).status_code == 201
    with load_settings().paths.base.open(encoding="utf-8", newline="") as file:
        assert [row["Commentaire"] for row in csv.DictReader(file)] == [text, "bien"]


def test_bad_cells_are_set_aside_with_line_column_and_reason(api, admin):
    content = (
        "Commentaire,star,date\n"
        "bien,5,2020-07-27\n"
        "bien,4,\n"
        "bien,3,27/07/2020\n"
        "bien,3,28/07/2020\n"
        "bien,2,2999-01-01\n"
        f"{'x' * 10_001},5,\n"
        "bien,5.5,\n"
        '"deux\nlignes",1,hier\n'
        "bien,1\n"
        "bien,1,\n"
    ).encode()
    receipt = send(api, admin, content).json()
    assert (receipt["rows_accepted"], receipt["rows_quarantined"]) == (5, 5)
    path = load_settings().paths.quarantine / f"{receipt['upload_id']}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        found = [(row["line"], row["column"], row["reason"]) for row in csv.DictReader(file)]
    assert [place[:2] for place in found] == [
        ("6", "date"),
        ("7", "Commentaire"),
        ("8", "star"),
        ("9", "date"),
        ("11", ""),
    ]
    reasons = ("day not after", "at most 10000 characters", "from 1 to 5", "YYYY-MM-DD", "3 cells")
    assert all(part in reason for part, (_, _, reason) in zip(reasons, found, strict=True))


def test_the_longest_text_can_be_set(open_api, admin, monkeypatch):
    monkeypatch.setenv("SATISPY_MAX_TEXT_LENGTH", "4")
    strict = open_api()
    receipt = send(strict, admin, b"Commentaire,star\nbien,5\nmieux,5\n").json()
    assert (receipt["rows_accepted"], receipt["rows_quarantined"]) == (1, 1)
    comment = strict.post("/comment", auth=admin, json={"Commentaire": "mieux", "star": 5})
    assert "at most 4 characters" in comment.json()["detail"]


def test_half_of_the_rows_may_be_bad_and_not_one_more(api, admin):
    half = b"Commentaire,star\n" + b"bien,5\n" + b"mal,9\n"
    assert send(api, admin, half).status_code == 201
    more = send(api, admin, half + b"pire,0\n")
    assert more.status_code == 422
    summary = more.json()["summary"]
    assert (summary["rows_received"], summary["rows_quarantined"]) == (3, 2)
    assert summary["by_column"] == {"star": 2}
    assert summary["first"][0] == {
        "line": 3,
        "column": "star",
        "reason": "expected a whole number from 1 to 5, but received '9'",
    }


def test_the_largest_share_of_bad_rows_can_be_set(open_api, admin, monkeypatch):
    monkeypatch.setenv("SATISPY_MAX_BAD_SHARE", "0")
    strict = open_api()
    assert send(strict, admin, b"Commentaire,star\nbien,5\nmal,9\n").status_code == 422
    monkeypatch.setenv("SATISPY_MAX_BAD_SHARE", "1")
    assert send(open_api(), admin, b"Commentaire,star\nmal,9\n").json()["rows_accepted"] == 0


def test_a_file_of_nothing_but_bad_rows_is_told_by_its_first_twenty(api, admin):
    answer = send(api, admin, b"Commentaire,star\n" + b"mal,9\n" * 50_000)
    summary = answer.json()["summary"]
    assert answer.status_code == 422
    assert (summary["rows_quarantined"], len(summary["first"])) == (50_000, 20)
    assert len(answer.content) < 10_000


NUL = b"Commentaire,star\nbien,5\nni\0en,5\n"
LONG_LINE = b"Commentaire,star\nbien,5\n" + b"x" * 10_000_000 + b",5\n"
MANY_COLUMNS = b",".join([b"Commentaire,star", *(b"c%d" % n for n in range(5_000))])


def test_a_nul_character_sets_its_row_aside(api, admin):
    receipt = send(api, admin, NUL).json()
    assert (receipt["rows_accepted"], receipt["rows_quarantined"]) == (1, 1)
    assert b"\0" not in load_settings().paths.base.read_bytes()


def test_a_line_of_10_mb_is_one_bad_row(api, admin):
    receipt = send(api, admin, LONG_LINE).json()
    assert (receipt["rows_accepted"], receipt["rows_quarantined"]) == (1, 1)
    taken = api.get(f"/uploads/{receipt['upload_id']}/quarantine", auth=admin)
    assert taken.content.endswith(b"x" * 1000 + b",5\n")


def test_5000_columns_are_left_out_in_one_short_warning(api, admin):
    receipt = send(api, admin, MANY_COLUMNS + b"\nbien,5" + b",x" * 5_000 + b"\n").json()
    assert receipt["rows_accepted"] == 1
    assert receipt["warnings"][0].endswith("'c19' and 4980 more")


def raw_upload(api, auth, name):
    """Send a file under a name that no client would write so; a quote would end it."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n' % name
    body = head + GOOD + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return api.post("/uploadfile", auth=auth, content=body, headers=headers)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"../../../etc/passwd", "passwd"),
        (b"C:\\Users\\x\\avis.csv", "avis.csv"),
        (b"/", "upload.csv"),
        (b"..", ".."),
        ("d\u202eéjà vu.csv".encode(), "déjà vu.csv"),
        (b"a\tb\x1b[31m.csv", "ab[31m.csv"),
        (b"=1+1.csv", "=1+1.csv"),
        (b"x" * 1000, "x" * 255),
    ],
)
def test_a_file_name_is_a_word_in_the_ledger_and_no_path(api, admin, given, kept):
    answer = raw_upload(api, admin, given)
    assert (answer.status_code, answer.json()["filename"]) == (201, kept)
    clean_data = load_settings().paths.clean_data
    assert all(path.parent in {clean_data, clean_data / "identities"} for path in home_files())
    assert not any("passwd" in path.name or "avis" in path.name for path in home_files())


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
        ({"Commentaire": "ni\0en"}, "NUL"),
        ({"Commentaire": "x" * 10_001}, "at most 10000"),
        ({"source": "ni\0en"}, "source"),
        ({"star": None}, "star"),
        ({"star": 0}, "star"),
        ({"star": 6}, "star"),
        ({"star": 4.5}, "star"),
        ({"star": "5"}, "star"),
        ({"star": True}, "star"),
        ({"date": "31/02/2020"}, "date"),
        ({"date": "hier"}, "date"),
        ({"date": "2999-01-01"}, "date"),
        ({"inconnu": 1}, "inconnu"),
    ],
)
def test_a_bad_comment_is_refused_and_nothing_is_written(api, user, change, what):
    answer = api.post("/comment", auth=user, json={"Commentaire": "bien", "star": 5} | change)
    assert answer.status_code == 422
    assert what in answer.json()["detail"]
    assert api.get("/status", auth=user).json()["dataset"] == {"version": 0, "rows": 0}


def test_half_a_character_is_refused_for_json_can_say_what_utf_8_cannot(api, user):
    body = b'{"Commentaire": "bien \\ud83d", "star": 5}'
    headers = {"Content-Type": "application/json"}
    answer = api.post("/comment", auth=user, content=body, headers=headers)
    assert answer.status_code == 422
    assert "Commentaire" in answer.json()["detail"]


def test_a_comment_is_added_each_time_with_the_next_id(api, user):
    comment = {"Commentaire": "bien", "star": 5, "source": "site", "date": "21/11/2026"}
    answers = [api.post("/comment", auth=user, json=comment) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].json() == {"id": 1, "dataset_version": 2}
    assert base_lines()[2] == "1,bien,5,site,,,,2026-11-21"


def test_personal_data_is_masked_in_what_comes_in_where_that_is_set(open_api, admin, monkeypatch):
    text = "Écrivez à jean@exemple.fr ou au 06 12 34 56 78"
    comment = {"Commentaire": text, "star": 5}
    content = f"Commentaire,star\n{text},5\n".encode()
    open_api().post("/comment", auth=admin, json=comment)
    monkeypatch.setenv("SATISPY_MASK_PERSONAL_DATA", "true")
    masking = open_api()
    masking.post("/comment", auth=admin, json=comment)
    receipts = [send(masking, admin, content + end).json() for end in (b"", b"\n")]
    assert [receipt["rows_duplicate"] for receipt in receipts] == [1, 1]
    texts = [line.split(",")[1] for line in base_lines()[1:]]
    assert texts == [text, "Écrivez à [email] ou au [téléphone]"]


def test_the_openapi_page_tells_of_every_parameter_and_refusal(api):
    paths = api.get("/openapi.json").json()["paths"]
    upload, comment = paths["/uploadfile"]["post"], paths["/comment"]["post"]
    assert {one["name"] for one in upload["parameters"]} == {
        "Idempotency-Key",
        "resubmits",
        "dry_run",
    }
    assert all(one["description"] for one in upload["parameters"])
    adding = {"201", "400", "401", "408", "409", "413", "415", "422", "429", "500", "503", "507"}
    assert set(comment["responses"]) == adding | {"403"}
    assert set(upload["responses"]) == adding | {"200", "403", "404"}
    told = ("UTF-8", "semicolon", "`Commentaire`", "DD/MM/YYYY", "SATISPY_MAX_UPLOAD_MB", "half")
    assert [word for word in told if word not in upload["description"]] == []
    taken = paths["/uploads/{upload_id}/quarantine"]["get"]["responses"]
    assert list(taken["200"]["content"]) == ["text/csv"]
    assert set(taken) >= {"401", "403", "404"}
    for responses in (upload["responses"], comment["responses"], taken):
        assert all(one["description"] for one in responses.values())


def test_models_that_learnt_from_erased_rows_are_flagged(trained_home, own_settings, user):
    shutil.copytree(trained_home, own_settings)
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add(*user, "user")
    with TestClient(create_app(settings)) as client:
        before = client.get("/models", auth=user).json()["items"]
        base.erase_reviews(client.app.state.home, [0], "operator")
        after = client.get("/models", auth=user).json()["items"]
    assert [model["dataset_erased"] for model in before] == [False] * len(before)
    assert [model["dataset_erased"] for model in after] == [True] * len(before)
    assert [model["model_version"] for model in after] == [m["model_version"] for m in before]


UNREACHABLE = "postgresql at db.example:5432 (user satispy) cannot be reached"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DatabaseLost(UNREACHABLE), "the database cannot be reached; the log says more"),
        (
            NotReady("the store cannot be read: /srv/satispy/data_MAJ.csv"),
            "not ready: the base cannot be read, or no model serves; the log says more",
        ),
        (ArtifactDamaged("/srv/satispy/x"), "a model cannot be read; the log says more"),
        (StorageFull("/srv/satispy"), "it cannot be answered; the log says more"),
    ],
)
def test_a_stranger_learns_no_host_user_or_path_and_the_log_does(
    api, user, monkeypatch, caplog, error, told
):
    """Not from /ready, nor where the users themselves cannot be read."""

    def fail(*_given):
        raise error

    monkeypatch.setattr("reviews_api.routes.ops.require_ready", fail)
    monkeypatch.setattr("satispy.accounts.users.UserDirectory.changed_at", fail)
    for answer in (
        api.get("/ready"),
        api.get("/status", auth=user),
        api.post("/comment", auth=user, json={"Commentaire": "bien", "star": 5}),
    ):
        assert answer.status_code in {503, 507}
        assert (answer.json()["code"], answer.json()["detail"]) == (error.code, told)
        assert "satispy" not in answer.text.replace(told, "")
    logged = [
        record.getMessage() for record in caplog.records if record.name == "reviews_api.errors"
    ]
    assert logged == [f"answered {answer.status_code} {error.code}: {error}"] * 3


def test_who_is_signed_in_learns_what_failed_and_so_does_the_log(api, user, monkeypatch, caplog):
    def fail(*_given):
        raise DatabaseLost(UNREACHABLE)

    monkeypatch.setattr("reviews_api.routes.ops.dataset_state", fail)
    answer = api.get("/status", auth=user)
    assert (answer.status_code, answer.json()["detail"]) == (503, UNREACHABLE)
    assert f"answered 503 database-lost: {UNREACHABLE}" in caplog.messages
