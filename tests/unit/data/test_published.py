"""A base that is published where it stands, and read where it does not."""

import io
import uuid

import pytest

from review_rows import upload
from satispy.core.database import Database
from satispy.core.errors import BaseDamaged, Busy, NotReady, VersionErased
from satispy.core.object_store import ObjectStore
from satispy.data import generations, published
from satispy.data.published import BasePublisher, PublishedBase
from satispy.data.snapshot import copy_version, read_snapshot
from satispy.data.store import ReviewStore


@pytest.fixture
def bucket():
    return ObjectStore(f"memory://{uuid.uuid4().hex}/p")


@pytest.fixture
def ledger(tmp_path):
    database = Database(tmp_path / "shared.sqlite3")
    yield database
    database.close()


@pytest.fixture
def reviews(tmp_path, ledger, clock):
    return ReviewStore(tmp_path / "here" / "data_MAJ.csv", ledger, clock)


@pytest.fixture
def publisher(reviews, bucket):
    return BasePublisher(reviews, bucket)


@pytest.fixture
def elsewhere(tmp_path, reviews, ledger, clock, bucket):
    return PublishedBase(tmp_path / "there" / "data_MAJ.csv", ledger, clock, bucket, patience=0)


def content(store, number):
    out = io.BytesIO()
    copy_version(store, number, out)
    return out.getvalue()


def test_a_version_is_the_same_where_the_base_is_not(reviews, publisher, elsewhere):
    first = reviews.append(upload("Très bien,5,", "Nul,5,")).number
    publisher.publish()
    assert content(elsewhere, first) == content(reviews, first)
    second = reviews.append(upload("Parfait,5,")).number
    publisher.publish()
    assert content(elsewhere, second) == content(reviews, second)
    assert content(elsewhere, first) == content(reviews, first)
    assert read_snapshot(elsewhere, second)["Commentaire"].tolist() == [
        "Très bien",
        "Nul",
        "Parfait",
    ]


def test_only_what_came_since_is_published(reviews, publisher, bucket):
    reviews.append(upload("Très bien,5,"))
    assert publisher.publish() == 1
    assert publisher.publish() == 0
    before = bucket.find()
    entry = reviews.append(upload("Nul,5,"))
    assert publisher.publish() == 1
    (new,) = set(bucket.find()) - set(before)
    assert new.endswith(f"-{entry.end_offset:015d}.csv")


def test_a_large_base_is_several_objects(reviews, publisher, elsewhere, monkeypatch):
    monkeypatch.setattr(published, "LARGEST", 100)
    number = reviews.append(upload(*(f"avis {place},5," for place in range(20)))).number
    assert publisher.publish() == 5
    assert content(elsewhere, number) == content(reviews, number)


def test_two_who_publish_agree(reviews, bucket, elsewhere):
    one, other = BasePublisher(reviews, bucket), BasePublisher(reviews, bucket)
    reviews.append(upload("a,5,"))
    one.publish()
    reviews.append(upload("b,5,"))
    other.publish()
    number = reviews.append(upload("c,5,")).number
    one.publish()
    other.publish()
    assert content(elsewhere, number) == content(reviews, number)


def test_what_is_not_published_is_waited_for_then_said(reviews, elsewhere):
    number = reviews.append(upload("Très bien,5,")).number
    with pytest.raises(NotReady, match="bytes from 0 on are not published"):
        content(elsewhere, number)


def test_an_erasure_reaches_store_and_copies(reviews, publisher, elsewhere, bucket, tmp_path):
    number = reviews.append(upload("mon numéro est le 06,5,", "Nul,5,")).number
    publisher.publish()
    assert b"06" in content(elsewhere, number)
    entry = generations.erase(reviews, [0], "admin")
    publisher.publish()
    assert all(name.startswith("base/000000001/") for name in bucket.find())
    with pytest.raises(VersionErased):
        content(elsewhere, number)
    assert content(elsewhere, entry.number) == content(reviews, entry.number)
    assert b"06" not in (tmp_path / "there" / "data_MAJ.csv").read_bytes()


def test_what_was_derived_from_a_former_generation_is_to_go(
    reviews, ledger, clock, bucket, publisher, tmp_path
):
    gone = []
    there = PublishedBase(
        tmp_path / "there" / "b.csv", ledger, clock, bucket, former=lambda: gone.append(1)
    )
    number = reviews.append(upload("a,5,", "b,5,")).number
    publisher.publish()
    content(there, number)
    before = len(gone)
    entry = generations.erase(reviews, [0], "admin")
    publisher.publish()
    content(there, entry.number)
    assert len(gone) == before + 1


def test_a_base_that_was_changed_by_hand_is_not_published(reviews, publisher, bucket):
    reviews.append(upload("Très bien,5,"))
    with reviews.file.path.open("r+b") as file:
        file.seek(-8, 2)
        file.write(b"9")
    with pytest.raises(BaseDamaged):
        publisher.publish()
    assert bucket.find() == {}


def test_a_copy_that_lost_bytes_is_fetched_anew(
    reviews, publisher, elsewhere, ledger, clock, bucket, tmp_path
):
    number = reviews.append(upload("Très bien,5,", "Nul,5,")).number
    publisher.publish()
    content(elsewhere, number)
    copy = tmp_path / "there" / "data_MAJ.csv"
    copy.write_bytes(b"\0" * copy.stat().st_size)
    later = PublishedBase(copy, ledger, clock, bucket, patience=0)  # as after a power cut
    with pytest.raises(Busy, match="try again"):
        content(later, number)
    assert content(later, number) == content(reviews, number)


def test_a_copy_that_ends_early_is_gone_on_with(reviews, publisher, elsewhere, tmp_path):
    number = reviews.append(upload("Très bien,5,", "Nul,5,")).number
    publisher.publish()
    content(elsewhere, number)
    copy = tmp_path / "there" / "data_MAJ.csv"
    copy.write_bytes(copy.read_bytes()[:-5])
    assert content(elsewhere, number) == content(reviews, number)


def test_nothing_is_written_where_the_base_is_not(reviews, publisher, elsewhere):
    reviews.append(upload("a,5,"))
    publisher.publish()
    with pytest.raises(NotReady, match="stands on another machine"):
        elsewhere.append(upload("b,5,"))
    with pytest.raises(NotReady, match="stands on another machine"):
        generations.erase(elsewhere, [1], "admin")
