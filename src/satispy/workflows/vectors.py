"""Which word vectors a training uses: given from outside, in use already, or learnt now."""

import hashlib
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from satispy.core.errors import ConfigurationError
from satispy.core.files import folder_written_once, sha256_of
from satispy.core.plan import Plan
from satispy.core.settings import Settings
from satispy.core.types import WordVectors
from satispy.features.progress import logged_progress
from satispy.features.shelf import VectorShelf
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import (
    CARD,
    MATRIX,
    VOCABULARY,
    WordCount,
    check_vectors,
    load_vectors,
)
from satispy.features.wiki2vec import train_vectors
from satispy.features.word2vec_text import import_word2vec_text

REVIEWS = "reviews"
_MARK = 12
MOST_FOR_VECTORS = 100_000
"""Reviews that vectors are learnt from; a larger base is sampled, as for the families."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChosenVectors:
    """Vectors of one training.

    Attributes
    ----------
    vectors
        They.
    why
        Why these, in a word: ``given``, ``kept``, ``first``, ``asked``, ``coverage``, ``text``.
    of_new
        Share of the words of the training side that they know, divided by the share that vectors
        learnt now would know.
    """

    vectors: WordVectors
    why: str
    of_new: float


def choose_vectors(
    settings: Settings,
    count: WordCount,
    reviews: Callable[[], Sequence[Sequence[str]]],
    plan: Plan,
    moment: datetime,
    *,
    renew: bool,
) -> ChosenVectors:
    """Return the vectors to train with, compared with their card.

    ``SATISPY_VECTORS`` wins; else those in use. New ones are learnt with wikipedia2vec where there
    are none, with `renew`, where words are cut otherwise by now, and where those in use were
    learnt from reviews and know too few of today's words (`renew_vectors_below` of the plan).

    Parameters
    ----------
    settings
        Where the vectors lie, and whether others are given.
    count
        Words of the training side alone.
    reviews
        Reads the words of each review to learn from, of the training side alone; called only
        where vectors are learnt.
    plan
        How new ones are learnt, and when.
    moment
        The current time.
    renew
        Whether somebody asked for new ones.

    Raises
    ------
    ArtifactDamaged
        If the vectors given or in use disagree with their card.
    ConfigurationError
        If ``SATISPY_VECTORS`` leads nowhere.
    """
    shelf = VectorShelf(settings.paths.vectors)
    if settings.vectors is not None:
        if renew:
            log.warning("the word vectors are given by SATISPY_VECTORS, so none are learnt")
        given = _given(settings.paths.vectors, settings.vectors.expanduser().resolve())
        _warn_if_few_are_known(given, count, plan)
        return ChosenVectors(given, "given", share_of_new(count, given, plan))
    why, kept = _reusable(shelf, count, plan, renew=renew)
    if kept is not None:
        return ChosenVectors(kept, why, share_of_new(count, kept, plan))
    target = shelf.new(moment, REVIEWS)
    texts = [" ".join(words) for words in reviews()]
    log.info("training word vectors %s on %d reviews", target.name, len(texts))
    trained = train_vectors(texts, target, plan.vectors, seed=plan.seed, moment=moment)
    shelf.choose(target.name, moment, f"learnt by a retraining: {_REASONS[why]}")
    return ChosenVectors(trained, why, share_of_new(count, trained, plan))


_REASONS = {
    "first": "there were none",
    "asked": "somebody asked",
    "text": "words are cut otherwise by now",
    "coverage": "those in use knew too few of the words",
}


def share_of_new(count: WordCount, vectors: WordVectors, plan: Plan) -> float:
    """Return how many words vectors know, as a share of what vectors learnt now would know."""
    return count.known(vectors.vocabulary) / (count.at_least(plan.vectors.min_word_count) or 1.0)


def _reusable(
    shelf: VectorShelf, count: WordCount, plan: Plan, *, renew: bool
) -> tuple[str, WordVectors | None]:
    """Return the vectors in use, or the reason for new ones."""
    choice = shelf.chosen()
    if choice is None or renew:
        return ("asked" if renew else "first"), None
    folder = shelf.place(choice.version)
    check_vectors(folder)
    card = shelf.card(choice.version)
    if card["text_version"] != TEXT_VERSION:
        log.info("word vectors %s are of another text version and are learnt anew", choice.version)
        return "text", None
    vectors = load_vectors(folder)
    share = share_of_new(count, vectors, plan)
    if card.get("source") == REVIEWS and share < plan.renew_vectors_below:
        log.info(
            "word vectors %s know %.1f %% of the words that new ones would know, under %.1f %%, "
            "and are learnt anew",
            choice.version,
            100 * share,
            100 * plan.renew_vectors_below,
        )
        return "coverage", None
    _warn_if_few_are_known(vectors, count, plan)
    log.info("word vectors %s are in place and reused", choice.version)
    return "kept", vectors


def _warn_if_few_are_known(vectors: WordVectors, count: WordCount, plan: Plan) -> None:
    """Say so where vectors that somebody chose fit badly: they are not ours to replace."""
    share = share_of_new(count, vectors, plan)
    if share < plan.renew_vectors_below:
        log.warning(
            "word vectors %s know %.1f %% of the words that vectors learnt from these reviews "
            "would know; to learn such: satispy vectors train --use, without SATISPY_VECTORS",
            vectors.version,
            100 * share,
        )


def _given(home: Path, source: Path) -> WordVectors:
    """Bring given vectors into the home, once, so that models and their vectors stay together."""
    if source.parent == home:
        check_vectors(source)
        return load_vectors(source)
    if source.is_dir():
        target = home / _copy_name(source)
        if not target.exists():
            log.info("copying word vectors from %s", source)
            with folder_written_once(target) as folder:
                for name in (MATRIX, VOCABULARY, CARD):
                    shutil.copyfile(source / name, folder / name)
    elif source.is_file():
        target = home / _import_name(source)
        if not target.exists():
            log.info("importing word vectors from %s", source)
            import_word2vec_text(source, target, logged_progress("import of word vectors"))
    else:
        raise ConfigurationError(
            f"expected a vectors folder or a word2vec text file in SATISPY_VECTORS, but {source} "
            "does not exist"
        )
    check_vectors(target)
    return load_vectors(target)


def _copy_name(source: Path) -> str:
    """Return a name that other vectors in a folder of the same name do not share."""
    check_vectors(source)
    return f"{source.name}-{sha256_of(source / CARD)[:_MARK]}"


def _import_name(source: Path) -> str:
    """Return a name made from size and time, for a published file takes long to read."""
    facts = source.stat()
    mark = f"{source.name} {facts.st_size} {facts.st_mtime_ns} {TEXT_VERSION}"
    return f"{source.name.split('.')[0]}-{hashlib.sha256(mark.encode()).hexdigest()[:_MARK]}"
