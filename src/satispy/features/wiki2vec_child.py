"""The process in which wikipedia2vec runs: one job as JSON on stdin, progress on stdout.

The library has no seed, a table of 100 million entries, and a progress bar for terminals. The
three are replaced here, in a process that does nothing else and then ends.
"""

import json
import multiprocessing
import random
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

_PAUSE_S = 1.0
_PAGES_PER_TASK = 100
_WORD = r"\S+"  # the pages are tokens with spaces between


class Reporter:
    """Stands in for tqdm: a line on stdout each second, and one at the end."""

    def __init__(self, total: int, desc: str = "dictionary", **_: Any) -> None:
        self._step, self._total, self._done, self._told = desc, total, 0, 0.0

    def __enter__(self) -> "Reporter":
        return self

    def __exit__(self, *_: object) -> None:
        self._tell()

    def update(self, more: int) -> None:
        """Count pages."""
        self._done += more
        if time.monotonic() - self._told >= _PAUSE_S:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        sys.stdout.write(f"progress\t{self._step}\t{self._done}\t{self._total}\n")
        sys.stdout.flush()


def run(job: dict[str, Any]) -> None:
    """Train and write matrix and vocabulary."""
    # The workers inherit seed and patches, which only a fork passes on.
    multiprocessing.set_start_method("fork", force=True)
    from wikipedia2vec import dictionary as dictionary_module
    from wikipedia2vec import wikipedia2vec as training_module
    from wikipedia2vec.dump_db import DumpDB
    from wikipedia2vec.utils.tokenizer.regexp_tokenizer import RegexpTokenizer
    from wikipedia2vec.utils.wiki_dump_reader import WikiDumpReader

    plan, seed = job["plan"], int(job["seed"])
    dictionary_module.tqdm = Reporter
    training_module.tqdm = Reporter
    random.seed(seed)
    np.random.seed(seed)
    # Each worker calls np.random.seed() to draw a seed from the system; it gets ours.
    draw = np.random.seed
    np.random.seed = lambda *_: draw(seed)

    class Small(training_module.Wikipedia2Vec):  # type: ignore[misc]
        @staticmethod
        def _build_unigram_neg_table(items: Iterable[Any], power: float) -> Any:
            return training_module.Wikipedia2Vec._build_unigram_neg_table(
                items, power, table_size=plan["negative_table"]
            )

    database = str(Path(job["scratch"]) / "pages.db")
    alone = {"pool_size": 1, "chunk_size": _PAGES_PER_TASK}  # two workers race: other bits
    DumpDB.build(WikiDumpReader(job["dump"]), database, **alone)
    pages = DumpDB(database)
    tokenizer = RegexpTokenizer(_WORD)
    words = dictionary_module.Dictionary.build(
        pages,
        tokenizer,
        lowercase=False,  # tokenize has folded the case, in its own way
        min_word_count=plan["min_word_count"],
        min_entity_count=1,
        min_paragraph_len=plan["min_paragraph_length"],
        category=False,
        disambi=False,
        **alone,
    )
    if not words.word_size:
        sys.exit(
            f"no word occurs {plan['min_word_count']} times in {pages.page_size()} reviews; "
            "upload more of them or lower vectors.min_word_count"
        )
    model = Small(words)
    model.train(
        pages,
        link_graph=None,  # reviews link to nothing
        mention_db=None,
        tokenizer=tokenizer,
        sentence_detector=None,
        dim_size=plan["dimensions"],
        init_alpha=plan["initial_rate"],
        min_alpha=plan["final_rate"],
        window=plan["window"],
        negative=plan["negative"],
        word_neg_power=0.75,
        entity_neg_power=0,
        sample=plan["sample"],
        iteration=plan["iterations"],
        entities_per_page=0,
        **alone,
    )
    ordered = sorted(words.words(), key=lambda word: word.index)
    np.save(job["matrix"], np.asarray(model.syn0[: len(ordered)], dtype=np.float32))
    text = json.dumps([word.text for word in ordered], ensure_ascii=False)
    Path(job["vocabulary"]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(json.load(sys.stdin))
