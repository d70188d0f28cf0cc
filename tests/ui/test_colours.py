"""Colours stand out on what they stand on, in both themes (WCAG 2.2: 4.5 for text, 3 for marks)."""

import re
import tomllib
from pathlib import Path

import pytest

import reviews_ui
from reviews_ui.palette import OTHER, STYLES

HOME = Path(reviews_ui.__file__).parents[1]
PAIRS = re.findall(
    r"(--sp-[a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)",
    (HOME / "assets" / "page.css").read_text(),
)
COLOURS = {
    "light": {name: light for name, light, _ in PAIRS},
    "dark": {name: dark for name, _, dark in PAIRS},
}
THEMES = tomllib.loads((HOME / ".streamlit" / "config.toml").read_text())["theme"]


def luminance(colour):
    """Return the relative luminance of WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_the_most_there_is():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("--sp-good", "--sp-good-wash"),
        ("--sp-bad", "--sp-bad-wash"),
        ("--sp-bad", "--sp-paper"),
        ("--sp-text", "--sp-wash"),
        ("--sp-soft", "--sp-wash"),
        ("--sp-soft", "--sp-paper"),
        ("--sp-primary", "--sp-paper"),
        ("--sp-text", "--sp-up-wash"),
        ("--sp-text", "--sp-down-wash"),
        ("--sp-up", "--sp-wash"),
        ("--sp-down", "--sp-wash"),
    ],
)
def test_text_can_be_read(theme, text, ground):
    colours = COLOURS[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_frames_own_text_can_be_read(theme):
    chosen = THEMES[theme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(chosen["textColor"], chosen[ground]) >= 7
        assert contrast(chosen["primaryColor"], chosen[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_line_of_each_score_stands_out(theme):
    ground = THEMES[theme]["backgroundColor"]
    for style in (*STYLES.values(), OTHER):
        assert contrast(style.in_theme(theme), ground) >= 3
