"""Homes that share nothing but a database and an object store."""

import uuid
from contextlib import closing

import pytest
from pydantic import SecretStr

from object_server import KEY, KEY_ID, make_bucket
from satispy.core.errors import ConfigurationError, StoreLost
from satispy.core.settings import Settings
from satispy.demo.reviews import write_reviews
from satispy.models.catalog import family_names
from satispy.workflows import promotion
from satispy.workflows.base import erase_reviews
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.neighbours import Neighbours
from satispy.workflows.opening import open_home
from satispy.workflows.predict import Predictor
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.gate import gate
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.promote import promote
from satispy.workflows.retraining.report import report
from satispy.workflows.retraining.snapshot import snapshot
from satispy.workflows.retraining.train import train
from satispy.workflows.shared_store import StoreFollower, object_store_of, pointers_of, sharing

TEXT = "Livraison rapide, je suis très satisfait"


@pytest.fixture
def where(s3_server, postgresql_url):
    """What all homes are told alike."""
    return {
        "database_url": SecretStr(postgresql_url),
        "store": f"{make_bucket(s3_server, f'b{uuid.uuid4().hex[:12]}')}/reviews",
        "store_endpoint": s3_server,
        "store_key_id": SecretStr(KEY_ID),
        "store_key": SecretStr(KEY),
    }


class Api:
    """The home that holds the base, and its follower, which looks when it is told to."""

    def __init__(self, settings):
        self.settings = settings
        self.home = open_home(settings)
        self.follower = StoreFollower(self.home, every=3_600)
        self.predictor = Predictor(settings)

    def close(self):
        self.follower.close()
        self.home.close()


@pytest.fixture
def api(where, tmp_path):
    with closing(Api(Settings(home=tmp_path / "api", **where))) as api:
        yield api


@pytest.fixture
def workers(where, tmp_path):
    return [
        Settings(home=tmp_path / f"worker-{number}", base_here=False, **where) for number in (1, 2)
    ]


def on(settings, step, *args):
    with sharing(settings):
        return step(settings, *args)


def upload(api, file):
    with file.open("rb") as content:
        ingest_file(api.home, Delivery(content, file.name, "admin"))
    api.follower.look()


def retrain_on(workers):
    """Each step on the other worker than the one before."""
    one, other = workers
    job = on(one, snapshot, "manual__1")
    on(other, preprocess, job)
    for place, family in enumerate(family_names()):
        on(workers[place % 2], train, job, family)
    on(other, evaluate, job)
    on(one, gate, job)
    said = on(other, promote, job)
    on(one, report, job)
    return said


def test_workers_that_share_no_disk_retrain_and_the_api_serves(api, workers, tmp_path):
    upload(api, write_reviews(tmp_path / "reviews")[0])
    said = retrain_on(workers)
    assert sorted(said) == ["ann", "champion", "gbc", "svm"]

    api.follower.look()
    before = api.predictor.serving()
    assert sorted(before) == ["ann", "gbc", "svm"]
    (answers,) = api.predictor.predict([TEXT])
    assert {answer.label for answer in answers.values()} == {1}
    assert sorted(path.name for path in api.settings.paths.reports.glob("*.csv"))
    assert Neighbours(api.home, api.predictor).of(TEXT, 3).items
    assert not (workers[0].paths.home / "clean_data" / "satispy.sqlite3").exists()

    # A person decides at the API; a worker that has not heard of it goes on from there.
    promotion.promote(api.settings, before["gbc"], by="alice", champion=True)
    said = promotion.history(api.settings)
    assert (said[-1].by, said[-1].event) == ("alice", "champion")
    pointers_of(workers[0]).hold("svm", before["ann"], api.home.clock(), reason="as a test")
    api.follower.look()
    assert promotion.history(api.settings)[:-1] == said
    assert promotion.history(workers[0]) == promotion.history(api.settings)

    # What is erased at the API is gone from the store, and from the workers when they work again.
    erased = erase_reviews(api.home, [0], "admin")
    assert erased.jobs
    api.follower._all_at = float("-inf")
    api.follower.look()
    there = object_store_of(api.settings).find()
    assert not [name for name in there if name.startswith("clean_model/jobs/")]
    assert all(name.startswith("base/000000001/") for name in there if name.startswith("base/"))
    on(workers[0], lambda _settings: None)
    assert not [path for path in workers[0].paths.jobs.rglob("*") if path.is_file()]


def test_a_store_that_is_away_stops_a_step(where, tmp_path):
    away = {**where, "store_endpoint": "http://127.0.0.1:9"}
    with pytest.raises(StoreLost), sharing(Settings(home=tmp_path / "worker", **away)):
        pytest.fail("nothing is worked on without what others made")


def test_an_api_whose_store_is_away_starts_and_says_so_once(where, tmp_path, caplog):
    away = {**where, "store_endpoint": "http://127.0.0.1:9"}
    with closing(Api(Settings(home=tmp_path / "api", **away))) as api:
        with pytest.raises(StoreLost):
            api.follower.look()
        api.follower._look_or_say()
    assert [one.message[:28] for one in caplog.records if "followed" in one.message] == [
        "the store is not followed: s"
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"base_here": False}, "SATISPY_STORE"),
        ({"base_here": False, "store": "s3://b/p"}, "SATISPY_DATABASE_URL"),
        ({"store": "here"}, "s3://bucket/prefix"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path, given, expected):
    with pytest.raises(ConfigurationError, match=expected):
        object_store_of(Settings(home=tmp_path, **given))


def test_without_a_store_nothing_is_followed(tmp_path):
    settings = Settings(home=tmp_path)
    assert object_store_of(settings) is None
    with open_home(settings) as home, closing(StoreFollower(home)) as follower:
        assert follower._again is None
    with sharing(settings):
        assert not settings.paths.clean_model.exists()
