"""Three synthetic files of reviews, clearly labelled; the same seed gives the same bytes."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from satispy.core.files import write_atomically
from satispy.demo.grammar import compose

HEADER = ("inID", "Commentaire", "star", "source", "company", "index_org", "star_org", "date")
COMPANY = "DemoShop"
FIRST_DAY = date(2021, 1, 4)
POSITIVE_SHARE = 0.65  # as in the real reviews
WRONG_STAR = 0.03  # people do give five stars to a complaint
STARS = {True: ("3", "4", "4", "5", "5", "5", "5"), False: ("1", "1", "1", "2")}
REPEATED = 40


@dataclass(frozen=True)
class Review:
    """One review before it is written; the date still without a format."""

    text: str
    star: str
    source: str
    index: int
    day: date


def write_reviews(folder: Path, *, seed: int = 20) -> list[Path]:
    """Write the three files of the tour.

    The first is plain. The second has a byte order mark, French dates, rows that the first holds
    already, and bad rows. The third is small and plain.

    Parameters
    ----------
    folder
        Where they go; made when missing.
    seed
        Of all choices.

    Returns
    -------
    list of Path
        The files in the order in which they are to be uploaded.
    """
    random = Random(seed)  # noqa: S311  not for secrets
    first = _reviews(random, 1200, "Synthétique-A")
    second = _reviews(random, 600, "Synthétique-B")
    third = _reviews(random, 300, "Synthétique-C")
    repeated = random.sample(first, REPEATED)
    for review in repeated:
        second.insert(random.randrange(len(second) + 1), review)
    files = {
        "data_MAJ.csv": _csv(_cells(first, "%Y-%m-%d 00:00:00+00:00")),
        "02_avis_synthetiques.csv": "\ufeff" + _csv(_with_bad_rows(_cells(second, "%d/%m/%Y"))),
        "03_avis_synthetiques.csv": _csv(_cells(third, "%Y-%m-%d 00:00:00+00:00")),
    }
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]


def _reviews(random: Random, count: int, source: str) -> list[Review]:
    reviews = []
    for index in range(count):
        positive = random.random() < POSITIVE_SHARE
        said = positive if random.random() >= WRONG_STAR else not positive
        reviews.append(
            Review(
                text=compose(random, said),
                star=random.choice(STARS[positive]),
                source=source,
                index=index,
                day=FIRST_DAY + timedelta(days=random.randrange(700)),
            )
        )
    return reviews


def _cells(reviews: list[Review], date_format: str) -> list[list[str]]:
    return [
        [
            *(str(number), review.text, review.star, review.source, COMPANY),
            *(str(review.index), review.star, review.day.strftime(date_format)),
        ]
        for number, review in enumerate(reviews)
    ]


def _with_bad_rows(rows: list[list[str]]) -> list[list[str]]:
    """Spoil four copies of rows, each in another column, and put them among the others."""
    spoiled = [(50, 2, ""), (150, 2, "7"), (250, 7, "31/02/2022"), (350, 1, "   ")]
    for place, column, value in spoiled:
        bad = [*rows[place]]
        bad[column] = value
        rows.insert(place, bad)
    return rows


def _csv(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return buffer.getvalue()
