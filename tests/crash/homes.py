"""Homes of really serving APIs, and the check of what their clients were told."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from crash.service import ADMIN, Service, services
from satispy.core.settings import Settings
from satispy.data.snapshot import read_snapshot
from satispy.data.verification import verify
from satispy.workflows.opening import open_home


@dataclass(frozen=True)
class Home:
    """A home with one admin.

    Attributes
    ----------
    folder
        SATISPY_HOME.
    database_url
        SATISPY_DATABASE_URL, if it is not SQLite.
    """

    folder: Path
    database_url: str | None = None

    @property
    def settings(self) -> Settings:
        """Its settings, in this process."""
        url = None if self.database_url is None else SecretStr(self.database_url)
        return Settings(home=self.folder, database_url=url)

    def add_admin(self) -> None:
        """Let the clients in."""
        with open_home(self.settings) as opened:
            opened.users.add(*ADMIN, "admin")

    def services(self, count: int = 1) -> AbstractContextManager[list[Service]]:
        """Serve it."""
        return services(self.folder, self.database_url, count)

    def check(self, acknowledged: dict[str, int | None]) -> int:
        """Check that what was acknowledged is there once, under its id; return how many rows are.

        A file is there whole or not at all, whether it was acknowledged or not.
        """
        with open_home(self.settings) as opened:
            found = verify(opened.store)
            assert found.sound, found.wrong
            frame = read_snapshot(opened.store, opened.store.history.current().number)
        texts, ids = frame["Commentaire"].tolist(), frame["inID"].tolist()
        assert ids == list(range(len(ids)))
        here = dict(zip(texts, ids, strict=True))
        assert len(here) == len(texts), "a row is there twice"
        for text, row_id in acknowledged.items():
            assert text in here, f"{text} was acknowledged and is lost"
            assert row_id in (None, here[text]), f"{text} has another id"
        for text in texts:
            sent_together, place = text.rsplit("/", 1)
            assert place == "0" or f"{sent_together}/0" in here
            if f"{sent_together}/1" in here:
                assert f"{sent_together}/2" in here
        return len(texts)
