"""docs/observability.md says what is really there."""

import re
from pathlib import Path

import pytest
import yaml

from reviews_api.metrics import MEASURED, _families
from satispy.core.types import DatasetVersion
from satispy.workflows.vital_signs import ServingModel, VitalSigns

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "observability.md"
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


def test_the_rules_are_yaml_and_ask_for_metrics_that_there_are(told):
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
    rules = [
        rule for block in blocks for group in block.get("groups", []) for rule in group["rules"]
    ]
    assert len(rules) > 5
    asked = {name for rule in rules for name in re.findall(r"satispy_\w+", rule["expr"])}
    assert {name.removesuffix("_bucket") for name in asked} <= told.keys()


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
