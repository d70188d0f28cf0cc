import pytest

from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.registry import runs
from satispy.registry.serving import ServingPointers


@pytest.fixture
def sealed(tmp_path):
    candidate = tmp_path / "candidate"
    candidate.mkdir()
    (candidate / "model.onnx").write_bytes(b"graph")
    (candidate / "encoder.json").write_text("{}")
    return runs.seal(candidate, tmp_path / "runs", "20261121T080000.000000Z-gbc", {"seed": 20})


def test_a_changed_file_is_named(sealed):
    (sealed / "model.onnx").write_bytes(b"other")
    with pytest.raises(ArtifactDamaged, match=r"model\.onnx"):
        runs.check(sealed)


def test_an_added_and_a_missing_file_are_named(sealed):
    (sealed / "extra").write_text("")
    (sealed / "encoder.json").unlink()
    with pytest.raises(ArtifactDamaged, match=r"encoder\.json, extra"):
        runs.check(sealed)


def test_a_folder_in_a_run_is_named(sealed):
    (sealed / "__pycache__").mkdir()
    with pytest.raises(ArtifactDamaged, match="__pycache__"):
        runs.check(sealed)


@pytest.mark.parametrize("text", ["{}", "[]", '{"files": 1}', "{"])
def test_a_manifest_that_is_none_is_damage(sealed, text):
    (sealed / runs.MANIFEST).write_text(text)
    with pytest.raises(ArtifactDamaged, match="manifest"):
        runs.check(sealed)


@pytest.mark.parametrize("text", ["{}", "[]", '{"run": "x"}'])
def test_a_pointer_that_is_none_is_damage(tmp_path, text):
    (tmp_path / "gbc.json").write_text(text)
    for read in (ServingPointers(tmp_path).all, lambda: ServingPointers(tmp_path).of("gbc")):
        with pytest.raises(ArtifactDamaged, match=r"gbc\.json"):
            read()


def test_a_foreign_format_is_refused(sealed):
    text = (sealed / runs.MANIFEST).read_text()
    (sealed / runs.MANIFEST).write_text(text.replace('"format": 1', '"format": 99'))
    with pytest.raises(ArtifactDamaged, match="format 1"):
        runs.check(sealed)


def test_an_unknown_run_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        runs.manifest_of(tmp_path, "nothing")


def test_sealing_again_after_a_retry_leaves_the_run_as_it_is(sealed, tmp_path):
    before = (sealed / runs.MANIFEST).read_bytes()
    assert runs.seal(tmp_path / "candidate", sealed.parent, sealed.name, {"seed": 21}) == sealed
    assert (sealed / runs.MANIFEST).read_bytes() == before


def test_a_pointer_moves_and_its_history_grows(tmp_path, clock):
    pointers = ServingPointers(tmp_path / "serving")
    assert pointers.all() == []
    pointers.promote("gbc", "first", clock())
    state = pointers.state()
    pointers.promote("gbc", "first", clock())
    assert pointers.state() == state
    pointers.promote("gbc", "second", clock())
    assert pointers.state() != state
    assert pointers.of("gbc").run == "second"
    assert len((tmp_path / "serving" / "history.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("name", ["..", ".", ".hidden-gbc", "../runs/x", "a/b", "", "é-gbc"])
def test_a_name_that_is_none_leads_nowhere(sealed, name):
    """A hidden folder is one that is being written; a path could lead out of the runs."""
    place = sealed.parent / name
    place.mkdir(parents=True, exist_ok=True)
    (place / runs.MANIFEST).write_text('{"files": {}}')
    with pytest.raises(NotFound):
        runs.manifest_of(sealed.parent, name)


def test_a_file_is_given_as_it_was_sealed_or_not_at_all(sealed):
    name = sealed.name
    assert runs.sealed_file(sealed.parent, name, "model.onnx") == b"graph"
    with pytest.raises(NotFound, match=r"no card\.json in the run"):
        runs.sealed_file(sealed.parent, name, "card.json")
    (sealed / "model.onnx").write_bytes(b"other")
    with pytest.raises(ArtifactDamaged, match=r"model\.onnx is not the file"):
        runs.sealed_file(sealed.parent, name, "model.onnx")
    (sealed / "model.onnx").unlink()
    with pytest.raises(ArtifactDamaged, match=r"model\.onnx is not the file"):
        runs.sealed_file(sealed.parent, name, "model.onnx")


def test_what_the_manifest_does_not_name_is_not_given(sealed):
    (sealed / "card.html").write_text("<script>")
    with pytest.raises(NotFound):
        runs.sealed_file(sealed.parent, sealed.name, "card.html")
