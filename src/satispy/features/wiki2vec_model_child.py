"""The process that opens a model of wikipedia2vec: a pickle, which executes what it holds."""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from satispy.features.child_process import refuse
from satispy.features.wiki2vec_library import write_words


def run(job: dict[str, Any]) -> None:
    """Write matrix and vocabulary of a model."""
    from wikipedia2vec import Wikipedia2Vec

    source = Path(job["model"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a compressed file cannot be memory-mapped
        model = Wikipedia2Vec.load(str(source))
    sizes = model.syn0.shape
    if len(sizes) != 2 or sizes[0] < model.dictionary.word_size:
        refuse(
            f"expected a row for each of {model.dictionary.word_size} words in {source}, but "
            f"found {sizes}; the model is damaged"
        )
    write_words(model, Path(job["matrix"]), Path(job["vocabulary"]))


if __name__ == "__main__":
    run(json.load(sys.stdin))
