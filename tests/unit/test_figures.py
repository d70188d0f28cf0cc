"""The figures of the benchmarks: gathered, each with its command, its day, its proof."""

import json
import re
import sys
from pathlib import Path

import pytest

from satispy.core.errors import ArtifactDamaged
from satispy.core.settings import Settings
from satispy.workflows.figures.recorded import read_figures, recorded

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "benchmarks" / "figures.json"
NAMED_IN_THE_ISSUE = {"size", "memory", "retraining", "security", "tests", "quality"}


@pytest.fixture(scope="module")
def collector():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import collect_figures

        yield collect_figures
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


@pytest.fixture(scope="module")
def figures():
    return read_figures(FILE).figures


def test_the_file_is_what_the_benchmarks_say(collector):
    """Otherwise: python benchmarks/collect_figures.py."""
    assert FILE.read_text(encoding="utf-8") == collector.gathered()


def test_every_figure_names_its_command_and_its_day_or_says_why_it_was_not_measured(figures):
    for figure in figures:
        assert figure.command, figure.id
        if figure.value is None:
            assert figure.note, figure.id
            assert figure.remarque, figure.id
        else:
            assert re.fullmatch(r"2\d{3}-\d\d-\d\d", figure.date or ""), figure.id
            assert figure.machine, figure.id


def test_every_command_can_be_run(figures):
    for figure in figures:
        words = figure.command.split()
        if words[0] == ".venv/bin/python" and words[1] != "-m":
            assert (ROOT / words[1]).is_file(), figure.command
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_subject_that_such_stacks_are_known_for_has_a_figure(figures):
    assert {figure.topic for figure in figures} >= NAMED_IN_THE_ISSUE
    assert len({figure.id for figure in figures}) == len(figures)


def test_every_fact_is_proved_by_a_test():
    for fact in read_figures(FILE).facts:
        file, _, name = fact.proof.partition("::")
        assert re.search(rf"^def {name}\b", (ROOT / "tests" / file).read_text(), re.MULTILINE), fact


def test_a_figure_that_the_readme_no_longer_holds_is_named(collector):
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"memory-rest once under bench_stack\.py"):
        collector.collect(text.replace("at rest, models served", "asleep"), {})


def test_gigabytes_are_compared_with_mebibytes_and_minutes_with_seconds(collector):
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    by_id = {one["id"]: one for one in collector.collect(text, {})["figures"]}
    assert by_id["memory-rest"]["beats_published"] is True
    assert by_id["retraining"]["beats_published"] is True
    assert by_id["retraining"]["met"] is True
    slow = text.replace("| **43** |", "| **400**, missed |").replace("| 1 229 MiB |", "")
    assert slow != text
    by_id = {one["id"]: one for one in collector.collect(slow, {})["figures"]}
    assert by_id["retraining"]["beats_published"] is False
    assert by_id["retraining"]["met"] is False  # missed, and said so


def test_a_result_that_a_script_wrote_is_taken_with_its_day_and_machine(collector):
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    result = {
        "command": "python benchmarks/bench_sizes.py",
        "machine": "8 x arm64",
        "date": "2027-01-02",
        "figures": {"size-environments": 1.5},
    }
    found = collector.collect(text, {"bench_sizes.py": result})
    figure = found["figures"][0]
    assert [figure[name] for name in ("value", "date", "machine")] == [
        1.5,
        "2027-01-02",
        "8 x arm64",
    ]
    assert found["newest"] == "2027-01-02"
    assert found["figures"][1]["note"] == "Not measured yet."  # the result does not hold it


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"command": ""}, "command, date and machine"),
        ({"date": None}, "command, date and machine"),
        ({"date": "yesterday"}, "yesterday"),
        ({"value": None, "note": ""}, "why"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_file_with_a_figure_that_hangs_in_the_air_is_refused(tmp_path, change, words):
    content = json.loads(FILE.read_text(encoding="utf-8"))
    measured = next(one for one in content["figures"] if one["value"] is not None)
    measured |= change
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ArtifactDamaged, match=words) as refusal:
        recorded(Settings(figures=path))
    assert "collect_figures.py" in str(refusal.value)


def test_an_installation_without_the_file_has_no_such_figures(tmp_path):
    assert recorded(Settings(figures=tmp_path / "nowhere.json")) is None


def test_by_default_the_figures_are_those_of_the_checkout():
    assert recorded(Settings()) == read_figures(FILE)
