"""wikipedia2vec as we need it: seeded, small, and with progress on stdout.

The library has no seed, a table of 100 million entries, and a progress bar for terminals. The
three are replaced here; only child processes, which do nothing else and then end, may do so.
"""

import json
import multiprocessing
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from satispy.features.child_process import Reporter
from satispy.features.text import are_tokens

PAGES_PER_TASK = 100


def patched_library(seed: int, negative_table: int) -> Any:
    """Return the class `Wikipedia2Vec`, its randomness from `seed`, its tables of this size."""
    # The workers inherit seed and patches, which only a fork passes on.
    multiprocessing.set_start_method("fork", force=True)
    from wikipedia2vec import dictionary, link_graph, mention_db, wikipedia2vec

    for module in (dictionary, link_graph, mention_db, wikipedia2vec):
        module.tqdm = Reporter
    random.seed(seed)
    np.random.seed(seed)
    # Each worker calls np.random.seed() to draw a seed from the system; it gets ours.
    draw = np.random.seed
    np.random.seed = lambda *_: draw(seed)

    class Small(wikipedia2vec.Wikipedia2Vec):  # type: ignore[misc]
        @staticmethod
        def _build_unigram_neg_table(items: Iterable[Any], power: float) -> Any:
            return wikipedia2vec.Wikipedia2Vec._build_unigram_neg_table(
                items, power, table_size=negative_table
            )

    return Small


def write_words(model: Any, matrix: Path, vocabulary: Path) -> None:
    """Write the words of a model that `tokenize` can ask for, without its entities."""
    ordered = sorted(model.dictionary.words(), key=lambda word: word.index)
    wanted = are_tokens([word.text for word in ordered])
    kept = [word for word, is_one in zip(ordered, wanted, strict=True) if is_one]
    rows = np.fromiter((word.index for word in kept), np.int64, len(kept))
    np.save(matrix, np.asarray(model.syn0[rows], dtype=np.float32))
    text = json.dumps([word.text for word in kept], ensure_ascii=False)
    vocabulary.write_text(text, encoding="utf-8")
