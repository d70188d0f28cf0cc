import pickle
import shutil

import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core import plan as plan_module
from satispy.core.settings import load_settings
from satispy.features.shelf import VectorShelf
from wikipedia_dump import write_dump

PUBLISHED = "2 2\nde 0.5 1\nlivraison 1 2\n"


@pytest.fixture
def published(tmp_path):
    source = tmp_path / "frwiki_100d.txt"
    source.write_text(PUBLISHED, encoding="utf-8")
    return str(source)


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """A plan that trains in a second."""
    text = plan_module.PACKAGED.read_text(encoding="utf-8")
    text = text.replace("dimensions: 100", "dimensions: 4").replace(
        "iterations: 10", "iterations: 1"
    )
    text = text.replace("negative_table: 20000000", "negative_table: 1000")
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(plan_module, "PACKAGED", tmp_path / "plan.yaml")


def run(*arguments):
    return CliRunner().invoke(app, ["vectors", *arguments])


def made(done):
    """Return the version that a command said it made."""
    assert done.exit_code == 0, done.output
    return next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("made "))


def versions():
    return VectorShelf(load_settings().paths.vectors).versions()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["use", "x"], "no word vectors 'x'"),
        (["show", "x"], "no word vectors 'x'"),
        (["remove", "x", "--yes"], "no word vectors 'x'"),
        (["remove", "x"], "expected --yes"),
        (["import", "x"], "there is no"),
        (["train", "--dump", "x"], "there is no"),
        (["train", "--pages", "3"], "expected --dump"),
        (["train"], "POST /uploadfile"),
    ],
)
def test_what_cannot_be_done_is_an_error_in_one_line(command, message):
    done = run(*command)
    assert done.exit_code == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_is_refused_with_the_reason_until_it_is_trusted(tmp_path):
    (tmp_path / "x.pkl").write_bytes(pickle.dumps({}))
    done = run("import", str(tmp_path / "x.pkl"))
    assert done.exit_code == 1
    assert "runs whatever program its author put in it" in done.stderr
    trusted = run("import", str(tmp_path / "x.pkl"), "--trust-pickle")
    assert "expected a whole model" in trusted.stderr
    assert versions() == []


def test_nothing_is_listed_where_nothing_is():
    assert "no word vectors yet" in run("list").stdout


def test_imported_vectors_are_listed_shown_used_and_removed(published):
    first, second = made(run("import", published)), made(run("import", published, "--use"))
    listed = run("list").stdout
    assert "word2vec text" in listed
    assert listed.count("the next retraining") == 1
    assert "corpus: kind word2vec text, file frwiki_100d.txt, size 2" in run("show", first).stdout
    assert "the next retraining uses" in run("use", first).stdout
    assert "is named by current.json" in run("remove", first, "--yes").stderr
    assert run("remove", second, "--yes").exit_code == 0
    assert versions() == [first]


def test_progress_is_shown(published):
    assert "100 % rows" in run("import", published).stdout


def test_vectors_are_trained_from_a_dump(tmp_path, quick):
    dump = write_dump(tmp_path / "frwiki.xml.bz2")
    done = run("train", "--dump", str(dump), "--use")
    version = made(done)
    assert "reading the dump" in done.stdout
    assert "iteration 5 of 5" in done.stdout
    assert VectorShelf(load_settings().paths.vectors).chosen().version == version


def test_models_go_on_with_their_vectors_and_the_command_says_so(
    trained_home, own_settings, quick, monkeypatch
):
    shutil.copytree(trained_home, own_settings)
    (before,) = versions()
    version = made(run("train"))
    done = run("use", version)
    for family in ("ann", "gbc", "svm"):
        assert f"{family} goes on serving with {before} until it is retrained" in done.stdout
    shown = run("show", version).stdout
    assert "known of the words of the base" in shown
    monkeypatch.setenv("SATISPY_VECTORS", str(own_settings / "clean_model/vectors" / before))
    assert "SATISPY_VECTORS is set, and wins" in run("list").stdout
