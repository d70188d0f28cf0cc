"""`satispy lineage`: from a run, or a prediction, back to the uploads."""

import re
from typing import Annotated

import typer

from satispy.cli.output import console, spoken_errors
from satispy.core.settings import load_settings
from satispy.workflows.lineage import Lineage, find_prediction, lineage_of_run
from satispy.workflows.opening import open_home

_PREDICTION = re.compile(r"[0-9a-f]{32}")


def lineage(
    name: Annotated[str, typer.Argument(help="Name of a run, or id of a prediction.")],
) -> None:
    """Say what a run was made of: dataset version, uploads, vectors, code."""
    with spoken_errors(), open_home(load_settings()) as home:
        if not _PREDICTION.fullmatch(name):
            _tell(lineage_of_run(home, name))
            return
        found = find_prediction(home, name)
        text = found.text if found.text is not None else f"text with the mark {found.text_mark}"
        _say(f"prediction {found.id}, {found.at:%Y-%m-%d %H:%M:%S} UTC, for {found.asked_by}")
        _say(f"  {text}")
        for family, answer in sorted(found.answers.items()):
            label, chance = answer["label"], answer["probability"]
            _say(f"  {family}: label {label}, probability {chance:.4f}, by {answer['run']}")
        for run in sorted({str(answer["run"]) for answer in found.answers.values()}):
            _tell(lineage_of_run(home, run))


def _tell(found: Lineage) -> None:
    erased = "; its bytes are gone, for the base was written anew since" if found.erased else ""
    data = found.dataset
    _say(f"run {found.run}, trained at {found.trained_at} by {found.dag_run}")
    _say(f"  code {found.code_version}, text version {found.text_version}, seed {found.seed}")
    _say(f"  word vectors {found.vectors_version}, sha256 {found.vectors_sha256[:16]}")
    _say(f"  dataset version {data.number}, {data.rows} rows, chain {data.chain[:16]}{erased}")
    for one in found.uploads:
        _say(
            f"    upload {one.upload_id} ({one.filename}, sha256 {one.sha256[:16]}): "
            f"{one.rows_accepted} rows, by {one.received_by} at "
            f"{one.received_at:%Y-%m-%d %H:%M} UTC (version {one.dataset_version})"
        )
    if found.comments:
        _say(f"    {found.comment_rows} single comments in {found.comments} entries")
    for line in found.rewritten:
        _say(f"    {line}")


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)
