"""What every family keeps to; a new file in models/families is tested here without a line more."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from coin_family import SOURCE
from requires import missing
from satispy.core.errors import (
    ArtifactDamaged,
    ConfigurationError,
    NotFound,
    NotReady,
    TrainingImpossible,
)
from satispy.core.plan import load_plan
from satispy.core.types import WordVectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class, family_names
from satispy.models.serving import OnnxModel

ROOT = Path(__file__).resolve().parents[2]
GOOD = ["livraison", "rapide", "parfait", "très", "bien", "conforme", "super", "qualité", "merci"]
BAD = ["jamais", "reçu", "nul", "arnaque", "refusé", "déçue", "retard", "cassé", "honte", "fuyez"]
BOTH = ["la", "le", "commande", "site", "un", "colis", "et", "de", "je", "pas", "avec", "mais"]
SERVED_WITHOUT = ("tensorflow", "keras", "sklearn", "scipy", "pandas", "pyarrow", "wikipedia2vec")


def comments(count, seed):
    """Comments of 1 to 12 words, a third negative; one word in ten is of the other class."""
    chance = random.Random(seed)  # noqa: S311 - reviews, no secrets
    tokens, labels = [], []
    for _ in range(count):
        label = int(chance.random() > 1 / 3)
        own, other = (GOOD, BAD) if label else (BAD, GOOD)
        pools = [own if chance.random() > 0.1 else other, BOTH, own]
        length = chance.randint(1, 12)
        tokens.append([chance.choice(chance.choice(pools)) for _ in range(length)])
        labels.append(label)
    return tokens, np.array(labels, dtype=np.int8)


def word_vectors(dimensions=12):
    words = sorted({*GOOD, *BAD, *BOTH})
    matrix = np.random.default_rng(3).normal(0, 0.3, (len(words), dimensions)).astype(np.float32)
    return WordVectors("of-tests", {word: row for row, word in enumerate(words)}, matrix)


VECTORS = word_vectors()
TOKENS, LABELS = comments(300, seed=1)
EXAM, EXAM_LABELS = comments(600, seed=2)


def fresh(name, seed=20):
    return family_class(name)(load_plan().families.get(name, {}), seed=seed)


@pytest.fixture(scope="module", params=family_names())
def name(request):
    return request.param


@pytest.fixture(scope="module")
def trained(name):
    lines = []
    family = fresh(name).fit(TrainingData(TOKENS, LABELS, VECTORS), log=lines.append)
    return family, lines


@pytest.fixture(scope="module")
def folder(name, trained, tmp_path_factory):
    written = tmp_path_factory.mktemp(name)
    trained[0].save(written)
    return written


@pytest.mark.parametrize(
    ("labels", "found"),
    [([1, 5, 3], r"\[1, 3, 5\]"), ([1, 1, 1], r"\[1\]"), ([0, 0, 0], r"\[0\]")],
)
def test_labels_other_than_both_0_and_1_are_refused(labels, found):
    """The first system's in-place replace did nothing under pandas 3: stars went on as labels."""
    with pytest.raises(TrainingImpossible, match=f"expected labels 0 and 1.*found {found}"):
        TrainingData([["a"], ["b"], ["c"]], np.array(labels, dtype=np.int8), VECTORS)


def test_no_comments_are_refused():
    with pytest.raises(TrainingImpossible, match=r"but found \[\]"):
        TrainingData([], np.array([], dtype=np.int8), VECTORS)


def test_fewer_labels_than_comments_are_refused():
    with pytest.raises(TrainingImpossible, match="one label for each of 2 comments"):
        TrainingData([["a"], ["b"]], np.array([1], dtype=np.int8), VECTORS)


def test_a_list_read_back_as_a_string_is_refused():
    """The first system passed token lists through CSV text, and averaged the vectors of letters."""
    with pytest.raises(TrainingImpossible, match="whose items are letters"):
        TrainingData(["['parfait']", ["nul"]], np.array([1, 0], dtype=np.int8), VECTORS)


def test_an_unknown_family_is_refused_with_the_list_of_those_there_are():
    known = ", ".join(family_names())
    with pytest.raises(NotFound, match=rf"among {known}, but received 'gcb'"):
        family_class("gcb")


def test_an_unknown_hyper_parameter_is_refused(name):
    with pytest.raises(ConfigurationError, match=rf"families\.{name}.*treees"):
        family_class(name)({"treees": 3}, seed=20)


def test_an_untrained_family_neither_predicts_nor_saves(name, tmp_path):
    with pytest.raises(NotReady, match=f"a trained {name}"):
        fresh(name).predict_proba([["parfait"]])
    with pytest.raises(NotReady, match=f"a trained {name}"):
        fresh(name).save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_comments_without_a_repeated_word_are_refused_or_learnt_never_a_crash(name):
    tokens = [[f"mot{number}"] for number in range(6)]
    data = TrainingData(tokens, np.array([0, 1] * 3, dtype=np.int8), VECTORS)
    try:
        fresh(name).fit(data)
    except TrainingImpossible as error:
        assert "upload more" in str(error)  # noqa: PT017 - both outcomes are right


