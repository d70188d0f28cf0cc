"""Room for the counters of one of several workers, taken before it counts.

prometheus-client maps its files sparsely: on a full disk the first new figure would kill the worker
with SIGBUS. Zeros that stand on the disk already cannot do that, and the library takes them for an
empty file.
"""

import os
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
ROOM = 1 << 20
"""Bytes; some 6 000 figures, ten times what the routes can make."""


def take_room() -> None:
    """Write the files of this process, where it counts in files; to be called before the import.

    Raises
    ------
    OSError
        If there is no room: better now than in the middle of a request.
    """
    folder = os.environ.get(FOLDER)
    if folder is None:
        return
    for kind in ("counter", "histogram"):
        file = Path(folder) / f"{kind}_{os.getpid()}.db"
        file.write_bytes(bytes(ROOM))
