import shutil
from datetime import UTC, datetime

import numpy as np
import pytest

from satispy.core.errors import ArtifactDamaged, ConfigurationError
from satispy.core.files import read_json, write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.features.shelf import VectorShelf
from satispy.features.text import tokenize
from satispy.features.vectors import WordCount, load_vectors
from satispy.features.word2vec_text import import_word2vec_text
from satispy.workflows.vectors import choose_vectors

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
TEXTS = ["livraison rapide", "jamais reçu", "livraison rapide"] * 5


@pytest.fixture
def make(tmp_path):
    """A function that makes vectors in a folder of a given path."""

    def made(place, number):
        text = tmp_path / "source.txt"
        text.write_text(f"2 2\nbien {number} 0\nnul 0 {number}\n", encoding="utf-8")
        import_word2vec_text(text, place)
        return place

    return made


def decided(home, given=None, *, renew=False, moment=NOW, texts=TEXTS):
    plan = load_plan()
    small = plan.vectors.model_copy(update={"dimensions": 4, "negative_table": 1000})
    plan = plan.model_copy(update={"vectors": small})
    reviews = [tokenize(text) for text in texts]
    settings = Settings(home=home, vectors=given)
    count = WordCount.of(reviews)
    return choose_vectors(settings, count, lambda: reviews, plan, moment, renew=renew)


def chosen(home, given=None, **options):
    return decided(home, given, **options).vectors


def test_given_vectors_that_do_not_exist_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="SATISPY_VECTORS"):
        chosen(tmp_path / "home", tmp_path / "nowhere")


def test_damaged_vectors_are_not_taken_in(tmp_path, make):
    given = make(tmp_path / "given", 1)
    np.save(given / "matrix.npy", np.zeros((2, 2), np.float32))
    with pytest.raises(ArtifactDamaged, match="disagrees"):
        chosen(tmp_path / "home", given)


def test_damaged_vectors_in_use_are_not_trained_on(tmp_path):
    version = chosen(tmp_path / "home").version
    folder = tmp_path / "home/clean_model/vectors" / version
    np.save(folder / "matrix.npy", np.zeros_like(load_vectors(folder).matrix))
    with pytest.raises(ArtifactDamaged, match="disagrees"):
        chosen(tmp_path / "home")
    assert chosen(tmp_path / "home", renew=True, moment=NOW.replace(hour=9)).version != version


def test_other_vectors_in_a_folder_of_the_same_name_are_taken(tmp_path, make):
    first = chosen(tmp_path / "home", make(tmp_path / "one/french", 1))
    second = chosen(tmp_path / "home", make(tmp_path / "two/french", 2))
    assert first.version != second.version
    assert second.matrix.max() == 2


def test_given_vectors_are_copied_once(tmp_path, make):
    given = make(tmp_path / "given", 1)
    version = chosen(tmp_path / "home", given).version
    shutil.copytree(given, tmp_path / "again/given")
    assert chosen(tmp_path / "home", tmp_path / "again/given").version == version


def test_vectors_that_lie_in_the_home_are_used_where_they_are(tmp_path, make):
    inside = make(tmp_path / "home/clean_model/vectors/own", 1)
    assert chosen(tmp_path / "home", inside).version == "own"


def test_vectors_of_another_text_version_are_learnt_anew(tmp_path):
    version = chosen(tmp_path / "home").version
    card = tmp_path / "home/clean_model/vectors" / version / "card.json"
    write_json(card, read_json(card) | {"text_version": "0"})
    assert chosen(tmp_path / "home", moment=NOW.replace(hour=9)).version != version


def test_the_first_vectors_are_learnt_and_the_reason_is_kept(tmp_path):
    first = decided(tmp_path / "home")
    assert (first.why, first.of_new) == ("first", 1.0)
    (choice,) = VectorShelf(tmp_path / "home/clean_model/vectors").history()
    assert choice.version == first.vectors.version
    assert "there were none" in choice.why


def test_vectors_are_kept_while_they_know_nearly_what_new_ones_would_know(tmp_path):
    before = chosen(tmp_path / "home").version
    more = [*TEXTS, "livraison lente"]  # a word that occurs once: new vectors would not know it
    after = decided(tmp_path / "home", texts=more, moment=NOW.replace(hour=9))
    assert (after.vectors.version, after.why, after.of_new) == (before, "kept", 1.0)


def test_vectors_are_renewed_by_themselves_where_they_know_too_few_words(tmp_path, caplog):
    before = chosen(tmp_path / "home").version
    more = [*TEXTS, "colis abîmé", "colis abîmé"]
    with caplog.at_level("INFO"):
        after = decided(tmp_path / "home", texts=more, moment=NOW.replace(hour=9))
    assert (after.why, after.of_new) == ("coverage", 1.0)
    assert after.vectors.version != before
    assert "abîmé" in after.vectors.vocabulary
    assert "know 88.2 % of the words that new ones would know" in caplog.text


def test_vectors_that_an_operator_chose_are_never_replaced_but_told_of(tmp_path, make, caplog):
    """What was imported is not ours to replace, however badly it fits."""
    shelf = VectorShelf(tmp_path / "home/clean_model/vectors")
    make(shelf.folder / "imported", 1)
    shelf.choose("imported", NOW, "chosen by an operator")
    with caplog.at_level("WARNING"):
        kept = decided(tmp_path / "home")
    assert (kept.vectors.version, kept.why, kept.of_new) == ("imported", "kept", 0.0)
    assert "satispy vectors train --use" in caplog.text
