"""What each cell of a review may hold: one schema for files and for single comments."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import dataframely as dy
import polars as pl

from satispy.data.rows import Rows
from satispy.data.schema import GIVEN

LONGEST_CELL = 200
LONGEST_ROW = 12 << 20
QUOTED = 60
"""Characters of a wrong value that a reason quotes."""

_TIME = r"(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_ISO_DAY = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}$"
_FRENCH_DAY = r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$"
_DAY = re.compile(f"{_ISO_DAY}|{_FRENCH_DAY}")
_STAR = r"^([1-5])(?:\.0+)?$"
_VISIBLE = r"[^\s\p{C}\p{Z}]"


@dataclass(frozen=True)
class Rules:
    """What may change from one installation, or one day, to the next.

    Attributes
    ----------
    longest_text
        Characters that ``Commentaire`` may have.
    longest_cell
        Characters that any other free text may have.
    longest_row
        Characters of a file in which a row must end: a quote that is never closed has none.
    latest_day
        Newest day that a review may bear; None asks nothing.
    mask
        What to do to the ``Commentaire`` of valid rows before they are identified and written.
    """

    longest_text: int = 10_000
    longest_cell: int = LONGEST_CELL
    longest_row: int = LONGEST_ROW
    latest_day: date | None = None
    mask: Callable[[pl.Series], pl.Series] | None = None


class BadRow(NamedTuple):
    """A row that is set aside: the line it started on, what is wrong, its cells as received."""

    line: int
    column: str
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Some rows of a file, or some comments: the valid ones, and the bad ones in their order."""

    rows: Rows
    bad: list[BadRow]


def check_comments(cells: Sequence[Mapping[str, str]], rules: Rules) -> Batch:
    """Check single comments, given by column name, as rows of a file are checked.

    The `line` of a bad row is its position in `cells`; its cells are those of `GIVEN`.
    """
    raw = [tuple(comment.get(name, "") for name in GIVEN) for comment in cells]
    columns = {name: [row[place] for row in raw] for place, name in enumerate(GIVEN)}
    return check(columns, rules, lines=range(len(raw)), raw=raw)


def check(
    columns: Mapping[str, Sequence[str]],
    rules: Rules,
    *,
    lines: Sequence[int],
    raw: Sequence[tuple[str, ...]],
) -> Batch:
    """Tell valid rows from bad ones, and normalise stars and days.

    Parameters
    ----------
    columns
        n cells by column of `GIVEN`; a column that is missing counts as empty.
    lines, raw
        Where each of the n rows started, and all its cells as received.
    """
    frame = pl.DataFrame([_text(name, columns[name]) for name in GIVEN if name in columns])
    absent = [pl.lit("").alias(name) for name in GIVEN if name not in columns]
    normal = frame.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("place"),
        *absent,
    ).with_columns(star_of(pl.col("star")), iso_day(pl.col("date")))
    valid, failure = review_schema(rules.longest_text, rules.longest_cell, rules.latest_day).filter(
        normal
    )
    bad: list[BadRow] = []
    if len(failure):
        first = pl.coalesce(pl.when(pl.col(rule) == "invalid").then(pl.lit(rule)) for rule in _WHY)
        for place, rule in failure.details().select("place", first.alias("rule")).iter_rows():
            column = rule.partition("|")[0]
            reason = _WHY[rule](columns[column][place] if column in columns else "", rules)
            bad.append(BadRow(lines[place], column, reason, raw[place]))
    good: pl.DataFrame = valid
    if rules.mask is not None:
        good = good.with_columns(rules.mask(good["Commentaire"]).alias("Commentaire"))
    return Batch(Rows.of(good), bad)


