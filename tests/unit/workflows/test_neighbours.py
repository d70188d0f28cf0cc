import json
import shutil

import pytest

from satispy.core.errors import ArtifactDamaged, InvalidInput, NotReady
from satispy.core.settings import load_settings
from satispy.features.neighbours import chosen, chosen_card, open_index
from satispy.workflows import base
from satispy.workflows.neighbours import Neighbours
from satispy.workflows.opening import open_home
from satispy.workflows.predict import Predictor
from satispy.workflows.reading import Question
from satispy.workflows.retraining.index import index_reviews
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.snapshot import snapshot

TEXT = "Livraison rapide et produit conforme, je recommande"


@pytest.fixture
def home(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    with open_home(load_settings()) as opened:
        yield opened


@pytest.fixture
def near(home):
    return Neighbours(home, Predictor(home.settings))


def folders(home):
    return sorted(path.name for path in home.settings.paths.neighbours.iterdir())


def test_a_text_of_the_base_is_its_own_nearest_neighbour(home, near):
    (row,), _ = home.search.page(Question(), offset=3, limit=1)
    found = near.of(row.text, 5)
    assert found.items[0].Commentaire == row.text
    assert found.items[0].similarity == pytest.approx(1, abs=1e-3)
    assert [one.similarity for one in found.items] == sorted(
        (one.similarity for one in found.items), reverse=True
    )
    assert found.dataset_version == home.store.history.current().number
    assert found.vectors_version == chosen_card(home.settings.paths.neighbours)["vectors_version"]


def test_each_text_comes_once_and_as_many_as_asked_for(near):
    found = near.of(TEXT, 20)
    texts = [one.Commentaire for one in found.items]
    assert len(set(texts)) == len(texts) == 20
    assert len(near.of(TEXT, 1).items) == 1


def test_a_text_without_known_words_has_no_neighbours_and_a_blank_one_is_refused(near):
    assert near.of("xyzzy qwfp", 5).items == []
    with pytest.raises(InvalidInput, match="blank"):
        near.of(" \n", 5)


def test_an_erased_review_is_never_shown_and_leaves_the_index(home, near):
    first = near.of(TEXT, 3).items[0]
    base.erase_reviews(home, [first.id], "operator")
    again = near.of(TEXT, 3)
    assert len(again.items) == 3
    assert first.id not in [one.id for one in again.items]
    assert first.id not in open_index(home.settings.paths.neighbours)[1].ids.tolist()


def test_an_index_that_an_erasure_had_no_time_to_change_shows_no_erased_review(home, near):
    """The process died behind the commit; the index still holds the id."""
    before = near.of(TEXT, 3).items
    kept = home.settings.paths.neighbours.with_name("kept")
    shutil.copytree(home.settings.paths.neighbours, kept)
    base.erase_reviews(home, [before[0].id], "operator")
    shutil.rmtree(home.settings.paths.neighbours)
    kept.rename(home.settings.paths.neighbours)
    assert [one.id for one in near.of(TEXT, 2).items] == [one.id for one in before[1:]]


@pytest.mark.parametrize("kind", ["masked", "adopted"])
def test_a_base_that_was_masked_or_replaced_ends_the_index_until_the_next_retraining(
    home, near, kind
):
    home.comments.add({"Commentaire": "écrire à jean@exemple.fr", "star": "1"}, "alice").result()
    assert near.of(TEXT, 1).items
    if kind == "masked":
        base.mask_base(home, "operator")
    else:
        base.adopt_base(home, "operator")
    with pytest.raises(NotReady, match="retrain_reviews"):
        near.of(TEXT, 1)
    assert not home.settings.paths.neighbours.exists()


def test_an_index_of_another_base_does_not_answer(home, near):
    """As after a restored database: the pointer is there, what it was made of is not."""
    shelf = home.settings.paths.neighbours
    path = shelf / chosen(shelf) / "card.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"dataset": card["dataset"] | {"chain": "0" * 64}}))
    with pytest.raises(NotReady, match="of another base"):
        near.of(TEXT, 1)


def test_an_index_by_other_vectors_than_it_says_is_refused(home, near):
    shelf = home.settings.paths.neighbours
    (shelf / chosen(shelf) / "weights.npy").unlink()
    with pytest.raises(ArtifactDamaged, match="retrain_reviews"):
        near.of(TEXT, 1)


def test_the_next_retraining_is_taken_by_who_has_the_former_open(home, near, clock):
    version = near.of(TEXT, 1).dataset_version
    home.comments.add({"Commentaire": TEXT, "star": "5"}, "alice").result()
    job = snapshot(home.settings, "manual__next")
    preprocess(home.settings, job)
    index_reviews(home.settings, Job.find(home.settings.paths.jobs, job), clock)
    found = near.of(TEXT, 1)
    assert found.dataset_version == version + 1
    assert found.items[0].Commentaire == TEXT
    assert len(folders(home)) == 2  # the index and the pointer


def test_a_task_that_was_cleared_later_puts_no_older_index_back(home, clock):
    old = sorted(path.name for path in home.settings.paths.jobs.iterdir())[0]
    home.comments.add({"Commentaire": TEXT, "star": "5"}, "alice").result()
    job = snapshot(home.settings, "manual__next")
    preprocess(home.settings, job)
    index_reviews(home.settings, Job.find(home.settings.paths.jobs, job), clock)
    there = folders(home)
    index_reviews(home.settings, Job.find(home.settings.paths.jobs, old), clock)
    assert folders(home) == there


def test_the_word_vectors_are_those_that_the_models_have_open(home):
    predictor = Predictor(home.settings)
    near = Neighbours(home, predictor)
    version = near.of(TEXT, 1).vectors_version
    assert predictor.vectors(version) is predictor.vectors(version)
