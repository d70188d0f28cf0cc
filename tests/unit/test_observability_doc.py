"""docs/observability.md says what is really there."""

import json
import re
from pathlib import Path

import pytest
import yaml

from reviews_api.metrics import MEASURED, _families
from satispy.core.types import DatasetVersion
from satispy.workflows.vital_signs import ServingModel, VitalSigns

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "observability.md"
MONITORING = DOCUMENT.parents[1] / "services" / "monitoring"
TEXT = DOCUMENT.read_text(encoding="utf-8")
SUFFIXES = {"counter": "_total", "info": "_info"}


@pytest.fixture
def told() -> dict[str, set[str]]:
    """The table's metrics, with their labels."""
    rows = re.findall(r"^\| (`satispy_[^|]+)\|([^|]*)\|", TEXT, re.MULTILINE)
    return {
        name: {label for label in labels.strip().split(", ") if label}
        for names, labels in rows
        for name in re.findall(r"satispy_\w+", names)
    }


def test_the_table_of_metrics_is_the_registry(told):
    signs = VitalSigns(
        dataset=DatasetVersion(number=1, end_offset=2, chain="x", rows=3),
        feedback_waiting=2,
        alerts_open={"slice": 1},
        models=[ServingModel("svm", "run", True, 4.0)],
    )
    found = {}
    for metric in MEASURED.collect():
        if metric.name.startswith("satispy_"):
            labels = MEASURED._names_to_collectors[metric.name]._labelnames
            found[metric.name + SUFFIXES.get(metric.type, "")] = set(labels)
    for metric in _families(signs):
        labels = {label for sample in metric.samples for label in sample.labels}
        found[metric.name + SUFFIXES.get(metric.type, "")] = labels
    assert told == found


def names_in(expression: str) -> set[str]:
    """The metrics that an expression of Prometheus asks for."""
    return {name.removesuffix("_bucket") for name in re.findall(r"satispy_\w+", expression)}


def test_the_rules_ask_for_metrics_and_labels_that_there_are(told):
    (group,) = yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))["groups"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"]) > 5
    for rule in group["rules"]:
        assert names_in(rule["expr"]) <= told.keys(), rule["alert"]
        for name, labels in re.findall(r"(satispy_\w+)\{([^}]*)\}", rule["expr"]):
            asked = set(re.findall(r"(\w+)\s*(?:=|!)", labels))
            assert asked <= told[name.removesuffix("_bucket")], rule["alert"]


def test_the_dashboard_asks_for_metrics_that_there_are_and_for_most_of_them(told):
    board = json.loads((MONITORING / "grafana/dashboards/satispy.json").read_text("utf-8"))
    asked = set()
    for panel in board["panels"]:
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "prometheus"
            found = names_in(target["expr"])
            assert found or 'up{job="satispy"}' in target["expr"]
            assert found <= told.keys(), panel["title"]
            asked |= found
    assert len(asked) > len(told) / 2
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_the_dashboard_finds_its_source_and_prometheus_its_targets():
    (source,) = yaml.safe_load(
        (MONITORING / "grafana/datasources/prometheus.yml").read_text("utf-8")
    )["datasources"]
    assert (source["uid"], source["url"]) == ("prometheus", "http://prometheus:9090")
    read = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    scraped = {one["job_name"]: one for one in read["scrape_configs"]}
    assert scraped["satispy"]["dns_sd_configs"][0]["names"] == ["api"]
    assert scraped["satispy"]["basic_auth"]["password_file"] == "/run/secrets/prometheus_password"


def test_every_span_of_the_code_stands_in_the_document():
    sources = Path(__file__).resolve().parents[2] / "src"
    names = {
        name
        for path in sources.rglob("*.py")
        for name in re.findall(r"with span\(\"([\w.]+)\"|span\(\"([\w.]+)\"", path.read_text())
        for name in name
        if name
    }
    assert "ingest.commit" in names
    assert [name for name in sorted(names) if f"`{name}`" not in TEXT] == []
