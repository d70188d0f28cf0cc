import pytest

from satispy.core.files import read_json
from satispy.core.settings import Paths
from satispy.registry import runs
from satispy.registry.history import Decision
from satispy.workflows.tracked_runs import curves_of, tracked_run, tracked_versions


@pytest.fixture(scope="module")
def paths(trained_home):
    return Paths(trained_home)


@pytest.fixture(scope="module")
def svm(paths):
    (name,) = [name for name in runs.names(paths.runs) if name.endswith("-svm")]
    return tracked_run(paths, name)


def test_parameters_name_seed_vectors_and_dataset_beside_those_of_the_family(paths, svm):
    manifest = runs.manifest_of(paths.runs, svm.name)
    assert svm.params["cost"] == str(manifest["parameters"]["cost"])
    assert svm.params["seed"] == str(manifest["seed"])
    assert svm.params["vectors_version"] == manifest["vectors_version"]
    assert svm.params["dataset_version"] == "1"


def test_scores_come_with_the_ends_of_their_intervals(paths, svm):
    found = read_json(paths.runs / svm.name / "metrics.json")
    for name in ("accuracy", "f1_0_low", "f1_1_high", "macro_f1_low"):
        assert svm.metrics[name] == found[name]
        assert svm.metrics[f"held_out_{name}"] == found["held_out"][name]
    for name in ("log_loss", "brier_high", "calibration_error", "roc_auc"):
        assert svm.metrics[name] == found["details"][name]
    assert svm.metrics["train_seconds"] > 0


def test_tags_tell_the_dag_run_and_the_verdict_of_the_gate(svm):
    assert svm.tags["satispy.dag_run"] == "manual__test"
    assert svm.tags["satispy.gate"] == "blessed"
    assert "checks passed" in svm.tags["satispy.gate_reason"]


def test_the_training_began_before_it_ended(svm):
    assert svm.ended - svm.began == int(svm.metrics["train_seconds"] * 1000)


def test_the_dataset_is_the_version_that_was_learnt_from(paths, svm):
    assert svm.dataset.source == str(paths.base)
    assert (svm.dataset.rows, len(svm.dataset.digest)) == (1200, 64)


def test_a_learning_curve_becomes_values_at_steps():
    curve = {"axis": "trees", "about": "", "steps": [1, 5], "held_out": [0.6, 0.4], "learnt": None}
    assert curves_of({"learning_curve": curve}) == {"curve_held_out": [(1, 0.6), (5, 0.4)]}


@pytest.mark.parametrize(
    "training", [{}, {"learning_curve": None}, {"learning_curve": {"held_out": [0.1]}}]
)
def test_a_training_without_a_curve_has_none(training):
    assert curves_of(training) == {}


def decided(*events):
    """Decisions of (event, family, run)."""
    return [
        Decision(number, "2026-11-21T08:00:00Z", event, family, run, reason=f"reason {number}")
        for number, (event, family, run) in enumerate(events, 1)
    ]


def told_of(*events):
    """Return family to [(run, state, aliases)], in the order in which it is told."""
    found = tracked_versions(decided(*events))
    return {
        family: [(one.run, one.tags["satispy.state"], set(one.aliases)) for one in versions]
        for family, versions in found.items()
    }


def test_the_champion_serves_others_challenge_and_the_champions_family_is_told_first():
    assert told_of(
        *(("promoted", "gbc", "1-gbc"), ("promoted", "svm", "1-svm")),
        ("champion", "svm", "1-svm"),
    ) == {
        "svm": [("1-svm", "serving", {"serving", "champion"})],
        "gbc": [("1-gbc", "serving", {"serving", "challenger"})],
    }


def test_before_there_is_a_champion_nobody_challenges():
    assert told_of(("promoted", "svm", "1-svm")) == {"svm": [("1-svm", "serving", {"serving"})]}


def test_a_held_run_is_a_version_without_alias_that_says_why():
    (version,) = tracked_versions(decided(("held", "svm", "2-svm")))["svm"]
    assert version.aliases == frozenset()
    assert version.tags["satispy.state"] == "held"
    assert version.tags["satispy.reason"] == "reason 1"


def test_after_a_rollback_the_earlier_version_serves_and_keeps_its_place():
    assert told_of(
        *(("promoted", "svm", "1-svm"), ("promoted", "svm", "2-svm")),
        ("rolled-back", "svm", "1-svm"),
    ) == {"svm": [("1-svm", "serving", {"serving"}), ("2-svm", "earlier", set())]}
