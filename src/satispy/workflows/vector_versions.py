"""What an operator does with word vectors: train, import, list, use, remove."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satispy.core.clock import Clock, system_clock
from satispy.core.errors import ArtifactDamaged, InvalidInput, NotFound, TrainingImpossible
from satispy.core.files import read_json
from satispy.core.plan import Plan
from satispy.core.settings import Settings
from satispy.features.progress import ProgressLines
from satispy.features.shelf import Choice, VectorShelf
from satispy.features.vectors import VOCABULARY, WordCount
from satispy.features.wiki2vec import train_from_dump, train_vectors
from satispy.features.wiki2vec_model import import_model, is_model
from satispy.features.word2vec_text import import_word2vec_text
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.prepared import prepare
from satispy.workflows.retraining.reviews import count_words, read_side
from satispy.workflows.vectors import MOST_FOR_VECTORS, REVIEWS

Say = Callable[[str], None]
"""Shows a line."""

_LEARNING = "word vectors"


@dataclass(frozen=True)
class VectorVersion:
    """One line of the list.

    Attributes
    ----------
    version
        Name of the folder.
    card
        What its card says; empty where `damage` says why.
    coverage
        Share of the words of all reviews of the base that it knows; None without reviews.
    in_use
        Whether the next retraining uses it.
    models
        Families that serve with it.
    damage
        Why it cannot be used; empty if it can, as far as the card tells.
    """

    version: str
    card: dict[str, Any]
    coverage: float | None
    in_use: bool
    models: tuple[str, ...]
    damage: str


def train_on_reviews(settings: Settings, plan: Plan, say: Say, clock: Clock = system_clock) -> str:
    """Learn vectors from the training side of the base as it is; return their version.

    Raises
    ------
    TrainingImpossible
        If there are no reviews to learn from, or no word is frequent enough.
    """
    moment = clock()
    side = read_side(_prepared(settings), exam=False, most=MOST_FOR_VECTORS)
    texts = [" ".join(words) for words in side.words]
    if not texts:
        raise TrainingImpossible(
            f"expected reviews to learn from in {settings.paths.base}, but there are none; "
            "upload a CSV with POST /uploadfile"
        )
    target = VectorShelf(settings.paths.vectors).new(moment, REVIEWS)
    train_vectors(
        texts,
        target,
        plan.vectors,
        seed=plan.seed,
        progress=ProgressLines(_LEARNING, say),
        moment=moment,
    )
    return target.name


def train_on_dump(
    settings: Settings,
    dump: Path,
    plan: Plan,
    say: Say,
    *,
    pages: int | None = None,
    workers: int = 1,
    clock: Clock = system_clock,
) -> str:
    """Learn vectors from a Wikipedia dump; return their version.

    Raises
    ------
    NotFound
        If there is no such file.
    InvalidInput
        If it is no dump.
    TrainingImpossible
        If wikipedia2vec fails.
    """
    moment = clock()
    target = VectorShelf(settings.paths.vectors).new(moment, _stem(dump))
    train_from_dump(
        dump,
        target,
        plan.vectors_from_dump,
        seed=plan.seed,
        pages=pages,
        workers=workers,
        progress=ProgressLines(_LEARNING, say),
        moment=moment,
        reviews=_words_of_training(settings),
    )
    return target.name


def import_file(
    settings: Settings,
    source: Path,
    say: Say,
    *,
    trust_pickle: bool = False,
    clock: Clock = system_clock,
) -> str:
    """Take in published vectors, text or model; return their version.

    Raises
    ------
    NotFound
        If there is no such file.
    InvalidInput
        If it is neither, is damaged, or is a pickle that nobody trusts.
    """
    moment = clock()
    target = VectorShelf(settings.paths.vectors).new(moment, _stem(source))
    progress = ProgressLines("import of word vectors", say)
    model = is_model(source)
    reviews = None if model and not trust_pickle else _words_of_training(settings)
    if model:
        import_model(
            source,
            target,
            trust_pickle=trust_pickle,
            progress=progress,
            moment=moment,
            reviews=reviews,
        )
    else:
        import_word2vec_text(source, target, progress, moment=moment, reviews=reviews)
    return target.name


def use(settings: Settings, version: str, clock: Clock = system_clock) -> Choice:
    """Let the next retrainings use a version.

    Raises
    ------
    NotFound, ArtifactDamaged, ConfigurationError
        If it is not there, is damaged, or its words are cut by other rules.
    """
    return VectorShelf(settings.paths.vectors).choose(version, clock(), "chosen by an operator")


def served_with(settings: Settings) -> dict[str, str]:
    """Return the version of the vectors of each serving model, by family."""
    found = {}
    for pointer in ServingPointers(settings.paths.serving).all():
        try:
            manifest = runs.manifest_of(settings.paths.runs, pointer.run)
        except (NotFound, ArtifactDamaged):  # satispy status tells of it
            continue
        found[pointer.family] = str(manifest.get("vectors_version"))
    return found


def list_versions(settings: Settings) -> list[VectorVersion]:
    """List all vectors by name, with what they know of the reviews there are."""
    shelf = VectorShelf(settings.paths.vectors)
    choice = shelf.chosen()
    count = _words_of_all(settings) if shelf.versions() else WordCount({})
    served = served_with(settings)
    found = []
    for version in shelf.versions():
        card, known, damage = {}, None, ""
        try:
            card = shelf.card(version)
            vocabulary = set(read_json(shelf.place(version) / VOCABULARY))
            known = count.known(vocabulary) if count.total else None
        except (ArtifactDamaged, OSError) as error:
            damage = str(error)
        models = tuple(family for family, of in served.items() if of == version)
        in_use = choice is not None and choice.version == version
        found.append(VectorVersion(version, card, known, in_use, models, damage))
    return found


def unknown_words(settings: Settings, version: str, limit: int) -> list[tuple[str, int]]:
    """Return the commonest words of the reviews that a version does not know, and how often."""
    place = VectorShelf(settings.paths.vectors).place(version)
    return _words_of_all(settings).unknown(set(read_json(place / VOCABULARY)), limit)


def remove(settings: Settings, version: str) -> None:
    """Remove vectors that nothing names.

    Raises
    ------
    NotFound
        If there are none of this name.
    InvalidInput
        If the pointer, a run or a job names them.
    """
    shelf = VectorShelf(settings.paths.vectors)
    shelf.place(version)
    choice = shelf.chosen()
    named = ["current.json"] if choice is not None and choice.version == version else []
    for run in runs.names(settings.paths.runs):
        if runs.manifest_of(settings.paths.runs, run).get("vectors_version") == version:
            named.append(f"the run {run}")
    for path in sorted(settings.paths.jobs.glob("[!.]*/vectors.json")):
        if read_json(path).get("version") == version:
            named.append(f"the job {path.parent.name}")
    if named:
        raise InvalidInput(
            f"expected vectors that nothing needs, but {version} is named by {', '.join(named)}; "
            "nothing was removed"
        )
    shelf.remove(version)


def _words_of_training(settings: Settings) -> WordCount:
    return count_words(_prepared(settings))[0]


def _words_of_all(settings: Settings) -> WordCount:
    return count_words(_prepared(settings))[1]


def _prepared(settings: Settings) -> list[Path]:
    """Return the files that hold the words of the base as it is; none without a base."""
    if not settings.paths.clean_data.is_dir():
        return []
    with open_home(settings) as home:
        version = home.store.history.current().version
        if not version.rows:
            return []
        return prepare(home.store, version.number, settings.paths.prepared)


def _stem(source: Path) -> str:
    if not source.is_file():
        raise NotFound(f"expected a file, but there is no {source.absolute()}")
    return source.name.split(".")[0]
