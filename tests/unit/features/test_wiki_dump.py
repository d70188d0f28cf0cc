import bz2

import pytest

from satispy.features.wiki_dump import DumpPages, DumpUnreadable
from wikipedia_dump import HEAD, dump_text, page, write_dump


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no element found"),
        ("rien de tel", "syntax error"),
        ("<html></html>", r"found <html> with xml:lang None"),
        ("<mediawiki></mediawiki>", "xml:lang None"),
    ],
)
def test_what_does_not_begin_as_a_dump_is_refused(tmp_path, text, message):
    with pytest.raises(DumpUnreadable, match=message):
        DumpPages(write_dump(tmp_path / "x.xml", text))


def test_a_dump_that_is_no_bzip2_is_refused(tmp_path):
    (tmp_path / "x.xml.bz2").write_text(dump_text(), encoding="utf-8")
    with pytest.raises(DumpUnreadable, match="Invalid data stream"):
        DumpPages(tmp_path / "x.xml.bz2")


@pytest.mark.parametrize("name", ["x.xml", "x.xml.bz2"])
def test_a_cut_dump_is_refused_when_its_end_is_reached(tmp_path, name):
    whole = write_dump(tmp_path / name).read_bytes()
    text = bz2.decompress(whole) if name.endswith("bz2") else whole
    cut = text[: len(text) // 2]
    (tmp_path / name).write_bytes(bz2.compress(cut) if name.endswith("bz2") else cut)
    with pytest.raises(DumpUnreadable, match="expected a whole Wikipedia dump"):
        list(DumpPages(tmp_path / name))


@pytest.mark.parametrize("name", ["x.xml", "x.xml.bz2"])
def test_articles_and_redirects_are_read_and_talk_is_not(tmp_path, name):
    pages = list(DumpPages(write_dump(tmp_path / name)))
    assert len(pages) == 42
    assert pages[0].redirect == "Colis"
    assert pages[1].title == "Livraison"
    assert "[[Service client]]" in pages[1].wiki_text
    assert not any("Discussion" in one.title for one in pages)


def test_the_language_is_read_whatever_follows_it_on_the_line(tmp_path):
    """The library's own pattern is greedy: it would find 'fr" other="x' here."""
    assert DumpPages(write_dump(tmp_path / "x.xml")).language == "fr"


def test_the_language_may_stand_on_a_later_line(tmp_path):
    text = "<?xml version='1.0'?>\n<mediawiki\n  xml:lang='fr'>\n</mediawiki>"
    assert DumpPages(write_dump(tmp_path / "x.xml", text)).language == "fr"


def test_only_so_many_pages_are_read_as_asked(tmp_path):
    dump = write_dump(tmp_path / "x.xml")
    assert len(list(DumpPages(dump, limit=3))) == 3
    assert len(list(DumpPages(dump, limit=42))) == 42
    assert len(list(DumpPages(dump, limit=1000))) == 42


def test_reports_add_up_to_the_size_of_the_file(tmp_path):
    dump, told = write_dump(tmp_path / "x.xml.bz2"), []
    list(DumpPages(dump, report=told.append))
    assert sum(told) == dump.stat().st_size


def test_a_page_without_text_is_an_empty_one(tmp_path):
    text = f"{HEAD}<page><title>Vide</title><ns>0</ns></page>{page('Plein', 'mot')}</mediawiki>"
    first, second = DumpPages(write_dump(tmp_path / "x.xml", text))
    assert (first.wiki_text, second.wiki_text) == ("", "mot")
