import io
import os
import pty
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

ROWS = "Commentaire,star\nbien,5\nÉcrivez à jean@exemple.fr,1\ncorrect,3\n".encode()


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request, monkeypatch):
    """The base of a home with three rows from a file and one comment: versions 1 and 2."""
    if request.param == "postgresql":
        monkeypatch.setenv("SATISPY_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    settings = load_settings()
    with open_home(settings) as home:
        ingest_file(home, Delivery(io.BytesIO(ROWS), "avis [b].csv", "admin"))
        home.comments.add({"Commentaire": "merci", "star": "4"}, "alice").result()
    return settings.paths.base


def run(*arguments):
    done = CliRunner().invoke(app, ["data", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    return done


def refusal(*arguments):
    """Run a command that is refused; return its one line."""
    done = run(*arguments)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    return line


def listed(*arguments):
    """Return the lines of `versions` that are about one: they begin with number and day."""
    lines = run("versions", *arguments).stdout.splitlines()
    return [line for line in lines if re.match(r" *\d+  \d{4}-\d\d-\d\d \d\d:\d\d ", line)]


def change(base, before, after):
    content = base.read_bytes()
    assert before in content
    base.write_bytes(content.replace(before, after))


# Verify


def test_a_whole_base_is_sound(base):
    done = run("verify")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"sound: {base} is version 2, every byte as committed: 4 rows")


def test_the_base_of_a_new_home_is_made_and_sound():
    assert "version 0, every byte as committed: 0 rows" in run("verify").stdout


def test_the_first_byte_that_was_changed_is_named_and_what_to_do(base):
    at = base.read_bytes().index("1,Écrivez".encode())
    change(base, b"jean", b"JEAN")
    line = refusal("verify")
    assert f"begins at byte {at}, inID 1" in line
    assert "satispy data restore --from BACKUP" in line
    assert "satispy data adopt" in line


def test_rows_that_were_typed_in_are_named(base):
    size = base.stat().st_size
    base.write_bytes(base.read_bytes() + b"4,ras,5,,,,,\n")
    line = refusal("verify")
    assert f"13 bytes behind byte {size}, where version 2 ends" in line
    assert "Rows behind the end: satispy data restore takes them out" in line
    assert run("restore").exit_code == 0
    assert "sound" in run("verify").stdout


def test_what_was_cut_off_is_named(base):
    size = base.stat().st_size
    os.truncate(base, size - 3)
    assert f"the first byte that is missing is {size - 3}" in refusal("verify")


def test_a_base_that_is_gone_is_told(base):
    base.unlink()
    assert "satispy data restore --from BACKUP" in refusal("verify")
    assert "it is gone" in refusal("export")


# Versions and export


def test_versions_are_listed_newest_first(base):
    rows = listed()
    assert [row.split()[0] for row in rows] == ["2", "1", "0"]
    assert "upload avis [b].csv" in rows[1]
    assert [row.split()[-1] for row in rows] == ["readable"] * 3
    assert [row.split()[0] for row in listed("--limit", "1")] == ["2"]


@pytest.mark.parametrize("width", [80, 160])
def test_in_a_terminal_of_80_columns_nothing_that_matters_is_cut(base, width, monkeypatch):
    from satispy.cli.output import console

    monkeypatch.setattr(console, "width", width)
    lines = run("versions").stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    assert all(word in "".join(lines) for word in ("when (UTC)", "rows in it", "readable"))


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_a_version_is_exported_byte_by_byte(base, version, tmp_path):
    whole, target = base.read_bytes(), tmp_path / "x.csv"
    said = run("export", "--version", version, "--output", str(target)).stdout
    assert said.startswith(f"wrote version {version} (")
    written = target.read_bytes()
    assert whole.startswith(written)
    assert written.count(b"\n") == {"0": 1, "1": 4, "2": 5}[version]
    assert run("export", "--version", version).stdout_bytes == written


def test_the_newest_version_is_exported_if_none_is_named(base):
    assert run("export").stdout_bytes == base.read_bytes()


def test_an_export_refuses_a_file_that_is_there_a_folder_that_is_not_and_a_version_too_new(
    base, tmp_path
):
    there = tmp_path / "x.csv"
    there.write_text("mine")
    assert "is there already" in refusal("export", "--output", str(there))
    assert there.read_text() == "mine"
    assert "found no" in refusal("export", "--output", str(tmp_path / "none" / "x.csv"))
    assert "from 0 to 2, but received 3" in refusal("export", "--version", "3")


def test_a_damaged_base_is_not_exported(base, tmp_path):
    change(base, b"bien", b"BIEN")
    target = tmp_path / "x.csv"
    assert "was changed between bytes" in refusal("export", "--output", str(target))
    assert list(tmp_path.glob("*x.csv*")) == []
    assert run("export").stdout_bytes == b""


# Restore and adopt


def test_a_base_is_restored_from_a_backup_and_what_stood_there_is_kept(base, tmp_path):
    committed = base.read_bytes()
    backup = tmp_path / "backup.csv"
    backup.write_bytes(committed)
    change(base, b"bien", b"BIEN")
    changed = base.read_bytes()
    assert "Name another backup of data_MAJ.csv with --from" in refusal("restore")
    assert base.read_bytes() == changed
    said = run("restore", "--from", str(backup)).stdout
    assert "every byte as committed" in said
    (kept,) = base.parent.glob("*.replaced")
    assert f"kept in {kept}" in said
    assert (base.read_bytes(), kept.read_bytes()) == (committed, changed)
    assert run("verify").exit_code == 0


def test_an_older_backup_does_where_the_rest_stands_in_the_base_itself(base, tmp_path):
    committed = base.read_bytes()
    backup = tmp_path / "backup.csv"
    run("export", "--version", "1", "--output", str(backup))
    change(base, b"bien", b"BIEN")
    assert run("restore", "--from", str(backup)).exit_code == 0
    assert base.read_bytes() == committed


def test_a_backup_that_is_not_there_is_named(base, tmp_path):
    assert "found no" in refusal("restore", "--from", str(tmp_path / "none.csv"))


def test_a_hand_edited_base_is_adopted_as_a_new_one(base):
    change(base, b"bien", b"mieux")
    done = run("adopt", "--yes")
    assert "adopted: version 3, 4 rows; earlier ones are gone" in done.stdout
    assert run("verify").exit_code == 0
    assert "is gone, for the base was written anew" in refusal("export", "--version", "2")


def test_what_is_no_base_is_not_adopted(base):
    change(base, b"bien,5", b"bien,7")
    line = refusal("adopt", "--yes")
    assert "line 2, star: expected a whole number from 1 to 5, but received '7'" in line


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (b"\n2,correct", b"\n1,correct", "line 4: inID 1 stands twice. Correct it"),
        (
            b"\n2,correct",
            b"\nx,correct",
            "line 4: expected a whole number of at most 18 digits in inID, but found 'x'. Correct",
        ),
        (b"inID,", b"\xef\xbb\xbfinID,", "starts with a byte-order mark"),
        (b",", b";", "separated by semicolons"),
        (b"\n", b"\r\n", "its lines end with CR LF"),
        (b"inID,Comm", b"id,Comm", "found 'id,Commentaire"),
        (b"inID,Commentaire", b"inID,Texte", "just these names. Correct it"),
    ],
)
def test_what_is_wrong_with_a_base_is_told_with_its_line_and_advice_that_works(
    base, before, after, told
):
    change(base, before, after)
    line = refusal("adopt", "--yes")
    assert told in line
    assert ".." not in line
    assert "copy it aside, bring the base back with satispy data restore --from BACKUP" in line
    assert "then upload the copy with POST /uploadfile" in line


