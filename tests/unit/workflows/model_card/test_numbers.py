"""The numbers of a card are those of the metrics file, in all of its files."""

import pytest

from card_numbers import (
    COMPARED,
    FURTHER,
    HEADLINE,
    assert_numbers_are,
    assert_shows,
    expected,
    gap,
    in_french,
    sure,
)
from card_pages import facts, page_of, page_of_markdown
from satispy.core.files import read_json

BOTH = pytest.mark.parametrize("file", ["card.html", "card.fr.html"])


def test_every_number_in_the_tables_is_that_of_the_metrics_file(folder):
    metrics, training = read_json(folder / "metrics.json"), read_json(folder / "training.json")
    wanted = expected(metrics, training)
    assert_numbers_are(page_of((folder / "card.html").read_text("utf-8")), wanted)
    assert_numbers_are(page_of_markdown((folder / "card.md").read_text("utf-8")), wanted)
    assert_numbers_are(page_of((folder / "card.fr.html").read_text("utf-8")), in_french(wanted))


def test_a_number_that_is_not_that_of_the_metrics_file_would_be_found(folder):
    metrics, training = read_json(folder / "metrics.json"), read_json(folder / "training.json")
    metrics["slices"]["source"][0]["accuracy_low"] += 0.002
    with pytest.raises(AssertionError, match="Scores by source"):
        assert_numbers_are(
            page_of((folder / "card.html").read_text("utf-8")), expected(metrics, training)
        )


def ended(found, name):
    ends = {end: found.get(f"{name}_{end}") for end in ("low", "high")}
    return {"value": found[name], **ends}


def test_the_data_of_the_card_are_those_of_the_metrics_file_to_the_last_digit(folder):
    found, metrics = read_json(folder / "card.json"), read_json(folder / "metrics.json")
    told = found["metrics"]
    assert told["scores"] == {
        name: ended(where, name)
        for where, names in ((metrics, HEADLINE), (metrics["details"], FURTHER))
        for name in names
    }
    for name, rule in metrics["yardsticks"].items():
        for score in HEADLINE:
            assert told["yardsticks"][name]["scores"][score] == ended(rule, score)
        assert told["yardsticks"][name]["difference"] == rule["difference"]
    held = metrics["held_out"]
    assert (told["held_out"]["n"], told["held_out"]["mean"]) == (held["n"], held["mean"])
    assert told["held_out"]["above_source_rule"] == held["source_rule"]["difference"]
    assert found["figures"]["confusion"] == metrics["details"]["confusion"]
    assert found["figures"]["calibration"] == metrics["details"]["calibration"]
    assert found["data"]["exam_reviews"] == metrics["exam_rows"]
    for kind, slices in metrics["slices"].items():
        for one, part in zip(slices, found["slices"][kind], strict=True):
            assert {name: part[name] for name in ("name", "n", "few")}.items() <= one.items()
            for name in HEADLINE:
                scored = None if one[name] is None else ended(one, name)
                assert part["scores"][name] == scored
    for kind, fair in metrics["fairness"].items():
        for one, group in zip(fair["groups"], found["fairness"][kind]["groups"], strict=True):
            assert group["scores"] == {name: one[name] for name in COMPARED}
        for name in COMPARED:
            assert (
                found["fairness"][kind]["widest_gap"][name] == fair["widest"][f"{name}_difference"]
            )


@pytest.mark.parametrize(
    ("file", "above", "exam"),
    [
        ("card.html", "above the source rule", "exam"),
        ("card.fr.html", "écart avec la règle", "examen"),
    ],
)
def test_the_numbers_in_front_are_those_of_the_metrics_file(folder, file, above, exam):
    metrics = read_json(folder / "metrics.json")
    page = page_of((folder / file).read_text("utf-8"))
    shown = {
        tile.all("dt")[0].text: " ".join(one.text for one in tile.all("dd"))
        for tile in page.all("dl")[0].all("div")
    }
    wanted = {
        "accuracy": sure(metrics, "accuracy"),
        "macro-F1": sure(metrics, "macro_f1"),
        above: gap(metrics["yardsticks"]["source_rule"], "accuracy"),
        exam: [metrics["exam_rows"], metrics["exam_texts"]],
    }
    assert shown.keys() == wanted.keys()
    for name, values in wanted.items():
        assert_shows(shown[name], values, name)


def counts(drawing, kind):
    texts = [one.text for one in drawing.all("text") if kind in one.attributes.get("class", "")]
    return [int(text.replace(" ", "")) for text in texts]


@BOTH
def test_the_figures_show_the_counts_of_the_metrics_file(folder, file):
    details = read_json(folder / "metrics.json")["details"]
    page = page_of((folder / file).read_text("utf-8"))
    confusion, calibration, curve = page.all("svg")
    assert counts(confusion, "strong") == [*details["confusion"][0], *details["confusion"][1]]
    assert counts(calibration, "small") == [one["n"] for one in details["calibration"]]
    assert len(calibration.all("circle")) == sum(one["n"] > 0 for one in details["calibration"])
    steps = len(read_json(folder / "training.json")["learning_curve"]["steps"])
    assert len(curve.all("circle")) == len(curve.all("rect")) == steps + 1  # one in the legend


def test_where_it_comes_from_is_what_training_and_job_say(folder):
    training, manifest = read_json(folder / "training.json"), read_json(folder / "manifest.json")
    lineage = read_json(folder / "card.json")["lineage"]
    assert lineage["dataset"]["chain"] == manifest["dataset"]["chain"]
    assert (lineage["job"], lineage["dag_run"]) == (manifest["job"], manifest["dag_run"])
    assert lineage["vectors"]["sha256"] == training["vectors_sha256"]
    assert lineage["code"] == training["code_version"]
    assert lineage["libraries"] == training["libraries"]
    page = page_of((folder / "card.html").read_text("utf-8"))
    for shown in (facts(page), facts(page_of_markdown((folder / "card.md").read_text("utf-8")))):
        assert shown["run"] == folder.name
        assert shown["chain of the dataset"] == manifest["dataset"]["chain"]
        assert shown["sha256 of the vectors"] == training["vectors_sha256"]
        assert shown["seed"] == str(training["seed"])
        assert shown["DAG run"] == manifest["dag_run"]
