"""How each score looks wherever it is drawn; apart from the charts, so cards need no plotly."""

from typing import NamedTuple


class Style(NamedTuple):
    """Colour, mark in text, and plotly's names of marker and dash, of one score."""

    color: str
    mark: str
    symbol: str
    dash: str


# Blue, orange and purple of Okabe and Ito's palette, darkened to stand out on white (3:1 or more).
# No red, no green: these mean alert and OK on this page. Marker and dash differ too, so that the
# lines can be told apart without any colour.
STYLES = {
    "accuracy": Style("#0072B2", "●", "circle", "solid"),
    "f1_0": Style("#C26A00", "■", "square", "solid"),
    "f1_1": Style("#A8478B", "◆", "diamond", "dash"),
}
THRESHOLD_COLOR = "#414B5A"
OTHER = Style("#5B6472", "✕", "x", "dashdot")


def style_of(metric: str) -> Style:
    """Return the look of a score; scores without one of their own share the last."""
    return STYLES.get(metric, OTHER)
