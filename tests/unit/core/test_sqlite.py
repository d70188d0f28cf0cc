import subprocess
import sys
from contextlib import closing

import pytest

from satispy.core.database import Database
from satispy.core.errors import NotReady

LIMITED = """
import resource, sys
from pathlib import Path
from sqlalchemy import text
from satispy.core.database import Database
from satispy.core.errors import StorageFull

database = Database(Path(sys.argv[1]))
with database.writing() as connection:
    connection.execute(text("CREATE TABLE big (content BLOB)"))
limit = 256 * 1024
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with database.writing() as connection:
        connection.execute(text(f"INSERT INTO big VALUES (zeroblob({4 * limit}))"))
except StorageFull as error:
    print(error)
with database.reading() as connection:
    print(connection.execute(text("SELECT count(*) FROM big")).scalar_one())
database.close()
"""


def test_the_file_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "x.sqlite3"
    with closing(Database(path)) as database, database.writing():
        names = {file.name for file in tmp_path.glob("x.sqlite3*")}
        assert names == {"x.sqlite3", "x.sqlite3-wal", "x.sqlite3-shm"}
        for file in tmp_path.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file


def test_a_file_that_is_no_database_is_named_as_such(tmp_path):
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"this is no database, for sure\n" * 100)
    with pytest.raises(NotReady, match=r"x\.sqlite3 is no database.*bring it back"):
        Database(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_disk_without_room_is_told_and_nothing_is_written(tmp_path):
    path = tmp_path / "x.sqlite3"
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True)
    assert done.stdout == (
        f"no room is left for {path}; nothing was written. Free some space on its disk, then try "
        "again\n0\n"
    ), done.stderr


def test_the_driver_of_postgresql_is_loaded_for_nobody_else(tmp_path):
    code = (
        "import pathlib, sys; from satispy.core.database import Database; "
        "Database(pathlib.Path(sys.argv[1])).close(); print('psycopg' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "x"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
