"""The reviews that are nearest to a text, by the weighted mean of their words' vectors.

The last step of a retraining writes the index (`satispy.workflows.retraining.index`). It holds ids
and vectors; texts, stars and sources are read from the base as it is when somebody asks, and the
similarity is that of the text shown. So what was erased is not shown, whatever the index holds.
"""

import logging
import shutil
import threading
from dataclasses import dataclass

import numpy as np

from satispy.core.clock import stamp
from satispy.core.errors import ArtifactDamaged, InvalidInput, NotReady
from satispy.core.types import DatasetVersion
from satispy.features import neighbours
from satispy.features.neighbours import NeighbourIndex, Vectors
from satispy.features.text import TEXT_VERSION, tokenize
from satispy.workflows.opening import Home
from satispy.workflows.predict import Predictor

SPARE = 20
"""More candidates than asked for, and twice as many: the index is coarse, some may be erased."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Neighbour:
    """A review near a text; `similarity` is the cosine of both mean vectors, -1 to 1."""

    id: int
    Commentaire: str
    star: int
    source: str
    similarity: float


@dataclass(frozen=True)
class Neighbourhood:
    """The neighbours of a text, the nearest first, and what they were found by."""

    vectors_version: str
    dataset_version: int
    items: list[Neighbour]


class Neighbours:
    """Finds the neighbours of texts in one home; threads may share it.

    Parameters
    ----------
    home
        Where index and base lie.
    predictor
        Its word vectors are used, so that they are in memory once.
    """

    def __init__(self, home: Home, predictor: Predictor) -> None:
        self._home = home
        self._predictor = predictor
        self._lock = threading.Lock()
        self._opened: tuple[str, NeighbourIndex] | None = None

    def of(self, text: str, count: int) -> Neighbourhood:
        """Return the reviews nearest to a text, each text once; none where no word is known.

        Raises
        ------
        InvalidInput
            If the text is blank.
        NotReady
            While there is no index of this base.
        ArtifactDamaged
            If the index or its word vectors cannot be read.
        """
        if not text.strip():
            raise InvalidInput("expected the text of a review, but it is blank")
        index = self._current()
        vectors = self._predictor.vectors(index.card["vectors_version"])
        if len(index.weights) != len(vectors.vocabulary):
            raise ArtifactDamaged(
                f"expected an index of the word vectors {vectors.version}, but it is of others; "
                "run the DAG retrain_reviews"
            )
        (asked,) = neighbours.mean_vectors([tokenize(text)], vectors, index.weights)
        found = Neighbourhood(
            index.card["vectors_version"], int(index.card["dataset"]["number"]), []
        )
        if not asked.any() or not len(index.ids):
            return found
        ids = index.nearest(asked, 2 * count + SPARE).tolist()
        held = self._home.search.by_id(ids)
        rows = [held[one] for one in ids if one in held]
        texts = [tokenize(row.text) for row in rows]
        near = _cosines(neighbours.mean_vectors(texts, vectors, index.weights), asked)
        seen: set[tuple[str, ...]] = set()
        for at in np.argsort(-near, kind="stable")[: len(rows)].tolist():
            same = tuple(texts[at])
            if same in seen or len(found.items) == count:
                continue
            seen.add(same)
            row = rows[at]
            similarity = round(float(near[at]), 4)
            found.items.append(Neighbour(row.id, row.text, row.star, row.source, similarity))
        return found

    def _current(self) -> NeighbourIndex:
        shelf = self._home.settings.paths.neighbours
        name = neighbours.chosen(shelf)
        opened = self._opened
        if opened is None or opened[0] != name:
            with self._lock:
                opened = self._opened
                if opened is None or opened[0] != name:
                    opened = self._opened = neighbours.open_index(shelf)
        index = opened[1]
        if index.card["text_version"] != TEXT_VERSION or not _is_of(self._home, index):
            raise NotReady(
                "the index of neighbours is of another base, or of another program: run the DAG "
                "retrain_reviews"
            )
        return index


def follow_base(home: Home) -> None:
    """Take out of the index what was erased from the base; remove it where more was changed.

    It comes before and after a change of generation: the last one may have died half way through.
    """
    shelf = home.settings.paths.neighbours
    try:
        card = neighbours.chosen_card(shelf)
        if card is None:
            shutil.rmtree(shelf, ignore_errors=True)  # one that was written and never chosen
            return
        changes = home.store.history.rewritten_since(int(card["follows"]))
        if not changes:
            return
        if set(changes) == {"erased"}:
            view = home.search.view()
            held = np.concatenate([block.ids for block in view.blocks] or [np.empty(0, np.int64)])
            name = stamp(home.clock())
            neighbours.keep_only(shelf, name, held, {"follows": view.head.number})
            neighbours.choose(shelf, name)
            return
    except (ArtifactDamaged, FileNotFoundError) as error:
        log.warning("%s", error)
    log.info("the index of neighbours goes: the base is another one; a retraining makes a new one")
    shutil.rmtree(shelf, ignore_errors=True)


def _is_of(home: Home, index: NeighbourIndex) -> bool:
    history = home.store.history
    if not history.knows(DatasetVersion(**index.card["dataset"])):
        return False
    return set(history.rewritten_since(int(index.card["follows"]))) <= {"erased"}


def _cosines(vectors: Vectors, asked: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(asked)
    found = np.full(len(vectors), -1, np.float32)
    np.divide(vectors @ asked, lengths, out=found, where=lengths > 0)
    return found
