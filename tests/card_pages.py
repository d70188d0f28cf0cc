"""Reads a model card as a browser and a reader of Markdown do: tests see what people see."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

VOID = {"meta", "rect", "circle", "line", "polyline", "br", "hr", "img", "link"}


@dataclass
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def all(self, *tags: str) -> list["Element"]:
        """Return the elements below with one of these tags, in order."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if child.tag in tags else []
                found += child.all(*tags)
        return found

    @property
    def text(self) -> str:
        """All text below, blanks as a browser shows them."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join("".join(parts).split())


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def page_of(html: str) -> Element:
    """Parse a page; an element that is not closed in order is an error."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    return builder.open[0]


def page_of_markdown(text: str) -> Element:
    """Render Markdown as most readers do, HTML in it obeyed, and parse what comes of it."""
    return page_of(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


Rows = dict[str, dict[str, str]]


def tables(page: Element) -> dict[str, Rows]:
    """Return tables with a head, by caption (in Markdown: the bold line before), row, column."""
    found: dict[str, Rows] = {}
    caption = ""
    for element in page.all("p", "table"):
        if element.tag == "p":
            strong = element.all("strong")
            caption = strong[0].text if strong and strong[0].text == element.text else ""
            continue
        own = element.all("caption")
        rows = [[cell.text for cell in row.all("th", "td")] for row in element.all("tr")]
        (_, *columns), *lines = rows
        if any(columns) and (own or caption) and element.attributes.get("class") != "facts":
            name = own[0].text if own else caption
            assert name not in found, f"two tables are called {name}"
            assert all(len(line) == len(columns) + 1 for line in lines), f"{name} is ragged"
            found[name] = {line[0]: dict(zip(columns, line[1:], strict=True)) for line in lines}
    return found


def facts(page: Element) -> dict[str, str]:
    """Return the tables of facts, a name and a value per row, as one."""
    found = {}
    for table in page.all("table"):
        rows = [[cell.text for cell in row.all("th", "td")] for row in table.all("tr")]
        if table.attributes.get("class") == "facts" or not any(rows[0]):
            found |= {row[0]: row[1] for row in rows if len(row) == 2}
    return found
