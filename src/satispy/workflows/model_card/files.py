"""The files of a card: written beside the metrics, read from a sealed run."""

import json
from pathlib import Path
from typing import Any

from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.core.files import write_atomically, write_json
from satispy.core.settings import Settings
from satispy.registry import runs
from satispy.workflows.model_card.as_html import html
from satispy.workflows.model_card.as_markdown import markdown
from satispy.workflows.model_card.schema import (
    HTML_FILES,
    JSON_FILE,
    MARKDOWN_FILE,
    Language,
    ModelCard,
)
from satispy.workflows.model_card.sections import document_of
from satispy.workflows.model_card.words import Words

FORMER_FILE = "model_card.md"
"""All that runs had before their cards were data as well."""


def write_card(folder: Path, card: ModelCard, words: Words) -> None:
    """Write a card as HTML, the English one also as data and as Markdown.

    Equal cards give equal bytes.

    Parameters
    ----------
    folder
        Where the metrics are.
    card
        As `card_of` gathered it with the same words.
    words
        The language of the card.
    """
    document = document_of(card, words)
    write_atomically(folder / HTML_FILES[words.language], html(document, words))
    if words.language == "en":
        write_json(folder / JSON_FILE, card)
        write_atomically(folder / MARKDOWN_FILE, markdown(document, words))


def read_card(settings: Settings, run: str) -> dict[str, Any]:
    """Return the card of a run, as data.

    Raises
    ------
    NotFound
        If there is no such run, or it is from before such cards.
    ArtifactDamaged
        If the file is not the one that was sealed, or no card.
    """
    try:
        card = json.loads(_sealed(settings, run, JSON_FILE))
    except ValueError as error:
        raise ArtifactDamaged(f"expected JSON in {JSON_FILE} of '{run}', but: {error}") from error
    if not isinstance(card, dict):
        raise ArtifactDamaged(f"expected a card in {JSON_FILE} of '{run}', but it holds none")
    return card


def read_card_html(settings: Settings, run: str, language: Language) -> tuple[bytes, Language]:
    """Return the card of a run, as HTML in UTF-8, and its language; raises as `read_card`.

    A run of before there were cards in this language has an English one.
    """
    files = runs.manifest_of(settings.paths.runs, run)["files"]
    there: Language = language if HTML_FILES[language] in files else "en"
    return _sealed(settings, run, HTML_FILES[there]), there


def _sealed(settings: Settings, run: str, name: str) -> bytes:
    folder = settings.paths.runs
    files = runs.manifest_of(folder, run)["files"]
    if name not in files and FORMER_FILE in files:
        raise NotFound(
            f"expected {name} in the run '{run}', but it was made before there were such cards: "
            f"read {FORMER_FILE} in its folder, or run the DAG retrain_reviews for a new run"
        )
    return runs.sealed_file(folder, run, name)
