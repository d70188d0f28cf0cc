"""Which word vectors a training uses: given from outside, kept from before, or learnt now."""

import hashlib
import logging
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from satispy.core.clock import stamp
from satispy.core.errors import ConfigurationError
from satispy.core.files import folder_written_once, read_json, sha256_of, write_json
from satispy.core.plan import Plan
from satispy.core.settings import Settings
from satispy.core.types import WordVectors
from satispy.features.progress import logged_progress
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import CARD, MATRIX, VOCABULARY, check_vectors, load_vectors
from satispy.features.wiki2vec import train_vectors
from satispy.features.word2vec_text import import_word2vec_text

_MARK = 12

log = logging.getLogger(__name__)


def vectors_for_training(
    settings: Settings, texts: Sequence[str], plan: Plan, moment: datetime, *, renew: bool
) -> WordVectors:
    """Return the vectors to train with, compared with their card.

    ``SATISPY_VECTORS`` wins; else those in use; else (or with `renew`, or where words are cut
    otherwise by now) new ones are learnt with wikipedia2vec from `texts`, which must be of the
    training side alone.

    Raises
    ------
    ArtifactDamaged
        If the vectors given or in use disagree with their card.
    ConfigurationError
        If ``SATISPY_VECTORS`` leads nowhere.
    """
    if settings.vectors is not None:
        if renew:
            log.warning("the word vectors are given by SATISPY_VECTORS, so none are learnt")
        return _given(settings.paths.vectors, settings.vectors.expanduser().resolve())
    current = settings.paths.vectors / "current.json"
    if current.is_file() and not renew:
        version = read_json(current)["version"]
        folder = settings.paths.vectors / version
        check_vectors(folder)
        if read_json(folder / CARD)["text_version"] == TEXT_VERSION:
            log.info("word vectors %s are in place and reused", version)
            return load_vectors(folder)
        log.info("word vectors %s are of another text version and are learnt anew", version)
    version = f"{stamp(moment)}-reviews"
    log.info("training word vectors %s on %d reviews", version, len(texts))
    trained = train_vectors(texts, settings.paths.vectors / version, plan.vectors, seed=plan.seed)
    write_json(current, {"version": version})
    return trained


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
