import pytest

from satispy.core.settings import load_settings
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home


@pytest.mark.reviews
def test_the_real_files_give_7900_and_15703_rows(reviews_folder):
    totals = []
    with open_home(load_settings()) as home:
        for name in ("data_MAJ.csv", "new_data_test_1.csv"):
            with (reviews_folder / name).open("rb") as file:
                totals.append(ingest_file(home, Delivery(file, name, "admin")).rows_total)
    assert totals == [7900, 15703]
