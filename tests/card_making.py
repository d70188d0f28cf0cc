"""What the tests of model cards make cards of, in either language."""

import copy
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from card_pages import Element, page_of
from satispy.core.files import read_json
from satispy.core.settings import Settings
from satispy.core.types import DatasetVersion
from satispy.registry.serving import ServingPointers
from satispy.workflows.lineage import UploadOrigin
from satispy.workflows.model_card.as_html import html
from satispy.workflows.model_card.facts import card_of
from satispy.workflows.model_card.schema import ModelCard
from satispy.workflows.model_card.sections import document_of
from satispy.workflows.model_card.words import Words
from satispy.workflows.retraining.reviews import ReviewFacts

ENGLISH, FRENCH = Words("en"), Words("fr")
HOSTILE = "<script>alert(1)</script>|`x` **y** [z](http://z) &amp; _w_ </td>\n# h $1$ \\| ~s~"


def runs_of(home: Path) -> dict[str, Path]:
    """Return the folder of each family's run after one whole retraining."""
    paths = Settings(home=home).paths
    return {one.family: paths.runs / one.run for one in ServingPointers(paths.serving).all()}


def upload(upload_id: str, filename: str) -> UploadOrigin:
    """Return an upload as the ledger has it."""
    return UploadOrigin(
        upload_id=upload_id,
        filename=filename,
        sha256="e" * 64,
        received_by="admin",
        received_at=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
        rows_accepted=1200,
        dataset_version=3,
    )


def what_makes_a_card(run: Path) -> SimpleNamespace:
    """Return what a card is made of, to change: that of a run, as if it had two companies."""
    metrics = read_json(run / "metrics.json")
    metrics["fairness"]["company"] = copy.deepcopy(metrics["fairness"]["source"])
    return SimpleNamespace(
        training=read_json(run / "training.json"),
        metrics=metrics,
        reviews=ReviewFacts(0.3, 12.0, {"A": 600, "B": 300}, 0.8),
        uploads=[upload("1", "data_MAJ.csv")],
    )


def card(given: SimpleNamespace, words: Words = ENGLISH) -> ModelCard:
    """Return the card that is made of it."""
    return card_of(
        run="20261121T080001.000000Z-gbc",
        job={"job": "20261121T080000.000000Z", "dag_run": "manual__1"},
        dataset=DatasetVersion(3, 1234, "c" * 64, 900),
        training=given.training,
        metrics=given.metrics,
        reviews=given.reviews,
        uploads=given.uploads,
        words=words,
    )


def french_page(given: SimpleNamespace) -> Element:
    """Return the French page that is made of it, parsed."""
    return page_of(html(document_of(card(given, FRENCH), FRENCH), FRENCH))
