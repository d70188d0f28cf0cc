"""The process in which wikipedia2vec learns from a Wikipedia dump, with links and mentions."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from satispy.features.child_process import Reporter, refuse
from satispy.features.text import TOKEN
from satispy.features.wiki2vec_library import PAGES_PER_TASK, patched_library, write_words
from satispy.features.wiki_dump import DumpPages, DumpUnreadable


def run(job: dict[str, Any]) -> None:
    """Train; write matrix, vocabulary and what the corpus was."""
    plan = job["plan"]
    small = patched_library(job["seed"], plan["negative_table"])
    from wikipedia2vec.dictionary import Dictionary
    from wikipedia2vec.dump_db import DumpDB
    from wikipedia2vec.mention_db import MentionDB
    from wikipedia2vec.utils.tokenizer.regexp_tokenizer import RegexpTokenizer

    crew = {"pool_size": job["workers"], "chunk_size": PAGES_PER_TASK}
    database = str(Path(job["scratch"]) / "pages.db")
    dump = Path(job["dump"])
    try:
        with Reporter(dump.stat().st_size, "reading the dump") as bar:
            reader = DumpPages(dump, job["pages"], bar.update)
            DumpDB.build(reader, database, **crew)
    except DumpUnreadable as error:
        refuse(str(error))
    pages = DumpDB(database)
    tokenizer = RegexpTokenizer(TOKEN.pattern)
    words = Dictionary.build(
        pages,
        tokenizer,
        lowercase=True,
        min_word_count=plan["min_word_count"],
        min_entity_count=plan["min_entity_count"],
        min_paragraph_len=plan["min_paragraph_length"],
        category=False,
        disambi=False,
        **crew,
    )
    if not words.word_size:
        refuse(
            f"expected words that occur {plan['min_word_count']} times in {dump}, but found none "
            f"in its {pages.page_size()} articles; give a larger dump"
        )
    mentions = None
    if words.entity_size:
        mentions = MentionDB.build(
            pages,
            words,
            tokenizer,
            min_link_prob=plan["min_link_probability"],
            min_prior_prob=plan["min_prior_probability"],
            max_mention_len=plan["max_mention_length"],
            case_sensitive=False,
            **crew,
        )
    graph = _link_graph(pages, words, crew)
    model = small(words)
    model.train(
        pages,
        link_graph=graph,
        mention_db=mentions,
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
        entities_per_page=plan["entities_per_page"] if graph else 0,
        **crew,
    )
    write_words(model, Path(job["matrix"]), Path(job["vocabulary"]))
    facts = {
        "language": reader.language,
        "size": pages.page_size(),
        "redirects": sum(1 for _ in pages.redirects()),
        "entities": words.entity_size,
        "links": 0 if graph is None else len(graph._indices),
    }
    Path(job["facts"]).write_text(json.dumps(facts), encoding="utf-8")


def _link_graph(pages: Any, words: Any, crew: dict[str, int]) -> Any:
    """Return the graph of links between entities; None where there are none."""
    from wikipedia2vec.link_graph import LinkGraph

    if not words.entity_size:
        return None
    try:
        graph = LinkGraph.build(pages, words, **crew)
    except ValueError:  # scipy's, of a matrix without entries: no article links to another
        return None
    # The library's matrix ends at the last entity that has links, yet it is asked for all of them,
    # in compiled code without a check of bounds.
    missing = words.entity_size + 1 - len(graph._indptr)
    graph._indptr = np.pad(graph._indptr, (0, missing), mode="edge")
    return graph


if __name__ == "__main__":
    run(json.load(sys.stdin))
