"""How a card writes texts, numbers and names in one language: from ``locale/<language>.toml``.

A catalogue is a flat table of texts. English is the reference, and every other language has the
same keys with the same fields (a test compares them).
"""

import tomllib
from pathlib import Path

from satispy.workflows.model_card.schema import Language, Sure

LOCALE = Path(__file__).with_name("locale")


class Words:
    """What cards say in one language.

    Parameters
    ----------
    language
        ``en`` or ``fr``.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = _catalogue(language)
        self._english = self._texts if language == "en" else _catalogue("en")

    def __call__(self, key: str, **values: object) -> str:
        """Return the text named `key`, with its ``{fields}`` filled in.

        Raises
        ------
        KeyError
            If no such text exists, or a field of it got no value: a mistake in the card's code.
        """
        return self._texts[key].format(**values)

    def of(self, group: str, name: str, otherwise: str) -> str:
        """Return the text ``group.name``, or another where a name has none."""
        return self._texts.get(f"{group}.{name}", otherwise)

    def all(self, group: str) -> list[str]:
        """Return all texts of a group, in order."""
        return [text for key, text in self._texts.items() if key.startswith(f"{group}.")]

    def told(self, group: str, text: str) -> str:
        """Say what another step wrote in English; what the group does not know stays as it is."""
        for key, english in self._english.items():
            if english == text and key.startswith(f"{group}."):
                return self._texts[key]
        return text

    def whole(self, number: float) -> str:
        """Write a count: ``3 080``."""
        return f"{number:,.0f}".replace(",", self("thousands"))

    def rough(self, count: int) -> str:
        """Write a count in little room: ``12k`` from 10 000 on."""
        if count < 10_000:
            return self.whole(count)
        return self("rough", thousands=f"{count / 1000:.0f}")

    def plain(self, number: float) -> str:
        """Write a number with the decimals that it has: ``12``, ``12.5``."""
        return self._pointed(f"{number:g}")

    def percent(self, fraction: float, digits: int = 1) -> str:
        """Write a fraction of 1 in percent: ``88.7 %``."""
        return self("percent", number=self._pointed(f"{100 * fraction:.{digits}f}"))

    def short(self, value: float, digits: int = 3) -> str:
        """Write a fraction: ``.906``, ``-.012``, ``1.000``, as statisticians do in English."""
        shown = f"{abs(value):.{digits}f}"
        sign = "-" if value < 0 and float(shown) else ""
        whole, _, decimals = shown.partition(".")
        return sign + (
            self("fraction", decimals=decimals) if whole == "0" else self._pointed(shown)
        )

    def maybe(self, value: float | None, digits: int = 3) -> str:
        """Write a fraction as `short` does; empty where there is none."""
        return "" if value is None else self.short(value, digits)

    def ends(self, score: Sure, digits: int = 3) -> str:
        """Write an interval: ``.890 to .913``; empty where there is none."""
        low, high = score["low"], score["high"]
        if low is None or high is None:
            return ""
        return self("interval", low=self.short(low, digits), high=self.short(high, digits))

    def in_brackets(self, score: Sure | None) -> str:
        """Write a score with its interval: ``.902 (.890 to .913)``; empty where there is none."""
        if score is None:
            return ""
        value, between = self.short(score["value"]), self.ends(score)
        return f"{value} ({between})" if between else value

    def kind_of(self, slices: str) -> str:
        """Name a way of parting the exam: ``by source``; one of a later version by its key."""
        return self.of("kind", slices, self("kinds.other", name=slices))

    def _pointed(self, number: str) -> str:
        whole, point, decimals = number.partition(".")
        return self("decimal", whole=whole, decimals=decimals) if point else number


def _catalogue(language: Language) -> dict[str, str]:
    return tomllib.loads((LOCALE / f"{language}.toml").read_text(encoding="utf-8"))