@lru_cache(maxsize=8)
def review_schema(longest_text: int, longest_cell: int, latest_day: date | None) -> type[dy.Schema]:
    """Return the rules as a schema of normalised rows, in which null is what was no star or day."""
    newest = "9999-12-31" if latest_day is None else latest_day.isoformat()

    def short(cell: pl.Expr) -> pl.Expr:
        return cell.str.len_chars() <= longest_cell

    class Review(dy.Schema):
        place = dy.Int64()
        Commentaire = dy.String(
            check={
                "nul": _no_nul,
                "blank": lambda cell: cell.str.contains(_VISIBLE),
                "long": lambda cell: cell.str.len_chars() <= longest_text,
            }
        )
        star = dy.String()
        source = dy.String(check={"nul": _no_nul, "long": short})
        company = dy.String(check={"nul": _no_nul, "long": short})
        index_org = dy.String(check={"nul": _no_nul, "long": short})
        star_org = dy.String(check={"nul": _no_nul, "long": short})
        date = dy.String(check={"late": lambda cell: cell <= newest})

    return Review


def _text(name: str, cells: Sequence[str]) -> pl.Series:
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:  # JSON can say half a character; UTF-8 cannot
        return pl.Series(name, [c if _is_text(c) else None for c in cells], dtype=pl.String)


def _is_text(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_nul(cell: pl.Expr) -> pl.Expr:
    return ~cell.str.contains("\0", literal=True)


def star_of(cell: pl.Expr) -> pl.Expr:
    """Return the digit of a star, null for what is none."""
    return cell.str.strip_chars().str.extract(_STAR, 1)


def iso_day(cell: pl.Expr) -> pl.Expr:
    """Return ``YYYY-MM-DD``, nothing for nothing, null for what is no day."""
    text = cell.str.strip_chars()
    day = (
        pl.when(text.str.contains(_ISO_DAY))
        .then(text.str.head(10).str.to_date("%Y-%m-%d", strict=False))
        .when(text.str.contains(_FRENCH_DAY))
        .then(text.str.to_date("%d/%m/%Y", strict=False))
    )
    real = pl.when(day.dt.year() > 0).then(day.dt.to_string("%Y-%m-%d"))
    return pl.when(text == "").then(text).otherwise(real)


def _quoted(value: str) -> str:
    return repr(value if len(value) <= QUOTED else value[:QUOTED] + "…")


def _why_nul(value: str, rules: Rules) -> str:
    return "expected text, but received a NUL character"


def _why_no_text(value: str, rules: Rules) -> str:
    return f"expected text, but received half of a character (a lone surrogate) in {_quoted(value)}"


def _why_blank(value: str, rules: Rules) -> str:
    return "expected the text of a review, but received a blank one"


def _why_long(value: str, rules: Rules) -> str:
    return f"expected at most {rules.longest_text} characters, but received {len(value)}"


def _why_long_cell(value: str, rules: Rules) -> str:
    return f"expected at most {rules.longest_cell} characters, but received {len(value)}"


def _why_star(value: str, rules: Rules) -> str:
    return f"expected a whole number from 1 to 5, but received {_quoted(value)}"


def _why_day(value: str, rules: Rules) -> str:
    if _DAY.fullmatch(value.strip()):
        return f"expected a day of the calendar, but received {_quoted(value)}"
    return f"expected YYYY-MM-DD or DD/MM/YYYY, but received {_quoted(value)}"


def _why_late(value: str, rules: Rules) -> str:
    return f"expected a day not after {rules.latest_day}, but received {_quoted(value)}"


_WHY: dict[str, Callable[[str, Rules], str]] = {
    "Commentaire|nullability": _why_no_text,
    "Commentaire|check__nul": _why_nul,
    "Commentaire|check__blank": _why_blank,
    "Commentaire|check__long": _why_long,
    "star|nullability": _why_star,
    **{
        f"{name}|{rule}": why
        for name in ("source", "company", "index_org", "star_org")
        for rule, why in (
            ("nullability", _why_no_text),
            ("check__nul", _why_nul),
            ("check__long", _why_long_cell),
        )
    },
    "date|nullability": _why_day,
    "date|check__late": _why_late,
}
"""The reason for each rule of the schema; of several broken ones the first is told."""
