"""How an encoder is written beside its graph."""

import json
from pathlib import Path

from satispy.core.files import write_atomically
from satispy.models.encoders import Encoder
from satispy.models.serving import ENCODER


def write_encoder(encoder: Encoder, folder: Path) -> None:
    """Write ``encoder.json``, compact, for it holds tens of thousands of terms."""
    text = json.dumps(encoder.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_atomically(folder / ENCODER, text + "\n")
