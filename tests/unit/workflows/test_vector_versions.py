import json
import shutil

import pytest

from satispy.core.errors import InvalidInput, NotFound, TrainingImpossible
from satispy.core.plan import load_plan
from satispy.core.settings import load_settings
from satispy.evaluation.split import is_exam
from satispy.features import wiki2vec
from satispy.features.shelf import VectorShelf
from satispy.features.text import tokenize
from satispy.features.vectors import load_vectors
from satispy.workflows import vector_versions
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.jobs import Job
from wikipedia_dump import write_dump

PLAN = load_plan()
SMALL = {"dimensions": 4, "iterations": 1, "negative_table": 1000}
PLAN = PLAN.model_copy(
    update={
        "vectors": PLAN.vectors.model_copy(update=SMALL),
        "vectors_from_dump": PLAN.vectors_from_dump.model_copy(update=SMALL),
    }
)


def silent(_):
    pass


def add(*texts):
    """Let the base of the test's home hold reviews of these texts."""
    with open_home(load_settings()) as home:
        for number, text in enumerate(texts):
            home.comments.add({"Commentaire": text, "star": str(1 + number % 5)}, "admin").result()


def texts_of_both_sides():
    """Return texts of training, and texts of the exam, each with words of its own."""
    texts = [f"avis numéro{number} numéro{number}" for number in range(60)]
    return [one for one in texts if not is_exam(one)], [one for one in texts if is_exam(one)]


@pytest.fixture
def settings(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return load_settings()


def test_an_empty_base_is_nothing_to_learn_from():
    with pytest.raises(TrainingImpossible, match="POST /uploadfile"):
        vector_versions.train_on_reviews(load_settings(), PLAN, silent)


def test_texts_of_the_exam_never_enter_the_corpus(monkeypatch):
    """Neither the vocabulary nor the file that wikipedia2vec reads holds a word of theirs."""
    taught, examined = texts_of_both_sides()
    assert taught
    assert examined
    add(*taught, *examined)
    written = []
    write = wiki2vec._write_dump

    def spy(pages, path):
        written.extend(pages)
        write(pages, path)

    monkeypatch.setattr(wiki2vec, "_write_dump", spy)
    version = vector_versions.train_on_reviews(load_settings(), PLAN, silent)
    assert sorted(written) == sorted(" ".join(tokenize(text)) for text in taught)
    vocabulary = load_vectors(load_settings().paths.vectors / version).vocabulary
    assert set(vocabulary) == {word for text in taught for word in tokenize(text)}


def test_texts_of_the_exam_do_not_count_in_the_card_of_a_dump(tmp_path):
    taught, examined = texts_of_both_sides()
    add(*taught, *examined)
    dump = write_dump(tmp_path / "frwiki.xml")
    version = vector_versions.train_on_dump(load_settings(), dump, PLAN, silent)
    card = VectorShelf(load_settings().paths.vectors).card(version)
    assert card["coverage"]["of_words"] == 3 * len(taught)
    assert version.endswith("-frwiki")


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    for step in (
        lambda: vector_versions.train_on_dump(load_settings(), tmp_path / "x", PLAN, silent),
        lambda: vector_versions.import_file(load_settings(), tmp_path / "x", silent),
    ):
        with pytest.raises(NotFound, match="there is no"):
            step()


def test_vectors_can_be_imported_before_there_is_a_base(tmp_path):
    (tmp_path / "v.txt").write_text("1 2\nbien 1 2\n", encoding="utf-8")
    version = vector_versions.import_file(load_settings(), tmp_path / "v.txt", silent)
    assert VectorShelf(load_settings().paths.vectors).card(version)["coverage"] is None
    (one,) = vector_versions.list_versions(load_settings())
    assert (one.coverage, one.in_use, one.models) == (None, False, ())


def test_the_list_tells_who_uses_what_and_how_much_it_knows(settings, tmp_path):
    (tmp_path / "v.txt").write_text("1 2\nzygomorphe 1 2\n", encoding="utf-8")
    new = vector_versions.import_file(settings, tmp_path / "v.txt", silent)
    first, second = vector_versions.list_versions(settings)
    assert first.in_use
    assert set(first.models) == {"ann", "gbc", "svm"}
    assert 0.9 < first.coverage <= 1
    assert (second.version, second.coverage, second.in_use, second.models) == (new, 0.0, False, ())
    assert vector_versions.unknown_words(settings, new, 2)[0][1] > 1


def test_the_list_agrees_with_the_job_about_coverage(settings):
    job = Job(max(settings.paths.jobs.iterdir()))
    facts = json.loads((job.folder / "vectors.json").read_text())
    (one,) = vector_versions.list_versions(settings)
    assert one.coverage == pytest.approx(facts["coverage"])
    assert (facts["why"], facts["coverage_of_new"]) == ("first", 1.0)


def test_damaged_vectors_are_listed_as_such(settings):
    (version,) = VectorShelf(settings.paths.vectors).versions()
    (settings.paths.vectors / version / "card.json").write_text("{}")
    (one,) = vector_versions.list_versions(settings)
    assert "names no sizes" in one.damage


@pytest.mark.parametrize("without", ["current.json", "jobs", "runs"])
def test_vectors_that_anything_names_are_not_removed(settings, without):
    (version,) = VectorShelf(settings.paths.vectors).versions()
    (settings.paths.vectors / "current.json").unlink()
    for folder in {"jobs", "runs"} - {without}:
        shutil.rmtree(settings.paths.clean_model / folder)
    if without == "current.json":
        vector_versions.use(settings, version)
    named = {"current.json": "current.json", "jobs": "the job", "runs": "the run"}[without]
    with pytest.raises(InvalidInput, match=f"is named by {named}"):
        vector_versions.remove(settings, version)
    assert VectorShelf(settings.paths.vectors).versions() == [version]


def test_vectors_that_nothing_names_are_removed(settings, tmp_path):
    (tmp_path / "v.txt").write_text("1 2\nbien 1 2\n", encoding="utf-8")
    new = vector_versions.import_file(settings, tmp_path / "v.txt", silent)
    vector_versions.remove(settings, new)
    assert new not in VectorShelf(settings.paths.vectors).versions()
