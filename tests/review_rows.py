"""Rows and uploads for tests, written as lines of CSV."""

import io
import uuid
from collections.abc import Sequence

from satispy.data.review_file import ReviewFile
from satispy.data.rows import Rows
from satispy.data.rules import Rules
from satispy.data.store import Upload


def rows_of(*lines: str, header: str = "Commentaire,star,index_org") -> Sequence[Rows]:
    """Return the rows of a CSV, given line by line."""
    file = io.BytesIO("\n".join((header, *lines, "")).encode())
    batches = list(ReviewFile(file, Rules()))
    assert not any(batch.bad for batch in batches)
    return [batch.rows for batch in batches]


def upload(*lines: str, **facts) -> Upload:
    """Return an upload of some rows, each as a line of CSV: text, star, index_org."""
    upload_id = uuid.uuid4().hex
    given = {
        "rows": rows_of(*lines),
        "rows_quarantined": 0,
        "upload_id": upload_id,
        "filename": "reviews.csv",
        "sha256": upload_id * 2,
        "received_by": "admin",
    }
    return Upload(**(given | facts))
