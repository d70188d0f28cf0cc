"""Both languages are complete, and hold nothing that nobody asks for."""

import re
import string
from pathlib import Path

import pytest

import reviews_ui
from reviews_ui import i18n, told
from reviews_ui.api.errors import ApiError

HOME = Path(reviews_ui.__file__).parent.parent
SOURCES = "".join(path.read_text() for path in sorted(HOME.rglob("*.py")))
ASKED = set(re.findall(r"""\bt\(\s*["']([a-z_0-9.]+)["']""", SOURCES))
BEGINNINGS = tuple(re.findall(r"""["']([a-z_0-9]+\.[a-z_0-9.]*)\{""", SOURCES))
"""What stands before the first field of a key that the page assembles."""


def fields(text):
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name is not None)


def test_both_languages_have_the_same_files_with_the_same_keys():
    french, english = (
        {
            path.name: set(i18n.tomllib.loads(path.read_text(encoding="utf-8")))
            for path in (i18n.LOCALE / name).glob("*.toml")
        }
        for name in ("fr", "en")
    )
    assert french == english


def test_both_languages_fill_the_same_fields():
    french, english = i18n.catalogue("fr"), i18n.catalogue("en")
    assert {key for key in french if fields(french[key]) != fields(english[key])} == set()


def test_no_text_is_empty_and_few_are_the_same_in_both():
    french, english = i18n.catalogue("fr"), i18n.catalogue("en")
    assert all(text.strip() for text in (*french.values(), *english.values()))
    same = [
        key
        for key in french
        if french[key] == english[key] and len(re.sub(r"\{\w+\}", "", french[key])) > 20
    ]
    assert all(key.startswith("predict.sample.") for key in same), same


def test_every_text_that_the_page_asks_for_exists():
    assert set(i18n.catalogue("fr")) >= ASKED


def test_no_text_is_left_over():
    left_over = {
        key
        for key in i18n.catalogue("fr")
        if f'"{key}"' not in SOURCES and f"'{key}'" not in SOURCES
    }
    beginnings = (*BEGINNINGS, told.FAMILY)  # all of that family are patterns: test_told.py
    assert {key for key in left_over if not key.startswith(beginnings)} == set()


def test_every_error_has_its_sentence_and_its_remedy():
    def kinds(kind):
        return {kind, *(deep for sub in kind.__subclasses__() for deep in kinds(sub))}

    for kind in kinds(ApiError) - {ApiError}:
        assert f"error.{kind.__name__}" in i18n.catalogue("fr")
        assert f"error.{kind.__name__}.todo" in i18n.catalogue("fr")


def test_a_text_that_does_not_exist_or_lacks_a_field_is_a_mistake_of_the_page():
    with pytest.raises(KeyError):
        i18n.t("nowhere")
    with pytest.raises(KeyError):
        i18n.t("side.rows")
