"""Which word vectors a training uses: given from outside, kept from before, or learnt now."""

import hashlib
import logging
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from satispy.core.clock import stamp
from satispy.core.errors import ConfigurationError
from satispy.core.files import folder_written_once, read_json, write_json
from satispy.core.plan import Plan
from satispy.core.settings import Settings
from satispy.core.types import WordVectors
from satispy.features.vectors import load_vectors
from satispy.features.wiki2vec import train_vectors
from satispy.features.word2vec_text import import_word2vec_text

log = logging.getLogger(__name__)


def vectors_for_training(
    settings: Settings, texts: Sequence[str], plan: Plan, moment: datetime, *, renew: bool
) -> WordVectors:
    """Return the vectors to train with.

    ``SATISPY_VECTORS`` wins; else those in use; else (or with `renew`) new ones are learnt with
    wikipedia2vec from `texts`, which must be of the training side alone.
    """
    if settings.vectors is not None:
        return _given(settings, settings.vectors.expanduser().resolve())
    current = settings.paths.vectors / "current.json"
    if current.is_file() and not renew:
        version = read_json(current)["version"]
        log.info("word vectors %s are in place and reused", version)
        return load_vectors(settings.paths.vectors / version)
    version = f"{stamp(moment)}-reviews"
    log.info("training word vectors %s on %d reviews", version, len(texts))
    trained = train_vectors(
        texts,
        settings.paths.vectors / version,
        plan.vectors,
        seed=plan.seed,
        progress=_log_progress,
    )
    write_json(current, {"version": version})
    return trained


def _given(settings: Settings, source: Path) -> WordVectors:
    """Bring given vectors into the home, once, so that models and their vectors stay together."""
    if source.is_dir():
        target = settings.paths.vectors / source.name
        if not target.exists():
            load_vectors(source)
            with folder_written_once(target) as folder:
                shutil.copytree(source, folder, dirs_exist_ok=True)
    elif source.is_file():
        facts = source.stat()
        mark = hashlib.sha256(f"{source.name} {facts.st_size} {facts.st_mtime_ns}".encode())
        target = settings.paths.vectors / f"{source.name.split('.')[0]}-{mark.hexdigest()[:12]}"
        if not target.exists():
            log.info("importing word vectors from %s", source)
            return import_word2vec_text(source, target, progress=_log_progress)
    else:
        raise ConfigurationError(
            f"expected a vectors folder or a word2vec text file in SATISPY_VECTORS, but {source} "
            "does not exist"
        )
    return load_vectors(target)


def _log_progress(what: str, done: int, total: int) -> None:
    log.info("%s %d/%d", what, done, total)
