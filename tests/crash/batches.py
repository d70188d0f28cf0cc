"""The reviews that the writers of these tests send: each can be told by its text, from anywhere."""

import hashlib
import io
import zlib
from collections.abc import Iterable, Sequence

from satispy.data.request_keys import Placed, RequestKey
from satispy.data.review_file import ReviewFile
from satispy.data.rows import Rows
from satispy.data.rules import Rules, check_comments
from satispy.data.schema import written_cell
from satispy.data.store import ReviewStore, Sender, Upload

ENDINGS = ("ras", 'avec "guillemets", virgule', "sur deux\nlignes", "été 🙂", "a@b.fr", "=1+1")

Batch = tuple[str, int]
"""A writer's name and the number of what it sent."""


def texts_of(batch: Batch) -> list[str]:
    """Return the texts of one batch, 2 to 5, as nobody else sends them."""
    name, number = batch
    size = 2 + zlib.crc32(f"{name}/{number}".encode()) % 4
    return [
        f"{name}/{number}/{place}/ {ENDINGS[(number + place) % len(ENDINGS)]}"
        for place in range(size)
    ]


def batch_of(text: str) -> Batch:
    """Return the batch that a text belongs to."""
    name, number, _ = text.split("/", 2)
    return name, int(number)


def is_upload(batch: Batch) -> bool:
    """Tell uploads from comments: they alternate."""
    return batch[1] % 2 == 0


def send(store: ReviewStore, batch: Batch) -> list[int]:
    """Send a batch, under its key, and return the ids that its comments were given."""
    if is_upload(batch):
        store.append(upload_of(batch))
        return []
    texts = texts_of(batch)
    rows = check_comments([{"Commentaire": text, "star": "4"} for text in texts], Rules()).rows
    placed = store.append_comments(rows, [Sender("bob", _key(text)) for text in texts])
    return [place.row_id for place in placed if isinstance(place, Placed)]


def upload_of(batch: Batch) -> Upload:
    """Return a file in two parts, which says a row twice and brings a row of an earlier file."""
    name, number = batch
    texts = texts_of(batch)
    earlier = texts_of((name, number - 2))[:1] if number >= 2 else []
    parts = [csv_of([*texts[:1], *earlier]), csv_of([*texts[:1], *texts[1:]])]
    return Upload(
        rows=[rows for part in parts for rows in rows_of(part)],
        rows_quarantined=0,
        upload_id=f"{name}-{number}",
        filename=f"{name}.csv",
        sha256=hashlib.sha256(b"".join(parts)).hexdigest(),
        received_by="admin",
        key=_key(f"{name}/{number}"),
    )


def csv_of(texts: Iterable[str]) -> bytes:
    """Return a file of reviews."""
    return "".join(
        ["Commentaire,star\n", *(f"{written_cell(text)},4\n" for text in texts)]
    ).encode()


def rows_of(content: bytes) -> Sequence[Rows]:
    """Return the rows of a file, in which none is bad."""
    batches = list(ReviewFile(io.BytesIO(content), Rules()))
    assert not any(batch.bad for batch in batches)
    return [batch.rows for batch in batches]


def _key(name: str) -> RequestKey:
    return RequestKey("admin", name[:255], hashlib.sha256(name.encode()).hexdigest())
