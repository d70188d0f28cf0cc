import io
import shutil

import pytest

from satispy.core.errors import BaseDamaged, InvalidInput, NotFound, VersionErased
from satispy.core.settings import load_settings
from satispy.registry import runs
from satispy.workflows import base
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.monitor import serving_models
from satispy.workflows.opening import open_home
from satispy.workflows.predict import Predictor


@pytest.fixture
def trained(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    with open_home(load_settings()) as home:
        yield home


@pytest.fixture
def home():
    with open_home(load_settings()) as opened:
        content = io.BytesIO(b"Commentaire,star\nbien,5\njean@exemple.fr,1\n")
        ingest_file(opened, Delivery(content, "avis.csv", "admin"))
        yield opened


def test_an_erasure_tells_which_models_learnt_the_rows_and_removes_what_they_worked_on(trained):
    paths = trained.settings.paths
    jobs = sorted(path.name for path in paths.jobs.iterdir())
    done = base.erase_reviews(trained, [0], "operator")
    assert done.jobs == jobs
    assert done.runs == runs.names(paths.runs)
    assert list(paths.jobs.iterdir()) == []
    models = serving_models(trained, Predictor(trained.settings))
    assert [model["dataset_erased"] for model in models] == [True] * 3


def test_before_an_erasure_no_model_is_flagged_and_later_rows_change_nothing(trained):
    trained.comments.add({"Commentaire": "bien", "star": "5"}, "alice").result()
    models = serving_models(trained, Predictor(trained.settings))
    assert [model["dataset_erased"] for model in models] == [False] * 3


def test_masking_and_adoption_end_versions_as_an_erasure_does(home):
    first = home.store.history.current().version
    assert not base.is_erased(home, first)
    masked = base.mask_base(home, "operator")
    second = masked.entry.version
    assert (base.is_erased(home, first), base.is_erased(home, second)) == (True, False)
    adopted = base.adopt_base(home, "operator")
    assert base.is_erased(home, second)
    states = [(one.entry.kind, one.readable) for one in base.newest_versions(home, 10)]
    assert states == [
        ("adopted", True),
        ("masked", False),
        ("upload", False),
        ("genesis", False),
    ]
    assert adopted.entry.number == 3


def test_masking_once_more_begins_no_generation(home):
    base.mask_base(home, "operator")
    assert base.mask_base(home, "operator") is None
    assert home.store.history.current().number == 2


def test_a_version_is_exported_whole_or_not_at_all(home, tmp_path):
    target = tmp_path / "x.csv"
    entry = base.export_version(home, None, target)
    assert target.read_bytes() == home.settings.paths.base.read_bytes()
    assert entry.number == 1
    with pytest.raises(InvalidInput, match="is there already"):
        base.export_version(home, 0, target)
    with pytest.raises(NotFound):
        base.export_version(home, 7, tmp_path / "y.csv")
    base.erase_reviews(home, [0], "operator")
    with pytest.raises(VersionErased):
        base.export_version(home, 1, tmp_path / "y.csv")
    assert [path.name for path in tmp_path.iterdir() if "csv" in path.name] == ["x.csv"]


def test_an_erased_row_is_in_no_file_of_clean_data(home):
    secret = b"jean@exemple.fr"
    folder = home.settings.paths.clean_data
    base.erase_reviews(home, [1], "operator")
    holders = [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert holders == []


def test_copies_that_a_restoration_kept_are_named_by_every_later_erasure(home):
    path = home.settings.paths.base
    path.write_bytes(path.read_bytes() + b"9,ras,5,,,,,\n")
    kept = base.restore_base(home, []).replaced
    assert base.erase_reviews(home, [0], "operator").copies == [kept]


def test_a_backup_that_is_not_there_is_named(home, tmp_path):
    with pytest.raises(InvalidInput, match=r"found no .*none\.csv"):
        base.restore_base(home, [tmp_path / "none.csv"])


def test_a_backup_whose_base_is_younger_than_its_dump_is_restored_as_the_runbook_says(home):
    """The dump first, the base second: what the dump does not know is kept aside."""
    database, path = home.settings.paths.database, home.settings.paths.base
    home.close()
    dump = database.read_bytes()
    with open_home(load_settings()) as later:
        later.comments.add({"Commentaire": "après", "star": "5"}, "alice").result()
        later.comments.add({"Commentaire": "encore", "star": "5"}, "alice").result()
    copy = path.read_bytes()
    path.unlink()
    path.write_bytes(copy)
    database.write_bytes(dump)
    with open_home(load_settings()) as again:
        with pytest.raises(BaseDamaged, match="no upload of ours put them there"):
            again.comments.add({"Commentaire": "non", "star": "1"}, "alice").result()
        kept = base.restore_base(again, []).replaced
        assert kept.read_bytes() == copy
        assert base.verify_base(again).sound
        assert again.comments.add({"Commentaire": "oui", "star": "5"}, "alice").result().id == 2
