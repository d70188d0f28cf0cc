"""How each score looks wherever it is drawn; apart from the charts, so cards need no plotly."""

from typing import Literal, NamedTuple

Theme = Literal["light", "dark"]


class Style(NamedTuple):
    """Colour in either theme, mark in text, and plotly's names of marker and dash, of one score."""

    light: str
    dark: str
    mark: str
    symbol: str
    dash: str

    @property
    def color(self) -> str:
        """The colour as CSS, which follows the theme by itself."""
        return f"light-dark({self.light}, {self.dark})"

    def in_theme(self, theme: Theme) -> str:
        """Return the colour for what cannot follow by itself: a chart."""
        return self.dark if theme == "dark" else self.light


class Ink(NamedTuple):
    """The colours of a chart that are no score."""

    text: str
    grid: str
    threshold: str


# The first three are blue, orange and purple of Okabe and Ito's palette; all are dark enough for
# white and light enough for black (3:1 or more). No red, no green: these mean alert and OK on this
# page. Marker and dash differ too, so that the lines can be told apart without any colour.
STYLES = {
    "accuracy": Style("#0072B2", "#56B4E9", "●", "circle", "solid"),
    "f1_0": Style("#C26A00", "#E69F00", "■", "square", "solid"),
    "f1_1": Style("#A8478B", "#DD8FBB", "◆", "diamond", "dash"),
    "macro_f1": Style("#3D4654", "#D9DFE8", "★", "star", "dashdot"),
    "precision_0": Style("#8A5A00", "#F0C75E", "▲", "triangle-up", "dot"),
    "recall_0": Style("#7A3E12", "#F2A57B", "▼", "triangle-down", "dash"),
    "precision_1": Style("#5B3FA0", "#B7A3F0", "◀", "triangle-left", "dot"),
    "recall_1": Style("#7B2D6B", "#F0B3E0", "▶", "triangle-right", "dash"),
    "roc_auc": Style("#00788A", "#5CC8D8", "⬢", "hexagon", "longdash"),
    "log_loss": Style("#0B5C86", "#7FC4EE", "○", "circle-open", "solid"),
    "brier": Style("#995300", "#F2B84B", "□", "square-open", "dash"),
    "calibration_error": Style("#8A3A72", "#E5A3C9", "◇", "diamond-open", "dot"),
}
OTHER = Style("#5B6472", "#A7B1C0", "✕", "x", "dashdot")
INKS = {
    "light": Ink("#1C2430", "#E6EAF0", "#414B5A"),
    "dark": Ink("#E8ECF2", "#2C3440", "#C3CBD7"),
}


def style_of(metric: str) -> Style:
    """Return the look of a score; scores without one of their own share the last."""
    return STYLES.get(metric, OTHER)