def test_it_learns_and_says_what_it_does(name, trained):
    family, lines = trained
    chances = family.predict_proba(EXAM)
    assert chances.shape == (len(EXAM),)
    assert chances.dtype == np.float32
    assert ((chances >= 0) & (chances <= 1)).all()
    assert ((chances >= 0.5) == EXAM_LABELS).mean() > 0.85
    assert lines
    assert all(line.startswith(f"{name}: ") for line in lines)


def test_it_keeps_answers_to_comments_that_it_had_not_seen(trained):
    held_out = trained[0].held_out_
    rows = held_out.rows
    assert held_out.fold.shape == held_out.probabilities.shape == (len(TOKENS),)
    assert len(rows) >= len(TOKENS) // 20
    found = held_out.probabilities[rows]
    assert ((found >= 0) & (found <= 1)).all()
    assert ((found >= 0.5) == LABELS[rows]).mean() > 0.75


def test_a_learning_curve_is_optional_and_where_there_is_one_the_error_fell(trained):
    curve = trained[0].curve_
    if curve is not None:
        assert curve.axis
        assert curve.about.endswith(".")
        assert min(curve.held_out) < curve.held_out[0]
        assert json.loads(json.dumps(curve.plain()))["steps"] == list(curve.steps)


def test_no_text_stands_in_two_folds(trained):
    """A tenth of the first system's exam stood in its training data."""
    fold_of = {}
    for words, fold in zip(TOKENS, trained[0].held_out_.fold.tolist(), strict=True):
        assert fold_of.setdefault(" ".join(words), fold) == fold


def test_a_base_that_is_too_large_is_sampled(name):
    family = family_class(name)({"max_rows": 200}, seed=20)
    family.fit(TrainingData(TOKENS, LABELS, VECTORS))
    assert (family.held_out_.fold >= 0).sum() == 200
    assert len(family.held_out_.fold) == len(TOKENS)


def test_the_plan_and_the_search_name_hyper_parameters_of_the_family(name):
    kind = family_class(name)
    known = set(kind.params_model.model_fields)
    assert set(load_plan().families.get(name, {})) <= known
    assert set(kind.search) <= known


def test_the_same_seed_gives_the_same_model(name, trained):
    again = fresh(name).fit(TrainingData(TOKENS, LABELS, VECTORS))
    assert np.array_equal(again.predict_proba(EXAM), trained[0].predict_proba(EXAM))
    assert np.array_equal(
        again.held_out_.probabilities, trained[0].held_out_.probabilities, equal_nan=True
    )
    assert again.curve_ == trained[0].curve_


def test_two_processes_of_two_threads_each_train_the_same_model(name, tmp_path):
    """Sums that threads share may be added in another order, and then differ in the last bits."""
    lesson = {"tokens": TOKENS, "labels": LABELS.tolist(), "exam": EXAM}
    (tmp_path / "lesson.json").write_text(json.dumps(lesson), encoding="utf-8")
    script = (
        "import json, pathlib, sys\n"
        "import numpy as np\n"
        "from satispy.core.plan import load_plan\n"
        "from satispy.core.types import WordVectors\n"
        "from satispy.models.base import TrainingData\n"
        "from satispy.models.catalog import family_class\n"
        "name, folder = sys.argv[1], pathlib.Path(sys.argv[2])\n"
        "lesson = json.loads((folder / 'lesson.json').read_text(encoding='utf-8'))\n"
        "matrix = np.load(folder / 'matrix.npy')\n"
        "words = json.loads((folder / 'words.json').read_text(encoding='utf-8'))\n"
        "vectors = WordVectors('of-tests', words, matrix)\n"
        "labels = np.array(lesson['labels'], dtype=np.int8)\n"
        "family = family_class(name)(load_plan().families.get(name, {}), seed=20)\n"
        "family.fit(TrainingData(lesson['tokens'], labels, vectors))\n"
        "sys.stdout.write(family.predict_proba(lesson['exam']).tobytes().hex())\n"
    )
    np.save(tmp_path / "matrix.npy", VECTORS.matrix)
    (tmp_path / "words.json").write_text(json.dumps(VECTORS.vocabulary), encoding="utf-8")
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "2"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", script, name, tmp_path],
            env=os.environ | threads,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert len(answers[0]) == 8 * len(EXAM)
    assert answers[0] == answers[1]


def test_the_served_model_gives_the_labels_of_the_trained_one(trained, folder):
    """More comments than one chunk, and none, an empty one, and words never seen."""
    asked = [*EXAM, [], ["zygomorphe"], ["parfait"] * 2000]
    served = OnnxModel.load(folder, VECTORS).predict_proba(asked)
    expected = trained[0].predict_proba(asked)
    assert served.dtype == np.float32
    assert np.abs(served - expected).max() <= 1e-4
    assert np.array_equal(served >= 0.5, expected >= 0.5)


def test_an_answer_does_not_depend_on_the_other_comments_asked(folder):
    model = OnnxModel.load(folder, VECTORS)
    together = model.predict_proba(EXAM[:40])
    alone = np.concatenate([model.predict_proba([words]) for words in EXAM[:40]])
    assert np.abs(together - alone).max() < 1e-5
    assert model.predict_proba([]).shape == (0,)


