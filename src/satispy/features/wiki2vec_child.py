"""The process in which wikipedia2vec learns from reviews: one job as JSON on stdin."""

import json
import sys
from pathlib import Path
from typing import Any

from satispy.features.wiki2vec_library import PAGES_PER_TASK, patched_library, write_words

_WORD = r"\S+"  # the pages are tokens with spaces between


def run(job: dict[str, Any]) -> None:
    """Train and write matrix and vocabulary."""
    plan = job["plan"]
    small = patched_library(job["seed"], plan["negative_table"])
    from wikipedia2vec.dictionary import Dictionary
    from wikipedia2vec.dump_db import DumpDB
    from wikipedia2vec.utils.tokenizer.regexp_tokenizer import RegexpTokenizer
    from wikipedia2vec.utils.wiki_dump_reader import WikiDumpReader

    database = str(Path(job["scratch"]) / "pages.db")
    alone = {"pool_size": 1, "chunk_size": PAGES_PER_TASK}  # two workers race: other bits
    DumpDB.build(WikiDumpReader(job["dump"]), database, **alone)
    pages = DumpDB(database)
    tokenizer = RegexpTokenizer(_WORD)
    words = Dictionary.build(
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
    model = small(words)
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
    write_words(model, Path(job["matrix"]), Path(job["vocabulary"]))


if __name__ == "__main__":
    run(json.load(sys.stdin))
