"""A card as one HTML file that needs nothing else: no script, no font, no network."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from satispy.workflows.model_card.blocks import (
    Block,
    Code,
    Document,
    Figure,
    Items,
    Section,
    Table,
    Text,
    Tiles,
)
from satispy.workflows.model_card.words import Words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Content-Security-Policy of the file; the API sends one at least as strict."""

_SHORT = 24
_NUMBER = re.compile(r"-?[\d\s]*[.,]?\d+(\s%)?|")
_END = r"-?\d?[.,]\d+"


def html(document: Document, words: Words) -> str:
    """Return the document as HTML 5; whatever it says is escaped, only our drawings are not."""
    style = Path(__file__).with_name("card.css").read_text(encoding="utf-8")
    warnings = "".join(
        f'<p class="warning"><strong>{escape(words("warning"))}</strong> {escape(one)}</p>\n'
        for one in document.warnings
    )
    sections = "".join(_section(section, words) for section in document.sections)
    return f"""<!doctype html>
<html lang="{words.language}" id="light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(document.title)}</title>
<style>
{style}</style>
</head>
<body id="dark">
<main>
<header>
<h1>{escape(document.title)}</h1>
<p>{escape(document.subtitle)}</p>
{warnings}</header>
{sections}</main>
</body>
</html>
"""


def _section(section: Section, words: Words) -> str:
    figures = [block for block in section.blocks if isinstance(block, Figure)]
    inside = "\n".join(_block(block, words) for block in section.blocks)
    if figures:
        inside = f'<div class="figures">\n{inside}\n</div>'
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{inside}\n</section>\n"


def _block(block: Block, words: Words) -> str:
    match block:
        case Text():
            return f"<p>{escape(block.text)}</p>"
        case Items():
            items = "".join(f"<li>{escape(item)}</li>\n" for item in block.items)
            return f"<ul>\n{items}</ul>"
        case Table():
            return _table(block, words)
        case Tiles():
            tiles = "".join(map(_tile, block.items))
            return f'<dl class="tiles">\n{tiles}</dl>'
        case Figure():
            numbers = escape(words("figures.numbers"))
            return (
                f"<figure>\n{block.svg}\n<figcaption>{escape(block.caption)}</figcaption>\n"
                f"<details><summary>{numbers}</summary>\n{_table(block.table, words)}\n"
                "</details>\n</figure>"
            )


def _tile(tile: tuple[str, str, str]) -> str:
    name, value, note = map(escape, tile)
    return f'<div><dt>{name}</dt><dd class="value">{value}</dd><dd>{note}</dd></div>\n'


def _table(table: Table, words: Words) -> str:
    kinds = ["", ""]
    if table.head:
        kinds = [_kind(column, words) for column in zip(*table.rows, strict=True)]
    columns = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>'
        for name, kind in zip(table.head, ["", *kinds[1:]], strict=False)
    )
    head = f"<thead><tr>{columns}</tr></thead>\n" if table.head else ""
    rows = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(map(_cell, rest, kinds[1:]))}</tr>\n'
        for first, *rest in table.rows
    )
    of_table = "" if table.head else ' class="facts"'
    caption = escape(table.caption)
    # A table that is wider than the window scrolls by itself; for the keyboard it must take focus.
    return (
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0"><table{of_table}>\n'
        f"<caption>{caption}</caption>\n{head}<tbody>\n{rows}</tbody></table></div>"
    )


def _cell(text: str, kind: str) -> str:
    if isinstance(text, Code):
        return f"<td{kind}><code>{escape(text)}</code></td>"
    return f"<td{kind}>{escape(text)}</td>"


def _kind(column: Sequence[str], words: Words) -> str:
    """Return how a column is set: numbers to the right, an interval on one line, text in width."""
    interval = re.compile(rf"({_END} )?\(?{words('interval', low=_END, high=_END)}\)?|")
    for kind, form in (("number", _NUMBER), ("interval", interval)):
        if any(column) and all(form.fullmatch(text) for text in column):
            return f' class="{kind}"'
    return ' class="prose"' if any(len(text) > _SHORT for text in column) else ""