def test_only_plain_files_are_written(folder):
    """No pickle: a graph, and JSON."""
    names = {path.name for path in folder.rglob("*")}
    assert {"model.onnx", "encoder.json"} <= names
    assert not {Path(name).suffix for name in names} & {".pkl", ".joblib", ".pickle"}
    json.loads((folder / "encoder.json").read_text(encoding="utf-8"))


def test_serving_imports_no_training_library(folder):
    """In a process of its own, for this one has imported them all."""
    script = (
        "import sys, json, pathlib\n"
        "from satispy.core.types import WordVectors\n"
        "from satispy.models.serving import OnnxModel\n"
        "import numpy as np\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "vectors = WordVectors('of-tests', {'nul': 0}, np.ones((1, 12), np.float32))\n"
        "assert OnnxModel.load(folder, vectors).predict_proba([['nul']]).shape == (1,)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not set(json.loads(done.stdout)) & set(SERVED_WITHOUT)


def test_a_cut_graph_is_damage(folder, tmp_path):
    (tmp_path / "encoder.json").write_bytes((folder / "encoder.json").read_bytes())
    (tmp_path / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:100])
    with pytest.raises(ArtifactDamaged, match="cannot be loaded"):
        OnnxModel.load(tmp_path, VECTORS)


@pytest.fixture(scope="module")
def with_a_fourth(tmp_path_factory):
    """A copy of our code with one more file in it; returns the environment that runs it."""
    folder = tmp_path_factory.mktemp("src")
    shutil.copytree(ROOT / "src" / "satispy", folder / "satispy")
    dropped = folder / "satispy" / "models" / "families" / "coin.py"
    dropped.write_text(SOURCE, encoding="utf-8")
    return os.environ | {"PYTHONPATH": str(folder)}


def test_a_file_dropped_into_the_folder_is_a_family(tmp_path):
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "coin.py").write_text(SOURCE, encoding="utf-8")
    assert family_names(tmp_path) == ["coin"]
    coin = family_class("coin", tmp_path)({}, seed=20).fit(TrainingData(TOKENS, LABELS, VECTORS))
    assert ((coin.predict_proba(EXAM) >= 0.5) == EXAM_LABELS).mean() > 0.85
    assert coin.curve_ is None
    coin.save(tmp_path)
    served = OnnxModel.load(tmp_path, None).predict_proba(EXAM)
    assert np.abs(served - coin.predict_proba(EXAM)).max() <= 1e-4


def test_what_was_written_must_answer_as_what_was_trained_also_about_the_exam(tmp_path):
    """A label that turns on one comment of the exam is enough: the run is not kept."""
    (tmp_path / "coin.py").write_text(SOURCE, encoding="utf-8")
    coin = family_class("coin", tmp_path)({}, seed=20).fit(TrainingData(TOKENS, LABELS, VECTORS))
    coin.save(tmp_path, EXAM)
    served = coin._predict

    def otherwise(tokens):
        chances = served(tokens)
        return np.where([words == ["ailleurs"] for words in tokens], 1 - chances, chances)

    coin._predict = otherwise
    coin.save(tmp_path, EXAM)
    with pytest.raises(ArtifactDamaged, match=r"\d+ comments as the trained one.* 1 labels"):
        coin.save(tmp_path, [*EXAM, ["ailleurs"]])


def test_the_command_line_finds_a_dropped_family(with_a_fourth, tmp_path):
    home = {"SATISPY_HOME": str(tmp_path)}
    asked = [sys.executable, "-m", "satispy.cli", "tune", "--family", "coyn", "--budget", "1s"]
    done = subprocess.run(
        asked, env=with_a_fourth | home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "among ann, coin, gbc, svm" in done.stderr


def test_the_dag_trains_a_dropped_family(with_a_fourth, tmp_path):
    python = ROOT / ".venv-airflow" / "bin" / "python"
    if not python.exists():
        missing("the environment of Airflow", "make install builds it")
    script = (
        "import runpy, sys\n"
        "found = runpy.run_path(sys.argv[1])\n"
        "print(*found['retrain_reviews']().task_ids)\n"
    )
    dag = ROOT / "airflow" / "dags" / "retrain_reviews.py"
    done = subprocess.run(
        [python, "-c", script, dag],
        env=with_a_fourth | {"AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    trained = {name for name in done.stdout.split() if name.startswith("train_")}
    assert trained == {"train_ann", "train_coin", "train_gbc", "train_svm"}


def test_a_file_without_its_family_is_refused(tmp_path):
    (tmp_path / "coin.py").write_text("")
    with pytest.raises(ConfigurationError, match="name = 'coin'"):
        family_class("coin", tmp_path)


def test_the_plan_names_no_family_that_is_not_there():
    """The other way round is allowed: a family without an entry takes its defaults."""
    assert set(load_plan().families) <= set(family_names())


def test_the_list_of_families_needs_the_standard_library_only():
    """Airflow's environment lists them, and has no numpy."""
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "from satispy.models.catalog import family_names; print(*family_names())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == family_names(), done.stderr
