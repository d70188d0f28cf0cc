"""A file of texts in, the same file with predictions out, some rows at a time.

The file is read twice: once to say what is wrong with it before anything is answered, and once to
answer. So no more than some hundred rows are ever in memory, and the models that begin a file are
those that end it.
"""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from satispy.core.errors import NotAReviewFile, SatispyError, TooLarge
from satispy.core.settings import Settings
from satispy.core.types import LABEL_FROM
from satispy.data.review_file import ReviewFile
from satispy.data.rules import Rules
from satispy.data.schema import written_cell
from satispy.data.spreadsheet import neutralised
from satispy.features.text import tokenize
from satispy.registry.serving import CHAMPION
from satispy.workflows.predict import Predictor, Served

MOST_ROWS = 100_000
ROWS_AT_ONCE = 256
CHARACTERS_AT_ONCE = 262_144
"""After so many of either a part is answered: a tenth of a second, or as long as one text takes."""

TEXT = "Commentaire"
LONGEST_ROW = 1 << 20
"""Characters of a row, whatever else it holds."""

Which = Literal["champion", "all"]


@dataclass(frozen=True)
class Answered:
    """A part of the answer: the bytes of some rows, and how many texts each family judged."""

    content: bytes
    texts: int


class Batch:
    """A file that can be answered, and by which models.

    Parameters
    ----------
    settings
        Say how long a text may be.
    predictor
        Asked once, for the models.
    file
        A CSV, opened for reading bytes, seekable.
    which
        The family that answers for all, or every one that serves.

    Attributes
    ----------
    rows
        How many rows will be answered.
    families
        Those that judge each text.

    Raises
    ------
    NotReady, ArtifactDamaged
        If the models that are asked for cannot answer.
    UnsupportedFile, NotAReviewFile
        If it is no CSV with a column ``Commentaire``, has no row, or a column that we would add.
    TooLarge
        If it has more than 100 000 rows.
    """

    def __init__(
        self, settings: Settings, predictor: Predictor, file: BinaryIO, which: Which
    ) -> None:
        self._longest = settings.max_text_length
        self._models = predictor.asked([CHAMPION] if which == "champion" else None)
        self.families = list(self._models)
        self._version = _champion(predictor, self._models)
        self._file = ReviewFile(file, _RULES, columns=(TEXT,), required=(TEXT,))
        self._added = [
            *(f"{name}_{what}" for name in self._models for what in ("label", "probability")),
            "model_version",
            "error",
        ]
        if taken := [name for name in self._file.header if name in self._added]:
            raise NotAReviewFile(
                f"expected a file without the column {taken[0]!r}, for the answer adds it; rename "
                "or remove it"
            )
        self.rows = _counted(self._file.rows())

    def answer(self) -> Iterator[Answered]:
        """Yield the file with its predictions, part by part.

        UTF-8 with a byte-order mark, commas, quotes where needed; cells that a spreadsheet would
        run have a ``'`` in front. A row that cannot be judged says why under ``error``, and so do
        the rows of a part on which a model fails.
        """
        yield Answered(codecs.BOM_UTF8 + _line([*self._file.header, *self._added]), 0)
        part: list[list[str]] = []
        size = 0
        for cells in self._file.rows():
            part.append(cells)
            size += len(self._text(cells))
            if len(part) == ROWS_AT_ONCE or size >= CHARACTERS_AT_ONCE:
                yield self._answered(part)
                part, size = [], 0
        if part:
            yield self._answered(part)

    def _text(self, cells: Sequence[str]) -> str:
        place = self._file.places[TEXT]
        return cells[place] if place < len(cells) else ""

    def _answered(self, part: Sequence[list[str]]) -> Answered:
        wrong = [self._wrong(cells) for cells in part]
        good = [cells for cells, why in zip(part, wrong, strict=True) if why is None]
        failed = ""
        try:
            answers = self._ask([tokenize(self._text(cells)) for cells in good])
        except SatispyError as error:  # the rows say so; those of other parts may be well
            failed, answers, good = str(error), iter(()), []
        lines = []
        width, nothing = len(self._file.header), [""] * (2 * len(self._models))
        for cells, why in zip(part, wrong, strict=True):
            kept = [*cells[:width], *[""] * (width - len(cells))]
            if why or failed:
                lines.append(_line([*kept, *nothing, "", why or failed]))
            else:
                lines.append(_line([*kept, *next(answers), self._version, ""]))
        return Answered(b"".join(lines), len(good))

    def _ask(self, words: Sequence[list[str]]) -> Iterator[list[str]]:
        """Return label and probability of each text by each family, as cells."""
        chances = [one.model.predict_proba(words) for one in self._models.values()]
        return (
            [cell for chance in row for cell in (str(int(chance >= LABEL_FROM)), f"{chance:.6f}")]
            for row in zip(*chances, strict=True)
        )

    def _wrong(self, cells: Sequence[str]) -> str | None:
        """Return why a row cannot be judged."""
        width, text = len(self._file.header), self._text(cells)
        if len(cells) != width:
            return f"expected {width} cells as in the header, but received {len(cells)}"
        if not text.strip():
            return "expected the text of a review, but received a blank one"
        if len(text) > self._longest:
            return f"expected at most {self._longest} characters, but received {len(text)}"
        return None


_RULES = Rules(longest_row=LONGEST_ROW)


def _champion(predictor: Predictor, asked: dict[str, Served]) -> str:
    """Return the run that answers for all; nothing where none was chosen."""
    name = predictor.champion()
    return asked[name].run if name in asked else ""


def _counted(rows: Iterator[list[str]]) -> int:
    count = 0
    for count, _ in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise TooLarge(
                f"expected at most {MOST_ROWS} rows, but the file has more; split it. Nothing was "
                "answered"
            )
    if count == 0:
        raise NotAReviewFile("expected at least one row behind the header, but found none")
    return count


def _line(cells: Sequence[str]) -> bytes:
    return (",".join([written_cell(neutralised(cell)) for cell in cells]) + "\n").encode()
