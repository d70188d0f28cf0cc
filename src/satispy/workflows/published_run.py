"""Open a published run: its files, its text version and its own word vectors, all checked."""

from satispy.core.errors import ArtifactDamaged
from satispy.core.settings import Paths
from satispy.core.types import WordVectors
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import check_vectors, load_vectors
from satispy.models.serving import OnnxModel
from satispy.registry import runs

_NEEDED = ("text_version", "vectors_version", "vectors_sha256")


def open_run(paths: Paths, run: str, vectors: dict[str, WordVectors]) -> OnnxModel:
    """Load the model of a run.

    Parameters
    ----------
    paths
        Of the home.
    run
        Name of the run's folder.
    vectors
        Word vectors that are open already, by version; those of the run are added.

    Returns
    -------
    OnnxModel
        Ready to answer.

    Raises
    ------
    NotFound
        If there is no such run.
    ArtifactDamaged
        If a file of the run or of its vectors is missing or was changed, or this program cuts
        texts otherwise than the one that trained it.
    """
    folder = paths.runs / run
    manifest = runs.check(folder)
    if missing := [name for name in _NEEDED if not isinstance(manifest.get(name), str)]:
        raise ArtifactDamaged(
            f"expected {', '.join(missing)} in {folder / runs.MANIFEST}, but found none; "
            "restore the folder from a backup, or run the DAG retrain_reviews"
        )
    version = manifest["vectors_version"]
    if manifest["text_version"] != TEXT_VERSION:
        raise ArtifactDamaged(
            f"expected text version {TEXT_VERSION} in {folder}, as this program cuts words, "
            f"but found {manifest['text_version']}; run the DAG retrain_reviews"
        )
    if version not in vectors:
        check_vectors(paths.vectors / version, manifest["vectors_sha256"])
        vectors[version] = load_vectors(paths.vectors / version)
    return OnnxModel.load(folder, vectors[version])
