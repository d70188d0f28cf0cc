"""A Wikipedia dump, page by page, for wikipedia2vec.

The library's own reader takes bz2 alone, finds the language with a regular expression that must
match the first line, keeps every page's shell in memory and says nothing for hours.
"""

from __future__ import annotations

import bz2
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, iterparse

if TYPE_CHECKING:
    from wikipedia2vec.utils.wiki_page import WikiPage

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ARTICLES = "0"


class DumpUnreadable(ValueError):
    """The file is no Wikipedia dump, or it is cut."""


class DumpPages:
    """What `DumpDB.build` reads: the articles and redirects of a dump.

    Parameters
    ----------
    path
        ``.xml`` or ``.xml.bz2``, in MediaWiki's export format.
    limit
        Read so many articles and redirects at most; None reads all.
    report
        Told how many bytes of the file were read since it was told before.

    Raises
    ------
    DumpUnreadable
        If the file does not begin as a dump; when iterated, if it is damaged or cut.
    """

    def __init__(
        self, path: Path, limit: int | None = None, report: Callable[[int], None] | None = None
    ) -> None:
        self._path, self._limit, self._report = path, limit, report
        with path.open("rb") as raw, self._opened(raw) as text:
            root = next(self._events(text))[1]
        language = root.get(_LANGUAGE)
        if not root.tag.endswith("mediawiki") or not language:
            raise DumpUnreadable(
                f'expected <mediawiki xml:lang="…"> at the beginning of {path}, but found '
                f"<{root.tag.rpartition('}')[2]}> with xml:lang {language!r}; give a dump such as "
                "frwiki-latest-pages-articles.xml.bz2"
            )
        self.language: str = language

    @property
    def dump_file(self) -> str:
        """Path of the dump, as the library notes it."""
        return str(self._path)

    def __iter__(self) -> Iterator[WikiPage]:
        """Yield articles and redirects in the order of the file."""
        from wikipedia2vec.utils.utils import normalize_title
        from wikipedia2vec.utils.wiki_page import WikiPage

        told = count = 0
        with self._path.open("rb") as raw, self._opened(raw) as text:
            events = self._events(text)
            root = next(events)[1]
            space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
            for event, page in events:
                if event != "end" or page.tag != f"{space}page":
                    continue
                if page.findtext(f"{space}ns") == _ARTICLES:
                    found = page.find(f"{space}redirect")
                    redirect = None if found is None else normalize_title(found.get("title", ""))
                    title = page.findtext(f"{space}title") or ""
                    body = page.findtext(f"{space}revision/{space}text") or ""
                    yield WikiPage(title, self.language, body, redirect)
                    count += 1
                root.clear()
                if self._report:
                    self._report(raw.tell() - told)
                    told = raw.tell()
                if count == self._limit:
                    return

    def _opened(self, raw: BinaryIO) -> BinaryIO:
        return cast(BinaryIO, bz2.open(raw)) if self._path.suffix == ".bz2" else raw

    def _events(self, text: BinaryIO) -> Iterator[tuple[Any, Element]]:
        try:
            # Expat limits what entities expand to, and the dump is the operator's own file.
            yield from iterparse(text, events=("start", "end"))  # noqa: S314
        except (ParseError, OSError, EOFError) as error:
            raise DumpUnreadable(
                f"expected a whole Wikipedia dump in {self._path}, but: {error}; download it again"
            ) from error
