"""A card as Markdown: tables where the page has figures."""

import re

from satispy.workflows.model_card.blocks import (
    Block,
    Code,
    Document,
    Figure,
    Items,
    Table,
    Text,
    Tiles,
)
from satispy.workflows.model_card.words import Words

# What Markdown or the HTML inside it would obey anywhere in a line; an underscore only at the edge
# of a word, so that names of scores stay as they are.
_OBEYED = re.compile(r"[\\`*\[\]<>&|~$]|(?<!\w)_|_(?!\w)")


def markdown(document: Document, words: Words) -> str:
    """Return the document as Markdown (CommonMark with tables)."""
    parts = [f"# {_plain(document.title)}", _plain(document.subtitle)]
    parts += [f"> **{words('warning')}** {_plain(warning)}" for warning in document.warnings]
    for section in document.sections:
        parts += [
            f"## {_plain(section.title)}",
            *(_block(block, words) for block in section.blocks),
        ]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, words: Words) -> str:
    match block:
        case Text():
            return _plain(block.text)
        case Items():
            return "\n".join(f"- {_plain(item)}" for item in block.items)
        case Table():
            return _table(block)
        case Tiles():
            return _table(Table("", ("", words("value"), ""), block.items))
        case Figure():
            return f"{_table(block.table)}\n\n{_plain(block.caption)}"


def _table(table: Table) -> str:
    head = table.head or ("", "")
    lines = [head, ["---"] * len(head), *table.rows]
    written = "\n".join(f"| {' | '.join(_cell(one) for one in line)} |" for line in lines)
    return f"**{_plain(table.caption)}**\n\n{written}" if table.caption else written


def _cell(text: str) -> str:
    if isinstance(text, Code) and not set(text) & set("`|\n"):
        return f"`{text}`"
    return _plain(text)


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return _OBEYED.sub(r"\\\g<0>", " ".join(text.split()))