def test_the_advice_against_a_base_that_cannot_be_adopted_works(base, tmp_path):
    backup, copy = tmp_path / "backup.csv", tmp_path / "copy.csv"
    backup.write_bytes(base.read_bytes())
    change(base, b"bien,5", b"parfait,7")
    copy.write_bytes(base.read_bytes() + b"4,ras,5,,,,,\n")
    assert "cannot be adopted" in refusal("adopt", "--yes")
    assert run("restore", "--from", str(backup)).exit_code == 0
    with open_home(load_settings()) as home, copy.open("rb") as file:
        receipt = ingest_file(home, Delivery(file, "copy.csv", "admin"))
    assert (receipt.rows_accepted, receipt.rows_duplicate, receipt.rows_quarantined) == (1, 3, 1)


# Erase and mask


def test_rows_are_erased_from_the_base_and_what_was_trained_is_told(base):
    said = run("erase", "1", "3", "--yes").stdout
    assert "erased: version 3, 2 rows; earlier ones are gone" in said
    assert [line.split(b",")[0] for line in base.read_bytes().splitlines()[1:]] == [b"0", b"2"]
    assert run("verify").exit_code == 0
    assert [row.split()[-1] for row in listed()] == ["readable", "erased", "erased", "erased"]


def test_who_has_no_name_is_known_by_the_number(base, monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert run("erase", "0", "--yes").exit_code == 0
    assert f"uid {os.getuid()}" in listed()[0]


def test_copies_that_still_hold_former_rows_are_named(base, tmp_path):
    base.write_bytes(base.read_bytes() + b"9,ras,5,,,,,\n")
    run("restore")
    (kept,) = base.parent.glob("*.replaced")
    assert f"{kept} holds former rows; remove it" in run("erase", "0", "--yes").stdout


def test_an_id_that_is_not_there_erases_nothing(base):
    before = base.read_bytes()
    assert "7, 9 are not there; nothing was erased" in refusal("erase", "0", "7", "9", "--yes")
    assert base.read_bytes() == before


def test_an_id_that_is_not_there_is_told_before_anything_is_asked(base):
    assert "9 is not there; nothing was erased" in refusal("erase", "0", "9")


def test_texts_are_masked_once(base):
    assert "masked: version 3, 4 rows" in run("mask", "--yes").stdout
    assert "1,Écrivez à [email],1".encode() in base.read_bytes()
    assert "nothing was changed" in run("mask", "--yes").stdout
    assert "version 3" in run("verify").stdout


@pytest.mark.parametrize("command", [["erase", "0"], ["mask"], ["adopt"]])
def test_without_a_terminal_and_without_yes_nothing_is_done(base, command):
    before = base.read_bytes()
    assert "expected --yes" in refusal(*command)
    assert base.read_bytes() == before
    assert "version 2" in run("verify").stdout


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b"\x04"])
def test_in_a_terminal_one_is_asked_and_no_is_what_it_does(answer):
    settings = load_settings()
    with open_home(settings) as home:
        ingest_file(home, Delivery(io.BytesIO(ROWS), "avis.csv", "admin"))
    before = settings.paths.base.read_bytes()
    terminal, child = pty.openpty()
    with open(terminal, "wb", buffering=0) as keys, open(child, "rb") as typed:  # noqa: PTH123 - descriptors
        keys.write(answer)
        done = subprocess.run(
            [sys.executable, "-m", "satispy.cli", "data", "erase", "0"],
            stdin=typed,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert "1 row and every earlier version will be gone" in done.stdout
    assert "Traceback" not in done.stderr
    assert settings.paths.base.read_bytes() == before


# Search


def test_reviews_are_found_by_words_and_stars(base):
    lines = run("search", "ECRIVEZ").stdout
    assert "Écrivez à jean@exemple.fr" in lines
    assert "1 of 1 reviews" in lines
    stars = [word for star in "345" for word in ("--star", star)]
    assert "2 of 3 reviews" in run("search", *stars, "--limit", "2").stdout


def test_nothing_found_is_no_failure_and_no_word_is_one(base):
    assert "0 of 0 reviews" in run("search", "absent").stdout
    assert "expected words to look for" in refusal("search", "?!")


def test_what_would_steer_the_terminal_is_not_written(base):
    with open_home(load_settings()) as home:
        home.comments.add({"Commentaire": "rouge \x1b[31m fin", "star": "4"}, "alice").result()
    assert "\x1b" not in run("search", "rouge").stdout
