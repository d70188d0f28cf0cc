import io
from datetime import timedelta

import pytest

from satispy.core.errors import BaseDamaged, DatabaseLost, TooLarge, TooManyBadRows
from satispy.core.settings import Settings, load_settings
from satispy.workflows import ingest
from satispy.workflows.ingest import Delivery, examine_file, file_name, ingest_file, past_upload
from satispy.workflows.opening import open_home

BAD = b"Commentaire,star\nbien,5\nmal,9\n"


@pytest.fixture
def home(clock):
    with open_home(load_settings(), clock) as opened:
        yield opened


def delivery(content=BAD, **facts):
    return Delivery(io.BytesIO(content), "avis.csv", "admin", **facts)


def set_aside(home):
    folder = home.settings.paths.quarantine
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_above_the_limit_is_refused_whoever_hands_it_in(own_settings, clock):
    with open_home(Settings(home=own_settings, max_upload_mb=1), clock) as home:
        content = b"Commentaire,star\n" + b"x" * 1_000_000
        with pytest.raises(TooLarge, match="expected at most 1 MB"):
            ingest_file(home, delivery(content))


def test_a_day_counts_as_come_where_it_has_come_anywhere_on_earth(own_settings, clock):
    """The clock says 21 November, 8 h UTC, which is 22 h of the same day in the east."""
    content = b"Commentaire,star,date\na,5,2026-11-21\nb,5,2026-11-22\nc,5,2026-11-21\n"
    with open_home(load_settings(), clock) as home:
        assert ingest_file(home, delivery(content)).rows_quarantined == 1
        clock.now += timedelta(hours=2)
        assert ingest_file(home, delivery(content + b"d,5,\n")).rows_quarantined == 0


def test_bad_rows_are_aside_before_the_good_ones_are_committed(home):
    seen = []
    home.store.at = lambda step: seen.append((step, set_aside(home)))
    receipt = ingest_file(home, delivery())
    assert dict(seen)["locked"] == [f"{receipt.upload_id}.csv"]


def test_a_refused_upload_sets_nothing_aside(home):
    base = home.settings.paths.base
    base.write_bytes(base.read_bytes() + b"0,ras,5,,,,,\n")
    with pytest.raises(BaseDamaged):
        ingest_file(home, delivery())
    assert set_aside(home) == []


def test_an_upload_that_may_have_been_committed_keeps_its_bad_rows_and_says_so(home):
    """The database went away in the last moment: nobody knows, until somebody looks."""

    def lose(step):
        if step == "committed":
            raise DatabaseLost("the server does not answer")

    home.store.at = lose
    with pytest.raises(DatabaseLost, match="may have been added nevertheless; send it again"):
        ingest_file(home, delivery(key="k"))
    home.store.at = lambda _step: None
    again = ingest_file(home, delivery(key="k"))
    assert set_aside(home) == [f"{again.upload_id}.csv"]
    assert again.rows_total == 1


def test_a_full_quarantine_of_a_million_is_enough_to_refuse_a_file(home, monkeypatch):
    monkeypatch.setattr(ingest, "MOST_BAD_ROWS", 5)
    content = b"Commentaire,star\n" + b"bien,5\n" * 100 + b"mal,9\n" * 6
    with pytest.raises(TooManyBadRows, match="more than 5 rows of 'avis") as refused:
        ingest_file(home, delivery(content))
    assert refused.value.summary["rows_quarantined"] == 6
    assert set_aside(home) == []


def test_a_dry_run_needs_no_quarantine(home):
    assert examine_file(home, delivery()).bad_rows["rows_quarantined"] == 1
    assert not home.settings.paths.quarantine.exists()


def test_a_quarantine_that_was_taken_away_leaves_the_resubmission_as_it_is(home):
    first = ingest_file(home, delivery()).upload_id
    for path in home.settings.paths.quarantine.iterdir():
        path.unlink()
    content = b"Commentaire,star\n'=1,5\n"
    again = ingest_file(home, delivery(content, resubmits=first))
    assert b"1,'=1,5" in home.settings.paths.base.read_bytes()
    assert past_upload(home, first)["resubmitted_by"] == [again.upload_id]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("avis.csv", "avis.csv"),
        ("a/b\\c.csv", "c.csv"),
        ("\0\r\n", "upload.csv"),
        ("", "upload.csv"),
        ("é" * 300, "é" * 255),
        ("\ud83d.csv", ".csv"),
    ],
)
def test_a_file_name_keeps_what_can_be_read(given, kept):
    assert file_name(given) == kept
